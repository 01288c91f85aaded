-- name: open_running#
-- Make room for the memberships that run, for as long as they are compared.
CREATE TEMP TABLE running (
    workflow_id text NOT NULL, stage text, category text
) ON COMMIT DROP;

-- name: index_running#
-- Let the planner know what there is.
ANALYZE running;

-- name: count_running()$
-- Count the memberships that run.
SELECT count(DISTINCT workflow_id) FROM running;

-- name: compare_running(most)
-- Find the memberships whose workflow and row differ, and how many they are.
SELECT coalesce(running.workflow_id, memberships.membership_id) AS workflow_id,
       count(*) OVER () AS differing
FROM running FULL JOIN memberships ON memberships.membership_id = running.workflow_id
WHERE (memberships.stage IS NULL OR memberships.stage <> 'ended' OR running.workflow_id IS NOT NULL)
  AND (running.workflow_id IS NULL
       OR (running.stage, running.category)
          IS DISTINCT FROM (memberships.stage, memberships.category))
ORDER BY 1
LIMIT :most;

-- name: choose_running(salt, size)
-- Choose a few to be asked all the same, others each time, and those that differed before.
(SELECT workflow_id FROM running ORDER BY md5(workflow_id || :salt) LIMIT :size)
UNION
SELECT membership_id FROM holds WHERE check_name LIKE 'workflow_%';

-- name: read_row(membership_id)^
-- Read how the database has a membership.
SELECT stage, category, coalesce((
    SELECT jsonb_agg(jsonb_build_object(
        'kind', kind, 'amount_ore', amount_ore, 'cadence', cadence, 'payer', payer,
        'valid_from', lower(valid), 'valid_to', upper(valid)))
    FROM terms WHERE terms.membership_id = memberships.membership_id AND superseded_by IS NULL
), '[]')::text AS terms
FROM memberships WHERE membership_id = :membership_id;
