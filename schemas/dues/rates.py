"""Rates: what a term charges by. The rulebook says what each comes to from which day on.

A rate names how somebody pays, and no amount: a new price is another amount of the same rate, and
no term is planned anew for it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import lru_cache
from typing import assert_never

from schemas.pricing.rulebook import (
    Dated,
    DuesRates,
    LocalRate,
    NotInForce,
    Policies,
    Rulebook,
    in_force,
)
from schemas.shared.calendar import month_after

KRONE_ORE = 100
MONTHS = 12


class Paid(StrEnum):
    """How somebody pays."""

    NOTHING = "none"
    """Free: an apprentice (S14), and whoever's dues are waived whole (A36)."""
    ELSEWHERE = "none.year"
    """A year whose fee was paid under another membership (invariant 10)."""
    FULL = "central.full"
    HALF = "central.half"
    QUARTER = "central.quarter"
    STUDENT = "student.year"
    PENSIONER = "pensioner.year"
    LOCAL = "local"
    """To a branch."""
    LOCAL_HALF = "local_half"
    """To a branch, of whoever has half dues: halved where the branch says so (A3)."""
    PREMIUM = "premium"
    PREMIUM_HALF = "premium_half"
    """Of whoever has half dues, where those halve it (A4)."""


YEARLY = frozenset({Paid.STUDENT, Paid.PENSIONER})

_CODE = re.compile(
    r"(?:waived\.(?P<waived>[0-9]+(?:\.[0-9]+)?)<)?(?P<paid>[a-z_]+(?:\.[a-z]+)?)"
    r"(?P<premium>\+premium)?(?:(?P<local>\+local)?@(?P<branch>.+))?"
)


@dataclass(frozen=True, slots=True)
class Rate:
    """What a term charges by.

    Attributes:
        paid: how.
        branch: whose local dues it is, or is a part of.
        of_local: the local dues count to what halves, quarters and fees are parts of (A1).
        of_premium: so does the premium (A1).
        waived: reduced to this percentage of full dues, where that is less (A36).
    """

    paid: Paid
    branch: str | None = None
    of_local: bool = False
    of_premium: bool = False
    waived: Decimal | None = None

    @property
    def code(self) -> str:
        """Its name in the database: ``central.half``, ``local@OSLO``."""
        waived = "" if self.waived is None else f"waived.{self.waived.normalize():f}<"
        premium = "+premium" if self.of_premium else ""
        local = "+local" if self.of_local else ""
        branch = "" if self.branch is None else f"{local}@{self.branch}"
        return f"{waived}{self.paid}{premium}{branch}"

    @property
    def yearly(self) -> bool:
        """Whether it is a fee for a year (S12, S18); a waiver is by the month."""
        return self.waived is None and self.paid in {*YEARLY, Paid.ELSEWHERE}

    def amount_on(self, rulebook: Rulebook, on: date) -> int:
        """Return what it comes to on a day, in øre.

        Raises:
            NotInForce: the rulebook, or the branch, says nothing for that day.

        Source: S2, S4, S5, S7, S12, S18, S21, A1-A4, A36.
        """
        own = self._amount(rulebook, on)
        if self.waived is None:
            return own
        # Nobody pays more by a waiver.
        part = _part(self._whole(rulebook, on), self.waived, rulebook.policies_on(on))
        return min(part, own)

    def _amount(self, rulebook: Rulebook, on: date) -> int:
        match self.paid:
            case Paid.NOTHING | Paid.ELSEWHERE:
                return 0
            case Paid.LOCAL | Paid.LOCAL_HALF:
                return self._to_branch(rulebook, on)
            case Paid.PREMIUM | Paid.PREMIUM_HALF:
                premium = in_force(rulebook.premiums, on).premium_ore
                return half_of(premium) if self.paid is Paid.PREMIUM_HALF else premium
            case Paid.FULL | Paid.HALF | Paid.QUARTER | Paid.STUDENT | Paid.PENSIONER:
                return self._central(rulebook, on)
            case _:
                assert_never(self.paid)

    def _central(self, rulebook: Rulebook, on: date) -> int:
        rates, policies = in_force(rulebook.dues, on), rulebook.policies_on(on)
        if self.paid is Paid.FULL:
            return rates.full_central_ore
        whole, percent = self._whole(rulebook, on), _percent(self.paid, rates)
        if self.paid in YEARLY:
            return round_up(whole * MONTHS * percent / 100, policies)
        return _part(whole, percent, policies)

    def _whole(self, rulebook: Rulebook, on: date) -> int:
        """Return what it is a part of, in øre a month. Source: A1."""
        whole = in_force(rulebook.dues, on).full_central_ore
        if self.of_local:
            whole += self._branch_rate(rulebook, on).local_ore
        if self.of_premium:
            whole += in_force(rulebook.premiums, on).premium_ore
        return whole

    def _to_branch(self, rulebook: Rulebook, on: date) -> int:
        rate = self._branch_rate(rulebook, on)
        halved = self.paid is Paid.LOCAL_HALF and rate.halves
        return half_of(rate.local_ore) if halved else rate.local_ore

    def _branch_rate(self, rulebook: Rulebook, on: date) -> LocalRate:
        branch = rulebook.branch(self.branch or "")
        if branch is None:
            raise NotInForce(f"the rulebook knows no branch for {on}")
        return in_force(branch.rates, on)


