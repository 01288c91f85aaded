-- Who pays what, what each month charged, and the books it stands in.

-- Payers ----------------------------------------------------------------------------------------

CREATE TABLE payers (
    code text PRIMARY KEY,
    account text NOT NULL UNIQUE,
    by_list boolean NOT NULL UNIQUE
);
COMMENT ON TABLE payers IS
    'Through whom a term is paid, and what follows of it for the money; the same as '
    'schemas.dues.payers. Who is not here is never charged as somebody else.';
COMMENT ON COLUMN payers.account IS 'The account of the ledger that owes what is charged.';
COMMENT ON COLUMN payers.by_list IS
    'Asked by an employer''s deduction list; otherwise by an invoice. A charge tells its payer by '
    'where it stands: a further payer of either kind needs a column there first.';

CREATE FUNCTION months_between(begins date, ends date) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (extract(year FROM ends) - extract(year FROM begins))::integer * 12
           + (extract(month FROM ends) - extract(month FROM begins))::integer;
COMMENT ON FUNCTION months_between(date, date) IS
    'How many months there are from the first day of one to the first day of another.';

-- Terms -----------------------------------------------------------------------------------------

CREATE TABLE terms (
    term_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    membership_id text NOT NULL,
    kind text NOT NULL
        CHECK (kind IN ('central_dues', 'local_dues', 'insurance_premium', 'correction')),
    rate text REFERENCES rates,
    amount_ore bigint,
    cadence text NOT NULL CHECK (cadence IN ('monthly', 'quarterly', 'yearly')),
    payer text NOT NULL CHECK (payer IN ('payroll', 'direct')),
    valid daterange NOT NULL,
    decision integer NOT NULL,
    superseded_by integer,
    employer_orgnr char(9) CHECK (employer_orgnr ~ '^[0-9]{9}$'),
    prorated boolean NOT NULL DEFAULT false,
    FOREIGN KEY (membership_id, decision) REFERENCES decisions,
    FOREIGN KEY (membership_id, superseded_by) REFERENCES decisions,
    CONSTRAINT terms_whole_months CHECK (
        NOT isempty(valid) AND NOT lower_inf(valid)
        AND extract(day FROM lower(valid)) = 1
        AND (upper_inf(valid) OR extract(day FROM upper(valid)) = 1)
    ),
    CONSTRAINT terms_by_rate_or_amount CHECK (num_nonnulls(rate, amount_ore) = 1),
    CONSTRAINT terms_superseded_later CHECK (superseded_by > decision),
    -- Under a collation of their own: the planner would take the index of spans for as fast as the
    -- plain one, to look up a member's terms, and it takes three times as long.
    CONSTRAINT terms_one_per_kind_and_month EXCLUDE USING gist (
        membership_id COLLATE "C" WITH =, kind WITH =, valid WITH &&
    ) WHERE (superseded_by IS NULL) DEFERRABLE INITIALLY IMMEDIATE,
    CONSTRAINT terms_one_payer_per_month EXCLUDE USING gist (
        membership_id COLLATE "C" WITH =, payer WITH <>, valid WITH &&
    ) WHERE (superseded_by IS NULL AND cadence = 'monthly') DEFERRABLE INITIALLY IMMEDIATE
);
COMMENT ON TABLE terms IS
    'Who pays what, how and from when. A row is never changed or deleted: what no longer '
    'holds is marked with the decision that superseded it.';
COMMENT ON COLUMN terms.rate IS
    'What is charged by, whatever that comes to: a new price changes no term.';
COMMENT ON COLUMN terms.amount_ore IS
    'In øre, per cadence: an amount that no price changes. Who planned it knew no rates.';
COMMENT ON COLUMN terms.valid IS 'Half-open: the first day that no longer holds is left out.';
COMMENT ON COLUMN terms.employer_orgnr IS
    'Who deducts. NULL in terms planned before this was kept: the present employer.';
COMMENT ON COLUMN terms.prorated IS
    'A yearly fee is charged for the remaining months in the year it begins (A13).';
