"""A connection is given back as it was taken: nothing of ours outlives its transaction."""

import re
from pathlib import Path

import activities
import workers

KEPT_BY_A_SESSION = re.compile(
    r"""\bSET\s+SESSION\b|["';]\s*SET\s+(?!LOCAL\b)|\bset_config\([^)]*,\s*false\s*\)"""
    r"""|\bpg_(?:try_)?advisory_lock|\bLISTEN\s+\w|\bWITH\s+HOLD\b"""
)
"""What a pool usually puts in order when a connection is given back."""


def test_no_statement_leaves_anything_in_its_session() -> None:
    """The pool puts nothing in order: settings, locks and cursors are those of a transaction."""
    found = {
        f"{path.parent.name}/{path.name}: {match.group()}"
        for package in (activities, workers)
        for path in Path(str(package.__file__)).parent.rglob("*")
        if path.suffix in {".py", ".sql"}
        for match in KEPT_BY_A_SESSION.finditer(path.read_text(encoding="utf-8"))
    }
    assert found == set()


async def test_what_a_cut_off_transaction_has_set_is_gone(shared_pool) -> None:
    """Given back in the middle of a transaction, a connection is rolled back with its settings."""
    async with shared_pool.acquire() as connection:
        pid = await connection.fetchval("SELECT pg_backend_pid()")
        await connection.transaction().start()
        await connection.execute("SET LOCAL lock_timeout = '1s'")
    async with shared_pool.acquire() as connection:
        assert await connection.fetchval("SELECT pg_backend_pid()") == pid
        assert await connection.fetchval("SHOW lock_timeout") == "20s"
        assert not connection.is_in_transaction()
