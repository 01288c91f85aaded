-- name: read_caps
-- Read the caps of all years.
SELECT year, cap_ore, confirmed, source FROM tax_caps ORDER BY year;

-- name: write_cap(year, cap_ore, confirmed, source)!
-- Set the cap of a year.
INSERT INTO tax_caps (year, cap_ore, confirmed, source)
VALUES (:year, :cap_ore, :confirmed, :source)
ON CONFLICT (year) DO UPDATE
SET (cap_ore, confirmed, source) = (excluded.cap_ore, excluded.confirmed, excluded.source);

-- name: make_page(year, cap_ore, first, last, confirmed, today, batch)^
-- Make the statements of a page, their letters and tasks, in one statement.
WITH due AS MATERIALIZED (
    SELECT * FROM tax_statements_due(:year, :cap_ore, :first, :last)
), made AS (
    INSERT INTO tax_statements
        (membership_id, year, version, paid_ore, direct_ore, working_ore, months, whole_cap_ore,
         cap_ore, deductible_ore, reported_ore, unreported, cap_confirmed, content_hash, made_on)
    SELECT membership_id, :year, version + 1, paid_ore, direct_ore, working_ore, months, :cap_ore,
           own_cap_ore, deductible_ore, reported_ore, unreported, :confirmed, content_hash, :today
    FROM due WHERE differs
    RETURNING version
), letter AS (
    INSERT INTO letters
        (membership_id, key, template, audience, figures, status, message_id, batch, ordered_on)
    SELECT membership_id, key, 'tax_statement', 'member',
           jsonb_build_object(
               'year', :year, 'version', version + 1, 'paid_ore', paid_ore,
               'direct_ore', direct_ore, 'working_ore', working_ore, 'months', months,
               'whole_cap_ore', :cap_ore, 'cap_ore', own_cap_ore,
               'deductible_ore', deductible_ore, 'reported_ore', reported_ore,
               'unreported', unreported, 'cap_confirmed', :confirmed,
               'made_on', :today::date),
           'pending', letter_message_id(membership_id, key), :batch, :today
    FROM due, LATERAL (SELECT :batch || '-' || (version + 1) AS key) AS named
    -- What is stated under another membership of theirs is told there.
    WHERE differs AND NOT deceased AND NOT elsewhere
    ON CONFLICT (membership_id, key) DO NOTHING
    RETURNING 1
), task AS (
    INSERT INTO tasks (key, kind, says, membership_id, opened_on)
    -- A task for each version: the dead are sent no letter, and another result is news.
    SELECT 'tax-estate/' || :year || '/' || membership_id
               || CASE WHEN coming.version > 1 THEN '/' || coming.version ELSE '' END,
           'tax_statement', 'the statement for ' || :year || ' is for the estate: send it by hand',
           membership_id, :today
    FROM due CROSS JOIN LATERAL (SELECT due.version + due.differs::integer) AS coming (version)
    WHERE deceased AND NOT elsewhere AND coming.version > 0
    UNION ALL
    SELECT 'tax-national-id/' || :year || '/' || membership_id, 'tax_statement',
           'no national id: the tax authority is told nothing of ' || :year
           || '; ask for it, then run the year end again', membership_id, :today
    FROM due WHERE unreported = 'no_national_id'
    UNION ALL
    SELECT 'tax-paid-out/' || :year || '/' || membership_id || '/' || over_ore, 'tax_statement',
           over_ore || ' øre more were paid out in ' || :year || ' than came straight from the '
           'member: they were paid in a year before, or deducted. Tell the member, and the tax '
           'authority where it was told of that year, that the deduction is less', membership_id, :today
    FROM due WHERE over_ore > 0 AND NOT elsewhere
    ON CONFLICT (key) DO NOTHING
), settled AS (
    UPDATE tasks SET closed_on = :today, closed_by = 'rule', note = 'it is no longer missing'
    FROM due
    WHERE due.unreported IS DISTINCT FROM 'no_national_id' AND tasks.closed_on IS NULL
      AND tasks.key = 'tax-national-id/' || :year || '/' || due.membership_id
)
SELECT (SELECT count(*) FROM made WHERE version = 1) AS statements,
       (SELECT count(*) FROM made WHERE version > 1) AS corrections,
       (SELECT count(*) FROM letter) AS letters;

