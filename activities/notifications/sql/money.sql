-- name: read_invoice(membership_id, number)^
-- Read an invoice by its number, or the membership's first one when no number is given.
SELECT
    invoices.number,
    invoices.kid,
    invoices.period_from,
    invoices.issued_on,
    invoices.due_on,
    invoices.total_ore,
    invoices.open_ore,
    EXISTS (SELECT FROM charges
            WHERE invoice_number = invoices.number AND cadence = 'yearly') AS yearly,
    coalesce(
        (SELECT jsonb_agg(jsonb_build_object(
                    'kind', kind, 'amount_ore', amount_ore, 'cadence', cadence)
                ORDER BY array_position(
                    ARRAY['central_dues', 'local_dues', 'insurance_premium', 'correction'], kind))
         FROM charges WHERE invoice_number = invoices.number),
        '[]') AS lines,
    coalesce(
        (SELECT jsonb_agg(jsonb_build_object(
                    'kind', corrections.kind, 'period_from', corrections.period_from,
                    'reason', reason, 'was_ore', was_ore, 'is_ore', is_ore,
                    'amount_ore', corrections.amount_ore)
                ORDER BY corrections.period_from, array_position(
                    ARRAY['central_dues', 'local_dues', 'insurance_premium'], corrections.kind))
         FROM charges JOIN corrections
           ON corrections.membership_id = charges.membership_id
          AND corrections.charged_in = charges.period_from
         WHERE charges.invoice_number = invoices.number AND charges.kind = 'correction'),
        '[]') AS corrections,
    coalesce(
        (SELECT jsonb_agg(jsonb_build_object(
                    'period_from', deduction_lists.period_from, 'reason', reason,
                    'amount_ore', redirections.amount_ore))
         FROM redirections JOIN deduction_lists ON deduction_lists.number = list_number
         WHERE invoice_number = invoices.number),
        '[]') AS redirected
FROM invoice_balances AS invoices
WHERE invoices.membership_id = :membership_id
  AND invoices.number = coalesce(:number::text, invoices.number)
ORDER BY invoices.serial
LIMIT 1;

-- name: read_balance(membership_id)$
-- Tell what a member owes: what is open of all invoices, less credit notes and money in suspense.
SELECT (SELECT coalesce(sum(open_ore), 0) FROM invoice_balances
        WHERE membership_id = :membership_id)
     - (SELECT coalesce(sum(suspense_ore), 0) FROM payment_balances
        WHERE membership_id = :membership_id);

-- name: read_overdue(membership_id, today)
-- List what a member owes past its due date, the oldest first.
SELECT number, kid, period_from, issued_on, due_on, total_ore, open_ore,
       EXISTS (SELECT FROM charges
               WHERE invoice_number = invoice_balances.number AND cadence = 'yearly') AS yearly
FROM invoice_balances
WHERE membership_id = :membership_id AND open_ore > 0 AND due_on < :today
ORDER BY due_on, serial;

-- name: is_paid(membership_id, number)$
-- Tell whether nothing is open of an invoice any more.
SELECT open_ore <= 0 FROM invoice_balances
WHERE membership_id = :membership_id AND number = :number;

-- name: is_placed(membership_id, decision, reference)$
-- Tell whether nothing is in suspense any more of the payment that a task is about: the one it
-- names, or else the one its decision recorded.
SELECT suspense_ore <= 0 FROM payment_balances
WHERE reference = coalesce(:reference::text, (
    SELECT reference FROM payments
    WHERE payments.membership_id = :membership_id AND payments.decision = :decision));
