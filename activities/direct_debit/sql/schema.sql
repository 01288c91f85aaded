-- AvtaleGiro: who has told the bank to pay, and what is claimed of them.

CREATE TABLE mandate_reports (
    file_id char(64) NOT NULL REFERENCES inbound_files,
    position integer NOT NULL CHECK (position >= 1),
    place text NOT NULL,
    payer text CHECK (payer ~ '^[0-9]{9}$'),
    kid text,
    told text CHECK (told IN ('active', 'changed', 'ended')),
    wants_notice boolean,
    reported_on date NOT NULL,
    taken_on date NOT NULL,
    aside text,
    PRIMARY KEY (file_id, position),
    CONSTRAINT mandate_reports_have_a_place CHECK (
        aside IS NOT NULL OR num_nulls(payer, told, wants_notice) = 0)
);
COMMENT ON TABLE mandate_reports IS
    'What files of the bank tell of AvtaleGiro mandates for our account, record by record, and '
    'which of it is set aside. Append-only (P9).';
COMMENT ON COLUMN mandate_reports.payer IS
    'The fixed part of the KID: its type and the member number.';
COMMENT ON COLUMN mandate_reports.told IS
    'active: in a list of all there are; changed: new, or changed; ended: the member has ended it.';
COMMENT ON COLUMN mandate_reports.reported_on IS
    'The day of the bank''s transmission: what an older one tells changes nothing.';

CREATE TRIGGER mandate_reports_append_only BEFORE UPDATE OR DELETE ON mandate_reports
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER mandate_reports_never_emptied BEFORE TRUNCATE ON mandate_reports
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE mandates (
    payer text PRIMARY KEY CHECK (payer ~ '^[0-9]{9}$'),
    membership_id text NOT NULL REFERENCES memberships,
    kid text NOT NULL,
    wants_notice boolean NOT NULL,
    since date NOT NULL,
    ended_on date,
    reported_on date NOT NULL
);
COMMENT ON TABLE mandates IS
    'Who has told the bank to pay our claims, as the latest report of the bank has it (P9).';
COMMENT ON COLUMN mandates.kid IS 'The one it was registered with: any of the member''s.';
COMMENT ON COLUMN mandates.wants_notice IS 'Whether the member wants to hear of each claim.';
COMMENT ON COLUMN mandates.since IS
    'The day we learned of it: what was issued up to it asks the member to pay.';
COMMENT ON COLUMN mandates.ended_on IS 'The day we learned of its end; NULL: it stands.';
CREATE INDEX mandates_of_membership ON mandates (membership_id);

CREATE TABLE mandate_lists (
    file_id char(64) PRIMARY KEY REFERENCES inbound_files,
    reported_on date NOT NULL
);
COMMENT ON TABLE mandate_lists IS
    'Files that list all mandates there are: who does not stand in the latest has none, whatever '
    'older files tell afterwards.';

-- Claims --------------------------------------------------------------------------------------------

CREATE TABLE claim_files (
    day date PRIMARY KEY,
    file_id char(64) NOT NULL UNIQUE,
    content bytea NOT NULL,
    claims integer NOT NULL,
    cancellations integer NOT NULL,
    amount_ore bigint NOT NULL
);
COMMENT ON TABLE claim_files IS
    'The files of claims for the bank, one a day at most, as they were written. Append-only (P9).';
COMMENT ON COLUMN claim_files.file_id IS 'The SHA-256 of the content.';
COMMENT ON COLUMN claim_files.amount_ore IS 'What the claims sum to.';

CREATE TRIGGER claim_files_append_only BEFORE UPDATE OR DELETE ON claim_files
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_files_never_emptied BEFORE TRUNCATE ON claim_files
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE claims (
    invoice_number text NOT NULL REFERENCES invoices,
    membership_id text NOT NULL REFERENCES memberships,
    kid text NOT NULL,
    amount_ore bigint NOT NULL CHECK (amount_ore > 0),
    due_on date NOT NULL,
    bank_notifies boolean NOT NULL,
    claimed_on date NOT NULL REFERENCES claim_files DEFERRABLE INITIALLY DEFERRED,
    nth integer NOT NULL DEFAULT 1 CHECK (nth >= 1),
    PRIMARY KEY (invoice_number, nth),
    CONSTRAINT claims_before_they_are_due CHECK (claimed_on < due_on)
);
COMMENT ON TABLE claims IS
    'Invoices that the bank was told to collect by AvtaleGiro, each once; and once more after each payment '
    'plan that was given up. Append-only.';
COMMENT ON COLUMN claims.nth IS 'The how manieth claim of its invoice.';
COMMENT ON COLUMN claims.amount_ore IS 'What was open of the invoice.';
COMMENT ON COLUMN claims.due_on IS
    'When the bank takes it: the invoice''s due date, or the first day that the bank still takes.';
CREATE INDEX claims_by_due_date ON claims (due_on);

CREATE TRIGGER claims_append_only BEFORE UPDATE OR DELETE ON claims
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claims_never_emptied BEFORE TRUNCATE ON claims
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE claim_cancellations (
    invoice_number text NOT NULL,
    nth integer NOT NULL DEFAULT 1,
    reason text NOT NULL CHECK (reason IN ('settled', 'withdrawn', 'mandate_ended')),
    cancelled_on date NOT NULL REFERENCES claim_files DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (invoice_number, nth),
    FOREIGN KEY (invoice_number, nth) REFERENCES claims
);
COMMENT ON TABLE claim_cancellations IS
    'Claims that the bank was told not to collect after all. Append-only.';
COMMENT ON COLUMN claim_cancellations.reason IS
    'settled: paid or credited meanwhile, whole or in part; withdrawn: the member has left, has died, '
    'has chosen to be invoiced or pays it by a payment plan; mandate_ended: in the bank.';

CREATE TRIGGER claim_cancellations_append_only BEFORE UPDATE OR DELETE ON claim_cancellations
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_cancellations_never_emptied BEFORE TRUNCATE ON claim_cancellations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE claim_returns (
    invoice_number text PRIMARY KEY REFERENCES invoices,
    membership_id text NOT NULL REFERENCES memberships,
    reason text NOT NULL CHECK (reason IN ('not_claimed', 'cancelled', 'refused')),
    returned_on date NOT NULL,
    pay_by date NOT NULL
);
COMMENT ON TABLE claim_returns IS
    'Invoices that the bank was to collect, and that the member is asked to pay after all. Append-only.';
COMMENT ON COLUMN claim_returns.reason IS
    'not_claimed: no claim could be made in time; refused: nothing has come on the day it was due.';
COMMENT ON COLUMN claim_returns.pay_by IS 'What its letter asks for: reminders count from it (A30).';

CREATE TRIGGER claim_returns_append_only BEFORE UPDATE OR DELETE ON claim_returns
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_returns_never_emptied BEFORE TRUNCATE ON claim_returns
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE payment_choices (
    membership_id text NOT NULL,
    decision integer NOT NULL,
    way text NOT NULL CHECK (way IN ('invoice', 'avtalegiro')),
    chosen_on date NOT NULL,
    PRIMARY KEY (membership_id, decision),
    FOREIGN KEY (membership_id, decision) REFERENCES decisions
);
COMMENT ON TABLE payment_choices IS
    'How a member wishes to pay what is not deducted from pay; the latest counts. Append-only.';

CREATE TRIGGER payment_choices_append_only BEFORE UPDATE OR DELETE ON payment_choices
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payment_choices_never_emptied BEFORE TRUNCATE ON payment_choices
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
