-- name: list_suspense
-- List what is in suspense, the oldest first, with what may be open for it.
SELECT payment_balances.reference, payment_balances.membership_id, payment_balances.paid_on,
       payment_balances.kid, payment_balances.amount_ore, payment_balances.suspense_ore,
       ARRAY(SELECT number FROM invoice_balances
             WHERE invoice_balances.membership_id = payment_balances.membership_id
               AND open_ore > 0
             ORDER BY serial LIMIT 5) AS open_invoices
FROM payment_balances
WHERE suspense_ore > 0
ORDER BY paid_on, reference;

-- name: lock_invoice(number)$
-- Lock an invoice against everybody else who allocates to it.
SELECT number FROM invoices WHERE number = :number FOR NO KEY UPDATE;

-- name: lock_payment(reference)$
-- Lock a payment against everybody else who allocates or refunds it.
SELECT reference FROM payments
WHERE reference = :reference AND reverses IS NULL FOR NO KEY UPDATE;

-- name: read_payment(reference)^
-- Read what is left of a payment.
SELECT membership_id, suspense_ore, reversed FROM payment_balances WHERE reference = :reference;

-- name: read_invoice(number)^
-- Read what is open of an invoice.
SELECT membership_id, open_ore FROM invoice_balances WHERE number = :number;

-- name: allocate!
-- Allocate part of a payment to an invoice, by hand, with its entry.
WITH given AS (
    INSERT INTO allocations
        (reference, serial, invoice_number, amount_ore, allocated_on, allocated_by)
    SELECT :reference,
           coalesce((SELECT max(serial) FROM allocations WHERE reference = :reference), 0) + 1,
           :number, :amount_ore, :today, :by
    RETURNING serial
)
INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit, amount_ore)
SELECT :today, 'allocation', membership_id, :reference || '/' || given.serial, 'suspense',
       'members', :amount_ore
FROM given, invoices WHERE invoices.number = :number;

-- name: refund!
-- Ask for money in suspense to be paid back, with its entry.
WITH refund AS (
    INSERT INTO refunds (reference, amount_ore, requested_on, requested_by, reason)
    VALUES (:reference, :amount_ore, :today, :by, :reason)
)
INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit, amount_ore)
SELECT :today, 'refund', membership_id, reference, 'suspense', 'refunds', :amount_ore
FROM payments WHERE reference = :reference;
