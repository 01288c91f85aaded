-- name: audit_scan^
-- Read once, and add up, the tables that the checks compare.
SELECT (SELECT sum(amount_ore) FROM charges),
       (SELECT sum(amount_ore) FROM entries),
       (SELECT sum(total_ore) FROM invoices),
       (SELECT sum(amount_ore) FROM payments),
       (SELECT sum(amount_ore) FROM allocations),
       (SELECT sum(total_ore) FROM deduction_lines),
       (SELECT sum(total_ore) FROM deduction_lists),
       (SELECT sum(deducted_ore) FROM deductions),
       (SELECT count(*) FROM terms WHERE superseded_by IS NULL),
       (SELECT count(*) FROM memberships WHERE stage <> 'ended');

-- name: audit_hashes^
-- Work out what each charge ought to hash to.
SELECT count(*) FROM charges
WHERE content_hash <> charge_hash(membership_id, period_from, kind, amount_ore);

-- name: audit_lines^
-- Join each charge with its entry.
SELECT count(*) FROM charges JOIN entries USING (membership_id, period_from, kind, amount_ore);

-- name: audit_claims^
-- Join each invoice, and each line of a list, with the sum of its charges.
SELECT (SELECT count(*)
        FROM invoices JOIN (
            SELECT invoice_number AS number, sum(amount_ore) AS total_ore
            FROM charges WHERE invoice_number IS NOT NULL GROUP BY invoice_number
        ) AS lines USING (number, total_ore)),
       (SELECT count(*)
        FROM deduction_lines AS lines
        JOIN deduction_lists AS lists ON lists.number = lines.list_number
        JOIN (
            SELECT membership_id, period_from, employer_orgnr, sum(amount_ore) AS total_ore
            FROM charges WHERE employer_orgnr IS NOT NULL
            GROUP BY membership_id, period_from, employer_orgnr
        ) AS asked USING (membership_id, period_from, employer_orgnr)
        WHERE asked.total_ore = lines.total_ore);

-- name: audit_money^
-- Join each payment, and each allocation, with its entry, and add up each account.
SELECT (SELECT count(*) FROM payments JOIN entries USING (reference)
        WHERE source = 'payment' AND payments.amount_ore = entries.amount_ore),
       (SELECT count(*) FROM allocations JOIN entries
          ON entries.reference = allocations.reference || '/' || serial
        WHERE source = 'allocation' AND allocations.amount_ore = entries.amount_ore),
       (SELECT max(sum) FROM (
            SELECT sum(amount_ore) FROM entries GROUP BY debit, credit) AS accounts);

-- name: audit_terms^
-- Join what was charged for a month with the terms that hold in it.
SELECT count(*) FROM charges JOIN terms USING (membership_id, kind)
WHERE charges.period_from = :month AND superseded_by IS NULL AND valid @> charges.period_from;

-- name: audit_members^
-- Join each member with the terms that hold now.
SELECT count(*), count(*) FILTER (WHERE hidden) FROM memberships JOIN terms USING (membership_id)
WHERE superseded_by IS NULL;

-- name: save_arrears#
-- Keep what the run wrote, and take it back, past the triggers that forbid it.
CREATE TABLE arrears_saved AS SELECT * FROM arrears_steps;
CREATE TABLE letters_saved AS SELECT * FROM letters;
CREATE TABLE tasks_saved AS SELECT * FROM tasks;
CREATE TABLE settlements_saved AS SELECT * FROM final_settlements;
SET session_replication_role = replica;
TRUNCATE arrears_steps, letters, tasks, final_settlements CASCADE;
RESET session_replication_role;
VACUUM ANALYZE arrears_saved, letters_saved, tasks_saved, settlements_saved, arrears_steps, letters,
    tasks, final_settlements;

-- name: read_overdue(today, half)^
-- Add up what is overdue and open, of every second member.
SELECT count(*), sum(total_ore - coalesce(paid.ore, 0))
FROM invoices
JOIN memberships USING (membership_id)
LEFT JOIN (
    SELECT invoice_number AS number, sum(amount_ore) AS ore FROM allocations GROUP BY 1
) AS paid USING (number)
WHERE due_on < :today AND total_ore > coalesce(paid.ore, 0)
  AND member_number::integer % 2 = :half;

