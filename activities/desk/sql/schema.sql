-- Who has which case in hand.

CREATE TABLE case_moves (
    move_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_id text NOT NULL UNIQUE CHECK (request_id ~ '^[0-9a-zA-Z-]{1,64}$'),
    case_key text NOT NULL CHECK (
        case_key ~ '^(membership-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|task-[0-9]+)$'),
    membership_id text REFERENCES memberships,
    move text NOT NULL CHECK (move IN ('taken', 'handed_over', 'put_back', 'let_go')),
    holder_subject text,
    holder text,
    until_on date,
    moved_at timestamptz NOT NULL,
    moved_on date NOT NULL,
    moved_by_subject text NOT NULL,
    moved_by text NOT NULL,
    CONSTRAINT case_moves_by_its_membership CHECK (
        membership_id IS NULL OR membership_id = case_key),
    CONSTRAINT case_moves_to_somebody CHECK (
        (move IN ('taken', 'handed_over')) <= (holder_subject IS NOT NULL)
        AND (holder_subject IS NULL) = (holder IS NULL)),
    CONSTRAINT case_moves_until_a_day CHECK (
        (move = 'put_back') = (until_on IS NOT NULL) AND until_on > moved_on)
);
COMMENT ON TABLE case_moves IS
    'Who took a case, handed it over or put it back till a day; the latest of a case holds. A case is '
    'all that is to be done about a membership, or one task about none. Append-only.';
COMMENT ON COLUMN case_moves.request_id IS
    'What the form that asked for it was made with: sent twice, it counts once.';
COMMENT ON COLUMN case_moves.holder IS 'Who has it from then on; NULL: nobody.';
COMMENT ON COLUMN case_moves.until_on IS 'It waits until this day, and is due then.';
CREATE INDEX case_moves_latest ON case_moves (case_key, move_id DESC);
CREATE INDEX case_moves_of_a_membership ON case_moves (membership_id)
    WHERE membership_id IS NOT NULL;

CREATE TRIGGER case_moves_append_only BEFORE UPDATE OR DELETE ON case_moves
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER case_moves_never_emptied BEFORE TRUNCATE ON case_moves
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE VIEW open_cases AS
SELECT items.case_key, items.membership_id, items.task_id, items.kind, items.since
FROM (
    SELECT membership_id AS case_key, membership_id, NULL::bigint AS task_id,
           'application' AS kind, received_on AS since
    FROM memberships WHERE stage = 'under_review'
    UNION ALL
    SELECT coalesce(membership_id, 'task-' || task_id), membership_id, task_id, kind, opened_on
    FROM tasks WHERE closed_on IS NULL
) AS items;
COMMENT ON VIEW open_cases IS
    'All that is to be done by a caseworker and stands in the database, with the case it belongs to.';
