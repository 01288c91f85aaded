-- How far each unpaid invoice has been pursued (A30), and who came back by paying.

CREATE TABLE arrears_steps (
    invoice_number text NOT NULL REFERENCES invoices,
    step text NOT NULL CHECK (step IN (
        'first_reminder', 'second_reminder', 'caseworker', 'suspense', 'warning', 'struck_off')),
    membership_id text NOT NULL REFERENCES memberships,
    taken_on date NOT NULL,
    PRIMARY KEY (invoice_number, step)
);
COMMENT ON TABLE arrears_steps IS
    'What was done about each unpaid invoice, each step once (A30). A step about a member stands '
    'for every invoice that was overdue then, and holds for as long as one of them is unpaid. '
    'Append-only.';

CREATE TRIGGER arrears_steps_append_only BEFORE UPDATE OR DELETE ON arrears_steps
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER arrears_steps_never_emptied BEFORE TRUNCATE ON arrears_steps
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE reinstatements (
    membership_id text PRIMARY KEY REFERENCES memberships,
    new_membership_id text NOT NULL UNIQUE,
    paid_by text NOT NULL,
    opened_on date NOT NULL
);
COMMENT ON TABLE reinstatements IS
    'Who was struck off, has paid all of it since, and applies anew: once for each membership. '
    'Append-only.';
COMMENT ON COLUMN reinstatements.paid_by IS
    'The payment, or the credit note, that settled the last of it.';

CREATE TRIGGER reinstatements_append_only BEFORE UPDATE OR DELETE ON reinstatements
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reinstatements_never_emptied BEFORE TRUNCATE ON reinstatements
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
