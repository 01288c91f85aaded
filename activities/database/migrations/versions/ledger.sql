-- The money of all members: what is charged each month, and the books it stands in.

-- Terms ----------------------------------------------------------------------------------------

ALTER TABLE terms
    ADD COLUMN employer_orgnr char(9) CHECK (employer_orgnr ~ '^[0-9]{9}$'),
    ADD COLUMN prorated boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN terms.employer_orgnr IS
    'Who deducts. NULL in terms planned before this was kept: the present employer.';
COMMENT ON COLUMN terms.prorated IS
    'A yearly fee is charged for the remaining months in the year it begins (A13).';

CREATE OR REPLACE FUNCTION keep_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.superseded_by IS NOT NULL
       OR (NEW.term_id, NEW.membership_id, NEW.kind, NEW.amount_ore, NEW.cadence, NEW.payer,
           NEW.valid, NEW.decision, NEW.employer_orgnr, NEW.prorated)
          IS DISTINCT FROM
          (OLD.term_id, OLD.membership_id, OLD.kind, OLD.amount_ore, OLD.cadence, OLD.payer,
           OLD.valid, OLD.decision, OLD.employer_orgnr, OLD.prorated) THEN
        RAISE EXCEPTION 'a term is only ever superseded, once'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'terms_append_only';
    END IF;
    RETURN NEW;
END $$;

-- Charges --------------------------------------------------------------------------------------

ALTER TABLE invoices ALTER COLUMN decision DROP NOT NULL;
COMMENT ON COLUMN invoices.decision IS
    'The decision that ordered it; NULL: the dues run of its period did.';

DROP TRIGGER invoice_line_total ON invoice_lines;
DROP TRIGGER invoice_total ON invoices;
DROP FUNCTION check_invoice_total();

ALTER TABLE invoice_lines RENAME TO charges;
ALTER TABLE charges RENAME CONSTRAINT invoice_lines_one_per_kind_and_month
    TO charges_one_per_kind_and_month;
ALTER TABLE charges RENAME CONSTRAINT invoice_lines_kind_check TO charges_kind_check;
ALTER TABLE charges
    RENAME CONSTRAINT invoice_lines_invoice_number_membership_id_period_from_fkey
    TO charges_invoice_number_membership_id_period_from_fkey;
ALTER INDEX invoice_lines_of_invoice RENAME TO charges_of_invoice;
ALTER TRIGGER invoice_lines_append_only ON charges RENAME TO charges_append_only;
ALTER TRIGGER invoice_lines_never_emptied ON charges RENAME TO charges_never_emptied;

ALTER TABLE charges
    ALTER COLUMN invoice_number DROP NOT NULL,
    ADD COLUMN employer_orgnr char(9) CHECK (employer_orgnr ~ '^[0-9]{9}$'),
    ADD COLUMN cadence text NOT NULL DEFAULT 'monthly'
        CHECK (cadence IN ('monthly', 'quarterly', 'yearly')),
    ADD CONSTRAINT charges_have_one_payer CHECK (num_nonnulls(invoice_number, employer_orgnr) = 1);
ALTER TABLE charges DISABLE TRIGGER charges_append_only;
UPDATE charges SET cadence = 'yearly'
FROM invoices
WHERE invoices.number = charges.invoice_number AND EXISTS (
    -- Of the terms as they stood when it was billed, not as they were before or became.
    SELECT FROM terms
    WHERE terms.membership_id = charges.membership_id AND terms.kind = charges.kind
      AND terms.cadence = 'yearly' AND terms.valid @> charges.period_from
      AND terms.decision <= invoices.decision
      AND (terms.superseded_by IS NULL OR terms.superseded_by > invoices.decision)
);
ALTER TABLE charges ENABLE TRIGGER charges_append_only;
CREATE INDEX charges_of_employer ON charges (employer_orgnr, period_from)
    WHERE employer_orgnr IS NOT NULL;
CREATE INDEX charges_of_a_year ON charges (membership_id, kind, period_from)
    WHERE cadence = 'yearly';
COMMENT ON TABLE charges IS
    'What each member is charged for each month, on an invoice or an employer''s deduction list. '
    'Append-only.';
COMMENT ON CONSTRAINT charges_one_per_kind_and_month ON charges IS
    'Invariant 1: one line for a member, a period and a kind.';
COMMENT ON CONSTRAINT charges_have_one_payer ON charges IS
    'Invariant 3: directly, on an invoice, or through an employer; never both.';
