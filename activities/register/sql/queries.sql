-- ===== Carrying over

-- name: one_import_at_a_time!
-- Wait for another import's batch: whoever it wrote is known then.
SELECT pg_advisory_xact_lock(hashtext('medlemsflyt.import'));

-- name: find_imported(numbers)
-- Find who has been carried over before.
SELECT number, imported_members.membership_id, content_hash, month, imported_at, begun,
       member_number
FROM imported_members JOIN memberships USING (membership_id)
WHERE number = ANY (:numbers::text[]);

-- name: raise_member_numbers(highest)!
-- Allot no member number that a register keeps for somebody else.
SELECT setval('member_numbers', greatest(:highest, last_value), true)
FROM member_numbers WHERE :highest::bigint > last_value;

-- name: allot_member_numbers(count)
-- Allot member numbers that nobody has.
SELECT lpad(nextval('member_numbers')::text, 8, '0') AS member_number
FROM generate_series(1, :count::integer);

-- name: find_taken(people, invoices)
-- Find what somebody else has already: a number, a membership, an invoice, a KID.
SELECT person.number, 'number' AS what, person.number AS value, memberships.membership_id
FROM jsonb_to_recordset(:people) AS person(number text, member_number text)
JOIN memberships USING (member_number)
UNION ALL
SELECT person.number, 'member', person.number, members.membership_id
FROM jsonb_to_recordset(:people) AS person(number text, national_id char(11))
JOIN members ON members.number_print = fingerprint_of_number(person.national_id)
UNION ALL
SELECT person.number, 'member', person.number, members.membership_id
FROM jsonb_to_recordset(:people) AS person(
    number text, national_id char(11), name_key text, birth_date date, email_key text)
JOIN people USING (name_key, birth_date, email_key)
JOIN members USING (person_id)
WHERE coalesce(people.national_id = person.national_id, true)
UNION ALL
SELECT bill.member, 'invoice', bill.number, invoices.membership_id
FROM jsonb_to_recordset(:invoices) AS bill(member text, number text)
JOIN invoices ON invoices.number = bill.number
UNION ALL
SELECT bill.member, 'kid', bill.kid, invoices.membership_id
FROM jsonb_to_recordset(:invoices) AS bill(member text, kid text)
JOIN invoices ON invoices.kid = bill.kid
UNION ALL
SELECT bill.member, 'kid', bill.kid, NULL
FROM jsonb_to_recordset(:invoices) AS bill(member text, kid text)
JOIN deduction_lists ON deduction_lists.kid = bill.kid;

-- name: add_employers(orgnrs)!
-- Add employers that are not known yet: caseworkers forward what is for them.
INSERT INTO employers (orgnr) SELECT DISTINCT unnest(:orgnrs::text[]) ON CONFLICT DO NOTHING;

-- name: add_invoices(invoices, lines, today)!
-- Add open invoices with their lines and entries, as they were issued: number and KID stay.
WITH invoice AS (
    INSERT INTO invoices
        (number, kid, membership_id, serial, decision, period_from, issued_on, due_on, total_ore,
         currency, carried_over)
    SELECT number, kid, membership_id, serial, 1, period_from, issued_on, due_on, total_ore, 'NOK',
           true
    FROM jsonb_to_recordset(:invoices) AS open(
        number text, kid text, membership_id text, serial integer, period_from date,
        issued_on date, due_on date, total_ore bigint)
), line AS (
    INSERT INTO charges
        (invoice_number, membership_id, person_id, period_from, kind, amount_ore, content_hash,
         cadence)
    SELECT invoice_number, membership_id, memberships.person_id, line.period_from, line.kind,
           line.amount_ore,
           charge_hash(membership_id, line.period_from, line.kind, line.amount_ore), line.cadence
    FROM jsonb_to_recordset(:lines) AS line(
        invoice_number text, membership_id text, period_from date, kind text, amount_ore bigint,
        cadence text)
    JOIN memberships USING (membership_id)
), explained AS (
    -- A correction is the sum of what explains it: here one line that came with the register.
    INSERT INTO corrections
        (membership_id, charged_in, period_from, kind, reason, was_ore, is_ore)
    SELECT membership_id, line.period_from, (line.period_from - interval '1 month')::date,
           'central_dues', 'imported', 0, line.amount_ore
    FROM jsonb_to_recordset(:lines) AS line(
        membership_id text, period_from date, kind text, amount_ore bigint)
    WHERE kind = 'correction'
)
INSERT INTO entries
    (booked_on, source, membership_id, period_from, kind, debit, credit, amount_ore)
SELECT :today, 'charge', membership_id, period_from, kind,
       CASE WHEN amount_ore > 0 THEN 'members' WHEN amount_ore < 0 THEN kind END,
       CASE WHEN amount_ore > 0 THEN kind WHEN amount_ore < 0 THEN 'members' END,
       abs(amount_ore)
FROM jsonb_to_recordset(:lines) AS line(
    membership_id text, period_from date, kind text, amount_ore bigint);

