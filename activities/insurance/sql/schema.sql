-- What the insurance office was told, what it answered, and what it is owed.

CREATE TABLE insurance_numbers (
    membership_id text NOT NULL REFERENCES memberships,
    file_id char(64) NOT NULL REFERENCES inbound_files,
    valid_from date NOT NULL,
    number text NOT NULL CHECK (number ~ '^[0-9A-Za-z-]{1,20}$'),
    entry bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (membership_id, file_id),
    UNIQUE (number, file_id)
);
COMMENT ON TABLE insurance_numbers IS
    'A member''s number at the insurance office, by an answer of it; who has none goes by ours. Append-only.';
COMMENT ON COLUMN insurance_numbers.entry IS 'The order in which they came: the last one holds.';

CREATE TABLE insurance_files (
    period_from date PRIMARY KEY CHECK (extract(day FROM period_from) = 1),
    made_on date NOT NULL,
    file_id char(64) NOT NULL UNIQUE CHECK (file_id ~ '^[0-9a-f]{64}$'),
    content bytea,
    report jsonb NOT NULL
);
COMMENT ON TABLE insurance_files IS
    'The file of each month, as it was first made, under the hash of its content. Append-only, but '
    'that it may be forgotten.';
COMMENT ON COLUMN insurance_files.content IS
    'As schemas.insurance.contracts.OfficeFile: what every format of the file is made of. Numbers and '
    'birth dates of members: secret. NULL: forgotten (R4).';

CREATE TABLE insurance_told (
    membership_id text PRIMARY KEY REFERENCES memberships,
    period_from date NOT NULL REFERENCES insurance_files,
    told jsonb NOT NULL
);
COMMENT ON TABLE insurance_told IS
    'What the office knows of a member by the last file that said anything of the member.';

CREATE TABLE insurance_answers (
    file_id char(64) PRIMARY KEY REFERENCES inbound_files,
    period_from date NOT NULL REFERENCES insurance_files,
    taken_on date NOT NULL
);
COMMENT ON TABLE insurance_answers IS
    'The office''s answers that were taken, and on which month''s file. Append-only.';

CREATE TABLE insurance_settlements (
    period_from date PRIMARY KEY CHECK (extract(day FROM period_from) = 1),
    settled_on date NOT NULL,
    amount_ore bigint NOT NULL
);
COMMENT ON TABLE insurance_settlements IS
    'What was received as premium until the end of a month and owed to the office for it. Append-only.';

CREATE TABLE insurance_settlement_lines (
    period_from date NOT NULL REFERENCES insurance_settlements DEFERRABLE INITIALLY DEFERRED,
    charged_from date NOT NULL,
    amount_ore bigint NOT NULL CHECK (amount_ore <> 0),
    PRIMARY KEY (period_from, charged_from)
);
COMMENT ON TABLE insurance_settlement_lines IS
    'A settlement by the month that was charged; together they are what was booked. Append-only.';

CREATE TABLE insurance_payments (
    entry text PRIMARY KEY,
    period_from date NOT NULL REFERENCES insurance_settlements,
    amount_ore bigint NOT NULL CHECK (amount_ore > 0),
    paid_on date NOT NULL,
    noted_on date NOT NULL,
    noted_by text NOT NULL CHECK (noted_by <> '')
);
COMMENT ON TABLE insurance_payments IS
    'By which debit of the bank the office was paid, all settlements until a month. Append-only.';
COMMENT ON COLUMN insurance_payments.entry IS 'The reference of the bank''s entry.';

CREATE TABLE insurance_accounts (
    valid_from date PRIMARY KEY,
    account char(11) NOT NULL CHECK (account ~ '^[0-9]{11}$'),
    receiver text NOT NULL CHECK (receiver <> ''),
    named_by text NOT NULL CHECK (named_by <> ''),
    named_on date NOT NULL,
    named_by_subject text
);
COMMENT ON TABLE insurance_accounts IS
    'Where the insurance office''s money goes, from which day on (P15). Append-only.';
COMMENT ON COLUMN insurance_accounts.named_by_subject IS
    'Who that is for ever, where a key said so: whoever approves a payout is somebody else.';

ALTER TABLE refund_parts ADD CONSTRAINT refund_parts_of_settled_premiums
    FOREIGN KEY (insurance_from) REFERENCES insurance_settlements;
CREATE INDEX refund_parts_of_insurance ON refund_parts (insurance_from)
    WHERE insurance_from IS NOT NULL;

CREATE FUNCTION owed_to_office(of_month date) RETURNS bigint
    LANGUAGE sql STABLE
    RETURN CASE WHEN of_month IS NOT NULL THEN
        coalesce((SELECT sum(amount_ore) FROM insurance_settlements), 0)
        - coalesce((SELECT sum(amount_ore) FROM insurance_payments), 0)
        - coalesce((SELECT sum(amount_ore) FROM refund_parts
                    WHERE insurance_from IS NOT NULL), 0) END;
COMMENT ON FUNCTION owed_to_office(date) IS
    'What the insurance office is owed of all settlements, less what was paid and what is being '
    'paid out to it; null of no month.';

CREATE TRIGGER insurance_numbers_append_only BEFORE UPDATE OR DELETE ON insurance_numbers
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insurance_numbers_never_emptied BEFORE TRUNCATE ON insurance_numbers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insurance_files_keep_that_written BEFORE UPDATE ON insurance_files
    FOR EACH ROW EXECUTE FUNCTION keep_that_it_was_written();
CREATE TRIGGER insurance_files_append_only BEFORE DELETE ON insurance_files
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insurance_files_never_emptied BEFORE TRUNCATE ON insurance_files
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insurance_answers_append_only BEFORE UPDATE OR DELETE ON insurance_answers
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insurance_answers_never_emptied BEFORE TRUNCATE ON insurance_answers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insurance_settlements_append_only BEFORE UPDATE OR DELETE ON insurance_settlements
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insurance_settlements_never_emptied BEFORE TRUNCATE ON insurance_settlements
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insurance_settlement_lines_append_only BEFORE UPDATE OR DELETE ON insurance_settlement_lines
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insurance_settlement_lines_never_emptied BEFORE TRUNCATE ON insurance_settlement_lines
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insurance_payments_append_only BEFORE UPDATE OR DELETE ON insurance_payments
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insurance_accounts_append_only BEFORE UPDATE OR DELETE ON insurance_accounts
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insurance_accounts_never_emptied BEFORE TRUNCATE ON insurance_accounts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insurance_payments_never_emptied BEFORE TRUNCATE ON insurance_payments
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
