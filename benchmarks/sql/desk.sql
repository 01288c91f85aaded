-- A large union to look for somebody in.

-- name: add_people(members)!
-- Add people, every fortieth of whom is called Kari.
INSERT INTO people (person_id, name, name_key, birth_date, email, email_key, phone, language)
SELECT 'person-' || lpad(to_hex(n), 8, '0') || '-0000-4000-8000-000000000000',
       first || ' ' || last, lower(first || ' ' || last),
       date '1950-01-01' + n % 20000, 'nr' || n || '@example.org', 'nr' || n || '@example.org',
       '+47' || (90000000 + n), 'nb'
FROM generate_series(1, :members) AS n
CROSS JOIN LATERAL (
    SELECT CASE WHEN n % 40 = 0 THEN 'Kari' ELSE 'Fornavn' || n % 997 END AS first,
           'Nordmann' || n % 4999 AS last) AS named;

-- name: add_memberships(members)!
-- Add their memberships, of which one employer has a hundredth.
INSERT INTO memberships (membership_id, person_id, stage, category, hidden, member_number,
                         member_since, received_at, received_on, last_decision, employer_orgnr,
                         employer_name)
SELECT 'membership-' || lpad(to_hex(n), 8, '0') || '-0000-4000-8000-000000000000',
       'person-' || lpad(to_hex(n), 8, '0') || '-0000-4000-8000-000000000000',
       'active', 'ordinary', false, lpad(n::text, 8, '0'), '2020-01-01', '2020-01-01', '2020-01-01',
       2, CASE WHEN n % 100 = 0 THEN '974760673' ELSE (310000000 + n % 5000)::text END,
       'Bedrift ' || n % 5000 || ' AS'
FROM generate_series(1, :members) AS n;

-- name: add_applications(cases)!
-- Have some of them under review.
UPDATE memberships SET stage = 'under_review', received_on = date '2026-11-01' + number % 28
FROM (SELECT membership_id AS id, row_number() OVER (ORDER BY membership_id)::integer AS number
      FROM memberships ORDER BY membership_id LIMIT :cases) AS first
WHERE membership_id = first.id;

-- name: add_tasks(cases)!
-- Have something to be done about others of them.
INSERT INTO tasks (key, kind, says, membership_id, opened_on)
SELECT 'suspense/' || n, CASE WHEN n % 3 = 0 THEN 'refund' ELSE 'suspense' END, 'look at it',
       'membership-' || lpad(to_hex(100000 + n), 8, '0') || '-0000-4000-8000-000000000000',
       date '2026-11-01' + n % 28
FROM generate_series(1, :cases) AS n;
