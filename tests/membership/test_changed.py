"""Which memberships have changed: nobody is missed, whenever a transaction ends."""

import asyncio

import pytest

from activities.membership.changed import BEGINNING, UnknownCursor, list_changed

IDS = [f"membership-00000000-0000-4000-8000-00000000000{n}" for n in range(5)]


async def add(connection, *ids, hidden=False):
    """Keep applications that could not be read: they are nobody's."""
    await connection.executemany(
        "INSERT INTO memberships (membership_id, stage, outcome, hidden, received_at, received_on,"
        " last_decision) VALUES ($1, 'ended', 'invalid', $2, '2026-01-02', '2026-01-02', 1)",
        [(one, hidden) for one in ids],
    )


async def change(connection, one):
    """Write a row anew, whatever is in it."""
    await connection.execute("UPDATE memberships SET hiding = hiding WHERE membership_id = $1", one)


async def quiet(pool):
    """Wait for all that writes now, in other databases of the server as well."""
    written = await pool.fetchval("SELECT pg_current_xact_id()::text")
    while await pool.fetchval(
        "SELECT pg_snapshot_xmin(pg_current_snapshot()) <= $1::text::xid8", written
    ):
        await asyncio.sleep(0.01)  # a transaction that ends tells nobody


async def listed(pool, cursor=BEGINNING, *, hidden=True, most=10, waits=True):
    """A page, as the ids on it, with its cursor."""
    if waits:
        await quiet(pool)
    page = await list_changed(pool, cursor, hidden=hidden, most=most)
    return [item.id for item in page.items], page.next


async def test_each_stands_once_as_it_is_now(pool):
    """Who changes moves to the end, and is told of anew; nothing new is an empty page."""
    for one in IDS:
        await add(pool, one)
    found, cursor = await listed(pool)
    assert found == IDS
    assert await listed(pool, cursor) == ([], cursor)
    await change(pool, IDS[1])
    assert (await listed(pool, cursor))[0] == [IDS[1]]
    assert (await listed(pool))[0] == [IDS[0], *IDS[2:], IDS[1]]


async def test_pages_follow_each_other(pool):
    """Also within one transaction, which has changed many."""
    await add(pool, *IDS)
    await quiet(pool)
    cursor, found = BEGINNING, []
    for _ in range(3):
        page = await list_changed(pool, cursor, hidden=True, most=2)
        found += [item.id for item in page.items]
        cursor = page.next
        assert page.more is (len(found) < len(IDS))
    assert found == IDS


async def test_who_is_hidden_is_left_out(pool):
    """For whoever may not know of them."""
    await add(pool, *IDS[:2])
    await add(pool, *IDS[2:], hidden=True)
    assert (await listed(pool, hidden=False))[0] == IDS[:2]
    await pool.execute("UPDATE memberships SET hiding = true WHERE membership_id = $1", IDS[0])
    assert (await listed(pool, hidden=False))[0] == IDS[1:2], "from the wish on (invariant 12)"


async def test_what_is_still_being_written_is_not_passed_by(pool):
    """Who comes after a transaction that has not ended waits for it, so that none is skipped."""
    await add(pool, *IDS[:2])
    _, cursor = await listed(pool)
    async with pool.acquire() as writing, writing.transaction():
        await change(writing, IDS[0])
        await add(pool, IDS[2])
        assert await listed(pool, cursor, waits=False) == ([], cursor)
    assert (await listed(pool, cursor))[0] == [IDS[0], IDS[2]]


@pytest.mark.parametrize("cursor", ["", "x", "1", "01.", "1.x", "-1.", "1.\x00", "9" * 30 + "."])
async def test_a_cursor_is_one_of_ours(pool, cursor):
    """Any other is refused, and never reaches the database."""
    with pytest.raises(UnknownCursor):
        await list_changed(pool, cursor, hidden=True, most=1)
