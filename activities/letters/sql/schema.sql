-- Every letter, what it disclosed and to whom, and what came back.

-- Letters ---------------------------------------------------------------------------------------

CREATE FUNCTION letter_message_id(membership_id text, key text) RETURNS text
    -- Stable, as convert_to is: otherwise it is no part of the plan, but a call for each.
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN left(encode(sha256(convert_to(membership_id || E'\n' || key, 'UTF8')), 'hex'), 40);
COMMENT ON FUNCTION letter_message_id(text, text) IS
    'The same as activities.shared.hashes.letter_message_id.';

CREATE TABLE letters (
    membership_id text NOT NULL,
    key text NOT NULL,
    decision integer,
    template text NOT NULL,
    template_version integer,
    audience text NOT NULL CHECK (audience IN (
        'member', 'employer', 'insurance_office', 'caseworkers', 'branch', 'recruiter'
    )),
    figures jsonb NOT NULL,
    status text NOT NULL CHECK (status IN (
        'pending', 'sending', 'sent', 'suppressed', 'bounced', 'held', 'unanswered')),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    message_id text UNIQUE,
    sent_on date,
    note text,
    place integer NOT NULL DEFAULT 0 CHECK (place >= 0),
    forwarded boolean NOT NULL DEFAULT false,
    employer_orgnr char(9) CHECK (employer_orgnr ~ '^[0-9]{9}$'),
    employer_name text,
    batch text,
    ordered_on date,
    refusals integer NOT NULL DEFAULT 0 CHECK (refusals >= 0),
    refused_at timestamptz,
    unanswered integer NOT NULL DEFAULT 0 CHECK (unanswered >= 0),
    not_before timestamptz,
    reference text,
    PRIMARY KEY (membership_id, key),
    FOREIGN KEY (membership_id, decision) REFERENCES decisions,
    CONSTRAINT letters_dated_when_sent CHECK (status <> 'sent' OR sent_on IS NOT NULL),
    CONSTRAINT letters_ordered_by_somebody CHECK (
        (decision IS NULL) = (batch IS NOT NULL AND ordered_on IS NOT NULL))
);
COMMENT ON TABLE letters IS 'Every letter a decision called for, once for each key.';
COMMENT ON COLUMN letters.key IS 'Unique within the membership: the same letter never goes twice.';
COMMENT ON COLUMN letters.message_id IS
    'The left part of the Message-ID, made from membership and key: a second copy of a letter '
    'can be told by it, and it holds no personal data.';
COMMENT ON COLUMN letters.place IS
    'Where the decision listed it, from 1: letters go out in this order. 0: it did not say.';
COMMENT ON COLUMN letters.forwarded IS
    'The caseworkers get it in place of its audience, to pass it on in words of their own.';
COMMENT ON COLUMN letters.employer_orgnr IS
    'The employer a letter to an employer is for, past or present: it never goes to another one.';
COMMENT ON COLUMN letters.employer_name IS 'As the member called it.';
COMMENT ON COLUMN letters.batch IS
    'The run that ordered it for many members at once; NULL: a decision about this one did.';
COMMENT ON COLUMN letters.refusals IS
    'How often in a row the mail server has not taken it; refused_at: since when.';
COMMENT ON COLUMN letters.unanswered IS
    'How often all of it was handed over and no answer came: each of them may have arrived.';
COMMENT ON COLUMN letters.not_before IS 'It is not tried before this moment; no business date.';
COMMENT ON COLUMN letters.reference IS
    'Of a letter that is sent again: the X-Reference of the first one, which it repeats.';
CREATE INDEX letters_of_batch ON letters (batch, membership_id, key)
    WHERE status IN ('pending', 'sending', 'held');
COMMENT ON INDEX letters_of_batch IS
    'What has not gone out: of a mailing it is sent from here, and all of it is counted.';
CREATE INDEX letters_lost ON letters (membership_id) WHERE status IN ('bounced', 'unanswered');