COMMENT ON CONSTRAINT terms_one_per_kind_and_month ON terms IS
    'Invariant 3. Checked when a statement ends, since one statement supersedes and adds.';
COMMENT ON CONSTRAINT terms_one_payer_per_month ON terms IS
    'Invariant 3: what is charged monthly goes through one payer (D7, A20).';
CREATE INDEX terms_current ON terms (membership_id) WHERE superseded_by IS NULL;

CREATE TRIGGER terms_never_deleted BEFORE DELETE ON terms
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER terms_never_emptied BEFORE TRUNCATE ON terms
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION keep_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.superseded_by IS NOT NULL
       OR (NEW.term_id, NEW.membership_id, NEW.kind, NEW.rate, NEW.amount_ore, NEW.cadence,
           NEW.payer, NEW.valid, NEW.decision, NEW.employer_orgnr, NEW.prorated)
          IS DISTINCT FROM
          (OLD.term_id, OLD.membership_id, OLD.kind, OLD.rate, OLD.amount_ore, OLD.cadence,
           OLD.payer, OLD.valid, OLD.decision, OLD.employer_orgnr, OLD.prorated) THEN
        RAISE EXCEPTION 'a term is only ever superseded, once'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'terms_append_only';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION keep_terms() IS 'History must show what was charged, and by what decision.';
CREATE TRIGGER terms_only_superseded BEFORE UPDATE ON terms
    FOR EACH ROW EXECUTE FUNCTION keep_terms();

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

-- Whose months are to be compared anew ----------------------------------------------------------

CREATE TABLE reassessments (
    membership_id text PRIMARY KEY REFERENCES memberships,
    revision integer NOT NULL DEFAULT 1,
    given_back_from date
);
COMMENT ON TABLE reassessments IS
    'Whose terms were changed since their months were last charged: the next dues run compares.';
COMMENT ON COLUMN reassessments.revision IS
    'Tells a run that the terms have changed again while it compared.';
COMMENT ON COLUMN reassessments.given_back_from IS
    'Of the decisions that changed the terms: see there. NULL: only what A31 allows comes back.';

CREATE FUNCTION mark_for_reassessment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reassessments (membership_id, given_back_from)
    SELECT compared.membership_id, min(compared.given_back_from)
    FROM changed JOIN decisions
      ON decisions.membership_id = changed.membership_id
     AND decisions.number = coalesce(changed.superseded_by, changed.decision)
    CROSS JOIN LATERAL (
        SELECT changed.membership_id, decisions.given_back_from
        UNION ALL
        -- What one is charged no more, another of the same person may be (invariant 10).
        SELECT others.membership_id, NULL
        FROM memberships AS own JOIN memberships AS others
          ON others.person_id = own.person_id AND others.membership_id <> own.membership_id
        WHERE own.membership_id = changed.membership_id AND others.member_number IS NOT NULL
    ) AS compared
    -- A month may be charged during the one before it. What begins later can't have been.
    WHERE lower(changed.valid) < decisions.decided_on + interval '2 months'
    GROUP BY compared.membership_id
    ORDER BY compared.membership_id
    ON CONFLICT (membership_id) DO UPDATE
    SET revision = reassessments.revision + 1,
        given_back_from = least(reassessments.given_back_from, excluded.given_back_from);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION mark_for_reassessment() IS
    'Whoever''s terms change for a month that may have been charged is marked, with all memberships of '
    'the person: the next dues run compares, and charges the difference as a correction (A31).';
CREATE TRIGGER terms_added_marked AFTER INSERT ON terms
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_for_reassessment();
CREATE TRIGGER terms_superseded_marked AFTER UPDATE ON terms
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_for_reassessment();

-- Invoices and charges --------------------------------------------------------------------------

CREATE TABLE invoice_series (
    year integer PRIMARY KEY,
    last_no integer NOT NULL CHECK (last_no > 0)
);
COMMENT ON TABLE invoice_series IS
    'The last number given in each year''s series of invoices and credit notes (P10). Whoever '
    'issues holds the row until the commit, so that no number is left out.';

