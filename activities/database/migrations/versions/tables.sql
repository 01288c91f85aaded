-- The tables of Medlemsflyt. Dates and times come from callers: nothing here reads a clock.

CREATE EXTENSION btree_gist;

-- Refusals -------------------------------------------------------------------------------------

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_TABLE_NAME || '_append_only';
END $$;
COMMENT ON FUNCTION refuse_change() IS 'What has been written stays as it was written.';

-- The rulebook ---------------------------------------------------------------------------------

CREATE TABLE dues_rates (
    valid_from date PRIMARY KEY,
    full_central_ore bigint NOT NULL CHECK (full_central_ore >= 0),
    half_percent numeric NOT NULL CHECK (half_percent BETWEEN 0 AND 100),
    quarter_percent numeric NOT NULL CHECK (quarter_percent BETWEEN 0 AND 100),
    student_percent numeric NOT NULL CHECK (student_percent BETWEEN 0 AND 100),
    pensioner_percent numeric NOT NULL CHECK (pensioner_percent BETWEEN 0 AND 100),
    half_at_most_percent numeric NOT NULL CHECK (half_at_most_percent BETWEEN 0 AND 100)
);
COMMENT ON TABLE dues_rates IS 'What central dues are made of (S2, S5, S12, S18, S21).';
COMMENT ON COLUMN dues_rates.full_central_ore IS 'Full central dues a month, in øre (S2).';
COMMENT ON COLUMN dues_rates.half_at_most_percent IS
    'The highest position percentage with the right to half dues (S5).';

CREATE TABLE premium_rates (
    valid_from date PRIMARY KEY,
    premium_ore bigint NOT NULL CHECK (premium_ore >= 0)
);
COMMENT ON TABLE premium_rates IS 'The insurance package a month, in øre (S7).';

CREATE TABLE coverages (
    name text NOT NULL,
    valid_from date NOT NULL,
    ends_at_age integer NOT NULL CHECK (ends_at_age BETWEEN 1 AND 120),
    ends text NOT NULL CHECK (ends IN ('birthday', 'end_of_year')),
    PRIMARY KEY (name, valid_from)
);
COMMENT ON TABLE coverages IS
    'The parts of the insurance package and the age each ends at (S6, A17).';

CREATE TABLE benefits (
    category text NOT NULL
        CHECK (category IN ('ordinary', 'student', 'apprentice', 'early_pensioner', 'pensioner')),
    valid_from date NOT NULL,
    names text[] NOT NULL,
    PRIMARY KEY (category, valid_from)
);
COMMENT ON TABLE benefits IS
    'What a category of member is entitled to (S11, S13, S15, S16, S19, S20).';

CREATE TABLE policies (
    name text NOT NULL CONSTRAINT policies_name_known CHECK (name IN (
        'round_half_and_quarter', 'apprentice_insurance', 'half_past_67', 'premium_at_once',
        'payroll_needs_first_payment', 'window_days', 'reminder_working_days',
        'escalation_working_days', 'lapse_days', 'payroll_reminder_days',
        'payroll_timeout_days', 'payment_days', 'lowest_age', 'retirement_age', 'afp_age'
    )),
    valid_from date NOT NULL,
    value jsonb NOT NULL,
    source text NOT NULL,
    PRIMARY KEY (name, valid_from)
);
COMMENT ON TABLE policies IS
    'Our readings where the source is silent (A1-A35), one value a row. The closed list of '
    'names keeps a misspelt one from having no effect unnoticed.';
COMMENT ON COLUMN policies.source IS 'The reading''s id in the domain description.';

CREATE TABLE branches (
    code text PRIMARY KEY,
    name text NOT NULL,
    email text
);
COMMENT ON TABLE branches IS 'Local branches and company groups, with their contact (S4).';

CREATE TABLE branch_dues (
    code text NOT NULL REFERENCES branches,
    valid_from date NOT NULL,
    local_ore bigint NOT NULL CHECK (local_ore >= 0),
    halves boolean NOT NULL,
    PRIMARY KEY (code, valid_from)
);
COMMENT ON TABLE branch_dues IS 'What each branch charges a month, in øre (S3, S4).';
COMMENT ON COLUMN branch_dues.halves IS 'Whether half dues halve the local dues as well (A3).';

