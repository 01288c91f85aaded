-- Who works in the database: one role each, none of them a superuser. They belong to the whole
-- server, so its administrator runs this, once; again it does nothing. No role has a password
-- until the administrator gives it one, and without one nobody enters as it over the network.

DO $$
DECLARE named text;
BEGIN
    FOREACH named IN ARRAY ARRAY[
        'medlemsflyt_owner', 'medlemsflyt_persistence', 'medlemsflyt_notifications',
        'medlemsflyt_operator', 'medlemsflyt_reader', 'medlemsflyt_keys',
        'medlemsflyt_gateway'
    ] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = named) THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION'
                           ' NOBYPASSRLS', named);
        END IF;
    END LOOP;
END $$;
