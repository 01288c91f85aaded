-- Money as the bank brought it, and what it pays.

-- What the bank brings --------------------------------------------------------------------------

CREATE TABLE payments (
    reference text PRIMARY KEY,
    membership_id text,
    decision integer,
    amount_ore bigint NOT NULL CHECK (amount_ore > 0),
    paid_on date NOT NULL,
    kid text,
    file_id char(64) REFERENCES inbound_files,
    reverses text,
    FOREIGN KEY (membership_id, decision) REFERENCES decisions DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT payments_reverse_another CHECK (reverses <> reference)
);
COMMENT ON TABLE payments IS 'Money as the bank reported it. Append-only.';
COMMENT ON COLUMN payments.reference IS
    'What it is called: the bank''s, where no other money has that. What makes it the same money is said '
    'by bank_entries (ADR 54).';
COMMENT ON COLUMN payments.membership_id IS 'NULL: an employer''s, or nobody knows whose.';
COMMENT ON COLUMN payments.decision IS
    'The decision that recorded it; NULL when it came in a file of the bank.';
COMMENT ON COLUMN payments.reverses IS
    'The payment that the bank took back; it may not have arrived yet.';
COMMENT ON COLUMN payments.file_id IS 'The bank''s file that brought it; NULL: it was reported.';
COMMENT ON CONSTRAINT payments_membership_id_decision_fkey ON payments IS
    'Checked at the end: a payment is allocated before its decision says where it went.';
CREATE INDEX payments_of_membership ON payments (membership_id);
CREATE UNIQUE INDEX payments_reversed_once ON payments (reverses) WHERE reverses IS NOT NULL;
CREATE INDEX payments_by_day ON payments (paid_on);
CREATE INDEX payments_of_kid ON payments (kid, amount_ore);

CREATE TRIGGER payments_append_only BEFORE UPDATE OR DELETE ON payments
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payments_never_emptied BEFORE TRUNCATE ON payments
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE bank_entries (
    file_id char(64) NOT NULL REFERENCES inbound_files,
    position integer NOT NULL CHECK (position >= 1),
    place text NOT NULL,
    account text NOT NULL,
    channel text NOT NULL CHECK (channel ~ '^[a-z][a-z0-9]*$'),
    message text NOT NULL,
    amount_ore bigint,
    booked_on date,
    debit boolean NOT NULL,
    kid text,
    bank_reference text,
    own boolean NOT NULL,
    bank_references text NOT NULL,
    entry integer NOT NULL,
    payer_name text,
    payer_account text,
    payer_text text,
    payer_kids text,
    identity uuid NOT NULL,
    nth integer CHECK (nth >= 1),
    reference text,
    aside text,
    says text,
    same_as text,
    bare boolean NOT NULL DEFAULT false,
    PRIMARY KEY (file_id, position),
    CONSTRAINT bank_entries_have_a_place CHECK (num_nonnulls(reference, aside) >= 1),
    CONSTRAINT bank_entries_known_or_new CHECK (
        nth IS NULL OR (reference IS NOT NULL AND amount_ore IS NOT NULL AND booked_on IS NOT NULL))
);
COMMENT ON TABLE bank_entries IS
    'Every entry of every file of the bank that was booked, as it stood there, and what became of it: '
    'booked, known before, or set aside. Who paid is secret, and may be forgotten. Else append-only.';
COMMENT ON COLUMN bank_entries.place IS 'For people: the line, or the entry and transaction.';
COMMENT ON COLUMN bank_entries.channel IS
    'What kind of message tells of it: OCR giro, a notice, a statement.';
COMMENT ON COLUMN bank_entries.bank_reference IS
    'What the bank calls it: its own where "own", else that of the entry it is part of. Others may '
    'have the same.';
COMMENT ON COLUMN bank_entries.entry IS 'Counts the entries of a file; a transaction is part of one.';
COMMENT ON COLUMN bank_entries.identity IS
    'The hash, under the key of identity_key, of all that tells money apart: account, day, amount, '
    'sign, KID, payer, text and references. It stays when who paid is forgotten.';
COMMENT ON COLUMN bank_entries.nth IS
    'The how manieth of otherwise equal ones it is: with its identity the business key of money. NULL '
    'for what had been told before, and for what is no money.';
