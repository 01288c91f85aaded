-- ===== Charging

-- name: open_run(period_from, charged_on, due_on)!
-- Note the first run for a month, unless there was one.
INSERT INTO dues_runs (period_from, charged_on, due_on)
VALUES (:period_from, :charged_on, :due_on)
ON CONFLICT (period_from) DO NOTHING;

-- name: count_month(period_from)^
-- Count what a month has been charged with so far.
SELECT (SELECT count(*) FROM charges WHERE period_from = :period_from) AS charges,
       (SELECT count(DISTINCT invoice_number) FROM charges
        WHERE period_from = :period_from) AS invoices;

-- name: charge_page(period_from, since, first, last, charged_on, due_on)^
-- Charge the members of a page for a month: lines, invoices, entries, in one statement.
WITH due AS MATERIALIZED (
    SELECT * FROM lines_due(:period_from, :since, :first, :last)
), faulty AS MATERIALIZED (
    SELECT DISTINCT membership_id, trouble FROM due WHERE trouble IS NOT NULL
), fresh AS MATERIALIZED (
    -- Corrections that outweigh each other are explained, but make no line.
    SELECT due.*, payers.account AS owing, payers.by_list
    FROM due LEFT JOIN payers ON payers.code = due.payer
    WHERE amount_ore <> 0
      AND NOT EXISTS (SELECT FROM faulty WHERE faulty.membership_id = due.membership_id)
), to_correct AS MATERIALIZED (
    SELECT membership_id FROM due
    WHERE kind = 'correction' AND membership_id NOT IN (SELECT membership_id FROM faulty)
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
        WHERE NOT by_list
        GROUP BY membership_id, member_number
    ) AS totals
), invoice AS (
    INSERT INTO invoices
        (number, kid, membership_id, serial, period_from, issued_on, due_on, total_ore, currency)
    SELECT number, kid, membership_id, serial, :period_from, :charged_on, :due_on, total_ore, 'NOK'
    FROM billed
), charge AS (
    INSERT INTO charges
        (invoice_number, membership_id, period_from, kind, amount_ore, content_hash,
         employer_orgnr, cadence, person_id)
    SELECT billed.number, fresh.membership_id, :period_from, kind, amount_ore,
           charge_hash(fresh.membership_id, :period_from, kind, amount_ore),
           CASE WHEN by_list THEN employer_orgnr END, cadence, person_id
    FROM fresh LEFT JOIN billed ON billed.membership_id = fresh.membership_id
                               AND NOT fresh.by_list
), entry AS (
    INSERT INTO entries
        (booked_on, source, membership_id, period_from, kind, debit, credit, amount_ore)
    SELECT :charged_on, 'charge', membership_id, :period_from, kind,
           -- What is given back goes the other way.
           CASE WHEN amount_ore > 0 THEN owing WHEN amount_ore < 0 THEN kind END,
           CASE WHEN amount_ore > 0 THEN kind WHEN amount_ore < 0 THEN owing END,
           abs(amount_ore)
    FROM fresh
), corrected AS MATERIALIZED (
    SELECT * FROM corrections_due(:period_from, :since, :first, :last)
), explained AS (
    INSERT INTO corrections
        (membership_id, charged_in, period_from, kind, reason, was_ore, is_ore)
    SELECT membership_id, :period_from, period_from, kind, reason, was_ore, is_ore
    FROM corrected
    WHERE membership_id IN (SELECT membership_id FROM to_correct)
), marked AS MATERIALIZED (
    SELECT membership_id, revision FROM reassessments
    WHERE (SELECT member_number FROM memberships
           WHERE memberships.membership_id = reassessments.membership_id)
          BETWEEN :first AND :last
), behind AS MATERIALIZED (
    -- Whose month is still not as the terms have it, or who has something left to correct.
    SELECT membership_id FROM (
        SELECT marked.membership_id, due.kind, due.amount_ore
        FROM marked CROSS JOIN LATERAL (
            SELECT * FROM terms_due(:period_from) AS due
            WHERE due.membership_id = marked.membership_id
        ) AS due
        UNION ALL
        SELECT membership_id, kind, -charges.amount_ore
        FROM marked JOIN charges USING (membership_id)
        WHERE charges.period_from = :period_from AND kind <> 'correction'
        UNION ALL
        SELECT membership_id, kind, -amount_ore
        FROM marked JOIN fresh USING (membership_id)
        WHERE kind <> 'correction'
    ) AS sides
    GROUP BY membership_id, kind
    HAVING sum(amount_ore) <> 0
    UNION ALL
    SELECT membership_id FROM marked JOIN charges USING (membership_id)
    WHERE charges.period_from = :period_from AND kind = 'correction'
    UNION ALL
    SELECT membership_id FROM corrected
    WHERE membership_id NOT IN (SELECT membership_id FROM to_correct)
    UNION ALL
    SELECT membership_id FROM faulty
    UNION ALL
    -- What comes back on another membership of the person may be charged on this one after that.
    SELECT own.membership_id
    FROM marked
    JOIN memberships AS own ON own.membership_id = marked.membership_id
    JOIN memberships AS others ON others.person_id = own.person_id
                              AND others.membership_id <> own.membership_id
    WHERE others.membership_id IN (SELECT membership_id FROM corrected)
       OR EXISTS (
        SELECT FROM corrections
        WHERE corrections.membership_id = others.membership_id
          AND corrections.charged_in = :period_from)
       OR others.member_number > :last AND EXISTS (
        SELECT FROM reassessments WHERE reassessments.membership_id = others.membership_id)
), dealt_with AS MATERIALIZED (
    SELECT membership_id, revision FROM marked
    WHERE membership_id NOT IN (SELECT membership_id FROM behind)
      AND NOT EXISTS (SELECT FROM dues_runs WHERE period_from > :period_from)
), unmarked AS (
    DELETE FROM reassessments USING dealt_with
    WHERE reassessments.membership_id = dealt_with.membership_id
      -- The terms may have changed once more while this statement compared.
      AND reassessments.revision = dealt_with.revision
), cleared AS (
    -- Also whoever is charged nothing any more.
    DELETE FROM dues_quarantine USING memberships
    WHERE memberships.membership_id = dues_quarantine.membership_id
      AND dues_quarantine.period_from = :period_from
      AND memberships.member_number BETWEEN :first AND :last
      AND NOT EXISTS (
        SELECT FROM faulty WHERE faulty.membership_id = dues_quarantine.membership_id)
), quarantined AS (
    INSERT INTO dues_quarantine (period_from, membership_id, reason)
    SELECT :period_from, membership_id, min(trouble) FROM faulty GROUP BY membership_id
    ON CONFLICT (period_from, membership_id) DO UPDATE SET reason = excluded.reason
    RETURNING 1
)
-- Each of these was written, or none.
SELECT (SELECT count(*) FROM fresh) AS charges,
       (SELECT count(*) FROM billed) AS invoices,
       (SELECT count(*) FROM quarantined) AS quarantined;

