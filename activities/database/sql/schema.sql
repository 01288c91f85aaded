-- What every table stands on. Dates and times come from callers: nothing here reads a clock.

CREATE EXTENSION btree_gist;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_TABLE_NAME || '_append_only';
END $$;
COMMENT ON FUNCTION refuse_change() IS 'What has been written stays as it was written.';
