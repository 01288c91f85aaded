"""Workflows in the order in which they are due, a window of time at a time.

Temporal's SQL visibility sorts by nothing of ours. So a filter is narrowed to windows of a time,
each of which holds few enough to be sorted here: a page is held at a time, whatever waits.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

from temporalio.client import Client, WorkflowExecution

from workflows.shared.search_attributes import REVIEW_DUE, WAITING_SINCE

PAGE = 1000
"""Workflows that are asked for, and sorted, at a time."""

STARTED = "StartTime"
KEYS = (REVIEW_DUE.name, WAITING_SINCE.name, STARTED)
"""First due first; of those that are not due, or due at once, who has waited longest."""

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
END = datetime(2200, 1, 1, tzinfo=UTC)

NARROWEST = timedelta(seconds=1)
"""However many have one and the same time, they are sorted together."""

_NEVER = END


async def in_order(
    client: Client, query: str, keys: Sequence[str] = KEYS
) -> AsyncIterator[WorkflowExecution]:
    """Yield the workflows that a filter finds, the most urgent first.

    Args:
        client: of the namespace.
        query: the filter, without an order.
        keys: the times that order them; who has none of the first comes after all who have.
    """
    first, *others = keys
    async for execution in _within(client, query, first, BEGINNING, END):
        yield execution
    if others:
        async for execution in in_order(client, f"{query} AND {first} IS NULL", others):
            yield execution


async def _within(
    client: Client, query: str, key: str, since: datetime, until: datetime
) -> AsyncIterator[WorkflowExecution]:
    """Yield those within a window, which is halved for as long as it holds too many."""
    window = f'{query} AND {key} >= "{_written(since)}" AND {key} < "{_written(until)}"'
    many = (await client.count_workflows(window)).count > PAGE
    if many and until - since > NARROWEST:
        middle = since + (until - since) / 2
        for begin, end in ((since, middle), (middle, until)):
            async for execution in _within(client, query, key, begin, end):
                yield execution
        return
    found = [each async for each in client.list_workflows(window, page_size=PAGE)]
    for execution in sorted(found, key=urgency):
        yield execution


def urgency(execution: WorkflowExecution) -> tuple[datetime, datetime, datetime]:
    """Return when a workflow is due, since when it waits, and when it began."""
    attributes = execution.typed_search_attributes
    return (
        attributes.get(REVIEW_DUE, _NEVER),
        attributes.get(WAITING_SINCE, _NEVER),
        execution.start_time,
    )


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
