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

-- name: hold_standing(membership_ids)$
-- Let nobody hide before the transaction ends; tell whether one of them has done so by now.
SELECT coalesce(bool_or(hidden OR hiding), false)
FROM (SELECT hidden, hiding FROM memberships WHERE membership_id = ANY (:membership_ids::text[])
      ORDER BY membership_id FOR SHARE) AS held;

-- name: last_number()$
-- Read the number of the last event there is.
SELECT coalesce(max(number), 0) FROM events;

-- ===== Consumers

-- name: add_consumer(consumer, url, types, batch_size, secret, delivered_to, at)$
-- Add a consumer, unless there is one of that name; return whether it is new.
WITH added AS (
    INSERT INTO consumers (consumer, url, types, batch_size, secret, delivered_to, caught_up_at)
    VALUES (:consumer, :url, :types, :batch_size, :secret, :delivered_to, :at)
    ON CONFLICT (consumer) DO NOTHING
    RETURNING 1
)
SELECT EXISTS (SELECT FROM added);

-- name: note_consumer_change(consumer, change, at, by, says)!
-- Note who has changed what.
INSERT INTO consumer_changes (consumer, change, changed_at, changed_by, says)
VALUES (:consumer, :change, :at, :by, :says);

-- name: read_consumer(consumer)^
-- Read a consumer; nobody changes it until the transaction ends.
SELECT consumer, url, types, batch_size, secret, former_secret, delivered_to, caught_up_at,
       clearance_asked_by, clearance_asked_by_subject, cleared_by, paused_at, paused_by, paused_why
FROM consumers WHERE consumer = :consumer
FOR UPDATE;

-- name: list_consumers()
-- List all consumers, each with what is told to it and waits.
SELECT consumer, url, types, batch_size, secret, former_secret, delivered_to, caught_up_at,
       clearance_asked_by, clearance_asked_by_subject, cleared_by, paused_at, paused_by, paused_why,
       (SELECT count(*) FROM events JOIN memberships USING (membership_id)
        WHERE number > delivered_to
          AND (types IS NULL OR type = ANY (types) OR type = 'membership_erased')
          AND (cleared_by IS NOT NULL
               OR NOT (hidden OR hiding OR type IN ('hiding_prepared', 'hidden_changed')))
       ) AS waiting
FROM consumers ORDER BY consumer;

-- name: change_consumer(consumer, url, types, batch_size, secret, former_secret)!
-- Change what a consumer is.
UPDATE consumers
SET url = :url, types = :types, batch_size = :batch_size, secret = :secret,
    former_secret = :former_secret
WHERE consumer = :consumer;

-- name: ask_clearance(consumer, by, subject)!
-- Note who asks that a consumer be told of hidden members; NULL: nobody does any more.
UPDATE consumers
SET clearance_asked_by = :by, clearance_asked_by_subject = :subject, cleared_by = NULL,
    cleared_by_subject = NULL
WHERE consumer = :consumer;

-- name: clear_consumer(consumer, by, subject)!
-- Have a consumer told of hidden members, too.
UPDATE consumers SET cleared_by = :by, cleared_by_subject = :subject WHERE consumer = :consumer;

-- name: is_asker(consumer, by, subject)$
-- Tell whether who would clear a consumer has asked for it.
SELECT same_hands(:by, :subject, clearance_asked_by, clearance_asked_by_subject)
FROM consumers WHERE consumer = :consumer;

-- name: pause_consumer(consumer, at, by, why)$
-- Post nothing more to a consumer; return whether that is new.
WITH paused AS (
    UPDATE consumers SET paused_at = :at, paused_by = :by, paused_why = :why
    WHERE consumer = :consumer AND paused_at IS NULL
    RETURNING 1
)
SELECT EXISTS (SELECT FROM paused);

-- name: resume_consumer(consumer)$
-- Post to a consumer again, from where it stands; return whether it was paused.
WITH resumed AS (
    UPDATE consumers SET paused_at = NULL, paused_by = NULL, paused_why = NULL
    WHERE consumer = :consumer AND paused_at IS NOT NULL
    RETURNING 1
)
SELECT EXISTS (SELECT FROM resumed);

-- name: replay_consumer(consumer, delivered_to)!
-- Put a consumer back, or ahead, to another number.
UPDATE consumers SET delivered_to = :delivered_to WHERE consumer = :consumer;

-- name: take_turn(consumer)$
-- Take the one place there is to deliver to a consumer, until the transaction ends.
SELECT pg_try_advisory_xact_lock(hashtext('medlemsflyt.consumer'), hashtext(:consumer));

-- name: read_destination(consumer)^
-- Read where a consumer's events go, and from which number on.
SELECT url, types, batch_size, secret, former_secret, delivered_to,
       cleared_by IS NOT NULL AS cleared, paused_at IS NOT NULL AS paused
FROM consumers WHERE consumer = :consumer;

-- name: move_consumer(consumer, before, delivered_to, caught_up_at)!
-- Note how far a consumer has come, unless somebody has put it elsewhere meanwhile.
UPDATE consumers
SET delivered_to = :delivered_to, caught_up_at = coalesce(:caught_up_at, caught_up_at)
WHERE consumer = :consumer AND delivered_to = :before;
