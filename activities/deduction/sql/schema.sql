-- What becomes of a deduction list: how it went out, what came back, what was settled.

-- Employers -------------------------------------------------------------------------------------

CREATE SEQUENCE payer_numbers MINVALUE 1 MAXVALUE 99999999;

CREATE TABLE employers (
    orgnr char(9) PRIMARY KEY CHECK (orgnr ~ '^[0-9]{9}$'),
    name text,
    email text,
    payer_number char(8) NOT NULL UNIQUE DEFAULT lpad(nextval('payer_numbers')::text, 8, '0'),
    list_channel text NOT NULL DEFAULT 'folder' CHECK (list_channel IN ('folder', 'email')),
    list_password text,
    agreement text CHECK (agreement IN ('collective', 'deduction')),
    agreed_on date,
    CONSTRAINT employers_agreement_is_dated CHECK ((agreement IS NULL) = (agreed_on IS NULL)),
    CONSTRAINT employers_mail_is_locked CHECK (
        list_channel = 'folder' OR (email IS NOT NULL AND list_password IS NOT NULL))
);
COMMENT ON TABLE employers IS
    'Where an employer takes payroll requests. Without an address the caseworkers forward them.';
COMMENT ON COLUMN employers.payer_number IS
    'Stands for the employer wherever its name and number may not: workflow ids, KIDs, tasks.';
COMMENT ON COLUMN employers.list_channel IS
    'How its deduction lists reach it: a folder it fetches from, or mail under a password.';
COMMENT ON COLUMN employers.agreement IS
    'What it deducts by, beside each member''s consent: a collective or a deduction agreement.';

-- Lists -----------------------------------------------------------------------------------------

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

CREATE TRIGGER deduction_lists_append_only BEFORE UPDATE OR DELETE ON deduction_lists
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deduction_lists_never_emptied BEFORE TRUNCATE ON deduction_lists
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE deduction_lines (
    list_number text NOT NULL REFERENCES deduction_lists,
    membership_id text NOT NULL REFERENCES memberships,
    central_ore bigint NOT NULL,
    local_ore bigint NOT NULL,
    premium_ore bigint NOT NULL,
    total_ore bigint NOT NULL,
    code text NOT NULL CHECK (code IN ('START', 'CHANGE', 'STOP', 'CONTINUE')),
    PRIMARY KEY (list_number, membership_id),
    CONSTRAINT deduction_lines_add_up CHECK (total_ore = central_ore + local_ore + premium_ore),
    CONSTRAINT deduction_lines_never_below_zero CHECK (total_ore >= 0)
);
COMMENT ON TABLE deduction_lines IS
    'One line for a member: the charges of the month, corrections within the amount they correct. '
    'Never below zero (A37). Append-only.';
CREATE INDEX deduction_lines_of_membership ON deduction_lines (membership_id);

CREATE TRIGGER deduction_lines_append_only BEFORE UPDATE OR DELETE ON deduction_lines
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deduction_lines_never_emptied BEFORE TRUNCATE ON deduction_lines
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Lists ----------------------------------------------------------------------------------------

CREATE TABLE carried_charges (
    list_number text NOT NULL REFERENCES deduction_lists,
    membership_id text NOT NULL REFERENCES memberships,
    period_from date NOT NULL,
    kind text NOT NULL,
    amount_ore bigint NOT NULL,
    PRIMARY KEY (membership_id, period_from, kind),
    FOREIGN KEY (list_number, membership_id) REFERENCES deduction_lines,
    FOREIGN KEY (membership_id, period_from, kind)
        REFERENCES charges (membership_id, period_from, kind)
);
COMMENT ON TABLE carried_charges IS
    'Charges that came too late for their own month''s list, and the list they stand on. '
    'Append-only.';

CREATE TRIGGER carried_charges_append_only BEFORE UPDATE OR DELETE ON carried_charges
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER carried_charges_never_emptied BEFORE TRUNCATE ON carried_charges
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE carried_over (
    list_number text NOT NULL,
    membership_id text NOT NULL,
    period_from date NOT NULL,
    amount_ore bigint NOT NULL CHECK (amount_ore > 0),
    PRIMARY KEY (list_number, membership_id),
    FOREIGN KEY (list_number, membership_id) REFERENCES deduction_lines
);
COMMENT ON TABLE carried_over IS
    'What a line would have been below zero: the next dues run gives it back as a correction (A37). '
    'Append-only.';
