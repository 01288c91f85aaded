"""From the form to the member, and the insurance package, made wrong."""

from tests.mutations.mutation import mutations

DECISIONS = "tests/membership/decisions"
FORM = (
    "tests/membership/test_eligibility.py",
    "tests/membership/test_application.py",
    "tests/membership/test_identity.py",
    f"{DECISIONS}/test_policies.py",
    "tests/shared/test_calendar.py",
)
APPROVAL = (
    f"{DECISIONS}/test_approval.py",
    f"{DECISIONS}/test_policies.py",
    f"{DECISIONS}/test_minors.py",
    f"{DECISIONS}/test_returning.py",
)
REVIEW = (
    f"{DECISIONS}/test_review.py",
    f"{DECISIONS}/test_returning.py",
    f"{DECISIONS}/test_deadlines.py",
    f"{DECISIONS}/test_approval.py",
    f"{DECISIONS}/test_table.py",
)
INSURANCE = (
    "tests/membership/test_insurance.py",
    f"{DECISIONS}/test_insurance.py",
    f"{DECISIONS}/test_minors.py",
    f"{DECISIONS}/test_categories.py",
    f"{DECISIONS}/test_aging.py",
    f"{DECISIONS}/test_forms_found.py",
)
RETURNING = (
    f"{DECISIONS}/test_returning.py",
    "tests/dues/test_hundred_lives.py",
    "tests/arrears/test_reinstating.py",
)
PERSONS = ("tests/persons/test_matching.py",)

CARRIED = ("tests/register/test_records.py", "tests/register/test_carrying.py")

