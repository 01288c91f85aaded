"""`medlemsflyt arrears --dry-run` as a person runs it."""

import asyncio
import json
import os
import sys
from datetime import timedelta
from pathlib import Path

import asyncpg

from activities.database.roles import OPERATOR, as_role
from schemas.arrears.contracts import ArrearsReport
from tests import clock
from tests.arrears.making import owe
from tests.letters.making import make_membership


async def medlemsflyt(database_url: str, *arguments: str) -> tuple[int, str]:
    """Run the command line; return its exit code and what it wrote."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "workers",
        *arguments,
        cwd=Path(__file__).parents[2],
        env={
            **os.environ,
            "DATABASE_URL": as_role(database_url, OPERATOR),
            "TEMPORAL_ADDRESS": "127.0.0.1:1",
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return await process.wait(), said.decode()


async def test_a_dry_run_says_what_would_be_done(pool: asyncpg.Pool, database_url: str) -> None:
    """Counts and amounts, as JSON and in words; nothing is written, and no server is needed."""
    member = await make_membership(pool, stage="active")
    due_on = clock.today() - timedelta(days=20)
    for _ in range(2):
        await owe(pool, member, due_on)
    code, said = await medlemsflyt(database_url, "arrears", "--dry-run", "--json")
    assert code == 0, said
    report = ArrearsReport.model_validate(json.loads(said))
    counts = report.counts
    assert (counts.first_reminder, counts.caseworker, counts.owed_ore) == (2, 1, 99000)
    code, said = await medlemsflyt(database_url, "arrears", "--dry-run")
    assert code == 0, said
    assert "990.00" in said
    assert "2 first reminders" in said
    assert await pool.fetchval("SELECT count(*) FROM letters") == 0