CREATE INDEX carried_over_of_membership ON carried_over (membership_id, period_from);

CREATE TRIGGER carried_over_append_only BEFORE UPDATE OR DELETE ON carried_over
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER carried_over_never_emptied BEFORE TRUNCATE ON carried_over
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Delivery --------------------------------------------------------------------------------------

CREATE TABLE withheld_lines (
    list_number text NOT NULL REFERENCES deduction_lists,
    membership_id text NOT NULL REFERENCES memberships,
    reason text NOT NULL,
    withheld_on date NOT NULL,
    PRIMARY KEY (list_number, membership_id),
    FOREIGN KEY (list_number, membership_id) REFERENCES deduction_lines
);
COMMENT ON TABLE withheld_lines IS
    'Lines that the gate kept from the employer; the member is invoiced for them. Append-only.';

CREATE TRIGGER withheld_lines_append_only BEFORE UPDATE OR DELETE ON withheld_lines
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER withheld_lines_never_emptied BEFORE TRUNCATE ON withheld_lines
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE list_deliveries (
    list_number text PRIMARY KEY REFERENCES deduction_lists,
    channel text NOT NULL CHECK (channel IN ('folder', 'email', 'none')),
    delivered_on date NOT NULL,
    shown_ore bigint NOT NULL,
    shown_count integer NOT NULL CHECK (shown_count >= 0)
);
COMMENT ON TABLE list_deliveries IS
    'How and when a list reached its employer, and what the file showed; none: it had no line to '
    'show, and nothing went out. Append-only.';

CREATE TRIGGER list_deliveries_append_only BEFORE UPDATE OR DELETE ON list_deliveries
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER list_deliveries_never_emptied BEFORE TRUNCATE ON list_deliveries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE price_notices (
    effective_on date NOT NULL,
    rulebook_version char(64) NOT NULL,
    employer_orgnr char(9) NOT NULL REFERENCES employers,
    ordered_on date NOT NULL,
    PRIMARY KEY (effective_on, rulebook_version, employer_orgnr),
    FOREIGN KEY (effective_on, rulebook_version) REFERENCES repricings
);
COMMENT ON TABLE price_notices IS
    'Employers who are told of new prices: one CHANGE for all their members. Append-only.';

CREATE TRIGGER price_notices_append_only BEFORE UPDATE OR DELETE ON price_notices
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER price_notices_never_emptied BEFORE TRUNCATE ON price_notices
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE price_notice_lines (
    effective_on date NOT NULL,
    rulebook_version char(64) NOT NULL,
    employer_orgnr char(9) NOT NULL,
    membership_id text NOT NULL REFERENCES memberships,
    valid_from date NOT NULL CHECK (extract(day FROM valid_from) = 1),
    central_ore bigint NOT NULL,
    local_ore bigint NOT NULL,
    premium_ore bigint NOT NULL,
    PRIMARY KEY (effective_on, rulebook_version, employer_orgnr, membership_id),
    FOREIGN KEY (effective_on, rulebook_version, employer_orgnr) REFERENCES price_notices
);
COMMENT ON TABLE price_notice_lines IS
    'What an employer is to deduct for a member, from which month on. Append-only.';

CREATE TRIGGER price_notice_lines_append_only BEFORE UPDATE OR DELETE ON price_notice_lines
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER price_notice_lines_never_emptied BEFORE TRUNCATE ON price_notice_lines
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE price_notice_deliveries (
    effective_on date NOT NULL,
    rulebook_version char(64) NOT NULL,
    employer_orgnr char(9) NOT NULL,
    channel text NOT NULL CHECK (channel IN ('folder', 'email')),
    delivered_on date NOT NULL,
    shown_count integer NOT NULL CHECK (shown_count >= 0),
    PRIMARY KEY (effective_on, rulebook_version, employer_orgnr),
    FOREIGN KEY (effective_on, rulebook_version, employer_orgnr) REFERENCES price_notices
);
COMMENT ON TABLE price_notice_deliveries IS
    'How and when an employer was told of new prices, and of how many members. Append-only.';

CREATE TRIGGER price_notice_deliveries_append_only BEFORE UPDATE OR DELETE
    ON price_notice_deliveries FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER price_notice_deliveries_never_emptied BEFORE TRUNCATE ON price_notice_deliveries
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

