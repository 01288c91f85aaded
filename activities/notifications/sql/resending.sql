-- name: find_letter(message_id, membership_id, key)^
-- Find a letter by its opaque id, or by membership and key, and lock it.
SELECT membership_id, key, message_id, status, template FROM letters
WHERE message_id = :message_id OR (membership_id, key) = (:membership_id, :key)
FOR UPDATE;

-- name: is_under_way(membership_id, key)$
-- Tell whether a letter is being sent again already.
SELECT EXISTS (
    SELECT FROM letter_resends JOIN letters USING (membership_id, key)
    WHERE letter_resends.membership_id = :membership_id AND letter_resends.of_key = :key
      AND letters.status IN ('pending', 'sending', 'held'));

-- name: list_held(employer_orgnr, note)
-- List an employer's letters that are held back for one reason, as they were ordered.
SELECT message_id FROM letters
WHERE employer_orgnr = :employer_orgnr AND status = 'held' AND note = :note
ORDER BY membership_id, decision, place, key;

-- name: close_held(membership_id, key)!
-- Close a letter that was held back: its copy goes out in its place.
UPDATE letters SET status = 'suppressed', note = 'ordered again'
WHERE membership_id = :membership_id AND key = :key;

-- name: copy_letter(membership_id, key, batch, ordered_on)^
-- Order a letter once more: the same reader, template and figures, a Message-ID of its own.
INSERT INTO letters
    (membership_id, key, template, audience, figures, status, message_id, batch, ordered_on,
     forwarded, employer_orgnr, employer_name, reference)
SELECT membership_id, copy.key, template, audience, figures, 'pending',
       letter_message_id(membership_id, copy.key), :batch, :ordered_on, forwarded, employer_orgnr,
       employer_name, coalesce(reference, message_id)
FROM letters, LATERAL (
    SELECT letters.key || '-again-' || 1 + count(*) AS key FROM letter_resends
    WHERE letter_resends.membership_id = letters.membership_id
      AND letter_resends.of_key = letters.key) AS copy
WHERE letters.membership_id = :membership_id AND letters.key = :key
RETURNING key, message_id;

-- name: log_resend(membership_id, key, of_key, requested_by, requested_at)!
-- Log who had a letter sent again.
INSERT INTO letter_resends (membership_id, key, of_key, requested_by, requested_at)
VALUES (:membership_id, :key, :of_key, :requested_by, :requested_at);

-- name: close_tasks(membership_id, message_id, closed_on, closed_by)!
-- Close the tasks about a letter that somebody has seen to.
UPDATE tasks SET closed_on = :closed_on, closed_by = :closed_by, note = 'sent again'
WHERE membership_id = :membership_id AND closed_on IS NULL
  AND (starts_with(key, 'letter/' || :message_id::text)
       OR key = 'audit/letter_lost/' || :message_id::text);

-- name: reset_list(list_number)^
-- Let a list that was not answered, or not taken, go out again; return its month.
WITH reset AS (
    DELETE FROM list_hand_overs WHERE list_number = :list_number RETURNING list_number
)
SELECT to_char(period_from, 'YYYY-MM') AS period, EXISTS (SELECT FROM reset) AS waited,
       EXISTS (SELECT FROM list_deliveries
               WHERE list_deliveries.list_number = deduction_lists.number) AS delivered
FROM deduction_lists WHERE number = :list_number;

-- name: find_returned(message_ids)
-- Find the letter that a report is about, and lock it; of a copy and its first one the copy.
SELECT membership_id, key, message_id, status, template, attempts FROM letters
WHERE message_id = ANY (:message_ids::text[])
ORDER BY array_position(:message_ids::text[], message_id)
FOR UPDATE;

-- name: mark_returned(membership_id, key, note)!
-- Note that a letter has come back after the mail server had taken it.
UPDATE letters SET status = 'bounced', note = :note
WHERE membership_id = :membership_id AND key = :key;

-- name: count_report(report_id, membership_id, key, outcome, read_on)$
-- Count a report of a mail server, once; return whether it is new.
WITH counted AS (
    INSERT INTO mail_reports (report_id, membership_id, key, outcome, read_on)
    VALUES (:report_id, :membership_id, :key, :outcome, :read_on)
    ON CONFLICT (report_id) DO NOTHING
    RETURNING 1
)
SELECT EXISTS (SELECT FROM counted);
