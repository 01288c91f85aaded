-- name: read_chart()
-- Read the chart.
SELECT account, number, title, grouping_category, grouping_code FROM book_accounts
ORDER BY number, account;

-- name: write_account(account, number, title)^
-- Rename an account, or move it to another number.
UPDATE book_accounts
SET number = coalesce(:number, number), title = coalesce(:title, title)
WHERE account = :account
RETURNING account, number, title, grouping_category, grouping_code;

-- name: read_movements(first, last)
-- Sum up what moved, by day, source and accounts; what came before the first day has no day.
SELECT CASE WHEN booked_on >= :first THEN booked_on END AS day, source,
       debits.number AS debit, credits.number AS credit, sum(amount_ore)::bigint AS ore
FROM booked
JOIN book_accounts AS debits ON debits.account = booked.debit
JOIN book_accounts AS credits ON credits.account = booked.credit
WHERE booked_on <= :last
GROUP BY 1, 2, 3, 4
ORDER BY 1 NULLS FIRST, 2, 3, 4;

-- name: read_account(account, last)$
-- Sum up one account of ours.
SELECT coalesce(sum(CASE WHEN debit = :account THEN amount_ore ELSE -amount_ore END), 0)::bigint
FROM booked WHERE booked_on <= :last AND :account IN (debit, credit);

-- name: read_series(first, last)
-- Count the invoices of each year's series, and those that stand in none of ours.
SELECT year, coalesce(last_no, 0) AS last_no, coalesce(issued, 0) AS issued,
       coalesce(carried_over, 0) AS carried_over
FROM invoice_series FULL JOIN (
    SELECT extract(year FROM issued_on)::integer AS year, count(series_no) AS issued,
           count(*) - count(series_no) AS carried_over
    FROM invoices GROUP BY 1
) AS counted USING (year)
WHERE year BETWEEN :first AND :last
ORDER BY year;

-- name: read_given_up(first, last)
-- Read which reserved numbers are on no invoice.
SELECT year, lower(span) AS first_no, upper(span) - 1 AS last_no, period_from, reserved_on
FROM reserved_numbers AS reserved CROSS JOIN LATERAL unnest(
    int4multirange(int4range(first_no, past_no))
    - coalesce((SELECT range_agg(int4range(series_no, series_no, '[]')) FROM invoices
                WHERE extract(year FROM issued_on)::integer = reserved.year
                  AND series_no >= first_no AND series_no < past_no), '{}')) AS span
WHERE year BETWEEN :first AND :last
  -- Of most runs none: those are counted, and their numbers not looked at one by one.
  AND past_no - first_no > (
    SELECT count(*) FROM invoices
    WHERE extract(year FROM issued_on)::integer = reserved.year
      AND series_no >= first_no AND series_no < past_no)
ORDER BY year, first_no;

-- name: read_receivables(on_day, ages)
-- Sum up what is open on a day by debtor, and by how long it has been overdue.
WITH claims AS (
    SELECT 'members' AS debtor, invoices.due_on,
           invoices.total_ore
           - coalesce((SELECT sum(amount_ore) FROM allocations
                       WHERE invoice_number = invoices.number AND allocated_on <= :on_day), 0)
           + coalesce((SELECT sum(amount_ore) FROM allocations
                       WHERE credit_number = invoices.number AND allocated_on <= :on_day), 0)
           + coalesce((SELECT sum(amount_ore) FROM booked_refund_parts AS parts
                       WHERE parts.credit_number = invoices.number
                         AND parts.booked_on <= :on_day), 0)
           AS ore
    FROM invoices WHERE issued_on <= :on_day
    UNION ALL
    SELECT 'employers', lists.report_due_on,
           lists.total_ore
           - coalesce((SELECT sum(amount_ore) FROM allocations
                       WHERE list_number = lists.number AND allocated_on <= :on_day), 0)
           - coalesce((SELECT sum(difference_ore) FROM deductions
                       WHERE list_number = lists.number AND settled_on <= :on_day), 0)
           - coalesce((SELECT sum(was_ore - deducted_ore) FROM deduction_corrections
                       WHERE list_number = lists.number AND corrected_on <= :on_day), 0)
           -- Less than nothing: more was paid, and that stays on the employer's account.
           - coalesce((SELECT sum(amount_ore) FROM list_write_offs
                       WHERE list_number = lists.number AND decided_on <= :on_day
                         AND amount_ore > 0), 0)
    FROM deduction_lists AS lists WHERE lists.made_on <= :on_day
    UNION ALL
    -- Paid back, and taken back by the bank: of no invoice, and owed from that day.
    SELECT 'suspense', back.paid_on, sum(parts.amount_ore) - coalesce(
               -- What is asked for by an invoice stands above.
               (SELECT sum(amount_ore) FROM recoveries
                WHERE recoveries.reference = back.reverses AND recovered_on <= :on_day), 0)
    FROM payments AS back
    JOIN refund_parts AS parts ON parts.reference = back.reverses
    JOIN booked_refund_parts AS booked ON booked.reference = refund_id || '/' || parts.serial
    WHERE back.paid_on <= :on_day AND booked.booked_on <= :on_day
    GROUP BY back.reference, back.reverses
)
SELECT debtor,
       (SELECT max(age) FROM unnest(:ages::integer[]) AS age
        WHERE due_on + age <= :on_day) AS overdue_days,
       count(*) AS claims, sum(ore)::bigint AS ore
FROM claims WHERE ore <> 0
GROUP BY 1, 2
ORDER BY 1 DESC, 2 NULLS FIRST;

-- ===== What branches are owed

-- name: find_branch(branch)$
-- Find a branch.
SELECT code FROM branches WHERE code = :branch;

