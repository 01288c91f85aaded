"""What is deductible of a year's dues (S24, S25)."""

from collections.abc import Iterable

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


def deductible_ore(paid_ore: int, cap: TaxCap) -> int:
    """Return how much of what was paid in a year is deductible.

    Args:
        paid_ore: dues, local dues and the insurance premium together.
        cap: of the income year.

    Source: S24, S25, A24.
    """
    return min(paid_ore, cap.cap_ore)
