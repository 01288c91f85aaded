"""A life as a member, hidden members, and who is told what, made wrong."""

from tests.mutations.mutation import mutations

DECISIONS = "tests/membership/decisions"
LEAVING = (
    f"{DECISIONS}/test_leaving.py",
    f"{DECISIONS}/test_endings.py",
    f"{DECISIONS}/test_lingering.py",
    f"{DECISIONS}/test_reopening.py",
)
CHANGES = (
    f"{DECISIONS}/test_changes.py",
    f"{DECISIONS}/test_categories.py",
    f"{DECISIONS}/test_pension.py",
    f"{DECISIONS}/test_waivers.py",
    f"{DECISIONS}/test_leave.py",
    f"{DECISIONS}/test_policies.py",
    f"{DECISIONS}/test_employers.py",
    f"{DECISIONS}/test_employments.py",
    f"{DECISIONS}/test_said_in_letters.py",
)
HIDING = (f"{DECISIONS}/test_hiding.py", f"{DECISIONS}/test_policies.py")
REOPENING = (f"{DECISIONS}/test_reopening.py",)
PAYROLL = (
    f"{DECISIONS}/test_payroll.py",
    f"{DECISIONS}/test_employers.py",
    f"{DECISIONS}/test_employments.py",
)
QUESTIONS = (
    f"{DECISIONS}/test_questions.py",
    f"{DECISIONS}/test_studies.py",
    f"{DECISIONS}/test_pension.py",
    f"{DECISIONS}/test_waivers.py",
)
GATE = ("tests/letters/test_gate.py",)
WORDS = (
    "tests/letters/test_templates.py",
    "tests/letters/test_hidden.py",
    "tests/letters/test_arrears_words.py",
)

