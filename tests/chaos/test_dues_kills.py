"""Kill -9 of the persistence worker and of PostgreSQL in the middle of a dues run, again and again.

The ledger is row for row that of a run which nobody disturbed (invariant 6). `make chaos` kills
many times, and in one round each of the two once.
"""

import asyncio
from datetime import date

import asyncpg
import pytest
from temporalio.client import Client
from temporalio.service import RPCError

from activities.database.pool import open_pool
from activities.dues.activities import Dues
from benchmarks.dues import generate
from schemas.dues.contracts import DuesOpening, DuesPage, DuesProgress, DuesReport
from tests import clock
from tests.chaos.rounds import ROUNDS
from tests.devstack import Dev, free_offset
from tests.roles import as_administrator

KILLS = 10 if ROUNDS > 1 else 2
VICTIMS = ("worker persistence", "bin/postgres")
MEMBERS = 2_000
PAGE = 25
"""So small that a run takes seconds and each kill hits the middle of one."""

PATIENCE_SECONDS = 90.0

pytestmark = pytest.mark.timeout(180 + 40 * KILLS)

LEDGER = {
    "invoices": "SELECT number, kid, period_from, issued_on, due_on, total_ore FROM invoices "
    "WHERE EXISTS (SELECT FROM charges WHERE charges.invoice_number = number)",
    "charges": "SELECT invoice_number, membership_id, period_from, kind, amount_ore, "
    "content_hash, employer_orgnr, cadence FROM charges",
    "entries": "SELECT booked_on, source, membership_id, period_from, kind, reference, debit, "
    "credit, amount_ore FROM entries WHERE source = 'charge'",
    "corrections": "SELECT * FROM corrections",
    "quarantine": "SELECT * FROM dues_quarantine",
}
"""Every row that charging writes, without numbers that count attempts; the settlements that
begin afterwards write others."""


async def fill(url: str) -> None:
    """Put the same members into a database, with few employers."""
    owner = await asyncpg.connect(url)
    try:
        async with await open_pool(url, size=1) as pool:
            await generate(owner, pool, MEMBERS)
        await owner.execute("SET session_replication_role = replica")
        await owner.execute(
            "UPDATE terms SET employer_orgnr = '80000000' || right(employer_orgnr, 1) "
            "WHERE employer_orgnr IS NOT NULL"
        )
        # Some can't be charged: the rest goes on, whatever dies.
        await owner.execute(
            "UPDATE terms SET rate = NULL, amount_ore = -1 FROM memberships "
            "WHERE memberships.membership_id = terms.membership_id AND member_number LIKE '%99'"
        )
    finally:
        await owner.close()


async def ledger(url: str) -> dict[str, list[str]]:
    """Return every row a run writes."""
    connection = await asyncpg.connect(url)
    try:
        return {
            name: sorted(str(tuple(row)) for row in await connection.fetch(query))
            for name, query in LEDGER.items()
        }
    finally:
        await connection.close()


async def undisturbed(url: str, period: str, today: date) -> None:
    """Run the month with nobody dying, and row by row: the other is built, and then attached."""
    async with await open_pool(url, size=2) as pool:
        dues = Dues(pool)
        run = await dues.open_dues_run(DuesOpening(period=period, today=today, page_size=PAGE))
        assert run.built
        run = run.model_copy(update={"built": False})
        for first in run.pages:
            await dues.charge_dues_page(DuesPage(run=run, first=first))


async def at_work(handle) -> set[str]:
    """Which processes took up a page of a run."""
    history = await handle.fetch_history()
    return {
        event.activity_task_started_event_attributes.identity
        for event in history.events
        if event.HasField("activity_task_started_event_attributes")
    }


async def far_enough(handle, pages: int) -> None:
    """Wait until a run has charged some more pages."""
    while True:
        try:
            progress = DuesProgress.model_validate(await handle.query("progress"))
        except RPCError:
            await asyncio.sleep(0.05)  # a busy server is asked again
            continue
        if progress.pages_done >= pages:
            return
        await asyncio.sleep(0.02)  # the run sets no event of ours


async def test_a_run_that_is_killed_again_and_again_leaves_the_same_ledger(
    tmp_path, postgres, migrated
):
    """A worker, the database, a worker, the database: nobody is charged twice or left out.

    Two workers of each kind share the run, with no setting but their number.
    """
    calm = await postgres.create_database("calm_run", template=migrated)
    dev = Dev(tmp_path / "data", await free_offset(), "--workers", "2")
    try:
        stack, _ = await asyncio.gather(dev.start(), fill(calm))
        await fill(as_administrator(stack["database_url"]))
        client = await Client.connect(stack["temporal_address"])
        today = clock.today()
        period = f"{today:%Y-%m}"
        handle = await client.start_workflow(
            "DuesRun",
            {"period": period, "page_size": PAGE},
            id=f"dues-run-{period}",
            task_queue="membership",
        )
        async with asyncio.timeout(PATIENCE_SECONDS * KILLS):
            for number in range(KILLS):
                await far_enough(handle, (number + 1) * MEMBERS // PAGE // (KILLS + 2))
                assert dev.kill(VICTIMS[number % len(VICTIMS)])
            report = DuesReport.model_validate(await handle.result())
        await undisturbed(calm, period, today)
        disturbed, expected = (
            await ledger(as_administrator(stack["database_url"])),
            await ledger(calm),
        )
        for name, rows in expected.items():
            assert disturbed[name] == rows, name
        assert len(expected["quarantine"]) == MEMBERS // 100
        assert report.new_charges == len(expected["charges"]) > MEMBERS
        assert len(await at_work(handle)) >= 2
    finally:
        if dev.process is not None and dev.process.poll() is None:
            await dev.stop()
        dev.end()
