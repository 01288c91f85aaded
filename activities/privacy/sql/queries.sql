-- ===== What is held on a person

-- name: read_whole_person(wanted)
-- Read a person's id, by it or by that of a membership, and the ids of whoever was merged into them.
WITH RECURSIVE one AS (
    SELECT present_person(person_id) AS person_id FROM people WHERE person_id = :wanted
    UNION
    SELECT present_person(person_id) FROM memberships
    WHERE membership_id = :wanted AND person_id IS NOT NULL
), whole AS (
    SELECT person_id FROM one
    UNION
    SELECT people.person_id FROM people JOIN whole ON people.merged_into = whole.person_id
)
SELECT whole.person_id, whole.person_id IN (TABLE one) AS present FROM whole ORDER BY present DESC;

-- name: read_memberships_of(persons)
-- Read the memberships of some people, and their applications.
SELECT membership_id FROM memberships WHERE person_id = ANY(:persons::text[])
ORDER BY received_at, membership_id;

-- name: read_tables()
-- Read which tables there are, of a partitioned one the whole, and by what they name somebody.
SELECT relname::text AS name,
       bool_or(attname = 'membership_id') AS by_membership,
       bool_or(attname = 'person_id') AS by_person
FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
GROUP BY relname ORDER BY relname;

-- name: read_references()
-- Read which columns of a table refer to which of another.
SELECT child.relname::text AS name, parent.relname::text AS refers_to,
       (SELECT array_agg(attname::text ORDER BY place)
        FROM unnest(conkey) WITH ORDINALITY AS own (number, place)
        JOIN pg_attribute ON attrelid = conrelid AND attnum = number) AS columns,
       (SELECT array_agg(attname::text ORDER BY place)
        FROM unnest(confkey) WITH ORDINALITY AS other (number, place)
        JOIN pg_attribute ON attrelid = confrelid AND attnum = number) AS referred
FROM pg_constraint
JOIN pg_class AS child ON child.oid = conrelid
JOIN pg_class AS parent ON parent.oid = confrelid
WHERE contype = 'f' AND conparentid = 0 AND NOT child.relispartition
ORDER BY child.relname, conname;

-- ===== Erasing somebody

-- name: read_memberships_to_erase(persons, membership_id, erasure_id)
-- Read the memberships of some people, or one, that are not erased and no other erasure is of.
SELECT membership_id FROM memberships
WHERE (person_id = ANY (:persons::text[]) OR membership_id = :membership_id) AND erased_on IS NULL
  AND membership_id NOT IN (
      SELECT membership_id FROM erased_memberships WHERE erasure_id <> :erasure_id)
ORDER BY received_at, membership_id;

-- name: open_erasure(erasure_id, basis, requested_by, today)!
-- Note that an erasure was asked for; again: nothing.
INSERT INTO erasures (erasure_id, basis, requested_by, requested_on)
VALUES (:erasure_id, :basis, :requested_by, :today)
ON CONFLICT (erasure_id) DO NOTHING;

-- name: read_erasure(erasure_id)^
-- Read how far an erasure has come.
SELECT erasure_id, basis, requested_by, requested_on, erased_on, counts::text AS counts, kept_until,
       keys_destroyed, runs_deleted, certificate, signature, key_id, certified_on
FROM erasures WHERE erasure_id = :erasure_id;

-- name: add_to_erasure(erasure_id, memberships)!
-- Note what an erasure is of; a membership that another one is of stays with that.
INSERT INTO erased_memberships (membership_id, erasure_id)
SELECT membership_id, :erasure_id FROM unnest(:memberships::text[]) AS its (membership_id)
ON CONFLICT (membership_id) DO NOTHING;

-- name: memberships_of_erasure(erasure_id)
-- Read what an erasure is of.
SELECT membership_id FROM erased_memberships WHERE erasure_id = :erasure_id ORDER BY membership_id;

-- name: find_obstacles(memberships, today)
-- Find what keeps memberships from being erased on a day.
SELECT membership_id, obstacle, until_on
FROM erasure_obstacles(:memberships::text[], :today)
ORDER BY membership_id, obstacle;

-- name: read_hold(membership_id)^
-- Read the hold that counts of a membership.
SELECT membership_id, reason, decided_on, until_on FROM erasure_holds
WHERE membership_id = :membership_id ORDER BY hold_id DESC LIMIT 1;

-- name: people_to_erase(memberships)$
-- Return the people who go with memberships.
SELECT people_to_erase(:memberships::text[]);

-- name: kept_until(memberships, years)$
-- Return the last day for which the accounts need memberships.
SELECT make_date(extract(year FROM last_booked_on(:memberships::text[]))::integer + :years, 12, 31);

-- name: erase(erasure_id, today)$
-- Erase what an erasure is of, and return how many rows by table.
SELECT erase_memberships(:erasure_id, :today)::text;

-- name: hold_erasure(membership_id, until_on, reason, decided_by, today)!
-- Keep a membership from being erased before a day.
INSERT INTO erasure_holds (membership_id, until_on, reason, decided_by, decided_on)
VALUES (:membership_id, :until_on, :reason, :decided_by, :today);

