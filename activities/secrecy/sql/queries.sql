-- name: read_key(key_id)^
-- Read a key by what stands beside a cipher text.
SELECT key_id, owner, generation, wrapped, master, created_at FROM keys.data_keys
WHERE key_id = :key_id;

-- name: newest_key(owner)^
-- Read the key that encrypts for an owner.
SELECT key_id, owner, generation, wrapped, master, created_at FROM keys.data_keys
WHERE owner = :owner
ORDER BY generation DESC LIMIT 1;

-- name: add_key(key_id, owner, generation, wrapped, master, at)^
-- Keep a new key and return it, unless another process was faster.
INSERT INTO keys.data_keys (key_id, owner, generation, wrapped, master, created_at)
VALUES (:key_id, :owner, :generation, :wrapped, :master, :at)
ON CONFLICT (owner, generation) DO NOTHING
RETURNING key_id, owner, generation, wrapped, master, created_at;

-- name: destroy_keys(owner, at)$
-- Destroy all keys of an owner; how many there were.
WITH destroyed AS (
    UPDATE keys.data_keys SET wrapped = NULL, destroyed_at = :at
    WHERE owner = :owner AND wrapped IS NOT NULL
    RETURNING key_id
)
SELECT count(*) FROM destroyed;

-- name: count_by_master()
-- Count the keys that each master key wraps.
SELECT master, count(*) AS keys FROM keys.data_keys WHERE wrapped IS NOT NULL
GROUP BY master ORDER BY master;

-- name: wrapped_otherwise(master, after, size)
-- List some keys that another master key wraps, from an id on.
SELECT key_id, wrapped, master FROM keys.data_keys
WHERE wrapped IS NOT NULL AND master <> :master AND key_id > :after
ORDER BY key_id LIMIT :size;

-- name: rewrap_key(key_id, before, wrapped, master)!
-- Put the same key under another master key, unless it was destroyed or rewrapped meanwhile.
UPDATE keys.data_keys SET wrapped = :wrapped, master = :master
WHERE key_id = :key_id AND wrapped = :before;

-- name: note_runs!
-- Note runs to be deleted once another has gone on.
INSERT INTO runs_to_delete (workflow_id, run_id, noted_on)
SELECT :workflow_id, run_id, :today FROM unnest(:run_ids::text[]) AS held (run_id)
ON CONFLICT DO NOTHING;

-- name: leave_runs!
-- Leave those that have not been left often enough once more.
UPDATE runs_to_delete SET looks = looks + 1 WHERE looks <= :looks;

-- name: find_runs(looks, before, after_workflow, after_run, most)
-- Find runs that nobody waits for any more, from where the last page ended.
SELECT workflow_id, run_id FROM runs_to_delete
WHERE (looks > :looks OR noted_on < :before) AND (workflow_id, run_id) > (:after_workflow, :after_run)
ORDER BY workflow_id, run_id
LIMIT :most;

-- name: forget_runs!
-- Take off the runs that are gone.
DELETE FROM runs_to_delete
WHERE (workflow_id, run_id) IN (
    SELECT workflow_id, run_id
    FROM unnest(:workflow_ids::text[], :run_ids::text[]) AS gone (workflow_id, run_id));
