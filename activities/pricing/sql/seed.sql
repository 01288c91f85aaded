-- The rulebook as docs/rules.md tells it. S = said by the source, A = our reading, P = our policy.
-- Everything holds from 1970-01-01, so that any test clock finds it; a change is a new row.

INSERT INTO rulebook_revision (revision) VALUES (0);

INSERT INTO dues_rates
    (valid_from, full_central_ore, half_percent, quarter_percent, student_percent,
     pensioner_percent, half_at_most_percent)
VALUES
    -- S2: 495.00; S5: half at 50 % or less; S21: a quarter; S12: 5 %; S18: 10 %.
    ('1970-01-01', 49500, 50, 25, 5, 10, 50);

INSERT INTO premium_rates (valid_from, premium_ore)
VALUES
    -- S7: 200.00.
    ('1970-01-01', 20000);

INSERT INTO coverages (name, valid_from, ends_at_age, ends)
VALUES
    -- A17: life until the end of the year of 67, disability until 60.
    ('life', '1970-01-01', 67, 'end_of_year'),
    ('disability', '1970-01-01', 60, 'birthday'),
    -- P: neither S6 nor A17 says when critical illness ends. The 67th birthday keeps it for a
    -- whole working life (S22) and lets life cover stay the last one, as A17 has it.
    ('critical_illness', '1970-01-01', 67, 'birthday');

INSERT INTO benefits (category, valid_from, names)
VALUES
    -- S6, S11, S15, S16, S31-S33; a hidden member's lack the agreement and the branch.
    ('ordinary', '1970-01-01', ARRAY[
        'life_and_accident_insurance', 'insurance_package', 'collective_agreement', 'branch',
        'education_support', 'legal_help', 'voluntary_insurances', 'bank_agreement']),
    -- S15: an ordinary member's, except support for further education.
    ('apprentice', '1970-01-01', ARRAY[
        'life_and_accident_insurance', 'insurance_package', 'collective_agreement', 'branch',
        'legal_help', 'voluntary_insurances', 'bank_agreement']),
    -- S13, S16.
    ('student', '1970-01-01', ARRAY[
        'youth_courses', 'student_accident_insurance', 'travel_discounts', 'annual_conference',
        'voluntary_insurances', 'bank_agreement']),
    -- S20: insurances and support schemes, and whatever else needs no employer and no branch.
    ('early_pensioner', '1970-01-01', ARRAY[
        'life_and_accident_insurance', 'insurance_package', 'support_schemes', 'legal_help',
        'voluntary_insurances', 'bank_agreement', 'other_benefits']),
    -- S19.
    ('pensioner', '1970-01-01', ARRAY[
        'discounts', 'holiday_flats', 'private_legal_help', 'private_insurances',
        'funeral_contribution']);

