"""What is deductible of a year's dues (S24, S25)."""

from collections.abc import Iterable
from enum import StrEnum

from schemas.dues.rates import MONTHS, Paid
from schemas.shared.base import Contract, Ore


class TaxCap(Contract):
    """The most that is deductible of the dues of an income year.

    Attributes:
        confirmed: False: statements of the year say that it may change.
    """

    year: int
    cap_ore: Ore
    confirmed: bool
    source: str


class UnknownCap(LookupError):
    """Nobody has said what is deductible in a year; the text says what to do."""


def cap_of(caps: Iterable[TaxCap], year: int) -> TaxCap:
    """Return the cap of an income year.

    Args:
        caps: as they are kept; the earliest stands for every year before it.
        year: the income year.

    Raises:
        UnknownCap: the year is missing.

    Source: S25, X1.
    """
    known = sorted(caps, key=lambda cap: cap.year)
    found = next((cap for cap in known if cap.year == year), None)
    if found is None and known and year < known[0].year:
        found = known[0]
    if found is None:
        raise UnknownCap(
            f"the cap of {year} is not known: set it with `medlemsflyt tax-cap {year} AMOUNT "
            f"--confirmed`"
        )
    return found


def part_of_cap(cap_ore: int, months: int) -> int:
    """Return the cap of so many months as a member, in whole øre downwards.

    A promise is never larger than what the law gives.

    Args:
        cap_ore: of the whole income year.
        months: of the year, 0 to 12.

    Source: X2.
    """
    return cap_ore * months // MONTHS


def deductible_ore(working_ore: int, months: int, cap: TaxCap) -> int:
    """Return how much of what was paid in a year is deductible.

    Args:
        working_ore: dues, local dues and the insurance premium, paid for months of work.
        months: as a member in the year.
        cap: of the income year.

    Source: S24, S25, A24, X2.
    """
    return min(working_ore, part_of_cap(cap.cap_ore, months))


def without_work(paid: Paid) -> bool:
    """Tell whether somebody pays as a student, an early pensioner or a pensioner.

    Whoever works past 67 pays full dues, and so works here as well; an apprentice works.

    Source: S14, S22, S24.
    """
    match paid:
        case Paid.QUARTER | Paid.STUDENT | Paid.PENSIONER | Paid.ELSEWHERE:
            return True
        case _:
            return False


class Unreported(StrEnum):
    """Why the tax authority is told nothing of what was paid straight to the union."""

    NO_DEDUCTION = "no_deduction"
    """None of it can be deducted: nothing is gained by telling."""
    OBJECTION = "objection"
    NO_NATIONAL_ID = "no_national_id"


def unreported_because(
    direct_ore: int, reportable_ore: int, *, objects: bool, has_national_id: bool
) -> Unreported | None:
    """Return why nothing is reported of what was paid straight; None: it is, or there was nothing.

    Args:
        direct_ore: paid straight to the union.
        reportable_ore: of it what was paid for months of work, while there is a cap at all.
        objects: the member does not want it.
        has_national_id: without one nobody can be told of.

    Source: S24, X3, N3.
    """
    if direct_ore == 0:
        return None
    if reportable_ore == 0:
        return Unreported.NO_DEDUCTION
    if objects:
        return Unreported.OBJECTION
    return None if has_national_id else Unreported.NO_NATIONAL_ID
