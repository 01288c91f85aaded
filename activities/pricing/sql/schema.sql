-- The rulebook, as dated rows, and the changes of it.

-- Every copy of the rulebook knows whether it is current ----------------------------------------

CREATE TABLE rulebook_revision (
    revision bigint NOT NULL,
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row)
);
COMMENT ON TABLE rulebook_revision IS
    'Counts the changes of the rulebook, so that one number tells whether a copy is current.';

CREATE FUNCTION count_rulebook_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE rulebook_revision SET revision = revision + 1;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION count_rulebook_change() IS
    'Makes every copy of the rulebook outdated in the transaction that changes it.';

-- Prices ----------------------------------------------------------------------------------------

CREATE TABLE dues_rates (
    valid_from date PRIMARY KEY,
    full_central_ore bigint NOT NULL CHECK (full_central_ore >= 0),
    half_percent numeric NOT NULL CHECK (half_percent BETWEEN 0 AND 100),
    quarter_percent numeric NOT NULL CHECK (quarter_percent BETWEEN 0 AND 100),
    student_percent numeric NOT NULL CHECK (student_percent BETWEEN 0 AND 100),
    pensioner_percent numeric NOT NULL CHECK (pensioner_percent BETWEEN 0 AND 100),
    half_at_most_percent numeric NOT NULL CHECK (half_at_most_percent BETWEEN 0 AND 100)
);
COMMENT ON TABLE dues_rates IS 'What central dues are made of (S2, S5, S12, S18, S21).';
COMMENT ON COLUMN dues_rates.full_central_ore IS 'Full central dues a month, in øre (S2).';
COMMENT ON COLUMN dues_rates.half_at_most_percent IS
    'The highest position percentage with the right to half dues (S5).';

CREATE TRIGGER dues_rates_counted
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON dues_rates
    FOR EACH STATEMENT EXECUTE FUNCTION count_rulebook_change();

CREATE TABLE premium_rates (
    valid_from date PRIMARY KEY,
    premium_ore bigint NOT NULL CHECK (premium_ore >= 0)
);
COMMENT ON TABLE premium_rates IS 'The insurance package a month, in øre (S7).';

CREATE TRIGGER premium_rates_counted
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON premium_rates
    FOR EACH STATEMENT EXECUTE FUNCTION count_rulebook_change();

CREATE TABLE branches (
    code text PRIMARY KEY,
    name text NOT NULL,
    email text
);
COMMENT ON TABLE branches IS 'Local branches and company groups, with their contact (S4).';

CREATE TRIGGER branches_counted
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON branches
    FOR EACH STATEMENT EXECUTE FUNCTION count_rulebook_change();

CREATE TABLE branch_dues (
    code text NOT NULL REFERENCES branches,
    valid_from date NOT NULL,
    local_ore bigint NOT NULL CHECK (local_ore >= 0),
    halves boolean NOT NULL,
    PRIMARY KEY (code, valid_from)
);
COMMENT ON TABLE branch_dues IS 'What each branch charges a month, in øre (S3, S4).';
COMMENT ON COLUMN branch_dues.halves IS 'Whether half dues halve the local dues as well (A3).';

CREATE TRIGGER branch_dues_counted
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON branch_dues
    FOR EACH STATEMENT EXECUTE FUNCTION count_rulebook_change();

-- Rates -----------------------------------------------------------------------------------------

CREATE TABLE rates (
    code text PRIMARY KEY
);
COMMENT ON TABLE rates IS
    'What terms charge by: schemas.dues.rates.Rate.code. A rate comes with the first term that '
    'charges by it.';

CREATE TABLE rate_amounts (
    code text NOT NULL REFERENCES rates,
    valid_from date NOT NULL CHECK (extract(day FROM valid_from) = 1),
    amount_ore bigint NOT NULL CHECK (amount_ore >= 0),
    PRIMARY KEY (code, valid_from)
);
COMMENT ON TABLE rate_amounts IS
    'What each rate comes to, from each month on: worked out from the rulebook by '
    'schemas.dues.rates.amounts_of, in the transaction that changes the rulebook.';
COMMENT ON COLUMN rate_amounts.amount_ore IS 'In øre, a month or a year; 0: nothing is charged (S14).';