-- name: may_be_held(membership_id)$
-- Tell whether there is such a membership, and it is not erased.
SELECT EXISTS (SELECT FROM memberships WHERE membership_id = :membership_id AND erased_on IS NULL);

-- name: note_deleted_runs(erasure_id, runs)!
-- Note how many runs were deleted; again: those of before count.
UPDATE erasures SET runs_deleted = coalesce(runs_deleted, 0) + :runs WHERE erasure_id = :erasure_id;

-- name: note_destroyed_keys(erasure_id, keys)!
-- Note how many keys were destroyed; again: those of before count.
UPDATE erasures SET keys_destroyed = coalesce(keys_destroyed, 0) + :keys
WHERE erasure_id = :erasure_id;

-- name: keep_certificate(erasure_id, certificate, signature, key_id, today)!
-- Keep the certificate of an erasure, once.
UPDATE erasures
SET (certificate, signature, key_id, certified_on) = (:certificate, :signature, :key_id, :today)
WHERE erasure_id = :erasure_id AND certificate IS NULL;

-- name: read_tombstone(membership_id)^
-- Read by which erasure a membership is nobody's, and what is left of it.
SELECT membership_id, stage, outcome, memberships.erased_on, erasures.erasure_id,
       kept_until, certified_on
FROM memberships JOIN erased_memberships USING (membership_id) JOIN erasures USING (erasure_id)
WHERE membership_id = :membership_id AND memberships.erased_on IS NOT NULL;

-- name: find_due_erasures(rejected_until, ended_before, after, most)
-- Find the memberships and applications that have been kept for as long as they may be, by their ids.
SELECT membership_id FROM memberships
LEFT JOIN LATERAL (
    SELECT decided_on FROM decisions
    WHERE decisions.membership_id = memberships.membership_id ORDER BY number DESC LIMIT 1
) AS latest ON true
WHERE stage = 'ended' AND erased_on IS NULL AND membership_id > :after
  AND CASE WHEN member_number IS NULL THEN coalesce(decided_on, received_on) <= :rejected_until
           ELSE coalesce(decided_on, received_on) < :ended_before END
  AND membership_id NOT IN (SELECT membership_id FROM erased_memberships)
ORDER BY membership_id
LIMIT :most;

-- name: find_unended_erasures(before_day, most)
-- Find the erasures of which all rows went before a day, and that have no certificate.
SELECT erasure_id FROM erasures WHERE erased_on < :before_day AND certificate IS NULL
ORDER BY erasure_id LIMIT :most;

-- name: forget_accesses(before_day)$
-- Forget who looked at what before a day; return of how many looks.
SELECT forget_accesses(:before_day);

-- name: forget_office_files(before_day)!
-- Forget what stood in files for the insurance office that the accounts need no more.
UPDATE insurance_files SET content = NULL WHERE content IS NOT NULL AND made_on < :before_day;

-- name: order_partner_letters(erasure_id, today)$
-- Order the letters to the insurance office, and to each branch, that was told of a member; how many.
WITH told AS (
    SELECT DISTINCT membership_id, 'insurance_office' AS audience, NULL::text AS branch
    FROM erased_memberships JOIN disclosures USING (membership_id)
    WHERE erasure_id = :erasure_id AND disclosures.audience = 'insurance_office'
    UNION
    SELECT DISTINCT membership_id, 'branch', letters.figures ->> 'branch'
    FROM erased_memberships JOIN memberships USING (membership_id) JOIN letters USING (membership_id)
    -- Of a hidden member a branch hears nothing at all, also not this (S33).
    WHERE erasure_id = :erasure_id AND NOT (hidden OR hiding) AND letters.audience = 'branch'
      AND status = 'sent' AND letters.figures ? 'branch'
), ordered AS (
    INSERT INTO letters
        (membership_id, key, template, audience, figures, status, message_id, batch, ordered_on)
    SELECT membership_id, its.key,
           CASE audience WHEN 'branch' THEN 'branch_erased' ELSE 'insurance_erased' END, audience,
           CASE audience WHEN 'branch' THEN jsonb_build_object('branch', branch) ELSE '{}' END,
           'pending', letter_message_id(membership_id, its.key), :erasure_id, :today
    FROM told, LATERAL (SELECT 'erased-' || coalesce(branch, 'insurance') AS key) AS its
    ON CONFLICT (membership_id, key) DO NOTHING
    RETURNING 1
)
SELECT count(*) FROM ordered;

-- name: list_files(erasure_id)
-- Read by what names files in employers' folders hold somebody: of lists, prices and payroll notices.
SELECT DISTINCT list_number AS stem
FROM erased_memberships JOIN deduction_lines USING (membership_id)
WHERE erasure_id = :erasure_id
UNION
SELECT DISTINCT 'lonnstrekk-' || left(message_id, 16)
FROM erased_memberships JOIN letters USING (membership_id)
WHERE erasure_id = :erasure_id AND audience = 'employer' AND message_id IS NOT NULL;
