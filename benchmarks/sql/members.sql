-- name: add_employers_and_branches#
-- Fill up to 2,000 employers and 60 branches; every third branch halves its dues.
INSERT INTO employers (orgnr)
SELECT (800000000 + i)::text FROM generate_series(0, 1997) AS i;
INSERT INTO branches (code, name)
SELECT 'B' || lpad(i::text, 2, '0'), 'Avdeling ' || i FROM generate_series(0, 57) AS i;
INSERT INTO branch_dues (code, valid_from, local_ore, halves)
SELECT 'B' || lpad(i::text, 2, '0'), '1970-01-01', 3000 + 100 * i, i % 3 = 0
FROM generate_series(0, 57) AS i;

-- name: add_people!
-- Add a fictitious person for each membership.
INSERT INTO people (person_id, name, name_key, birth_date, email, email_key, language)
SELECT 'person-' || md5(lpad(i::text, 8, '0'))::uuid, 'Medlem ' || i, 'medlem ' || i,
       CASE (i % 20) WHEN 0 THEN date '2000-01-01' + i % 2000
                     WHEN 1 THEN date '2000-01-01' + i % 2000
                     WHEN 2 THEN date '1961-01-01' + i % 1000
                     WHEN 3 THEN date '1940-01-01' + i % 6000
                     WHEN 4 THEN date '1940-01-01' + i % 6000
                     ELSE date '1965-01-01' + i % 12000 END,
       i || '@example.org', i || '@example.org', 'nb'
FROM generate_series(1, :members::integer) AS i;

-- name: add_memberships!
-- Add members of all categories; one in 200 is hidden, and so without a branch.
INSERT INTO memberships
    (membership_id, stage, category, hidden, branch, member_number, member_since, received_at,
     received_on, last_decision, person_id, employer_orgnr, position_percent)
SELECT members.*, 'person-' || md5(member_number)::uuid,
       CASE WHEN category IN ('ordinary', 'apprentice') THEN (800000000 + i % 1998)::text END,
       CASE WHEN category = 'ordinary' THEN CASE WHEN i % 3 = 0 THEN 50 ELSE 100 END END
FROM (
SELECT 'membership-' || md5(i::text)::uuid, 'active',
       (ARRAY['student', 'apprentice', 'early_pensioner', 'pensioner', 'pensioner'])[i % 20 + 1],
       false, NULL, lpad(i::text, 8, '0'), since, since, since, 1
FROM generate_series(1, :members::integer) AS i,
     LATERAL (SELECT date '2020-01-15' + i * 7 % 2400 AS since) AS days
WHERE i % 20 < 5
UNION ALL
SELECT 'membership-' || md5(i::text)::uuid, 'active', 'ordinary', i % 200 = 199,
       CASE WHEN i % 200 <> 199 THEN 'B' || lpad((i * 11 % 58)::text, 2, '0') END,
       lpad(i::text, 8, '0'), since, since, since, 1
FROM generate_series(1, :members::integer) AS i,
     LATERAL (SELECT date '2020-01-15' + i * 7 % 2400 AS since) AS days
WHERE i % 20 >= 5
) AS members (membership_id, stage, category, hidden, branch, member_number, member_since,
              received_at, received_on, last_decision),
LATERAL (SELECT member_number::integer AS i) AS numbered
ORDER BY 6;

-- name: add_decisions!
-- Add the approval of each membership.
INSERT INTO decisions
    (membership_id, number, event, decided_at, decided_on, decided_by, rules, content_hash,
     receipt)
SELECT membership_id, 1, 'application_approved', received_at, received_on, 'bench', '{S2}',
       repeat('0', 64), '{}'
FROM memberships;

-- name: add_late_changes#
-- Let one member in 50 pay half from the month that has just been charged, as reported after it.
INSERT INTO decisions
    (membership_id, number, event, decided_at, decided_on, decided_by, rules, content_hash,
     receipt)
SELECT membership_id, 2, 'employment_changed', '2026-12-10', '2026-12-10', 'bench', '{S5}',
       repeat('0', 64), '{}'
FROM memberships WHERE member_number::integer % 50 = 7;
UPDATE terms SET superseded_by = 2
FROM memberships
WHERE memberships.membership_id = terms.membership_id AND member_number::integer % 50 = 7
  AND kind = 'central_dues';
INSERT INTO terms
    (membership_id, kind, rate, cadence, payer, valid, decision, employer_orgnr, prorated)
SELECT membership_id, kind,
       CASE WHEN first OR cadence = 'yearly' OR rate = 'none' THEN rate
            WHEN rate = 'central.full' THEN 'central.half' ELSE 'central.quarter' END,
       cadence, payer,
       CASE WHEN first THEN daterange(lower(valid), '2026-12-01')
            ELSE daterange('2026-12-01', upper(valid)) END,
       2, employer_orgnr, prorated
FROM terms CROSS JOIN (VALUES (true), (false)) AS half (first)
WHERE superseded_by = 2;

