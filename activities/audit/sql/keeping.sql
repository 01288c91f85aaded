-- name: keep_findings(run, today, check_name, subjects, memberships, abouts, says, mended, holds)!
-- Keep what was found; hold the members, and ask the caseworkers, unless it is mended.
WITH finding AS MATERIALIZED (
    SELECT subject, memberships.membership_id, about, given.says
    FROM unnest(:subjects::text[], :memberships::text[], :abouts::date[], :says::text[])
             AS given (subject, membership_id, about, says)
    LEFT JOIN memberships USING (membership_id)
), kept AS (
    INSERT INTO audit_findings
        (run, check_name, subject, found_on, membership_id, says, mended)
    SELECT :run, :check_name, subject, :today, membership_id, says, :mended FROM finding
    ON CONFLICT (run, check_name, subject) DO NOTHING
), held AS (
    INSERT INTO holds (membership_id, check_name, reason, held_on, about)
    SELECT membership_id, :check_name, min(says), :today, min(about) FROM finding
    WHERE membership_id IS NOT NULL AND :holds AND NOT :mended
    GROUP BY membership_id
    ORDER BY membership_id
    ON CONFLICT (membership_id, check_name) DO UPDATE
    SET reason = excluded.reason, about = least(holds.about, excluded.about)
    WHERE (holds.reason, holds.about)
          IS DISTINCT FROM (excluded.reason, least(holds.about, excluded.about))
)
INSERT INTO tasks (key, kind, says, membership_id, opened_on)
SELECT 'audit/' || :check_name || '/' || subject, 'audit', 'Audit: ' || says || '.', membership_id,
       :today
FROM finding WHERE NOT :mended
ON CONFLICT (key) DO UPDATE
-- What was over, or was taken for it, has come again.
SET closed_on = NULL, closed_by = NULL, note = NULL, opened_on = excluded.opened_on,
    says = excluded.says
WHERE tasks.closed_on IS NOT NULL;

-- name: release(run, checks)$
-- Release whom nothing of some checks holds any more; the next dues run compares them.
WITH over AS (
    DELETE FROM holds
    -- Not by joins: the planner knows nothing yet of what this audit has written.
    WHERE check_name = ANY (:checks::text[]) AND (membership_id, check_name) NOT IN (
        SELECT membership_id, check_name FROM audit_findings
        WHERE run = :run AND membership_id IS NOT NULL AND NOT mended)
    RETURNING membership_id, check_name
), released AS (
    SELECT DISTINCT membership_id FROM over
    WHERE membership_id NOT IN (
        SELECT membership_id FROM holds
        WHERE (membership_id, check_name) NOT IN (SELECT membership_id, check_name FROM over))
), marked AS (
    -- What they were spared meanwhile comes as a correction.
    INSERT INTO reassessments (membership_id)
    SELECT membership_id FROM released ORDER BY membership_id
    ON CONFLICT (membership_id) DO UPDATE SET revision = reassessments.revision + 1
)
SELECT count(*) FROM released;

-- name: close_tasks(run, checks, since, today)!
-- Close the tasks of some checks that were not found again, of a time that was looked at.
UPDATE tasks SET closed_on = :today, closed_by = 'audit', note = 'it is not found any more'
WHERE tasks.kind = 'audit' AND tasks.closed_on IS NULL
  AND split_part(tasks.key, '/', 2) = ANY (:checks::text[])
  AND (split_part(tasks.key, '/', 2) <> 'entry_of_money' OR tasks.opened_on >= :since)
  AND tasks.key NOT IN (
    SELECT 'audit/' || check_name || '/' || subject FROM audit_findings
    WHERE run = :run AND NOT mended);