CREATE FUNCTION rates_in(month date) RETURNS TABLE (code text, amount_ore bigint)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT DISTINCT ON (code) code, amount_ore FROM rate_amounts
    WHERE valid_from <= month
    ORDER BY code, valid_from DESC;
END;
COMMENT ON FUNCTION rates_in(date) IS 'What every rate comes to in a month.';

CREATE FUNCTION rate_in(rate text, month date) RETURNS bigint LANGUAGE sql STABLE
    RETURN (SELECT amount_ore FROM rate_amounts
            WHERE code = rate AND valid_from <= month ORDER BY valid_from DESC LIMIT 1);
COMMENT ON FUNCTION rate_in(text, date) IS 'The same, of one rate.';

-- Rules -----------------------------------------------------------------------------------------

CREATE TABLE coverages (
    name text NOT NULL,
    valid_from date NOT NULL,
    ends_at_age integer NOT NULL CHECK (ends_at_age BETWEEN 1 AND 120),
    ends text NOT NULL CHECK (ends IN ('birthday', 'end_of_year')),
    PRIMARY KEY (name, valid_from)
);
COMMENT ON TABLE coverages IS
    'The parts of the insurance package and the age each ends at (S6, A17).';

CREATE TRIGGER coverages_counted
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON coverages
    FOR EACH STATEMENT EXECUTE FUNCTION count_rulebook_change();

CREATE TABLE benefits (
    category text NOT NULL
        CHECK (category IN ('ordinary', 'student', 'apprentice', 'early_pensioner', 'pensioner')),
    valid_from date NOT NULL,
    names text[] NOT NULL,
    PRIMARY KEY (category, valid_from)
);
COMMENT ON TABLE benefits IS
    'What a category of member is entitled to (S11, S13, S15, S16, S19, S20).';

CREATE TRIGGER benefits_counted
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON benefits
    FOR EACH STATEMENT EXECUTE FUNCTION count_rulebook_change();

CREATE TABLE policies (
    name text NOT NULL CONSTRAINT policies_name_known CHECK (name IN (
        'parts_of',
        'round_half_and_quarter',
        'half_dues_halve_premium',
        'employments_count',
        'dues_without_work',
        'half_dues_back_months',
        'unemployed_percent',
        'laid_off_percent',
        'unpaid_leave_percent',
        'on_benefits_percent',
        'waiver_needs_documentation',
        'waiver_at_most_months',
        'waiver_question_days',
        'nav_orgnr',
        'apprentice_insurance',
        'apprentice_local_dues',
        'premium_in_quarter',
        'early_pensioner_local_dues',
        'quarter_ends',
        'pensioner_first_year',
        'student_first_year',
        'pension_question_months',
        'half_past_67',
        'pension_beside_work',
        'premium_at_once',
        'first_month',
        'payroll_needs_first_payment',
        'window_days',
        'enroll_ahead_months',
        'guardian_until_age',
        'new_window_after_break',
        'lifting_needs_consent',
        'hidden_pays_by',
        'local_dues_deductible',
        'deductible_of',
        'part_year_cap',
        'category_asked_from_age',
        'working_student_asked',
        'fee_charged_early',
        'recruiter_thanks',
        'without_employer',
        'notice_months',
        'first_reminder_days',
        'second_reminder_days',
        'arrears_task_months',
        'struck_off_months',
        'warning_days',
        'hold_at_most_days',
        'plan_at_most_months',
        'plan_grace_days',
        'double_payment_days',
        'payout_least_ore',
        'stamp_valid_hours',
        'four_eyes_death',
        'four_eyes_unhide',
        'four_eyes_write_off',
        'four_eyes_days',
        'payout_answer_days',
        'payer_kept_years',
        'refused_file_kept_days',
        'rejected_kept_months',
        'ended_kept_years',
        'books_kept_years',
        'access_log_kept_years',
        'bare_fee_at_most_ore',
        'write_off_at_most_ore',
        'claim_notice',
        'claim_days',
        'claim_ahead_days',
        'claim_cancel_days',
        'claim_notice_day',
        'claim_wait_days',
        'back_months',
        'leap_birthday',
        'reminder_working_days',
        'escalation_working_days',
        'lapse_days',
        'payroll_reminder_days',
        'payroll_timeout_days',
        'payment_days',
        'branch_back_months',
        'price_notice_months',
        'branch_price_notice',
        'rounding_step_kroner',
        'study_question_days',
        'retirement_age',
        'afp_age',
        'old_age_from_age',
        'disability_from_age',
        'change_ahead_years',
        'lowest_age',
        'report_due_day',
        'employment_question_months',
        'implausible_factor',
        'reopen_days',
        'help_months',
        'casework_months',
        'lawyer_months',
        'court_months',
        'free_month_counts',
        'waived_month_counts',
        'reinstate_on_payment',
        'merge_undo_days',
        'transfer_needs_proof',
        'transfer_counts_seniority',
        'transfer_counts_paid_months',
        'transfer_keeps_insurance',
        'transfer_gap_days'
    )),
    valid_from date NOT NULL,
    value jsonb NOT NULL,
    source text NOT NULL,
    PRIMARY KEY (name, valid_from)
);
COMMENT ON TABLE policies IS
    'Our readings where the source is silent (rules whose id begins with A), one value a row. The '
    'closed list of names keeps a misspelt one from having no effect unnoticed.';