CREATE FUNCTION take_numbers(issued_on date, how_many integer) RETURNS integer
    LANGUAGE sql VOLATILE
BEGIN ATOMIC
    INSERT INTO invoice_series (year, last_no)
    VALUES (extract(year FROM issued_on)::integer, how_many)
    ON CONFLICT (year) DO UPDATE SET last_no = invoice_series.last_no + excluded.last_no
    RETURNING last_no - how_many + 1;
END;
COMMENT ON FUNCTION take_numbers(date, integer) IS
    'Gives the next numbers of a day''s series; returns the first of them. The only place where '
    'numbers are given.';

CREATE TABLE invoices (
    number text PRIMARY KEY,
    -- A pattern that counts takes six times as long.
    kid text NOT NULL UNIQUE CHECK (kid ~ '^[0-9]+$' AND length(kid) BETWEEN 2 AND 25),
    membership_id text NOT NULL,
    serial integer NOT NULL CHECK (serial BETWEEN 1 AND 999999),
    decision integer,
    period_from date NOT NULL CHECK (extract(day FROM period_from) = 1),
    issued_on date NOT NULL,
    due_on date NOT NULL,
    total_ore bigint NOT NULL,
    currency char(3) NOT NULL CHECK (currency = 'NOK'),
    series_no integer CHECK (series_no > 0),
    carried_over boolean CHECK (carried_over),
    -- By serial first: those of a month stand beside each other, and not each on its member's page.
    UNIQUE (serial, membership_id),
    -- By month first: a run writes one stretch of it, and the lines of a month are compared with that.
    UNIQUE (period_from, number, membership_id),
    FOREIGN KEY (membership_id, decision) REFERENCES decisions,
    CONSTRAINT invoices_due_after_issue CHECK (due_on >= issued_on),
    CONSTRAINT invoices_in_the_series CHECK (num_nonnulls(series_no, carried_over) = 1)
);
COMMENT ON TABLE invoices IS
    'Invoices as they were issued; they stand (A12). One of less than nothing is a credit note. '
    'Append-only.';
COMMENT ON COLUMN invoices.kid IS 'The customer identification the payment must carry (P1).';
COMMENT ON COLUMN invoices.serial IS 'Counts a member''s invoices without a gap; part of the KID.';
COMMENT ON COLUMN invoices.decision IS
    'The decision that ordered it; NULL: the dues run of its period did.';
COMMENT ON COLUMN invoices.series_no IS
    'Its number among all invoices and credit notes of the year it was issued in (P10).';
COMMENT ON COLUMN invoices.carried_over IS
    'It came with the register of another system, and stands in that one''s series.';
CREATE UNIQUE INDEX invoices_one_per_series_no
    ON invoices ((extract(year FROM issued_on)::integer), series_no);
CREATE INDEX invoices_of_a_month ON invoices USING brin (period_from) WITH (pages_per_range = 32);
-- Of the member alone: all of one member's are one entry, so that it stays small for ever.
CREATE INDEX invoices_of_membership ON invoices (membership_id);
CREATE INDEX invoices_given_back ON invoices (membership_id) WHERE total_ore < 0;
CREATE INDEX invoices_by_due_day ON invoices USING brin (due_on, issued_on)
    WITH (pages_per_range = 32, autosummarize = on);

CREATE FUNCTION number_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.series_no := take_numbers(NEW.issued_on, 1);
    RETURN NEW;
END $$;
COMMENT ON FUNCTION number_invoice() IS
    'Whatever is issued gets the next number in the transaction that issues it; a month that was '
    'built brings its own (reserve_numbers).';
CREATE TRIGGER invoices_numbered BEFORE INSERT ON invoices
    FOR EACH ROW WHEN (NEW.series_no IS NULL AND NEW.carried_over IS NULL)
    EXECUTE FUNCTION number_invoice();

