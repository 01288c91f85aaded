"""A file of the bank with 100,000 payments, against a COPY and the joins that keep the same rows.

python -m benchmarks.payments [PAYMENTS]
"""

import asyncio
import io
import logging
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import date
from itertools import chain, count, islice
from pathlib import Path
from typing import TypeVar

import asyncpg

from activities.database.pool import load_queries
from activities.payments.booking import book
from activities.payments.ocr import read_ocr
from activities.payments.transactions import BankTransaction, Faults
from activities.shared.files import keep_file
from activities.shared.rates import put_rates
from activities.shared.rulebook import RulebookReader
from benchmarks.dues import charge_month
from benchmarks.scratch import scratch_database
from schemas.dues.contracts import DuesOpening
from schemas.dues.rates import Paid, Rate
from schemas.payments.contracts import BankFile
from schemas.payments.kid import invoice_kid
from workers.logging import LogFormat, configure_logging

DEFAULT_PAYMENTS = 100_000
ACCOUNT = "12345678903"
TODAY = date(2026, 12, 20)
DAY = "181226"
ONE = 49500
RUNS = (
    DuesOpening(period="2026-11", today=date(2026, 11, 3)),
    DuesOpening(period="2026-12", today=date(2026, 12, 1)),
)

Result = TypeVar("Result")

_SQL = load_queries(Path(__file__).with_name("sql") / "payments.sql")


def payments_of(member: int) -> Iterator[tuple[str | None, int, bool]]:
    """Yield what a member pays: KID, amount and whether it is taken back; one in ten errs."""
    number = f"{member:08d}"
    first, second = invoice_kid(number, 1), invoice_kid(number, 2)
    match member % 100:
        case 90:
            yield from ((first, ONE, False), (first, ONE, False))
        case 91:
            yield first, 2 * ONE, False
        case 92:
            yield first, 20000, False
        case 93:
            yield invoice_kid(number, 9), ONE, False
        case 94:
            yield first[:-1] + str((int(first[-1]) + 1) % 10), ONE, False
        case 95:
            yield None, ONE, False
        case 96:
            yield from ((first, ONE, False), (first, ONE, True))
        case 97:
            yield second, ONE, False
        case 98:
            yield first, 2 * ONE + 100, False
        case _:
            yield first, ONE, False


def ocr_file(payments: int) -> bytes:
    """Return a file of OCR giro with so many payments and reversals.

    Its lines are never held beside it: the memory that is measured is the import's.
    """
    content = io.BytesIO()

    def write(line: str) -> None:
        content.write(f"{line}\r\n".encode("iso-8859-1"))

    money = islice(chain.from_iterable(map(payments_of, count(1))), payments)
    write(f"NY000010000080800000001{'00010033'}{'0' * 49}")
    write(f"NY090020{'0' * 9}0000001{ACCOUNT}{'0' * 45}")
    total_ore = 0
    for number, (kid, ore, back) in enumerate(money, start=1):
        total_ore += ore
        kind, sign = ("18", "-") if back else ("10", "0")
        write(f"NY09{kind}30{number:07d}{DAY}0115100001{sign}{ore:017d}{kid or '':>25}{'0' * 6}")
        write(f"NY09{kind}31{number:07d}{'0' * 10}{number:09d}{'0' * 7}{DAY}99998888777{'0' * 22}")
    write(f"NY090088{payments:08d}{2 * payments + 2:08d}{total_ore:017d}{DAY * 3}{'0' * 21}")
    write(f"NY000089{payments:08d}{2 * payments + 4:08d}{total_ore:017d}{DAY}{'0' * 33}")
    return content.getvalue()