COMMENT ON COLUMN charges.cadence IS 'Of the term it was charged from: a year''s fee comes once.';

CREATE FUNCTION check_invoice_totals() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong text;
BEGIN
    -- Set by set: one pass over what a statement added, however many that is.
    IF TG_TABLE_NAME = 'invoices' THEN
        SELECT added.number INTO wrong FROM added
        WHERE added.total_ore IS DISTINCT FROM (
            SELECT sum(amount_ore) FROM charges WHERE invoice_number = added.number)
        LIMIT 1;
    ELSE
        SELECT invoices.number INTO wrong
        FROM invoices
        WHERE invoices.number IN (SELECT invoice_number FROM added)
          AND invoices.total_ore IS DISTINCT FROM (
            SELECT sum(amount_ore) FROM charges WHERE invoice_number = invoices.number)
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

-- The books ------------------------------------------------------------------------------------

CREATE TABLE entries (
    entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    booked_on date NOT NULL,
    source text NOT NULL CHECK (source IN ('charge', 'payment')),
    membership_id text NOT NULL REFERENCES memberships,
    period_from date,
    kind text,
    reference text,
    debit text NOT NULL CONSTRAINT entries_debit_known CHECK (debit IN (
        'members', 'employers', 'bank', 'central_dues', 'local_dues', 'insurance_premium',
        'correction')),
    credit text NOT NULL CONSTRAINT entries_credit_known CHECK (credit IN (
        'members', 'employers', 'suspense', 'central_dues', 'local_dues', 'insurance_premium',
        'correction')),
    amount_ore bigint NOT NULL CHECK (amount_ore > 0),
    CONSTRAINT entries_between_two_accounts CHECK (debit <> credit),
    CONSTRAINT entries_name_their_source CHECK (
        (source = 'charge') = (period_from IS NOT NULL AND kind IS NOT NULL)
        AND (source = 'payment') = (reference IS NOT NULL))
);
CREATE UNIQUE INDEX entries_one_per_charge ON entries (membership_id, period_from, kind)
    WHERE source = 'charge';
CREATE UNIQUE INDEX entries_one_per_payment ON entries (reference) WHERE source = 'payment';
COMMENT ON TABLE entries IS
    'The ledger: each row moves an amount from one account to another, so that debit and credit '
    'always balance. Append-only.';
COMMENT ON COLUMN entries.debit IS
    'The account that gets: what members or employers owe, the bank, or an income given back.';
COMMENT ON COLUMN entries.credit IS
    'The account that gives: an income, what is owed no longer, or money in suspense.';
CREATE TRIGGER entries_append_only BEFORE UPDATE OR DELETE ON entries
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entries_never_emptied BEFORE TRUNCATE ON entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE VIEW balances AS
SELECT account, sum(debit_ore)::bigint AS debit_ore, sum(credit_ore)::bigint AS credit_ore,
       sum(debit_ore - credit_ore)::bigint AS balance_ore
FROM (
    SELECT debit AS account, amount_ore AS debit_ore, 0 AS credit_ore FROM entries
    UNION ALL
    SELECT credit, 0, amount_ore FROM entries
) AS sides
GROUP BY account;
COMMENT ON VIEW balances IS 'Derived, never stored; over all accounts they sum to nothing.';

INSERT INTO entries (booked_on, source, membership_id, period_from, kind, debit, credit, amount_ore)
SELECT invoices.issued_on, 'charge', charges.membership_id, charges.period_from, charges.kind,
       'members', charges.kind, charges.amount_ore
FROM charges JOIN invoices ON invoices.number = charges.invoice_number;
INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit, amount_ore)
SELECT paid_on, 'payment', membership_id, reference, 'bank',
       CASE WHEN invoice_number IS NULL THEN 'suspense' ELSE 'members' END, amount_ore
FROM payments;

-- The dues run ---------------------------------------------------------------------------------

CREATE TABLE dues_runs (
    period_from date PRIMARY KEY CHECK (extract(day FROM period_from) = 1),
    charged_on date NOT NULL,
    due_on date NOT NULL CHECK (due_on >= charged_on)
);
COMMENT ON TABLE dues_runs IS
    'The first run for a month sets its dates; a run that goes on, or comes again, keeps them.';

CREATE TABLE dues_quarantine (
    period_from date NOT NULL REFERENCES dues_runs,
    membership_id text NOT NULL REFERENCES memberships,
    reason text NOT NULL,
    PRIMARY KEY (period_from, membership_id)
);
COMMENT ON TABLE dues_quarantine IS
    'Who could not be charged for a month, and why; the others were (invariant 9).';

