-- Files from outside, and what a caseworker must look at.

-- Files -----------------------------------------------------------------------------------------

-- Files from outside ---------------------------------------------------------------------------

CREATE TABLE inbound_files (
    file_id char(64) PRIMARY KEY CHECK (file_id ~ '^[0-9a-f]{64}$'),
    kind text NOT NULL CHECK (kind IN ('payments', 'deduction_report', 'insurance_answer')),
    name text NOT NULL,
    content bytea,
    received_on date NOT NULL
);
COMMENT ON TABLE inbound_files IS
    'Every file that somebody sent, under the hash of its content: the same file is one file. '
    'Append-only, but that what stood in it may be forgotten.';
COMMENT ON COLUMN inbound_files.content IS
    'Who paid, and who is a member: secret. NULL: forgotten (R4); the same file again brings it back.';

CREATE FUNCTION keep_all_but_content() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (to_jsonb(NEW) - ARRAY['content', 'name']) <> (to_jsonb(OLD) - ARRAY['content', 'name'])
       OR (NEW.content IS NOT NULL AND encode(sha256(NEW.content), 'hex') <> NEW.file_id) THEN
        RAISE EXCEPTION 'inbound_files is append-only: of a file all may be forgotten, no less'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'inbound_files_append_only';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION keep_all_but_content() IS
    'That a file came stays; what stood in it may be forgotten, and is what it was or nothing (R4).';
CREATE TRIGGER inbound_files_keep_all_but_content BEFORE UPDATE ON inbound_files
    FOR EACH ROW EXECUTE FUNCTION keep_all_but_content();
CREATE TRIGGER inbound_files_append_only BEFORE DELETE ON inbound_files
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER inbound_files_never_emptied BEFORE TRUNCATE ON inbound_files
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE file_outcomes (
    file_id char(64) PRIMARY KEY REFERENCES inbound_files,
    outcome text NOT NULL CHECK (outcome IN ('applied', 'refused')),
    report jsonb NOT NULL,
    decided_on date NOT NULL
);
COMMENT ON TABLE file_outcomes IS
    'What became of a file, line by line where it was refused: whole, or not at all.';

-- Runs ------------------------------------------------------------------------------------------

CREATE TABLE begun_runs (
    workflow_id text PRIMARY KEY,
    workflow_type text NOT NULL,
    begun_on date NOT NULL,
    ended boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE begun_runs IS
    'Runs for many members that were begun, and whether they have done all of it. One that has '
    'neither ended nor goes on in Temporal is found by the audit.';
CREATE INDEX begun_runs_unended ON begun_runs (begun_on) WHERE NOT ended;

-- Tasks -----------------------------------------------------------------------------------------

CREATE TABLE tasks (
    task_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key text NOT NULL UNIQUE,
    kind text NOT NULL,
    says text NOT NULL,
    membership_id text REFERENCES memberships,
    opened_on date NOT NULL,
    announced_on date,
    closed_on date,
    closed_by text,
    note text,
    settled boolean NOT NULL DEFAULT false,
    CONSTRAINT tasks_closed_by_somebody CHECK ((closed_on IS NULL) = (closed_by IS NULL)),
    CONSTRAINT tasks_settled_are_closed CHECK (closed_on IS NOT NULL OR NOT settled)
);
COMMENT ON TABLE tasks IS
    'What a caseworker must look at in the money. No personal data: opaque ids and references.';
COMMENT ON COLUMN tasks.key IS 'The same matter is one task, however often it is found.';
COMMENT ON COLUMN tasks.settled IS
    'What it was about is over, whoever closed it: if that comes again, the task is open again.';
COMMENT ON COLUMN tasks.announced_on IS 'When the caseworkers were written to about it.';
CREATE INDEX tasks_open ON tasks (opened_on, task_id) WHERE closed_on IS NULL;
CREATE INDEX tasks_of_reports ON tasks (split_part(key, '/', 2))
    WHERE closed_on IS NULL AND kind = 'deduction_report';