COMMENT ON COLUMN bank_entries.reference IS
    'The payment or reversal that it is, whether or not it was the first to tell of it; of what is set '
    'aside: what it is called once somebody takes it in.';
COMMENT ON COLUMN bank_entries.aside IS 'Why it was set aside; NULL: it was not (P5).';
COMMENT ON COLUMN bank_entries.same_as IS 'The payment that it may be once more.';
COMMENT ON COLUMN bank_entries.bare IS
    'A credit of which nothing says who has paid it or what for: it may be the sum of others (P4).';
CREATE UNIQUE INDEX bank_entries_money ON bank_entries (identity, nth) WHERE nth IS NOT NULL;
CREATE INDEX bank_entries_alike ON bank_entries (coalesce(kid, ''), amount_ore, booked_on)
    WHERE reference IS NOT NULL;
CREATE INDEX bank_entries_of_payment ON bank_entries (reference) WHERE reference IS NOT NULL;
CREATE INDEX bank_entries_unnamed ON bank_entries (identity) WHERE reference IS NULL;
CREATE INDEX bank_entries_by_bank_reference ON bank_entries (bank_reference)
    WHERE bank_reference IS NOT NULL;
CREATE INDEX bank_entries_by_day ON bank_entries (booked_on, account)
    WHERE aside IS NULL AND NOT debit;
CREATE INDEX bank_entries_bare ON bank_entries (booked_on) WHERE bare AND nth IS NOT NULL;
CREATE INDEX bank_entries_by_payer_account ON bank_entries (payer_account, booked_on)
    WHERE payer_account IS NOT NULL AND reference IS NOT NULL;

CREATE FUNCTION keep_all_but_payers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE payer text[] := ARRAY['payer_name', 'payer_account', 'payer_text', 'payer_kids'];
BEGIN
    IF num_nonnulls(NEW.payer_name, NEW.payer_account, NEW.payer_text, NEW.payer_kids) > 0
       OR to_jsonb(NEW) - payer <> to_jsonb(OLD) - payer THEN
        RAISE EXCEPTION 'bank_entries is append-only: of a payer all may be forgotten, no less'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'bank_entries_append_only';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION keep_all_but_payers() IS
    'What the bank told stays as it was told; who paid may be forgotten (P6).';
CREATE TRIGGER bank_entries_keep_all_but_payers BEFORE UPDATE ON bank_entries
    FOR EACH ROW EXECUTE FUNCTION keep_all_but_payers();
CREATE TRIGGER bank_entries_append_only BEFORE DELETE ON bank_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bank_entries_never_emptied BEFORE TRUNCATE ON bank_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE bank_charges (
    reference text PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('fee', 'interest')),
    amount_ore bigint NOT NULL CHECK (amount_ore <> 0),
    booked_on date NOT NULL,
    file_id char(64) NOT NULL REFERENCES inbound_files
);
COMMENT ON TABLE bank_charges IS
    'What the bank takes and gives for itself: fees, interest. Append-only.';
COMMENT ON COLUMN bank_charges.amount_ore IS 'What it costs; less than nothing: what it brings.';

CREATE TRIGGER bank_charges_append_only BEFORE UPDATE OR DELETE ON bank_charges
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bank_charges_never_emptied BEFORE TRUNCATE ON bank_charges
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION payer_of(wanted text)
    RETURNS TABLE (payer text, account text, text text, numbers text)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    -- Each source tells what it knows.
    SELECT string_agg(DISTINCT payer_name, ' / '), string_agg(DISTINCT payer_account, ' / '),
           string_agg(DISTINCT payer_text, ' / '), string_agg(DISTINCT payer_kids, ' ')
    FROM bank_entries WHERE bank_entries.reference = wanted;
END;
COMMENT ON FUNCTION payer_of(text) IS
    'Who stands at the other end of a payment, as all files have told it: for whoever must place it.';

CREATE TABLE identity_key (
    is_the_only_one boolean PRIMARY KEY DEFAULT true CHECK (is_the_only_one),
    key bytea NOT NULL CHECK (octet_length(key) BETWEEN 16 AND 64)
);
COMMENT ON TABLE identity_key IS
    'By it the identities of money are worked out: without it none can be tried for a payer. Made '
    'with the first import, and never changed.';

