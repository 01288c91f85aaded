"""What can go wrong while a decision is written. All of it is retried until it is mended.

    PersistenceError            something is wrong that a retry alone may not mend
    ├── DecisionConflict        another decision stands under the same number
    │   └── DecisionAhead       the ones before it are missing
    ├── InvoiceLineConflict     a line for the same member, period and kind was billed already
    ├── NumbersHeld             no number is given until it is said what was restored
    ├── MembershipUnknown       a decision about a membership that was never received
    └── DatabaseRefused         PostgreSQL refused a statement

No message holds personal data: it would stand in a workflow's history.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg


class PersistenceError(Exception):
    """Something is wrong that a retry alone may not mend."""


class DecisionConflict(PersistenceError):
    """Another decision stands under the same number, or the number is not the next one."""


class InvoiceLineConflict(PersistenceError):
    """A line for the same member, period and kind was billed already (invariant 1)."""


class MembershipUnknown(PersistenceError):
    """A decision about a membership that was never received."""


class NumbersHeld(PersistenceError):
    """A workflow knew decisions that the database has lost: numbers may have been given before."""

    def __init__(self) -> None:
        super().__init__("no number is given: say what was restored, with medlemsflyt restored")


class DecisionAhead(DecisionConflict):
    """The decision follows others that the database does not have: it was put back."""


class DatabaseRefused(PersistenceError):
    """PostgreSQL refused a statement; the message names the constraint, never the values."""


@asynccontextmanager
async def without_values() -> AsyncIterator[None]:
    """Turn PostgreSQL's errors into our own.

    Raises:
        DatabaseRefused: in place of an error whose text quotes the row that was refused.
    """
    try:
        yield
    except asyncpg.PostgresError as error:
        constraint = getattr(error, "constraint_name", None)
        where = f" ({constraint})" if constraint else ""
        raise DatabaseRefused(f"{type(error).__name__} {error.sqlstate}{where}") from None