NOTHING = Rate(Paid.NOTHING)
PAID_ELSEWHERE = Rate(Paid.ELSEWHERE)


@lru_cache(maxsize=4096)
def rate_of(code: str) -> Rate:
    """Return a rate by its code.

    Raises:
        ValueError: it is none.
    """
    found = _CODE.fullmatch(code)
    if found is None or found["paid"] not in set(Paid):
        raise ValueError("no rate has this code")
    waived = found["waived"]
    return Rate(
        paid=Paid(found["paid"]),
        branch=found["branch"],
        of_local=found["local"] is not None,
        of_premium=found["premium"] is not None,
        waived=None if waived is None else Decimal(waived),
    )


def price_months(rulebook: Rulebook) -> Iterator[date]:
    """Yield the months, in order, from which a rate may come to another amount."""
    entries: list[Dated] = [*rulebook.dues, *rulebook.premiums, *rulebook.policies]
    entries += [rate for branch in rulebook.branches for rate in branch.rates]
    days = {entry.valid_from for entry in entries}
    # A month is charged by what holds on its first day.
    yield from sorted({day if day.day == 1 else month_after(day) for day in days})


def amounts_of(rate: Rate, rulebook: Rulebook) -> Iterator[tuple[date, int]]:
    """Yield what a rate comes to, in øre, each with the first month it does."""
    known: int | None = None
    for month in price_months(rulebook):
        try:
            ore = rate.amount_on(rulebook, month)
        except NotInForce:
            continue
        if ore != known:
            yield month, ore
            known = ore


def round_up(ore: Decimal, policies: Policies) -> int:
    """Round up to the next ten kroner: 297.00 becomes 300, 300.00 stays. Source: S12, S18."""
    step = policies.rounding_step_kroner * KRONE_ORE
    return int((ore / step).to_integral_value(ROUND_CEILING)) * step


def half_of(ore: int) -> int:
    """Return half of an amount, half an øre up. Source: A3, A4."""
    return int((Decimal(ore) / 2).to_integral_value(ROUND_HALF_UP))


def _part(whole_ore: int, percent: Decimal, policies: Policies) -> int:
    """Return a part of a month's dues. Source: S5, S21, A2."""
    part = whole_ore * percent / 100
    if policies.round_half_and_quarter:
        return round_up(part, policies)
    return int(part.to_integral_value(ROUND_HALF_UP))


def _percent(paid: Paid, rates: DuesRates) -> Decimal:
    """Return what part of full dues is paid. Source: S5, S12, S18, S21."""
    return {
        Paid.HALF: rates.half_percent,
        Paid.QUARTER: rates.quarter_percent,
        Paid.STUDENT: rates.student_percent,
        Paid.PENSIONER: rates.pensioner_percent,
    }[paid]
