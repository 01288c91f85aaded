-- What follows on a charge: money that comes and goes, lists to employers, corrections, tasks.

-- Files from outside ---------------------------------------------------------------------------

CREATE TABLE inbound_files (
    file_id char(64) PRIMARY KEY CHECK (file_id ~ '^[0-9a-f]{64}$'),
    kind text NOT NULL CHECK (kind IN ('payments', 'deduction_report')),
    name text NOT NULL,
    content bytea NOT NULL,
    received_on date NOT NULL
);
COMMENT ON TABLE inbound_files IS
    'Every file that somebody sent, under the hash of its content: the same file is one file. '
    'Append-only.';
CREATE TRIGGER inbound_files_append_only BEFORE UPDATE OR DELETE ON inbound_files
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

-- Tasks ----------------------------------------------------------------------------------------

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
    CONSTRAINT tasks_closed_by_somebody CHECK ((closed_on IS NULL) = (closed_by IS NULL))
);
CREATE INDEX tasks_open ON tasks (opened_on) WHERE closed_on IS NULL;
COMMENT ON TABLE tasks IS
    'What a caseworker must look at in the money. No personal data: opaque ids and references.';
COMMENT ON COLUMN tasks.key IS 'The same matter is one task, however often it is found.';
COMMENT ON COLUMN tasks.announced_on IS 'When the caseworkers were written to about it.';

-- Employers ------------------------------------------------------------------------------------

CREATE SEQUENCE payer_numbers MINVALUE 1 MAXVALUE 99999999;
ALTER TABLE employers
    ADD COLUMN payer_number char(8) NOT NULL UNIQUE
        DEFAULT lpad(nextval('payer_numbers')::text, 8, '0'),
    ADD COLUMN list_channel text NOT NULL DEFAULT 'folder'
        CHECK (list_channel IN ('folder', 'email')),
    ADD COLUMN list_password text,
    ADD CONSTRAINT employers_mail_is_locked CHECK (
        list_channel = 'folder' OR (email IS NOT NULL AND list_password IS NOT NULL));
COMMENT ON COLUMN employers.payer_number IS
    'Stands for the employer wherever its name and number may not: workflow ids, KIDs, tasks.';
COMMENT ON COLUMN employers.list_channel IS
    'How its deduction lists reach it: a folder it fetches from, or mail under a password.';

-- Deduction lists ------------------------------------------------------------------------------

CREATE TABLE deduction_lists (
    number text PRIMARY KEY,
    kid text NOT NULL UNIQUE CHECK (kid ~ '^[0-9]{2,25}$'),
    employer_orgnr char(9) NOT NULL REFERENCES employers,
    serial integer NOT NULL CHECK (serial BETWEEN 1 AND 999999),
    period_from date NOT NULL CHECK (extract(day FROM period_from) = 1),
    made_on date NOT NULL,
    report_due_on date NOT NULL,
    total_ore bigint NOT NULL,
    line_count integer NOT NULL CHECK (line_count > 0),
    UNIQUE (employer_orgnr, serial),
    CONSTRAINT deduction_lists_one_a_month UNIQUE (employer_orgnr, period_from)
);
COMMENT ON TABLE deduction_lists IS
    'What each employer was asked to deduct for a month. Append-only: what is charged later comes '
    'with the next month.';
CREATE TABLE deduction_lines (
    list_number text NOT NULL REFERENCES deduction_lists,
    membership_id text NOT NULL REFERENCES memberships,
    central_ore bigint NOT NULL,
    local_ore bigint NOT NULL,
    premium_ore bigint NOT NULL,
    total_ore bigint NOT NULL,
    code text NOT NULL CHECK (code IN ('START', 'CHANGE', 'STOP', 'CONTINUE')),
    PRIMARY KEY (list_number, membership_id),
    CONSTRAINT deduction_lines_add_up CHECK (total_ore = central_ore + local_ore + premium_ore)
);
CREATE INDEX deduction_lines_of_membership ON deduction_lines (membership_id);
COMMENT ON TABLE deduction_lines IS
    'One line for a member: the charges of the month, corrections within the amount they correct. '
    'Append-only.';
