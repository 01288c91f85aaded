"""Balances and vouchers, worked out of what moved."""

from collections import Counter
from collections.abc import Iterable
from itertools import groupby

from schemas.books.contracts import Account, Balance, Books, Movement, Voucher, VoucherLine

AGES = (1, 31, 61, 91)
"""Days overdue at which a debt is counted among older ones: the columns accountants expect."""


def trial_balance(books: Books) -> tuple[Balance, ...]:
    """Return how every account stands, in the order of the numbers; together they are nothing.

    Accounts of ours with one number are one here.
    """
    opening, debit, credit = Counter[str](), Counter[str](), Counter[str]()
    for moved in books.movements:
        if moved.day is None:
            opening[moved.debit] += moved.ore
            opening[moved.credit] -= moved.ore
        else:
            debit[moved.debit] += moved.ore
            credit[moved.credit] += moved.ore
    return tuple(
        Balance(
            number=number,
            title=title,
            opening_ore=opening[number],
            debit_ore=debit[number],
            credit_ore=credit[number],
        )
        for number, title in titles_of(books.chart).items()
    )


def titles_of(chart: Iterable[Account]) -> dict[str, str]:
    """Return the title of each number, in order; several of one number stand beside each other."""
    titles: dict[str, list[str]] = {}
    for account in sorted(chart, key=lambda account: account.number):
        known = titles.setdefault(account.number, [])
        if account.title not in known:
            known.append(account.title)
    return {number: ", ".join(found) for number, found in titles.items()}


def vouchers(books: Books) -> tuple[Voucher, ...]:
    """Return the vouchers of the days that were asked for: one a day and source."""
    dated = [moved for moved in books.movements if moved.day is not None]
    dated.sort(key=lambda moved: (str(moved.day), moved.source))
    return tuple(
        _voucher(list(found)) for _, found in groupby(dated, lambda at: (at.day, at.source))
    )


def _voucher(movements: list[Movement]) -> Voucher:
    day, source = movements[0].day, movements[0].source
    assert day is not None, "what came before the first day is in the opening balance"
    debited, credited = Counter[str](), Counter[str]()
    for moved in movements:
        debited[moved.debit] += moved.ore
        credited[moved.credit] += moved.ore
    return Voucher(
        voucher_id=f"{day:%Y%m%d}-{source}",
        day=day,
        source=source,
        lines=(
            *(VoucherLine(number=number, debit_ore=debited[number]) for number in sorted(debited)),
            *(
                VoucherLine(number=number, credit_ore=credited[number])
                for number in sorted(credited)
            ),
        ),
    )
