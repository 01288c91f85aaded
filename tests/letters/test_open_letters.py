"""What a letter is written from is read once it is locked, in one trip."""

import asyncio

import asyncpg

from activities.letters.settings import NotificationSettings
from activities.letters.store import Store
from schemas.shared.vocabulary import Template
from tests.letters.making import TODAY, deliver, make_letter, make_membership

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND pid = $1"


async def test_what_was_waited_for_is_read(pool: asyncpg.Pool) -> None:
    """Who waits for a membership's lock, and then for a letter's, reads what the holder left."""
    member = await make_membership(pool)
    key = await make_letter(pool, member, Template.WELCOME)
    async with pool.acquire() as holder, pool.acquire() as waiter:
        pid = await waiter.fetchval("SELECT pg_backend_pid()")
        holding = holder.transaction()
        await holding.start()
        await holder.execute("UPDATE memberships SET hiding = true")
        await holder.execute("UPDATE letters SET note = 'as it was left'")
        async with waiter.transaction():
            store = Store(waiter, member, "1", TODAY)
            reading = asyncio.create_task(store.lock_case_and_claim(key))
            while not await pool.fetchval(WAITING, pid):
                await asyncio.sleep(0)
            await holding.commit()
            case, letter = await reading
    assert letter is not None
    assert (case.hiding, letter.note) == (True, "as it was left")


async def test_a_closed_letter_leaves_its_membership(pool: asyncpg.Pool) -> None:
    """Of a letter that somebody else has closed, the membership alone is read."""
    member = await make_membership(pool)
    key = await make_letter(pool, member, Template.WELCOME)
    await pool.execute("UPDATE letters SET status = 'suppressed'")
    async with pool.acquire() as connection, connection.transaction():
        store = Store(connection, member, "1", TODAY)
        case, letter = await store.lock_case_and_claim(key)
        assert await store.claim_for_answer(key, 1.0) is None
    assert (case.membership_id, letter) == (member, None)


async def test_what_is_held_as_before_is_not_written_again(
    pool: asyncpg.Pool, settings: NotificationSettings
) -> None:
    """A letter that stays held for the same reason is not updated, however often it is tried."""
    member = await make_membership(pool, email=None)
    await make_letter(pool, member, Template.WELCOME)
    versions = []
    for _ in range(2):
        assert len((await deliver(pool, settings, member)).held) == 1
        versions.append(await pool.fetchval("SELECT ctid::text FROM letters"))
    assert versions[0] == versions[1]
