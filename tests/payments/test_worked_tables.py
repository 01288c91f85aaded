"""The table about money in docs/algorithms.md, brought by files of the bank."""

import pytest

from tests.algorithms import kroner, table_of
from tests.payments.making import Money, bring, camt, ocr, payer

ROWS = table_of("Where money goes")
WRONG_CHECK_DIGIT = "1000000010000099"


@pytest.mark.parametrize("form", [ocr, camt])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} of {row[1]}")
async def test_where_money_goes(pool, persistence, form, row):
    """What is left open of three invoices, and what waits in suspense, after each payment."""
    member = await payer(pool, persistence, "2026-10", "2026-11", "2026-12")
    kids = {
        "none": None,
        "a wrong check digit": WRONG_CHECK_DIGIT,
        "no such invoice": member.kid(9),
        **{nth: member.kid(serial) for serial, nth in enumerate(("1st", "2nd", "3rd"), 1)},
    }
    money = [
        Money(kids[kid], round(float(amount) * 100), number=number, key=f"K{number}")
        for number, (kid, amount) in enumerate(
            zip(row[0].split(", then "), row[1].split(", then "), strict=True), 1
        )
    ]
    await bring(pool, form(*money))
    left = await pool.fetch(
        "SELECT open_ore FROM invoice_balances WHERE membership_id = $1 ORDER BY serial",
        member.membership_id,
    )
    suspense = await pool.fetchval(
        "SELECT coalesce(sum(suspense_ore), 0)::bigint FROM payment_balances"
    )
    assert row[2:6] == [*(kroner(one["open_ore"]) for one in left), kroner(suspense)]