CREATE TRIGGER deduction_lists_append_only BEFORE UPDATE OR DELETE ON deduction_lists
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deduction_lists_never_emptied BEFORE TRUNCATE ON deduction_lists
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deduction_lines_append_only BEFORE UPDATE OR DELETE ON deduction_lines
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deduction_lines_never_emptied BEFORE TRUNCATE ON deduction_lines
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Corrections ----------------------------------------------------------------------------------

CREATE TABLE reassessments (
    membership_id text PRIMARY KEY REFERENCES memberships,
    revision integer NOT NULL DEFAULT 1
);
COMMENT ON TABLE reassessments IS
    'Whose terms were changed since their months were last charged: the next dues run compares.';
COMMENT ON COLUMN reassessments.revision IS
    'Tells a run that the terms have changed again while it compared.';

CREATE FUNCTION mark_for_reassessment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reassessments (membership_id)
    SELECT DISTINCT changed.membership_id
    FROM changed JOIN decisions
      ON decisions.membership_id = changed.membership_id
     AND decisions.number = coalesce(changed.superseded_by, changed.decision)
    -- A month may be charged during the one before it. What begins later can't have been.
    WHERE lower(changed.valid) < decisions.decided_on + interval '2 months'
    ORDER BY changed.membership_id
    ON CONFLICT (membership_id) DO UPDATE SET revision = reassessments.revision + 1;
    RETURN NULL;
END $$;
CREATE TRIGGER terms_added_marked AFTER INSERT ON terms
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_for_reassessment();
CREATE TRIGGER terms_superseded_marked AFTER UPDATE ON terms
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_for_reassessment();

CREATE TABLE corrections (
    membership_id text NOT NULL REFERENCES memberships,
    charged_in date NOT NULL,
    period_from date NOT NULL,
    kind text NOT NULL CHECK (kind IN ('central_dues', 'local_dues', 'insurance_premium')),
    reason text NOT NULL CHECK (reason IN ('reassessed', 'over_deducted')),
    was_ore bigint NOT NULL,
    is_ore bigint NOT NULL,
    amount_ore bigint NOT NULL GENERATED ALWAYS AS (is_ore - was_ore) STORED,
    PRIMARY KEY (membership_id, charged_in, period_from, kind, reason),
    CONSTRAINT corrections_change_something CHECK (is_ore <> was_ore),
    CONSTRAINT corrections_look_back CHECK (period_from < charged_in)
);
CREATE INDEX corrections_of_a_month ON corrections (membership_id, period_from, kind);
COMMENT ON TABLE corrections IS
    'Why a correction line is what it is: which amount of which month, what it was, what it is. '
    'Append-only; the line of kind correction is their sum.';
CREATE TRIGGER corrections_append_only BEFORE UPDATE OR DELETE ON corrections
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER corrections_never_emptied BEFORE TRUNCATE ON corrections
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Redirections ---------------------------------------------------------------------------------

CREATE TABLE redirections (
    list_number text NOT NULL REFERENCES deduction_lists,
    membership_id text NOT NULL REFERENCES memberships,
    invoice_number text NOT NULL UNIQUE REFERENCES invoices,
    amount_ore bigint NOT NULL CHECK (amount_ore > 0),
    reason text NOT NULL,
    PRIMARY KEY (list_number, membership_id),
    FOREIGN KEY (list_number, membership_id) REFERENCES deduction_lines
);
COMMENT ON TABLE redirections IS
    'What an employer was asked for and did not deduct, and the member is invoiced for instead. '
    'Append-only.';