CREATE TRIGGER identity_key_append_only BEFORE UPDATE OR DELETE ON identity_key
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER identity_key_never_emptied BEFORE TRUNCATE ON identity_key
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE awaited_reversals (
    reference text PRIMARY KEY,
    takes_back text,
    kid text,
    amount_ore bigint NOT NULL CHECK (amount_ore > 0),
    paid_on date NOT NULL,
    file_id char(64) REFERENCES inbound_files
);
COMMENT ON TABLE awaited_reversals IS
    'What the bank took back of payments that have not arrived. Booked to the bank; the row goes '
    'once its payment is there.';
COMMENT ON COLUMN awaited_reversals.takes_back IS 'The payment''s reference, where the bank says it.';
CREATE INDEX awaited_reversals_of_payment ON awaited_reversals (takes_back);
CREATE INDEX awaited_reversals_of_kid ON awaited_reversals (kid, amount_ore);

CREATE TABLE payment_reports (
    reference text PRIMARY KEY REFERENCES payments,
    membership_id text NOT NULL REFERENCES memberships,
    told_on date,
    decision integer,
    FOREIGN KEY (membership_id, decision) REFERENCES decisions DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON TABLE payment_reports IS
    'Payments of the bank''s files that pay a first invoice: the membership is told, and goes on.';
COMMENT ON COLUMN payment_reports.told_on IS 'NULL: not yet.';
COMMENT ON COLUMN payment_reports.decision IS 'The one that took it in; NULL: none has yet.';
CREATE INDEX payment_reports_open ON payment_reports (reference)
    WHERE told_on IS NULL AND decision IS NULL;

CREATE TABLE payments_in_suspense (
    reference text PRIMARY KEY REFERENCES payments,
    membership_id text NOT NULL REFERENCES memberships
);
COMMENT ON TABLE payments_in_suspense IS
    'Members'' payments of which something may be in suspense, so that what comes next need not look '
    'at all there ever were. How much is said by payment_balances; a row too many does no harm.';
CREATE INDEX payments_in_suspense_of_membership ON payments_in_suspense (membership_id);

CREATE FUNCTION same_person(one text, other text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN regexp_replace(lower(normalize(one, NFKC) COLLATE pg_c_utf8), '[^[:alnum:]]', '', 'g')
         = regexp_replace(lower(normalize(other, NFKC) COLLATE pg_c_utf8), '[^[:alnum:]]', '', 'g');
COMMENT ON FUNCTION same_person(text, text) IS
    'Whether two names of who decides are one person''s: case, blanks and points do not make another.';

CREATE FUNCTION same_hands(one text, one_subject text, other text, other_subject text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN one_subject IS NOT NULL AND other_subject IS NOT NULL
                THEN one_subject = other_subject
                ELSE same_person(one, other) END;
COMMENT ON FUNCTION same_hands(text, text, text, text) IS
    'Whether two who decide are one person: by who they are where both are known by a key, else by name (R6).';

CREATE TABLE refund_files (
    message_id text PRIMARY KEY,
    checksum char(64) NOT NULL UNIQUE,
    content bytea,
    made_on date NOT NULL,
    made_by text NOT NULL,
    CONSTRAINT refund_files_are_as_written CHECK (checksum = encode(sha256(content), 'hex'))
);
COMMENT ON TABLE refund_files IS
    'What the bank was asked to pay out, as it was written: pain.001. Append-only, but that it may be '
    'forgotten.';
COMMENT ON COLUMN refund_files.content IS
    'Names and accounts of receivers: secret. NULL: forgotten (R4).';

CREATE FUNCTION keep_that_it_was_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.content IS NOT NULL OR to_jsonb(NEW) - 'content' <> to_jsonb(OLD) - 'content' THEN
        RAISE EXCEPTION '% is append-only: of a file all may be forgotten, no less', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_TABLE_NAME || '_append_only';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION keep_that_it_was_written() IS
    'What others were told by a file of ours stays as it was written, until it is forgotten (R4).';
CREATE TRIGGER refund_files_keep_that_written BEFORE UPDATE ON refund_files
    FOR EACH ROW EXECUTE FUNCTION keep_that_it_was_written();
CREATE TRIGGER refund_files_append_only BEFORE DELETE ON refund_files
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refund_files_never_emptied BEFORE TRUNCATE ON refund_files
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE refunds (
    refund_id text PRIMARY KEY CHECK (refund_id ~ '^R[0-9A-F]{16}$'),
    membership_id text REFERENCES memberships,
    amount_ore bigint NOT NULL CHECK (amount_ore > 0),
    reason text NOT NULL,
    requested_on date NOT NULL,
    requested_by text NOT NULL,
    account char(11) CHECK (account ~ '^[0-9]{11}$'),
    receiver text CHECK (receiver <> ''),
    account_by text,
    approved_on date,
    approved_by text,
    requested_by_subject text,
    account_by_subject text,
    approved_by_subject text,
    instructed_on date,
    message_id text REFERENCES refund_files,
    paid_on date,
    paid_entry text UNIQUE,
    returned_on date,
    returned_entry text UNIQUE,
    released_on date,
    released_by text,
    released_why text,
    CONSTRAINT refunds_by_two CHECK (
        approved_by IS NULL
        OR NOT (same_hands(approved_by, approved_by_subject, requested_by, requested_by_subject)
                OR same_hands(approved_by, approved_by_subject, account_by, account_by_subject))),
    CONSTRAINT refunds_to_somebody CHECK (
        num_nulls(account, receiver, account_by) IN (0, 3)
        AND (approved_on IS NULL OR account IS NOT NULL)),
    CONSTRAINT refunds_in_order CHECK (
        (approved_on IS NULL) = (approved_by IS NULL)
        AND (instructed_on IS NULL OR approved_on IS NOT NULL)
        AND (message_id IS NULL OR instructed_on IS NOT NULL)
        AND (paid_on IS NULL) = (paid_entry IS NULL)
        AND (paid_on IS NULL OR instructed_on IS NOT NULL)
        AND (returned_on IS NULL) = (returned_entry IS NULL)
        AND (returned_on IS NULL OR (instructed_on IS NOT NULL AND released_on IS NOT NULL))),
    CONSTRAINT refunds_released_by_somebody CHECK (
        num_nulls(released_on, released_by, released_why) IN (0, 3))
);
COMMENT ON TABLE refunds IS
    'What is to be paid out, from the request to the bank''s own word that it has left. A row is '
    'filled in step by step: what stands there stands.';
COMMENT ON COLUMN refunds.refund_id IS 'Says nothing; the bank carries it as EndToEndId.';
COMMENT ON COLUMN refunds.requested_by_subject IS
    'Who asked is for ever, where the command was given under a key of theirs; likewise of the others.';
COMMENT ON COLUMN refunds.account IS
    'The receiver''s; NULL: it is asked for. May be another one until it is approved.';
COMMENT ON COLUMN refunds.instructed_on IS
    'The bank was told, by a file or by hand; from then on it is no more owed, but on its way.';
COMMENT ON COLUMN refunds.paid_entry IS 'The bank''s debit, as bank_entries calls it.';
COMMENT ON COLUMN refunds.returned_entry IS
    'The bank''s credit that brought it back; NULL of what never left.';
COMMENT ON COLUMN refunds.released_on IS
    'It will not be paid: refused, or sent back. What it was of is free again.';
CREATE INDEX refunds_open ON refunds (amount_ore) WHERE paid_on IS NULL AND released_on IS NULL;
CREATE INDEX refunds_of_membership ON refunds (membership_id);

CREATE FUNCTION check_refund_filled() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed text[] := ARRAY(
        SELECT before.key FROM jsonb_each(to_jsonb(OLD)) AS before
        WHERE before.value <> 'null' AND to_jsonb(NEW) -> before.key IS DISTINCT FROM before.value);
BEGIN
    IF cardinality(changed) > 0 AND NOT is_being_erased(TG_RELID) AND NOT (
        OLD.approved_on IS NULL AND changed <@ ARRAY['account', 'receiver', 'account_by', 'account_by_subject'])
       AND NOT (
        num_nonnulls(OLD.paid_on, OLD.released_on) > 0 AND changed <@ ARRAY['account', 'receiver']
        AND (NEW.account, NEW.receiver) = ('00000000000', 'forgotten')) THEN
        RAISE EXCEPTION 'of a refund % stands already', changed[1]
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'refunds_filled_once';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION check_refund_filled() IS
    'What stands of a refund is never changed, but for the receiver until somebody approves; who '
    'received one that is over may be forgotten (R4).';
CREATE TRIGGER refunds_filled_once BEFORE UPDATE ON refunds
    FOR EACH ROW EXECUTE FUNCTION check_refund_filled();
CREATE TRIGGER refunds_append_only BEFORE DELETE ON refunds
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refunds_never_emptied BEFORE TRUNCATE ON refunds
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE refund_statuses (
    refund_id text NOT NULL REFERENCES refunds,
    report_id text NOT NULL,
    says text NOT NULL CHECK (says IN ('accepted', 'pending', 'rejected', 'unclear')),
    code text NOT NULL,
    reasons text NOT NULL,
    reported_at timestamptz,
    noted_on date NOT NULL,
    PRIMARY KEY (refund_id, report_id, code)
);
COMMENT ON TABLE refund_statuses IS
    'What the bank has said of refunds in its status reports (pain.002). The reports themselves are '
    'not kept: receivers stand in them. Append-only.';
COMMENT ON COLUMN refund_statuses.reasons IS 'The bank''s codes, a blank between them.';
COMMENT ON COLUMN refund_statuses.reported_at IS 'When the bank made the report; NULL: it says not.';

CREATE TRIGGER refund_statuses_append_only BEFORE UPDATE OR DELETE ON refund_statuses
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refund_statuses_never_emptied BEFORE TRUNCATE ON refund_statuses
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE refund_parts (
    refund_id text NOT NULL REFERENCES refunds,
    serial integer NOT NULL CHECK (serial >= 1),
    reference text REFERENCES payments,
    credit_number text REFERENCES invoices,
    amount_ore bigint NOT NULL CHECK (amount_ore <> 0),
    branch text REFERENCES branches,
    insurance_from date,
    PRIMARY KEY (refund_id, serial),
    CONSTRAINT refund_parts_of_one_source CHECK (
        num_nonnulls(reference, credit_number, branch, insurance_from) = 1)
);
COMMENT ON TABLE refund_parts IS
    'Of which payments in suspense and which credit notes a refund is, or of what a branch or the '
    'insurance office is owed: set apart from the request on. Append-only: given free by a row of less than nothing.';
COMMENT ON COLUMN refund_parts.branch IS
    'Whose settled dues are paid out, by the same instruction as a refund (P11).';
COMMENT ON COLUMN refund_parts.insurance_from IS
    'The month until which the insurance office is paid, by the same instruction (P15).';
CREATE INDEX refund_parts_of_branch ON refund_parts (branch) WHERE branch IS NOT NULL;
CREATE INDEX refund_parts_of_payment ON refund_parts (reference) WHERE reference IS NOT NULL;
CREATE INDEX refund_parts_of_credit ON refund_parts (credit_number)
    WHERE credit_number IS NOT NULL;

CREATE TRIGGER refund_parts_append_only BEFORE UPDATE OR DELETE ON refund_parts
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refund_parts_never_emptied BEFORE TRUNCATE ON refund_parts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE VIEW booked_refund_parts AS
SELECT refund_id || '/' || serial AS reference,
       CASE WHEN parts.reference IS NOT NULL THEN 'suspense'
            WHEN credit_number IS NOT NULL THEN 'members'
            WHEN branch IS NOT NULL THEN 'branches'
            WHEN insurance_from IS NOT NULL THEN 'insurance_office' END AS account,
       credit_number, parts.amount_ore,
       CASE WHEN parts.amount_ore > 0 THEN instructed_on
            WHEN parts.amount_ore < 0 THEN released_on END AS booked_on
FROM refund_parts AS parts JOIN refunds USING (refund_id)
WHERE instructed_on IS NOT NULL;
COMMENT ON VIEW booked_refund_parts IS
    'What of refunds has an entry: from the day the bank is told, and back from the day it is not '
    'to be.';

CREATE TABLE write_off_requests (
    invoice_number text NOT NULL REFERENCES invoices,
    serial integer NOT NULL CHECK (serial >= 1),
    amount_ore bigint NOT NULL CHECK (amount_ore > 0),
    asked_on date NOT NULL,
    asked_by text NOT NULL,
    asked_by_subject text,
    reason text NOT NULL,
    PRIMARY KEY (invoice_number, serial)
);
COMMENT ON TABLE write_off_requests IS
    'What one person wants to let go of an invoice, where a policy has another one say so too (R6). '
    'Append-only; it changes nothing by itself.';

CREATE TRIGGER write_off_requests_append_only BEFORE UPDATE OR DELETE ON write_off_requests
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER write_off_requests_never_emptied BEFORE TRUNCATE ON write_off_requests
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE write_offs (
    invoice_number text NOT NULL REFERENCES invoices,
    serial integer NOT NULL CHECK (serial >= 1),
    amount_ore bigint NOT NULL CHECK (amount_ore <> 0),
    decided_on date NOT NULL,
    decided_by text NOT NULL,
    reason text NOT NULL,
    decided_by_subject text,
    request integer,
    asked_by text,
    asked_by_subject text,
    PRIMARY KEY (invoice_number, serial),
    FOREIGN KEY (invoice_number, request) REFERENCES write_off_requests,
    CONSTRAINT write_offs_approve_once UNIQUE (invoice_number, request),
    CONSTRAINT write_offs_asked_for_by_somebody CHECK ((request IS NULL) = (asked_by IS NULL)),
    CONSTRAINT write_offs_by_two CHECK (
        asked_by IS NULL
        OR NOT same_hands(decided_by, decided_by_subject, asked_by, asked_by_subject))
);
COMMENT ON TABLE write_offs IS
    'What is let go of an invoice: a loss. Append-only: undone by another decision, a row of less '
    'than nothing.';
COMMENT ON COLUMN write_offs.request IS
    'Of whom another person had asked for it; NULL: no policy asks for two, or it is undone.';

CREATE TRIGGER write_offs_append_only BEFORE UPDATE OR DELETE ON write_offs
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER write_offs_never_emptied BEFORE TRUNCATE ON write_offs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE recoveries (
    reference text NOT NULL REFERENCES payments,
    serial integer NOT NULL CHECK (serial >= 1),
    invoice_number text UNIQUE REFERENCES invoices,
    paid_by text REFERENCES payments,
    amount_ore bigint NOT NULL CHECK (amount_ore <> 0),
    recovered_on date NOT NULL,
    recovered_by text NOT NULL,
    PRIMARY KEY (reference, serial),
    CONSTRAINT recoveries_by_one_way CHECK (num_nonnulls(invoice_number, paid_by) = 1),
    CONSTRAINT recoveries_by_another CHECK (paid_by <> reference)
);
COMMENT ON TABLE recoveries IS
    'What was paid back of a payment that the bank then took back: asked for by an invoice to the '
    'member whose it was, or paid by other money in suspense. Less than nothing: the refund came '
    'back, and the member is credited. Append-only.';
COMMENT ON COLUMN recoveries.paid_by IS 'The payment that makes up for it, where no member is asked.';
CREATE INDEX recoveries_paid_by ON recoveries (paid_by) WHERE paid_by IS NOT NULL;

CREATE TRIGGER recoveries_append_only BEFORE UPDATE OR DELETE ON recoveries
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER recoveries_never_emptied BEFORE TRUNCATE ON recoveries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER recovery_totals AFTER INSERT ON recoveries
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION check_invoice_totals();

CREATE FUNCTION recovered_of(payment text) RETURNS bigint LANGUAGE sql STABLE
    RETURN coalesce((
        SELECT sum(CASE WHEN recoveries.reference = payment THEN amount_ore ELSE -amount_ore END)
        FROM recoveries
        WHERE (recoveries.reference = payment OR paid_by = payment)
          AND NOT EXISTS (SELECT FROM payments AS back
                          WHERE back.reverses = recoveries.paid_by)), 0)::bigint;
COMMENT ON FUNCTION recovered_of(text) IS
    'What was recovered of a payment that was paid back and taken back, less what a payment has made '
    'up for of others; what made up for it counts until the bank takes that back as well.';

-- What money pays -------------------------------------------------------------------------------

CREATE TABLE allocations (
    allocation_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reference text REFERENCES payments,
    credit_number text REFERENCES invoices,
    write_off integer,
    serial integer NOT NULL CHECK (serial >= 1),
    invoice_number text REFERENCES invoices,
    list_number text REFERENCES deduction_lists,
    amount_ore bigint NOT NULL CHECK (amount_ore <> 0),
    allocated_on date NOT NULL,
    allocated_by text NOT NULL,
    FOREIGN KEY (invoice_number, write_off) REFERENCES write_offs (invoice_number, serial),
    CONSTRAINT allocations_from_one_source CHECK (
        num_nonnulls(reference, credit_number, write_off) = 1),
    CONSTRAINT allocations_to_one_claim CHECK (num_nonnulls(invoice_number, list_number) = 1)
);
COMMENT ON TABLE allocations IS
    'What a payment, a credit note or a loss pays. What is not allocated is in suspense. Append-only: '
    'taken back by a row of less than nothing.';
COMMENT ON COLUMN allocations.serial IS 'Counts the allocations of one payment or credit note.';
COMMENT ON COLUMN allocations.allocated_by IS 'The rule, or the caseworker.';
CREATE UNIQUE INDEX allocations_once_of_payment ON allocations (reference, serial)
    WHERE reference IS NOT NULL;
CREATE UNIQUE INDEX allocations_once_of_credit ON allocations (credit_number, serial)
    WHERE credit_number IS NOT NULL;
CREATE UNIQUE INDEX allocations_once_of_write_off ON allocations (invoice_number, write_off)
    WHERE write_off IS NOT NULL;
CREATE INDEX allocations_to_invoice ON allocations (invoice_number)
    WHERE invoice_number IS NOT NULL;
CREATE INDEX allocations_to_list ON allocations (list_number) WHERE list_number IS NOT NULL;
CREATE INDEX allocations_by_day ON allocations USING brin (allocated_on)
    WITH (pages_per_range = 32);

CREATE TRIGGER allocations_append_only BEFORE UPDATE OR DELETE ON allocations
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER allocations_never_emptied BEFORE TRUNCATE ON allocations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE VIEW invoice_balances AS
SELECT invoices.number, invoices.membership_id, invoices.serial, invoices.kid,
       invoices.period_from, invoices.issued_on, invoices.due_on, invoices.total_ore,
       paid.ore AS paid_ore, used.ore AS used_ore,
       invoices.total_ore - paid.ore + used.ore + CASE
           -- Of credit notes alone something is paid out.
           WHEN invoices.total_ore < 0 THEN coalesce(
               (SELECT sum(amount_ore)::bigint FROM refund_parts
                WHERE refund_parts.credit_number = invoices.number), 0)
           ELSE 0 END AS open_ore,
       series_number(invoices.issued_on, invoices.series_no) AS series_number
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
           - used.ore - refunded.ore + recovered.ore AS suspense_ore
FROM payments
LEFT JOIN payments AS back ON back.reverses = payments.reference
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount_ore), 0)::bigint AS ore FROM allocations
    WHERE allocations.reference = payments.reference
) AS used
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount_ore), 0)::bigint AS ore FROM refund_parts
    WHERE refund_parts.reference = payments.reference
) AS refunded
CROSS JOIN LATERAL (
    -- As recovered_of says it, but without a call for each.
    SELECT coalesce(sum(CASE WHEN recoveries.reference = payments.reference
                             THEN recoveries.amount_ore ELSE -recoveries.amount_ore END), 0)::bigint
               AS ore
    FROM recoveries
    WHERE (recoveries.reference = payments.reference OR paid_by = payments.reference)
      AND NOT EXISTS (SELECT FROM payments AS taken WHERE taken.reverses = recoveries.paid_by)
) AS recovered
WHERE payments.reverses IS NULL;
COMMENT ON VIEW payment_balances IS 'What is in suspense of each payment (P3).';

