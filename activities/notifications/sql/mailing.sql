-- name: count_open(batch)$
-- Count the letters of a batch that are still to be sent.
SELECT count(*) FROM letters WHERE batch = :batch AND status IN ('pending', 'sending');

-- name: list_pages(batch, page_size, most)
-- Split what is still to be sent of a batch into pages, each known by its last letter.
SELECT membership_id, key
FROM (
    SELECT membership_id, key, row_number() OVER all_letters AS place,
           count(*) OVER () AS letters
    FROM letters
    WHERE batch = :batch AND status IN ('pending', 'sending')
    WINDOW all_letters AS (ORDER BY membership_id, key)
) AS numbered
WHERE place % :page_size::bigint = 0 OR place = letters
ORDER BY membership_id, key
LIMIT :most;

-- name: list_page(batch, after_id, after_key, upto_id, upto_key)
-- List the letters of a page that are still to be sent.
SELECT membership_id, key FROM letters
WHERE batch = :batch AND status IN ('pending', 'sending')
  AND (membership_id, key) > (:after_id, :after_key)
  AND (membership_id, key) <= (:upto_id, :upto_key)
ORDER BY membership_id, key;

-- name: count_closed(batch, after_id, after_key, upto_id, upto_key, signature)
-- Count what an order has closed of a page, over all its attempts.
SELECT status, count(*) AS letters FROM letters
WHERE (membership_id, key) > (:after_id, :after_key)
  AND (membership_id, key) <= (:upto_id, :upto_key)
  AND batch = :batch AND status IN ('sent', 'suppressed', 'bounced', 'unanswered')
  AND starts_with(note, :signature::text)
GROUP BY status;
