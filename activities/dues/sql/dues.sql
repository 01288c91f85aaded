-- name: open_run(period_from, charged_on, due_on)^
-- Set the dates of a month's run, unless an earlier run has, and read them.
INSERT INTO dues_runs (period_from, charged_on, due_on)
VALUES (:period_from, :charged_on, :due_on)
-- Changes nothing, but waits for a run that opens the month right now, and returns its dates.
ON CONFLICT (period_from) DO UPDATE SET period_from = excluded.period_from
RETURNING charged_on, due_on;

-- name: find_run(period_from)^
-- Read the dates of a month's run, if there was one.
SELECT charged_on, due_on FROM dues_runs WHERE period_from = :period_from;

-- name: last_member()$
-- Read the highest member number there is, as a number.
SELECT coalesce(max(member_number), '0')::bigint FROM memberships;

-- name: charge_page(period_from, first, last, charged_on, due_on)^
-- Charge the members of a page for a month: lines, invoices, entries, in one statement.
WITH due AS MATERIALIZED (
    SELECT * FROM charges_due(:period_from) AS due
    WHERE member_number BETWEEN :first AND :last
), troubled AS MATERIALIZED (
    SELECT DISTINCT membership_id, trouble FROM due WHERE trouble IS NOT NULL
), fresh AS MATERIALIZED (
    SELECT due.* FROM due
    WHERE NOT EXISTS (SELECT FROM troubled WHERE troubled.membership_id = due.membership_id)
), billed AS MATERIALIZED (
    SELECT membership_id,
           member_number || '-' || serial AS number,
           with_mod10('1' || member_number || lpad(serial::text, 6, '0')) AS kid,
           serial,
           total_ore
    FROM (
        SELECT membership_id, member_number, sum(amount_ore)::bigint AS total_ore,
               (SELECT coalesce(max(serial), 0) + 1 FROM invoices
                WHERE invoices.membership_id = fresh.membership_id) AS serial
        FROM fresh
        WHERE payer = 'direct'
        GROUP BY membership_id, member_number
    ) AS totals
), invoice AS (
    INSERT INTO invoices
        (number, kid, membership_id, serial, period_from, issued_on, due_on, total_ore, currency)
    SELECT number, kid, membership_id, serial, :period_from, :charged_on, :due_on, total_ore, 'NOK'
    FROM billed
    RETURNING 1
), charge AS (
    INSERT INTO charges
        (invoice_number, membership_id, period_from, kind, amount_ore, content_hash,
         employer_orgnr, cadence)
    SELECT billed.number, fresh.membership_id, :period_from, kind, amount_ore,
           charge_hash(fresh.membership_id, :period_from, kind, amount_ore),
           CASE WHEN payer = 'payroll' THEN employer_orgnr END, cadence
    FROM fresh LEFT JOIN billed ON billed.membership_id = fresh.membership_id
                               AND fresh.payer = 'direct'
    RETURNING 1
), entry AS (
    INSERT INTO entries
        (booked_on, source, membership_id, period_from, kind, debit, credit, amount_ore)
    SELECT :charged_on, 'charge', membership_id, :period_from, kind,
           CASE payer WHEN 'direct' THEN 'members' ELSE 'employers' END, kind, amount_ore
    FROM fresh
), cleared AS (
    -- Also whoever is charged nothing any more.
    DELETE FROM dues_quarantine USING memberships
    WHERE memberships.membership_id = dues_quarantine.membership_id
      AND dues_quarantine.period_from = :period_from
      AND memberships.member_number BETWEEN :first AND :last
      AND NOT EXISTS (
        SELECT FROM troubled WHERE troubled.membership_id = dues_quarantine.membership_id)
), quarantined AS (
    INSERT INTO dues_quarantine (period_from, membership_id, reason)
    SELECT :period_from, membership_id, min(trouble) FROM troubled GROUP BY membership_id
    ON CONFLICT (period_from, membership_id) DO UPDATE SET reason = excluded.reason
    RETURNING 1
)
SELECT (SELECT count(*) FROM charge) AS charges,
       (SELECT count(*) FROM invoice) AS invoices,
       (SELECT count(*) FROM quarantined) AS quarantined;

-- name: read_totals(period_from)
-- Sum up what has been charged for a month, by category, branch, payer and kind.
SELECT category, branch,
       CASE WHEN employer_orgnr IS NULL THEN 'direct' ELSE 'payroll' END AS payer,
       kind, count(DISTINCT membership_id) AS members, count(*) AS charges,
       sum(amount_ore)::bigint AS amount_ore
FROM charges JOIN memberships USING (membership_id)
WHERE period_from = :period_from
GROUP BY category, branch, payer, kind
ORDER BY category, branch, payer, kind;

-- name: rehearse(period_from)
-- Sum up what a run would leave a month charged with, without charging anything.
SELECT category, branch, payer, kind, count(DISTINCT membership_id) AS members,
       count(*) AS charges, sum(amount_ore)::bigint AS amount_ore
FROM (
    SELECT membership_id, kind, amount_ore,
           CASE WHEN employer_orgnr IS NULL THEN 'direct' ELSE 'payroll' END AS payer
    FROM charges WHERE period_from = :period_from
    UNION ALL
    SELECT membership_id, kind, amount_ore, payer FROM charges_due(:period_from)
    WHERE membership_id NOT IN (
        SELECT membership_id FROM charges_due(:period_from) WHERE trouble IS NOT NULL)
) AS charged JOIN memberships USING (membership_id)
GROUP BY category, branch, payer, kind
ORDER BY category, branch, payer, kind;

-- name: rehearse_sums(period_from)^
-- Count what a run would leave a month charged with.
SELECT count(DISTINCT membership_id) AS members,
       count(*) AS charges,
       coalesce(sum(amount_ore), 0)::bigint AS amount_ore,
       count(DISTINCT invoice) AS invoices
FROM (
    SELECT membership_id, amount_ore, invoice_number AS invoice
    FROM charges WHERE period_from = :period_from
    UNION ALL
    SELECT membership_id, amount_ore, CASE payer WHEN 'direct' THEN membership_id END
    FROM charges_due(:period_from)
    WHERE membership_id NOT IN (
        SELECT membership_id FROM charges_due(:period_from) WHERE trouble IS NOT NULL)
) AS charged;

-- name: rehearse_quarantine(period_from)
-- Find who could not be charged for a month.
SELECT membership_id, min(trouble) AS reason FROM charges_due(:period_from)
WHERE trouble IS NOT NULL GROUP BY membership_id ORDER BY membership_id;

-- name: read_quarantine(period_from)
-- Find who could not be charged when the month was run.
SELECT membership_id, reason FROM dues_quarantine
WHERE period_from = :period_from ORDER BY membership_id;

-- name: read_sums(period_from)^
-- Count what a month has been charged with, and what the month before was.
SELECT count(DISTINCT membership_id) AS members,
       count(*) AS charges,
       coalesce(sum(amount_ore), 0)::bigint AS amount_ore,
       count(DISTINCT invoice_number) AS invoices,
       (SELECT coalesce(sum(amount_ore), 0)::bigint FROM charges
        WHERE period_from = (:period_from::date - interval '1 month')::date) AS previous_ore
FROM charges WHERE period_from = :period_from;
