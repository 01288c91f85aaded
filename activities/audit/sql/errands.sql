-- name: read_waiting_batches(today)
-- Read which batches have letters that were ordered before today and wait to be sent.
SELECT batch, count(*) AS letters FROM letters
WHERE batch IS NOT NULL AND status IN ('pending', 'sending') AND ordered_on < :today
GROUP BY batch
ORDER BY batch;

-- name: read_waiting_letters(before, most)
-- Read which memberships have letters that a decision ordered long ago and that have not gone.
SELECT letters.membership_id, count(*) AS letters, count(*) OVER () AS memberships
FROM letters JOIN decisions
  ON decisions.membership_id = letters.membership_id AND decisions.number = letters.decision
WHERE letters.status IN ('pending', 'sending') AND decisions.decided_on < :before
GROUP BY letters.membership_id
ORDER BY letters.membership_id
LIMIT :most;

-- name: find_lost_letters(most)
-- Find letters that came back or were never answered, and that no task was ever about.
SELECT membership_id, key, message_id, status, count(*) OVER () AS lost
FROM letters
WHERE status IN ('bounced', 'unanswered') AND message_id IS NOT NULL
  AND NOT EXISTS (
    SELECT FROM tasks
    WHERE tasks.membership_id = letters.membership_id
      AND (starts_with(tasks.key, 'letter/' || letters.message_id)
           -- Somebody has closed what an audit asked.
           OR tasks.key = 'audit/letter_lost/' || letters.message_id
              AND tasks.closed_on IS NOT NULL))
  AND NOT EXISTS (
    SELECT FROM letter_resends
    WHERE letter_resends.membership_id = letters.membership_id
      AND letter_resends.of_key = letters.key)
ORDER BY membership_id, key
LIMIT :most;

-- name: find_untold(today, most)
-- Find payments of first invoices, booked before today, that no membership was told of.
SELECT 'payment_untold' AS name, reference AS subject, payment_reports.membership_id,
       NULL::date AS about,
       format('nobody told the membership of payment %s', reference) AS says,
       payments.file_id, count(*) OVER () AS drifted
FROM payment_reports
JOIN payments USING (reference)
JOIN file_outcomes USING (file_id)
WHERE told_on IS NULL AND payment_reports.decision IS NULL AND file_outcomes.decided_on < :today
ORDER BY reference
LIMIT :most;