CREATE TABLE rulebook_revision (
    revision bigint NOT NULL,
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row)
);
INSERT INTO rulebook_revision (revision) VALUES (0);
COMMENT ON TABLE rulebook_revision IS
    'Counts the changes of the rulebook, so that one number tells whether a copy is current.';

CREATE FUNCTION count_rulebook_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE rulebook_revision SET revision = revision + 1;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION count_rulebook_change() IS
    'Makes every copy of the rulebook outdated in the transaction that changes it.';

CREATE TRIGGER dues_rates_counted
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON dues_rates
    FOR EACH STATEMENT EXECUTE FUNCTION count_rulebook_change();
CREATE TRIGGER premium_rates_counted
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON premium_rates
    FOR EACH STATEMENT EXECUTE FUNCTION count_rulebook_change();
CREATE TRIGGER coverages_counted
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON coverages
    FOR EACH STATEMENT EXECUTE FUNCTION count_rulebook_change();
CREATE TRIGGER benefits_counted
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON benefits
    FOR EACH STATEMENT EXECUTE FUNCTION count_rulebook_change();
CREATE TRIGGER policies_counted
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON policies
    FOR EACH STATEMENT EXECUTE FUNCTION count_rulebook_change();
CREATE TRIGGER branches_counted
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON branches
    FOR EACH STATEMENT EXECUTE FUNCTION count_rulebook_change();
CREATE TRIGGER branch_dues_counted
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON branch_dues
    FOR EACH STATEMENT EXECUTE FUNCTION count_rulebook_change();

CREATE TABLE employers (
    orgnr char(9) PRIMARY KEY CHECK (orgnr ~ '^[0-9]{9}$'),
    name text,
    email text
);
COMMENT ON TABLE employers IS
    'Where an employer takes payroll requests. Without an address the caseworkers forward them.';

-- Memberships ----------------------------------------------------------------------------------

CREATE SEQUENCE member_numbers MINVALUE 1 MAXVALUE 99999999;
COMMENT ON SEQUENCE member_numbers IS 'Member numbers are never used twice; gaps are harmless.';

CREATE TABLE memberships (
    membership_id text PRIMARY KEY,
    stage text NOT NULL CHECK (stage IN (
        'received', 'under_review', 'awaiting_information', 'onboarding', 'active', 'on_leave',
        'ended'
    )),
    outcome text CHECK (outcome IN (
        'resigned', 'struck_off', 'deceased', 'rejected', 'withdrawn', 'lapsed', 'invalid',
        'duplicate'
    )),
    category text
        CHECK (category IN ('ordinary', 'student', 'apprentice', 'early_pensioner', 'pensioner')),
    hidden boolean NOT NULL,
    branch text REFERENCES branches,
    member_number char(8) UNIQUE CHECK (member_number ~ '^[0-9]{8}$'),
    member_since date,
    received_at timestamptz NOT NULL,
    received_on date NOT NULL,
    last_decision integer NOT NULL CHECK (last_decision >= 0),
    CONSTRAINT memberships_outcome_when_ended CHECK ((stage = 'ended') = (outcome IS NOT NULL)),
    CONSTRAINT memberships_hidden_without_branch CHECK (NOT (hidden AND branch IS NOT NULL)),
    CONSTRAINT memberships_member_is_complete CHECK (
        stage NOT IN ('onboarding', 'active', 'on_leave')
        OR (category IS NOT NULL AND member_number IS NOT NULL AND member_since IS NOT NULL)
    )
);
COMMENT ON TABLE memberships IS 'How every membership, and every application for one, stands.';
COMMENT ON COLUMN memberships.membership_id IS 'The id of the workflow that decides about it.';
COMMENT ON COLUMN memberships.hidden IS
    'Nothing about it goes to employer, branch or recruiter (S30).';
