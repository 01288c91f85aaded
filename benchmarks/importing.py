"""Members carried over a second, against no-op workflows of the same size, in the same run.

    python -m benchmarks.importing [MEMBERS]

Server, database, workers (processes of their own) and importer share this machine. The import is
the one of the command line: rows by COPY, workflows with their records, as many at once. The floor
starts workflows with arguments of the same size, by as many lanes, whose worker does nothing and
completes them; it writes no row and plans nothing.

Then all of them are written out, to a folder of CSV. Its floor is a COPY of the very same rows.
"""

import asyncio
import logging
import sys
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path

import asyncpg
from temporalio.client import Client

from activities.database.pool import open_pool
from activities.register.checking import PAGE
from activities.register.exporting import export
from activities.register.writing import register_file
from activities.shared.rulebook import RulebookReader
from benchmarks.bare import QUEUE, Nothing
from benchmarks.figures import peak_mb
from benchmarks.service import Service, service
from schemas.names import membership_id
from schemas.payments.kid import with_mod10
from schemas.pricing.rulebook import Rulebook
from schemas.register.columns import TABLES, Table
from schemas.register.member import RegisterEmployment, RegisterInvoice, RegisterMember
from schemas.register.report import ImportReport
from schemas.shared.calendar import months_before
from schemas.shared.vocabulary import Category, InsuranceStatus, Payer, PensionKind
from workers.cli.register.carrier import LANE, LANES, Carrier, Plans, has_begun
from workers.logging import LogFormat, configure_logging
from workflows.membership.start import bringing

DEFAULT_MEMBERS = 20_000

MONTH = date(2100, 1, 1)
"""The first month that is charged here: so far ahead that the server's clock is before it, and no
deadline of anybody has passed when a membership begins."""

AT = datetime(2099, 12, 10, 9, tzinfo=UTC)
"""When they are carried over."""

FLOOR = 2_000
"""Workflows that the floor is measured with before the import, and again after it."""

Connection = asyncpg.pool.PoolConnectionProxy


async def main(count: int) -> None:
    """Measure both ways and their floors, and print one ``name value`` line a figure."""
    configure_logging(LogFormat.JSON, level=logging.WARNING)
    async with (
        service() as there,
        there.workers(1),
        await open_pool(there.database_url, size=LANES + 1) as pool,
        _floor_worker(there),
    ):
        rulebooks = RulebookReader(allow_synthetic_ids=True)
        async with pool.acquire() as connection:
            book = await rulebooks.current(connection)
        await _carry_over(there.client, pool, rulebooks, book, count)
        await _write_out(there, pool, book, count)


async def _carry_over(
    client: Client, pool: asyncpg.Pool, rulebooks: RulebookReader, book: Rulebook, count: int
) -> None:
    """Measure the way in, between two halves of its floor: whatever the machine does besides."""
    size = _argument_bytes(book)
    await _floor(client, size, LANE * LANES)
    before = await _floor(client, size, min(count, FLOOR))

    async def carry() -> ImportReport:
        carrier = Carrier(client, pool, rulebooks, MONTH, lambda: AT, _new_id)
        return await carrier.carry(_pages(count))

    first, again = await carry(), await carry()
    assert (first.imported, first.refused) == (count, ()), first
    assert (again.imported, again.known) == (0, count), again
    floor = (before + await _floor(client, size, min(count, FLOOR))) / 2
    print(f"import_members {count}")
    print(f"import_argument_bytes {size}")
    print(f"import_per_s {first.per_s:.1f}")
    print(f"import_floor_per_s {floor:.1f}")
    print(f"import_ratio {first.per_s / floor:.2f}")
    print(f"import_again_s {again.seconds:.1f}")
    print(f"import_memory_mb {peak_mb():.0f}", flush=True)


async def _write_out(there: Service, pool: asyncpg.Pool, book: Rulebook, count: int) -> None:
    """Measure the way out: read, worked out and written; and a COPY of the very same rows."""
    folder = there.folder / "register"
    async with pool.acquire() as connection:
        started = time.perf_counter()
        with register_file(folder) as write:
            report = await export(connection, book, MONTH, AT.date(), write)
        took_s = time.perf_counter() - started
        assert (report.members, report.not_exported) == (count, ()), report
        floor_s = await _copy(connection, folder)
    print(f"export_per_s {count / took_s:.0f}")
    print(f"export_floor_per_s {count / floor_s:.0f}")
    print(f"export_memory_mb {peak_mb():.0f}")


async def _copy(connection: Connection, folder: Path) -> float:
    """Return the seconds that a COPY of a register's rows takes, out of tables that hold them."""
    for table in TABLES:
        columns = ", ".join(f"{column.name} text" for column in table.columns)
        await connection.execute(f"CREATE TEMPORARY TABLE {_copied(table)} ({columns})")
        await connection.copy_to_table(
            _copied(table), source=folder / f"{table.name}.csv", format="csv", delimiter=";",
            header=True,
        )  # fmt: skip
    started = time.perf_counter()
    for table in TABLES:
        await connection.copy_from_table(
            _copied(table), output=folder / f"copied-{table.name}.csv", format="csv", delimiter=";",
            header=True,
        )  # fmt: skip
    return time.perf_counter() - started


def _copied(table: Table) -> str:
    return f"copied_{table.name}"


def _argument_bytes(book: Rulebook) -> int:
    """Return how long an argument is that a membership begins with, on average of all kinds."""
    plans = Plans(book, MONTH, AT, _new_id)
    for member in register(20):
        plans.plan(member, "00000001")
    records = plans.records.values()
    return sum(len(bringing(record)) for record in records) // len(records)


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


async def _pages(count: int) -> AsyncIterator[list[RegisterMember]]:
    members = register(count)
    while page := list(islice(members, PAGE)):
        yield page


def register(count: int) -> Iterator[RegisterMember]:
    """Yield members of all categories; one in ten owes an invoice, one in twenty is in credit."""
    year, before = MONTH.year, months_before(MONTH, 1)
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
        age = {2: 64, 3: 77, 4: 77}.get(kind, 27 if learns else 62)
        works = category in {Category.ORDINARY, Category.APPRENTICE}
        covered = not learns and kind not in {3, 4} and number % 7 > 1
        owes = number % 10 == 5
        yield RegisterMember(
            number=str(number),
            name=f"Medlem {number}",
            birth_date=date(year - age, 1, 1) + timedelta(days=number % 700),
            email=f"{number}@example.org",
            category=category,
            ends_on=MONTH + timedelta(days=400) if learns else None,
            pension=PensionKind.OLD_AGE if drawn else None,
            joined_on=date(year - 22, 1, 1) + timedelta(days=number % 6000),
            branch="OSLO" if works and kind % 2 else None,
            insurance=InsuranceStatus.COVERED if covered else InsuranceStatus.NOT_APPLICABLE,
            insurance_from=date(year - 6, 5, 1) if covered else None,
            payer=Payer.PAYROLL if kind > 7 else Payer.DIRECT,
            fee_through=date(year, 12, 1) if kind in {0, 3, 4} else None,
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
                    period=before,
                    issued_on=before,
                    due_on=before + timedelta(days=14),
                    central_ore=49500,
                ),
            )
            if owes
            else (),
        )


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_MEMBERS))
