"""The terms of a decision as they are kept: by rate."""

from collections.abc import Mapping
from typing import Any

import asyncpg

from activities.shared.rates import keep_rates
from activities.shared.rulebook import RulebookReader
from schemas.dues.plan import plan_rates
from schemas.membership.decision import Decision
from schemas.shared.vocabulary import Event

Connection = asyncpg.pool.PoolConnectionProxy


async def term_rows(
    connection: Connection,
    rulebooks: RulebookReader,
    decision: Decision,
    before: Mapping[str, Any],
) -> list[dict[str, Any]] | None:
    """Return the whole set of terms as it is to stand, or None when it stays as it is.

    They are planned from the facts: two sets of terms that cost the same today may be charged by
    different rates. An older worker hands no facts along; then its amounts stand, at any price.

    Args:
        connection: within the transaction that writes them: their rates come with them.
        rulebooks: of the database.
        decision: that leads to them.
        before: how the membership stood, with the rulebook's revision.
    """
    if decision.facts is None:
        rows = decision.terms
        return None if rows is None else [row.model_dump(mode="json") for row in rows]
    unchanged = decision.terms is None and decision.event is not Event.REPRICED
    if unchanged and before["same_facts"]:
        return None
    book = await rulebooks.current(connection, before["revision"])
    rated = plan_rates(decision.facts, book)
    await keep_rates(connection, rulebooks, {term.rate for term in rated})
    return [term.model_dump(mode="json") for term in rated]
