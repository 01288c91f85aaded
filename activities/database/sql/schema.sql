-- What every table stands on. Dates and times come from callers: nothing here reads a clock.

CREATE EXTENSION btree_gist;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A partition is refused in the name of the whole.
    RAISE EXCEPTION '% is append-only: % is refused',
        coalesce(pg_partition_root(TG_RELID), TG_RELID), TG_OP
        USING ERRCODE = 'restrict_violation',
              CONSTRAINT = coalesce(pg_partition_root(TG_RELID), TG_RELID) || '_append_only';
END $$;
COMMENT ON FUNCTION refuse_change() IS 'What has been written stays as it was written.';