CREATE TRIGGER letters_never_deleted BEFORE DELETE ON letters
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER letters_never_emptied BEFORE TRUNCATE ON letters
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION protect_hidden_member() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_open boolean;
BEGIN
    SELECT NOT hidden AND NOT (
        hiding AND NEW.status = 'sending'
        AND NOT (NEW.audience = 'employer' AND NEW.template = 'payroll_stop' AND NEW.forwarded)
        AND NOT (NEW.audience = 'branch' AND NEW.template = 'branch_member_left'))
    INTO is_open
    FROM memberships WHERE membership_id = NEW.membership_id;
    IF is_open IS NOT TRUE THEN
        RAISE EXCEPTION 'nothing about a hidden member goes to %', NEW.audience
            USING ERRCODE = 'check_violation', CONSTRAINT = 'letters_protect_hidden_members';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION protect_hidden_member() IS
    'Invariants 4 and 12 (S30, S33, A27): refused unless the member is known not to be hidden; '
    'while a wish to be hidden waits, what that wish itself needs.';
CREATE TRIGGER letters_ordered_to_open_members_only AFTER INSERT ON letters
    FOR EACH ROW WHEN (NEW.audience NOT IN ('member', 'insurance_office', 'caseworkers'))
    EXECUTE FUNCTION protect_hidden_member();
CREATE TRIGGER letters_sent_for_open_members_only AFTER UPDATE ON letters
    FOR EACH ROW WHEN (NEW.audience NOT IN ('member', 'insurance_office', 'caseworkers')
                       AND (NEW.status = 'sending' OR NEW.audience <> OLD.audience))
    EXECUTE FUNCTION protect_hidden_member();

CREATE FUNCTION keep_sent_letter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a letter that has been sent can only bounce'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'letters_never_unsent';
END $$;
COMMENT ON FUNCTION keep_sent_letter() IS 'What has left the house can''t be taken back.';
CREATE TRIGGER letters_never_unsent BEFORE UPDATE ON letters
    FOR EACH ROW WHEN (OLD.status = 'sent' AND NEW.status NOT IN ('sent', 'bounced'))
    EXECUTE FUNCTION keep_sent_letter();

CREATE FUNCTION name_present_employer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT memberships.employer_orgnr, memberships.employer_name
    INTO NEW.employer_orgnr, NEW.employer_name
    FROM memberships WHERE memberships.membership_id = NEW.membership_id;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION name_present_employer() IS
    'A letter that names no employer is for the one of the day it was ordered, not of the day '
    'it goes out.';
CREATE TRIGGER letters_name_their_employer BEFORE INSERT ON letters
    FOR EACH ROW WHEN (NEW.audience = 'employer'
                       AND NEW.employer_orgnr IS NULL AND NEW.employer_name IS NULL)
    EXECUTE FUNCTION name_present_employer();

CREATE FUNCTION know_employer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO employers (orgnr) VALUES (NEW.employer_orgnr) ON CONFLICT (orgnr) DO NOTHING;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION know_employer() IS
    'Whoever is asked to deduct has a channel: the folder of its lists, until another is set.';
CREATE TRIGGER letters_know_their_employer AFTER INSERT ON letters
    FOR EACH ROW WHEN (NEW.audience = 'employer' AND NEW.employer_orgnr ~ '^[0-9]{9}$')
    EXECUTE FUNCTION know_employer();

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

-- Who learnt what -------------------------------------------------------------------------------

CREATE TABLE disclosures (
    membership_id text NOT NULL REFERENCES memberships,
    key text NOT NULL,
    audience text NOT NULL CHECK (audience NOT IN ('member', 'caseworkers')),
    basis text NOT NULL CHECK (basis <> ''),
    disclosed_on date NOT NULL,
    PRIMARY KEY (membership_id, key)
);
COMMENT ON TABLE disclosures IS
    'Every letter to somebody else than the member and the caseworkers, and by what right '
    '(R2). Append-only.';
COMMENT ON COLUMN disclosures.key IS 'Of the letter, or of the deduction list it stood on.';

CREATE TRIGGER disclosures_append_only BEFORE UPDATE OR DELETE ON disclosures
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER disclosures_never_emptied BEFORE TRUNCATE ON disclosures
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE public_mail_domains (
    domain text PRIMARY KEY CHECK (domain = lower(domain) AND domain LIKE '%.%')
);
COMMENT ON TABLE public_mail_domains IS
    'Mail providers that anybody may have an address with. An employer''s address there says '
    'nothing of other addresses; of all other domains it does (S30).';
