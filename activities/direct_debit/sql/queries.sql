-- ===== Mandates

-- name: write_mandate_reports!
-- Write down what a file tells of mandates, as it stands there.
INSERT INTO mandate_reports
    (file_id, position, place, payer, kid, told, wants_notice, reported_on, taken_on, aside)
SELECT :file_id, position, place, payer, kid, told, wants_notice, :reported_on, :today, aside
FROM unnest(:positions::integer[], :places::text[], :payers::text[], :kids::text[],
            :told::text[], :notices::boolean[], :asides::text[])
    AS one (position, place, payer, kid, told, wants_notice, aside)
ON CONFLICT (file_id, position) DO NOTHING;

-- name: find_payers(payers)
-- Find the members that the fixed parts of KIDs name.
SELECT payer, membership_id
FROM unnest(:payers::text[]) AS one (payer)
JOIN memberships ON member_number = substr(payer, 2, 8)::char(8);

-- name: find_kids_of_others(kids)
-- Find which KIDs another system gave to invoices that were carried over (L11).
SELECT kid FROM invoices WHERE kid = ANY (:kids::text[]);

-- name: list_mandates_taken!
-- Note that a file lists all mandates there are.
INSERT INTO mandate_lists (file_id, reported_on) VALUES (:file_id, :reported_on)
ON CONFLICT (file_id) DO NOTHING;

-- name: take_mandates^
-- Have the latest of each payer hold, unless something newer is known; count what has changed.
WITH told AS (
    SELECT one.*
    FROM unnest(:payers::text[], :members::text[], :kids::text[], :notices::boolean[],
                :stands::boolean[]) AS one (payer, membership_id, kid, wants_notice, stands)
    WHERE NOT EXISTS (SELECT FROM mandate_lists WHERE reported_on > :reported_on)
), before AS MATERIALIZED (
    SELECT payer, ended_on IS NULL AS stood FROM mandates
    WHERE payer IN (SELECT payer FROM told)
), taken AS (
    INSERT INTO mandates (payer, membership_id, kid, wants_notice, since, ended_on, reported_on)
    SELECT payer, membership_id, kid, wants_notice, :today::date,
           CASE WHEN NOT stands THEN :today::date END, :reported_on
    FROM told
    ORDER BY payer
    ON CONFLICT (payer) DO UPDATE
    SET membership_id = excluded.membership_id, kid = excluded.kid,
        wants_notice = excluded.wants_notice, reported_on = excluded.reported_on,
        since = CASE WHEN mandates.ended_on IS NOT NULL AND excluded.ended_on IS NULL
                     THEN excluded.since ELSE mandates.since END,
        ended_on = CASE WHEN excluded.ended_on IS NOT NULL
                        THEN coalesce(mandates.ended_on, excluded.ended_on) END
    WHERE mandates.reported_on <= excluded.reported_on
    RETURNING payer, ended_on IS NULL AS stands
)
SELECT count(*) FILTER (WHERE taken.stands AND stood IS NOT TRUE) AS begun,
       count(*) FILTER (WHERE NOT taken.stands AND stood) AS ended
FROM taken LEFT JOIN before USING (payer);

-- name: end_unlisted$
-- End the mandates that a list of all there are leaves out; count them.
WITH ended AS (
    UPDATE mandates SET ended_on = :today, reported_on = :reported_on
    WHERE ended_on IS NULL AND reported_on <= :reported_on AND payer <> ALL (:listed::text[])
      AND NOT EXISTS (SELECT FROM mandate_lists WHERE reported_on > :reported_on)
    RETURNING payer
)
SELECT count(*) FROM ended;

-- name: list_mandates(membership_id, most)
-- List the mandates there are, or those of one membership with what has ended.
SELECT payer, membership_id, kid, wants_notice, since, ended_on
FROM mandates
WHERE CASE WHEN :membership_id::text IS NULL THEN ended_on IS NULL
           ELSE membership_id = :membership_id END
ORDER BY payer
LIMIT :most;
