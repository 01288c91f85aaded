"""A caseworker's command has the rights for what it does: money that was set aside is taken in."""

import uuid

from activities.database.pool import open_pool
from activities.database.roles import OPERATOR, as_role
from activities.payments.suspense import take_in
from tests.payments.making import CASES, TODAY, bring


async def test_a_caseworker_may_take_in_what_was_set_aside(postgres, migrated):
    """As the role that the commands have, with all that follows in the books (ADR 74)."""
    url = await postgres.create_database(f"taken_{uuid.uuid4().hex}", template=migrated)
    first = (CASES / "danske-day1.xml").read_bytes()
    async with (
        await open_pool(url, size=2) as pool,
        await open_pool(as_role(url, OPERATOR), size=1) as commands,
    ):
        await bring(pool, first)
        await bring(pool, first.replace(b"<MsgId>M1", b"<MsgId>M2"))
        [key] = [row[0] for row in await pool.fetch("SELECT key FROM tasks WHERE kind='set_aside'")]
        async with commands.acquire() as connection, connection.transaction():
            reference = key.removeprefix("entry/")
            assert await take_in(connection, reference, today=TODAY, by="ola") == 49500
        assert await pool.fetchval("SELECT count(*) FROM payments") == 2
