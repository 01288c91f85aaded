"""A gap in the rulebook on the real server: refused with its reason, and decided once mended."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import asyncpg
import pytest

from tests.life import Life, Refusal, application

Gap = Callable[[str], AbstractAsyncContextManager[None]]


@pytest.fixture
def gap(shared_pool: asyncpg.Pool) -> Gap:
    """Take all rows out of a table of the rulebook, and put them back afterwards."""

    @asynccontextmanager
    async def without(table: str) -> AsyncIterator[None]:
        kept = await shared_pool.fetchval(f"SELECT jsonb_agg(to_jsonb({table})) FROM {table}")
        await shared_pool.execute(f"DELETE FROM {table}")
        try:
            yield
        finally:
            await shared_pool.execute(
                f"INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, $1)",
                kept,
            )

    return without


async def failures(life: Life) -> int:
    """Return how many workflow tasks of a membership have failed."""
    history = await life.handle.fetch_history()
    return sum(event.HasField("workflow_task_failed_event_attributes") for event in history.events)


async def test_an_application_of_that_hour_is_decided_once_the_book_is_mended(apply, gap):
    """It keeps the broken copy; an approval is refused with the day, then the book is read anew."""
    async with gap("dues_rates"):
        life = await apply(application())
        with pytest.raises(Refusal, match="before the rulebook is mended"):
            await life.approve()
        await life.signal("decide_application", {"decision": "approve", "caseworker": "ola"})
        state = await life.state()
        assert state["stage"] == "under_review"
        assert "the rulebook says nothing" in state["rejected_messages"][0]["reason"]
    assert (await life.approve())["applied"]
    # S2: 495.00, by the rows that were put back.
    assert (await life.state())["terms"][0]["amount_ore"] == 49500
    assert await failures(life) == 0


async def test_a_deadline_waits_for_the_mended_book(apply, gap):
    """It makes one task, spins not, and happens by itself the day after the rows are back."""
    life = await apply(application())
    await life.approve()
    async with gap("premium_rates"):
        await life.days(31)
        state = await life.state()
        assert state["insurance"]["status"] == "window_open"
        await life.days(3)
        decided = await life.decisions()
        assert decided.count("decision_postponed") == 1
        assert decided.count("insurance_covered") == 0
        events = (await life.handle.describe()).history_length
        assert events < 200
    await life.days(2)
    assert (await life.state())["insurance"]["status"] == "covered"
    assert (await life.decisions()).count("insurance_covered") == 1
    assert await failures(life) == 0
