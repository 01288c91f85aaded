-- ===== Tasks and files

-- name: open_task(key, kind, says, membership_id, opened_on)$
-- Open a task, unless there is one for the same matter; what was over and has come again is open
-- again. Return whether it is new.
WITH opened AS (
    INSERT INTO tasks (key, kind, says, membership_id, opened_on)
    VALUES (:key, :kind, :says, :membership_id, :opened_on)
    ON CONFLICT (key) DO UPDATE
    SET (says, opened_on, announced_on, closed_on, closed_by, note, settled)
      = (excluded.says, excluded.opened_on, NULL, NULL, NULL, NULL, false)
    WHERE tasks.settled
    RETURNING 1
)
SELECT EXISTS (SELECT FROM opened);

-- name: list_tasks(kind, after, most)
-- List open tasks, the oldest first: of one kind or of all, those behind a task.
SELECT task_id, key, kind, says, membership_id, opened_on FROM tasks
WHERE closed_on IS NULL AND kind = coalesce(:kind, kind)
  AND (opened_on, task_id) > (
    coalesce((SELECT opened_on FROM tasks WHERE task_id = :after), '-infinity'),
    coalesce(:after, 0))
ORDER BY opened_on, task_id
LIMIT :most;

-- name: count_tasks
-- Count the open tasks by their kind, the most first.
SELECT kind, count(*) AS open FROM tasks
WHERE closed_on IS NULL
GROUP BY kind
ORDER BY open DESC, kind;

-- name: read_whose_task(task_id)$
-- Tell whom a task is about; NULL: nobody in particular.
SELECT membership_id FROM tasks WHERE task_id = :task_id;

-- name: close_task(task_id, closed_on, closed_by, note)$
-- Close a task, unless it is closed already; return whether it was open.
WITH closed AS (
    UPDATE tasks SET closed_on = :closed_on, closed_by = :closed_by, note = :note
    WHERE task_id = :task_id AND closed_on IS NULL
    RETURNING 1
)
SELECT EXISTS (SELECT FROM closed);

-- name: close_task_of(key, closed_on, closed_by, note)!
-- Close the task of a matter that is over; one that somebody closed before keeps their word.
UPDATE tasks
SET closed_on = coalesce(closed_on, :closed_on), closed_by = coalesce(closed_by, :closed_by),
    note = CASE WHEN closed_on IS NULL THEN :note ELSE note END, settled = true
WHERE key = :key AND NOT settled;

-- name: keep_file(file_id, kind, name, content, received_on)!
-- Keep a file; the same content is the same file, and is there again if it was forgotten.
INSERT INTO inbound_files (file_id, kind, name, content, received_on)
VALUES (:file_id, :kind, :name, :content, :received_on)
ON CONFLICT (file_id) DO UPDATE SET content = excluded.content
WHERE inbound_files.content IS NULL;

-- name: read_file(file_id)^
-- Read a file, and what became of it if that is decided.
SELECT kind, name, coalesce(content, '') AS content, received_on, outcome, report
FROM inbound_files LEFT JOIN file_outcomes USING (file_id)
WHERE file_id = :file_id;

-- name: decide_file(file_id, outcome, report, decided_on)!
-- Note what became of a file.
INSERT INTO file_outcomes (file_id, outcome, report, decided_on)
VALUES (:file_id, :outcome, :report, :decided_on);

-- ===== The rulebook

-- name: read_revision$
-- Tell which revision of the rulebook is in force.
SELECT revision FROM rulebook_revision;

-- name: read_rulebook^
-- Read the whole rulebook with its revision, in one statement and so from one moment.
SELECT
    (SELECT revision FROM rulebook_revision) AS revision,
    (SELECT jsonb_agg(jsonb_build_object(
        'valid_from', valid_from, 'full_central_ore', full_central_ore,
        'half_percent', half_percent::text, 'quarter_percent', quarter_percent::text,
        'student_percent', student_percent::text,
        'pensioner_percent', pensioner_percent::text,
        'half_at_most_percent', half_at_most_percent::text) ORDER BY valid_from)
     FROM dues_rates) AS dues,
    (SELECT jsonb_agg(to_jsonb(premium_rates) ORDER BY valid_from)
     FROM premium_rates) AS premiums,
    (SELECT jsonb_agg(to_jsonb(coverages) ORDER BY valid_from, name)
     FROM coverages) AS coverages,
    (SELECT jsonb_agg(jsonb_build_object('code', code, 'name', name, 'rates', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'valid_from', valid_from, 'local_ore', local_ore, 'halves', halves)
            ORDER BY valid_from), '[]')
        FROM branch_dues WHERE branch_dues.code = branches.code)) ORDER BY code)
     FROM branches) AS branches,
    (SELECT jsonb_agg(to_jsonb(benefits) ORDER BY valid_from, category)
     FROM benefits) AS benefits,
    (SELECT jsonb_agg(jsonb_build_object(
        'name', name, 'valid_from', valid_from, 'value', value) ORDER BY valid_from, name)
     FROM policies) AS policies,
    (SELECT jsonb_agg(to_jsonb(charged_years) ORDER BY year_from)
     FROM charged_years) AS charged_years;

-- ===== Pages of members

-- name: last_member()$
-- Read the highest member number there is, as a number.
SELECT coalesce(max(member_number), '0')::bigint FROM memberships;

-- name: find_member(member_number)$
-- Find the membership of a member number.
SELECT membership_id FROM memberships WHERE member_number = :member_number;

-- name: hold_rulebook()$
-- Keep the rulebook as it is until the transaction ends, and return its revision.
SELECT revision FROM rulebook_revision FOR SHARE;

-- name: find_rates(codes)
-- Find which of some rates are known.
SELECT code FROM rates WHERE code = ANY(:codes::text[]);

-- name: read_amounts
-- Read what all rates come to, each amount with its first month.
SELECT code, valid_from, amount_ore FROM rate_amounts ORDER BY code, valid_from;

-- name: put_rates(codes, amounts)!
-- Keep rates with what they come to, in place of what they came to before.
WITH wanted AS (
    SELECT code, valid_from, amount_ore
    FROM jsonb_to_recordset(:amounts) AS amount(code text, valid_from date, amount_ore bigint)
), known AS (
    INSERT INTO rates (code) SELECT unnest(:codes::text[]) ON CONFLICT DO NOTHING
), gone AS (
    DELETE FROM rate_amounts
    WHERE code = ANY(:codes::text[])
      AND (code, valid_from) NOT IN (SELECT code, valid_from FROM wanted)
)
INSERT INTO rate_amounts (code, valid_from, amount_ore)
SELECT code, valid_from, amount_ore FROM wanted
ON CONFLICT (code, valid_from) DO UPDATE SET amount_ore = excluded.amount_ore;

-- ===== Runs

-- name: begin_run(workflow_id, workflow_type, begun_on)!
-- Note that a run has been begun, or has been begun again.
INSERT INTO begun_runs (workflow_id, workflow_type, begun_on)
VALUES (:workflow_id, :workflow_type, :begun_on)
ON CONFLICT (workflow_id) DO UPDATE SET (begun_on, ended) = (excluded.begun_on, false);

-- name: end_run(workflow_id)!
-- Note that a run has done all of it.
UPDATE begun_runs SET ended = true WHERE workflow_id = :workflow_id AND NOT ended;
