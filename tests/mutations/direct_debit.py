"""AvtaleGiro, made wrong."""

from tests.mutations.mutation import mutations

MANDATES = ("tests/direct_debit/test_mandates.py",)

MUTATIONS = (
    *mutations(
        "schemas/direct_debit/mandates.py",
        MANDATES,
        (("P9", "if with_mod10(digits[:-1]) == digits else None", "if digits else None"),),
    ),
    *mutations(
        "activities/direct_debit/mandates.py",
        MANDATES,
        (
            ("P9", "if all(one.told is Told.ACTIVE for one in records):", "if True:"),
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
)