CREATE TRIGGER redirections_append_only BEFORE UPDATE OR DELETE ON redirections
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER redirections_never_emptied BEFORE TRUNCATE ON redirections
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE FUNCTION check_invoice_totals() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong text;
BEGIN
    -- Set by set: one pass over what a statement added, however many that is.
    IF TG_TABLE_NAME = 'invoices' THEN
        SELECT added.number INTO wrong FROM added
        WHERE added.total_ore IS DISTINCT FROM coalesce(
            (SELECT sum(amount_ore) FROM charges WHERE invoice_number = added.number),
            (SELECT sum(amount_ore) FROM redirections WHERE invoice_number = added.number))
        LIMIT 1;
    ELSE
        SELECT invoices.number INTO wrong
        FROM invoices
        WHERE invoices.number IN (SELECT invoice_number FROM added)
          AND invoices.total_ore IS DISTINCT FROM coalesce(
            (SELECT sum(amount_ore) FROM charges WHERE invoice_number = invoices.number),
            (SELECT sum(amount_ore) FROM redirections WHERE invoice_number = invoices.number))
        LIMIT 1;
    END IF;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'the total of invoice % is not the sum of its lines', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_total_is_sum_of_lines';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER redirection_totals AFTER INSERT ON redirections
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION check_invoice_totals();
COMMENT ON TABLE invoices IS
    'Invoices as they were issued; they stand (A12). One of less than nothing is a credit note. '
    'Append-only.';

-- Money that comes and goes --------------------------------------------------------------------

DROP TRIGGER payments_within_invoice_total ON payments;
DROP FUNCTION check_not_overpaid();

CREATE TABLE allocations (
    allocation_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reference text REFERENCES payments,
    credit_number text REFERENCES invoices,
    serial integer NOT NULL CHECK (serial >= 1),
    invoice_number text REFERENCES invoices,
    list_number text REFERENCES deduction_lists,
    amount_ore bigint NOT NULL CHECK (amount_ore <> 0),
    allocated_on date NOT NULL,
    allocated_by text NOT NULL,
    CONSTRAINT allocations_from_one_source CHECK (num_nonnulls(reference, credit_number) = 1),
    CONSTRAINT allocations_to_one_claim CHECK (num_nonnulls(invoice_number, list_number) = 1)
);
CREATE UNIQUE INDEX allocations_once_of_payment ON allocations (reference, serial)
    WHERE reference IS NOT NULL;
CREATE UNIQUE INDEX allocations_once_of_credit ON allocations (credit_number, serial)
    WHERE credit_number IS NOT NULL;
CREATE INDEX allocations_to_invoice ON allocations (invoice_number)
    WHERE invoice_number IS NOT NULL;
CREATE INDEX allocations_to_list ON allocations (list_number) WHERE list_number IS NOT NULL;
COMMENT ON TABLE allocations IS
    'What a payment, or a credit note, pays. What is not allocated is in suspense. Append-only: '
    'taken back by a row of less than nothing.';
COMMENT ON COLUMN allocations.serial IS 'Counts the allocations of one payment or credit note.';
COMMENT ON COLUMN allocations.allocated_by IS 'The rule, or the caseworker.';
CREATE TRIGGER allocations_append_only BEFORE UPDATE OR DELETE ON allocations
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER allocations_never_emptied BEFORE TRUNCATE ON allocations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

INSERT INTO allocations (reference, serial, invoice_number, amount_ore, allocated_on, allocated_by)
SELECT reference, 1, invoice_number, amount_ore, paid_on, 'kid' FROM payments
WHERE invoice_number IS NOT NULL
ORDER BY paid_on, reference;

DROP INDEX payments_in_suspense;
DROP INDEX payments_of_invoice;
ALTER TABLE payments
    DROP COLUMN invoice_number,
    ALTER COLUMN membership_id DROP NOT NULL,
    ALTER COLUMN decision DROP NOT NULL,
    ADD COLUMN file_id char(64) REFERENCES inbound_files,
    ADD COLUMN reverses text,
    ADD CONSTRAINT payments_reverse_another CHECK (reverses <> reference);
CREATE UNIQUE INDEX payments_reversed_once ON payments (reverses) WHERE reverses IS NOT NULL;
COMMENT ON COLUMN payments.membership_id IS 'NULL: an employer''s, or nobody knows whose.';
COMMENT ON COLUMN payments.decision IS
    'The decision that recorded it; NULL when it came in a file of the bank.';
COMMENT ON COLUMN payments.reverses IS
    'The payment that the bank took back; it may not have arrived yet.';

