-- ===== Looking for somebody

-- name: find_members
-- Find the memberships of whoever fits one of the things that are looked for, the present members
-- first, with what tells people apart and how many there are. Each thing takes an index of its own.
WITH by_person AS (
    SELECT person_id, merged_into, 'name' AS kind FROM people
    WHERE name_lexemes(name_key) @@ to_tsquery('simple'::regconfig, :words)
      AND (cardinality(:birth_dates::date[]) = 0 OR birth_date = ANY(:birth_dates::date[]))
    UNION ALL
    SELECT person_id, merged_into, 'name'
    FROM earlier_names JOIN people USING (person_id)
    WHERE name_lexemes(earlier_names.name_key) @@ to_tsquery('simple'::regconfig, :words)
      AND (cardinality(:birth_dates::date[]) = 0 OR birth_date = ANY(:birth_dates::date[]))
    UNION ALL
    SELECT person_id, merged_into, 'birth_date' FROM people
    WHERE :words::text IS NULL AND birth_date = ANY(:birth_dates::date[])
    UNION ALL
    SELECT person_id, merged_into, 'national_id' FROM people
    WHERE national_id = :national_id::bpchar
    UNION ALL
    SELECT person_id, merged_into, 'phone' FROM people WHERE phone = :phone
    UNION ALL
    SELECT person_id, merged_into, 'phone'
    FROM earlier_contacts JOIN people USING (person_id) WHERE earlier_contacts.phone = :phone
    UNION ALL
    SELECT person_id, merged_into, 'email' FROM people WHERE email_key = :email
    UNION ALL
    SELECT person_id, merged_into, 'email'
    FROM earlier_contacts JOIN people USING (person_id) WHERE earlier_contacts.email_key = :email
), by_membership AS (
    SELECT membership_id, 'member_number' AS kind FROM memberships
    WHERE member_number = :member_number::bpchar
    UNION ALL
    SELECT membership_id, 'kid' FROM invoices WHERE kid = :kid
    UNION ALL
    SELECT membership_id, 'invoice' FROM invoices WHERE number = ANY(:invoices::text[])
    UNION ALL
    SELECT membership_id, 'invoice' FROM invoices
    WHERE (extract(year FROM issued_on)::integer) = :year AND series_no = :series_no
    UNION ALL
    SELECT membership_id, 'employer' FROM memberships WHERE employer_orgnr = :orgnr::bpchar
    UNION ALL
    SELECT membership_id, 'employer' FROM memberships
    WHERE cardinality(:birth_dates::date[]) = 0
      AND name_lexemes(employer_name) @@ to_tsquery('simple'::regconfig, :words)
      AND employer_name IS NOT NULL
), found AS (
    SELECT memberships.membership_id, kind
    FROM by_person JOIN memberships ON memberships.person_id
        = CASE WHEN merged_into IS NULL THEN by_person.person_id
               ELSE present_person(merged_into) END
    UNION
    SELECT membership_id, kind FROM by_membership
), seen AS (
    SELECT memberships.membership_id, array_agg(found.kind ORDER BY found.kind) AS kinds
    FROM found JOIN memberships USING (membership_id)
    -- Of a branch nobody sees others', nor anybody who is hidden or is about to be (S30, S33).
    WHERE :own_branch::text IS NULL
       OR memberships.branch = :own_branch AND NOT memberships.hidden AND NOT memberships.hiding
    GROUP BY memberships.membership_id
)
SELECT memberships.membership_id, seen.kinds, memberships.member_number, memberships.stage,
       memberships.outcome, memberships.category,
       memberships.hidden OR memberships.hiding AS hidden, memberships.branch,
       memberships.employer_name, memberships.received_on, memberships.member_since,
       people.name, people.birth_date, people.address ->> 'city' AS city,
       people.address ->> 'postcode' AS postcode,
       count(*) OVER () AS hits
FROM seen JOIN memberships USING (membership_id) LEFT JOIN people USING (person_id)
ORDER BY memberships.stage = 'ended', memberships.member_number IS NULL, people.name_key,
         people.birth_date, memberships.received_at, memberships.membership_id
LIMIT :most;