-- name: list_branches()
-- List all branches.
SELECT code, name FROM branches ORDER BY code;

-- name: name_account(branch, valid_from, account, named_by, named_on, subject)$
-- Keep a branch's account from a day on; return the one that stands for that day.
WITH named AS (
    INSERT INTO branch_accounts
        (branch, valid_from, account, named_by, named_on, named_by_subject)
    VALUES (:branch, :valid_from, :account, :named_by, :named_on, :subject)
    ON CONFLICT (branch, valid_from) DO NOTHING
    RETURNING account
)
SELECT account FROM named
UNION ALL
SELECT account FROM branch_accounts WHERE branch = :branch AND valid_from = :valid_from
LIMIT 1;

-- name: lock_settlements!
-- Let nobody else settle with branches meanwhile.
LOCK TABLE branch_settlements IN SHARE ROW EXCLUSIVE MODE;

-- name: latest_settled()$
-- Return the latest month that is settled.
SELECT max(period_from) FROM branch_settlements;

-- name: read_unsettled(until)
-- Read what has come in until a day and stands in no settlement, by branch and month of the dues.
SELECT branch, dues_of, coalesce(received.ore, 0) - coalesce(settled.ore, 0) AS ore
FROM local_dues_received(:until) AS received
FULL JOIN (
    SELECT branch, dues_of, sum(amount_ore)::bigint AS ore
    FROM branch_settlement_lines GROUP BY branch, dues_of
) AS settled USING (branch, dues_of)
WHERE coalesce(received.ore, 0) <> coalesce(settled.ore, 0)
ORDER BY branch, dues_of;

-- name: write_settlement(branch, period_from, amount_ore, made_on, made_by, lines)!
-- Write a settlement with its lines, and its entry: dues that came in are the branch's.
WITH settled AS (
    INSERT INTO branch_settlements
        (branch, period_from, received_ore, amount_ore, made_on, made_by)
    SELECT :branch, :period_from,
           :amount_ore::bigint + coalesce((SELECT sum(amount_ore) FROM branch_settlements
                                           WHERE branch = :branch), 0),
           :amount_ore, :made_on, :made_by
), line AS (
    INSERT INTO branch_settlement_lines (branch, period_from, dues_of, amount_ore)
    SELECT :branch, :period_from, dues_of, amount_ore
    FROM jsonb_to_recordset(:lines) AS line(dues_of date, amount_ore bigint)
)
INSERT INTO entries (booked_on, source, reference, debit, credit, amount_ore)
SELECT :made_on, 'branch_settlement', :branch || '/' || :period_from::date,
       CASE WHEN :amount_ore::bigint > 0 THEN 'local_dues' WHEN :amount_ore::bigint < 0 THEN 'branches' END,
       CASE WHEN :amount_ore::bigint > 0 THEN 'branches' WHEN :amount_ore::bigint < 0 THEN 'local_dues' END, abs(:amount_ore::bigint)
WHERE :amount_ore::bigint <> 0;

-- name: read_owed(period_from, today)
-- Read which branches of a settlement are owed something, with their accounts, and for whom nobody
-- has asked for it to be paid out.
SELECT settled.branch, branches.name, owed_to_branch(settled.branch) AS owed_ore, known.account,
       known.named_by, known.named_by_subject
FROM branch_settlements AS settled
JOIN branches ON branches.code = settled.branch
CROSS JOIN LATERAL (
    SELECT account, named_by, named_by_subject FROM branch_accounts
    WHERE branch_accounts.branch = settled.branch AND valid_from <= :today
    ORDER BY valid_from DESC LIMIT 1
) AS known
WHERE settled.period_from = :period_from AND owed_to_branch(settled.branch) > 0
  AND NOT EXISTS (
    SELECT FROM branch_payouts
    WHERE branch_payouts.branch = settled.branch
      AND branch_payouts.period_from = settled.period_from)
ORDER BY settled.branch;

-- name: ask_payout!
-- Ask for a branch to be paid what it is owed.
WITH asked AS (
    INSERT INTO refunds (refund_id, amount_ore, reason, requested_on, requested_by, account,
                         receiver, account_by, requested_by_subject, account_by_subject)
    VALUES (:refund_id, :amount_ore, :reason, :today, :by, :account, :receiver, :account_by,
            :subject, :account_by_subject)
), part AS (
    INSERT INTO refund_parts (refund_id, serial, branch, amount_ore)
    VALUES (:refund_id, 1, :branch, :amount_ore)
)
INSERT INTO branch_payouts (branch, period_from, refund_id)
VALUES (:branch, :period_from, :refund_id);

-- name: read_settlements(period_from)
-- Read the settlements of a month with what became of them.
SELECT settled.branch, branches.name, settled.period_from, settled.amount_ore, settled.made_by,
       owed_to_branch(settled.branch) AS owed_ore, payouts.refund_id,
       refunds.amount_ore AS payout_ore, refunds.approved_by, refunds.paid_on,
       coalesce(
           (SELECT jsonb_agg(jsonb_build_object('dues_of', dues_of, 'amount_ore', lines.amount_ore)
                             ORDER BY dues_of)
            FROM branch_settlement_lines AS lines
            WHERE lines.branch = settled.branch AND lines.period_from = settled.period_from),
           '[]') AS lines
FROM branch_settlements AS settled
JOIN branches ON branches.code = settled.branch
LEFT JOIN branch_payouts AS payouts
  ON payouts.branch = settled.branch AND payouts.period_from = settled.period_from
LEFT JOIN refunds USING (refund_id)
WHERE settled.period_from = :period_from
ORDER BY settled.branch;