-- name: report_late(month)!
-- Let one member in 50, another one each month, pay half from a month that has been charged, or all again.
WITH changed AS (
    SELECT membership_id, last_number + 1 AS number
    FROM memberships
    JOIN (SELECT membership_id, max(number) AS last_number FROM decisions GROUP BY membership_id)
         AS decided USING (membership_id)
    WHERE member_number::integer % 50
          = (extract(year FROM :month::date) * 12 + extract(month FROM :month::date))::integer % 50
), decided AS (
    INSERT INTO decisions
        (membership_id, number, event, decided_at, decided_on, decided_by, rules, content_hash,
         receipt)
    SELECT membership_id, number, 'employment_changed', :month::date + 9, :month::date + 9, 'bench',
           '{S5}', repeat('0', 64), '{}'
    FROM changed
    RETURNING membership_id, number
), superseded AS (
    UPDATE terms SET superseded_by = decided.number
    FROM decided
    WHERE terms.membership_id = decided.membership_id AND superseded_by IS NULL
      AND kind = 'central_dues' AND cadence = 'monthly' AND rate LIKE 'central.%'
      AND upper_inf(valid) AND lower(valid) < :month
    RETURNING terms.*
)
INSERT INTO terms
    (membership_id, kind, rate, cadence, payer, valid, decision, employer_orgnr, prorated)
SELECT membership_id, kind,
       CASE WHEN first THEN rate
            WHEN rate = 'central.half' THEN 'central.full' ELSE 'central.half' END,
       cadence, payer,
       CASE WHEN first THEN daterange(lower(valid), :month) ELSE daterange(:month, NULL) END,
       superseded_by, employer_orgnr, prorated
FROM superseded CROSS JOIN (VALUES (true), (false)) AS half (first);

-- name: add_terms!
-- Add what the rules would plan: most ordinary members through payroll, most insured, fees yearly.
INSERT INTO terms
    (membership_id, kind, rate, cadence, payer, valid, decision, employer_orgnr, prorated)
SELECT membership_id, kind, rate, cadence, payer, valid, 1,
       CASE payer WHEN 'payroll' THEN employer_orgnr END,
       kind = 'central_dues' AND category = 'pensioner'
FROM (
    SELECT memberships.*, birth_date, position_percent = 50 AS half,
           date_trunc('month', member_since)::date AS starts_on,
           CASE WHEN category = 'ordinary' AND NOT hidden AND member_number::integer % 10 < 8
                THEN 'payroll' ELSE 'direct' END AS payer
    FROM memberships JOIN people USING (person_id)
) AS members
LEFT JOIN branch_dues ON code = branch,
LATERAL (
    SELECT 'central_dues' AS kind,
           CASE category WHEN 'ordinary' THEN CASE WHEN half THEN 'central.half'
                                                   ELSE 'central.full' END
                         WHEN 'student' THEN 'student.year' WHEN 'apprentice' THEN 'none'
                         WHEN 'early_pensioner' THEN 'central.quarter'
                         ELSE 'pensioner.year' END AS rate,
           CASE WHEN category IN ('student', 'pensioner') THEN 'yearly' ELSE 'monthly' END
               AS cadence,
           daterange(starts_on, NULL) AS valid
    UNION ALL
    SELECT 'local_dues', CASE WHEN half THEN 'local_half@' ELSE 'local@' END || branch, 'monthly',
           daterange(starts_on, NULL)
    WHERE local_ore IS NOT NULL
    UNION ALL
    SELECT 'insurance_premium', 'premium', 'monthly',
           daterange(starts_on, make_date(extract(year FROM birth_date)::integer + 68, 1, 1))
    WHERE category IN ('ordinary', 'apprentice', 'early_pensioner')
      AND member_number::integer % 7 > 1
) AS planned
ORDER BY member_number, kind;

-- name: add_facts!
-- Add what the terms are planned from: most ordinary members deducted, most insured.
UPDATE memberships SET facts = jsonb_build_object(
    'birth_date', birth_date,
    'since', member_since,
    'beginning', jsonb_strip_nulls(jsonb_build_object(
        'category', category,
        'employer', CASE WHEN employer_orgnr IS NOT NULL
                         THEN jsonb_build_object('orgnr', employer_orgnr) END,
        'position_percent', position_percent::text,
        'hidden', hidden,
        'branch', branch,
        'pension', CASE WHEN category IN ('early_pensioner', 'pensioner') THEN 'old_age' END)),
    'notices', CASE
        -- One in ten changed work a year after joining.
        WHEN category = 'ordinary' AND number % 10 = 9 THEN jsonb_build_array(jsonb_build_object(
            'kind', 'change_employment', 'number', 3, 'decided_by', '',
            'effective_on', member_since + 365, 'recorded_on', member_since + 365,
            'position_percent', '80'))
        ELSE '[]' END,
    'premiums', CASE
        WHEN category IN ('ordinary', 'apprentice', 'early_pensioner') AND number % 7 > 1
        THEN jsonb_build_array(jsonb_build_object('valid_from',
            (date_trunc('month', member_since) + interval '2 months')::date))
        ELSE '[]' END,
    'payers', CASE
        WHEN category = 'ordinary' AND NOT hidden AND number % 10 < 8
        THEN jsonb_build_array(jsonb_build_object(
            'starts_on', (date_trunc('month', member_since) + interval '1 month')::date,
            'payer', 'payroll', 'employer_orgnr', employer_orgnr,
            'given_on', member_since))
        ELSE '[]' END)
FROM people
JOIN (SELECT person_id, member_number::integer AS number FROM memberships) AS numbered
    USING (person_id)
WHERE people.person_id = memberships.person_id;