async def main(payments: int) -> None:
    """Measure import and floor, and print one ``name value`` line a figure."""
    configure_logging(LogFormat.JSON, level=logging.WARNING)
    content = ocr_file(payments)
    async with scratch_database(3) as (owner, pool):
        await _generate(owner, pool, payments)
        file_id = await keep_file(owner, kind="payments", name="file", content=content, today=TODAY)
        file = BankFile(file_id=file_id, today=TODAY)
        await owner.execute("VACUUM ANALYZE")
        longest, before_mb = _Longest(), _peak_mb()
        import_s, report = await _timed(
            owner, lambda: book(pool, file, content, ACCOUNT, longest.beat)
        )
        took_mb = _peak_mb() - before_mb
        assert report.payments + report.reversals == payments, report
        rows = await _SQL.count_rows(owner)
        again_s, again = await _timed(owner, lambda: book(pool, file, content, ACCOUNT, _nothing))
        assert again == report, (again, report)
        assert await _SQL.count_rows(owner) == rows
        await _SQL.keep_rows(owner)
        await owner.execute("VACUUM ANALYZE")
        brought = _as_csv(content)
        floor_s, _ = await _timed(owner, lambda: _floor(owner, brought))
        assert await _SQL.count_rows(owner) == rows, rows
    print(f"bank_import_payments {payments}")
    print(f"bank_import_s {import_s:.1f}")
    print(f"bank_import_floor_s {floor_s:.1f}")
    print(f"bank_import_ratio {import_s / floor_s:.2f}")
    print(f"bank_import_again_s {again_s:.1f}")
    print(f"bank_import_longest_ms {longest.seconds * 1000:.0f}")
    print(f"bank_import_memory_mb {before_mb + took_mb:.0f}")
    print(f"bank_import_more_memory_mb {took_mb:.0f}")


class _Longest:
    """The longest time between two signs of life: while a batch is read, or booked."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._before = time.perf_counter()

    def beat(self) -> None:
        """Note a sign of life."""
        now = time.perf_counter()
        self.seconds, self._before = max(self.seconds, now - self._before), now


def _nothing() -> None:
    pass


async def _timed(
    owner: asyncpg.Connection, work: Callable[[], Awaitable[Result]]
) -> tuple[float, Result]:
    """Return the seconds that some work took, begun with nothing left to write to the disk."""
    await owner.execute("CHECKPOINT")
    started = time.perf_counter()
    result = await work()
    return time.perf_counter() - started, result


async def _floor(owner: asyncpg.Connection, brought: bytes) -> None:
    async with owner.transaction():
        await _SQL.open_bare(owner)
        await owner.copy_to_table("bare", source=io.BytesIO(brought), format="csv")
        await _SQL.join_and_keep(owner)


def _as_csv(content: bytes) -> bytes:
    """Return what a file brings as lines that COPY takes as they are."""
    faults = Faults()
    lines = [
        ",".join("" if value is None else str(value) for value in (position, *_told(one)))
        for position, one in enumerate(read_ocr(content, ACCOUNT, TODAY, faults), start=1)
    ]
    faults.check()
    return "\n".join(lines).encode()


def _told(one: BankTransaction) -> tuple[object, ...]:
    return (
        one.where, one.reference, one.amount_ore, one.paid_on, one.kid, one.reversal,
        one.payer.account,
    )  # fmt: skip


async def _generate(owner: asyncpg.Connection, pool: asyncpg.Pool, members: int) -> None:
    """Let members owe two months each, as two dues runs charge them."""
    await _SQL.add_members(owner, members=members)
    async with pool.acquire() as connection:
        book_of_rules = await RulebookReader(allow_synthetic_ids=False).current(connection)
        await put_rates(connection, book_of_rules, {Rate(Paid.FULL).code})
    await owner.execute("SET session_replication_role = replica")
    await _SQL.add_terms(owner)
    await owner.execute("RESET session_replication_role")
    await owner.execute("VACUUM ANALYZE")
    for opening in RUNS:
        await charge_month(pool, opening)


def _peak_mb() -> float:
    """Return the most memory this process ever held; macOS counts in bytes, Linux in KiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_PAYMENTS))
