-- ===== Events

-- name: number_events(most)$
-- Give what has been committed its numbers.
SELECT number_events(:most);

-- name: list_events(after, since, types, cleared, until, most)
-- List events in order, for who is cleared for hidden members or is not: the one gate. It asks how a
-- member stands now, whenever the event was written.
SELECT number, event_id, membership_id, type, key, happened_on
FROM events JOIN memberships USING (membership_id)
WHERE number > :after AND happened_on >= coalesce(:since, '-infinity'::date)
  AND type = ANY (coalesce(:types, ARRAY[type]))
  AND (:cleared OR NOT (hidden OR hiding OR type IN ('hiding_prepared', 'hidden_changed')))
  AND number <= :until
ORDER BY number
LIMIT :most;

-- name: last_number()$
-- Read the number of the last event there is.
SELECT coalesce(max(number), 0) FROM events;