CREATE VIEW suspended_payments AS
SELECT payment_balances.*
FROM (SELECT reference FROM payments_in_suspense
      UNION ALL
      SELECT reference FROM payments WHERE membership_id IS NULL AND reverses IS NULL) AS noted
JOIN payment_balances USING (reference)
WHERE suspense_ore > 0;
COMMENT ON VIEW suspended_payments IS
    'What is in suspense at all, by what is noted and not by all that was ever paid: members'' '
    'payments that stand in payments_in_suspense, and those of nobody.';

CREATE VIEW overdrawn_payments AS
SELECT payments.reference, payments.membership_id, payments.kid, payments.paid_on,
       payments.amount_ore, back.paid_on AS reversed_on,
       sum(parts.amount_ore)::bigint - recovered_of(payments.reference) AS owed_ore
FROM payments
JOIN payments AS back ON back.reverses = payments.reference
JOIN refund_parts AS parts ON parts.reference = payments.reference
JOIN refunds USING (refund_id)
WHERE refunds.instructed_on IS NOT NULL
GROUP BY payments.reference, back.reference
HAVING sum(parts.amount_ore) > recovered_of(payments.reference);
COMMENT ON VIEW overdrawn_payments IS
    'Payments that were paid back, or are on their way back, and that the bank took back as well: '
    'what was paid back of them is owed to us, and not asked for yet (P8).';

