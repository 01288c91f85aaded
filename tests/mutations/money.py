"""Money, lists, tax, days and what must never leave, made wrong."""

from tests.mutations.mutation import mutations

CALENDAR = ("tests/shared/test_calendar.py",)
LADDER = (
    "tests/arrears/test_worked_tables.py",
    "tests/arrears/test_pursuing.py",
    "tests/arrears/test_net.py",
)
MONEY = ("tests/payments/test_worked_tables.py", "tests/payments/test_allocation.py")
LISTS = (
    "tests/deduction/test_settlement.py",
    "tests/deduction/test_reports.py",
    "tests/deduction/test_lists.py",
    "tests/deduction/test_hostile_files.py",
)
TAX = (
    "tests/statements/test_tax.py",
    "tests/statements/test_yearly.py",
    "tests/statements/test_months.py",
    "tests/statements/test_reporting.py",
)

SERIES = ("tests/dues/test_series.py",)
BRANCHES = ("tests/books/test_branches.py",)

RECOVERIES = ("tests/payments/test_recoveries.py",)
STATUSES = ("tests/payments/test_refund_status.py",)
FORGETTING = ("tests/payments/test_forgetting.py",)

MUTATIONS = (
    *mutations(
        "activities/payments/sql/allocating.sql",
        FORGETTING,
        (
            ("P6", "WHEN 'applied' THEN received_on < before_day", "WHEN 'applied' THEN true"),
            (
                "P6",
                "WHEN 'refused' THEN decided_on < refused_before END)",
                "WHEN 'refused' THEN false END)",
            ),
        ),
    ),
    *mutations(
        "activities/payments/sql/queries.sql",
        ("tests/payments/test_kid_in_words.py",),
        (
            (
                "P4",
                "ON told.kid = one.kid AND told.amount_ore = one.amount_ore",
                "ON told.kid = one.kid",
            ),
        ),
    ),
    *mutations(
        "activities/deduction/sql/queries.sql",
        ("tests/deduction/test_hidden_in_between.py",),
        (
            (
                "D1",
                "FROM charged JOIN list USING (employer_orgnr) WHERE hidden",
                "FROM charged JOIN list USING (employer_orgnr) WHERE false",
            ),
            ("S30", "AND (:delivered OR NOT shown)", "AND :delivered"),
        ),
    ),
    *mutations(
        "activities/pricing/sql/schema.sql",
        ("tests/pricing/test_notice.py",),
        (("A41", "announce_by < run_on AND run_on < on_day", "announce_by < run_on"),),
    ),
    *mutations(
        "schemas/payments/refund_status.py",
        STATUSES,
        (
            (
                "P8",
                "case BankSays.REJECTED if status.duplicate:",
                "case BankSays.REJECTED if False:",
            ),
            (
                "P8",
                "if one.of_file and one.refund_id not in named",
                "if one.of_file",
            ),
        ),
    ),
    *mutations(
        "activities/payments/sql/allocating.sql",
        RECOVERIES,
        (
            (
                "P8",
                "SELECT reference, nth, number, ore, today, 'rule' FROM issued",
                "SELECT reference, nth, number, 2 * ore, today, 'rule' FROM issued",
            ),
        ),
    ),
    *mutations(
        "activities/books/sql/schema.sql",
        BRANCHES,
        (
            (
                "P11",
                "RETURN CASE WHEN whole = 0 OR taken = whole THEN part ELSE trunc(part * taken / whole)::bigint END;",
                "RETURN part;",
            ),
            (
                "P11",
                "WHERE invoice_number IS NOT NULL AND write_off IS NULL AND allocated_on <= until",
                "WHERE invoice_number IS NOT NULL AND write_off IS NULL",
            ),
        ),
    ),
    *mutations(
        "activities/books/branches.py",
        BRANCHES,
        (("P11", "if today < over:", "if False:"),),
    ),
    *mutations(
        "activities/dues/sql/schema.sql",
        SERIES,
        (
            (
                "P10",
                "SET last_no = invoice_series.last_no + excluded.last_no",
                "SET last_no = invoice_series.last_no + excluded.last_no + 1",
            ),
        ),
    ),
    *mutations(
        "activities/dues/sql/building.sql",
        SERIES,
        (("P10", "WHERE first_no IS NULL AND wanted > 0", "WHERE wanted > 0"),),
    ),
    *mutations(
        "activities/membership/sql/queries.sql",
        ("tests/dues/test_series.py",),
        (("P10", "(count(*) * :invoices + :numbers)::integer", ":numbers::integer"),),
    ),
    *mutations(
        "activities/deduction/sql/queries.sql",
        ("tests/deduction/test_lists.py",),
        (
            (
                "D2",
                "greatest(last_serial, (SELECT serial FROM serials_given)) + 1",
                "last_serial + 1",
            ),
        ),
    ),
    *mutations(
        "schemas/shared/calendar.py",
        CALENDAR,
        (
            (
                "G2",
                "return is_working_day(day) and (day.month, day.day) != (12, 24)",
                "return is_working_day(day)",
            ),
            ("G2", "!= (12, 24)", "not in {(12, 24), (12, 31)}"),
            (
                "P2",
                "return day.weekday() < 5 and day not in PUBLIC_HOLIDAYS",
                "return day.weekday() < 6 and day not in PUBLIC_HOLIDAYS",
            ),
            (
                "G2",
                "return day.weekday() < 5 and day not in PUBLIC_HOLIDAYS",
                "return day.weekday() < 5",
            ),
            (
                "A33",
                "while not is_working_day(day):\n            day += timedelta(days=1)\n    return day",
                "pass\n    return day",
            ),
            ("A32", "return date(year, 3, 1)", "return date(year, 2, 28)"),
            ("G1", "return moment.astimezone(OSLO).date()", "return moment.date()"),
            ("G1", "tzinfo=OSLO", 'tzinfo=ZoneInfo("UTC")'),
            ("A14", "return month.replace(day=min(day.day, last.day))", "return month"),
        ),
    ),
    *mutations(
        "schemas/pricing/rulebook.py",
        (
            "tests/membership/decisions/test_policies.py",
            "tests/dues/test_amounts.py",
            "tests/pricing/test_policies.py",
        ),
        (
            ("A32", 'return eve if by.leap_birthday == "february_28" else day', "return day"),
            (
                "G4",
                "found = [entry for entry in entries if entry.valid_from <= on]",
                "found = [entry for entry in entries if entry.valid_from < on]",
            ),
            (
                "B1",
                "return in_force([b for b in self.benefits if b.category is category], on).names",
                "return self.benefits[0].names",
            ),
        ),
    ),
    *mutations(
        "schemas/payments/kid.py",
        (
            "tests/membership/test_identity.py",
            "tests/membership/decisions/test_payments.py",
        ),
        (
            ("P1", 'INVOICE = "1"', 'INVOICE = "3"'),
            (
                "P1",
                "return digits + luhn.calc_check_digit(digits)",
                "return digits + str(sum(map(int, digits)) % 10)",
            ),
            ("P1", "{serial:06d}", "{serial:05d}0"),
        ),
    ),
    *mutations(
        "activities/arrears/sql/seed.sql",
        LADDER,
        (
            (
                "A30",
                "false, false, false, 'first_reminder_days', NULL, 0",
                "false, false, false, 'second_reminder_days', NULL, 0",
            ),
            ("A30", "'struck_off_months', 1,", "'struck_off_months', 0,"),
            ("A30", "'warning', 'warning_days', NULL, NULL", "NULL, NULL, NULL, NULL"),
            ("M9", "'reminder_second', 'reminder-2-'", "'reminder_first', 'reminder-2-'"),
        ),
    ),
    *mutations(
        "activities/arrears/sql/queries.sql",
        (*LADDER, "tests/arrears/test_agreements.py"),
        (
            (
                "A30",
                "sum(overdue.open_ore) OVER oldest <= money.in_hand_ore AS covered",
                "false AS covered",
            ),
            (
                "M17",
                (
                    "WHERE looked_at.person_id NOT IN ("
                    "SELECT person_id FROM members_who_died())\n"
                    "      AND asked.due_on"
                ),
                "WHERE asked.due_on",
            ),
            (
                "A30",
                "WHERE ladder.in_hand = judged.in_hand AND NOT judged.held",
                "WHERE ladder.in_hand = judged.in_hand",
            ),
            (
                "A30",
                "AND asked.due_on < :today AND balances.open_ore > 0",
                "AND asked.due_on <= :today AND balances.open_ore > 0",
            ),
        ),
    ),
    *mutations(
        "activities/arrears/sql/schema.sql",
        ("tests/arrears/test_net.py", "tests/arrears/test_pursuing.py"),
        (
            (
                "A30",
                "'yearly' THEN 13 - extract(month FROM period_from)::integer",
                "'yearly' THEN 1",
            ),
            (
                "A30",
                "WHEN covers > 1 THEN greatest(0, least(covers, passed)",
                "WHEN covers > 1 THEN greatest(0, least(covers, 12)",
            ),
        ),
    ),
    *mutations(
        "activities/arrears/agreements.py",
        ("tests/arrears/test_agreements.py",),
        (
            (
                "A30",
                "latest = today + timedelta(days=policies.hold_at_most_days)",
                "latest = today + timedelta(days=90)",
            ),
            (
                "A30",
                "if not 1 <= months <= policies.plan_at_most_months:",
                "if not 1 <= months <= 12:",
            ),
        ),
    ),
    *mutations(
        "activities/payments/write_offs.py",
        ("tests/arrears/test_agreements.py",),
        (("A30", "if open_ore > policies.write_off_at_most_ore:", "if open_ore > 594000:"),),
    ),
    *mutations(
        "activities/arrears/reinstating.py",
        ("tests/arrears/test_reinstating.py",),
        (
            (
                "A30",
                "again = policies.reinstate_on_payment and listens",
                "again = listens",
            ),
        ),
    ),
    *mutations(
        "activities/payments/sql/allocating.sql",
        MONEY,
        (
            (
                "P3",
                "AS claims ON true\n    WHERE left_over.reference = ANY (held) AND left_over.suspense_ore > 0",
                "AS claims ON true\n    WHERE false",
            ),
            ("P3", "WHERE claim.ends <= money.total\n", "WHERE true\n"),
            (
                "P3",
                "ORDER BY balances.issued_on, balances.serial, balances.number) AS ends",
                "ORDER BY balances.issued_on DESC, balances.serial, balances.number) AS ends",
            ),
            (
                "P3",
                "AND (held.kid IS NULL\n               OR of_one_person(membership_of_kid(held.kid), held.membership_id))",
                "",
            ),
            (
                "P8",
                "invoice_number, list_number, -amount_ore, reversal.paid_on, 'reversal'",
                "invoice_number, list_number, amount_ore, reversal.paid_on, 'reversal'",
            ),
            (
                "invariant 2",
                "reference || '/' || given.serial, 'suspense', 'members', amount_ore",
                "reference || '/' || given.serial, 'members', 'suspense', amount_ore",
            ),
        ),
    ),
    *mutations(
        "schemas/payments/refunds.py",
        ("tests/payments/test_refund_matching.py",),
        (
            ("P8", "if open_ids.get(word) == entry.amount_ore:", "if word in open_ids:"),
            ("P8", "return same and _is_since(", "return _is_since("),
            ("P8", "sorted(awaited, key=lambda one: not one.stands)", "awaited"),
            ("P8", "        and entry.end_to_end is None\n", ""),
            ("P8", "is not None and _is_since(entry, refund.instructed_on)", "is not None"),
            ("P8", "told = [one for one in awaited if one.stands]", "told = awaited"),
            ("P8", "if had[one.amount_ore] == asked[one.amount_ore]]", "if asked[one.amount_ore]]"),
            ("P8", "return not entry.unclear and not any(", "return not any("),
            ("P8", "[one for one in entries if not one.debit]", "[]"),
        ),
    ),
    *mutations(
        "activities/deduction/sql/queries.sql",
        ("tests/deduction/test_carried_over.py",),
        (
            ("A37", "greatest(totals.ore, 0) AS total_ore", "totals.ore AS total_ore"),
            ("A37", "greatest(-totals.ore, 0) AS over_ore", "0::bigint AS over_ore"),
        ),
    ),
    *mutations(
        "activities/dues/sql/charging.sql",
        ("tests/deduction/test_carried_over.py",),
        (
            (
                "A37",
                "within_bigint(min(given.back_ore)), within_bigint(-sum(carried_over.amount_ore))",
                "within_bigint(-sum(carried_over.amount_ore)), within_bigint(min(given.back_ore))",
            ),
            ("A37", "HAVING min(given.back_ore) <> -sum(carried_over.amount_ore)", ""),
        ),
    ),
    *mutations(
        "activities/arrears/pursuing.py",
        ("tests/arrears/test_final_settlement.py",),
        (
            ("A37", "await _settle_finally(connection, page, policies)", "pass"),
            ("A37", "policies.payout_least_ore}", "0}"),
            ("A37", '"answer_days": policies.payout_answer_days', '"answer_days": 99'),
        ),
    ),
    *mutations(
        "activities/payments/refunds.py",
        ("tests/payments/test_refunds.py",),
        (
            (
                "P8",
                "for one in hands:",
                "for one in ():",
            ),
            ("P7", "if not kontonr.is_valid(number):", "if False:"),
            (
                "P8",
                'sum(part["ore"] for part in parts) - owed_ore',
                'sum(part["ore"] for part in parts)',
            ),
        ),
    ),
    *mutations(
        "schemas/deduction/settlement.py",
        ("tests/deduction/test_settlement.py",),
        (
            ("D6", "if today > figures.report_due_on:", "if today >= figures.report_due_on:"),
            (
                "D6",
                "difference = figures.reported_ore - figures.paid_ore - figures.accepted_ore",
                "difference = figures.reported_ore - figures.paid_ore",
            ),
            (
                "D6",
                "Discrepancy.MONEY_OVER, amount_ore=-difference",
                "Discrepancy.MONEY_SHORT, amount_ore=-difference",
            ),
            (
                "M10",
                "found = [OpenPoint(finding=Discrepancy.REPORT_MISSING, amount_ore=missing)]",
                "found = []",
            ),
        ),
    ),
    *mutations(
        "schemas/deduction/list_file.py",
        (
            "tests/deduction/test_lists.py",
            "tests/deduction/test_reports.py",
            "tests/deduction/test_hostile_files.py",
        ),
        (
            (
                "D2",
                'return f"\'{line}" if seen in _FORMULA_STARTS and seen else line',
                "return line",
            ),
            (
                "D2",
                'Column("central", "Sentral kontingent", 20, lambda line: line.central_ore',
                'Column("central", "Sentral kontingent", 20, lambda line: line.local_ore',
            ),
            ("D9", "if len(separators) > 1 or point in separators:", "if len(separators) > 1:"),
            ("D9", 'if separators & {".", ","} and point is None and', "if False and"),
            ("D9", 'digits.ljust(2, "0")', 'digits.rjust(2, "0")'),
        ),
    ),
    *mutations(
        "schemas/deduction/answers.py",
        ("tests/deduction/test_return_words.py",),
        (
            ("D9", "sum(parts) != first.listed_ore", "sum(parts) > first.listed_ore"),
            ("D9", "== 1 and first.reason:", "== 1 and not first.reason:"),
            ("D9", "return deducted_ore >= asked * factor or", "return False or"),
            ("D9", "(listed_ore > 0 and deducted_ore * factor <= asked)", "False"),
            ("D9", "if not meant and is_implausible(", "if is_implausible("),
        ),
    ),
    *mutations(
        "schemas/deduction/heads.py",
        ("tests/deduction/test_return_words.py",),
        (
            ("D9", "plain == kid or plain in _shortened", "plain == kid or plain[:9] in kid"),
            ("D9", "_KEPT_DIGITS = 15", "_KEPT_DIGITS = 14"),
            ("D9", "_ZERO = date(1899, 12, 30)", "_ZERO = date(1900, 1, 1)"),
        ),
    ),
    *mutations(
        "activities/deduction/listing.py",
        LISTS,
        (
            (
                "D5",
                "return bank_day_from(following.replace(day=day))",
                "return following.replace(day=day)",
            ),
            ("D5", "day = rulebook.policies_on(following).report_due_day", "day = 20"),
        ),
    ),
    *mutations(
        "schemas/statements/tax.py",
        TAX,
        (
            (
                "S25",
                "return min(working_ore, part_of_cap(cap.cap_ore, months))",
                "return part_of_cap(cap.cap_ore, months)",
            ),
            (
                "S24",
                "return min(working_ore, part_of_cap(cap.cap_ore, months))",
                "return max(working_ore, part_of_cap(cap.cap_ore, months))",
            ),
            (
                "X2",
                "return min(working_ore, part_of_cap(cap.cap_ore, months))",
                "return min(working_ore, cap.cap_ore)",
            ),
            ("X2", "return cap_ore * months // MONTHS", "return -(-cap_ore * months // MONTHS)"),
            ("S24", "case Paid.QUARTER | Paid.STUDENT", "case Paid.STUDENT"),
            (
                "X3",
                "    if objects:\n        return Unreported.OBJECTION\n",
                "",
            ),
            (
                "X1",
                "if found is None and known and year < known[0].year:",
                "if found is None and known:",
            ),
        ),
    ),
    *mutations(
        "activities/statements/sql/seed.sql",
        TAX,
        (
            ("S25", "(2024, 800000, true", "(2024, 825000, true"),
            ("X1", "(2025, 825000, false", "(2025, 825000, true"),
            ("X1", "(2021, 385000", "(2021, 580000"),
        ),
    ),
    *mutations(
        "activities/statements/sql/schema.sql",
        TAX,
        (
            (
                "A24",
                "WHERE NOT said.counts_local AND charges.invoice_number",
                "WHERE said.counts_local AND charges.invoice_number",
            ),
            (
                "X4",
                "WHERE payments.paid_on >= make_date(tax_statements_due.income_year, 1, 1)",
                "WHERE payments.paid_on >= make_date(tax_statements_due.income_year, 1, 2)",
            ),
            ("X4", "coalesce(latest.version, 0),", "0,"),
            ("X4", "OR paid.direct_ore < 0;", ";"),
            (
                "X3",
                "UNION ALL\n            -- By the month of the pay it was deducted from.",
                "EXCEPT ALL\n            -- By the month of the pay it was deducted from.",
            ),
            (
                "X3",
                "invoices.period_from, true AS direct,",
                "invoices.period_from, false AS direct,",
            ),
            (
                "X3",
                "deduction_lists.period_from, false,",
                "deduction_lists.period_from, true,",
            ),
            (
                "X3",
                "coalesce(due.kroner, 0) <> coalesce(told.kroner, 0)",
                "told.kroner IS NULL",
            ),
            ("X3", "FROM due FULL JOIN told", "FROM due LEFT JOIN told"),
            ("X3", "-paid_out.amount_ore", "0"),
            ("X3", "div(sum(said.reported_ore), 100)::bigint", "sum(said.reported_ore)::bigint"),
            (
                "X3",
                "ORDER BY lines.national_id, lines.number DESC",
                "ORDER BY lines.national_id, lines.number",
            ),
            ("X3", "    WHERE latest.objects;", "    WHERE NOT latest.objects;"),
            ("X3", "<= tax_objectors.income_year", ">= tax_objectors.income_year"),
            ("X2", "RETURN cap_ore * months / 12;", "RETURN cap_ore;"),
            ("X2", "date_trunc('month', spans.since)::date", "spans.since"),
            ("S24", "SELECT NOT (said.of_work AND", "SELECT NOT (NOT said.of_work AND"),
            ("S24", "central\\.quarter|(student", "(student"),
        ),
    ),
)
