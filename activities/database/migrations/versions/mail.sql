-- Letters wait for their time, stop where nobody answers, and are sent again on request.

ALTER TABLE letters
    ADD COLUMN refusals integer NOT NULL DEFAULT 0 CHECK (refusals >= 0),
    ADD COLUMN refused_at timestamptz,
    ADD COLUMN unanswered integer NOT NULL DEFAULT 0 CHECK (unanswered >= 0),
    ADD COLUMN not_before timestamptz,
    ADD COLUMN reference text,
    DROP CONSTRAINT letters_status_check,
    ADD CONSTRAINT letters_status_check CHECK (status IN (
        'pending', 'sending', 'sent', 'suppressed', 'bounced', 'held', 'unanswered'));

COMMENT ON COLUMN letters.refusals IS
    'How often in a row the mail server has not taken it; refused_at: since when.';
COMMENT ON COLUMN letters.unanswered IS
    'How often all of it was handed over and no answer came: each of them may have arrived.';
COMMENT ON COLUMN letters.not_before IS 'It is not tried before this moment; no business date.';
COMMENT ON COLUMN letters.reference IS
    'Of a letter that is sent again: the X-Reference of the first one, which it repeats.';

CREATE INDEX letters_lost ON letters (membership_id) WHERE status IN ('bounced', 'unanswered');

CREATE TABLE letter_resends (
    membership_id text NOT NULL,
    key text NOT NULL,
    of_key text NOT NULL,
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL,
    PRIMARY KEY (membership_id, key),
    FOREIGN KEY (membership_id, key) REFERENCES letters (membership_id, key),
    FOREIGN KEY (membership_id, of_key) REFERENCES letters (membership_id, key)
);
COMMENT ON TABLE letter_resends IS 'Who had which letter sent again, and when.';

CREATE TRIGGER letter_resends_never_change BEFORE UPDATE OR DELETE ON letter_resends
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER letter_resends_never_emptied BEFORE TRUNCATE ON letter_resends
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE list_hand_overs (
    list_number text NOT NULL REFERENCES deduction_lists (number),
    about text NOT NULL CHECK (about IN ('list', 'reminder')),
    refusals integer NOT NULL DEFAULT 0 CHECK (refusals >= 0),
    refused_at timestamptz,
    unanswered integer NOT NULL DEFAULT 0 CHECK (unanswered >= 0),
    not_before timestamptz,
    PRIMARY KEY (list_number, about)
);
COMMENT ON TABLE list_hand_overs IS
    'How often the mail of a list was not taken, or not answered, and when it is due again.';

CREATE TABLE mail_reports (
    report_id text PRIMARY KEY,
    membership_id text,
    key text,
    outcome text NOT NULL CHECK (
        outcome IN ('bounced', 'ignored', 'known', 'stranger', 'unreadable')),
    read_on date NOT NULL,
    FOREIGN KEY (membership_id, key) REFERENCES letters (membership_id, key)
);
COMMENT ON TABLE mail_reports IS
    'Each report of a mail server that was read, by the hash of its content: it counts once.';
