-- name: open_task(key, kind, says, membership_id, opened_on)$
-- Open a task, unless there is one for the same matter; return whether it is new.
WITH opened AS (
    INSERT INTO tasks (key, kind, says, membership_id, opened_on)
    VALUES (:key, :kind, :says, :membership_id, :opened_on)
    ON CONFLICT (key) DO NOTHING
    RETURNING 1
)
SELECT EXISTS (SELECT FROM opened);

-- name: list_tasks
-- List the open tasks, the oldest first.
SELECT task_id, kind, says, membership_id, opened_on FROM tasks
WHERE closed_on IS NULL
ORDER BY opened_on, task_id;

-- name: close_task(task_id, closed_on, closed_by, note)$
-- Close a task, unless it is closed already; return whether it was open.
WITH closed AS (
    UPDATE tasks SET closed_on = :closed_on, closed_by = :closed_by, note = :note
    WHERE task_id = :task_id AND closed_on IS NULL
    RETURNING 1
)
SELECT EXISTS (SELECT FROM closed);

-- name: close_matter(key, closed_on, closed_by, note)!
-- Close the task of a matter that has settled itself.
UPDATE tasks SET closed_on = :closed_on, closed_by = :closed_by, note = :note
WHERE key = :key AND closed_on IS NULL;

-- name: keep_file(file_id, kind, name, content, received_on)!
-- Keep a file; the same content is the same file.
INSERT INTO inbound_files (file_id, kind, name, content, received_on)
VALUES (:file_id, :kind, :name, :content, :received_on)
ON CONFLICT (file_id) DO NOTHING;

-- name: read_file(file_id)^
-- Read a file, and what became of it if that is decided.
SELECT kind, name, content, received_on, outcome, report
FROM inbound_files LEFT JOIN file_outcomes USING (file_id)
WHERE file_id = :file_id;

-- name: decide_file(file_id, outcome, report, decided_on)!
-- Note what became of a file.
INSERT INTO file_outcomes (file_id, outcome, report, decided_on)
VALUES (:file_id, :outcome, :report, :decided_on);

-- name: list_lost_letters(membership_id)
-- List the letters that came back or were never answered, and were not sent again: of one
-- membership, or of all.
SELECT letters.message_id AS letter, letters.membership_id, letters.key, letters.status,
       coalesce(letters.ordered_on, decisions.decided_on) AS ordered_on,
       -- The note of a closed letter begins with the order that closed it.
       regexp_replace(coalesce(letters.note, ''), '^order [^ ]+: ', '') AS why
FROM letters
LEFT JOIN decisions ON decisions.membership_id = letters.membership_id
                   AND decisions.number = letters.decision
WHERE letters.status IN ('bounced', 'unanswered')
  AND letters.membership_id = coalesce(:membership_id, letters.membership_id)
  AND NOT EXISTS (
    SELECT FROM letter_resends
    WHERE letter_resends.membership_id = letters.membership_id
      AND letter_resends.of_key = letters.key)
ORDER BY ordered_on DESC, letters.membership_id, letters.key;
