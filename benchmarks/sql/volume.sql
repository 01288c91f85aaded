-- name: add_national_ids!
-- Give everybody a national id: without one there is a task about each at the year's end.
UPDATE people SET national_id = lpad(member_number, 11, '9')
FROM memberships WHERE memberships.person_id = people.person_id;

-- name: deliver_lists!
-- Note that every list was delivered and all of it deducted.
WITH delivered AS (
    INSERT INTO list_deliveries (list_number, channel, delivered_on, shown_ore, shown_count)
    SELECT number, 'folder', made_on, total_ore, line_count FROM deduction_lists
)
INSERT INTO deductions
    (list_number, membership_id, outcome, expected_ore, deducted_ore, decided_by, settled_on)
SELECT list_number, membership_id, 'deducted', deduction_lines.total_ore,
       deduction_lines.total_ore, 'asked', report_due_on
FROM deduction_lines JOIN deduction_lists ON number = list_number;

-- name: pay_lists!
-- Let every employer pay its lists in full.
WITH paid AS (
    INSERT INTO payments (reference, amount_ore, paid_on, kid)
    SELECT 'list-' || number, total_ore, report_due_on, kid FROM deduction_lists
    WHERE total_ore > 0
    RETURNING reference, amount_ore, paid_on
), allocation AS (
    INSERT INTO allocations
        (reference, serial, list_number, amount_ore, allocated_on, allocated_by)
    SELECT reference, 1, substr(reference, 6), amount_ore, paid_on, 'kid' FROM paid
)
INSERT INTO entries (booked_on, source, reference, debit, credit, amount_ore)
SELECT paid_on, 'payment', reference, 'bank', 'suspense', amount_ore FROM paid
UNION ALL
SELECT paid_on, 'allocation', reference || '/1', 'suspense', 'employers', amount_ore FROM paid;

-- name: pay_invoices(by)!
-- Let nine members in ten pay what is due by a day; one in 50 pays a hundred kroner too much.
WITH paid AS (
    INSERT INTO payments (reference, membership_id, amount_ore, paid_on, kid)
    SELECT 'invoice-' || number, membership_id,
           total_ore + CASE WHEN member_number::integer % 50 = 3 THEN 10000 ELSE 0 END, due_on, kid
    FROM invoices JOIN memberships USING (membership_id)
    WHERE total_ore > 0 AND due_on <= :by AND member_number::integer % 50 NOT IN (5, 16, 27, 33, 48)
    RETURNING reference, membership_id, amount_ore, paid_on
), allocation AS (
    INSERT INTO allocations
        (reference, serial, invoice_number, amount_ore, allocated_on, allocated_by)
    SELECT reference, 1, number, total_ore, paid_on, 'kid'
    FROM paid JOIN invoices ON number = substr(reference, 9)
    RETURNING reference, amount_ore, allocated_on
), suspense AS (
    INSERT INTO payments_in_suspense (reference, membership_id)
    SELECT reference, membership_id FROM paid JOIN memberships USING (membership_id)
    WHERE member_number::integer % 50 = 3
)
INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit, amount_ore)
SELECT paid_on, 'payment', membership_id, reference, 'bank', 'suspense', amount_ore FROM paid
UNION ALL
SELECT allocated_on, 'allocation', NULL, reference || '/1', 'suspense', 'members', amount_ore
FROM allocation;

-- name: lose_letters!
-- Let every tenth letter come back.
UPDATE letters SET status = 'bounced', note = 'nobody of that name'
FROM memberships
WHERE memberships.membership_id = letters.membership_id AND member_number::integer % 10 = 5;