COMMENT ON COLUMN memberships.last_decision IS
    'The number of the latest decision. It stands on the row that is locked, so that a second '
    'attempt at the same decision sees the first one''s.';
COMMENT ON CONSTRAINT memberships_hidden_without_branch ON memberships IS 'S33';

CREATE TABLE people (
    membership_id text PRIMARY KEY REFERENCES memberships,
    name text NOT NULL,
    name_key text NOT NULL,
    birth_date date NOT NULL,
    national_id char(11) CHECK (national_id ~ '^[0-9]{11}$'),
    email text NOT NULL,
    email_key text NOT NULL,
    phone text,
    address jsonb,
    language text NOT NULL CHECK (language IN ('nb', 'en')),
    employer_orgnr char(9) CHECK (employer_orgnr ~ '^[0-9]{9}$'),
    employer_name text,
    position text,
    position_percent numeric CHECK (position_percent BETWEEN 0 AND 100),
    recruited_by text,
    tell_recruiter boolean NOT NULL,
    newsletter boolean NOT NULL,
    application jsonb NOT NULL
);
CREATE INDEX people_national_id ON people (national_id);
CREATE INDEX people_name_and_birth_date ON people (name_key, birth_date);
COMMENT ON TABLE people IS 'Who a membership is about: the only place of personal data.';
COMMENT ON COLUMN people.name_key IS 'The name without case and superfluous spaces, to compare.';
COMMENT ON COLUMN people.email_key IS 'The e-mail address without case, to compare.';
COMMENT ON COLUMN people.newsletter IS 'Independent of membership (S36).';

CREATE TABLE members (
    membership_id text PRIMARY KEY REFERENCES memberships,
    national_id char(11) CONSTRAINT members_one_per_national_id UNIQUE,
    name_key text NOT NULL,
    birth_date date NOT NULL,
    email_key text NOT NULL,
    CONSTRAINT members_one_per_person EXCLUDE USING gist (
        name_key WITH =,
        birth_date WITH =,
        email_key WITH =,
        (CASE WHEN national_id IS NULL THEN int8range(NULL, NULL)
              ELSE int8range(national_id::bigint, national_id::bigint, '[]') END) WITH &&
    )
);
COMMENT ON TABLE members IS
    'Everybody who is a member now: a row from the approval to the end, so that nobody is a '
    'member twice.';
COMMENT ON CONSTRAINT members_one_per_person ON members IS
    'The same name, birth date and e-mail address are one person unless two national ids say '
    'otherwise. A missing national id spans all of them and so contradicts none.';

CREATE TABLE rejected_intakes (
    membership_id text PRIMARY KEY REFERENCES memberships,
    received_at timestamptz NOT NULL,
    received_on date NOT NULL,
    content text NOT NULL,
    faults text[] NOT NULL CHECK (cardinality(faults) > 0)
);
COMMENT ON TABLE rejected_intakes IS
    'Applications that can''t be read or break a rule: none is lost silently.';
COMMENT ON COLUMN rejected_intakes.content IS
    'What arrived in place of an application; empty when it could be read, and then in people.';

-- Decisions ------------------------------------------------------------------------------------

CREATE TABLE decisions (
    membership_id text NOT NULL REFERENCES memberships,
    number integer NOT NULL CHECK (number >= 1),
    event text NOT NULL,
    decided_at timestamptz NOT NULL,
    decided_on date NOT NULL,
    decided_by text NOT NULL,
    reason text,
    rules text[] NOT NULL,
    rulebook_version text,
    content_hash char(64) NOT NULL,
    receipt jsonb NOT NULL,
    PRIMARY KEY (membership_id, number)
);
COMMENT ON TABLE decisions IS 'Who decided what, when, and by which rules. Append-only.';
COMMENT ON COLUMN decisions.rulebook_version IS
    'The content hash of the rulebook that amounts were computed with; NULL when none were.';
COMMENT ON COLUMN decisions.content_hash IS
    'Tells a repeated attempt at the decision from another decision under its number.';