-- name: add_payments(money, today)!
-- Add what has been paid of open invoices: money that came to the other system.
WITH paid AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(:money) AS paid(
        reference text, membership_id text, amount_ore bigint, invoice_number text)
), payment AS (
    INSERT INTO payments (reference, membership_id, decision, amount_ore, paid_on)
    SELECT reference, membership_id, 1, amount_ore, :today FROM paid
), allocation AS (
    INSERT INTO allocations
        (reference, serial, invoice_number, amount_ore, allocated_on, allocated_by)
    SELECT reference, 1, invoice_number, amount_ore, :today, 'import' FROM paid
)
INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit, amount_ore)
SELECT :today, 'payment', membership_id, reference, 'bank', 'suspense', amount_ore FROM paid
UNION ALL
SELECT :today, 'allocation', membership_id, reference || '/1', 'suspense', 'members', amount_ore
FROM paid;

-- name: add_arrears_steps(steps)!
-- Add what has been done about open invoices: it is not done again.
INSERT INTO arrears_steps (invoice_number, step, membership_id, taken_on)
SELECT invoice_number, step, membership_id, taken_on
FROM jsonb_to_recordset(:steps) AS step(
    invoice_number text, step text, membership_id text, taken_on date);

-- name: find_known_people(memberships)
-- Find whose person may have been known before: looked at one by one.
WITH own AS MATERIALIZED (
    SELECT membership_id, people.* FROM memberships JOIN people USING (person_id)
    WHERE membership_id = ANY (:memberships::text[])
)
SELECT own.membership_id FROM own JOIN people AS known USING (national_id)
WHERE known.person_id <> own.person_id AND known.merged_into IS NULL
UNION
SELECT own.membership_id FROM own JOIN people AS known USING (name_key, birth_date, email_key)
WHERE known.person_id <> own.person_id AND known.merged_into IS NULL;

-- name: add_members(memberships)!
-- Make members of those who were carried over: whoever is one already stands in the way.
INSERT INTO members (membership_id, person_id, number_print, person_print)
SELECT membership_id, person_id, fingerprint_of_number(national_id),
       fingerprint_of_person(name_key, birth_date, email_key)
FROM memberships JOIN people USING (person_id)
WHERE membership_id = ANY (:memberships::text[]);

-- name: mark_begun(memberships)!
-- Note whose workflow the server has.
UPDATE imported_members SET begun = true WHERE membership_id = ANY (:memberships::text[]);

-- name: read_members_to_export(after, size, month)
-- Read the members after a number who are one in a month, with all that a register says of them.
SELECT membership_id, member_number, member_since, facts::text AS facts,
       people.name, people.national_id, people.email, people.phone, people.address,
       people.language, page.employer_orgnr, page.employer_name, page.position,
       coalesce(applications.content -> 'employment', 'null') AS first_job,
       coalesce(applications.content -> 'other_employments', '[]') AS other_jobs,
       coalesce((applications.content ->> 'insurance_reservation')::boolean, false)
           AS reserved_at_once,
       insurance.event AS insurance_event, insurance.decided_on AS insurance_on,
       imported_members.insurance AS told_insurance,
       imported_members.insurance_on AS told_insurance_on,
       coalesce(open.ore, 0) - coalesce(money.ore, 0) AS balance_ore,
       coalesce(open.invoices, '[]') AS invoices,
       (SELECT max(period_from) FROM charges
        WHERE charges.membership_id = page.membership_id AND cadence = 'yearly') AS fee_charged
FROM (
    SELECT membership_id, person_id, member_number, member_since, facts, employer_orgnr,
           employer_name, position
    FROM memberships
    WHERE stage IN ('onboarding', 'active', 'on_leave') AND member_number > :after
    ORDER BY member_number
    LIMIT :size
) AS page
JOIN people USING (person_id)
LEFT JOIN applications USING (membership_id)
LEFT JOIN imported_members USING (membership_id)
LEFT JOIN LATERAL (
    SELECT event, decided_on FROM decisions
    WHERE decisions.membership_id = page.membership_id AND event LIKE 'insurance\_%'
    ORDER BY number DESC LIMIT 1
) AS insurance ON true
LEFT JOIN LATERAL (
    SELECT sum(open_ore)::bigint AS ore, jsonb_agg(jsonb_build_object(
        'invoice', number, 'kid', kid, 'period', period_from, 'issued_on', issued_on,
        'due_on', due_on, 'total_ore', total_ore, 'open_ore', open_ore, 'lines', (
            SELECT coalesce(jsonb_object_agg(kind, amount_ore), '{}') FROM charges
            WHERE invoice_number = number),
        'cadence', (SELECT max(cadence) FROM charges WHERE invoice_number = number),
        'steps', (
            SELECT coalesce(jsonb_object_agg(step, taken_on), '{}') FROM arrears_steps
            WHERE invoice_number = number)
        ) ORDER BY period_from, serial) FILTER (WHERE open_ore > 0 AND period_from < :month::date)
        AS invoices
    FROM invoice_balances
    WHERE invoice_balances.membership_id = page.membership_id AND open_ore <> 0
) AS open ON true
LEFT JOIN LATERAL (
    SELECT sum(suspense_ore)::bigint AS ore FROM payment_balances
    WHERE payment_balances.membership_id = page.membership_id
) AS money ON true
ORDER BY member_number;

-- name: count_members_to_export$
-- How many there are, about.
SELECT count(*) FROM members;

-- name: last_month_charged$
-- The last month that a run has charged, or the system that members came from; or nothing.
SELECT greatest((SELECT max(period_from) FROM dues_runs),
                (SELECT max(month) - interval '1 month' FROM imported_members))::date;