-- name: quarantine(period_from, member_number, reason)$
-- Note that a member can't be charged for a month, and why; return whether there is such a member.
WITH noted AS (
    INSERT INTO dues_quarantine (period_from, membership_id, reason)
    SELECT :period_from, membership_id, :reason FROM memberships
    WHERE member_number = :member_number
    ON CONFLICT (period_from, membership_id) DO UPDATE SET reason = excluded.reason
    RETURNING 1
)
SELECT EXISTS (SELECT FROM noted);

-- name: keep_tasks(period_from, first, last, today)!
-- Have a task for each member of a page who is set aside, and close it once nothing holds them.
WITH held AS MATERIALIZED (
    SELECT membership_id, reason FROM dues_quarantine JOIN memberships USING (membership_id)
    WHERE period_from = :period_from AND member_number BETWEEN :first AND :last
), settled AS (
    UPDATE tasks SET closed_on = :today, closed_by = 'rule', note = 'nothing holds the month any more'
    FROM memberships
    WHERE tasks.membership_id = memberships.membership_id
      AND memberships.member_number BETWEEN :first AND :last
      AND tasks.kind = 'dues_quarantine' AND tasks.closed_on IS NULL
      AND tasks.key = 'dues-quarantine/' || tasks.membership_id || '/'
                      || to_char(:period_from::date, 'YYYY-MM')
      AND tasks.membership_id NOT IN (SELECT membership_id FROM held)
)
INSERT INTO tasks (key, kind, says, membership_id, opened_on)
SELECT 'dues-quarantine/' || membership_id || '/' || to_char(:period_from::date, 'YYYY-MM'),
       'dues_quarantine',
       'Could not be charged for ' || to_char(:period_from::date, 'YYYY-MM') || ': ' || reason
       || '. Put that right, and run the month again.',
       membership_id, :today::date
