-- ===== Charging

-- name: open_run(period_from, charged_on, due_on)!
-- Note the first run for a month, unless there was one.
INSERT INTO dues_runs (period_from, charged_on, due_on)
VALUES (:period_from, :charged_on, :due_on)
ON CONFLICT (period_from) DO NOTHING;

-- name: are_numbers_held()$
-- Tell whether no number is to be given, as a workflow knew more than this database (ADR 102).
SELECT EXISTS (SELECT FROM number_holds);

-- name: is_to_be_built(period_from, most, pages, few)$
-- Tell whether a month is built: for many, if it has no partition, and few lines that would have to move.
SELECT (:pages::integer > 1
        OR (SELECT count(*) FROM (SELECT FROM memberships WHERE member_number IS NOT NULL
                                  LIMIT :few::integer + 1) AS members) > :few)
   AND to_regclass('charges_' || to_char(:period_from::date, 'YYYY_MM')) IS NULL
   AND (SELECT count(*) FROM charges WHERE period_from = :period_from) <= :most::integer;

-- name: find_building(period_from, charged_on)^
-- Find the run's month among what is being built, and keep it from being let go of meanwhile.
SELECT attached_by IS NOT NULL AS attached FROM dues_building
WHERE period_from = :period_from AND charged_on = :charged_on
FOR SHARE;

-- name: open_building(period_from, charged_on)!
-- Begin to build a month, unless that run has begun to; another one's is let go of.
SELECT open_building(:period_from, :charged_on)
WHERE NOT EXISTS (
    SELECT FROM dues_building
    WHERE period_from = :period_from AND charged_on = :charged_on AND attached_by IS NULL);

-- name: find_unbuilt(first, last)
-- Find the numbers of a page that nothing has been built for yet, as half-open spans.
SELECT lower(span) AS first, upper(span) AS past
FROM unnest(
    int4multirange(int4range(:first::integer, :last::integer, '[]'))
    - coalesce((SELECT range_agg(numbers) FROM built_members), '{}')) AS span;

-- name: index_charges!
-- Give the built charges the indexes of all charges.
SELECT index_charges();

-- name: index_entries!
-- Give the built entries the indexes of all entries.
SELECT index_entries();

-- name: refer_built!
-- Give what was built its foreign keys, not yet checked.
SELECT refer_built();

-- name: check_built!
-- Check that each built entry is of a membership, and each invoice the sum of its lines.
SELECT check_built();

-- name: check_charges!
-- Check that each built charge stands on its invoice.
SELECT check_charges();

-- name: weed_built$
-- Take out whose lines clash with others; return how many they are.
SELECT weed_built();

-- name: reserve_numbers!
-- Take the numbers of the series for what was built, once.
SELECT reserve_numbers();

-- name: publish_built!
-- Write the invoices and corrections of what was built.
SELECT publish_built();

-- name: reach_disk!
-- Have the disk hold what another transaction wrote, so that its commit takes no time.
SELECT pg_logical_emit_message(true, 'medlemsflyt', '');

-- name: attach_built!
-- Make what was built part of the books.
SELECT attach_built();

-- name: find_left_over(first, last)$
-- Tell whether somebody of a page is still to be charged row by row.
SELECT EXISTS (SELECT FROM built_members
               WHERE left_over AND numbers && int4range(:first::integer, :last::integer, '[]'));

-- name: close_building!
-- Note that nothing is being built any more.
DELETE FROM dues_building;

-- name: look_through!
-- Have the planner know what the whole of the partitions is like, if they have grown.
SELECT look_through();

-- name: count_month(period_from)^
-- Count what a month has been charged with so far.
SELECT (SELECT count(*) FROM charges WHERE period_from = :period_from) AS charges,
       (SELECT count(DISTINCT invoice_number) FROM charges
        WHERE period_from = :period_from) AS invoices;

