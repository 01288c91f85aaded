"""Years whose fees were charged before other prices were approved for them: they stand (A26)."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from schemas.dues.amounts import DuesFacts, central_dues
from schemas.pricing.rulebook import ChargedYear, NotInForce, Rulebook
from schemas.shared.vocabulary import Category

ANY_AGE = date(1970, 1, 1)
"""A fee depends on no age."""


class FeesStand(Exception):
    """Fees can neither stand nor be charged anew; its text says what would help."""


def years_to_keep(
    before: Rulebook, after: Rulebook, effective_on: date, charged: Mapping[date, date]
) -> Iterator[ChargedYear]:
    """Yield the years whose fees a change would price anew although they have been charged.

    Args:
        before: the rulebook that the fees were charged by.
        after: the rulebook with the change in it.
        effective_on: the first day of the change.
        charged: months from that day on for which a run was opened, and when.

    Raises:
        FeesStand: the prices of such a year began with it, so that no earlier day has them.

    Source: A26.
    """
    kept = {year.year_from for year in before.charged_years}
    for month, charged_on in charged.items():
        if month.month != 1 or month in kept or fees_on(before, month) == fees_on(after, month):
            continue
        if after.policies_on(month).fee_charged_early == "corrected":
            continue
        priced_on = effective_on - timedelta(days=1)
        if fees_on(before, priced_on) != fees_on(before, month):
            raise FeesStand(
                f"the yearly fees of {month.year} were charged on {charged_on}, by prices that "
                f"begin with {effective_on} themselves, and stand (A26): begin with a later month"
            )
        yield ChargedYear(year_from=month, charged_on=charged_on, priced_on=priced_on)


def fees_on(book: Rulebook, on: date) -> tuple[int | None, ...]:
    """Return all yearly fees there are on a day: with each branch and without one."""
    branches = (None, *(branch.code for branch in book.branches))
    return tuple(
        _fee(book, DuesFacts(category, ANY_AGE, branch=branch), on)
        for category in (Category.STUDENT, Category.PENSIONER)
        for branch in branches
    )


def _fee(book: Rulebook, facts: DuesFacts, on: date) -> int | None:
    try:
        return central_dues(facts, book, on)[0]
    except NotInForce:
        return None