FROM held
-- The audit has a task for whom it holds.
WHERE reason NOT LIKE 'held by the audit: %'
ON CONFLICT (key) DO UPDATE
SET (says, opened_on, announced_on, closed_on, closed_by, note, settled)
  = (excluded.says, excluded.opened_on, NULL, NULL, NULL, NULL, false)
WHERE tasks.closed_on IS NOT NULL OR tasks.says <> excluded.says;

-- name: sum_up(period_from, previous, since, rehearsing)^
-- Sum up a month as it is charged, or as a run would leave it, beside the month before it.
WITH due AS MATERIALIZED (
    SELECT * FROM lines_due(:period_from, :since, '00000000', '99999999')
    WHERE :rehearsing::boolean
), faulty AS MATERIALIZED (
    SELECT membership_id, min(trouble) AS reason FROM due
    WHERE trouble IS NOT NULL GROUP BY membership_id
), lines AS MATERIALIZED (
    SELECT membership_id, kind, amount_ore, period_from, invoice_number AS invoice,
           payers.code AS payer
    FROM charges JOIN payers ON payers.by_list = (employer_orgnr IS NOT NULL)
    WHERE period_from IN (:period_from, :previous)
    UNION ALL
    SELECT membership_id, kind, amount_ore, :period_from,
           CASE WHEN NOT by_list THEN membership_id END, payer
    FROM due LEFT JOIN payers ON payers.code = due.payer
    WHERE amount_ore <> 0 AND membership_id NOT IN (SELECT membership_id FROM faulty)
), totals AS (
    SELECT category, branch, payer, kind,
           count(DISTINCT membership_id) FILTER (WHERE period_from = :period_from) AS members,
           count(*) FILTER (WHERE period_from = :period_from) AS charges,
           coalesce(sum(amount_ore) FILTER (WHERE period_from = :period_from), 0) AS amount_ore,
           coalesce(sum(amount_ore) FILTER (WHERE period_from = :previous), 0) AS previous_ore
    FROM lines JOIN memberships USING (membership_id)
    GROUP BY category, branch, payer, kind
), held AS (
    SELECT membership_id, reason FROM faulty
    UNION ALL
    SELECT membership_id, reason FROM dues_quarantine
    WHERE period_from = :period_from AND NOT :rehearsing::boolean
)
SELECT
    (SELECT coalesce(sum(charges), 0)::bigint FROM totals) AS charges,
    -- Of no type that ends: what stands in the books may be too large, and is told all the same.
    (SELECT coalesce(sum(amount_ore), 0) FROM totals) AS amount_ore,
    (SELECT coalesce(sum(previous_ore), 0) FROM totals) AS previous_ore,
    (SELECT count(DISTINCT membership_id) FROM lines WHERE period_from = :period_from) AS members,
    (SELECT count(DISTINCT invoice) FROM lines WHERE period_from = :period_from) AS invoices,
    (SELECT coalesce(jsonb_agg(totals ORDER BY category, branch, payer, kind), '[]') FROM totals)
        AS totals,
    (SELECT coalesce(jsonb_agg(held ORDER BY membership_id), '[]') FROM held) AS quarantined;

-- ===== Ordering the letters

-- name: order_letters(period_from, today, batch, first, last)$
-- Order the letter of each invoice that the run of a month issued to the members of a page.
WITH ordered AS (
    INSERT INTO letters
        (membership_id, key, template, audience, figures, status, message_id, batch, ordered_on)
    SELECT membership_id, key, 'dues_invoice', 'member', jsonb_build_object('invoice', number),
           'pending', letter_message_id(membership_id, key), :batch, :today
    FROM (
        SELECT invoices.membership_id, invoices.number, 'invoice-' || invoices.number AS key
        FROM memberships JOIN invoices USING (membership_id)
        WHERE memberships.member_number BETWEEN :first AND :last
          AND invoices.period_from = :period_from AND invoices.decision IS NULL
          -- What an employer did not deduct is invoiced, and told of, when its return is settled.
          AND NOT EXISTS (SELECT FROM redirections WHERE invoice_number = invoices.number)
    ) AS issued
    ON CONFLICT DO NOTHING
    RETURNING 1
)
SELECT count(*) FROM ordered;
