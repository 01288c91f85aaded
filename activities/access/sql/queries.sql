-- ===== The access log

-- name: keep_entry(at, subject, name, roles, act, what, workflow_id, why, refused, hits)!
-- Keep that somebody asks for something, before they get it or are refused.
INSERT INTO access_log (at, subject, name, roles, act, what, workflow_id, why, refused, hits)
VALUES (:at, :subject, :name, :roles, :act, :what, :workflow_id, :why, :refused, :hits);

-- name: read_entries(workflow_id, subject, since, until, refused, before, most)
-- Read the log, the newest first: of a workflow, of somebody, of some days, below an entry.
SELECT entry_id, at, subject, name, roles, act, what, workflow_id, why, refused, hits
FROM access_log
WHERE workflow_id IS NOT DISTINCT FROM coalesce(:workflow_id, workflow_id)
  AND subject = coalesce(:subject, subject)
  AND at >= coalesce(:since, '-infinity'::timestamptz)
  AND at < coalesce(:until, 'infinity'::timestamptz)
  AND (refused IS NOT NULL OR NOT :refused)
  AND entry_id < coalesce(:before, 9223372036854775807)
ORDER BY entry_id DESC
LIMIT :most;

-- ===== Logins

-- name: end_login(session_id, ended_at)!
-- Have a session's cookie count no more.
INSERT INTO ended_logins (session_id, ended_at) VALUES (:session_id, :ended_at)
ON CONFLICT (session_id) DO NOTHING;

-- name: is_ended(session_id)$
-- Tell whether a session was logged out of.
SELECT EXISTS (SELECT FROM ended_logins WHERE session_id = :session_id);

-- ===== Whom a branch may see

-- name: read_seen(membership_id)^
-- Read the branch of a member, and whether they are hidden or about to be.
SELECT branch, hidden OR hiding AS hidden FROM memberships WHERE membership_id = :membership_id;