-- name: read_sums(year)^
-- Sum up the latest statements of a year.
SELECT count(*) AS statements,
       coalesce(sum(paid_ore), 0) AS paid_ore,
       coalesce(sum(direct_ore), 0) AS direct_ore,
       coalesce(sum(deductible_ore), 0) AS deductible_ore,
       coalesce(sum(reported_ore), 0) AS reported_ore,
       count(*) FILTER (WHERE working_ore > cap_ore) AS capped,
       count(*) FILTER (WHERE months < 12) AS part_year,
       count(*) FILTER (WHERE working_ore = 0 AND paid_ore > 0) AS without_deduction,
       count(*) FILTER (WHERE unreported = 'objection') AS objecting,
       count(*) FILTER (WHERE unreported = 'no_national_id') AS without_national_id,
       count(*) FILTER (
           WHERE memberships.person_id IN (SELECT person_id FROM members_who_died())) AS deceased
FROM latest_tax_statements
JOIN memberships USING (membership_id)
WHERE year = :year;

-- name: find_behind(year)^
-- Count what the tax authority is still to be told of a year, once it has been told anything.
SELECT max(number) + 1 AS number, (SELECT count(*) FROM tax_delivery_due(:year)) AS lines
FROM tax_deliveries WHERE year = :year HAVING count(*) > 0;

-- name: rehearse(year, cap_ore)^
-- Sum up what the statements of a year would be; nothing is written.
SELECT count(*) AS statements,
       coalesce(sum(paid_ore), 0) AS paid_ore,
       coalesce(sum(direct_ore), 0) AS direct_ore,
       coalesce(sum(deductible_ore), 0) AS deductible_ore,
       coalesce(sum(reported_ore), 0) AS reported_ore,
       count(*) FILTER (WHERE working_ore > own_cap_ore) AS capped,
       count(*) FILTER (WHERE months < 12) AS part_year,
       count(*) FILTER (WHERE working_ore = 0 AND paid_ore > 0) AS without_deduction,
       count(*) FILTER (WHERE unreported = 'objection') AS objecting,
       count(*) FILTER (WHERE unreported = 'no_national_id') AS without_national_id,
       count(*) FILTER (WHERE deceased) AS deceased,
       count(*) FILTER (WHERE differs AND version = 0) AS new,
       count(*) FILTER (WHERE differs AND version > 0) AS corrections,
       count(*) FILTER (WHERE differs AND NOT deceased AND NOT elsewhere) AS letters
FROM tax_statements_due(:year, :cap_ore, '00000000', '99999999')
WHERE paid_ore > 0 OR version > 0;

-- name: count_changed_late(year, today)$
-- Count the statements of a year that a day has made anew.
SELECT count(*) FROM tax_statements WHERE year = :year AND version > 1 AND made_on = :today;

-- name: find_outdated(first, runs)
-- Find years of which money has come, gone back or been placed, or of whose months a deduction was
-- told or corrected, since their statements were made.
WITH moved AS (
    SELECT invoices.membership_id, paid_on AS of_day, allocated_on AS known_on
    FROM allocations
    JOIN payments USING (reference)
    JOIN invoices ON invoices.number = allocations.invoice_number
    UNION ALL
    SELECT membership_id, period_from, settled_on
    FROM deductions JOIN deduction_lists ON deduction_lists.number = deductions.list_number
    WHERE deducted_ore > 0
    UNION ALL
    SELECT membership_id, period_from, corrected_on
    FROM deduction_corrections
    JOIN deduction_lists ON deduction_lists.number = deduction_corrections.list_number
)
SELECT extract(year FROM of_day)::integer AS year, count(DISTINCT membership_id) AS members
FROM moved
WHERE of_day >= make_date(:first, 1, 1)
  AND of_day < make_date(:first + cardinality(:runs::text[]), 1, 1)
  AND known_on > (
    SELECT max(begun_on) FROM begun_runs
    WHERE workflow_type = 'YearEndStatements' AND ended
      AND workflow_id = (:runs::text[])[extract(year FROM of_day)::integer - :first + 1])
GROUP BY 1 ORDER BY 1;

-- name: read_report(year)
-- Read what the tax authority is to be told: the latest statement of whoever is reported.
SELECT membership_id, version, member_number, national_id, name, reported_ore
FROM latest_tax_statements
JOIN memberships USING (membership_id)
JOIN people USING (person_id)
WHERE year = :year AND reported_ore > 0 AND national_id IS NOT NULL
ORDER BY member_number;

-- name: log_report(memberships, versions, year, basis, disclosed_on)!
-- Log that the tax authority was told, and by what right; once for each version.
INSERT INTO disclosures (membership_id, key, audience, basis, disclosed_on)
SELECT membership_id, 'tax-report-' || :year::integer || '-' || version, 'tax_authority', :basis,
       :disclosed_on
