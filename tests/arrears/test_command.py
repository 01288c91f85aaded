"""`medlemsflyt arrears --dry-run` as a person runs it."""

from datetime import timedelta

import asyncpg

from schemas.arrears.contracts import ArrearsReport
from tests import clock
from tests.arrears.making import owe
from tests.commands import Cli
from tests.letters.making import make_membership


async def test_a_dry_run_says_what_would_be_done(pool: asyncpg.Pool, command: Cli) -> None:
    """Counts and amounts, as JSON and in words; nothing is written, and no server is needed."""
    member = await make_membership(pool, stage="active")
    due_on = clock.today() - timedelta(days=20)
    for _ in range(2):
        await owe(pool, member, due_on)
    ran = await command("arrears", "--dry-run", "--json")
    assert ran.code == 0, ran.err
    report = ArrearsReport.model_validate(ran.json)
    counts = report.counts
    assert (counts.first_reminder, counts.caseworker, counts.owed_ore) == (2, 1, 99000)
    ran = await command("arrears", "--dry-run")
    assert ran.code == 0, ran.err
    assert "990.00" in ran.out
    assert "2 first reminders" in ran.out
    assert await pool.fetchval("SELECT count(*) FROM letters") == 0