CREATE TABLE list_reminders (
    list_number text PRIMARY KEY REFERENCES deduction_lists,
    reminded_on date NOT NULL
);
COMMENT ON TABLE list_reminders IS
    'Employers reminded of a report that is missing, once for a list. Append-only.';

CREATE TRIGGER list_reminders_append_only BEFORE UPDATE OR DELETE ON list_reminders
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER list_reminders_never_emptied BEFORE TRUNCATE ON list_reminders
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Reports ---------------------------------------------------------------------------------------

CREATE TABLE deduction_reports (
    report_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    file_id char(64) NOT NULL UNIQUE REFERENCES inbound_files,
    list_number text NOT NULL REFERENCES deduction_lists
);
COMMENT ON TABLE deduction_reports IS
    'The files that were taken as reports on a list; it may have come in parts. Append-only.';
CREATE INDEX deduction_reports_of_list ON deduction_reports (list_number);

CREATE TRIGGER deduction_reports_append_only BEFORE UPDATE OR DELETE ON deduction_reports
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deduction_reports_never_emptied BEFORE TRUNCATE ON deduction_reports
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE report_lines (
    report_id integer NOT NULL,
    line integer NOT NULL,
    membership_id text NOT NULL,
    deducted_ore bigint NOT NULL,
    reason text CHECK (reason IN (
        'LEFT', 'UNPAID_LEAVE', 'LAID_OFF', 'NAV', 'PENSION', 'NO_PAY', 'UNKNOWN_PERSON', 'OTHER')),
    PRIMARY KEY (report_id, line)
);
COMMENT ON TABLE report_lines IS
    'What employers reported, every line that could be matched. Without foreign keys: lines come '
    'by the hundred thousand, out of a join with what they would refer to. Append-only.';

CREATE TRIGGER report_lines_append_only BEFORE UPDATE OR DELETE ON report_lines
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER report_lines_never_emptied BEFORE TRUNCATE ON report_lines
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE confirmed_reports (
    file_id char(64) PRIMARY KEY REFERENCES inbound_files,
    confirmed_by text NOT NULL,
    confirmed_on date NOT NULL
);
COMMENT ON TABLE confirmed_reports IS
    'Reports whose amounts could not be meant, and who has asked the employer: they are. '
    'Append-only.';

CREATE TRIGGER confirmed_reports_append_only BEFORE UPDATE OR DELETE ON confirmed_reports
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER confirmed_reports_never_emptied BEFORE TRUNCATE ON confirmed_reports
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE report_decisions (
    decision_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    report_id integer NOT NULL REFERENCES deduction_reports,
    decision text NOT NULL CHECK (decision IN ('accepted', 'rejected')),
    decided_by text NOT NULL,
    reason text NOT NULL,
    decided_on date NOT NULL
);
COMMENT ON TABLE report_decisions IS
    'Which of an employer''s contradicting reports holds: the last decision about each. Of whoever an '
    'accepted one names, no other report says anything; a rejected one says nothing. Append-only.';
CREATE INDEX report_decisions_of_report ON report_decisions (report_id, decision_id);

CREATE TRIGGER report_decisions_append_only BEFORE UPDATE OR DELETE ON report_decisions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER report_decisions_never_emptied BEFORE TRUNCATE ON report_decisions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE VIEW standing_reports AS
SELECT deduction_reports.report_id, list_number, file_id, decision,
       CASE WHEN decision = 'accepted' THEN decision_id END AS accepted
FROM deduction_reports
LEFT JOIN LATERAL (
    SELECT decision, decision_id FROM report_decisions
    WHERE report_decisions.report_id = deduction_reports.report_id
    ORDER BY decision_id DESC LIMIT 1
) AS decided ON true;
COMMENT ON VIEW standing_reports IS
    'The reports on lists with what was decided about them; of two accepted ones the later holds.';

-- Settlement ------------------------------------------------------------------------------------

CREATE TABLE line_decisions (
    list_number text NOT NULL,
    membership_id text NOT NULL,
    serial integer NOT NULL CHECK (serial >= 1),
    decision text NOT NULL CHECK (decision IN ('invoice', 'write_off', 'wait')),
    caseworker text NOT NULL,
    reason text NOT NULL,
    decided_on date NOT NULL,
    key text NOT NULL UNIQUE,
    PRIMARY KEY (list_number, membership_id, serial),
    FOREIGN KEY (list_number, membership_id) REFERENCES deduction_lines
);
COMMENT ON TABLE line_decisions IS
    'What caseworkers decided of lines that no rule settles; the last one holds. Append-only.';
