"""What a change of the rulebook makes of the rates that terms charge by."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from activities.shared.rates import put_amounts, read_amounts
from schemas.dues.rates import Rate, amounts_of, rate_of
from schemas.pricing.rulebook import Rulebook
from schemas.shared.calendar import month_after

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy
Amounts = Mapping[date, int]
"""What a rate comes to, each with the first month it does."""


@dataclass(frozen=True)
class RateChange:
    """A rate that comes to something else for some months.

    Attributes:
        valid_from: the first month it does.
        valid_to: the first month it does no longer; None: for good.
    """

    code: str
    valid_from: date
    valid_to: date | None = None

    @property
    def as_json(self) -> dict[str, str | None]:
        """It as plain JSON values."""
        return {name: value and str(value) for name, value in asdict(self).items()}


@dataclass(frozen=True)
class RateChanges:
    """What a change of the rulebook makes of all rates.

    Attributes:
        spans: which come to something else, and when.
        amounts: what those come to.
        rises: from when those are dearer that are.
    """

    spans: tuple[RateChange, ...] = ()
    amounts: Mapping[str, Amounts] = field(default_factory=dict)
    rises: Mapping[str, date] = field(default_factory=dict)

    @property
    def as_json(self) -> list[dict[str, str | None]]:
        """The spans as plain JSON values."""
        return [span.as_json for span in self.spans]


async def change_rates(connection: Connection, after: Rulebook) -> RateChanges:
    """Work out anew what all rates come to, within the transaction that changes the rulebook.

    Whoever is charged otherwise for a month that has been run is marked: the next run corrects it.

    Args:
        connection: of the caller, who has locked the rulebook.
        after: the rulebook as it stands now.

    Source: A26, A31, A40.
    """
    latest = await _SQL.latest_run(connection)
    known = await read_amounts(connection)
    amounts: dict[str, Amounts] = {}
    changes: list[RateChange] = []
    rises: dict[str, date] = {}
    for code, before in known.items():
        rate = rate_of(code)
        wanted = _standing(rate, before, dict(amounts_of(rate, after)), after, latest)
        differing = [RateChange(code, *months) for months in differences(before, wanted)]
        if differing:
            amounts[code] = wanted
            changes += differing
            if dearer := first_rise(before, wanted):
                rises[code] = dearer
    found = RateChanges(tuple(changes), amounts, rises)
    if changes:
        await put_amounts(connection, amounts)
        await _SQL.mark_for_reassessment(connection, changes=found.as_json)
    return found


def _standing(
    rate: Rate, before: Amounts, wanted: Amounts, after: Rulebook, latest: date | None
) -> Amounts:
    """Return what a rate comes to: a year's fee of a month that has been run stands (A26)."""
    if latest is None or not rate.yearly:
        return wanted
    if after.policies_on(latest).fee_charged_early == "corrected":
        return wanted
    free = month_after(latest)
    standing = {month: ore for month, ore in before.items() if month < free}
    standing[free] = amount_in(wanted, free)
    return {**standing, **{month: ore for month, ore in wanted.items() if month > free}}


def amount_in(amounts: Amounts, month: date) -> int:
    """Return what a rate comes to in a month; nothing before the first one."""
    begun = [begin for begin in amounts if begin <= month]
    return amounts[max(begun)] if begun else 0


def first_rise(before: Amounts, after: Amounts) -> date | None:
    """Return the first month for which a rate comes to more, if there is one. Source: A41."""
    months = sorted({*before, *after})
    return next((m for m in months if amount_in(after, m) > amount_in(before, m)), None)


def differences(before: Amounts, after: Amounts) -> Iterator[tuple[date, date | None]]:
    """Yield the months, half-open, for which a rate comes to something else."""
    begun: date | None = None
    for month in sorted({*before, *after}):
        differs = amount_in(before, month) != amount_in(after, month)
        if differs and begun is None:
            begun = month
        elif not differs and begun is not None:
            yield begun, month
            begun = None
    if begun is not None:
        yield begun, None
