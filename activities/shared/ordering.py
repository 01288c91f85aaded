"""Letters ordered for a page of members; one that can't be is a task, and stops no other one."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date

import asyncpg

from activities.shared.paging import bounds_of, member_number, membership_of
from activities.shared.quarantine import in_halves, reason_of
from activities.shared.tasks import Connection, open_task


async def order_page(
    connection: Connection,
    page: range,
    order: Callable[[str, str], Awaitable[int]],
    *,
    about: str,
    says: Callable[[str], str],
    today: date,
) -> int:
    """Order the letters of a page, and return how many were.

    Args:
        connection: of the database.
        page: of member numbers.
        order: orders those of the members from one number to another, all or none.
        about: what they are about, as the key of the task has it.
        says: what a caseworker is to do, by the reason why a letter can't be ordered.
        today: the business date.

    Raises:
        asyncpg.PostgresError: anything that is not the fault of a row; to be retried.
    """

    async def some(members: Sequence[int]) -> int:
        return await order(*bounds_of(members))

    async def quarantine(member: int, error: asyncpg.PostgresError) -> int:
        membership_id = await membership_of(connection, member_number(member))
        if membership_id is None:
            raise error
        await open_task(
            connection,
            key=f"letter-quarantine/{membership_id}/{about}",
            kind="letter_quarantine",
            says=says(reason_of(error)),
            today=today,
            membership_id=membership_id,
        )
        return 0

    return sum(await in_halves(page, some, quarantine))