COMMENT ON COLUMN policies.source IS 'The rule''s id in docs/rules.md.';

CREATE TRIGGER policies_counted
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON policies
    FOR EACH STATEMENT EXECUTE FUNCTION count_rulebook_change();

CREATE FUNCTION policy_on(policy text, on_day date, otherwise jsonb) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN coalesce(
        (SELECT value FROM policies WHERE name = policy AND valid_from <= on_day
         ORDER BY valid_from DESC LIMIT 1),
        otherwise);
COMMENT ON FUNCTION policy_on(text, date, jsonb) IS
    'The value of a policy on a day, or its default; the same as schemas.pricing.rulebook.';

CREATE TABLE charged_years (
    year_from date PRIMARY KEY CHECK (extract(month FROM year_from) = 1
                                      AND extract(day FROM year_from) = 1),
    charged_on date NOT NULL,
    priced_on date NOT NULL CHECK (priced_on < year_from)
);
COMMENT ON TABLE charged_years IS
    'Years whose fees had been charged when other prices were approved for them: what has been '
    'charged stands (A26).';
COMMENT ON COLUMN charged_years.charged_on IS
    'Whoever was due a fee by what was known then was charged; others get a new invoice.';
COMMENT ON COLUMN charged_years.priced_on IS
    'A day on which the prices held that the fees were charged by.';

CREATE TRIGGER charged_years_counted
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON charged_years
    FOR EACH STATEMENT EXECUTE FUNCTION count_rulebook_change();

-- Changes of prices, as they were approved ------------------------------------------------------

CREATE TABLE repricings (
    effective_on date NOT NULL CHECK (extract(day FROM effective_on) = 1),
    rulebook_version char(64) NOT NULL CHECK (rulebook_version ~ '^[0-9a-f]{64}$'),
    change jsonb NOT NULL,
    approved_by text NOT NULL CHECK (approved_by <> ''),
    approved_on date NOT NULL,
    rates jsonb NOT NULL DEFAULT '[]',
    announce_by date,
    laid jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (effective_on, rulebook_version),
    CONSTRAINT repricings_in_time CHECK (approved_on <= announce_by),
    CONSTRAINT repricings_lie_ahead CHECK (
        approved_on < effective_on OR change - 'effective_on' - 'branches' = '{}')
);
COMMENT ON TABLE repricings IS
    'Changes of prices and rules as they were approved. Only amounts of branches may reach back '
    '(A40). Append-only.';
COMMENT ON COLUMN repricings.rulebook_version IS
    'The rulebook with the change in it; every membership plans its terms by it.';
COMMENT ON COLUMN repricings.change IS 'schemas.pricing.contracts.PriceChange.';
COMMENT ON COLUMN repricings.rates IS
    'What comes to something else, and for which months: code, valid_from, valid_to. Whoever pays '
    'by one of these rates is told.';

COMMENT ON COLUMN repricings.announce_by IS
    'The last day on which it may be announced, since it makes something dearer (A41).';
COMMENT ON COLUMN repricings.laid IS
    'The rows of the rulebook that it wrote, and what each stands in the place of: laid_in, key, '
    'was, is.';

