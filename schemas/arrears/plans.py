"""Payment plans: what is owed, in instalments. Source: A30."""

from datetime import date

from schemas.shared.base import Contract, Day, Ore
from schemas.shared.calendar import bank_day_from, months_earlier


class Instalment(Contract):
    """What a payment plan asks on a day."""

    due_on: Day
    amount_ore: Ore


def instalments(owed_ore: int, first_on: date, months: int) -> tuple[Instalment, ...]:
    """Return a debt in equal parts, one a month; what does not divide comes with the first.

    Args:
        owed_ore: all of it, in øre.
        first_on: the day of the first; the others are on that day of their month, or its last,
            each moved on to a bank day.
        months: how many, at least one, and no more than there are øre.

    Source: A30, P2.
    """
    each, rest = divmod(owed_ore, months)
    return tuple(
        Instalment(
            due_on=bank_day_from(months_earlier(first_on, -nth)),
            amount_ore=each + (0 if nth else rest),
        )
        for nth in range(months)
    )