CREATE FUNCTION with_mod10(digits text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN digits || ((10 - (
        -- Of 15 digits every other one, from the last on, counts twice (Luhn).
        (substr(digits, 2, 1)::int + substr(digits, 4, 1)::int + substr(digits, 6, 1)::int
         + substr(digits, 8, 1)::int + substr(digits, 10, 1)::int + substr(digits, 12, 1)::int
         + substr(digits, 14, 1)::int)
        + substr('0246813579', substr(digits, 1, 1)::int + 1, 1)::int
        + substr('0246813579', substr(digits, 3, 1)::int + 1, 1)::int
        + substr('0246813579', substr(digits, 5, 1)::int + 1, 1)::int
        + substr('0246813579', substr(digits, 7, 1)::int + 1, 1)::int
        + substr('0246813579', substr(digits, 9, 1)::int + 1, 1)::int
        + substr('0246813579', substr(digits, 11, 1)::int + 1, 1)::int
        + substr('0246813579', substr(digits, 13, 1)::int + 1, 1)::int
        + substr('0246813579', substr(digits, 15, 1)::int + 1, 1)::int
    ) % 10) % 10)::text;
COMMENT ON FUNCTION with_mod10(text) IS
    'The same KID as schemas.payments.kid, for 15 digits, where it is needed by the hundred thousand.';

CREATE FUNCTION charge_hash(membership_id text, period_from date, kind text, amount_ore bigint)
    RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN encode(sha256(convert_to(
        '[' || to_json(membership_id)::text || ', "' || to_char(period_from, 'YYYY-MM-DD')
        || '", "' || kind || '", ' || amount_ore::text || ']', 'UTF8')), 'hex');
COMMENT ON FUNCTION charge_hash(text, date, text, bigint) IS
    'The same hash as activities.shared.hashes, over the same four values.';

CREATE FUNCTION charges_due(month date)
    RETURNS TABLE (
        membership_id text, member_number char(8), kind text, cadence text, payer text,
        employer_orgnr text, amount_ore bigint, trouble text)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT
        memberships.membership_id,
        memberships.member_number,
        terms.kind,
        terms.cadence,
        terms.payer,
        coalesce(terms.employer_orgnr, people.employer_orgnr) AS employer_orgnr,
        CASE WHEN terms.prorated AND date_trunc('year', lower(terms.valid)) = date_trunc('year', month)
             THEN terms.amount_ore * (13 - extract(month FROM lower(terms.valid))::integer) / 12
             ELSE terms.amount_ore END AS amount_ore,
        CASE
            WHEN terms.payer = 'payroll' AND memberships.hidden
                THEN 'a hidden member can''t be charged through an employer'
            WHEN terms.payer = 'payroll'
                 AND coalesce(terms.employer_orgnr, people.employer_orgnr) IS NULL
                THEN 'the employer that deducts is not known'
            WHEN terms.amount_ore < 0 THEN 'a term with a negative amount'
        END AS trouble
    FROM terms
    JOIN memberships USING (membership_id)
    LEFT JOIN people USING (membership_id)
    WHERE terms.superseded_by IS NULL
      AND terms.valid @> month
      AND terms.amount_ore <> 0
      AND (terms.cadence = 'monthly'
           OR terms.cadence = 'quarterly' AND extract(month FROM month) IN (1, 4, 7, 10)
           -- A year's fee comes in January, or with the month it begins; never twice a year.
           OR terms.cadence = 'yearly'
              AND (extract(month FROM month) = 1 OR lower(terms.valid) = month))
      AND NOT EXISTS (
        SELECT FROM charges
        WHERE terms.cadence = 'yearly'
          AND charges.membership_id = terms.membership_id
          AND charges.kind = terms.kind
          AND charges.cadence = 'yearly'
          AND charges.period_from >= date_trunc('year', month)::date
          AND charges.period_from < (date_trunc('year', month) + interval '1 year')::date)
      AND NOT EXISTS (
        SELECT FROM charges
        WHERE charges.membership_id = terms.membership_id
          AND charges.period_from = month
          AND charges.kind = terms.kind);
END;
COMMENT ON FUNCTION charges_due(date) IS
    'What the terms still charge for a month, and who can''t be, by the terms alone: what '
    'somebody pays was decided by the rules when the terms were planned (S2-S21, A13).';
