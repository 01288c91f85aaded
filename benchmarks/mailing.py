"""A month's invoices by mail, against the bare hand-over of the same bytes to the same sink.

    python -m benchmarks.mailing [LETTERS]

Every letter passes the gate under its member's lock, is marked twice in a durable database, and
carries its invoice as a PDF. The floor is as many connections to the mail sink as there are
senders, which hand over mails that lie ready in memory.
"""

import asyncio
import logging
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import date
from email import message_from_bytes
from pathlib import Path

import aiosmtplib
import asyncpg
from temporalio.testing import ActivityEnvironment

from activities.database.migrate import migrate
from activities.database.pool import open_pool
from activities.dues.charging import attach_run, charge_page, open_run
from activities.dues.letters import DuesLetters
from activities.letters.activities import Notifications
from activities.letters.mailing import SENDERS
from activities.letters.settings import NotificationSettings
from activities.letters.writing import Writers
from activities.shared.processes import cores
from activities.shared.rulebook import RulebookReader
from benchmarks.dues import PERIOD, TODAY, generate
from benchmarks.figures import say, used_s
from schemas.dues.contracts import DuesOpening, DuesPage
from schemas.letters.contracts import InvoiceLetters, MailingSweep
from schemas.names import dues_run_id
from workers.logging import LogFormat, configure_logging
from workers.notifications import PAGES
from workers.stack import MailSink, PostgresServer

DEFAULT_LETTERS = 5_000
MEMBERS_A_LETTER = 3
"""About every third member pays directly in a January."""

SENDER = "post@example.org"


async def main(letters: int) -> None:
    """Measure the mailing and its floor, and print one ``name value`` line a figure."""
    configure_logging(LogFormat.JSON, level=logging.WARNING)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = await stack.enter_async_context(PostgresServer(folder / "pg"))
        sink = await stack.enter_async_context(MailSink(folder / "mails", folder / "mail.log"))
        url = await postgres.create_database()
        await asyncio.to_thread(migrate, url)
        pool = await stack.enter_async_context(await open_pool(url, size=2 * SENDERS))
        sweep = MailingSweep(batch=dues_run_id(PERIOD), today=TODAY)
        say(f"{letters} letters are ordered")
        await order_letters(pool, url, letters)
        say("they go out")
        used, started = _used_s(postgres), time.perf_counter()
        writers = Writers()
        sent = await _mail(pool, sink.smtp_port, sweep, writers)
        mailing_s, mailing_used_s = time.perf_counter() - started, _used_s(postgres) - used
        # Before the floor, which holds all mails in memory.
        memory_mb = await _peak_mb(writers)
        mails = [path.read_bytes() for path in sorted((folder / "mails").glob("*.eml"))]
        assert len(mails) == sent, (len(mails), sent)
        used = _used_s(postgres)
        floor_s = await _floor(sink.smtp_port, mails)
        floor_used_s = _used_s(postgres) - used
    per_minute, floor = 60 * sent / mailing_s, 60 * sent / floor_s
    print(f"letters {sent}")
    print(f"mailing_per_minute {per_minute:.0f}")
    print(f"mailing_floor_per_minute {floor:.0f}")
    print(f"mailing_ratio {floor / per_minute:.2f}")
    if floor_used_s:
        print(f"mailing_letter_ms {1000 * mailing_used_s / sent:.1f}")
        print(f"mailing_processor_ratio {mailing_used_s / floor_used_s:.2f}")
    print(f"mailing_kb_a_letter {sum(map(len, mails)) / len(mails) / 1024:.0f}")
    print(f"mailing_memory_mb {memory_mb:.0f}")


async def order_letters(pool: asyncpg.Pool, url: str, letters: int) -> None:
    """Charge a month as the dues run does, and keep as many letters as are wanted."""
    owner = await asyncpg.connect(url)
    await generate(owner, pool, letters * MEMBERS_A_LETTER)
    async with pool.acquire() as connection:
        rulebook = await RulebookReader(allow_synthetic_ids=False).current(connection)
        run = await open_run(connection, rulebook, DuesOpening(period=PERIOD, today=TODAY))
        for first in run.pages:
            page = DuesPage(run=run.model_copy(update={"pages": ()}), first=first)
            await charge_page(connection, page)
    if run.built:
        await attach_run(pool, run)
    order = InvoiceLetters(period_from=date.fromisoformat(f"{PERIOD}-01"), today=TODAY)
    await ActivityEnvironment().run(DuesLetters(pool).order_invoice_letters, order)
    await owner.execute(
        "UPDATE letters SET status = 'suppressed' WHERE message_id NOT IN"
        " (SELECT message_id FROM letters ORDER BY message_id LIMIT $1)",
        letters,
    )
    await owner.execute("VACUUM ANALYZE letters, invoices, charges")
    await owner.execute("CHECKPOINT")
    await owner.close()


async def _mail(pool: asyncpg.Pool, port: int, sweep: MailingSweep, writers: Writers) -> int:
    """Send the batch as a worker does: PAGES at a time."""
    notifications = Notifications(
        pool,
        NotificationSettings(
            host="127.0.0.1",
            port=port,
            sender=SENDER,
            caseworkers=SENDER,
            insurance_office=SENDER,
            ui_url="http://127.0.0.1:8233",
        ),
        writers.write,
    )
    plan = await ActivityEnvironment().run(notifications.plan_mailing, sweep)
    coming = iter(enumerate(plan.pages))

    async def pages() -> int:
        sent = 0
        for number, page in coming:
            environment = ActivityEnvironment()
            facts = {**environment.info.__dict__, "activity_id": str(number)}
            environment.info = environment.info.__class__(**facts)
            sent += (await environment.run(notifications.deliver_batch, page)).sent
        return sent

    return sum(await asyncio.gather(*(pages() for _ in range(PAGES))))


async def _floor(port: int, mails: list[bytes]) -> float:
    """Return the seconds that the bare hand-over of the mails takes."""
    coming = iter([(str(message_from_bytes(mail)["To"]), mail) for mail in mails])
    started = time.perf_counter()
    await asyncio.gather(*(_hand_over(port, coming) for _ in range(SENDERS)))
    return time.perf_counter() - started


async def _hand_over(port: int, coming: Iterator[tuple[str, bytes]]) -> None:
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port) as client:
        for recipient, mail in coming:
            await client.sendmail(SENDER, recipient, mail)


def _used_s(postgres: PostgresServer) -> float:
    """Return the seconds of processor used by us, those who write, the mail sink and PostgreSQL."""
    assert postgres.process is not None, "it has been started"
    return used_s(os.getpid()) + used_s(postgres.process.pid)


async def _peak_mb(writers: Writers) -> float:
    """Return the most memory that a worker and the processes that write for it ever held."""
    peaks = [_peak(), *await asyncio.gather(*(writers.run(_peak) for _ in range(2 * cores())))]
    return max(peaks[1:]) * cores() + peaks[0]


def _peak() -> float:
    """Return the most memory this process ever held, in MB; macOS counts in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_LETTERS))
