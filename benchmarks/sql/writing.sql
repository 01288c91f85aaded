-- name: find_writer^
-- Find a member whom an employer deducts for: what a run issues has no number of theirs.
SELECT memberships.membership_id, memberships.member_number, memberships.person_id
FROM memberships JOIN terms USING (membership_id)
WHERE terms.payer = 'payroll' AND superseded_by IS NULL AND NOT memberships.hidden
ORDER BY member_number LIMIT 1;

-- name: bill(membership_id, member_number, person_id, serial, period_from)!
-- Issue a single member's invoice with its line and its entry, as an approval does.
WITH invoice AS (
    INSERT INTO invoices
        (number, kid, membership_id, serial, period_from, issued_on, due_on, total_ore, currency)
    SELECT member_number || '-' || serial,
           with_mod10('1' || member_number || lpad(serial::text, 6, '0')),
           membership_id, serial, period_from, period_from, period_from, 49500, 'NOK'
    FROM (SELECT :membership_id::text AS membership_id, :member_number::text AS member_number,
                 :serial::integer AS serial, :period_from::date AS period_from) AS given
), charge AS (
    INSERT INTO charges
        (invoice_number, membership_id, person_id, period_from, kind, amount_ore, content_hash)
    VALUES (:member_number::text || '-' || :serial::integer, :membership_id, :person_id::text,
            :period_from, 'central_dues', 49500, repeat('0', 64))
)
INSERT INTO entries (booked_on, source, membership_id, period_from, kind, debit, credit, amount_ore)
VALUES (:period_from, 'charge', :membership_id, :period_from, 'central_dues', 'members',
        'central_dues', 49500);

-- name: pay(membership_id, member_number, serial, paid_on)!
-- Take the payment of that invoice in, with its entry.
WITH payment AS (
    INSERT INTO payments (reference, membership_id, kid, amount_ore, paid_on)
    SELECT 'bench-' || :serial::integer, :membership_id,
           with_mod10('1' || :member_number::text || lpad(:serial::integer::text, 6, '0')),
           49500, :paid_on::date
)
INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit, amount_ore)
VALUES (:paid_on, 'payment', :membership_id, 'bench-' || :serial::integer, 'bank', 'suspense',
        49500);

-- name: allocate(serial, paid_on)!
-- Let the payment pay the invoice, by the rule.
SELECT settle_payments(ARRAY['bench-' || :serial::integer], :paid_on::date);
