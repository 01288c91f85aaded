-- What a member's life after the onboarding needs: policies of its own, and letters that name
-- their employer, keep their order, and may go by way of the caseworkers.

ALTER TABLE policies
    DROP CONSTRAINT policies_name_known,
    ADD CONSTRAINT policies_name_known CHECK (name IN (
        'round_half_and_quarter', 'apprentice_insurance', 'half_past_67', 'premium_at_once',
        'payroll_needs_first_payment', 'window_days', 'reminder_working_days',
        'escalation_working_days', 'lapse_days', 'payroll_reminder_days',
        'payroll_timeout_days', 'payment_days', 'lowest_age', 'retirement_age', 'afp_age',
        'back_months', 'change_ahead_years', 'pension_question_months', 'study_question_days',
        'notice_months', 'struck_off_months'
    ));

INSERT INTO policies (name, valid_from, value, source)
VALUES
    ('back_months', '1970-01-01', '3', 'A31'),
    ('change_ahead_years', '1970-01-01', '5', 'section 3'),
    ('pension_question_months', '1970-01-01', '3', 'A14'),
    ('study_question_days', '1970-01-01', '90', 'S17'),
    ('notice_months', '1970-01-01', '1', 'A29'),
    ('struck_off_months', '1970-01-01', '3', 'A30');

ALTER TABLE letters
    -- The defaults are what a worker of the previous version leaves out, and old rows get.
    ADD COLUMN place integer NOT NULL DEFAULT 0 CHECK (place >= 0),
    ADD COLUMN forwarded boolean NOT NULL DEFAULT false,
    ADD COLUMN employer_orgnr char(9) CHECK (employer_orgnr ~ '^[0-9]{9}$'),
    ADD COLUMN employer_name text;
COMMENT ON COLUMN letters.place IS
    'Where the decision listed it, from 1: letters go out in this order. 0: it did not say.';
COMMENT ON COLUMN letters.forwarded IS
    'The caseworkers get it in place of its audience, to pass it on in words of their own.';
COMMENT ON COLUMN letters.employer_orgnr IS
    'The employer a letter to an employer is for, past or present: it never goes to another one.';
COMMENT ON COLUMN letters.employer_name IS 'As the member called it.';

-- Until now a member had one employer only. Nothing is sent here, so no flag is asked.
ALTER TABLE letters DISABLE TRIGGER letters_sent_for_open_members_only;
UPDATE letters
SET employer_orgnr = people.employer_orgnr, employer_name = people.employer_name
FROM people
WHERE people.membership_id = letters.membership_id AND letters.audience = 'employer';
ALTER TABLE letters ENABLE TRIGGER letters_sent_for_open_members_only;

CREATE INDEX payments_of_membership ON payments (membership_id);

CREATE FUNCTION name_present_employer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT people.employer_orgnr, people.employer_name
    INTO NEW.employer_orgnr, NEW.employer_name
    FROM people WHERE people.membership_id = NEW.membership_id;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION name_present_employer() IS
    'A letter that names no employer is for the one of the day it was ordered, not of the day '
    'it goes out.';
CREATE TRIGGER letters_name_their_employer BEFORE INSERT ON letters
    FOR EACH ROW WHEN (NEW.audience = 'employer'
                       AND NEW.employer_orgnr IS NULL AND NEW.employer_name IS NULL)
    EXECUTE FUNCTION name_present_employer();
