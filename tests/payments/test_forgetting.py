"""What is kept no longer is forgotten by itself, down to the bytes of the tables (P6)."""

from datetime import date
from pathlib import Path

import asyncpg
import pytest

from activities.payments.forgetting import forget_long_ago, forget_payers
from activities.payments.refund_files import read_refund_file
from activities.payments.suspense import NotPossible
from schemas.pricing.rulebook import Policies
from tests.payments.making import TODAY, Money, bring, camt, camt_of, payer
from tests.payments.refunding import debit, told_to_the_bank

POLICIES = Policies(valid_from=date(1970, 1, 1), payer_kept_years=1, refused_file_kept_days=30)
CANARY = "Kanarifugl Sangersen"


def from_canary(money, content=None):
    """A file in which somebody with a name has paid."""
    named = (
        b"<NtryDtls><TxDtls><RltdPties><Dbtr><Nm>" + CANARY.encode() + b"</Nm></Dbtr></RltdPties>"
    )
    return (content or camt(money)).replace(b"<NtryDtls><TxDtls>", named)


async def forget(pool, today, *whose):
    """What a night does, or an erasure."""
    async with pool.acquire() as connection, connection.transaction():
        if whose:
            return await forget_payers(connection, POLICIES, today=today, membership_ids=whose)
        return await forget_long_ago(connection, POLICIES, today=today)


TABLES = ("inbound_files", "bank_entries", "refunds", "refund_files", "payments", "tasks")


async def bytes_of(pool):
    """All bytes of the tables that money is in, with their indexes and what is stored beside."""
    await pool.execute(f"VACUUM (FULL, ANALYZE) {', '.join(TABLES)}")
    await pool.execute("VACUUM FULL pg_statistic")
    await pool.execute("CHECKPOINT")
    root = Path(await pool.fetchval("SHOW data_directory"))
    paths = await pool.fetch(
        "SELECT pg_relation_filepath(oid) AS path FROM pg_class WHERE relkind IN ('r', 'i', 't')"
        " AND (oid = 'pg_statistic'::regclass OR relname = ANY ($1) OR oid IN ("
        "  SELECT reltoastrelid FROM pg_class WHERE relname = ANY ($1))"
        "  OR oid IN (SELECT indexrelid FROM pg_index WHERE indrelid::regclass::text = ANY ($1)))",
        list(TABLES),
    )
    return b"".join((root / row["path"]).read_bytes() for row in paths if row["path"])


async def test_what_is_long_ago_leaves_no_byte(pool, persistence):
    """Paid, paid back and over in 2026: all there until 2027 is over, and then nowhere."""
    kari = await payer(pool, persistence, "2026-10")
    await bring(pool, from_canary(Money(kari.kids[0], 49500)))
    await bring(pool, from_canary(Money(None, 20000, key="K2")))
    async with pool.acquire() as connection, connection.transaction():
        refund = await told_to_the_bank(connection, reference="K2", receiver=CANARY)
    await bring(pool, camt_of(debit(20000, id_of=refund.refund_id)))
    for today in (TODAY, date(2027, 12, 31)):
        assert await forget(pool, today) == 0
    assert CANARY.encode() in await bytes_of(pool)
    assert await forget(pool, date(2028, 1, 1)) > 0
    assert CANARY.encode() not in await bytes_of(pool)
    assert await forget(pool, date(2028, 1, 1)) == 0
    # The file again is still known, and what is gone is said.
    again = await bring(pool, from_canary(Money(kari.kids[0], 49500)))
    assert (again.payments, await pool.fetchval("SELECT count(*) FROM payments")) == (1, 2)
    async with pool.acquire() as connection:
        message = await pool.fetchval("SELECT message_id FROM refund_files")
        with pytest.raises(NotPossible, match="is forgotten"):
            await read_refund_file(connection, message)


async def test_who_must_be_placed_is_kept(pool):
    """Nobody's money keeps its payer and its file, however old; a refused file goes in a month."""
    await bring(pool, from_canary(Money(None, 49500)))
    refused = await bring(pool, b"<no" + CANARY.encode())
    assert refused.outcome == "refused"
    kept = "SELECT count(*) FROM inbound_files WHERE content IS NOT NULL"
    await forget(pool, date(2027, 1, 14))
    assert await pool.fetchval(kept) == 2
    await forget(pool, date(2027, 1, 15))
    assert await pool.fetchval(kept) == 1
    await forget(pool, date(2050, 1, 1))
    assert (
        await pool.fetchval("SELECT count(*) FROM bank_entries WHERE payer_name = $1", CANARY) == 1
    )
    assert await pool.fetchval(kept) == 1
    # Handed in again it is read again, and says the same.
    assert await bring(pool, b"<no" + CANARY.encode()) == refused


async def test_of_the_erased_only_what_the_law_wants_stays(pool, persistence):
    """At once: who paid. The file of the bank until the years are over; the amounts for ever."""
    kari = await payer(pool, persistence, "2026-10")
    await bring(pool, from_canary(Money(kari.kids[0], 49500)))
    assert await forget(pool, TODAY, kari.membership_id) == 1
    names = "SELECT count(*) FROM bank_entries WHERE payer_name IS NOT NULL"
    kept = "SELECT count(*) FROM inbound_files WHERE content IS NOT NULL"
    assert (await pool.fetchval(names), await pool.fetchval(kept)) == (0, 1)
    await forget(pool, date(2028, 1, 1))
    assert await pool.fetchval(kept) == 0
    assert await pool.fetchval("SELECT sum(amount_ore) FROM payments") == 49500


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE inbound_files SET received_on = received_on - 1",
        "UPDATE inbound_files SET content = 'x'",
        "DELETE FROM inbound_files",
        "UPDATE refund_files SET content = 'x'",
        "UPDATE refunds SET account = '00000000000', receiver = 'forgotten'",
    ],
)
async def test_nothing_else_changes(pool, change):
    """A file is what it was, or nothing; of a refund that is not over nobody is forgotten."""
    await bring(pool, from_canary(Money(None, 20000)))
    async with pool.acquire() as connection, connection.transaction():
        await told_to_the_bank(connection, reference="K1", receiver=CANARY)
    with pytest.raises(asyncpg.RestrictViolationError):
        await pool.execute(change)
