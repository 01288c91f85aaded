-- name: add_employers(period_from)!
-- Give every employer that deducts in a month a payer number.
INSERT INTO employers (orgnr)
SELECT DISTINCT employer_orgnr FROM charges
WHERE period_from = :period_from AND employer_orgnr IS NOT NULL
  AND employer_orgnr NOT IN (SELECT orgnr FROM employers)
ORDER BY employer_orgnr
ON CONFLICT (orgnr) DO NOTHING;

-- name: employers_without_list(period_from)
-- Find the employers that deduct in a month and have no list for it.
SELECT DISTINCT employers.orgnr, employers.payer_number
FROM charges
JOIN employers ON employers.orgnr = charges.employer_orgnr
JOIN memberships USING (membership_id)
WHERE charges.period_from = :period_from AND NOT memberships.hidden
  AND NOT EXISTS (
    SELECT FROM deduction_lists
    WHERE deduction_lists.employer_orgnr = employers.orgnr
      AND deduction_lists.period_from = :period_from)
ORDER BY employers.payer_number;

-- name: lock_employers(orgnrs)!
-- Let nobody else make lists of these employers meanwhile.
SELECT FROM employers WHERE orgnr = ANY(:orgnrs::char(9)[]) ORDER BY orgnr FOR UPDATE;

-- name: make_lists(orgnrs, period_from, since, made_on, report_due_on, left_out)^
-- Make the lists of some employers with their lines, in one statement.
WITH charged AS MATERIALIZED (
    SELECT employer_orgnr, membership_id, charges.period_from, kind, amount_ore
    FROM charges JOIN memberships USING (membership_id)
    WHERE employer_orgnr = ANY(:orgnrs::char(9)[]) AND NOT memberships.hidden
      AND membership_id <> ALL (:left_out::text[])
      AND (charges.period_from = :period_from
           -- Charged too late for the list of its own month.
           OR charges.period_from >= :since AND charges.period_from < :period_from
              AND EXISTS (
                SELECT FROM deduction_lists AS own
                WHERE own.employer_orgnr = charges.employer_orgnr
                  AND own.period_from = charges.period_from
                  AND NOT EXISTS (
                    SELECT FROM deduction_lines
                    WHERE deduction_lines.list_number = own.number
                      AND deduction_lines.membership_id = charges.membership_id
                      AND deduction_lines.code <> 'STOP'))
              AND NOT EXISTS (
                SELECT FROM carried_charges
                WHERE carried_charges.membership_id = charges.membership_id
                  AND carried_charges.period_from = charges.period_from
                  AND carried_charges.kind = charges.kind))
), parts AS (
    SELECT employer_orgnr, membership_id, kind, amount_ore FROM charged WHERE kind <> 'correction'
    UNION ALL
    SELECT employer_orgnr, membership_id, corrections.kind, corrections.amount_ore
    FROM charged JOIN corrections USING (membership_id)
    WHERE charged.kind = 'correction' AND corrections.charged_in = charged.period_from
), due AS (
    SELECT employer_orgnr, membership_id, local_ore, premium_ore, total_ore
    FROM (
        SELECT employer_orgnr, membership_id, sum(amount_ore)::bigint AS total_ore
        FROM charged GROUP BY employer_orgnr, membership_id
    ) AS totals
    LEFT JOIN (
        SELECT employer_orgnr, membership_id,
               sum(amount_ore) FILTER (WHERE kind = 'local_dues')::bigint AS local_ore,
               sum(amount_ore) FILTER (WHERE kind = 'insurance_premium')::bigint AS premium_ore
        FROM parts GROUP BY employer_orgnr, membership_id
    ) AS kinds USING (employer_orgnr, membership_id)
), listing AS MATERIALIZED (
    -- Only who deducts now gets a list: what is carried or stopped comes with it.
    SELECT employers.orgnr AS employer_orgnr, employers.payer_number,
           coalesce((SELECT max(serial) FROM deduction_lists
                     WHERE deduction_lists.employer_orgnr = employers.orgnr), 0) + 1 AS serial
    FROM employers
    WHERE orgnr IN (SELECT employer_orgnr FROM charged WHERE period_from = :period_from)
      AND NOT EXISTS (
        SELECT FROM deduction_lists
        WHERE deduction_lists.employer_orgnr = employers.orgnr
          AND deduction_lists.period_from = :period_from)
), before AS (
    SELECT listing.employer_orgnr, lines.membership_id, lines.total_ore
    FROM listing
    JOIN deduction_lists AS previous ON previous.employer_orgnr = listing.employer_orgnr
                                    AND previous.serial = listing.serial - 1
    JOIN deduction_lines AS lines ON lines.list_number = previous.number
    JOIN memberships USING (membership_id)
    WHERE lines.code <> 'STOP' AND NOT memberships.hidden AND NOT memberships.hiding
      AND lines.membership_id <> ALL (:left_out::text[])
), line AS MATERIALIZED (
    SELECT employer_orgnr, membership_id,
           coalesce(due.local_ore, 0) AS local_ore,
           coalesce(due.premium_ore, 0) AS premium_ore,
           coalesce(due.total_ore, 0) AS total_ore,
           CASE WHEN due.total_ore IS NULL THEN 'STOP'
                WHEN before.total_ore IS NULL THEN 'START'
                WHEN before.total_ore <> due.total_ore THEN 'CHANGE'
                ELSE 'CONTINUE' END AS code
    FROM due FULL JOIN before USING (employer_orgnr, membership_id)
), list AS (
    INSERT INTO deduction_lists
        (number, kid, employer_orgnr, serial, period_from, made_on, report_due_on, total_ore,
         line_count)
    SELECT payer_number || '-' || serial,
           with_mod10('2' || payer_number || lpad(serial::text, 6, '0')),
           employer_orgnr, serial, :period_from, :made_on, :report_due_on,
           sum(total_ore), count(*)
    FROM listing JOIN line USING (employer_orgnr)
    GROUP BY employer_orgnr, payer_number, serial
    RETURNING number, employer_orgnr
), written AS (
    INSERT INTO deduction_lines
        (list_number, membership_id, central_ore, local_ore, premium_ore, total_ore, code)
    -- Central dues are the rest: a line always adds up to what is charged.
    SELECT list.number, membership_id, total_ore - local_ore - premium_ore, local_ore,
           premium_ore, total_ore, code
    FROM line JOIN list USING (employer_orgnr)
    RETURNING 1
), carried AS (
    INSERT INTO carried_charges (list_number, membership_id, period_from, kind, amount_ore)
    SELECT list.number, membership_id, period_from, kind, amount_ore
    FROM charged JOIN list USING (employer_orgnr)
    WHERE charged.period_from < :period_from
    RETURNING 1
)
SELECT (SELECT count(*) FROM list) AS lists,
       (SELECT count(*) FROM written) AS lines,
       (SELECT count(*) FROM carried) AS carried;