CREATE TABLE refunds (
    refund_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reference text NOT NULL UNIQUE REFERENCES payments,
    amount_ore bigint NOT NULL CHECK (amount_ore > 0),
    requested_on date NOT NULL,
    requested_by text NOT NULL,
    reason text NOT NULL
);
COMMENT ON TABLE refunds IS
    'What is to be paid back of a payment in suspense; the bank does it. Append-only.';
CREATE TRIGGER refunds_append_only BEFORE UPDATE OR DELETE ON refunds
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refunds_never_emptied BEFORE TRUNCATE ON refunds
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE VIEW invoice_balances AS
SELECT invoices.number, invoices.membership_id, invoices.serial, invoices.kid,
       invoices.period_from, invoices.issued_on, invoices.due_on, invoices.total_ore,
       paid.ore AS paid_ore, used.ore AS used_ore,
       invoices.total_ore - paid.ore + used.ore AS open_ore
FROM invoices
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount_ore), 0)::bigint AS ore FROM allocations
    WHERE allocations.invoice_number = invoices.number
) AS paid
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount_ore), 0)::bigint AS ore FROM allocations
    WHERE allocations.credit_number = invoices.number
) AS used;
COMMENT ON VIEW invoice_balances IS
    'What is still open of each invoice; less than nothing: what is left of a credit note.';

CREATE VIEW payment_balances AS
SELECT payments.reference, payments.membership_id, payments.kid, payments.paid_on,
       payments.amount_ore, used.ore AS allocated_ore, refunded.ore AS refunded_ore,
       back.reference IS NOT NULL AS reversed,
       CASE WHEN back.reference IS NULL THEN payments.amount_ore ELSE 0 END
           - used.ore - refunded.ore AS suspense_ore
FROM payments
LEFT JOIN payments AS back ON back.reverses = payments.reference
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount_ore), 0)::bigint AS ore FROM allocations
    WHERE allocations.reference = payments.reference
) AS used
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount_ore), 0)::bigint AS ore FROM refunds
    WHERE refunds.reference = payments.reference
) AS refunded
WHERE payments.reverses IS NULL;
COMMENT ON VIEW payment_balances IS 'What is in suspense of each payment (section 4).';

CREATE FUNCTION check_allocations() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong text;
BEGIN
    SELECT number INTO wrong FROM invoice_balances
    WHERE number IN (SELECT invoice_number FROM added UNION SELECT credit_number FROM added)
      AND (CASE WHEN total_ore < 0 THEN open_ore > 0 OR used_ore < 0 OR paid_ore <> 0
                ELSE open_ore < 0 OR paid_ore < 0 OR used_ore <> 0 END)
    LIMIT 1;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'more than there is of invoice % was allocated', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'allocations_within_invoice_total';
    END IF;
    -- Of one that the bank took back nothing is left to allocate, even if it was paid back too.
    SELECT reference INTO wrong FROM payment_balances
    WHERE reference IN (SELECT reference FROM added)
      AND (CASE WHEN reversed THEN allocated_ore <> 0
                ELSE suspense_ore < 0 OR allocated_ore < 0 END)
    LIMIT 1;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'more than payment % brought was allocated', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'allocations_within_payment';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER allocations_within_bounds AFTER INSERT ON allocations
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION check_allocations();

-- The books ------------------------------------------------------------------------------------

ALTER TABLE entries
    ALTER COLUMN membership_id DROP NOT NULL,
    DROP CONSTRAINT entries_source_check,
    DROP CONSTRAINT entries_debit_known,
    DROP CONSTRAINT entries_credit_known,
    DROP CONSTRAINT entries_name_their_source,
    ADD CONSTRAINT entries_source_check CHECK (source IN (
        'charge', 'payment', 'allocation', 'reversal', 'redirection', 'over_deduction', 'refund')),
    ADD CONSTRAINT entries_debit_known CHECK (debit IN (
        'members', 'employers', 'bank', 'suspense', 'refunds', 'central_dues', 'local_dues',
        'insurance_premium', 'correction')),
    ADD CONSTRAINT entries_credit_known CHECK (credit IN (
        'members', 'employers', 'bank', 'suspense', 'refunds', 'central_dues', 'local_dues',
        'insurance_premium', 'correction')),
    ADD CONSTRAINT entries_name_their_source CHECK (
        (source = 'charge') = (period_from IS NOT NULL AND kind IS NOT NULL)
        AND (source = 'charge') = (reference IS NULL));
