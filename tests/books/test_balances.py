"""Balances and vouchers by tables, with the arithmetic in comments."""

from datetime import date

import pytest

from schemas.books.balances import titles_of, trial_balance, vouchers
from schemas.books.contracts import Account, Books, Movement, VoucherLine
from workers.cli.books.files import span

D1, D2 = date(2026, 12, 1), date(2026, 12, 5)


def account(name: str, number: str, title: str) -> Account:
    """An account of the chart."""
    return Account(
        account=name, number=number, title=title, grouping_category="c", grouping_code="1"
    )


def moved(day: date | None, source: str, debit: str, credit: str, ore: int) -> Movement:
    """What moved on a day; None: before."""
    return Movement(day=day, source=source, debit=debit, credit=credit, ore=ore)


CHART = (
    account("members", "1500", "Medlemmer"),
    account("employers", "1500", "Arbeidsgivere"),
    account("bank", "1920", "Bank"),
    account("suspense", "2990", "Uplassert"),
    account("central_dues", "3920", "Kontingent"),
)

BOOKS = Books(
    first=D1,
    last=D2,
    chart=CHART,
    movements=(
        moved(None, "charge", "1500", "3920", 49500),
        moved(D1, "charge", "1500", "3920", 99000),
        moved(D1, "charge", "3920", "1500", 10000),
        moved(D2, "payment", "1920", "2990", 60000),
        moved(D2, "allocation", "2990", "1500", 49500),
    ),
)


def test_every_account_stands_at_what_moved():
    """Two accounts of the ledger with one number are one; all of them together are nothing."""
    stands = {
        at.number: (at.opening_ore, at.debit_ore, at.credit_ore, at.closing_ore)
        for at in trial_balance(BOOKS)
    }
    assert stands == {
        # 495.00 before; 990.00 charged, 100.00 given back, 495.00 paid: 495 + 990 - 595 = 890.
        "1500": (49500, 99000, 59500, 89000),
        "1920": (0, 60000, 0, 60000),
        # 600.00 came, 495.00 of it had a place.
        "2990": (0, 49500, 60000, -10500),
        "3920": (-49500, 10000, 99000, -138500),
    }
    assert sum(at.closing_ore for at in trial_balance(BOOKS)) == 0
    assert titles_of(CHART)["1500"] == "Medlemmer, Arbeidsgivere"


def test_a_voucher_is_a_day_and_a_reason():
    """What came before is in no voucher; both sides of one come to the same."""
    found = vouchers(BOOKS)
    assert [voucher.voucher_id for voucher in found] == [
        "20261201-charge",
        "20261205-allocation",
        "20261205-payment",
    ]
    assert found[0].lines == (
        VoucherLine(number="1500", debit_ore=99000),
        VoucherLine(number="3920", debit_ore=10000),
        VoucherLine(number="1500", credit_ore=10000),
        VoucherLine(number="3920", credit_ore=99000),
    )
    for voucher in found:
        sides = [(line.debit_ore, line.credit_ore) for line in voucher.lines]
        assert sum(debit for debit, _ in sides) == sum(credit for _, credit in sides)


@pytest.mark.parametrize(
    ("days", "shown"), [(1, "1-30"), (31, "31-60"), (61, "61-90"), (91, "91+")]
)
def test_ages_leave_no_day_out(days, shown):
    """Each begins where the one before ends."""
    assert span(days) == shown
