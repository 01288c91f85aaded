"""A mailing by one notifications worker and by two, with a mail server that takes its time.

    python -m benchmarks.sharing [LETTERS]

Each worker is a process; the mail server answers a letter after ANSWER_SECONDS, so that a worker
waits for it with all the senders it has. A tenth of the letters warms the first worker up; of the
others it sends half, and two send half.
"""

import asyncio
import logging
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
from aiosmtpd.smtp import SMTP, Envelope, Session

from activities.database.pool import open_pool
from benchmarks.figures import say
from benchmarks.mailing import order_letters
from benchmarks.service import Service, service
from schemas.letters.contracts import MailingOrder, MailingProgress
from schemas.names import MEMBERSHIP_QUEUE, WorkflowType, mailing_id
from workers.logging import LogFormat, configure_logging
from workers.stack.ports import HOST
from workers.stack.processes import WorkerKind, WorkerProcess

DEFAULT_LETTERS = 444
ANSWER_SECONDS = 2.0
BATCHES = ("resend-2027-01-04", "resend-2027-01-05", "resend-2027-01-06")


class Slow:
    """Takes every mail, keeps none, and answers late."""

    async def handle_DATA(  # noqa: N802 - aiosmtpd calls it by the name of the SMTP command
        self, _server: SMTP, _session: Session, _envelope: Envelope
    ) -> str:
        """Answer after a while."""
        await asyncio.sleep(ANSWER_SECONDS)
        return "250 OK"


async def main(letters: int) -> None:
    """Measure both, and print a line a figure."""
    configure_logging(LogFormat.JSON, level=logging.WARNING)
    async with AsyncExitStack() as stack:
        loop = asyncio.get_running_loop()
        sink = await loop.create_server(lambda: SMTP(Slow(), loop=loop), HOST, 0)
        stack.callback(sink.close)
        at = await stack.enter_async_context(service())
        pool = await stack.enter_async_context(await open_pool(at.database_url, size=2))
        say(f"{letters} letters are ordered")
        await order_letters(pool, at.database_url, letters)
        await _split(pool)
        port = sink.sockets[0].getsockname()[1]
        await stack.enter_async_context(_worker(at, WorkerKind.WORKFLOWS, port, 1))
        await stack.enter_async_context(_worker(at, WorkerKind.NOTIFICATIONS, port, 1))
        await _send(at, BATCHES[0])  # what is slow once: processes, fonts, templates
        once = await _send(at, BATCHES[1])
        await stack.enter_async_context(_worker(at, WorkerKind.NOTIFICATIONS, port, 2))
        twice = await _send(at, BATCHES[2])
    print(f"mailing_answer_ms {1000 * ANSWER_SECONDS:.0f}")
    print(f"mailing_one_worker_per_minute {60 * once:.0f}")
    print(f"mailing_two_workers_per_minute {60 * twice:.0f}")
    print(f"mailing_two_workers_ratio {twice / once:.2f}")


async def _split(pool: asyncpg.Pool) -> None:
    """Make three batches of one: a tenth, and two of the same size."""
    await pool.execute(
        "UPDATE letters SET batch = ($1::text[])[1 + (share > 0.1)::int + (share > 0.55)::int]"
        " FROM (SELECT membership_id, key, percent_rank() OVER (ORDER BY membership_id) AS share"
        "       FROM letters WHERE status = 'pending') AS open"
        " WHERE letters.membership_id = open.membership_id AND letters.key = open.key",
        list(BATCHES),
    )


async def _send(at: Service, batch: str) -> float:
    """Return how many letters a second a mailing sends."""
    say(f"{batch} goes out")
    started = time.perf_counter()
    done = await at.client.execute_workflow(
        WorkflowType.MAILING,
        MailingOrder(batch=batch).model_dump(mode="json"),
        id=mailing_id(batch),
        task_queue=MEMBERSHIP_QUEUE,
    )
    sent = MailingProgress.model_validate(done).done.sent
    return sent / (time.perf_counter() - started)


@asynccontextmanager
async def _worker(at: Service, kind: WorkerKind, port: int, number: int) -> AsyncIterator[None]:
    environment = {**at.environment, "SMTP_PORT": str(port)}
    log_file = at.folder / f"{kind}-{number}.log"
    async with WorkerProcess(kind, at.temporal, environment, log_file, number):
        yield


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_LETTERS))
