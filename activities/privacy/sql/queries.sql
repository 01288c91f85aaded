-- ===== What is held on a person

-- name: read_whole_person(wanted)
-- Read a person's id, by it or by that of a membership, and the ids of whoever was merged into them.
WITH RECURSIVE one AS (
    SELECT present_person(person_id) AS person_id FROM people WHERE person_id = :wanted
    UNION
    SELECT present_person(person_id) FROM memberships WHERE membership_id = :wanted
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
