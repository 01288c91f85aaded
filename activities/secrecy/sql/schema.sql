-- The keys of what stands in Temporal's histories, each wrapped by a master key that stands
-- elsewhere. A schema of its own: whoever decides and waits reads this and nothing else.

CREATE SCHEMA keys;

CREATE TABLE keys.data_keys (
    key_id text PRIMARY KEY CHECK (key_id ~ '^[0-9a-f]{32}$'),
    owner text NOT NULL CHECK (owner <> ''),
    generation integer NOT NULL CHECK (generation >= 1),
    wrapped bytea,
    master text NOT NULL,
    created_at timestamptz NOT NULL,
    destroyed_at timestamptz,
    UNIQUE (owner, generation),
    CONSTRAINT a_destroyed_key_is_gone CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);
COMMENT ON TABLE keys.data_keys IS
    'The keys that payloads are encrypted by; a destroyed one leaves its number behind.';
COMMENT ON COLUMN keys.data_keys.key_id IS 'Random; it stands in the metadata of each payload.';
COMMENT ON COLUMN keys.data_keys.owner IS
    'A membership''s workflow id, or which of our own keys it is: they are for everything else.';
COMMENT ON COLUMN keys.data_keys.generation IS
    'Counted for each owner: the newest encrypts, all that are left decrypt.';
COMMENT ON COLUMN keys.data_keys.master IS 'Which master key wraps it, in its provider''s words.';
CREATE INDEX data_keys_by_master ON keys.data_keys (master, key_id) WHERE wrapped IS NOT NULL;

-- Where something stands that somebody wrote, and is to go from.

CREATE TABLE runs_to_delete (
    workflow_id text NOT NULL,
    run_id text NOT NULL,
    noted_on date NOT NULL,
    looks integer NOT NULL DEFAULT 0,
    PRIMARY KEY (workflow_id, run_id)
);
COMMENT ON TABLE runs_to_delete IS
    'Runs of workflows whose histories hold what somebody wrote: deleted in Temporal once another '
    'run has gone on without it, and then here (ADR 75).';
COMMENT ON COLUMN runs_to_delete.looks IS
    'How often it has been left, so that whoever waits for the end of the run is told which goes on.';