-- name: read_left_over(today, half)^
-- Add up the money that is left over, of every second member, with the terms that tell whether an
-- invoice will use it: nobody can be asked for an account without having read that (A37).
SELECT count(*), sum(held.ore)
FROM (
    SELECT payments.membership_id, sum(payments.amount_ore - coalesce((
        SELECT sum(amount_ore) FROM allocations
        WHERE allocations.reference = payments.reference), 0)) AS ore
    FROM payments_in_suspense JOIN payments USING (reference)
    GROUP BY payments.membership_id
) AS held
JOIN memberships USING (membership_id)
LEFT JOIN terms ON terms.membership_id = held.membership_id AND superseded_by IS NULL
               AND coalesce(upper(valid) > :today, true) AND payer = 'direct'
WHERE held.ore > 0 AND member_number::integer % 2 = :half;

-- name: write_arrears(half)!
-- Write what the run wrote about every second member, and work nothing out.
WITH half AS MATERIALIZED (
    SELECT membership_id FROM memberships WHERE member_number::integer % 2 = :half
), step AS (
    INSERT INTO arrears_steps SELECT saved.* FROM arrears_saved AS saved JOIN half USING (membership_id)
), letter AS (
    INSERT INTO letters SELECT saved.* FROM letters_saved AS saved JOIN half USING (membership_id)
), settlement AS (
    INSERT INTO final_settlements
    SELECT saved.* FROM settlements_saved AS saved JOIN half USING (membership_id)
)
INSERT INTO tasks OVERRIDING SYSTEM VALUE
SELECT saved.* FROM tasks_saved AS saved JOIN half USING (membership_id);

-- name: save_year#
-- Keep what the year's end wrote, and take it back, past the triggers that forbid it.
CREATE TABLE statements_saved AS SELECT * FROM tax_statements;
CREATE TABLE tax_letters_saved AS SELECT * FROM letters WHERE template = 'tax_statement';
SET session_replication_role = replica;
TRUNCATE tax_statements, letters CASCADE;
RESET session_replication_role;
VACUUM ANALYZE statements_saved, tax_letters_saved, tax_statements, letters;

-- name: read_year(since, until, half)^
-- Add up what every second member paid in a year, by whichever way.
SELECT count(*), sum(ore) FROM (
    SELECT membership_id, sum(ore) AS ore FROM (
        SELECT invoices.membership_id, allocations.amount_ore AS ore
        FROM allocations
        JOIN payments USING (reference)
        JOIN invoices ON invoices.number = allocations.invoice_number
        WHERE paid_on >= :since AND paid_on < :until
        UNION ALL
        SELECT membership_id, deducted_ore
        FROM deductions JOIN deduction_lists ON number = list_number
        WHERE period_from >= :since AND period_from < :until
    ) AS moved
    JOIN memberships USING (membership_id)
    WHERE member_number::integer % 2 = :half
    GROUP BY membership_id
) AS paid;

-- name: write_year(half)!
-- Write what the year's end wrote about every second member, and work nothing out.
WITH half AS MATERIALIZED (
    SELECT membership_id FROM memberships WHERE member_number::integer % 2 = :half
), statement AS (
    INSERT INTO tax_statements
    SELECT saved.* FROM statements_saved AS saved JOIN half USING (membership_id)
)
INSERT INTO letters
SELECT saved.* FROM tax_letters_saved AS saved JOIN half USING (membership_id);

-- name: read_tasks
-- Read the open tasks as lines.
SELECT row_to_json(open)::text FROM (
    SELECT task_id, kind, says, membership_id, opened_on FROM tasks
    WHERE closed_on IS NULL ORDER BY opened_on, task_id) AS open;

-- name: read_suspended
-- Read what is in suspense as lines.
SELECT row_to_json(suspended)::text FROM (
    SELECT reference, membership_id, suspense_ore, paid_on FROM suspended_payments
    ORDER BY paid_on, reference) AS suspended;

-- name: read_lost
-- Read the letters that came back as lines.
SELECT row_to_json(lost)::text FROM (
    SELECT message_id, membership_id, key, status, ordered_on, note FROM letters
    WHERE status IN ('bounced', 'unanswered') ORDER BY ordered_on DESC) AS lost;