-- name: charge_page(period_from, since, first, last, building, charged_on, due_on)^
-- Charge the members of a page for a month, or build that: lines, invoices, entries, in one statement.
WITH considered AS MATERIALIZED (
    SELECT * FROM lines_considered(:period_from, :since, :first, :last)
), odd AS MATERIALIZED (
    -- What is asked of a few lines is asked of these: all are gone through once.
    SELECT * FROM considered
    WHERE kind = 'correction' OR trouble IS NOT NULL OR several
       OR membership_id IN (SELECT membership_id FROM reassessments)
), due AS NOT MATERIALIZED (
    -- What is built can't be seen yet: whoever may be charged under another membership comes after.
    SELECT * FROM considered WHERE NOT listed AND NOT (several AND :building::boolean)
), odd_due AS NOT MATERIALIZED (
    SELECT * FROM odd WHERE NOT listed AND NOT (several AND :building::boolean)
), faulty AS MATERIALIZED (
    SELECT DISTINCT membership_id, trouble FROM odd_due WHERE trouble IS NOT NULL
), fresh AS NOT MATERIALIZED (
    -- Corrections that outweigh each other are explained, but make no line. Read from what is
    -- considered each time: a copy of all of a page costs more than to leave out the few.
    SELECT * FROM due
    WHERE amount_ore <> 0 AND membership_id NOT IN (SELECT membership_id FROM faulty)
), to_correct AS MATERIALIZED (
    SELECT membership_id FROM odd_due
    WHERE kind = 'correction' AND membership_id NOT IN (SELECT membership_id FROM faulty)
), latest AS MATERIALIZED (
    -- Whoever was invoiced since the run before has the highest serial there: a month is read at
    -- once. If somebody has not, a key says so, and who is built no more is charged row by row.
    SELECT membership_id, max(serial) AS serial FROM invoices
    WHERE :building AND issued_on >= (
        SELECT max(dues_runs.charged_on) FROM dues_runs WHERE dues_runs.period_from < :period_from)
      -- Of the page alone, as its number begins with the member's: not all of the month each time.
      AND number COLLATE "C" BETWEEN :first::text AND :last::text || '~'
    GROUP BY membership_id
), numbered AS MATERIALIZED (
    SELECT membership_id, serial, total_ore, member_number || '-' || serial AS number,
           -- All 15 but the check digit: 1, the member, and six for the serial.
           ('1' || member_number)::bigint * 1000000 + serial AS digits
    FROM (
        SELECT membership_id, member_number, sum(amount_ore)::bigint AS total_ore,
               greatest(coalesce(min(latest.serial), (
                            -- The member's, and not the highest of all that might be theirs.
                            SELECT max(serial) FROM (
                                SELECT serial FROM invoices
                                WHERE invoices.membership_id = fresh.membership_id OFFSET 0
                            ) AS theirs), 0),
                        (SELECT serial FROM serials_given)) + 1 AS serial
        FROM fresh LEFT JOIN latest USING (membership_id)
        WHERE NOT by_list
        GROUP BY membership_id, member_number
    ) AS totals
), billed AS MATERIALIZED (
    SELECT membership_id, number, digits::text || mod10_of(digits) AS kid, serial, total_ore
    FROM numbered
), invoice AS NOT MATERIALIZED (
    SELECT number, kid, membership_id, serial, NULL::integer AS decision,
           :period_from::date AS period_from, :charged_on::date AS issued_on,
           :due_on::date AS due_on, total_ore, 'NOK' AS currency
    FROM billed
), charge AS NOT MATERIALIZED (
    SELECT billed.number AS invoice_number, fresh.membership_id, :period_from::date AS period_from,
           kind, amount_ore,
           -- The month is written once, and not for each line.
           hash_of_charge(to_json(fresh.membership_id)::text,
                          (SELECT to_json(:period_from::date)::text), kind, amount_ore)
               AS content_hash,
           CASE WHEN by_list THEN employer_orgnr END AS employer_orgnr, cadence, person_id
    FROM fresh LEFT JOIN billed ON billed.membership_id = fresh.membership_id
                               AND NOT fresh.by_list
), entry AS NOT MATERIALIZED (
    SELECT :charged_on::date AS booked_on, 'charge' AS source, membership_id,
           :period_from::date AS period_from, kind,
           -- What is given back goes the other way.
           CASE WHEN amount_ore > 0 THEN owing WHEN amount_ore < 0 THEN kind END AS debit,
           CASE WHEN amount_ore > 0 THEN kind WHEN amount_ore < 0 THEN owing END AS credit,
           abs(amount_ore) AS amount_ore
    FROM fresh
), issued AS (
    INSERT INTO invoices SELECT * FROM invoice WHERE NOT :building
), charged AS (
    INSERT INTO charges SELECT * FROM charge WHERE NOT :building
), booked AS (
    INSERT INTO entries
        (booked_on, source, membership_id, period_from, kind, debit, credit, amount_ore)
    SELECT * FROM entry WHERE NOT :building
), built_invoice AS (
    INSERT INTO built_invoices SELECT * FROM invoice WHERE :building
), built_charge AS (
    INSERT INTO built_charges SELECT * FROM charge WHERE :building
), built_entry AS (
    INSERT INTO built_entries
        (entry_id, booked_on, source, membership_id, period_from, kind, debit, credit, amount_ore)
    -- The sequence is looked up once, and not for each line.
    SELECT nextval((SELECT pg_get_serial_sequence('entries', 'entry_id')::regclass)), entry.*
    FROM entry WHERE :building
), corrected AS MATERIALIZED (
    SELECT membership_id, part.*
    FROM odd CROSS JOIN LATERAL unnest(parts) AS part
    WHERE odd.kind = 'correction'
), explained AS NOT MATERIALIZED (
    SELECT membership_id, :period_from::date AS charged_in, period_from, kind, reason, was_ore, is_ore
    FROM corrected
    WHERE membership_id IN (SELECT membership_id FROM to_correct)
), correction AS (
    INSERT INTO corrections
        (membership_id, charged_in, period_from, kind, reason, was_ore, is_ore)
    SELECT * FROM explained WHERE NOT :building
), built_correction AS (
    INSERT INTO built_corrections SELECT * FROM explained WHERE :building
), noted AS MATERIALIZED (
    SELECT membership_id, revision, person_id,
           :building::boolean AND EXISTS (
               SELECT FROM memberships AS others
               WHERE others.person_id = own.person_id AND others.member_number IS NOT NULL
                 AND others.membership_id <> reassessments.membership_id) AS several
    FROM reassessments
    CROSS JOIN LATERAL (
        SELECT person_id, member_number FROM memberships
        WHERE memberships.membership_id = reassessments.membership_id OFFSET 0
    ) AS own
    WHERE member_number BETWEEN :first AND :last
), marked AS MATERIALIZED (
    SELECT membership_id, revision, person_id FROM noted WHERE NOT several
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
        FROM marked JOIN odd_due USING (membership_id)
        WHERE kind <> 'correction' AND membership_id NOT IN (SELECT membership_id FROM faulty)
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
    SELECT marked.membership_id
    FROM marked
    JOIN memberships AS others ON others.person_id = marked.person_id
                              AND others.membership_id <> marked.membership_id
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
    WHERE NOT :building AND reassessments.membership_id = dealt_with.membership_id
      -- The terms may have changed once more while this statement compared.
      AND reassessments.revision = dealt_with.revision
), built_comparison AS (
    INSERT INTO built_comparisons SELECT * FROM dealt_with WHERE :building
), built AS (
    INSERT INTO built_members (numbers, left_over)
    SELECT int4range(:first::char(8)::integer, :last::char(8)::integer, '[]'),
           EXISTS (SELECT FROM odd WHERE several)
               OR EXISTS (SELECT FROM noted WHERE several)
    WHERE :building
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
          AND NOT EXISTS (SELECT FROM recoveries WHERE invoice_number = invoices.number)
    ) AS issued
    ON CONFLICT DO NOTHING
    RETURNING 1
)
SELECT count(*) FROM ordered;

-- ===== How the union stood

-- name: note_members(period_from)!
-- Note how many members there are, unless it is noted for the month.
INSERT INTO members_by_month (period_from, category, branch, members)
SELECT :period_from, category, branch, count(*)
FROM members JOIN memberships USING (membership_id)
WHERE NOT EXISTS (SELECT FROM members_by_month WHERE period_from = :period_from)
GROUP BY category, branch
ON CONFLICT DO NOTHING;

-- name: note_dues(period_from, kinds, members, amounts)!
-- Note what a month is charged with; a later run's word is the last.
INSERT INTO dues_by_month (period_from, kind, members, amount_ore)
SELECT :period_from, kind, members, amount_ore
FROM unnest(:kinds::text[], :members::integer[], :amounts::numeric[])
    AS noted (kind, members, amount_ore)
WHERE members > 0
ON CONFLICT (period_from, kind) DO UPDATE
SET members = excluded.members, amount_ore = excluded.amount_ore;