COMMENT ON COLUMN decisions.receipt IS 'The answer that a repeated attempt is given again.';
CREATE TRIGGER decisions_append_only BEFORE UPDATE OR DELETE ON decisions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decisions_never_emptied BEFORE TRUNCATE ON decisions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Terms ----------------------------------------------------------------------------------------

CREATE TABLE terms (
    term_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    membership_id text NOT NULL,
    kind text NOT NULL
        CHECK (kind IN ('central_dues', 'local_dues', 'insurance_premium', 'correction')),
    amount_ore bigint NOT NULL,
    cadence text NOT NULL CHECK (cadence IN ('monthly', 'quarterly', 'yearly')),
    payer text NOT NULL CHECK (payer IN ('payroll', 'direct')),
    valid daterange NOT NULL,
    decision integer NOT NULL,
    superseded_by integer,
    FOREIGN KEY (membership_id, decision) REFERENCES decisions,
    FOREIGN KEY (membership_id, superseded_by) REFERENCES decisions,
    CONSTRAINT terms_whole_months CHECK (
        NOT isempty(valid) AND NOT lower_inf(valid)
        AND extract(day FROM lower(valid)) = 1
        AND (upper_inf(valid) OR extract(day FROM upper(valid)) = 1)
    ),
    CONSTRAINT terms_superseded_later CHECK (superseded_by > decision),
    CONSTRAINT terms_one_per_kind_and_month EXCLUDE USING gist (
        membership_id WITH =, kind WITH =, valid WITH &&
    ) WHERE (superseded_by IS NULL) DEFERRABLE INITIALLY IMMEDIATE,
    CONSTRAINT terms_one_payer_per_month EXCLUDE USING gist (
        membership_id WITH =, payer WITH <>, valid WITH &&
    ) WHERE (superseded_by IS NULL AND cadence = 'monthly') DEFERRABLE INITIALLY IMMEDIATE
);
CREATE INDEX terms_current ON terms (membership_id) WHERE superseded_by IS NULL;
COMMENT ON TABLE terms IS
    'Who pays what, how and from when. A row is never changed or deleted: what no longer '
    'holds is marked with the decision that superseded it.';
COMMENT ON COLUMN terms.amount_ore IS 'In øre, per cadence; 0 states that nothing is charged (S14).';
COMMENT ON COLUMN terms.valid IS 'Half-open: the first day that no longer holds is left out.';
COMMENT ON CONSTRAINT terms_one_per_kind_and_month ON terms IS
    'Invariant 3. Checked when a statement ends, since one statement supersedes and adds.';
COMMENT ON CONSTRAINT terms_one_payer_per_month ON terms IS
    'Invariant 3: what is charged monthly goes through one payer (section 5, A20).';

CREATE FUNCTION keep_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.superseded_by IS NOT NULL
       OR (NEW.term_id, NEW.membership_id, NEW.kind, NEW.amount_ore, NEW.cadence, NEW.payer,
           NEW.valid, NEW.decision)
          IS DISTINCT FROM
          (OLD.term_id, OLD.membership_id, OLD.kind, OLD.amount_ore, OLD.cadence, OLD.payer,
           OLD.valid, OLD.decision) THEN
        RAISE EXCEPTION 'a term is only ever superseded, once'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'terms_append_only';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION keep_terms() IS 'History must show what was charged, and by what decision.';
CREATE TRIGGER terms_only_superseded BEFORE UPDATE ON terms
    FOR EACH ROW EXECUTE FUNCTION keep_terms();
CREATE TRIGGER terms_never_deleted BEFORE DELETE ON terms
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER terms_never_emptied BEFORE TRUNCATE ON terms
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION check_terms_without_gap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM (
            SELECT unnest(range_agg(valid)) FROM terms
            WHERE membership_id = NEW.membership_id AND kind = 'central_dues'
              AND superseded_by IS NULL
        ) AS spans) > 1 THEN
        RAISE EXCEPTION 'central dues have a gap'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'terms_without_gap';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION check_terms_without_gap() IS
    'Invariant 3: no member-month between the first and the last is without terms.';
