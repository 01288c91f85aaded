"""What keeps money, letters and names in the house, made wrong."""

from tests.mutations.mutation import mutations

DECISIONS = "tests/membership/decisions"

MUTATIONS = (
    *mutations(
        "activities/privacy/erasing.py",
        ("tests/privacy/test_erasing.py",),
        (
            ("R4", "months_earlier(step.today", "months_earlier(date.max"),
            ("R4", "date(step.today.year - policies.ended_kept_years", "date(step.today.year"),
        ),
    ),
    *mutations(
        "activities/privacy/sql/schema.sql",
        ("tests/privacy/test_erasing.py",),
        (
            ("R4", "balances.open_ore <> 0", "balances.open_ore < 0"),
            ("R4", "EXISTS (SELECT FROM erasure_obstacles(members, today))", "false"),
            ("R4", "'decided_by = ''erased'', says = NULL,", "'decided_by = ''erased'',"),
        ),
    ),
    *mutations(
        "activities/privacy/certifying.py",
        ("tests/privacy/test_erasure.py",),
        (("R4", "if voucher is None or not voucher.service:", "if voucher is None:"),),
    ),
    *mutations(
        "activities/letters/payroll_channel.py",
        ("tests/letters/test_delivery.py",),
        (("D3", "if employer.password is not None:", "if employer.password is None:"),),
    ),
    *mutations(
        "activities/secrecy/words.py",
        ("tests/secrecy/test_words.py",),
        (
            (
                "R3",
                "hidden = sealing.seal(key.secret, data, _bound_to(column, row, key))",
                "hidden = text.encode()",
            ),
            ("R3", "return GONE if opened is None else opened", "return opened"),
        ),
    ),
    *mutations(
        "activities/letters/compose.py",
        ("tests/letters/test_reservation_form.py",),
        (
            (
                "S10",
                "return letter.template in {Template.INSURANCE_WINDOW, Template.RESERVATION_FORM}",
                "return letter.template in {Template.RESERVATION_FORM}",
            ),
        ),
    ),
    *mutations(
        "activities/letters/gate.py",
        ("tests/letters/test_gate.py",),
        (
            (
                "D4",
                "PAYROLL_BASIS, when.all_of(when.present, when.national_id, when.heard)",
                "BRANCH_BASIS, when.all_of(when.present, when.national_id, when.heard)",
            ),
        ),
    ),
    *mutations(
        "activities/deduction/sql/queries.sql",
        ("tests/deduction/test_settlement.py",),
        (
            ("D8", "reason IN ('LEFT', 'PENSION')", "reason IN ('PENSION')"),
            ("D8", "policy_on('employment_question_months', :today, '3')::integer", "3"),
        ),
    ),
    *mutations(
        "schemas/payments/identity.py",
        ("tests/payments/test_known.py",),
        (("P4", "return all(one.channel != other.channel", "return all(False"),),
    ),
    *mutations(
        "schemas/payments/identity.py",
        ("tests/payments/test_identity.py",),
        (
            ("P4", "return _told_enough(one, found) and not", "return one.kid is not None or not"),
            ("P4", "return not one.repeats and any(", "return False and any("),
        ),
    ),
    *mutations(
        "schemas/payments/sums.py",
        ("tests/payments/test_sums.py",),
        (
            ("P4", "if each.channel != channel]", "]"),
            ("P4", "each.name is not None and each.name == one.name", "False"),
            ("P4", "len(rest) > 1 and together is not None", "False"),
            ("P4", "range(2, len(messages) + 1)", "range(0)"),
        ),
    ),
    *mutations(
        "activities/payments/camt_parties.py",
        ("tests/payments/test_formats.py", "tests/payments/test_cases.py"),
        (("P6", 'name=", ".join(names) or None', "name=None"),),
    ),
    *mutations(
        "activities/deduction/sql/schema.sql",
        ("tests/deduction/test_settlement.py",),
        (
            ("D10", "WHERE coalesce(accepted, 0) = holds", "WHERE true"),
            ("D10", "WHERE decision IS DISTINCT FROM 'rejected'", "WHERE true"),
        ),
    ),
    *mutations(
        "schemas/payments/proposals.py",
        ("tests/payments/test_proposals.py",),
        (
            ("P6", "if set(grounds) <= _AMOUNTS and debtor.key != alone:", "if not grounds:"),
            ("P6", "weighed.sort(key=lambda one: one[:3])", "weighed.reverse()"),
        ),
    ),
    *mutations(
        "schemas/payments/numbers.py",
        ("tests/payments/test_numbers.py",),
        (("P6", "if is_invoice_kid(kid)", "if kid"),),
    ),
    *mutations(
        "activities/payments/booking.py",
        ("tests/payments/test_bad_rows.py",),
        (
            (
                "P5",
                "await in_halves(batch, self._book, self._leave)",
                "[await self._book(batch)]",
            ),
        ),
    ),
    *mutations(
        "activities/letters/settings.py",
        ("tests/letters/test_invoice.py",),
        (("P7", "if not kontonr.is_valid(self.account_number):", "if False:"),),
    ),
    *mutations(
        "activities/payments/sql/allocating.sql",
        ("tests/payments/test_worked_tables.py", "tests/payments/test_allocation.py"),
        (
            (
                "invariant 11",
                "AS claims ON true\n    WHERE left_over.reference",
                "AS claims ON true\n    WHERE left_over.membership_id IS NOT NULL AND left_over.reference",
            ),
        ),
    ),
    *mutations(
        "schemas/names.py",
        ("tests/shared/test_names.py",),
        (
            (
                "R1",
                'f"membership-{_UUID}"',
                '"membership-[0-9a-z-]{36}"',
            ),
        ),
    ),
    *mutations(
        "workflows/membership/attributes.py",
        (f"{DECISIONS}/test_state.py",),
        (
            (
                "R1",
                "(CATEGORY, str(record.category) if record.category else None),",
                "(CATEGORY, record.form.applicant.name),",
            ),
        ),
    ),
    *mutations(
        "activities/persons/sql/queries.sql",
        ("tests/dues/test_told_late.py",),
        (
            (
                "S12",
                "OR charged.cadence = 'yearly' AND charged.kind = ANY(:yearly::text[])",
                "OR charged.cadence = 'yearly' AND :yearly::text[] IS NOT NULL",
            ),
        ),
    ),
    *mutations(
        "activities/persons/sql/queries.sql",
        ("tests/persons/test_newsletter.py",),
        (
            (
                "S36",
                "AND NOT has_died(people.person_id)\n) AS readers",
                "AND NOT has_died(people.person_id) AND false\n) AS readers",
            ),
        ),
    ),
    *mutations(
        "workflows/membership/decisions/dispatch.py",
        (
            f"{DECISIONS}/test_endings.py",
            f"{DECISIONS}/test_lingering.py",
            f"{DECISIONS}/test_facts_told_late.py",
        ),
        (
            ("L1", "GrantLeave, ReserveInsurance, Resign}", "GrantLeave, Resign}"),
            (
                "L9",
                "AFTER_END = frozenset({RecordPayment, RecordDeath, ",
                "AFTER_END = frozenset({RecordDeath, ",
            ),
            (
                "invariant 5",
                'raise Refused(f"the membership has ended: {record.outcome}")',
                'raise Refused("")',
            ),
        ),
    ),
    *mutations(
        "workflows/membership/decisions/noting.py",
        (f"{DECISIONS}/test_contradictions.py", f"{DECISIONS}/test_leave.py"),
        (("invariant 6", "if len(known) == len(notices):", "if False:"),),
    ),
    *mutations(
        "activities/letters/sql/queries.sql",
        ("tests/database/test_migrations.py",),
        (
            (
                "invariant 7",
                "(:membership_id, :key, :audience, :basis, :disclosed_on)",
                "(:membership_id, :key, :audience, :basis, current_date)",
            ),
        ),
    ),
    *mutations(
        "activities/letters/templates/nb/welcome.md",
        ("tests/letters/test_templates.py",),
        (
            (
                "invariant 8",
                "subject: Velkommen til oss",
                "subject: Velkommen, {{ member.name }}",
            ),
        ),
    ),
    *mutations(
        "schemas/shared/calendar.py",
        ("tests/shared/test_calendar.py",),
        (
            (
                "invariant 13",
                "return moment.astimezone(OSLO).date()",
                "return moment.astimezone().date()",
            ),
        ),
    ),
    *mutations(
        "workers/logging.py",
        ("tests/stack/test_logging.py",),
        (("invariant 14", "show_locals=False", "show_locals=True"),),
    ),
)