-- name: ask_about_unlisted(period_from, opened_on)!
-- Open a task for each member who is charged through an employer that may not be told.
INSERT INTO tasks (key, kind, says, membership_id, opened_on)
SELECT DISTINCT 'charge-without-list/' || membership_id || '/' || to_char(period_from, 'YYYY-MM'),
       'charge_without_list',
       'The charges of ' || to_char(period_from, 'YYYY-MM') || ' can''t go by way of a deduction '
       'list: have the member pay them directly.',
       membership_id, :opened_on::date
FROM charges JOIN memberships USING (membership_id)
WHERE period_from = :period_from AND employer_orgnr IS NOT NULL AND memberships.hidden
  AND NOT EXISTS (
    SELECT FROM deduction_lists JOIN deduction_lines ON list_number = number
    WHERE deduction_lists.employer_orgnr = charges.employer_orgnr
      AND deduction_lists.period_from = charges.period_from
      AND deduction_lines.membership_id = charges.membership_id)
ON CONFLICT (key) DO NOTHING;

-- name: find_implausible(period_from, since)
-- Find the members whose charges by payroll can't be meant: they are left out of all lists.
SELECT DISTINCT membership_id FROM charges
WHERE period_from BETWEEN :since AND :period_from AND employer_orgnr IS NOT NULL
  AND amount_ore > largest_line_ore()
ORDER BY membership_id;

-- name: members_of(orgnr, period_from, since)
-- List the members whom an employer's list may be about.
SELECT DISTINCT membership_id FROM charges
WHERE employer_orgnr = :orgnr AND period_from BETWEEN :since AND :period_from
ORDER BY membership_id;

-- name: payer_number_of(orgnr)$
-- Read an employer's payer number.
SELECT payer_number FROM employers WHERE orgnr = :orgnr;

-- name: lists_of_a_month(period_from, after)
-- List a month's lists by number, from one on.
SELECT number FROM deduction_lists
WHERE period_from = :period_from AND number > :after
ORDER BY number;