CREATE CONSTRAINT TRIGGER terms_without_gap AFTER INSERT OR UPDATE ON terms
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_terms_without_gap();

-- Invoices and payments ------------------------------------------------------------------------

CREATE TABLE invoices (
    number text PRIMARY KEY,
    kid text NOT NULL UNIQUE CHECK (kid ~ '^[0-9]{2,25}$'),
    membership_id text NOT NULL,
    serial integer NOT NULL CHECK (serial BETWEEN 1 AND 999999),
    decision integer NOT NULL,
    period_from date NOT NULL CHECK (extract(day FROM period_from) = 1),
    issued_on date NOT NULL,
    due_on date NOT NULL,
    total_ore bigint NOT NULL,
    currency char(3) NOT NULL CHECK (currency = 'NOK'),
    UNIQUE (membership_id, serial),
    UNIQUE (number, membership_id, period_from),
    FOREIGN KEY (membership_id, decision) REFERENCES decisions,
    CONSTRAINT invoices_due_after_issue CHECK (due_on >= issued_on)
);
COMMENT ON TABLE invoices IS 'Invoices as they were issued; they stand (A12). Append-only.';
COMMENT ON COLUMN invoices.kid IS 'The customer identification the payment must carry (section 4).';
COMMENT ON COLUMN invoices.serial IS 'Counts a member''s invoices without a gap; part of the KID.';

CREATE TABLE invoice_lines (
    invoice_number text NOT NULL,
    membership_id text NOT NULL,
    period_from date NOT NULL,
    kind text NOT NULL
        CHECK (kind IN ('central_dues', 'local_dues', 'insurance_premium', 'correction')),
    amount_ore bigint NOT NULL,
    content_hash char(64) NOT NULL,
    FOREIGN KEY (invoice_number, membership_id, period_from)
        REFERENCES invoices (number, membership_id, period_from),
    CONSTRAINT invoice_lines_one_per_kind_and_month PRIMARY KEY (membership_id, period_from, kind)
);
CREATE INDEX invoice_lines_of_invoice ON invoice_lines (invoice_number);
COMMENT ON TABLE invoice_lines IS 'What each invoice charges for. Append-only.';
COMMENT ON CONSTRAINT invoice_lines_one_per_kind_and_month ON invoice_lines IS
    'Invariant 1: one line for a member, a period and a kind.';
COMMENT ON COLUMN invoice_lines.content_hash IS
    'Tells a second computation with the same result from one with another.';

CREATE TRIGGER invoices_append_only BEFORE UPDATE OR DELETE ON invoices
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER invoices_never_emptied BEFORE TRUNCATE ON invoices
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER invoice_lines_append_only BEFORE UPDATE OR DELETE ON invoice_lines
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER invoice_lines_never_emptied BEFORE TRUNCATE ON invoice_lines
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION check_invoice_total() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked text := CASE TG_TABLE_NAME WHEN 'invoices' THEN to_jsonb(NEW) ->> 'number'
                                       ELSE to_jsonb(NEW) ->> 'invoice_number' END;
BEGIN
    IF (SELECT total_ore FROM invoices WHERE number = checked)
       IS DISTINCT FROM
       (SELECT sum(amount_ore) FROM invoice_lines WHERE invoice_number = checked) THEN
        RAISE EXCEPTION 'the total of invoice % is not the sum of its lines', checked
            USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_total_is_sum_of_lines';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION check_invoice_total() IS
    'An invoice without lines, or with another total than their sum, is never issued.';
CREATE CONSTRAINT TRIGGER invoice_total AFTER INSERT ON invoices
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_invoice_total();
CREATE CONSTRAINT TRIGGER invoice_line_total AFTER INSERT ON invoice_lines
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_invoice_total();

