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
           -- Less than nothing: more was paid, and that stays on the employer's account.
           - coalesce((SELECT sum(amount_ore) FROM list_write_offs
                       WHERE list_number = lists.number AND decided_on <= :on_day
                         AND amount_ore > 0), 0)
    FROM deduction_lists AS lists WHERE lists.made_on <= :on_day
)
SELECT debtor,
       (SELECT max(age) FROM unnest(:ages::integer[]) AS age
        WHERE due_on + age <= :on_day) AS overdue_days,
       count(*) AS claims, sum(ore)::bigint AS ore
FROM claims WHERE ore <> 0
GROUP BY 1, 2
ORDER BY 1 DESC, 2 NULLS FIRST;
