-- name: read_server()^
-- Ask what the server is, and which of its promises to keep what it has answered are off.
SELECT current_setting('server_version') AS version,
       (SELECT query_start FROM pg_stat_activity WHERE pid = pg_backend_pid()) AS clock,
       to_regclass('alembic_version') IS NOT NULL AS is_migrated,
       array(SELECT name FROM pg_settings
             WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')
               AND setting = 'off' ORDER BY name) AS volatile;

-- name: read_revision()$
-- Ask which revision the schema has.
SELECT version_num FROM alembic_version;

-- name: read_schema()^
-- Ask which revision the schema has, and whether a restore is waited for (ADR 102).
SELECT (SELECT version_num FROM alembic_version) AS revision,
       EXISTS (SELECT FROM number_holds) AS numbers_held;
