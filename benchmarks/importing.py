"""Members carried over a second, against no-op workflows of the same size, in the same run.

    python -m benchmarks.importing [MEMBERS]

Server, database, workers (processes of their own) and importer share this machine. The import is
the one of the command line: rows by COPY, workflows with their records, as many at once. The floor
starts workflows with arguments of the same size, by as many lanes, whose worker does nothing and
completes them; it writes no row and plans nothing.
"""

import asyncio
import logging
import resource
import sys
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice

from temporalio.client import Client

from activities.database.pool import open_pool
from activities.register.checking import PAGE
from activities.shared.rulebook import RulebookReader
from benchmarks.bare import QUEUE, Nothing
from benchmarks.service import Service, service
from schemas.names import membership_id
from schemas.payments.kid import with_mod10
from schemas.register.member import RegisterEmployment, RegisterInvoice, RegisterMember
from schemas.shared.calendar import month_after, months_before, oslo_date
from schemas.shared.vocabulary import Category, InsuranceStatus, Payer, PensionKind
from workers.cli.register.carrier import LANE, LANES, Carrier, Plans, has_begun
from workers.logging import LogFormat, configure_logging
from workflows.membership.start import bringing

DEFAULT_MEMBERS = 20_000
FLOOR = 2_000
"""Workflows that the floor is measured with before the import, and again after it."""


async def main(count: int) -> None:
    """Measure both sides and print one ``name value`` line a figure."""
    configure_logging(LogFormat.JSON, level=logging.WARNING)
    async with (
        service() as there,
        there.workers(1),
        await open_pool(there.database_url, size=LANES + 1) as pool,
        _floor_worker(there),
    ):
        client = there.client
        rulebooks = RulebookReader(allow_synthetic_ids=True)
        async with pool.acquire() as connection:
            book = await rulebooks.current(connection)
        month = month_after(oslo_date(datetime.now(UTC)))
        plans = Plans(book, month, datetime.now(UTC), _new_id)
        for member in register(20, month):
            plans.plan(member, "00000001")
        records = list(plans.records.values())
        size = sum(len(bringing(record)) for record in records) // len(records)
        await _floor(client, size, LANE * LANES)
        before = await _floor(client, size, min(count, FLOOR))
        carrier = Carrier(client, pool, rulebooks, month, lambda: datetime.now(UTC), _new_id)
        report = await carrier.carry(_pages(count, month))
        assert (report.imported, report.refused) == (count, ()), report
        again = await Carrier(
            client, pool, rulebooks, month, lambda: datetime.now(UTC), _new_id
        ).carry(_pages(count, month))
        assert (again.imported, again.known) == (0, count), again
        # Whatever else the machine does meanwhile: the floor is measured on both sides of it.
        floor = (before + await _floor(client, size, min(count, FLOOR))) / 2
    print(f"import_members {count}")
    print(f"import_argument_bytes {size}")
    print(f"import_per_s {report.per_s:.1f}")
    print(f"import_floor_per_s {floor:.1f}")
    print(f"import_ratio {report.per_s / floor:.2f}")
    print(f"import_again_s {again.seconds:.1f}")
    print(f"import_memory_mb {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")


def _new_id() -> str:
    return membership_id(uuid.uuid4())


@asynccontextmanager
async def _floor_worker(there: Service) -> AsyncIterator[None]:
    """Run the floor's worker, a process as the others."""
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.bare", there.temporal.address
    )
    try:
        yield
    finally:
        worker.terminate()
        await worker.wait()


async def _floor(client: Client, size: int, count: int) -> float:
    """Return how many no-op workflows a second are started and done with, by lanes."""
    coming = iter(range(0, count, LANE))

    async def lane() -> None:
        for _ in coming:
            handles = await asyncio.gather(
                *(
                    client.start_workflow(
                        Nothing.run, "x" * size, id=f"floor-{uuid.uuid4()}", task_queue=QUEUE
                    )
                    for _ in range(LANE)
                )
            )
            await has_begun(handles[-1])

    started = time.perf_counter()
    async with asyncio.TaskGroup() as everybody:
        for _ in range(LANES):
            everybody.create_task(lane())
    return count / (time.perf_counter() - started)


async def _pages(count: int, month: date) -> AsyncIterator[list[RegisterMember]]:
    members = register(count, month)
    while page := list(islice(members, PAGE)):
        yield page


def register(count: int, month: date) -> Iterator[RegisterMember]:
    """Yield members of all categories; one in ten owes an invoice, one in twenty is in credit."""
    for number in range(1, count + 1):
        kind = number % 20
        learns, drawn = kind in {0, 1}, kind in {2, 3, 4}
        category = (
            Category.STUDENT,
            Category.APPRENTICE,
            Category.EARLY_PENSIONER,
            Category.PENSIONER,
            Category.PENSIONER,
            *(Category.ORDINARY,) * 15,
        )[kind]
        born = {2: date(1962, 1, 1), 3: date(1950, 1, 1), 4: date(1950, 1, 1)}.get(
            kind, date(2000, 1, 1) if learns else date(1965, 1, 1)
        )
        works = category in {Category.ORDINARY, Category.APPRENTICE}
        covered = not learns and kind not in {3, 4} and number % 7 > 1
        owes = number % 10 == 5
        yield RegisterMember(
            number=str(number),
            name=f"Medlem {number}",
            birth_date=born + timedelta(days=number % 700),
            email=f"{number}@example.org",
            category=category,
            ends_on=month + timedelta(days=400) if learns else None,
            pension=PensionKind.OLD_AGE if drawn else None,
            joined_on=date(2005, 1, 1) + timedelta(days=number % 6000),
            branch="OSLO" if works and kind % 2 else None,
            insurance=InsuranceStatus.COVERED if covered else InsuranceStatus.NOT_APPLICABLE,
            insurance_from=date(2021, 5, 1) if covered else None,
            payer=Payer.PAYROLL if kind > 7 else Payer.DIRECT,
            fee_through=date(month.year, 12, 1) if kind in {0, 3, 4} else None,
            balance_ore=-20000 if number % 20 == 12 else None,
            employments=(
                RegisterEmployment(
                    member=str(number),
                    employer_orgnr="974760673",
                    position_percent=Decimal(50 if number % 3 == 0 else 100),
                ),
            )
            if works
            else (),
            invoices=(
                RegisterInvoice(
                    member=str(number),
                    invoice=f"G-{number}",
                    kid=with_mod10(f"77{number:08d}"),
                    period=months_before(month, 1),
                    issued_on=months_before(month, 1),
                    due_on=months_before(month, 1) + timedelta(days=14),
                    central_ore=49500,
                ),
            )
            if owes
            else (),
        )


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_MEMBERS))