CREATE TABLE payments (
    reference text PRIMARY KEY,
    membership_id text NOT NULL,
    decision integer NOT NULL,
    invoice_number text REFERENCES invoices,
    amount_ore bigint NOT NULL CHECK (amount_ore > 0),
    paid_on date NOT NULL,
    kid text,
    FOREIGN KEY (membership_id, decision) REFERENCES decisions
);
CREATE INDEX payments_of_invoice ON payments (invoice_number);
CREATE INDEX payments_in_suspense ON payments (paid_on) WHERE invoice_number IS NULL;
COMMENT ON TABLE payments IS 'Money as the bank reported it. Append-only.';
COMMENT ON COLUMN payments.reference IS 'The bank''s: the same money is never booked twice.';
COMMENT ON COLUMN payments.invoice_number IS
    'NULL: in suspense, a task for the caseworkers (section 4).';
CREATE TRIGGER payments_append_only BEFORE UPDATE OR DELETE ON payments
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payments_never_emptied BEFORE TRUNCATE ON payments
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION check_not_overpaid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT total_ore FROM invoices WHERE number = NEW.invoice_number)
       < (SELECT sum(amount_ore) FROM payments WHERE invoice_number = NEW.invoice_number) THEN
        RAISE EXCEPTION 'more than the total of invoice % was allocated', NEW.invoice_number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_within_invoice_total';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION check_not_overpaid() IS 'What exceeds an invoice belongs in suspense.';
CREATE CONSTRAINT TRIGGER payments_within_invoice_total AFTER INSERT ON payments
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.invoice_number IS NOT NULL)
    EXECUTE FUNCTION check_not_overpaid();

-- Letters --------------------------------------------------------------------------------------

CREATE TABLE letters (
    membership_id text NOT NULL,
    key text NOT NULL,
    decision integer NOT NULL,
    template text NOT NULL,
    template_version integer,
    audience text NOT NULL CHECK (audience IN (
        'member', 'employer', 'insurance_office', 'caseworkers', 'branch', 'recruiter'
    )),
    figures jsonb NOT NULL,
    status text NOT NULL
        CHECK (status IN ('pending', 'sending', 'sent', 'suppressed', 'bounced', 'held')),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    message_id text UNIQUE,
    sent_on date,
    note text,
    PRIMARY KEY (membership_id, key),
    FOREIGN KEY (membership_id, decision) REFERENCES decisions,
    CONSTRAINT letters_dated_when_sent CHECK (status <> 'sent' OR sent_on IS NOT NULL)
);
COMMENT ON TABLE letters IS 'Every letter a decision called for, once for each key.';
COMMENT ON COLUMN letters.key IS 'Unique within the membership: the same letter never goes twice.';
COMMENT ON COLUMN letters.message_id IS
    'The left part of the Message-ID, made from membership and key: a second copy of a letter '
    'can be told by it, and it holds no personal data.';

CREATE FUNCTION protect_hidden_member() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT hidden FROM memberships WHERE membership_id = NEW.membership_id) IS NOT FALSE THEN
        RAISE EXCEPTION 'nothing about a hidden member goes to %', NEW.audience
            USING ERRCODE = 'check_violation', CONSTRAINT = 'letters_protect_hidden_members';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION protect_hidden_member() IS
    'Invariant 4 (S30, S33, A27): refused unless the member is known not to be hidden.';
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
CREATE TRIGGER letters_never_deleted BEFORE DELETE ON letters
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER letters_never_emptied BEFORE TRUNCATE ON letters
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE disclosures (
    membership_id text NOT NULL,
    key text NOT NULL,
    audience text NOT NULL CHECK (audience NOT IN ('member', 'caseworkers')),
    basis text NOT NULL CHECK (basis <> ''),
    disclosed_on date NOT NULL,
    PRIMARY KEY (membership_id, key),
    FOREIGN KEY (membership_id, key) REFERENCES letters
);
COMMENT ON TABLE disclosures IS
    'Every letter to somebody else than the member and the caseworkers, and by what right '
    '(section 8). Append-only.';
CREATE TRIGGER disclosures_append_only BEFORE UPDATE OR DELETE ON disclosures
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER disclosures_never_emptied BEFORE TRUNCATE ON disclosures
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