COMMENT ON COLUMN line_decisions.key IS 'Of the message that carried it: it counts once.';

CREATE TRIGGER line_decisions_append_only BEFORE UPDATE OR DELETE ON line_decisions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER line_decisions_never_emptied BEFORE TRUNCATE ON line_decisions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE list_write_offs (
    list_number text PRIMARY KEY REFERENCES deduction_lists,
    amount_ore bigint NOT NULL CHECK (amount_ore <> 0),
    caseworker text NOT NULL,
    reason text NOT NULL,
    decided_on date NOT NULL
);
COMMENT ON TABLE list_write_offs IS
    'What an employer reported less what it paid, where a caseworker let that stand. Less than '
    'nothing: it paid more, and what is over stays on its account. Append-only.';

CREATE TRIGGER list_write_offs_append_only BEFORE UPDATE OR DELETE ON list_write_offs
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER list_write_offs_never_emptied BEFORE TRUNCATE ON list_write_offs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE deductions (
    list_number text NOT NULL,
    membership_id text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('deducted', 'redirected', 'over', 'written_off')),
    expected_ore bigint NOT NULL,
    deducted_ore bigint NOT NULL,
    difference_ore bigint NOT NULL GENERATED ALWAYS AS (expected_ore - deducted_ore) STORED,
    reason text,
    decided_by text NOT NULL,
    settled_on date NOT NULL,
    PRIMARY KEY (list_number, membership_id),
    FOREIGN KEY (list_number, membership_id) REFERENCES deduction_lines,
    CONSTRAINT deductions_fit_their_outcome CHECK (CASE outcome
        WHEN 'deducted' THEN deducted_ore = expected_ore
        WHEN 'over' THEN deducted_ore > expected_ore
        ELSE deducted_ore < expected_ore END)
);
COMMENT ON TABLE deductions IS
    'How each line of a list was settled: deducted as asked, over, or short and then invoiced '
    'directly (redirected) or written off. Append-only.';
COMMENT ON COLUMN deductions.decided_by IS 'The rule, or the caseworker.';
CREATE INDEX deductions_of_membership ON deductions (membership_id);

CREATE TRIGGER deductions_append_only BEFORE UPDATE OR DELETE ON deductions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deductions_never_emptied BEFORE TRUNCATE ON deductions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE deduction_corrections (
    list_number text NOT NULL,
    membership_id text NOT NULL,
    serial integer NOT NULL CHECK (serial >= 1),
    report_id integer NOT NULL REFERENCES deduction_reports,
    was_ore bigint NOT NULL,
    deducted_ore bigint NOT NULL,
    corrected_on date NOT NULL,
    PRIMARY KEY (list_number, membership_id, serial),
    FOREIGN KEY (list_number, membership_id) REFERENCES deductions,
    CONSTRAINT deduction_corrections_change_something CHECK (deducted_ore <> was_ore)
);
COMMENT ON TABLE deduction_corrections IS
    'Settled lines of which an accepted report says otherwise: what was deducted, and what is. What '
    'is less is invoiced to the member, what is more is credited. Append-only.';

CREATE TRIGGER deduction_corrections_append_only BEFORE UPDATE OR DELETE ON deduction_corrections
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deduction_corrections_never_emptied BEFORE TRUNCATE ON deduction_corrections
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE VIEW present_deductions AS
SELECT deductions.list_number, deductions.membership_id, deductions.expected_ore,
       coalesce(latest.deducted_ore, deductions.deducted_ore) AS deducted_ore,
       CASE WHEN latest.deducted_ore IS NULL THEN deductions.outcome
            WHEN latest.deducted_ore = deductions.expected_ore THEN 'deducted'
            WHEN latest.deducted_ore > deductions.expected_ore THEN 'over'
            WHEN latest.deducted_ore < deductions.expected_ore THEN 'redirected' END AS outcome
FROM deductions
LEFT JOIN LATERAL (
    SELECT deducted_ore FROM deduction_corrections AS corrections
    WHERE corrections.list_number = deductions.list_number
      AND corrections.membership_id = deductions.membership_id
    ORDER BY serial DESC LIMIT 1
) AS latest ON true;
COMMENT ON VIEW present_deductions IS 'How each settled line stands, with what was corrected since.';

