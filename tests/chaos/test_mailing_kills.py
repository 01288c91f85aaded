"""A mailing whose worker is killed in the middle, as real processes: each letter once."""

import asyncio
import os
import signal
import sys
import uuid
from collections import Counter
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from activities.database.roles import NOTIFICATIONS, as_role
from tests.letters.mailserver import mail_server
from tests.letters.post_office import batch_of, outcome, post_office
from tests.life import PATIENCE_SECONDS
from workflows.shared import options


async def process(address: str, database_url: str, port: int) -> asyncio.subprocess.Process:
    """Start a notifications worker as a process of its own.

    Args:
        address: of the Temporal server.
        port: of the mail server.
    """
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "workers",
        "worker",
        "notifications",
        cwd=Path(__file__).parents[2],
        env={
            **os.environ,
            "TEMPORAL_ADDRESS": address,
            "DATABASE_URL": as_role(database_url, NOTIFICATIONS),
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(port),
            "SMTP_FROM": "brev@union.example",
        },
    )


async def test_killed_in_the_middle_each_letter_goes_out_once(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kill -9 of a worker process after ten of forty; one has died meanwhile; another takes over.

    By Message-ID every letter is there once, and a second copy of one is the same to the byte.
    """
    monkeypatch.setattr(options, "MAILING_HEARTBEAT", timedelta(seconds=6))
    batch = f"deduction-settlement-{uuid.uuid4().int % 10**8:08d}-2026-12"
    async with post_office(tmp_path / "temporal.log") as office, mail_server() as mails:
        members = await batch_of(pool, batch, 40)
        dying = await process(office.address, database_url, mails.port)
        killed = asyncio.Event()

        async def kill() -> None:
            if len(mails.mails) == 10:
                dying.send_signal(signal.SIGKILL)
                killed.set()

        mails.on_mail = kill
        handle = await office.mail(batch=batch)
        await asyncio.wait_for(killed.wait(), PATIENCE_SECONDS)
        await dying.wait()
        died = await pool.fetchval(
            "UPDATE memberships SET stage = 'ended', outcome = 'deceased' WHERE membership_id ="
            " (SELECT membership_id FROM letters WHERE batch = $1 AND status = 'pending'"
            "  ORDER BY membership_id DESC LIMIT 1) RETURNING membership_id",
            batch,
        )
        assert died in members
        other = await process(office.address, database_url, mails.port)
        try:
            done = (await outcome(handle)).done
        finally:
            other.terminate()
            await other.wait()
        assert (done.sent, done.suppressed, done.bounced) == (39, 1, 0)
        by_id: dict[str, set[bytes]] = {}
        for mail in mails.mails:
            by_id.setdefault(str(mail.message["Message-ID"]), set()).add(mail.content)
        assert len(by_id) == 39
        assert all(len(copies) == 1 for copies in by_id.values())
        statuses = Counter(
            row["status"]
            for row in await pool.fetch("SELECT status FROM letters WHERE batch = $1", batch)
        )
        assert statuses == {"sent": 39, "suppressed": 1}