FROM unnest(:memberships::text[], :versions::integer[]) AS told(membership_id, version)
ON CONFLICT (membership_id, key) DO NOTHING;

-- ===== Telling the tax authority

-- name: write_objection(membership_id, from_year, objects, today, by)^
-- Note that somebody objects to being reported, or no longer does; nothing is said twice.
WITH who AS (
    SELECT person_id FROM memberships
    WHERE membership_id = :membership_id AND person_id IS NOT NULL AND member_number IS NOT NULL
), turns AS (
    -- The years in which their wish may change from this one on.
    SELECT :from_year::integer AS year
    UNION
    SELECT from_year FROM tax_objections
    WHERE present_person(person_id) = (SELECT person_id FROM who) AND from_year > :from_year
), written AS (
    INSERT INTO tax_objections (person_id, from_year, objects, stated_on, stated_by)
    SELECT person_id, :from_year, :objects, :today, :by FROM who
    WHERE EXISTS (
        SELECT FROM turns
        WHERE (who.person_id IN (SELECT person_id FROM tax_objectors(turns.year)))
              <> :objects::boolean)
    RETURNING 1
)
SELECT EXISTS (SELECT FROM who) AS known, EXISTS (SELECT FROM written) AS written;

-- name: lock_deliveries#
-- Let nobody else make a delivery meanwhile.
LOCK TABLE tax_deliveries IN EXCLUSIVE MODE;

-- name: count_statements(year)^
-- Count who is and who is not reported of a year, by their latest statements.
SELECT count(*) AS statements,
       count(*) FILTER (WHERE unreported = 'no_national_id') AS without_national_id,
       count(*) FILTER (WHERE unreported = 'objection') AS objecting
FROM latest_tax_statements WHERE year = :year;

-- name: list_deliveries(year)
-- Read what was delivered of a year.
SELECT year, number, sender_orgnr, sender_name, sender_email, line_count, total_kroner, made_on,
       made_by
FROM tax_deliveries WHERE year = :year ORDER BY number;

-- name: count_due(year)^
-- Count what the tax authority is still to be told of a year.
SELECT count(*) FILTER (WHERE told_kroner IS NULL OR told_kroner = 0) AS new,
       count(*) FILTER (WHERE told_kroner > 0 AND kroner > 0) AS changed,
       count(*) FILTER (WHERE kroner = 0) AS cancelled,
       coalesce(sum(kroner), 0)::bigint AS total_kroner
FROM tax_delivery_due(:year);

-- name: make_delivery(year, orgnr, name, email, basis, today, by)$
-- Note what the tax authority is told now and by what right; return the number of the delivery.
WITH due AS MATERIALIZED (
    SELECT * FROM tax_delivery_due(:year)
), delivery AS (
    INSERT INTO tax_deliveries
        (year, number, sender_orgnr, sender_name, sender_email, line_count, total_kroner, made_on,
         made_by)
    SELECT :year, (SELECT coalesce(max(number), 0) + 1 FROM tax_deliveries WHERE year = :year),
           :orgnr, :name, :email, totals.lines, totals.kroner, :today, :by
    FROM (SELECT count(*) AS lines, coalesce(sum(kroner), 0) AS kroner FROM due) AS totals
    WHERE totals.lines > 0
    RETURNING number
), line AS (
    INSERT INTO tax_delivery_lines (year, number, national_id, name, membership_id, kroner)
    SELECT :year, delivery.number, due.national_id, due.name, due.membership_id, due.kroner
    FROM due CROSS JOIN delivery
), logged AS (
    INSERT INTO disclosures (membership_id, key, audience, basis, disclosed_on)
    SELECT DISTINCT due.membership_id, 'tax-delivery-' || :year || '-' || delivery.number,
           'tax_authority', :basis, :today::date
    FROM due CROSS JOIN delivery
    ON CONFLICT (membership_id, key) DO NOTHING
), settled AS (
    UPDATE tasks SET closed_on = :today, closed_by = 'rule', note = 'the file has been made'
    FROM delivery
    WHERE tasks.closed_on IS NULL AND tasks.key = 'tax-report/' || :year || '/' || delivery.number
)
SELECT number FROM delivery;

-- name: read_lines(year, number)
-- Read whom a delivery told of, and of what, in the order in which it stands in the file.
SELECT national_id, name, kroner FROM tax_delivery_lines
WHERE year = :year AND number = :number ORDER BY national_id;
