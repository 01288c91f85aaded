-- What becomes of a deduction list: how it went out, what came back, what was settled.

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

-- Delivery -------------------------------------------------------------------------------------

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

CREATE TABLE list_deliveries (
    list_number text PRIMARY KEY REFERENCES deduction_lists,
    channel text NOT NULL CHECK (channel IN ('folder', 'email')),
    delivered_on date NOT NULL,
    shown_ore bigint NOT NULL,
    shown_count integer NOT NULL CHECK (shown_count >= 0)
);
COMMENT ON TABLE list_deliveries IS
    'How and when a list reached its employer, and what the file showed. Append-only.';

CREATE TABLE list_reminders (
    list_number text PRIMARY KEY REFERENCES deduction_lists,
    reminded_on date NOT NULL
);
COMMENT ON TABLE list_reminders IS
    'Employers reminded of a report that is missing, once for a list. Append-only.';

-- Returns --------------------------------------------------------------------------------------

CREATE TABLE deduction_reports (
    report_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    file_id char(64) NOT NULL UNIQUE REFERENCES inbound_files,
    list_number text NOT NULL REFERENCES deduction_lists
);
CREATE INDEX deduction_reports_of_list ON deduction_reports (list_number);
COMMENT ON TABLE deduction_reports IS
    'The files that were taken as reports on a list; it may have come in parts. Append-only.';

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

CREATE TABLE list_write_offs (
    list_number text PRIMARY KEY REFERENCES deduction_lists,
    amount_ore bigint NOT NULL CHECK (amount_ore <> 0),
    caseworker text NOT NULL,
    reason text NOT NULL,
    decided_on date NOT NULL
);
COMMENT ON COLUMN line_decisions.key IS 'Of the message that carried it: it counts once.';
COMMENT ON TABLE list_write_offs IS
    'What an employer reported less what it paid, where a caseworker let that stand. Less than '
    'nothing: it paid more, and what is over stays on its account. Append-only.';

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
CREATE INDEX over_deductions_of_membership ON over_deductions (membership_id, period_from);
COMMENT ON TABLE over_deductions IS
    'What an employer took too much: the next dues run gives it back as a correction. Append-only.';

DO $$
DECLARE kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY[
        'carried_charges', 'withheld_lines', 'list_deliveries', 'list_reminders',
        'deduction_reports', 'report_lines', 'line_decisions', 'list_write_offs', 'deductions', 'over_deductions']
    LOOP
        EXECUTE format('CREATE TRIGGER %s BEFORE UPDATE OR DELETE ON %I '
                       'FOR EACH ROW EXECUTE FUNCTION refuse_change()',
                       kept || '_append_only', kept);
        EXECUTE format('CREATE TRIGGER %s BEFORE TRUNCATE ON %I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
                       kept || '_never_emptied', kept);
    END LOOP;
END $$;

-- Settlement -----------------------------------------------------------------------------------

CREATE VIEW settlement_lines AS
SELECT lines.list_number, lines.membership_id, lines.code,
       lines.total_ore AS expected_ore,
       withheld.membership_id IS NULL AS shown,
       coalesce(answer.answers, 0) AS answers,
       answer.deducted_ore, answer.reason,
       decided.decision, decided.caseworker,
       settled.outcome,
       settled.deducted_ore AS settled_ore,
       -- What was asked for and is not answered; a line of nothing needs no answer.
       withheld.membership_id IS NULL AND settled.outcome IS NULL AND lines.total_ore <> 0
           AND answer.answers IS NULL AS unanswered,
       -- One member, two answers: nobody's, whichever came first.
       coalesce(answer.answers, 0) > 1
           OR coalesce(settled.deducted_ore <> answer.deducted_ore, false) AS contradicted
FROM deduction_lines AS lines
LEFT JOIN withheld_lines AS withheld USING (list_number, membership_id)
LEFT JOIN (
    SELECT list_number, membership_id, count(*) AS answers,
           min(deducted_ore) AS deducted_ore, min(reason) AS reason
    FROM (SELECT DISTINCT list_number, membership_id, deducted_ore, reason
          FROM deduction_reports JOIN report_lines USING (report_id)) AS said
    GROUP BY list_number, membership_id
) AS answer USING (list_number, membership_id)
LEFT JOIN (
    SELECT DISTINCT ON (list_number, membership_id)
           list_number, membership_id, decision, caseworker
    FROM line_decisions
    ORDER BY list_number, membership_id, serial DESC
) AS decided USING (list_number, membership_id)
LEFT JOIN deductions AS settled USING (list_number, membership_id);
COMMENT ON VIEW settlement_lines IS
    'Each line of a list with what was reported of it and what became of it. The same lines in '
    'several files are one answer.';

ALTER TABLE entries
    DROP CONSTRAINT entries_source_check,
    ADD CONSTRAINT entries_source_check CHECK (source IN (
        'charge', 'payment', 'allocation', 'reversal', 'redirection', 'over_deduction', 'refund',
        'write_off'));