MUTATIONS = (
    *mutations(
        "schemas/membership/eligibility.py",
        FORM,
        (
            (
                "N6",
                "if on < rulebook.turns(born, lowest):",
                "if on <= rulebook.turns(born, lowest):",
            ),
            (
                "N7",
                "if not agrees_with_birth_date(national_id, born):",
                "if False:",
            ),
            (
                "N1",
                "if not is_national_id(national_id, synthetic=rulebook.allow_synthetic_ids):",
                "if False:",
            ),
            ("N2", "synthetic=rulebook.allow_synthetic_ids", "synthetic=True"),
            (
                "A38",
                "if guardian is not None and guardian.on > on:",
                "if guardian is not None and guardian.on >= on:",
            ),
            ("A5", "if employment is not None and employment.position_percent == 0:", "if False:"),
            (
                "S12",
                "end is not None and end.ends_on < on:",
                "end is not None and end.ends_on <= on:",
            ),
            (
                "S18",
                "if category is Category.PENSIONER and on < rulebook.turns(born, age):",
                "if category is Category.PENSIONER and on <= rulebook.turns(born, age):",
            ),
            (
                "L3",
                "PensionKind.OLD_AGE: policies.old_age_from_age,",
                "PensionKind.OLD_AGE: policies.disability_from_age,",
            ),
            (
                "L3",
                "PensionKind.AFP: policies.afp_age,",
                "PensionKind.AFP: policies.old_age_from_age,",
            ),
            (
                "L3",
                "PensionKind.DISABILITY: policies.disability_from_age,",
                "PensionKind.DISABILITY: policies.afp_age,",
            ),
            (
                "L3",
                "if rulebook.turns(born, age) <= from_on:",
                "if rulebook.turns(born, age) < from_on:",
            ),
            ("S4", "if begins is None or on < begins:", "if begins is None:"),
            (
                "A25",
                "old = rulebook.turns(application.applicant.birth_date, asked_from) <= on",
                "old = rulebook.turns(application.applicant.birth_date, asked_from) < on",
            ),
            (
                "A25",
                "case category if old and category is not Category.PENSIONER:",
                "case category if old and category is Category.ORDINARY:",
            ),
            (
                "A25",
                "case Category.STUDENT if works and policies.working_student_asked:",
                "case Category.STUDENT if works:",
            ),
            (
                "A16",
                "case Category.EARLY_PENSIONER | Category.PENSIONER if works:",
                "case Category.PENSIONER if works:",
            ),
            (
                "A28",
                "if category is not Category.ORDINARY or application.hidden or application.employment:",
                "if category is not Category.ORDINARY or application.employment:",
            ),
            ("A28", 'without_employer == "ask_first"', 'without_employer != "ask_first"'),
            ("S21", "if category is Category.EARLY_PENSIONER and retired:", "if False:"),
        ),
    ),
    *mutations(
        "schemas/membership/identity.py",
        FORM,
        (
            (
                "N1",
                "FIRST_REMAINDERS = frozenset({0, 1, 2, 3})",
                "FIRST_REMAINDERS = frozenset({0})",
            ),
            ("N1", "and _remainder(number, SECOND_WEIGHTS) == 0", ""),
            ("N1", "day -= D_NUMBER_DAY if day > D_NUMBER_DAY else 0", ""),
            ("N2", "if is_synthetic(number) and not synthetic:", "if False:"),
            ("N7", "and int(number[4:6]) == born.year % 100", ""),
        ),
    ),
    *mutations(
        "schemas/membership/application.py",
        FORM,
        (
            ("N4", "if not stdnum_orgnr.is_valid(text):", "if len(text) != 9:"),
            (
                "N5",
                "phonenumbers.PhoneNumberFormat.E164",
                "phonenumbers.PhoneNumberFormat.NATIONAL",
            ),
        ),
    ),
    *mutations(
        "schemas/membership/application.py",
        ("tests/membership/test_published_schemas.py",),
        (
            (
                "S27",
                "additional_information: Prose | None = None",
                "additional_information: Line | None = None",
            ),
        ),
    ),
    *mutations(
        "schemas/shared/base.py",
        FORM,
        (("N5", '"NFC"', '"NFD"'),),
    ),
    *mutations(
        "workflows/membership/decisions/onboarding.py",
        APPROVAL,
        (
            ("S26", "invoice=invoice,", "invoice=None,"),
            (
                "A35",
                "due_on=bank_day_from(now.today + timedelta(days=days)),",
                "due_on=now.today + timedelta(days=days),",
            ),
            (
                "A35",
                "due_on=bank_day_from(now.today + timedelta(days=days)),",
                "due_on=bank_day_from(now.today),",
            ),
            (
                "P2",
                "days = member.book.policies_on(now.today).payment_days",
                "days = member.book.policies_on(now.today).payment_days - 7",
            ),
            (
                "A18",
                "premiums = (Span(valid_from=first_month),) if at_once else ()",
                "premiums = (Span(valid_from=first_month),)",
            ),
            (
                "A20",
                "if member.book.policies_on(now.today).payroll_needs_first_payment and invoice is not None:",
                "if invoice is not None:",
            ),
            (
                "A23",
                "if member.present_situation.deducting is None or not deductible:",
                "if not deductible:",
            ),
            (
                "M3",
                "letters.member(Template.WELCOME, **_welcome(member, category, now))",
                "_welcome(member, category, now)",
            ),
            ("M4", "letters.member(Template.FIRST_INVOICE)", "pass"),
            (
                "S9",
                "if is_eligible(category, record.birth_date, book, now.today):\n        letters",
                "if False:\n        letters",
            ),
            (
                "M3",
                "letters.add(Audience.BRANCH, Template.BRANCH_NEW_MEMBER, branch=member.branch)",
                "pass",
            ),
            (
                "M5",
                "letters.employer(\n            Template.PAYROLL_START, terms=charged(member.terms, _first_day(member, now))\n        )",
                "pass",
            ),
            (
                "A27",
                "return record.form.is_recruited and record.form.consents.tell_recruiter",
                "return record.form.is_recruited",
            ),
            (
                "A27",
                'if record.hidden or record.book.policies_on(now.today).recruiter_thanks == "never":',
                'if record.book.policies_on(now.today).recruiter_thanks == "never":',
            ),
            (
                "A27",
                'if record.hidden or record.book.policies_on(now.today).recruiter_thanks == "never":',
                "if record.hidden:",
            ),
            ("S28", "if record.former is not None and record.former.thanked:", "if False:"),
            ("S32", "lacks = set(NOT_FOR_HIDDEN) if hidden else set()", "lacks: set[str] = set()"),
            (
                "B1",
                "if not eligible or reserved or guardian_needed(record, now):",
                "if not eligible or guardian_needed(record, now):",
            ),
            (
                "S19",
                "if not eligible or reserved or guardian_needed(record, now):",
                "if reserved or guardian_needed(record, now):",
            ),
            (
                "A38",
                "waits = status is InsuranceStatus.NOT_APPLICABLE and not record.insurance.guardian",
                "waits = False",
            ),
            (
                "invariant 10",
                "return None if record.former is None else charged_from(record.former, now.today)",
                "return None",
            ),
        ),
    ),
    *mutations(
        "workflows/membership/decisions/review.py",
        REVIEW,
        (
            (
                "S29",
                'if record.stage not in UNDECIDED:\n        raise Refused(f"the application has been decided: the membership',
                'if False:\n        raise Refused(f"the application has been decided: the membership',
            ),
            (
                "S33",
                'if record.hidden:\n        says = "branch',
                'if False:\n        says = "branch',
            ),
            (
                "M2",
                "Template.APPLICATION_REJECTED, message.reason, faults=[]",
                "Template.APPLICATION_LAPSED, message.reason",
            ),
            (
                "M2",
                'letters=letters.to_caseworkers("application_ended").done(),\n    )\n\n\ndef ended',
                "letters=letters.done(),\n    )\n\n\ndef ended",
            ),
            (
                "A33",
                "Review(since=now.at) if record.review.asked else record.review",
                "record.review",
            ),
            (
                "N3",
                'AFTER_APPROVAL = frozenset({"applicant", "information"})',
                'AFTER_APPROVAL = frozenset({"information"})',
            ),
            (
                "M20",
                'letters=Letters.of(record).to_caseworkers("correction_set_aside", other).done(),',
                "letters=(),",
            ),
        ),
    ),
    *mutations(
        "workflows/membership/deadlines.py",
        (
            f"{DECISIONS}/test_deadlines.py",
            f"{DECISIONS}/test_studies.py",
            f"{DECISIONS}/test_pension.py",
            f"{DECISIONS}/test_questions.py",
            f"{DECISIONS}/test_waivers.py",
            f"{DECISIONS}/test_minors.py",
            f"{DECISIONS}/test_aging.py",
            "tests/membership/test_lingering.py",
        ),
        (
            (
                "A33",
                "add_working_days(started, policies.reminder_working_days)",
                "add_working_days(started, policies.escalation_working_days)",
            ),
            (
                "A33",
                "return asked + timedelta(days=record.book.policies_on(asked).lapse_days)",
                "return asked + timedelta(days=record.book.policies_on(asked).lapse_days - 1)",
            ),
            ("A34", '"payroll_timeout_days"', '"payroll_reminder_days"'),
            (
                "A34",
                '_payroll_day(record, "payroll_reminder_days")',
                '_payroll_day(record, "payroll_timeout_days")',
            ),
            ("A14", "or record.present_situation.category is not Category.ORDINARY:", ":"),
            (
                "A14",
                "return [_on(PENSION_QUESTION, months_earlier(turns, months))]",
                "return [_on(PENSION_QUESTION, months_earlier(turns, months - 1))]",
            ),
            (
                "M13",
                "asked = record.asked_at(about_pension(record)) is not None or announced(record)",
                "asked = record.asked_at(about_pension(record)) is not None",
            ),
            (
                "S17",
                "found.append(_on(STUDY_QUESTION, present.ends_on - timedelta(days=days)))",
                "found.append(_on(STUDY_QUESTION, present.ends_on))",
            ),
            (
                "A9",
                "found.append(Deadline(STUDY_OVER, present.ends_on))",
                "found.append(_on(STUDY_OVER, present.ends_on))",
            ),
            (
                "M14",
                "if present.ends_on is None or new_year <= present.ends_on:",
                "if present.ends_on is None:",
            ),
            (
                "A36",
                "return [_on(WAIVER_QUESTION, waived_until(record) - timedelta(days=days))]",
                "return [_on(WAIVER_QUESTION, waived_until(record))]",
            ),
            (
                "A38",
                "if record.insurance.status is not InsuranceStatus.NOT_APPLICABLE:\n        return set()",
                "if True:\n        return set()",
            ),
            (
                "L9",
                "until = record.open_until if record.lingers and not undecided else None",
                "until = None",
            ),
            (
                "A21",
                "return start_of(self.last_day + timedelta(days=1))",
                "return start_of(self.last_day)",
            ),
        ),
    ),
    *mutations(
        "schemas/membership/insurance.py",
        INSURANCE,
        (
            (
                "S8",
                "return category is not Category.STUDENT",
                "return category is not Category.PENSIONER",
            ),
            (
                "S20",
                "return category is not Category.STUDENT",
                "return category not in {Category.STUDENT, Category.EARLY_PENSIONER}",
            ),
            (
                "A17",
                'return turns if coverage.ends == "birthday" else date(turns.year + 1, 1, 1)',
                "return turns",
            ),
            (
                "A17",
                "return max(coverages_end(born, rulebook).values())",
                "return min(coverages_end(born, rulebook).values())",
            ),
            (
                "A7",
                'entitled = rulebook.policies_on(on).apprentice_insurance != "excluded"',
                "entitled = True",
            ),
            ("A7", 'and rulebook.policies_on(on).apprentice_insurance == "opt_in"', ""),
            (
                "S10",
                "if reserved:\n        return InsuranceStatus.RESERVED",
                "if False:\n        return InsuranceStatus.RESERVED",
            ),
            ("A38", "if needs_guardian(born, rulebook, on) and not guardian:", "if False:"),
            (
                "A38",
                "return on < comes_of_age(born, rulebook, on)",
                "return on <= comes_of_age(born, rulebook, on)",
            ),
            (
                "A21",
                "within = deadline is None or received_on <= deadline",
                "within = deadline is None or received_on < deadline",
            ),
            (
                "A21",
                "return start if within else month_after(received_on)",
                "return start if within else received_on",
            ),
            (
                "A21",
                "return noticed_on + timedelta(days=rulebook.policies_on(noticed_on).window_days)",
                "return noticed_on + timedelta(days=rulebook.policies_on(noticed_on).window_days + 1)",
            ),
            (
                "A18",
                "return covered_from if whole else month_after(covered_from)",
                "return first_of_month(covered_from)",
            ),
            ("A21", "end = first_of_month(end)\n    return tuple(", "return tuple("),
        ),
    ),
    *mutations(
        "workflows/membership/decisions/insurance.py",
        INSURANCE,
        (
            ("S9", "noticed_on = max(message.on, proof or message.on)", "noticed_on = message.on"),
            ("S6", "covered_from = deadline + timedelta(days=1)", "covered_from = deadline"),
            (
                "A17",
                "if covered_from >= package_ends(record.birth_date, record.book):",
                "if False:",
            ),
            (
                "M7",
                "letters = Letters.of(record).member(\n        Template.COVER_BEGINS,",
                "letters = Letters.of(record).member(\n        Template.INSURANCE_WINDOW,",
            ),
            (
                "S10",
                "letters = Letters.of(record).member(\n        Template.RESERVATION_FORM,",
                "letters = Letters.of(record).member(\n        Template.RESERVATION_CONFIRMED,",
            ),
            ("S10", "if insurance.form_asked_on is not None:", "if False:"),
            (
                "A21",
                "effective = reserved_from(received_on, deadline, _opened_on(record))",
                "effective = reserved_from(now.today, deadline, _opened_on(record))",
            ),
            (
                "A21",
                "return first_of_month(self.from_on) if self.in_time else None",
                "return None",
            ),
            (
                "A21",
                "if window.in_time_until is not None and received_on <= window.in_time_until",
                "if False",
            ),
            ("A31", "earliest = max(effective, _earliest(record, now))", "earliest = effective"),
            (
                "M6",
                'letters.insurer(Template.INSURANCE_STATUS, status="reserved", from_on=effective.isoformat())\n    from_month',
                "from_month",
            ),
            (
                "M6",
                "if charged(record.terms, from_month) != charged(reserved.terms, from_month):",
                "if False:",
            ),
            (
                "A38",
                'raise Refused(f"guardian_consent: is required of a member under {age} (A38)")',
                "pass",
            ),
            (
                "S8",
                "if not is_eligible(category, record.birth_date, record.book, message.from_on):",
                "if False:",
            ),
        ),
    ),
    *mutations(
        "workflows/membership/restoring.py",
        ("tests/membership/test_from_rows.py",),
        (
            ("A39", 'return broken.model_copy(update={"interrupted": cover})', "return broken"),
            ("A21", "return begun is InsuranceStatus.WINDOW_OPEN", "return False"),
        ),
    ),
    *mutations(
        "workflows/membership/decisions/opting_in.py",
        (f"{DECISIONS}/test_categories.py",),
        (
            (
                "A7",
                "learns = record.category is Category.APPRENTICE",
                "learns = False",
            ),
            ("A7", "earlier=with_this_window(record, now.today),", ""),
            ("S19", "retired = record.category is Category.PENSIONER", "retired = False"),
        ),
    ),
    *mutations(
        "workflows/membership/decisions/cover.py",
        (*INSURANCE, f"{DECISIONS}/test_studies.py", f"{DECISIONS}/test_changes.py"),
        (
            (
                "A39",
                "renews = record.book.policies_on(today).new_window_after_break",
                "renews = False",
            ),
            (
                "A39",
                "if insurance.reserved_from is not None:\n        status = InsuranceStatus.RESERVED",
                "if False:\n        status = InsuranceStatus.RESERVED",
            ),
            (
                "A39",
                "paid_until = max(whole_month(lapsed_on), months_before(today, back))",
                "paid_until = whole_month(lapsed_on)",
            ),
            (
                "S8",
                "if status in IN_FORCE:\n            _interrupt(transition)",
                "if False:\n            _interrupt(transition)",
            ),
            (
                "A38",
                "after.category is not before.category or _came_of_age(transition)",
                "after.category is not before.category",
            ),
            (
                "A17",
                'insurance = transition.record.insurance.model_copy(update={"status": InsuranceStatus.ENDED})',
                "insurance = transition.record.insurance",
            ),
        ),
    ),
    *mutations(
        "schemas/membership/returning.py",
        RETURNING,
        (
            (
                "invariant 10",
                "self.until if self.until > month else None,",
                "None,",
            ),
            (
                "S12",
                "yearly if yearly is not None and yearly > month else None,",
                "None,",
            ),
            (
                "A29",
                "return self.resigned_on is not None and self.last_on >= today",
                "return self.resigned_on is not None and self.last_on > today",
            ),
            ("A27", '"recruited_by": None,', '"recruited_by": first.recruited_by,'),
            (
                "S18",
                "return Category.PENSIONER if retirement <= on else Category.EARLY_PENSIONER",
                "return Category.EARLY_PENSIONER",
            ),
            ("S12", "date(last.year + 1, 1, 1))", "date(last.year, 12, 1))"),
        ),
    ),
    *mutations(
        "workflows/membership/decisions/returning.py",
        RETURNING,
        (
            ("A25", "if why is not None and message.category is None:", "if False:"),
            (
                "L7",
                "if record.recorded_as_dead and message.reason is None:",
                "if False:",
            ),
            (
                "A29",
                "if former is None or former.resigned_on is None or not former.leaves_after(now.today):",
                "if True:",
            ),
            (
                "S23",
                "if now is not Category.EARLY_PENSIONER or record.form.category is now:",
                "if True:",
            ),
        ),
    ),
    *mutations(
        "schemas/persons/matching.py",
        PERSONS,
        (
            (
                "N8",
                "if Sign.NATIONAL_ID in found:\n        return Certainty.CERTAIN",
                "if Sign.NATIONAL_ID in found:\n        return Certainty.LIKELY",
            ),
            (
                "N8",
                "return Certainty.POSSIBLE if _one_name(found) else None\n    if found >=",
                "return Certainty.CERTAIN\n    if found >=",
            ),
            ("N8", "and found.isdisjoint(LESS_THAN_CERTAIN):", ":"),
            (
                "N8",
                "return Certainty.LIKELY if same else Certainty.POSSIBLE",
                "return Certainty.LIKELY",
            ),
            ("N8", "replaced = is_d_number(one) is not is_d_number(other)", "replaced = True"),
            ("N8", "twins = (Sign.TWINS,) if _twins(found) else ()", "twins = ()"),
            (
                "N8",
                "if (one.year, one.month, one.day) == (other.year, other.day, other.month):",
                "if False:",
            ),
        ),
    ),
    *mutations(
        "schemas/persons/names.py",
        PERSONS,
        (
            ("N8", "_TYPOS = ((8, 2), (4, 1))", "_TYPOS = ((8, 2), (3, 1))"),
            (
                "N8",
                "if len(fewer) > 1 and fewer == set(a) & set(b):",
                "if fewer == set(a) & set(b):",
            ),
        ),
    ),
    *mutations(
        "schemas/persons/merging.py",
        ("tests/persons/test_merging.py",),
        (
            ("N9", "if ends.hidden and not goes_on.hidden:", "if False:"),
            ("N9", "if ends.covered and not goes_on.covered:", "if False:"),
            (
                "N9",
                "ends = next(each for each in living if each.membership_id != keep)",
                "ends = goes_on",
            ),
        ),
    ),
    *mutations(
        "schemas/register/facts.py",
        CARRIED,
        (
            ("L11", "charged_from=month,", "charged_from=None,"),
            ("L11", "fee_until=month_after(fee) if fee is not None else None,", "fee_until=None,"),
        ),
    ),
    *mutations(
        "workflows/membership/importing.py",
        CARRIED,
        (("L11", 'update={"asked": asked}', 'update={"asked": record.asked, "rulebook": None}'),),
    ),
    *mutations(
        "activities/payments/sql/allocating.sql",
        CARRIED,
        (
            (
                "L11",
                "(SELECT membership_id FROM invoices WHERE kid = wanted),",
                "(SELECT NULL::text),",
            ),
        ),
    ),
)
