"""What the insurance office is told, made wrong."""

from tests.mutations.mutation import mutations

OFFICE = ("tests/insurance/test_cover.py", "tests/insurance/test_office.py")
ANSWERS = ("tests/insurance/test_answers.py",)

MUTATIONS = (
    *mutations(
        "activities/letters/told.py",
        ("tests/letters/test_told.py",),
        (
            (
                "R3",
                "Template.INSURANCE_STATUS: _WHO,",
                "Template.INSURANCE_STATUS: _WHO | _HOW_TO_REACH,",
            ),
            ("R3", "if name in told}", "}"),
        ),
    ),
    *mutations(
        "schemas/insurance/cover.py",
        OFFICE,
        (
            ("M21", "if day < ends[name])", ")"),
            ("M21", "(stop, insured.ended_on) if", "(stop,) if"),
            ("A18", "first_premium_month(begun) == start:", "False:"),
            ("A21", "line.change is Change.OUT and line.from_on >= reserved", "False"),
            ("M21", "back_dated=start < first,", "back_dated=False,"),
            ("M21", "if was != holds:", "if was and not holds:"),
        ),
    ),
    *mutations(
        "schemas/insurance/answer.py",
        ANSWERS,
        (
            ("M22", "line.coverages != ours.coverages", "False"),
            ("M22", "if ours.coverages and ours.membership_id not in answered:", "if False:"),
            ("M22", "return [unknown] if has else []", "return []"),
            ("M22", 'return plain.lstrip("0") or plain', "return plain"),
            ("M22", "if len(found) > 1 and len(born) == 1:", "if False:"),
            ("M22", "if ours is None and several:", "if False:"),
        ),
    ),
    *mutations(
        "activities/insurance/answers.py",
        ANSWERS,
        (
            ("M22", "return others | told", "return told | others"),
            ("M22", "if held[key_of(number)] - {member}:", "if False:"),
        ),
    ),
    *mutations(
        "activities/insurance/filing.py",
        ("tests/insurance/test_office.py",),
        (
            ("R2", "await _SQL.log_disclosed(\n", "print(\n"),
            ("M21", "if latest is not None and latest > period_from:", "if False:"),
        ),
    ),
    *mutations(
        "activities/audit/sql/queries.sql",
        ("tests/insurance/test_office.py",),
        (
            (
                "M21",
                "WHERE (charged.membership_id IS NULL) <> (told.membership_id IS NULL)",
                "WHERE told.membership_id IS NOT NULL AND charged.membership_id IS NULL",
            ),
        ),
    ),
    *mutations(
        "activities/insurance/settling.py",
        ("tests/insurance/test_settling.py",),
        (
            ("P15", "if debit.amount_ore != owed:", "if False:"),
            ("P15", "if last >= today:", "if False:"),
        ),
    ),
    *mutations(
        "activities/insurance/sql/queries.sql",
        ("tests/insurance/test_settling.py",),
        (
            ("P15", "least(coalesce(paid.ore, 0), total_ore) / total_ore", "1"),
            ("P15", "write_off IS NULL AND allocated_on <= :last", "write_off IS NULL"),
            (
                "P15",
                "WHEN -1 THEN premium_ore * coalesce(used.ore, 0) / -total_ore",
                "WHEN -1 THEN 0",
            ),
        ),
    ),
    *mutations(
        "activities/insurance/paying.py",
        ("tests/insurance/test_paying.py",),
        (("P15", "if owed <= 0:", "if owed < -5000:"),),
    ),
    *mutations(
        "activities/payments/sql/schema.sql",
        ("tests/insurance/test_paying.py",),
        (("P15", "OR owed_to_office(parts.insurance_from) < 0", ""),),
    ),
    *mutations(
        "schemas/insurance/columns.py",
        ("tests/insurance/test_office.py",),
        (("R3", "Column(BORN, lambda line: str(line.birth_date)),", ""),),
    ),
)
