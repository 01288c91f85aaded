"""One row that the database refuses keeps nobody else waiting: what fails is tried in halves."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import asyncpg

Item = TypeVar("Item")
Result = TypeVar("Result")

_OF_THE_ROW = {
    "21": "more was found than there can be",
    "22": "a value is too large, or can't be used",
    "23": "a rule of the table does not allow it",
    "27": "a rule of the database refuses it",
    "44": "a rule of the table does not allow it",
    "54": "a value is too large to be kept",
    "P0": "a rule of the database refuses it",
}
"""Classes of SQLSTATE that a repetition meets again; in all others it is the connection's, the
server's, a lock's or our own statement's fault, and says nothing about a row."""

_SAID_CLOSER = {
    "22003": "an amount or a number is too large",
    "23502": "something that it needs is missing",
    "23503": "something that it refers to is missing",
    "23505": "a number or a line that must be its own is taken already",
    "23P01": "a span of time is taken already",
}


def is_of_the_row(error: asyncpg.PostgresError) -> bool:
    """Tell whether the database refused what stands in a row, and will refuse it again."""
    return (error.sqlstate or "")[:2] in _OF_THE_ROW


def _is_our_own(items: Sequence[object], error: asyncpg.PostgresError) -> bool:
    """Tell whether a value can't even be sent, and none of them came from a row.

    The driver raises the bare class for it, under a SQLSTATE of a row's; the server never does.
    Of members by their numbers all values are our statement's own.
    """
    never_sent = type(error) is asyncpg.DataError and getattr(error, "severity", None) is None
    return never_sent and isinstance(items, range)


def reason_of(error: asyncpg.PostgresError) -> str:
    """Return why a row was refused: a sentence, the SQLSTATE and the constraint, never a value."""
    state = error.sqlstate or ""
    says = _SAID_CLOSER.get(state) or _OF_THE_ROW[state[:2]]
    constraint = getattr(error, "constraint_name", None)
    return f"{says} ({' '.join(filter(None, (state, constraint)))})"


async def in_halves(
    items: Sequence[Item],
    run: Callable[[Sequence[Item]], Awaitable[Result]],
    quarantine: Callable[[Item, asyncpg.PostgresError], Awaitable[Result]],
) -> list[Result]:
    """Do something for many at once; who can't be dealt with is found and set aside (invariant 9).

    Args:
        items: what to work on; a ``range`` of member numbers is as good as a list.
        run: works on some of them, all or none: in a transaction of its own.
        set_aside: notes that one of them can't be dealt with, and why.

    Returns:
        What each run and each setting aside returned, in the order of the items.

    Raises:
        asyncpg.PostgresError: anything that is not the fault of a row; to be retried.
    """
    try:
        return [await run(items)]
    except asyncpg.PostgresError as error:
        if not is_of_the_row(error) or _is_our_own(items, error):
            raise
        if len(items) == 1:
            return [await quarantine(items[0], error)]
    half = len(items) // 2
    # Outside the handler: what a half raises has nothing to do with what the whole raised.
    return [
        *await in_halves(items[:half], run, quarantine),
        *await in_halves(items[half:], run, quarantine),
    ]
