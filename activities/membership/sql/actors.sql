-- Who decided, where the message said so ---------------------------------------------------------

CREATE TABLE decision_actors (
    membership_id text NOT NULL,
    number integer NOT NULL,
    subject text NOT NULL,
    name text NOT NULL,
    roles text[] NOT NULL,
    branch text,
    named text,
    issued_at timestamptz NOT NULL,
    nonce text NOT NULL,
    key_id text NOT NULL,
    claims text NOT NULL,
    signature text NOT NULL CHECK (signature ~ '^[0-9a-f]{128}$'),
    PRIMARY KEY (membership_id, number),
    FOREIGN KEY (membership_id, number) REFERENCES decisions,
    CONSTRAINT decision_actors_stamp_counts_once UNIQUE (nonce)
);
COMMENT ON TABLE decision_actors IS
    'Who sent the message that a decision answers, as it was signed and found to hold; a decision '
    'without a row rests on the name in the message alone, or on no message. Append-only.';
COMMENT ON COLUMN decision_actors.subject IS 'Who it is for ever, as the login provider knows them.';
COMMENT ON COLUMN decision_actors.named IS
    'Whom the message named as its caseworker, where that is somebody else: the decision is not theirs.';
COMMENT ON COLUMN decision_actors.nonce IS 'Of the one message the stamp was made for, of all memberships.';
COMMENT ON COLUMN decision_actors.claims IS
    'What was signed, byte for byte; whoever has the public key can look at the signature again.';

CREATE TRIGGER decision_actors_append_only BEFORE UPDATE OR DELETE ON decision_actors
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decision_actors_never_emptied BEFORE TRUNCATE ON decision_actors
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE decision_approvals (
    membership_id text NOT NULL,
    number integer NOT NULL,
    asked_for integer NOT NULL,
    asked_by text NOT NULL,
    asked_by_subject text,
    approved_by text NOT NULL,
    approved_by_subject text,
    PRIMARY KEY (membership_id, number),
    FOREIGN KEY (membership_id, number) REFERENCES decisions,
    FOREIGN KEY (membership_id, asked_for) REFERENCES decisions,
    UNIQUE (membership_id, asked_for),
    CHECK (asked_for < number),
    CONSTRAINT decision_approvals_by_another CHECK (
        CASE WHEN asked_by_subject IS NOT NULL AND approved_by_subject IS NOT NULL
             THEN asked_by_subject <> approved_by_subject
             ELSE NOT same_person(asked_by, approved_by) END)
);
COMMENT ON TABLE decision_approvals IS
    'What two people decided: by which decision the one asked for it, and by which another approved. '
    'People are told apart by who they are where both messages were signed, else by name. Append-only.';

CREATE FUNCTION fill_in_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT decided_by INTO STRICT NEW.asked_by FROM decisions
    WHERE membership_id = NEW.membership_id AND number = NEW.asked_for;
    NEW.asked_by_subject := (
        SELECT subject FROM decision_actors
        WHERE membership_id = NEW.membership_id AND number = NEW.asked_for);
    RETURN NEW;
END $$;
COMMENT ON FUNCTION fill_in_approval() IS
    'Who asked is what the log says, not what whoever approves says of it.';
CREATE TRIGGER decision_approvals_say_who_asked BEFORE INSERT ON decision_approvals
    FOR EACH ROW EXECUTE FUNCTION fill_in_approval();

CREATE TRIGGER decision_approvals_append_only BEFORE UPDATE OR DELETE ON decision_approvals
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decision_approvals_never_emptied BEFORE TRUNCATE ON decision_approvals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE decision_consents (
    membership_id text NOT NULL,
    number integer NOT NULL,
    kind text NOT NULL CHECK (kind IN ('lift_hidden')),
    given_on date NOT NULL,
    how text NOT NULL CHECK (how <> ''),
    words text,
    PRIMARY KEY (membership_id, number, kind),
    FOREIGN KEY (membership_id, number) REFERENCES decisions
);
COMMENT ON TABLE decision_consents IS
    'What a member agreed to that a decision rests on, such as that employer and branch may know '
    '(A22): when, how, and in which words. Who told us stands with the decision. Append-only.';
COMMENT ON COLUMN decision_consents.words IS
    'As the member put it; NULL: nobody wrote it down, and the message alone says that it was given.';

CREATE TRIGGER decision_consents_append_only BEFORE UPDATE OR DELETE ON decision_consents
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decision_consents_never_emptied BEFORE TRUNCATE ON decision_consents
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