MUTATIONS = (
    *mutations(
        "workflows/membership/decisions/leaving.py",
        LEAVING,
        (
            (
                "A29",
                "months_before(message.received_on, -1 - months),",
                "months_before(message.received_on, -months),",
            ),
            (
                "A29",
                "if known is not None and known.reported_on <= message.received_on:",
                "if known is not None and known.reported_on < message.received_on:",
            ),
            ("A30", "if message.owed_months <= limit:", "if message.owed_months < limit:"),
            ("L7", "min(message.died_on + timedelta(days=1), now.today),", "now.today,"),
            (
                "L7",
                "if message.member_number is not None and message.member_number != record.member_number:",
                "if False:",
            ),
            (
                "L7",
                "return not is_same(first, second)",
                "return True",
            ),
            (
                "L7",
                "if reported is None or reported.died_on != message.died_on:",
                "if reported is None:",
            ),
            (
                "A31",
                "return replace(step, given_back_from=owed_until(end, record.since))",
                "return step",
            ),
            (
                "M17",
                "letters=tell_of_estate(Letters.of(record), record, end).done(),",
                "letters=(),",
            ),
            (
                "A31",
                "priced=True,\n        given_back_from=owed_until(end, record.since),",
                "priced=True,",
            ),
        ),
    ),
    *mutations(
        "workflows/membership/decisions/ending.py",
        LEAVING,
        (
            ("M16", "letters.member(Template.RESIGNATION, **figures)", "pass"),
            ("M9", "letters.member(Template.STRUCK_OFF, **figures)", "pass"),
            (
                "M17",
                "tell_of_estate(letters, record, end)\n    if",
                "letters.member(Template.STRUCK_OFF, **figures)",
            ),
            (
                "L7",
                "if must_be_stopped(record, record.present_situation, transition.now.today):\n        from_month",
                "if False:\n        from_month",
            ),
            (
                "M16",
                'letters.insurer(Template.INSURANCE_STATUS, status="ended", from_on=from_on)',
                "pass",
            ),
            (
                "M16",
                "letters.branch(Template.BRANCH_MEMBER_LEFT, record.branch, last_on=last_on.isoformat())",
                "pass",
            ),
            (
                "L9",
                "undone = now.today + timedelta(days=policies.reopen_days)",
                "undone = now.today + timedelta(days=policies.reopen_days + 1)",
            ),
            (
                "A31",
                "return undone if over is None else max(undone, _reached_until(over, policies.back_months))",
                "return undone",
            ),
            ("L9", '"open_until": None, "lingers": False', '"open_until": None, "lingers": True'),
            (
                "L7",
                'update = {"status": InsuranceStatus.ENDED, "reservation_deadline": None}',
                'update = {"reservation_deadline": None}',
            ),
        ),
    ),
    *mutations(
        "workflows/membership/decisions/reopening.py",
        REOPENING,
        (
            (
                "L9",
                "return replace(step, given_back_from=whole_month(undone.effective_on))",
                "return step",
            ),
            (
                "L9",
                '"payroll": _direct_for_now(record, undone, now),',
                '"payroll": record.payroll,',
            ),
            ("L9", "_tell_member(transition, undone, deducted=deducted)\n    before", "before"),
            (
                "L9",
                'transition.letters.branch(Template.BRANCH_NEW_MEMBER, after.branch, about="back")',
                "pass",
            ),
            (
                "L9",
                'stood = {"status": ended.insurance, "reservation_deadline": ended.reservation_deadline}',
                'stood = {"reservation_deadline": ended.reservation_deadline}',
            ),
            (
                "L9",
                "if record.ended is not None and record.ended.number != undone.number:",
                "if False:",
            ),
        ),
    ),
    *mutations(
        "workflows/membership/decisions/merging.py",
        (f"{DECISIONS}/test_merging.py",),
        (
            ("N9", "forwarded=quiet,", "forwarded=False,"),
            ("N9", "_stop_deduction(transition, quiet=bool(message.quiet))", "pass"),
        ),
    ),
    *mutations(
        "workflows/membership/decisions/granting.py",
        CHANGES,
        (
            (
                "A36",
                "if policies.waiver_needs_documentation and message.documentation is None:",
                "if message.documentation is None:",
            ),
            (
                "A36",
                "if notice.until_on >= months_earlier(begins, -months):",
                "if notice.until_on > months_earlier(begins, -months):",
            ),
            (
                "A36",
                "begins, months = _begins(record, notice), policies.waiver_at_most_months",
                "begins, months = notice.effective_on, policies.waiver_at_most_months",
            ),
        ),
    ),
    *mutations(
        "workflows/membership/decisions/changes.py",
        (*CHANGES, *LEAVING),
        (
            ("S18", "if message.category is Category.PENSIONER and not retired:", "if False:"),
            ("S21", "if message.category is Category.EARLY_PENSIONER and retired:", "if False:"),
            (
                "L3",
                'if fault is not None:\n        raise Refused(f"from_on',
                'if False:\n        raise Refused(f"from_on',
            ),
            (
                "L3",
                "if message.category is Category.EARLY_PENSIONER and not _draws(record, message.effective_on):",
                "if False:",
            ),
            (
                "S23",
                "working_percent=message.working_percent or Decimal(0),",
                "working_percent=message.working_percent or Decimal(100),",
            ),
            (
                "A5",
                "if len(jobs) > 1 and notice.working_percent not in {0, worked(jobs)}:",
                "if False:",
            ),
            ("A22", "if asks_first and not message.hidden and not message.consent:", "if False:"),
            (
                "A22",
                "if asks_first and not message.hidden and not message.consent:",
                "if not message.hidden and not message.consent:",
            ),
            (
                "S35",
                "if asks_first and not message.hidden and not message.consent:",
                "if asks_first and not message.consent:",
            ),
            (
                "A29",
                "if found[0].effective_on <= now.today:",
                "if found[0].effective_on < now.today:",
            ),
            (
                "M16",
                "if isinstance(found[0], EndNotice):\n        without = _stays",
                "if False:\n        without = _stays",
            ),
        ),
    ),
    *mutations(
        "workflows/membership/decisions/noting.py",
        CHANGES,
        (("L8", "change_ahead_years", "change_ahead_years + 1"),),
    ),
    *mutations(
        "workflows/membership/decisions/employments.py",
        CHANGES,
        (
            ("A5", "if len(stand) > 1 and _is_of_one(message):", "if False:"),
            ("A28", "if unnumbered and step.record.asks_about_work:", "if False:"),
            ("A5", "return (change, end) if said else (end,)", "return (change,)"),
        ),
    ),
    *mutations(
        "workflows/membership/decisions/hiding.py",
        HIDING,
        (
            ("L5", "if hiding is None and (stops or before.branch is not None):", "if False:"),
            ("M15", "stop(transition, before, forwarded=True)", "stop(transition, before)"),
            ("M15", "transition.member(Template.HIDDEN_ON)", "pass"),
            (
                "S35",
                "transition.member(Template.HIDDEN_OFF, may_deduct=after.deducting is not None)",
                "pass",
            ),
            ("S30", "if message.hidden == record.hidden:", "if False:"),
            ("A22", "if not message.hidden and message.effective_on > now.today:", "if False:"),
        ),
    ),
    *mutations(
        "workflows/membership/decisions/deduction.py",
        PAYROLL,
        (
            (
                "L6",
                "if new != old and must_be_stopped(record, before, transition.now.today):",
                "if False:",
            ),
            ("M11", "elif active or new != old or _never_asked(payroll, after):", "elif active:"),
            ("L6", "return month_after(today) if paid else this", "return this"),
        ),
    ),
    *mutations(
        "workflows/membership/decisions/payroll.py",
        (*PAYROLL, *HIDING),
        (
            (
                "S26",
                "earliest = max(month_after(first_month), first_of_month(now.today))",
                "earliest = max(first_month, first_of_month(now.today))",
            ),
            ("A20", "return max(earliest, month_after(now.today))", "return earliest"),
            (
                "A23",
                "employer = record.present_situation.deducting if record.hiding is None else None",
                "employer = record.present_situation.deducting",
            ),
            ("A5", "if others_may_deduct(record):", "if False:"),
            (
                "M5",
                "Template.DEDUCTION_BEGINS, first_period=period, **_by_nav(record)",
                "Template.DUES_CHANGED, first_period=period, **_by_nav(record)",
            ),
            (
                "A34",
                'payroll = record.payroll.model_copy(update={"unanswered": True})',
                "payroll = Payroll(status=PayrollStatus.REFUSED)",
            ),
            (
                "A34",
                "record.present_situation, Template.PAYROLL_REMINDER, terms",
                "record.present_situation, Template.PAYROLL_START, terms",
            ),
        ),
    ),
    *mutations(
        "workflows/membership/decisions/questions.py",
        QUESTIONS,
        (
            (
                "A14",
                "Template.PENSION_QUESTION,",
                "Template.RETIREMENT_AGE,",
            ),
            (
                "S17",
                "letters = Letters.of(record).member(Template.STUDY_QUESTION, **_offer(record, now))",
                "letters = Letters.of(record)",
            ),
            (
                "A9",
                'letters.to_caseworkers("apprenticeship_over" if apprentice else "study_over")',
                "pass",
            ),
            (
                "A9",
                "letters = Letters.of(record).member(Template.STUDY_OVER, **_offer(record, now))",
                "letters = Letters.of(record)",
            ),
            (
                "M14",
                "letters = Letters.of(record).member(Template.STUDENT_CHECK, **_figures(record))",
                "letters = Letters.of(record)",
            ),
        ),
    ),
    *mutations(
        "workflows/membership/decisions/work_questions.py",
        (*QUESTIONS, *PAYROLL),
        (
            (
                "A36",
                'Template.WORK_QUESTION, about="waiver", until_on=until.isoformat()',
                'Template.WORK_QUESTION, about="no_work", until_on=until.isoformat()',
            ),
            (
                "A28",
                "return named and job.deducts is not False",
                "return False",
            ),
            (
                "A5",
                "return idle and situation.category is Category.ORDINARY",
                "return idle",
            ),
        ),
    ),
    *mutations(
        "workflows/membership/decisions/aging.py",
        (f"{DECISIONS}/test_aging.py", f"{DECISIONS}/test_pension.py"),
        (
            (
                "M13",
                "transition.member(\n            Template.RETIREMENT_AGE,",
                "print(\n            Template.RETIREMENT_AGE,",
            ),
            (
                "A12",
                "if reached < turns <= today and after.category not in LEARNING:",
                "if reached < turns < today and after.category not in LEARNING:",
            ),
            (
                "A17",
                "if not left:\n        cover.end_package(transition)",
                "if left:\n        cover.end_package(transition)",
            ),
            (
                "M13",
                'transition.letters.insurer(Template.INSURANCE_STATUS, status="coverage_ended", **figures)',
                "pass",
            ),
        ),
    ),
    *mutations(
        "workflows/membership/decisions/transitions.py",
        CHANGES,
        (
            (
                "M12",
                "Template.PENSION_REPORTED,\n            category",
                "Template.CATEGORY_CHANGED,\n            category",
            ),
            (
                "M12",
                'Template.BRANCH_MEMBER_CHANGED, known, change="pension"',
                'Template.BRANCH_MEMBER_CHANGED, known, change="employer"',
            ),
            (
                "M8",
                "transition.member(Template.DUES_CHANGED, **figures)",
                "pass",
            ),
            ("M8", 'reason = "position"', 'reason = "branch"'),
            ("M8", "tell_employer(transition.letters, record, begins)", "pass"),
            ("M8", "if foreseen or transition.uninsured or was_asked != is_asked:", "if True:"),
            (
                "M11",
                "transition.letters.branch(Template.BRANCH_MEMBER_LEFT, before.branch)",
                "pass",
            ),
            ("M11", "transition.letters.branch(Template.BRANCH_NEW_MEMBER, after.branch)", "pass"),
            (
                "L4",
                "transition.member(\n            Template.LEAVE_ENDED,",
                "print(\n            Template.LEAVE_ENDED,",
            ),
            (
                "A28",
                'asks="employer" if after.deducting is not None else "nobody"',
                'asks="employer"',
            ),
            (
                "L2",
                'transition.note(f"became {after.category}", *SOURCES[after.category], "L2")',
                "pass",
            ),
        ),
    ),
    *mutations(
        "schemas/membership/benefits.py",
        ("tests/membership/test_benefits.py",),
        (
            ("B1", "if name in own else Why.NOT_OF_CATEGORY", "if name else Why.NOT_OF_CATEGORY"),
            (
                "S31",
                'NOT_FOR_HIDDEN = frozenset({"collective_agreement", "branch"})',
                'NOT_FOR_HIDDEN = frozenset({"branch"})',
            ),
            (
                "S33",
                'NOT_FOR_HIDDEN = frozenset({"collective_agreement", "branch"})',
                'NOT_FOR_HIDDEN = frozenset({"collective_agreement"})',
            ),
            (
                "S34",
                'NOT_FOR_HIDDEN = frozenset({"collective_agreement", "branch"})',
                'NOT_FOR_HIDDEN = frozenset({"collective_agreement", "branch", "legal_help"})',
            ),
            ("B2", "open=entitled and not missing", "open=not missing"),
            ("B2", "if month <= on}", "}"),
            ("A29", "end.effective_on <= on", "end.effective_on < on"),
            ("L7", "dead = died or (last", "dead = died and (last"),
        ),
    ),
    *mutations(
        "schemas/membership/benefits.py",
        (f"{DECISIONS}/test_endings.py",),
        (
            ("S19", "if died_on < facts.since or _over(before, died_on):", "if False:"),
            (
                "M17",
                "return FUNERAL_CONTRIBUTION in rulebook.benefits_of(category, died_on)",
                "return True",
            ),
        ),
    ),
    *mutations(
        "schemas/membership/help.py",
        ("tests/payments/test_paid_months.py",),
        (
            ("B2", "open=paid >= months", "open=paid > months"),
            (
                "B2",
                "(Help.LAWYER, policies.lawyer_months),",
                "(Help.LAWYER, policies.court_months),",
            ),
        ),
    ),
    *mutations(
        "activities/letters/gate.py",
        GATE,
        (
            (
                "S30",
                "NEVER_OF_HIDDEN = frozenset({Audience.EMPLOYER, Audience.BRANCH, Audience.RECRUITER})",
                "NEVER_OF_HIDDEN = frozenset({Audience.BRANCH, Audience.RECRUITER})",
            ),
            (
                "S33",
                "NEVER_OF_HIDDEN = frozenset({Audience.EMPLOYER, Audience.BRANCH, Audience.RECRUITER})",
                "NEVER_OF_HIDDEN = frozenset({Audience.EMPLOYER, Audience.RECRUITER})",
            ),
            (
                "A27",
                "NEVER_OF_HIDDEN = frozenset({Audience.EMPLOYER, Audience.BRANCH, Audience.RECRUITER})",
                "NEVER_OF_HIDDEN = frozenset({Audience.EMPLOYER, Audience.BRANCH})",
            ),
            (
                "invariant 12",
                "return known.hidden or (known.hiding and (audience, template) not in HIDING_NEEDS)",
                "return known.hidden",
            ),
            (
                "invariant 4",
                "return known.hidden or (known.hiding",
                "return (known.hidden and known.hiding) or (known.hiding",
            ),
            (
                "R2",
                'return Verdict(GateOutcome.SUPPRESS, "no rule lets this letter go to this audience")',
                "return Verdict(GateOutcome.SEND)",
            ),
            ("S30", "return known.at_work and (known.hidden or known.hiding)", "return False"),
            (
                "N3",
                "when.member, PAYROLL_BASIS, when.all_of(when.present, when.national_id)\n",
                "when.member, PAYROLL_BASIS, when.present\n",
            ),
            (
                "A27",
                "RECRUITER_BASIS, when.all_of(when.not_hidden_since, when.recruiter_consent)",
                "RECRUITER_BASIS, when.not_hidden_since",
            ),
            ("M19", "or not rule.fits(known):", "or False:"),
            (
                "D1",
                "when.listed, PAYROLL_BASIS, when.national_id",
                "when.always, PAYROLL_BASIS, when.national_id",
            ),
        ),
    ),
    *mutations(
        "activities/letters/conditions.py",
        GATE,
        (
            ("M17", "return known.outcome is not Outcome.DECEASED", "return True"),
            (
                "A30",
                'return Verdict(GateOutcome.SUPPRESS, "it has been settled since")',
                "return None",
            ),
            (
                "R3",
                'return Verdict(GateOutcome.SUPPRESS, "it has never been told of the membership")',
                "return None",
            ),
            (
                "N3",
                'return Verdict(GateOutcome.HOLD, "waits for the member\'s national id")',
                "return None",
            ),
            (
                "A27",
                'return Verdict(GateOutcome.SUPPRESS, "the member did not consent to telling the recruiter")',
                "return None",
            ),
            (
                "A34",
                "if known.asked_on is None or known.asked_on >= known.today:",
                "if known.asked_on is None:",
            ),
        ),
    ),
    *mutations(
        "activities/letters/templates/nb/_hidden.md",
        WORDS,
        (
            (
                "S35",
                "må det skjulte medlemskapet oppheves.",
                "kan det skjulte medlemskapet oppheves.",
            ),
            ("A22", "Det gjør vi aldri uten at du har sagt ja.", "Det gjør vi når vi må."),
            ("S32", "eller sluttvederlagsordningen", ""),
            ("S33", "ikke er knyttet til en lokal avdeling", "er knyttet til en lokal avdeling"),
            ("S34", "du får råd og bistand fra oss, men", "du får ikke råd og bistand fra oss, og"),
        ),
    ),
    *mutations(
        "activities/letters/templates/nb/hidden_off.md",
        WORDS,
        (
            (
                "S35",
                "Slik du har sagt ja til, er medlemskapet ditt ikke lenger skjult.",
                "Medlemskapet ditt er ikke lenger skjult.",
            ),
            (
                "S35",
                "arbeidsgiveren din kan få vite at du er medlem, og",
                "arbeidsgiveren din ikke får vite at du er medlem, og",
            ),
            (
                "S35",
                "vi kan hjelpe deg overfor din egen bedrift",
                "vi ikke kan hjelpe deg overfor din egen bedrift",
            ),
        ),
    ),
    *mutations(
        "activities/letters/templates/en/hidden_off.md",
        WORDS,
        (
            (
                "S35",
                "As you have consented to, your membership is no longer hidden.",
                "Your membership is no longer hidden.",
            ),
        ),
    ),
    *mutations(
        "activities/letters/templates/nb/reminder_first.md",
        WORDS,
        (
            ("P2", "Vi tar ikke gebyr for denne påminnelsen.", "Gebyret er 35 kroner."),
            ("A30", "forfalt {{ invoice.due_on | day }}", "forfalt"),
            ("A30", "{{ invoice.to_pay_ore | money }}, innen", "innen"),
            ("A30", "kan du se bort fra denne påminnelsen", "må du betale en gang til"),
            ("A30", '{% include "nb/_pay.md" %}', ""),
        ),
    ),
    *mutations(
        "activities/letters/templates/nb/reminder_second.md",
        WORDS,
        (
            ("P2", "Vi tar ikke gebyr for denne påminnelsen.", ""),
            (
                "A30",
                "{{ figures.struck_off_months | months }}, kan du bli strøket",
                "{{ figures.struck_off_months | months }}, blir du strøket",
            ),
            ("A30", "Vi har minnet deg på faktura", "Du har fått faktura"),
        ),
    ),
    *mutations(
        "activities/letters/templates/nb/struck_off_warning.md",
        WORDS,
        (
            (
                "A30",
                "Blir det mer enn {{ figures.struck_off_months | months }}",
                "Blir det {{ figures.struck_off_months }} måneder",
            ),
            ("A30", "tidligst {{ figures.earliest_on | day }}", "i dag"),
            ("A30", "fortsetter medlemskapet som før", "avsluttes medlemskapet"),
        ),
    ),
    *mutations(
        "activities/letters/templates/nb/application_received.md",
        WORDS,
        (
            (
                "S29",
                "Den er ennå ikke godkjent, og du skal ikke betale noe nå.",
                "Den er godkjent.",
            ),
            ("M1", "Søknaden din er sendt til en saksbehandler hos oss.", "Velkommen som medlem."),
        ),
    ),
    *mutations(
        "activities/letters/templates/nb/deduction_begins.md",
        WORDS,
        (("M5", "**Ikke betal to ganger:**", "**Betal:**"),),
    ),
    *mutations(
        "activities/letters/templates/nb/welcome.md",
        WORDS,
        (
            (
                "S26",
                "Kontingenten for den første måneden får du på faktura direkte fra oss",
                "Kontingenten blir trukket av lønnen",
            ),
            ("S24", "inkludert premien for Ledernepakken,", ""),
            (
                "S30",
                "arbeidsgiveren får ikke vite at du er medlem.",
                "arbeidsgiveren får vite at du er medlem.",
            ),
            ("S7", ": {{ figures.premium_ore | money }} per måned", ": et beløp per måned"),
        ),
    ),
    *mutations(
        "activities/letters/templates/nb/pension_question.md",
        WORDS,
        (
            (
                "A15",
                "også om du jobber 50&nbsp;prosent eller mindre",
                "med mindre du jobber 50 prosent eller mindre",
            ),
            ("A14", "regner vi med at du fortsetter i jobb", "regner vi med at du går av"),
        ),
    ),
    *mutations(
        "activities/letters/templates/nb/study_over.md",
        WORDS,
        (
            (
                "A9",
                'tilbyr vi deg medlemskap som yrkesaktiv{% include "nb/_offer.md" %} Varer',
                'er du medlem som yrkesaktiv{% include "nb/_offer.md" %} Varer',
            ),
            (
                "S17",
                'tilbyr vi deg medlemskap som yrkesaktiv{% include "nb/_offer.md" %} Studerer',
                'er du medlem som yrkesaktiv{% include "nb/_offer.md" %} Studerer',
            ),
        ),
    ),
    *mutations(
        "activities/letters/templates/nb/_window.md",
        WORDS,
        (
            (
                "A21",
                "innen **{{ reserve_by | day }}**",
                "innen fristen",
            ),
        ),
    ),
    *mutations(
        "activities/letters/templates/nb/resignation.md",
        WORDS,
        (
            (
                "M16",
                "Det faller ikke bort når medlemskapet slutter.",
                "Det faller bort når medlemskapet slutter.",
            ),
            (
                "A29",
                "Siste dag som medlem: {{ figures.last_on | day }}",
                "Siste dag som medlem: {{ figures.reported_on | day }}",
            ),
        ),
    ),
    *mutations(
        "activities/letters/templates/nb/tax_statement.md",
        WORDS,
        (
            (
                "X3",
                "Beløp som arbeidsgiveren eller Nav har trukket, har de selv meldt.",
                "Beløp som arbeidsgiveren eller Nav har trukket, melder vi også.",
            ),
            (
                "M18",
                "Dette kan du trekke fra: **{{ figures.deductible_ore | money }}**",
                "Dette kan du trekke fra: **{{ figures.paid_ore | money }}**",
            ),
        ),
    ),
)