CREATE VIEW recoverable_payments AS
SELECT payments.reference, payments.membership_id,
       sum(parts.amount_ore)::bigint - recovered_of(payments.reference) AS ore
FROM payments
JOIN payments AS back ON back.reverses = payments.reference
JOIN refund_parts AS parts ON parts.reference = payments.reference
JOIN refunds USING (refund_id)
WHERE refunds.paid_on IS NOT NULL
GROUP BY payments.reference, back.reference
HAVING sum(parts.amount_ore) <> recovered_of(payments.reference);
COMMENT ON VIEW recoverable_payments IS
    'What has left the account of payments that the bank took back as well, and nobody has been asked '
    'for; less than nothing: it was asked for, and has come back since (P8).';

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
COMMENT ON FUNCTION check_allocations() IS
    'No invoice is paid more than it asks, no payment or credit note gives more than it has, and '
    'of a payment that was taken back nothing stays allocated.';
CREATE TRIGGER allocations_within_bounds AFTER INSERT ON allocations
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION check_allocations();

CREATE FUNCTION check_refund_parts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong text;
BEGIN
    SELECT refund_id INTO wrong
    FROM refunds JOIN refund_parts AS parts USING (refund_id)
    WHERE refund_id IN (SELECT refund_id FROM added)
    GROUP BY refund_id
    HAVING sum(parts.amount_ore) <> CASE WHEN released_on IS NULL THEN refunds.amount_ore ELSE 0 END
    LIMIT 1;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'refund % is not the sum of its parts', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'refunds_are_sums_of_parts';
    END IF;
    SELECT parts.refund_id INTO wrong
    FROM added AS parts
    LEFT JOIN payment_balances AS paid USING (reference)
    LEFT JOIN invoice_balances AS credit ON credit.number = parts.credit_number
    WHERE parts.amount_ore > 0
      AND (paid.suspense_ore < 0 OR credit.open_ore > 0 OR credit.total_ore > 0
           OR owed_to_branch(parts.branch) < 0
           OR owed_to_office(parts.insurance_from) < 0
           OR num_nonnulls(paid.reference, credit.number, parts.branch, parts.insurance_from) = 0)
    LIMIT 1;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'refund % is of more than there is', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'refunds_within_credit';
    END IF;
    SELECT refund_id INTO wrong FROM refunds
    WHERE refund_id IN (SELECT refund_id FROM added)
      AND released_on IS NULL AND is_overdrawn(membership_id)
    LIMIT 1;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'refund % is of what the member owes', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'refunds_net_of_owed';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION check_refund_parts() IS
    'A refund is of what is in suspense, of credit notes and of what a branch or the insurance '
    'office is owed, and of no more than there is, net of what was paid back and then taken back.';
CREATE TRIGGER refund_parts_within_bounds AFTER INSERT ON refund_parts
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION check_refund_parts();

CREATE FUNCTION check_recoveries() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong text;
BEGIN
    SELECT reference INTO wrong FROM payment_balances
    WHERE reference IN (SELECT paid_by FROM added) AND suspense_ore < 0
    LIMIT 1;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'more than there is of payment % was used', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'recoveries_within_payment';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION check_recoveries() IS
    'No payment makes up for more than it has.';
CREATE TRIGGER recoveries_within_bounds AFTER INSERT ON recoveries
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION check_recoveries();
