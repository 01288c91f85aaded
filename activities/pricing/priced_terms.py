"""What a membership pays by the prices in force, whether or not it has taken them up itself."""

from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from schemas.dues.payers import joined
from schemas.dues.terms import Term, TermState

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


async def read_priced_terms(
    connection: asyncpg.pool.PoolConnectionProxy, membership_id: str
) -> tuple[TermState, ...]:
    """Return the terms that stand, with the amounts that runs charge, as ``state`` lists them.

    Args:
        connection: of the database.
        membership_id: whose they are.

    Source: S2, S4, S7, S12, S18, A26, A40.
    """
    found = _SQL.read_priced_terms(connection, membership_id=membership_id)
    terms = joined([Term(**dict(row)) async for row in found])
    return tuple(TermState.model_validate(term.model_dump(include=_TOLD)) for term in terms)


_TOLD = set(TermState.model_fields)
