-- name: find_lists(month, most)
-- Compare the deduction lists of a month with the charges they ask for.
WITH list AS MATERIALIZED (
    SELECT * FROM deduction_lists WHERE period_from = :month
), line AS MATERIALIZED (
    SELECT lines.*, list.employer_orgnr
    FROM list JOIN deduction_lines AS lines ON lines.list_number = list.number
), asked AS MATERIALIZED (
    SELECT list_number, membership_id, sum(amount_ore)::bigint AS ore
    FROM (
        SELECT line.list_number, membership_id, charges.amount_ore
        FROM charges JOIN line USING (membership_id, employer_orgnr)
        -- Charged after its own list was made: it stands on a later one.
        WHERE charges.period_from = :month AND NOT EXISTS (
            SELECT FROM carried_charges
            WHERE carried_charges.membership_id = charges.membership_id
              AND carried_charges.period_from = charges.period_from
              AND carried_charges.kind = charges.kind)
        UNION ALL
        SELECT list_number, membership_id, carried_charges.amount_ore
        FROM carried_charges JOIN line USING (list_number, membership_id)
    ) AS amounts
    GROUP BY list_number, membership_id
), found (name, subject, membership_id, says) AS (
    SELECT 'list_lines', line.list_number || '/' || membership_id, membership_id,
           format('a line of list %s asks %s øre, and what was charged for it is %s',
                  line.list_number, line.total_ore,
                  CASE line.code WHEN 'STOP' THEN 0 ELSE coalesce(asked.ore, 0) END)
    FROM line LEFT JOIN asked USING (list_number, membership_id)
    -- A line that stops asks nothing; what comes for it afterwards is carried.
    WHERE line.total_ore
          <> CASE line.code WHEN 'STOP' THEN 0 ELSE coalesce(asked.ore, 0) END
    UNION ALL
    SELECT 'list_total', number, NULL,
           format('list %s asks %s øre in %s lines, and its lines are %s with %s øre', number,
                  list.total_ore, list.line_count, coalesce(lines.count, 0),
                  coalesce(lines.ore, 0))
    FROM list
    LEFT JOIN (
        SELECT list_number, count(*), sum(total_ore)::bigint AS ore FROM line GROUP BY list_number
    ) AS lines ON lines.list_number = list.number
    WHERE (list.total_ore, list.line_count) IS DISTINCT FROM (lines.ore, lines.count)
    UNION ALL
    SELECT 'charge_without_list', membership_id || '/' || to_char(:month, 'YYYY-MM'),
           membership_id,
           format('no deduction list asks for what was charged for %s', to_char(:month, 'YYYY-MM'))
    FROM charges JOIN memberships USING (membership_id)
    WHERE charges.period_from = :month AND charges.employer_orgnr IS NOT NULL
      AND NOT memberships.hidden
      -- The latest month's lists may still be made, and carry what they lack on the next one.
      AND EXISTS (SELECT FROM dues_runs WHERE dues_runs.period_from > :month)
      AND NOT EXISTS (
        SELECT FROM line
        WHERE line.membership_id = charges.membership_id
          AND line.employer_orgnr = charges.employer_orgnr AND line.code <> 'STOP')
      AND NOT EXISTS (
        SELECT FROM carried_charges
        WHERE carried_charges.membership_id = charges.membership_id
          AND carried_charges.period_from = charges.period_from
          AND carried_charges.kind = charges.kind)
      -- Somebody has been asked about it.
      AND NOT EXISTS (
        SELECT FROM tasks
        WHERE tasks.key = 'charge-without-list/' || charges.membership_id || '/'
                          || to_char(:month, 'YYYY-MM'))
    GROUP BY membership_id
)
SELECT name, subject, membership_id,
       CASE name WHEN 'list_lines' THEN :month::date END AS about, says,
       count(*) OVER (PARTITION BY name) AS drifted
FROM found
ORDER BY name, subject
LIMIT :most;

-- name: find_unsettled(since, today)
-- Find the lists of the months from one on that are not settled, made before today.
SELECT lists.number, employers.payer_number, to_char(lists.period_from, 'YYYY-MM') AS period
FROM deduction_lists AS lists
JOIN employers ON employers.orgnr = lists.employer_orgnr
WHERE lists.period_from >= :since AND lists.made_on < :today
  AND (NOT EXISTS (SELECT FROM list_deliveries WHERE list_deliveries.list_number = lists.number)
       OR EXISTS (
            SELECT FROM deduction_lines AS lines
            WHERE lines.list_number = lists.number AND NOT EXISTS (
                SELECT FROM deductions
                WHERE deductions.list_number = lines.list_number
                  AND deductions.membership_id = lines.membership_id))
       OR (SELECT coalesce(sum(deducted_ore), 0) FROM deductions
           WHERE deductions.list_number = lists.number)
          - (SELECT coalesce(sum(amount_ore), 0) FROM allocations
             WHERE allocations.list_number = lists.number)
          - (SELECT coalesce(sum(amount_ore), 0) FROM list_write_offs
             WHERE list_write_offs.list_number = lists.number) <> 0)
ORDER BY lists.number;

-- name: count_lists(since)$
-- Count the lists of the months from one on.
SELECT count(*) FROM deduction_lists WHERE period_from >= :since;
