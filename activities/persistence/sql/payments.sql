-- name: write_payment(reference, membership_id, number, amount_ore, paid_on, kid)$
-- Write a payment and its entry, unless its reference is known; return whether it is new.
WITH payment AS (
    INSERT INTO payments (reference, membership_id, decision, amount_ore, paid_on, kid)
    VALUES (:reference, :membership_id, :number, :amount_ore, :paid_on, :kid)
    ON CONFLICT (reference) DO NOTHING
    RETURNING *
), booked AS (
    INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit, amount_ore)
    SELECT paid_on, 'payment', membership_id, reference, 'bank', 'suspense', amount_ore
    FROM payment
)
SELECT EXISTS (SELECT FROM payment);

-- name: settle_payment(reference, today, kid, membership_id)^
-- Allocate a payment, and say where it went and what its invoice has been paid.
WITH settled AS MATERIALIZED (
    SELECT * FROM settle_payments(ARRAY[:reference::text], :today) AS settled
    WHERE settled.reference = :reference
)
SELECT settled.invoice_number,
       -- It is allocated only when nothing is left to ask.
       coalesce(paid.total_ore, named.paid_ore, 0)::bigint AS paid_ore
FROM (SELECT 1) AS one
LEFT JOIN settled ON true
LEFT JOIN invoices AS paid ON paid.number = settled.invoice_number
LEFT JOIN invoice_balances AS named ON named.kid = :kid AND named.membership_id = :membership_id;

-- name: find_payment(reference)^
-- Find a payment by the bank's reference, and what has been paid of its invoice.
SELECT
    payments.membership_id,
    amount_ore,
    paid_on,
    kid,
    file_id IS NOT NULL AND decision IS NULL AND reverses IS NULL AS from_file,
    allocated.invoice_number,
    coalesce((SELECT paid_ore FROM invoice_balances WHERE number = allocated.invoice_number),
             0)::bigint AS paid_ore
FROM payments
LEFT JOIN LATERAL (
    SELECT invoice_number FROM allocations
    WHERE allocations.reference = payments.reference AND invoice_number IS NOT NULL
    GROUP BY invoice_number
    HAVING sum(amount_ore) > 0
    ORDER BY min(serial)
    LIMIT 1
) AS allocated ON true
WHERE payments.reference = :reference;

-- name: adopt_payment(reference, membership_id, number)$
-- Note the decision that took in a payment of a file; return whether it is the first.
WITH adopted AS (
    INSERT INTO payment_reports (reference, membership_id, decision)
    VALUES (:reference, :membership_id, :number)
    ON CONFLICT (reference) DO UPDATE SET decision = excluded.decision
    WHERE payment_reports.decision IS NULL
    RETURNING 1
)
SELECT EXISTS (SELECT FROM adopted);
