-- What every table stands on. Dates and times come from callers: nothing here reads a clock.

CREATE EXTENSION btree_gist;

CREATE FUNCTION is_being_erased(relation oid) RETURNS boolean LANGUAGE sql STABLE
    RETURN coalesce(current_setting('medlemsflyt.erasing', true) = 'on', false)
           AND (SELECT relowner = current_user::regrole FROM pg_class WHERE oid = relation);
COMMENT ON FUNCTION is_being_erased(oid) IS
    'Whether the owner''s own erase_memberships is at work: nobody else is the owner (ADR 77).';

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_LEVEL = 'ROW' AND is_being_erased(TG_RELID) THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    -- A partition is refused in the name of the whole.
    RAISE EXCEPTION '% is append-only: % is refused',
        coalesce(pg_partition_root(TG_RELID), TG_RELID), TG_OP
        USING ERRCODE = 'restrict_violation',
              CONSTRAINT = coalesce(pg_partition_root(TG_RELID), TG_RELID) || '_append_only';
END $$;
COMMENT ON FUNCTION refuse_change() IS
    'What has been written stays as it was written; only whoever is erased goes.';
