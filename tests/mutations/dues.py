"""What members pay, made wrong."""

from tests.mutations.mutation import mutations

AMOUNTS = (
    "tests/dues/test_amounts.py",
    "tests/pricing/test_policies.py",
    "tests/dues/test_plan.py",
    "tests/dues/test_hundred_lives.py",
    "tests/membership/decisions/test_waivers.py",
    "tests/membership/decisions/test_employments.py",
)
PLAN = (*AMOUNTS, "tests/membership/test_situation.py", "tests/pricing/test_years.py")
YEARS = (
    "tests/pricing/test_years.py",
    "tests/dues/test_plan.py",
    "tests/dues/test_hundred_lives.py",
    "tests/pricing/test_charged_years.py",
)
SEED = ("tests/shared/test_rulebook.py",)
CHANGING = ("tests/pricing/test_rulebook_change.py",)
JOBS = (
    "tests/membership/decisions/test_employments.py",
    "tests/dues/test_plan.py",
    "tests/dues/test_hundred_lives.py",
)
WAIVED = (
    "tests/membership/decisions/test_waivers.py",
    "tests/dues/test_plan.py",
    "tests/dues/test_hundred_lives.py",
)

MUTATIONS = (
    *mutations(
        "schemas/dues/amounts.py",
        AMOUNTS,
        (
            ("S1", "return Rate(Paid.FULL)", "return Rate(Paid.HALF)"),
            (
                "S3",
                "return (central,) if local is None else (central, Due(LineKind.LOCAL_DUES, local))",
                "return (central,)",
            ),
            ("S12", "_part_rate(Paid.STUDENT", "_part_rate(Paid.PENSIONER"),
            ("S14", "return NOTHING", "return Rate(Paid.FULL)"),
            ("S18", "_part_rate(Paid.PENSIONER", "_part_rate(Paid.STUDENT"),
            ("S21", "_part_rate(Paid.QUARTER", "_part_rate(Paid.HALF"),
            (
                "S22",
                "past_retirement and not policies.half_past_67",
                "False and not policies.half_past_67",
            ),
            ("S26", "valid_from=first_of_month(on),", "valid_from=on,"),
            ("S33", "if facts.hidden or facts.branch is None:", "if facts.branch is None:"),
            (
                "A1",
                "if parts_of in LOCAL_IN_PARTS and not facts.hidden",
                "if parts_of in LOCAL_IN_PARTS",
            ),
            ("A5", 'largest = policies.employments_count == "largest"', "largest = True"),
            (
                "A5",
                'return facts.worked_before if policies.dues_without_work == "as_before" else None',
                "return facts.worked_before",
            ),
            ("A8", 'return policies.apprentice_local_dues == "full"', "return True"),
            ("A11", 'return policies.early_pensioner_local_dues == "full"', "return True"),
            ("A13", "remaining = MONTHS + 1 - on.month", "remaining = MONTHS - on.month"),
            ("A13", 'return policies.student_first_year == "months_left"', "return True"),
            ("A15", "past_retirement and not policies.half_past_67", "past_retirement"),
            ("A18", "if term.amount_ore and term.valid_from <= on", "if term.valid_from <= on"),
            (
                "A32",
                "rulebook.turns(facts.birth_date, policies.retirement_age) <= on",
                "rulebook.turns(facts.birth_date, policies.retirement_age) < on",
            ),
            ("L4", "if percent else NOTHING", "if percent else Rate(Paid.FULL)"),
        ),
    ),
    *mutations(
        "schemas/dues/rates.py",
        (*AMOUNTS, "tests/dues/test_rates.py"),
        (
            ("S4", "return in_force(branch.rates, on)", "return branch.rates[0]"),
            (
                "S7",
                "premium = in_force(rulebook.premiums, on).premium_ore",
                "premium = rulebook.premiums[-1].premium_ore",
            ),
            ("S12", "(ROUND_CEILING)", "(ROUND_HALF_UP)"),
            ("S12", "frozenset({Paid.STUDENT, Paid.PENSIONER})", "frozenset({Paid.PENSIONER})"),
            ("S18", "whole * MONTHS * percent / 100", "whole * percent / 100"),
            (
                "A1",
                "whole = in_force(rulebook.dues, on).full_central_ore\n",
                "whole = in_force(rulebook.dues, on).full_central_ore + 5000\n",
            ),
            (
                "A2",
                "if policies.round_half_and_quarter:",
                "if not policies.round_half_and_quarter:",
            ),
            ("A3", "is Paid.LOCAL_HALF and rate.halves", "is Paid.LOCAL_HALF"),
            ("A36", "return min(part, own)", "return part"),
            (
                "G3",
                "int((ore / step).to_integral_value(ROUND_CEILING)) * step",
                "int(ore / step + 1) * step",
            ),
        ),
    ),
    *mutations(
        "schemas/dues/plan.py",
        PLAN,
        (
            (
                "A4",
                "rulebook.policies_on(day).half_dues_halve_premium\n        and not situation.on_leave",
                "not situation.on_leave",
            ),
            ("A10", "if policies.premium_in_quarter and", "if"),
            ("A12", "if quarter_ends(turns, rulebook) <= day:", "if turns <= day:"),
            ("S8", "if not insured or not may_be_covered(situation.category):", "if not insured:"),
            (
                "S7",
                "and (cover.valid_to is None or span.valid_from < cover.valid_to)",
                "and (cover.valid_to is None or span.valid_from <= cover.valid_to)",
            ),
            ("L1", "if day == facts.since:", "if day <= facts.since and False:"),
            ("A17", "days.add(first_of_month(package_ends(facts.birth_date, rulebook)))", "pass"),
            ("A26", "yield date(entry.valid_from.year + 1, 1, 1)", "pass"),
            (
                "L4",
                "if not situation.on_leave or pays_yearly(situation):",
                "if not situation.on_leave:",
            ),
            ("A20", "and (word.given_on or word.starts_on) >= since", ""),
        ),
    ),
    *mutations(
        "schemas/dues/years.py",
        YEARS,
        (
            ("A26", "day = max(self._day, new_year) if same else stretch.day", "day = stretch.day"),
            ("A26", 'if policies.fee_charged_early == "corrected" or', "if"),
            ("A26", "if n.recorded_on <= known)", "if True)"),
            (
                "L4",
                "return situation.category in YEARLY and not situation.fee_rests",
                "return situation.category in YEARLY",
            ),
        ),
    ),
    *mutations(
        "schemas/pricing/repricing.py",
        YEARS,
        (
            ("A13", "remaining = MONTHS + 1 - month.month", "remaining = MONTHS - month.month"),
            ("A13", "if term.prorated else term.amount_ore", "if True else term.amount_ore"),
            (
                "A26",
                "if term.valid_from != month or _paid(terms, month):",
                "if term.valid_from != month:",
            ),
        ),
    ),
    *mutations(
        "schemas/dues/payers.py",
        (
            "tests/dues/test_payers.py",
            "tests/dues/test_plan.py",
            "tests/membership/decisions/test_causes_once_through.py",
        ),
        (
            (
                "D7",
                "return latest[0][1].payer if latest else Payer.DIRECT",
                "return latest[0][1].payer if latest else Payer.PAYROLL",
            ),
            (
                "D7",
                "while self._coming and self._coming[-1][1].starts_on <= month:",
                "while self._coming and self._coming[-1][1].starts_on < month:",
            ),
            ("L6", "word.employer_orgnr in {None, employer}\n            and _given", "_given"),
            (
                "invariant 3",
                "if last is not None and last.valid_to == term.valid_from and _same(last, term):",
                "if last is not None and _same(last, term):",
            ),
        ),
    ),
    *mutations(
        "schemas/membership/situation.py",
        PLAN,
        (
            ("S33", "return None if self.hidden else self.home_branch", "return self.home_branch"),
            ("A23", "idle = self.hidden or self.on_leave", "idle = self.on_leave"),
            (
                "A6",
                "months = min(months, policies.half_dues_back_months)",
                "months = policies.back_months",
            ),
            (
                "A6",
                "return percent is not None and 0 < percent <= at_most",
                "return percent is not None and 0 < percent < at_most",
            ),
            (
                "A31",
                "return months_before(notice.recorded_on, months)",
                "return months_before(notice.recorded_on, months + 1)",
            ),
            (
                "A19",
                'joins_at_once = rulebook.policies_on(since).first_month == "approval"',
                "joins_at_once = True",
            ),
            ("A19", "return max(first, facts.charged_from or first)", "return first"),
            (
                "A36",
                "works = now.category is Category.ORDINARY and not now.retired",
                "works = True",
            ),
            ("L1", "if notice.effective_on <= on\n", "if notice.recorded_on <= on\n"),
            ("A31", "and (known_for is None or charged_from(notice, rulebook) <= known_for)", ""),
            (
                "S18",
                "category = Category.PENSIONER if retirement <= on else",
                "category = Category.PENSIONER if retirement < on else",
            ),
            (
                "A14",
                "if now.retired:\n        category = Category.PENSIONER",
                "if now.retired or retirement <= on:\n        category = Category.PENSIONER",
            ),
            (
                "A16",
                'policies.pension_beside_work == "pension"',
                'policies.pension_beside_work != "pension"',
            ),
            (
                "S22",
                "elif on < retirement and _draws_beside_work(now)",
                "elif _draws_beside_work(now)",
            ),
            (
                "A16",
                '            "report_pension",\n            "change_employment",',
                '            "change_employment",\n            "report_pension",',
            ),
            (
                "L2",
                'update["category"] = Category.ORDINARY if now.retired else now.category',
                'update["category"] = now.category',
            ),
            (
                "S17",
                '"category": now.category if learns else Category.ORDINARY,',
                '"category": Category.ORDINARY,',
            ),
            ("S21", '"retired": not works,', '"retired": True,'),
            (
                "A12",
                "return day if day.day == 1 else months_before(day, -1)",
                "return first_of_month(day)",
            ),
            (
                "A12",
                'at_once = rulebook.policies_on(month).quarter_ends == "birthday_month"',
                "at_once = True",
            ),
            (
                "L7",
                "return month_after(death.reported_on)",
                "return whole_month(death.effective_on)",
            ),
            (
                "A29",
                "return min(stops_on, default=None)",
                "return max(stops_on, default=None)",
            ),
            (
                "A19",
                "return max(month, month_after(first_charged_month(since, rulebook)))",
                "return month",
            ),
            ("L4", "yield notice.until_on + timedelta(days=1)", "yield notice.until_on"),
        ),
    ),
    *mutations(
        "schemas/membership/employments.py",
        JOBS,
        (
            (
                "A5",
                "return sum(known, Decimal(0)) if jobs and",
                "return max(known, default=Decimal(0)) if jobs and",
            ),
            ("A5", "return tuple(job for job in jobs if job.percent != 0)", "return tuple(jobs)"),
            (
                "A5",
                "return next((job for job in may if job.deducts), may[0] if may else None)",
                "return may[0] if may else None",
            ),
            (
                "A28",
                "and job.employer.orgnr is not None and job.deducts is not False",
                "and job.employer.orgnr is not None",
            ),
            (
                "A16",
                "if len(stand) > 1:\n        return stand",
                "if len(stand) > 9:\n        return stand",
            ),
        ),
    ),
    *mutations(
        "schemas/membership/waivers.py",
        WAIVED,
        (
            ("A36", "return waiver.worked > in_force(", "return waiver.worked >= in_force("),
            ("A36", "if on <= one.until_on and not", "if on < one.until_on and not"),
            (
                "A36",
                "if on <= one.until_on and not _works_again(one, rulebook, on)",
                "if on <= one.until_on",
            ),
            (
                "L4",
                "if waiver.kind is WaiverKind.LEAVE or not waiver.worked:",
                "if not waiver.worked:",
            ),
            (
                "A36",
                "WaiverKind.UNEMPLOYED: policies.unemployed_percent,",
                "WaiverKind.UNEMPLOYED: policies.unpaid_leave_percent,",
            ),
            (
                "A36",
                "WaiverKind.LAID_OFF: policies.laid_off_percent,",
                "WaiverKind.LAID_OFF: policies.unpaid_leave_percent,",
            ),
            (
                "A36",
                "WaiverKind.UNPAID_LEAVE: policies.unpaid_leave_percent,",
                "WaiverKind.UNPAID_LEAVE: policies.on_benefits_percent,",
            ),
            (
                "A36",
                "WaiverKind.BENEFITS: policies.on_benefits_percent,",
                "WaiverKind.BENEFITS: policies.unpaid_leave_percent,",
            ),
            ("A36", "if share is WaiverShare.FREE:", "if share is None:"),
        ),
    ),
    *mutations(
        "activities/pricing/sql/seed.sql",
        SEED,
        (
            ("S2", "49500, 50, 25, 5, 10, 50", "49000, 50, 25, 5, 10, 50"),
            ("S5", "49500, 50, 25, 5, 10, 50", "49500, 50, 25, 5, 10, 60"),
            ("S7", "('1970-01-01', 20000)", "('1970-01-01', 21000)"),
            (
                "A17",
                "('life', '1970-01-01', 67, 'end_of_year')",
                "('life', '1970-01-01', 67, 'birthday')",
            ),
            (
                "A17",
                "('disability', '1970-01-01', 60, 'birthday')",
                "('disability', '1970-01-01', 62, 'birthday')",
            ),
            ("S13", "'youth_courses', 'student_accident_insurance',", "'youth_courses',"),
            ("S37", "'travel_discounts', 'annual_conference',", "'travel_discounts',"),
            (
                "S15",
                "'legal_help', 'voluntary_insurances', 'bank_agreement']),\n    -- S13",
                "'legal_help', 'education_support', 'voluntary_insurances', 'bank_agreement']),\n    -- S13",
            ),
            (
                "S16",
                "'voluntary_insurances', 'bank_agreement']),\n    -- S20",
                "'voluntary_insurances']),\n    -- S20",
            ),
            ("S19", "'funeral_contribution'])", "'discounts'])"),
            ("S20", "'insurance_package', 'support_schemes',", "'insurance_package',"),
            (
                "S11",
                "'life_and_accident_insurance', 'insurance_package', 'support_schemes'",
                "'insurance_package', 'support_schemes'",
            ),
            (
                "S6",
                "'life_and_accident_insurance', 'insurance_package', 'collective_agreement', 'branch',\n        'education_support'",
                "'life_and_accident_insurance', 'collective_agreement', 'branch',\n        'education_support'",
            ),
            ("A21", "('window_days', '1970-01-01', '30'", "('window_days', '1970-01-01', '31'"),
            (
                "A30",
                "('struck_off_months', '1970-01-01', '3'",
                "('struck_off_months', '1970-01-01', '4'",
            ),
            ("B2", "('lawyer_months', '1970-01-01', '6'", "('lawyer_months', '1970-01-01', '3'"),
        ),
    ),
    *mutations(
        "activities/pricing/rulebook_change.py",
        CHANGING,
        (
            (
                "A40",
                "months = min(policies.branch_back_months, policies.back_months)",
                "months = policies.branch_back_months",
            ),
            ("A40", "if change.effective_on < earliest:", "if change.effective_on <= earliest:"),
            ("A40", "if not change.only_branches:", "if False:"),
            (
                "G4",
                "if change.effective_on < month_after(today):",
                "if change.effective_on < today:",
            ),
            ("B1", "names=list(wanted),", "names=list(before),"),
        ),
    ),
    *mutations(
        "schemas/pricing/notice.py",
        ("tests/pricing/test_notice.py",),
        (
            (
                "A41",
                "return months_before(dearer_from, notice_months)",
                "return months_before(dearer_from, notice_months - 1)",
            ),
            ("A41", "told_on if told_on.day == 1 else", ""),
        ),
    ),
    *mutations(
        "activities/pricing/notice.py",
        ("tests/pricing/test_notice.py",),
        (
            ("A41", "if today > announced_by(min(found), months):", "if today > min(found):"),
            ("A41", "if last is not None and last < today:", "if False:"),
            ("A41", "if change.changes_rules and today", "if today"),
        ),
    ),
    *mutations(
        "activities/pricing/charged_years.py",
        ("tests/pricing/test_charged_years.py",),
        (
            ("A26", "if month.month != 1 or month in kept or", "if month in kept or"),
            (
                "A26",
                "priced_on = effective_on - timedelta(days=1)",
                "priced_on = effective_on - timedelta(days=40)",
            ),
        ),
    ),
    *mutations(
        "activities/dues/sql/charging.sql",
        (
            "tests/dues/test_charges.py",
            "tests/dues/test_corrections.py",
            "tests/dues/test_once.py",
            "tests/dues/test_double_charges.py",
            "tests/dues/test_one_person.py",
        ),
        (
            (
                "A13",
                "THEN 13 - extract(month FROM lower(terms.valid))::integer",
                "THEN 12 - extract(month FROM lower(terms.valid))::integer",
            ),
            (
                "A31",
                "dues_runs.period_from >= least(since, given_back_from)",
                "dues_runs.period_from >= given_back_from",
            ),
            ("A31", "AND (period_from >= since OR sum(is_ore) = 0 AND sum(was_ore) > 0)", ""),
            (
                "invariant 1",
                "WHERE (charges.membership_id IS NULL",
                "WHERE (true",
            ),
            (
                "invariant 9",
                "WHEN due.amount_ore > largest_line_ore()",
                "WHEN due.amount_ore < largest_line_ore() - 99999999",
            ),
            (
                "invariant 10",
                "WHERE lines.cadence = 'yearly' OR lines.period_from = month",
                "WHERE lines.period_from = month",
            ),
            (
                "N9",
                "CASE WHEN standing THEN least(charged_ore, stays_ore) ELSE charged_ore END",
                "charged_ore",
            ),
            ("D7", "WHEN payers.by_list AND due.hidden", "WHEN false"),
        ),
    ),
)