DROP INDEX entries_one_per_payment;
ALTER TABLE entries DISABLE TRIGGER entries_append_only;
-- Until now a payment was booked to its invoice at once; now it goes by way of suspense.
UPDATE entries SET credit = 'suspense' WHERE source = 'payment';
ALTER TABLE entries ENABLE TRIGGER entries_append_only;
INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit, amount_ore)
SELECT allocations.allocated_on, 'allocation', payments.membership_id,
       allocations.reference || '/' || allocations.serial, 'suspense', 'members',
       allocations.amount_ore
FROM allocations JOIN payments USING (reference);
CREATE UNIQUE INDEX entries_one_per_source ON entries (source, reference)
    WHERE reference IS NOT NULL;
COMMENT ON COLUMN entries.reference IS
    'Of a payment, reversal or refund: the bank''s. Of an allocation: that and its serial. Of a '
    'redirection or over-deduction: the list''s number and the member''s.';
COMMENT ON COLUMN entries.debit IS
    'The account that gets: what members or employers owe, the bank, or an income given back.';
COMMENT ON COLUMN entries.credit IS
    'The account that gives: an income, what is owed no longer, money in suspense.';

-- Letters that no decision ordered -------------------------------------------------------------

ALTER TABLE letters
    ALTER COLUMN decision DROP NOT NULL,
    ADD COLUMN batch text,
    ADD COLUMN ordered_on date,
    ADD CONSTRAINT letters_ordered_by_somebody CHECK (
        (decision IS NULL) = (batch IS NOT NULL AND ordered_on IS NOT NULL));
CREATE INDEX letters_of_batch ON letters (batch, membership_id, key)
    WHERE batch IS NOT NULL AND status IN ('pending', 'sending', 'held');
COMMENT ON COLUMN letters.batch IS
    'The run that ordered it for many members at once; NULL: a decision about this one did.';
ALTER TABLE disclosures DROP CONSTRAINT disclosures_membership_id_key_fkey;
COMMENT ON COLUMN disclosures.key IS 'Of the letter, or of the deduction list it stood on.';

CREATE FUNCTION letter_message_id(membership_id text, key text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN left(encode(sha256(convert_to(membership_id || E'\n' || key, 'UTF8')), 'hex'), 40);
COMMENT ON FUNCTION letter_message_id(text, text) IS
    'The same as activities.shared.hashes.letter_message_id.';

-- What the rules need to know ------------------------------------------------------------------

ALTER TABLE memberships ADD COLUMN facts jsonb;
COMMENT ON COLUMN memberships.facts IS
    'schemas.membership.situation.Facts as of the last decision: to work out terms for many at once.';

ALTER TABLE policies
    DROP CONSTRAINT policies_name_known,
    ADD CONSTRAINT policies_name_known CHECK (name IN (
        'round_half_and_quarter', 'apprentice_insurance', 'half_past_67', 'premium_at_once',
        'payroll_needs_first_payment', 'window_days', 'reminder_working_days',
        'escalation_working_days', 'lapse_days', 'payroll_reminder_days',
        'payroll_timeout_days', 'payment_days', 'lowest_age', 'retirement_age', 'afp_age',
        'back_months', 'change_ahead_years', 'pension_question_months', 'study_question_days',
        'notice_months', 'struck_off_months', 'first_reminder_days', 'second_reminder_days',
        'arrears_task_months', 'warning_days', 'report_due_day'
    ));
INSERT INTO policies (name, valid_from, value, source)
VALUES
    ('first_reminder_days', '1970-01-01', '14', 'A30'),
    ('second_reminder_days', '1970-01-01', '28', 'A30'),
    ('arrears_task_months', '1970-01-01', '2', 'A30'),
    ('warning_days', '1970-01-01', '14', 'A30'),
    ('report_due_day', '1970-01-01', '15', 'section 5');