CREATE FUNCTION series_number(issued_on date, series_no integer) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN extract(year FROM issued_on)::integer::text || '-' || series_no::text;
COMMENT ON FUNCTION series_number(date, integer) IS
    'The number that an invoice shows, such as 2026-17; NULL of one that was carried over.';

CREATE TRIGGER invoices_append_only BEFORE UPDATE OR DELETE ON invoices
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER invoices_never_emptied BEFORE TRUNCATE ON invoices
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE charges (
    invoice_number text,
    membership_id text NOT NULL,
    period_from date NOT NULL,
    kind text NOT NULL
        CHECK (kind IN ('central_dues', 'local_dues', 'insurance_premium', 'correction')),
    amount_ore bigint NOT NULL,
    content_hash char(64) NOT NULL,
    -- Of nine characters, also those it is filled up with: so these are nine digits.
    employer_orgnr char(9) CHECK (employer_orgnr ~ '^[0-9]+$'),
    cadence text NOT NULL DEFAULT 'monthly'
        CHECK (cadence IN ('monthly', 'quarterly', 'yearly')),
    person_id text NOT NULL,
    FOREIGN KEY (invoice_number, membership_id, period_from)
        REFERENCES invoices (number, membership_id, period_from),
    CONSTRAINT charges_one_per_kind_and_month PRIMARY KEY (membership_id, period_from, kind),
    CONSTRAINT charges_have_one_payer CHECK (num_nonnulls(invoice_number, employer_orgnr) = 1)
) PARTITION BY LIST (period_from);
CREATE TABLE charges_unbuilt PARTITION OF charges DEFAULT;
COMMENT ON TABLE charges IS
    'What each member is charged for each month, on an invoice or an employer''s deduction list. '
    'Append-only. A month that was built has a partition of its own (ADR 46).';
COMMENT ON TABLE charges_unbuilt IS 'The charges of all months that came line by line.';
-- A month that is just being charged would be counted as none: its lines were compared each with each.
ALTER TABLE charges_unbuilt ALTER COLUMN period_from SET STATISTICS 0;
COMMENT ON COLUMN charges.content_hash IS
    'Tells a second computation with the same result from one with another.';
COMMENT ON COLUMN charges.person_id IS
    'Whose membership it was when it was charged: a later merge of persons changes no charge.';
COMMENT ON COLUMN charges.cadence IS 'Of the term it was charged from: a year''s fee comes once.';
COMMENT ON CONSTRAINT charges_one_per_kind_and_month ON charges IS
    'Invariant 1: one line for a member, a period and a kind.';
COMMENT ON CONSTRAINT charges_have_one_payer ON charges IS
    'Invariant 3: directly, on an invoice, or through an employer; never both.';
-- By month first: a run writes one stretch of it, and not a page of each person's. The 16 bytes of an
-- id are a third of its text, and a person's lines stand beside each other.
CREATE UNIQUE INDEX charges_one_per_person_and_month
    ON charges (period_from, (substr(person_id, length('person-') + 1)::uuid), kind)
    WHERE kind <> 'correction';
COMMENT ON INDEX charges_one_per_person_and_month IS
    'Invariant 10: one charge for a person, a month and a kind, whatever memberships there are. A '
    'correction belongs to the membership whose charges it corrects; what has come back on one is '
    'charged on another as a correction too.';
CREATE INDEX charges_of_invoice ON charges (invoice_number) WHERE invoice_number IS NOT NULL;
CREATE INDEX charges_of_employer ON charges (employer_orgnr, period_from)
    WHERE employer_orgnr IS NOT NULL;
-- Who is refused by a key is told its name, which is a partition's own.
ALTER INDEX charges_unbuilt_pkey RENAME TO charges_unbuilt_one_per_kind_and_month;
ALTER INDEX charges_unbuilt_period_from_substr_kind_idx
    RENAME TO charges_unbuilt_one_per_person_and_month;
CREATE INDEX charges_of_a_month ON charges_unbuilt USING brin (period_from)
    WITH (pages_per_range = 32);

