"""What a membership would cost: the prices that go with an offer."""

from dataclasses import replace
from datetime import date

from schemas.dues.amounts import DuesFacts, central_dues
from schemas.pricing.rulebook import Rulebook, in_force
from schemas.shared.vocabulary import Category


def ordinary_prices(born: date, rulebook: Rulebook, on: date) -> dict[str, int | str]:
    """Return what an ordinary member pays centrally in a month, for a letter that offers it.

    Args:
        born: who would pay.
        rulebook: with the rates of the day.
        on: the day.

    Returns:
        ``full_ore``, and where half dues are less ``half_ore`` and ``half_percent``, up to which
        they are had.

    Source: S2, S5, S17, A9, A15.
    """
    member = DuesFacts(category=Category.ORDINARY, birth_date=born)
    at_most = in_force(rulebook.dues, on).half_at_most_percent
    full, _ = central_dues(member, rulebook, on)
    half, _ = central_dues(replace(member, position_percent=at_most), rulebook, on)
    if half == full:
        return {"full_ore": full}
    return {"full_ore": full, "half_ore": half, "half_percent": f"{at_most.normalize():f}"}


def pensioner_price(born: date, rulebook: Rulebook, on: date) -> int:
    """Return what a pensioner pays a year, in øre. Source: S18."""
    fee, _ = central_dues(DuesFacts(category=Category.PENSIONER, birth_date=born), rulebook, on)
    return fee
