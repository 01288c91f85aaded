-- Who looked at what, and who did what, through the gateway.

CREATE TABLE access_log (
    entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    subject text NOT NULL,
    name text NOT NULL,
    roles text[] NOT NULL,
    act text NOT NULL CHECK (act IN (
        'login', 'logout', 'list', 'read', 'query', 'start', 'message', 'operate', 'decode',
        'encode', 'search'
    )),
    what text NOT NULL,
    workflow_id text,
    why text,
    refused text,
    hits integer CHECK (hits >= 0),
    CONSTRAINT access_log_hits_of_a_search CHECK (hits IS NULL OR act = 'search')
);
CREATE INDEX access_log_workflow_id ON access_log (workflow_id, at);
CREATE INDEX access_log_subject ON access_log (subject, at);
CREATE INDEX access_log_at ON access_log (at);
COMMENT ON TABLE access_log IS
    'Who looked at what and who did what through the gateway, and what was refused; written before '
    'it happens. Append-only.';
COMMENT ON COLUMN access_log.subject IS 'Who it is for ever, as the login provider knows them.';
COMMENT ON COLUMN access_log.name IS 'What the provider called them then.';
COMMENT ON COLUMN access_log.what IS 'The call of Temporal''s, the message or the query.';
COMMENT ON COLUMN access_log.workflow_id IS
    'About whom or what; no reference, since what is not there is asked for too.';
COMMENT ON COLUMN access_log.why IS 'The reason that was given, if one was.';
COMMENT ON COLUMN access_log.refused IS 'The code of why it was refused; empty: it was let through.';
COMMENT ON COLUMN access_log.hits IS
    'How many a search found; what was looked for is kept nowhere, but by what kind of thing.';

CREATE TRIGGER access_log_append_only BEFORE UPDATE OR DELETE ON access_log
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER access_log_never_emptied BEFORE TRUNCATE ON access_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE ended_logins (
    session_id text PRIMARY KEY,
    ended_at timestamptz NOT NULL
);
COMMENT ON TABLE ended_logins IS
    'Sessions of browsers that somebody has logged out of: their cookies count no more. Append-only '
    'for as long as a login lasts and longer: without its row a copied cookie would count again.';

CREATE TRIGGER ended_logins_append_only BEFORE UPDATE OR DELETE ON ended_logins
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ended_logins_never_emptied BEFORE TRUNCATE ON ended_logins
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