CREATE TRIGGER charges_append_only BEFORE UPDATE OR DELETE ON charges
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER charges_never_emptied BEFORE TRUNCATE ON charges
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER charges_never_emptied BEFORE TRUNCATE ON charges_unbuilt
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION hash_of_charge(member text, month text, kind text, amount_ore bigint)
    RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN encode(sha256(convert_to(
        '[' || member || ', ' || month || ', "' || kind || '", ' || amount_ore::text || ']',
        'UTF8')), 'hex');
COMMENT ON FUNCTION hash_of_charge(text, text, text, bigint) IS
    'The hash of a charge whose membership and month are written as JSON.';

CREATE FUNCTION charge_hash(membership_id text, period_from date, kind text, amount_ore bigint)
    RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN hash_of_charge(
        to_json(membership_id)::text, to_json(period_from)::text, kind, amount_ore);
COMMENT ON FUNCTION charge_hash(text, date, text, bigint) IS
    'The same hash as activities.shared.hashes, over the same four values.';

CREATE FUNCTION check_invoice_totals() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong text;
BEGIN
    -- What is attached in this transaction has been compared by check_built.
    IF EXISTS (SELECT FROM dues_building WHERE attached_by = pg_current_xact_id()) THEN
        RETURN NULL;
    END IF;
    -- Set by set: one pass over what a statement added, however many that is. With the month,
    -- which a line shares with its invoice, so that no other month's lines are looked through.
    IF TG_TABLE_NAME = 'invoices' THEN
        SELECT added.number INTO wrong FROM added
        WHERE added.total_ore IS DISTINCT FROM coalesce(
            (SELECT sum(amount_ore) FROM charges
             WHERE invoice_number = added.number AND period_from = added.period_from),
            (SELECT sum(amount_ore) FROM redirections WHERE invoice_number = added.number),
            (SELECT sum(amount_ore) FROM recoveries WHERE invoice_number = added.number))
        LIMIT 1;
    ELSE
        SELECT invoices.number INTO wrong
        FROM invoices
        WHERE invoices.number IN (SELECT invoice_number FROM added)
          AND invoices.total_ore IS DISTINCT FROM coalesce(
            (SELECT sum(amount_ore) FROM charges
             WHERE invoice_number = invoices.number AND period_from = invoices.period_from),
            (SELECT sum(amount_ore) FROM redirections WHERE invoice_number = invoices.number),
            (SELECT sum(amount_ore) FROM recoveries WHERE invoice_number = invoices.number))
        LIMIT 1;
    END IF;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'the total of invoice % is not the sum of its lines', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_total_is_sum_of_lines';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION check_invoice_totals() IS
    'An invoice comes with its lines in one statement, or not at all.';
CREATE TRIGGER invoice_totals AFTER INSERT ON invoices
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION check_invoice_totals();
CREATE TRIGGER charge_totals AFTER INSERT ON charges
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION check_invoice_totals();

CREATE TABLE corrections (
    membership_id text NOT NULL REFERENCES memberships,
    charged_in date NOT NULL,
    period_from date NOT NULL,
    kind text NOT NULL CHECK (kind IN ('central_dues', 'local_dues', 'insurance_premium')),
    reason text NOT NULL CHECK (reason IN (
        'reassessed', 'over_deducted', 'carried_over', 'merged', 'imported')),
    was_ore bigint NOT NULL,
    is_ore bigint NOT NULL,
    amount_ore bigint NOT NULL GENERATED ALWAYS AS (is_ore - was_ore) STORED,
    PRIMARY KEY (membership_id, period_from, kind, charged_in, reason),
    CONSTRAINT corrections_change_something CHECK (is_ore <> was_ore),
    CONSTRAINT corrections_look_back CHECK (period_from < charged_in)
);
COMMENT ON TABLE corrections IS
    'Why a correction line is what it is: which amount of which month, what it was, what it is. '
    'Append-only; the line of kind correction is their sum.';

CREATE TRIGGER corrections_append_only BEFORE UPDATE OR DELETE ON corrections
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER corrections_never_emptied BEFORE TRUNCATE ON corrections
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The books -------------------------------------------------------------------------------------