CREATE TRIGGER repricings_append_only BEFORE UPDATE OR DELETE ON repricings
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER repricings_never_emptied BEFORE TRUNCATE ON repricings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE repricings_announced (
    effective_on date NOT NULL,
    rulebook_version char(64) NOT NULL,
    announced_on date NOT NULL,
    PRIMARY KEY (effective_on, rulebook_version),
    FOREIGN KEY (effective_on, rulebook_version) REFERENCES repricings
);
COMMENT ON TABLE repricings_announced IS
    'The changes about which all letters have been ordered, and the day of those. Append-only.';
CREATE TRIGGER repricings_announced_append_only BEFORE UPDATE OR DELETE ON repricings_announced
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE repricings_withdrawn (
    effective_on date NOT NULL,
    rulebook_version char(64) NOT NULL,
    withdrawn_on date NOT NULL,
    PRIMARY KEY (effective_on, rulebook_version),
    FOREIGN KEY (effective_on, rulebook_version) REFERENCES repricings
);
COMMENT ON TABLE repricings_withdrawn IS
    'The changes that nobody was told of in time, and when they were taken out of the rulebook '
    'again (A41). Append-only.';
CREATE TRIGGER repricings_withdrawn_append_only BEFORE UPDATE OR DELETE ON repricings_withdrawn
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION take_out_prices(on_day date, version text, run_on date) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    late jsonb;
    one record;
    earlier record;
    seen text[];
    restored jsonb;
    rows integer;
BEGIN
    SELECT laid INTO late FROM repricings
    WHERE effective_on = on_day AND rulebook_version = version
      AND announce_by < run_on AND run_on < on_day AND laid <> '[]'
      AND NOT EXISTS (SELECT FROM repricings_announced
                      WHERE effective_on = on_day AND rulebook_version = version);
    IF late IS NULL THEN
        RETURN false;
    END IF;
    INSERT INTO repricings_withdrawn VALUES (on_day, version, run_on) ON CONFLICT DO NOTHING;
    FOR one IN
        SELECT * FROM jsonb_to_recordset(late) AS laid(laid_in text, key text, was jsonb, "is" jsonb)
        WHERE laid_in IN ('dues_rates', 'premium_rates', 'branch_dues', 'coverages', 'benefits',
                          'policies')
    LOOP
        restored := one.was;
        seen := ARRAY[version];
        LOOP  -- What it stood in the place of may be out as well.
            SELECT rulebook_version, was INTO earlier
            FROM repricings JOIN repricings_withdrawn USING (effective_on, rulebook_version),
                 jsonb_to_recordset(laid) AS laid(laid_in text, key text, was jsonb, "is" jsonb)
            WHERE effective_on = on_day AND rulebook_version::text <> ALL (seen)
              AND (laid_in, key, "is") = (one.laid_in, one.key, restored)
            ORDER BY rulebook_version LIMIT 1;
            EXIT WHEN NOT FOUND;
            restored := earlier.was;
            seen := seen || earlier.rulebook_version;
        END LOOP;
        EXECUTE format('DELETE FROM %I AS stands WHERE to_jsonb(stands) = $1', one.laid_in)
            USING one."is";
        GET DIAGNOSTICS rows = ROW_COUNT;
        IF rows > 0 AND restored IS NOT NULL THEN
            EXECUTE format('INSERT INTO %1$I SELECT * FROM jsonb_populate_record(NULL::%1$I, $1)',
                           one.laid_in) USING restored;
        END IF;
    END LOOP;
    RETURN true;
END $$;
COMMENT ON FUNCTION take_out_prices(date, text, date) IS
    'Takes what a change wrote out of the rulebook, if it should have been announced before and has '
    'not begun (A41). It runs as the owner, and can do nothing else to the rulebook (ADR 86).';

CREATE FUNCTION rates_changed(on_day date, version char)
    RETURNS TABLE (code text, valid_from date, valid_to date)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT changed.code, changed.valid_from, changed.valid_to
    FROM repricings,
         jsonb_to_recordset(rates) AS changed(code text, valid_from date, valid_to date)
    WHERE effective_on = on_day AND rulebook_version = version;
END;
COMMENT ON FUNCTION rates_changed(date, char) IS
    'What comes to something else by a change, and for which months.';
