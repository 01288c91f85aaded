"""How long a caseworker waits for a decision, while a month's dues are charged and without.

    python -m benchmarks.priorities [MEMBERS]

Approvals come at fixed times, one every PACE_SECONDS, whether or not those before it have been
answered. Workers are processes, as they run. The run is the real one, by its workflow, for all
members; what is measured lasts until it has charged everybody, or MOST approvals long. It charges
no January: the yearly fees would make it another measurement on some days than on others.
"""

import asyncio
import logging
import statistics
import sys
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime

import asyncpg

from activities.database.pool import open_pool
from benchmarks.dues import DEFAULT_MEMBERS, generate
from benchmarks.figures import Progress, say
from benchmarks.service import Handle, Service, apply, approve, service
from schemas.dues.contracts import DuesProgress
from schemas.names import MEMBERSHIP_QUEUE, WorkflowType, dues_run_id
from schemas.shared.calendar import first_of_month, month_after, oslo_date
from workers.logging import LogFormat, configure_logging

PACE_SECONDS = 0.4
CALM = 80
"""Approvals without a run."""

MOST = 150
"""Approvals during one."""

WARM_UP = 20


async def main(members: int) -> None:
    """Measure decisions without and during a run, and print one ``name value`` line a figure."""
    configure_logging(LogFormat.JSON, level=logging.WARNING)
    async with service() as at:
        say(f"{members} members are written")
        await _fill(at, members)
        say("the workers start")
        async with at.workers(1):
            waiting = [await apply(at.client) for _ in range(WARM_UP + CALM + MOST)]
            taken = Progress("applications taken", len(waiting))
            for handle in waiting:
                await _taken(handle)
                taken.one_more()
            await _decided(waiting[:WARM_UP], "decisions to warm up")
            calm = await _decided(waiting[WARM_UP : WARM_UP + CALM], "decisions without a run")
            began = time.perf_counter()
            charged = asyncio.create_task(_charge(at))
            busy = await _decided(waiting[WARM_UP + CALM :], "decisions during one", charged)
            lasted = time.perf_counter() - began
            charged.cancel()
    print(f"decision_members {members}")
    print(f"decision_run_s {lasted:.1f}")
    print(f"decision_count {len(calm)} {len(busy)}")
    print(f"decision_p50_ms {1000 * statistics.median(calm):.0f}")
    print(f"decision_p95_ms {1000 * _p95(calm):.0f}")
    print(f"decision_p50_during_run_ms {1000 * statistics.median(busy):.0f}")
    print(f"decision_p95_during_run_ms {1000 * _p95(busy):.0f}")
    print(f"decision_p95_during_run_ratio {_p95(busy) / _p95(calm):.2f}")


def charged_month(today: date) -> date:
    """Return a month without yearly fees, among those that a run takes on a day."""
    month = first_of_month(today)
    return month if month.month != 1 else month_after(today)


async def _fill(at: Service, members: int) -> None:
    """Put as many members into the database as a union has; ours get numbers after theirs."""
    owner = await asyncpg.connect(at.database_url)
    try:
        async with await open_pool(at.database_url, size=1) as pool:
            await generate(owner, pool, members)
        await owner.execute("SELECT setval('member_numbers', $1)", members)
    finally:
        await owner.close()


async def _taken(handle: Handle) -> None:
    """Wait until an application waits for its caseworker."""
    while (await handle.query("state"))["stage"] != "under_review":
        await asyncio.sleep(0.1)


async def _decided(
    waiting: Sequence[Handle], what: str, during: asyncio.Task[None] | None = None
) -> list[float]:
    """Approve one after the other, each at its time, and return how long each answer took.

    Args:
        waiting: whose applications are decided.
        what: is said of them meanwhile.
        during: nothing more is asked for once that is over.
    """
    took: list[float] = []
    progress = Progress(what, len(waiting))

    async def decide(handle: Handle) -> None:
        began = time.perf_counter()
        await approve(handle)
        took.append(time.perf_counter() - began)
        progress.one_more()

    async with asyncio.TaskGroup() as everybody:
        for handle in waiting:
            if during is not None and during.done():
                break
            everybody.create_task(decide(handle))
            await asyncio.sleep(PACE_SECONDS)
    return took


async def _charge(at: Service) -> None:
    """Have a month's dues charged by the real run, and wait until everybody has been."""
    # The run takes only a month near the server's clock, which can't be moved.
    period = f"{charged_month(oslo_date(datetime.now(UTC))):%Y-%m}"
    run = await at.client.start_workflow(
        WorkflowType.DUES_RUN,
        {"period": period},
        id=dues_run_id(period),
        task_queue=MEMBERSHIP_QUEUE,
    )
    while True:
        await asyncio.sleep(0.5)
        progress = DuesProgress.model_validate(await run.query("progress"))
        if progress.pages and progress.pages_done == progress.pages:
            return


def _p95(seconds: Sequence[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_MEMBERS))
