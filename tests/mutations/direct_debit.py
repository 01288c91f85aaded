"""AvtaleGiro, made wrong."""

from tests.mutations.mutation import mutations

MANDATES = ("tests/direct_debit/test_mandates.py",)
CLAIMS = ("tests/direct_debit/test_claims.py",)
MONTH = ("tests/direct_debit/test_a_month.py",)

MUTATIONS = (
    *mutations(
        "activities/audit/sql/queries.sql",
        ("tests/audit/test_claims.py",),
        (
            ("P9", "WHERE NOT cancelled AND due_on < :refused_before", "WHERE false"),
            ("P9", "mandates.payer IS NULL OR mandates.ended_on < :before", "false"),
            (
                "P9",
                "FROM claim WHERE NOT cancelled GROUP BY kid",
                "FROM claim WHERE false GROUP BY kid",
            ),
        ),
    ),
    *mutations(
        "schemas/direct_debit/mandates.py",
        MANDATES,
        (("P9", "if with_mod10(digits[:-1]) == digits else None", "if digits else None"),),
    ),
    *mutations(
        "activities/direct_debit/mandates.py",
        MANDATES,
        (
            ("P9", "return {Told.ACTIVE} in parts.values() and ", "return "),
            ("P9", 'ours = begins["account"] == account', "ours = True"),
        ),
    ),
    *mutations(
        "activities/direct_debit/sql/queries.sql",
        MANDATES,
        (
            ("P9", "    WHERE mandates.reported_on <= excluded.reported_on\n", ""),
            (
                "P9",
                "    WHERE NOT EXISTS (SELECT FROM mandate_lists WHERE reported_on > :reported_on)\n",
                "",
            ),
        ),
    ),
    *mutations(
        "schemas/direct_debit/deadlines.py",
        ("tests/direct_debit/test_deadlines.py",),
        (
            (
                "P9",
                "day += timedelta(days=1)\n        count -= day not in PUBLIC_HOLIDAYS",
                "day += timedelta(days=1)\n        count -= 1",
            ),
            (
                "P9",
                "day -= timedelta(days=1)\n        count -= day not in PUBLIC_HOLIDAYS",
                "day -= timedelta(days=1)\n        count -= 1",
            ),
            ("P9", "taken_on = bank_day_from(today + timedelta(days=1))", "taken_on = today"),
        ),
    ),
    *mutations(
        "activities/direct_debit/claim_file.py",
        ("tests/direct_debit/test_claim_file.py",),
        (("P9", "one.reference if one.bank_notifies else False", "one.reference"),),
    ),
    *mutations(
        "activities/direct_debit/sql/queries.sql",
        MONTH,
        (
            ("P9", "      AND NOT is_in_instalments(number)\n", ""),
            ("P9", " AND NOT is_in_instalments(found.number)", ""),
            ("P9", " AND debited_on(invoice_number) IS NULL", ""),
            ("P9", "      AND (person_id IS NULL OR NOT has_died(person_id))\n", ""),
        ),
    ),
    *mutations(
        "activities/arrears/sql/queries.sql",
        MONTH,
        (
            (
                "P9",
                "greatest(balances.due_on, claims.due_on, claim_returns.pay_by)",
                "balances.due_on",
            ),
        ),
    ),
    *mutations(
        "activities/direct_debit/claims.py",
        MONTH,
        (("P9", " and not on_its_day", ""),),
    ),
    *mutations(
        "activities/direct_debit/claims.py",
        CLAIMS,
        (("P9", 'r["due_on"] >= until.cancel_from and r["claimed_on"] < today', "True"),),
    ),
    *mutations(
        "activities/direct_debit/sql/claiming.sql",
        CLAIMS,
        (
            ("P9", "AND invoices.issued_on > mandates.since", "AND true"),
            ("P9", "AND chosen.chosen_on >= mandates.since", "AND true"),
            ("P9", "SELECT memberships.stage = 'ended'", "SELECT false"),
            ("P9", "WHERE ends.outcome = 'withdrawn'", "WHERE false"),
            ("P9", "OR claims.claimed_on >= ends.ended_on", ""),
        ),
    ),
)