CREATE TABLE entries (
    entry_id bigint GENERATED ALWAYS AS IDENTITY,
    booked_on date NOT NULL,
    source text NOT NULL CHECK (source IN (
        'charge', 'payment', 'allocation', 'reversal', 'redirection', 'over_deduction',
        'carried_over', 'refund', 'refund_paid', 'refund_returned', 'bank_charge', 'bank_interest', 'write_off',
        'insurance_settlement', 'insurance_paid', 'branch_settlement', 'recovery')),
    membership_id text REFERENCES memberships,
    period_from date,
    kind text,
    reference text,
    debit text NOT NULL CONSTRAINT entries_debit_known CHECK (debit IN (
        'members', 'employers', 'bank', 'suspense', 'refunds', 'losses', 'bank_charges',
        'bank_interest', 'central_dues', 'local_dues', 'insurance_premium',
        'insurance_office', 'branches', 'correction')),
    credit text NOT NULL CONSTRAINT entries_credit_known CHECK (credit IN (
        'members', 'employers', 'bank', 'suspense', 'refunds', 'losses', 'bank_charges',
        'bank_interest', 'central_dues', 'local_dues', 'insurance_premium',
        'insurance_office', 'branches', 'correction')),
    amount_ore bigint NOT NULL CHECK (amount_ore > 0),
    CONSTRAINT entries_between_two_accounts CHECK (debit <> credit),
    CONSTRAINT entries_name_their_source CHECK (
        (source = 'charge') = (period_from IS NOT NULL AND kind IS NOT NULL)
        AND (source = 'charge') = (reference IS NULL))
) PARTITION BY LIST (period_from);
CREATE TABLE entries_of_money PARTITION OF entries FOR VALUES IN (NULL);
CREATE TABLE entries_unbuilt PARTITION OF entries DEFAULT;
COMMENT ON TABLE entries IS
    'The ledger: each row moves an amount from one account to another, so that debit and credit '
    'always balance. Append-only. A month that was built has a partition of its own (ADR 46).';
COMMENT ON TABLE entries_of_money IS 'The entries of all that names a reference, and no month.';
COMMENT ON TABLE entries_unbuilt IS 'The entries of charges that came line by line.';
ALTER TABLE entries_unbuilt ALTER COLUMN period_from SET STATISTICS 0;
COMMENT ON COLUMN entries.entry_id IS 'Counted by one sequence, which nobody writes past.';
COMMENT ON COLUMN entries.debit IS
    'The account that gets: what members or employers owe, the bank, or an income given back.';
COMMENT ON COLUMN entries.credit IS
    'The account that gives: an income, what is owed no longer, money in suspense.';
COMMENT ON COLUMN entries.reference IS
    'Of a payment, reversal, charge or interest: the bank''s. Of an allocation: that and its '
    'serial. Of a refund: its id, and of what it is of that and a serial. Of a '
    'recovery: that of the payment, and a serial. Of a '
    'redirection, over-deduction or what is carried over: the list''s number and the member''s. Of what is written off: '
    'the invoice''s or the list''s, and its serial.';
CREATE UNIQUE INDEX entries_one_per_charge ON entries (membership_id, period_from, kind)
    WHERE source = 'charge';
ALTER INDEX entries_unbuilt_membership_id_period_from_kind_idx
    RENAME TO entries_unbuilt_one_per_charge;
-- All that has a reference has no month (entries_name_their_source), and so is in this partition.
CREATE UNIQUE INDEX entries_one_per_source ON entries_of_money (source, reference)
    WHERE reference IS NOT NULL;
CREATE INDEX entries_by_day ON entries_of_money USING brin (booked_on)
    WITH (pages_per_range = 32);
CREATE INDEX entries_of_a_month ON entries_unbuilt USING brin (period_from)
    WITH (pages_per_range = 32);

