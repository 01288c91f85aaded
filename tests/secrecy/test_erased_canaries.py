"""Who is erased is nowhere any more, down to the bytes: of Temporal's store, the tables, the logs.

The control is the same scan on the same day: it finds every text of whoever is not erased. A few
people in the suite; `make canaries` takes two hundred.
"""

import asyncio
import os
import uuid
from pathlib import Path

import pytest
from temporalio.client import Client

from activities.database.pool import open_pool
from activities.privacy.holdings import held_on
from schemas.names import erasure_id, person_id, retention_id
from tests.clock import today, within_a_day
from tests.life import PATIENCE_SECONDS, synthetic_id
from tests.secrecy.test_canaries import canary, form, texts
from tests.secrecy.test_on_server import Office
from workers import notifications, persistence, versions, workflows
from workers.encryption import converter_for
from workers.running import ACTIVITIES_CONVERTER
from workers.settings import DEVELOPMENT_BUILD
from workers.stack import TemporalServer
from workers.workflows import CONVERTER

PEOPLE = int(os.environ.get("MEDLEMSFLYT_CANARIES", "4"))
"""Every other one is erased."""

AT_ONCE = 10


@pytest.fixture
async def erasing(tmp_path, postgres, migrated, letters, process):
    """A server with its store, a database of its own, and workers that encrypt and can erase."""
    store, encryption = tmp_path / "temporal.db", process()
    url = await postgres.create_database(f"erased_{uuid.uuid4().hex}", template=migrated)
    log = tmp_path / "temporal.log"
    async with (
        TemporalServer(log, database_file=store, ui=False) as server,
        await open_pool(url, size=10) as pool,
    ):
        deciding, acting = [
            await Client.connect(server.address, data_converter=converter_for(plain, encryption))
            for plain in (CONVERTER, ACTIVITIES_CONVERTER)
        ]
        await versions.promote(deciding, DEVELOPMENT_BUILD, unseen=True)
        rooms = persistence.rooms(
            pool, acting, allow_synthetic_ids=True, destroy=encryption.destroy
        )
        async with (
            workflows.worker(deciding),
            persistence.worker(acting, rooms),
            notifications.worker(acting, notifications.rooms(pool, letters)),
        ):
            office = Office(server, store, encryption)
            yield office, pool, log


async def apply(client, number):
    """Apply, say something and withdraw, every third be rejected; return what was brought."""
    applicant = form(number, national_id := synthetic_id())["applicant"]
    secrets = texts({name: said for name, said in applicant.items() if name != "language"})
    handle = await client.start_workflow(
        "Membership",
        form(number, national_id),
        id=f"membership-{uuid.uuid4()}",
        task_queue="membership",
    )
    said = {
        "decision": "request_information",
        "caseworker": "ola",
        "reason": canary("spør", number),
    }
    await handle.execute_update("decide_application", said)
    said = {"information": canary("svar", number)}
    await handle.execute_update("supply_information", said)
    words = {canary(what, number) for what in ("stilling", "verver", "notat", "svar", "spør")}
    if number % 3 == 0:
        no = {"decision": "reject", "caseworker": "ola", "reason": canary("nei", number)}
        await handle.execute_update("decide_application", no)
        words.add(canary("nei", number))
    else:
        await handle.execute_update("withdraw_application", {"reason": canary("vil", number)})
        words.add(canary("vil", number))
    await asyncio.wait_for(handle.result(), PATIENCE_SECONDS)
    return handle, secrets | words | {national_id}


async def erase(client, membership):
    """Have somebody erased, and wait until it is certified."""
    whose = person_id(membership)
    handle = await client.start_workflow(
        "Erasure",
        {"whose": whose, "requested_by": "member"},
        id=erasure_id(whose),
        task_queue="membership",
    )
    await asyncio.wait_for(handle.result(), 4 * PATIENCE_SECONDS)


async def bytes_of(pool):
    """Every byte of the database's own files, once what was deleted is out of them."""
    await pool.execute("VACUUM FULL")
    await pool.execute("CHECKPOINT")
    root = Path(await pool.fetchval("SHOW data_directory"))
    number = await pool.fetchval("SELECT oid FROM pg_database WHERE datname = current_database()")
    files = (root / "base" / str(number)).iterdir()
    return b"".join(path.read_bytes() for path in files if path.is_file())


def standing(secrets, content):
    """Which of the texts stand in some bytes, in whatever case."""
    lower = content.lower()
    return {secret for secret in secrets if secret.encode().lower() in lower}


async def long_ago(pool):
    """Date everything seven months back, as if nobody had come by since."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("UPDATE decisions SET decided_on = decided_on - 214")


async def in_turn(work):
    """Do some things, a few at a time."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(what):
        async with places:
            return await what

    return await asyncio.gather(*(one(what) for what in work))


async def test_no_byte_is_left_of_who_is_erased(erasing, tmp_path, caplog):
    """Each text of the erased is nowhere, each of the others where people are kept."""
    await within_a_day()
    office, pool, log = erasing
    own = await office.own()
    lives = await in_turn(apply(own, number) for number in range(PEOPLE))
    gone, stay = lives[::2], lives[1::2]
    hidden = set().union(*(said for _, said in gone))
    control = set().union(*(said for _, said in stay))
    hidden -= control  # what others have as well, a birth date, stands with them
    assert standing(hidden | control, await bytes_of(pool)) == hidden | control

    await in_turn(erase(own, life.id) for life, _ in gone)
    kept = await bytes_of(pool)
    assert standing(hidden, kept) == set()
    assert standing(control, kept) == control
    store = b"".join(path.read_bytes() for path in tmp_path.glob("temporal.db*"))
    said = store + log.read_bytes() + caplog.text.encode()
    assert standing(hidden | control, said) == set()

    # Without the key nothing could be read that a copy of the store still has; the others go on.
    dead = await pool.fetch("SELECT keys_destroyed, runs_deleted FROM erasures")
    assert len(dead) == len(gone)
    assert all(min(row.values()) >= 1 for row in dead)
    async with pool.acquire() as connection:
        for life, _ in stay:
            assert await held_on(connection, life.id, today()) is not None
            assert (await life.query("state"))["stage"] == "ended"
        for life, _ in gone:
            assert await held_on(connection, life.id, today()) is None

    # Seven months later a night of retention takes the others as well, by itself.
    await long_ago(pool)
    order = {"today": today().isoformat()}
    report = await own.execute_workflow(
        "Retention", order, id=retention_id(today()), task_queue="membership"
    )
    assert report["begun"] == len(stay)
    for life, _ in stay:
        ended = own.get_workflow_handle(erasure_id(life.id)).result()
        await asyncio.wait_for(ended, 4 * PATIENCE_SECONDS)
    assert standing(control, await bytes_of(pool)) == set()