INSERT INTO policies (name, valid_from, value, source)
VALUES
    ('parts_of', '1970-01-01', '"central"', 'A1'),
    ('round_half_and_quarter', '1970-01-01', 'false', 'A2'),
    ('half_dues_halve_premium', '1970-01-01', 'false', 'A4'),
    ('employments_count', '1970-01-01', '"sum"', 'A5'),
    ('dues_without_work', '1970-01-01', '"full"', 'A5'),
    ('half_dues_back_months', '1970-01-01', '3', 'A6'),
    ('unemployed_percent', '1970-01-01', '25', 'A36'),
    ('laid_off_percent', '1970-01-01', '25', 'A36'),
    ('unpaid_leave_percent', '1970-01-01', '0', 'A36'),
    ('on_benefits_percent', '1970-01-01', '25', 'A36'),
    ('waiver_needs_documentation', '1970-01-01', 'true', 'A36'),
    ('waiver_at_most_months', '1970-01-01', '12', 'A36'),
    ('waiver_question_days', '1970-01-01', '30', 'A36'),
    ('nav_orgnr', '1970-01-01', '889640782', 'A36'),
    ('apprentice_insurance', '1970-01-01', '"opt_in"', 'A7'),
    ('apprentice_local_dues', '1970-01-01', '"none"', 'A8'),
    ('premium_in_quarter', '1970-01-01', 'false', 'A10'),
    ('early_pensioner_local_dues', '1970-01-01', '"none"', 'A11'),
    ('quarter_ends', '1970-01-01', '"month_after"', 'A12'),
    ('pensioner_first_year', '1970-01-01', '"months_left"', 'A13'),
    ('student_first_year', '1970-01-01', '"whole"', 'A13'),
    ('pension_question_months', '1970-01-01', '3', 'A14'),
    ('half_past_67', '1970-01-01', 'false', 'A15'),
    ('pension_beside_work', '1970-01-01', '"work"', 'A16'),
    ('premium_at_once', '1970-01-01', 'false', 'A18'),
    ('first_month', '1970-01-01', '"approval"', 'A19'),
    ('payroll_needs_first_payment', '1970-01-01', 'false', 'A20'),
    ('window_days', '1970-01-01', '30', 'A21'),
    ('enroll_ahead_months', '1970-01-01', '2', 'A21'),
    ('guardian_until_age', '1970-01-01', '18', 'A38'),
    ('new_window_after_break', '1970-01-01', 'true', 'A39'),
    ('lifting_needs_consent', '1970-01-01', 'true', 'A22'),
    ('hidden_pays_by', '1970-01-01', '"direct_invoice"', 'A23'),
    ('local_dues_deductible', '1970-01-01', 'true', 'A24'),
    ('deductible_of', '1970-01-01', '"work"', 'S24'),
    ('part_year_cap', '1970-01-01', '"months"', 'X2'),
    ('category_asked_from_age', '1970-01-01', '67', 'A25'),
    ('working_student_asked', '1970-01-01', 'true', 'A25'),
    ('fee_charged_early', '1970-01-01', '"stands"', 'A26'),
    ('recruiter_thanks', '1970-01-01', '"by_consent"', 'A27'),
    ('without_employer', '1970-01-01', '"direct_invoice"', 'A28'),
    ('notice_months', '1970-01-01', '1', 'A29'),
    ('first_reminder_days', '1970-01-01', '14', 'A30'),
    ('second_reminder_days', '1970-01-01', '28', 'A30'),
    ('arrears_task_months', '1970-01-01', '2', 'A30'),
    ('struck_off_months', '1970-01-01', '3', 'A30'),
    ('warning_days', '1970-01-01', '14', 'A30'),
    ('hold_at_most_days', '1970-01-01', '90', 'A30'),
    ('plan_at_most_months', '1970-01-01', '12', 'A30'),
    ('plan_grace_days', '1970-01-01', '5', 'A30'),
    ('double_payment_days', '1970-01-01', '14', 'P3'),
    ('payout_least_ore', '1970-01-01', '5000', 'A37'),
    ('stamp_valid_hours', '1970-01-01', '24', 'R5'),
    ('four_eyes_death', '1970-01-01', 'false', 'R6'),
    ('four_eyes_unhide', '1970-01-01', 'false', 'R6'),
    ('four_eyes_write_off', '1970-01-01', 'false', 'R6'),
    ('four_eyes_days', '1970-01-01', '30', 'R6'),
    ('payout_answer_days', '1970-01-01', '30', 'A37'),
    ('payer_kept_years', '1970-01-01', '5', 'P6'),
    ('refused_file_kept_days', '1970-01-01', '180', 'P6'),
    ('rejected_kept_months', '1970-01-01', '6', 'R4'),
    ('ended_kept_years', '1970-01-01', '5', 'R4'),
    ('books_kept_years', '1970-01-01', '5', 'R4'),
    ('access_log_kept_years', '1970-01-01', '5', 'R4'),
    ('bare_fee_at_most_ore', '1970-01-01', '50000', 'P8'),
    ('claim_notice', '1970-01-01', '"own"', 'P9'),
    ('claim_days', '1970-01-01', '4', 'P9'),
    ('claim_ahead_days', '1970-01-01', '365', 'P9'),
    ('claim_cancel_days', '1970-01-01', '1', 'P9'),
    ('claim_notice_day', '1970-01-01', '15', 'P9'),
    ('claim_wait_days', '1970-01-01', '5', 'P9'),
    ('write_off_at_most_ore', '1970-01-01', '594000', 'A30'),
    ('back_months', '1970-01-01', '3', 'A31'),
    ('leap_birthday', '1970-01-01', '"march_1"', 'A32'),
    ('reminder_working_days', '1970-01-01', '3', 'A33'),
    ('escalation_working_days', '1970-01-01', '10', 'A33'),
    ('lapse_days', '1970-01-01', '30', 'A33'),
    ('payroll_reminder_days', '1970-01-01', '14', 'A34'),
    ('payroll_timeout_days', '1970-01-01', '30', 'A34'),
    ('payment_days', '1970-01-01', '14', 'A35'),
    ('branch_back_months', '1970-01-01', '3', 'A40'),
    ('price_notice_months', '1970-01-01', '1', 'A41'),
    ('branch_price_notice', '1970-01-01', '"as_prices"', 'A41'),
    ('rounding_step_kroner', '1970-01-01', '10', 'S12'),
    ('study_question_days', '1970-01-01', '90', 'S17'),
    ('retirement_age', '1970-01-01', '67', 'S18'),
    ('afp_age', '1970-01-01', '62', 'L3'),
    ('old_age_from_age', '1970-01-01', '62', 'L3'),
    ('disability_from_age', '1970-01-01', '18', 'L3'),
    ('change_ahead_years', '1970-01-01', '5', 'L8'),
    ('lowest_age', '1970-01-01', '15', 'N6'),
    ('reopen_days', '1970-01-01', '90', 'L9'),
    ('merge_undo_days', '1970-01-01', '30', 'N9'),
    ('transfer_needs_proof', '1970-01-01', 'true', 'L10'),
    ('transfer_counts_seniority', '1970-01-01', 'true', 'L10'),
    ('transfer_counts_paid_months', '1970-01-01', 'true', 'L10'),
    ('transfer_keeps_insurance', '1970-01-01', 'true', 'L10'),
    ('transfer_gap_days', '1970-01-01', '30', 'L10'),
    ('report_due_day', '1970-01-01', '15', 'D5'),
    ('employment_question_months', '1970-01-01', '3', 'D8'),
    ('implausible_factor', '1970-01-01', '10', 'D9'),
    ('help_months', '1970-01-01', '1', 'B2'),
    ('casework_months', '1970-01-01', '3', 'B2'),
    ('lawyer_months', '1970-01-01', '6', 'B2'),
    ('court_months', '1970-01-01', '12', 'B2'),
    ('free_month_counts', '1970-01-01', 'true', 'B2'),
    ('waived_month_counts', '1970-01-01', 'false', 'B2'),
    ('reinstate_on_payment', '1970-01-01', 'false', 'A30');