CREATE TABLE over_deductions (
    list_number text NOT NULL,
    membership_id text NOT NULL,
    period_from date NOT NULL,
    deducted_ore bigint NOT NULL,
    expected_ore bigint NOT NULL,
    PRIMARY KEY (list_number, membership_id),
    FOREIGN KEY (list_number, membership_id) REFERENCES deductions,
    CONSTRAINT over_deductions_are_over CHECK (deducted_ore > expected_ore)
);
COMMENT ON TABLE over_deductions IS
    'What an employer took too much: the next dues run gives it back as a correction. Append-only.';
CREATE INDEX over_deductions_of_membership ON over_deductions (membership_id, period_from);

CREATE TRIGGER over_deductions_append_only BEFORE UPDATE OR DELETE ON over_deductions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER over_deductions_never_emptied BEFORE TRUNCATE ON over_deductions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE redirections (
    list_number text NOT NULL REFERENCES deduction_lists,
    membership_id text NOT NULL REFERENCES memberships,
    serial integer NOT NULL DEFAULT 1 CHECK (serial >= 1),
    invoice_number text NOT NULL UNIQUE REFERENCES invoices,
    amount_ore bigint NOT NULL,
    reason text NOT NULL,
    CONSTRAINT redirections_of_something CHECK (
        amount_ore > 0 OR (amount_ore < 0 AND reason = 'corrected')),
    PRIMARY KEY (list_number, membership_id, serial),
    FOREIGN KEY (list_number, membership_id) REFERENCES deduction_lines
);
COMMENT ON TABLE redirections IS
    'What an employer was asked for and did not deduct, and the member is invoiced for instead; less '
    'than nothing: it had deducted more than it reported first, and the member is credited. '
    'Append-only.';

CREATE TRIGGER redirections_append_only BEFORE UPDATE OR DELETE ON redirections
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER redirections_never_emptied BEFORE TRUNCATE ON redirections
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER redirection_totals AFTER INSERT ON redirections
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION check_invoice_totals();

CREATE VIEW settlement_lines AS
SELECT lines.list_number, lines.membership_id, lines.code,
       lines.total_ore AS expected_ore,
       withheld.membership_id IS NULL AS shown,
       coalesce(answer.answers, 0) AS answers,
       answer.deducted_ore, answer.reason,
       decided.decision, decided.caseworker,
       settled.outcome,
       settled.deducted_ore AS settled_ore,
       answer.accepted, answer.report_id,
       -- What was asked for and is not answered; a line of nothing needs no answer.
       withheld.membership_id IS NULL AND settled.outcome IS NULL AND lines.total_ore <> 0
           AND answer.answers IS NULL AS unanswered,
       -- One member, two answers: nobody's, whichever came first.
       coalesce(answer.answers, 0) > 1
           OR coalesce(settled.deducted_ore <> answer.deducted_ore, false) AS contradicted
FROM deduction_lines AS lines
LEFT JOIN withheld_lines AS withheld USING (list_number, membership_id)
LEFT JOIN (
    SELECT list_number, membership_id, count(*) AS answers, bool_or(accepted) AS accepted,
           min(report_id) AS report_id, min(deducted_ore) AS deducted_ore, min(reason) AS reason
    FROM (
        SELECT list_number, membership_id, deducted_ore, reason, min(report_id) AS report_id,
               bool_or(accepted IS NOT NULL) AS accepted
        FROM (
            -- Of whoever an accepted report names, the others say nothing.
            SELECT list_number, membership_id, deducted_ore, reason, report_id, accepted,
                   max(coalesce(accepted, 0)) OVER (
                       PARTITION BY list_number, membership_id) AS holds
            FROM standing_reports JOIN report_lines USING (report_id)
            WHERE decision IS DISTINCT FROM 'rejected'
        ) AS each
        WHERE coalesce(accepted, 0) = holds
        GROUP BY list_number, membership_id, deducted_ore, reason
    ) AS said
    GROUP BY list_number, membership_id
) AS answer USING (list_number, membership_id)
LEFT JOIN (
    SELECT DISTINCT ON (list_number, membership_id)
           list_number, membership_id, decision, caseworker
    FROM line_decisions
    ORDER BY list_number, membership_id, serial DESC
) AS decided USING (list_number, membership_id)
LEFT JOIN present_deductions AS settled USING (list_number, membership_id);
COMMENT ON VIEW settlement_lines IS
    'Each line of a list with what was reported of it and what became of it. The same lines in '
    'several files are one answer.';
