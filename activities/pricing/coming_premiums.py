"""Premiums that come by themselves: no term charges them yet, and a budget counts them."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import NamedTuple

import asyncpg
from pydantic import TypeAdapter

from activities.database.pool import load_queries
from schemas.dues.plan import plan_rates
from schemas.dues.terms import Span
from schemas.membership.situation import Facts
from schemas.pricing.rulebook import NotInForce, Rulebook
from schemas.shared.vocabulary import LineKind

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")
_SPANS = TypeAdapter(tuple[Span, ...])


class Coming(NamedTuple):
    """Premiums by one rate for a span of months, of members alike."""

    category: str | None
    branch: str | None
    rate: str
    valid_from: date
    valid_to: date | None

    def is_for(self, month: date) -> bool:
        """Tell whether a month is one of them."""
        return self.valid_from <= month and (self.valid_to is None or month < self.valid_to)


async def count_coming(
    connection: asyncpg.pool.PoolConnectionProxy, rulebook: Rulebook
) -> Counter[Coming]:
    """Count the premiums of those whose windows pass, or open, if nobody does anything.

    They stand in place of all premiums that the terms of these members charge.

    Args:
        connection: of the database.
        rulebook: as it stands there.

    Source: S6, A18, A21, A38, A39.
    """
    found: Counter[Coming] = Counter()
    async for row in _SQL.read_coming_premiums(connection):
        facts = Facts.model_validate_json(row["facts"])
        told = facts.model_copy(update={"premiums": _SPANS.validate_json(row["premiums"])})
        try:
            planned = plan_rates(told, rulebook)
        except NotInForce:
            continue  # nobody can say what it will be; what charges now is told of by the run
        for term in planned:
            if term.kind is LineKind.INSURANCE_PREMIUM:
                member = (row["category"], row["branch"])
                found[Coming(*member, term.rate, term.valid_from, term.valid_to)] += 1
    return found
