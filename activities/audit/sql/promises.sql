-- name: find_missed_months(today)
-- Find the months that were due and never charged: those after the first member's own.
SELECT month::date AS month
FROM (SELECT min(received_on) AS began_on FROM memberships WHERE member_number IS NOT NULL) AS first,
     generate_series(date_trunc('month', began_on) + interval '1 month',
                     :today::date - interval '1 day', interval '1 month') AS month
WHERE NOT EXISTS (SELECT FROM dues_runs WHERE period_from = month::date)
  AND EXISTS (SELECT FROM terms_due(month::date))
ORDER BY 1;

-- name: find_missed_years(today, since, month, day)
-- Find the years whose statements were due on a day of the next one and were never made.
SELECT year
FROM generate_series(extract(year FROM :since::date)::int, extract(year FROM :today::date)::int - 1)
     AS years (year)
WHERE :today > make_date(year + 1, :month, :day)
  AND NOT EXISTS (SELECT FROM tax_statements WHERE tax_statements.year = years.year)
  AND (EXISTS (SELECT FROM allocations JOIN payments USING (reference)
               WHERE paid_on >= make_date(year, 1, 1) AND paid_on < make_date(year + 1, 1, 1))
       OR EXISTS (SELECT FROM deductions JOIN deduction_lists
                    ON deduction_lists.number = deductions.list_number
                  WHERE period_from >= make_date(year, 1, 1)
                    AND period_from < make_date(year + 1, 1, 1)))
ORDER BY 1;
