"""A task is one matter: it is asked once, and again when what was over comes back."""

from datetime import date

import pytest

from activities.shared.tasks import close_task, close_task_of, list_tasks, open_task

TODAY = date(2026, 11, 27)
LATER = date(2027, 1, 8)
KEY = "private-address/membership-1"


async def ask(connection, today=TODAY, says="Find an address."):
    """Open the task; return whether it is new or open again."""
    return await open_task(connection, key=KEY, kind="private_address", says=says, today=today)


@pytest.mark.parametrize("by_hand", [False, True], ids=["by-itself", "by-a-caseworker"])
async def test_what_was_over_and_comes_back_is_asked_again(pool, by_hand):
    """Whoever had closed it: the cause was gone in between, and is there again (invariant 5)."""
    async with pool.acquire() as connection:
        assert await ask(connection)
        assert not await ask(connection)
        await connection.execute("UPDATE tasks SET announced_on = $1", TODAY)
        if by_hand:
            (task,) = await list_tasks(connection)
            await close_task(connection, task.task_id, today=TODAY, by="kari", note="ringte")
        for _ in range(2):  # sent again, as activities are
            await close_task_of(connection, KEY, today=TODAY, by="delivery")
        closed = await connection.fetchrow("SELECT closed_by, note FROM tasks")
        assert tuple(closed) == (("kari", "ringte") if by_hand else ("delivery", None))
        assert await ask(connection, LATER, "Find another.")
        (task,) = await list_tasks(connection)
        assert (task.opened_on, task.says) == (LATER, "Find another.")
        assert await connection.fetchval("SELECT announced_on FROM tasks") is None


async def test_what_a_caseworker_closed_and_is_still_so_is_not_asked_again(pool):
    """Their word stands for as long as the same cause goes on."""
    async with pool.acquire() as connection:
        await ask(connection)
        (task,) = await list_tasks(connection)
        await close_task(connection, task.task_id, today=TODAY, by="kari", note=None)
        assert not await ask(connection, LATER)
        assert await list_tasks(connection) == []
