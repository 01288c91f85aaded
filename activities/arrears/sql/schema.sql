-- How far each unpaid invoice has been pursued (A30), and who came back by paying.

CREATE TABLE arrears_ladder (
    step text PRIMARY KEY,
    about text NOT NULL CHECK (about IN ('invoice', 'member')),
    in_hand boolean NOT NULL,
    members_only boolean NOT NULL,
    repeats boolean NOT NULL,
    overdue_days text,
    owed_months text,
    more_months integer NOT NULL DEFAULT 0,
    after_step text REFERENCES arrears_ladder,
    gap_days text,
    less_days text,
    template text,
    letter_key text,
    task_kind text,
    task_key text,
    task_says text,
    CONSTRAINT arrears_ladder_one_limit CHECK (
        in_hand = (num_nonnulls(overdue_days, owed_months) = 0)
        AND (about = 'invoice') = (overdue_days IS NOT NULL)),
    CONSTRAINT arrears_ladder_gap_after_a_step CHECK (
        (after_step IS NULL) = (gap_days IS NULL) AND (less_days IS NULL OR gap_days IS NOT NULL)),
    CONSTRAINT arrears_ladder_letter_is_whole CHECK ((template IS NULL) = (letter_key IS NULL)),
    CONSTRAINT arrears_ladder_task_is_whole CHECK (num_nonnulls(task_kind, task_key, task_says) IN (0, 3))
);
COMMENT ON TABLE arrears_ladder IS
    'The steps that are taken about unpaid invoices, and when each is due (A30). How many days and '
    'months stands in policies: the columns name them.';
COMMENT ON COLUMN arrears_ladder.about IS
    'What a step is taken about once: an invoice, or a member and all its overdue invoices.';
COMMENT ON COLUMN arrears_ladder.in_hand IS
    'For whoever has enough money with us to pay it all; the other steps are for those who have not.';
COMMENT ON COLUMN arrears_ladder.members_only IS 'Not once the membership has ended.';
COMMENT ON COLUMN arrears_ladder.repeats IS 'Taken again for as long as it is due.';
COMMENT ON COLUMN arrears_ladder.overdue_days IS 'The policy that says how long after its due date.';
COMMENT ON COLUMN arrears_ladder.owed_months IS
    'The policy that says from how many months owed on; more_months above that.';
COMMENT ON COLUMN arrears_ladder.after_step IS
    'Only after that step: by the days of one policy (gap_days), less those of another (less_days).';
COMMENT ON COLUMN arrears_ladder.template IS
    'The letter to the member; letter_key and the number of the invoice, of a member''s the oldest, '
    'are its key.';
COMMENT ON COLUMN arrears_ladder.task_says IS
    'What the caseworkers are told; %1$s stands for the øre that are owed, %2$s for the months.';

CREATE TABLE arrears_steps (
    invoice_number text NOT NULL REFERENCES invoices,
    step text NOT NULL REFERENCES arrears_ladder,
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