CREATE TRIGGER entries_append_only BEFORE UPDATE OR DELETE ON entries
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entries_never_emptied BEFORE TRUNCATE ON entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entries_never_emptied BEFORE TRUNCATE ON entries_of_money
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entries_never_emptied BEFORE TRUNCATE ON entries_unbuilt
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE VIEW balances AS
SELECT account, sum(debit_ore)::bigint AS debit_ore, sum(credit_ore)::bigint AS credit_ore,
       sum(debit_ore - credit_ore)::bigint AS balance_ore
FROM (
    -- The entries are read once; what is left of them has two sides each.
    SELECT debit, credit, sum(amount_ore) AS ore FROM entries GROUP BY debit, credit
) AS pairs
CROSS JOIN LATERAL (
    VALUES (debit, ore, 0), (credit, 0, ore)
) AS sides (account, debit_ore, credit_ore)
GROUP BY account;
COMMENT ON VIEW balances IS 'Derived, never stored; over all accounts they sum to nothing.';

-- The dues run ----------------------------------------------------------------------------------

CREATE TABLE dues_runs (
    period_from date PRIMARY KEY CHECK (extract(day FROM period_from) = 1),
    charged_on date NOT NULL,
    due_on date NOT NULL CHECK (due_on >= charged_on)
);
COMMENT ON TABLE dues_runs IS
    'The first run for each month. A later one adds what is missing, with dates of its own: '
    'nobody gets an invoice that is due already.';

CREATE TABLE reserved_numbers (
    year integer NOT NULL,
    first_no integer NOT NULL CHECK (first_no > 0),
    past_no integer NOT NULL,
    period_from date REFERENCES dues_runs,
    reserved_on date NOT NULL,
    PRIMARY KEY (year, first_no),
    CONSTRAINT reserved_numbers_some CHECK (past_no > first_no)
);
COMMENT ON TABLE reserved_numbers IS
    'Numbers of the series that a run took at once for the month it built. What no invoice has of '
    'them was given up: whoever clashed is charged row by row, a run may be let go of. Append-only.';
COMMENT ON COLUMN reserved_numbers.period_from IS
    'The month that was built; NULL: they were passed over after a restore (ADR 102).';
CREATE TRIGGER reserved_numbers_append_only BEFORE UPDATE OR DELETE ON reserved_numbers
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE dues_quarantine (
    period_from date NOT NULL REFERENCES dues_runs,
    membership_id text NOT NULL REFERENCES memberships,
    reason text NOT NULL,
    PRIMARY KEY (period_from, membership_id)
);
COMMENT ON TABLE dues_quarantine IS
    'Who could not be charged for a month, and why; the others were (invariant 9).';

-- How the union stood ---------------------------------------------------------------------------

CREATE TABLE members_by_month (
    period_from date NOT NULL REFERENCES dues_runs,
    category text NOT NULL
        CHECK (category IN ('ordinary', 'student', 'apprentice', 'early_pensioner', 'pensioner')),
    branch text REFERENCES branches,
    members integer NOT NULL CHECK (members > 0),
    CONSTRAINT members_by_month_once UNIQUE NULLS NOT DISTINCT (period_from, category, branch)
);
COMMENT ON TABLE members_by_month IS
    'How many members there were when a month was charged first. Of nobody, so it stays when people '
    'are erased (ADR 113).';
COMMENT ON COLUMN members_by_month.branch IS 'NULL: no branch, or hidden (S33).';

CREATE TABLE dues_by_month (
    period_from date NOT NULL REFERENCES dues_runs,
    kind text NOT NULL
        CHECK (kind IN ('central_dues', 'local_dues', 'insurance_premium', 'correction')),
    members integer NOT NULL CHECK (members > 0),
    amount_ore numeric NOT NULL,
    PRIMARY KEY (period_from, kind)
);
COMMENT ON TABLE dues_by_month IS
    'What the last run for a month left it charged with, as its report says.';
COMMENT ON COLUMN dues_by_month.amount_ore IS
    'Of no type that ends, as the report: what stands in the books may be too large.';
COMMENT ON COLUMN dues_by_month.members IS 'At least so many were charged.';
