"""Who is erased is nowhere any more, down to the bytes: of Temporal's store, the tables, the logs.

Half of them never become members; the others go through a month of money, some hidden. The control
is the same scan on the same day: it finds every text of whoever is not erased. A few people in the
suite; `make canaries` takes two hundred.
"""

import asyncio
import email
import email.policy
import io
import os
import tempfile
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import asyncpg
import pytest
from temporalio.client import Client, WorkflowHandle, WorkflowHistory
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig
from temporalio.worker import Replayer

from activities.database.pool import open_pool
from activities.database.roles import OPERATOR, as_role
from activities.privacy.holdings import held_on
from activities.secrecy.codec import Encryption
from activities.secrecy.key_file import KeyFile
from activities.secrecy.store import KeyStore
from schemas.names import erasure_id, person_id, retention_id
from schemas.secrecy.marks import ENCRYPTED
from tests.clock import today, within_a_day
from tests.commands import commands_in
from tests.life import PATIENCE_SECONDS, synthetic_id
from tests.privacy.test_erasing import NOTHING_STANDS_IN_THE_WAY
from tests.replay.corpus import RECORDED
from tests.secrecy.conftest import Process, path_of
from tests.secrecy.month import Month
from tests.secrecy.office import Office
from tests.secrecy.test_canaries import KEPT, canary, form, texts
from workers import notifications, persistence, versions, workflows
from workers.encryption import converter_for
from workers.running import ACTIVITIES_CONVERTER
from workers.settings import DEVELOPMENT_BUILD, Stack
from workers.stack import TemporalServer
from workers.stack.ports import HOST, free_port
from workers.workflows import CONVERTER
from workflows.shared.sandbox import sandboxed_runner
from workflows.shared.tolerance import ToleranceInterceptor

PEOPLE = int(os.environ.get("MEDLEMSFLYT_CANARIES", "4"))
"""Every other one is erased."""

AT_ONCE = 10

OF_FILES = {"inbound_files"}
"""What employers sent back names those it is about, until the accounts need it no more."""


OF_TAX = {"tax_delivery_lines"}
"""Whom the tax authority was told of, under which name: it goes with them."""


@dataclass
class House:
    """A server with its store, a database of its own, and workers that encrypt and can erase.

    Attributes:
        log: of the server.
        metrics: where those of the workers are asked for.
    """

    office: Office
    pool: asyncpg.Pool
    month: Month
    log: Path
    mails: Path
    metrics: str
    key_file: KeyFile


@pytest.fixture
async def house(tmp_path, postgres, migrated, letters, mail_sink, key_file, monkeypatch):
    """The house, until the end of the test; what is temporary lies in a folder of its own."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    store = tmp_path / "temporal.db"
    url = await postgres.create_database(f"erased_{uuid.uuid4().hex}", template=migrated)
    log, lists, port = tmp_path / "temporal.log", tmp_path / "lists", free_port()
    measured = Runtime(
        telemetry=TelemetryConfig(metrics=PrometheusConfig(bind_address=f"{HOST}:{port}"))
    )
    async with (
        TemporalServer(log, database_file=store, ui=False) as server,
        await open_pool(url, size=10) as pool,
    ):
        encryption = Process(KeyStore(pool.acquire), key_file)()
        deciding, acting = [
            await Client.connect(
                server.address, data_converter=converter_for(plain, encryption), runtime=measured
            )
            for plain in (CONVERTER, ACTIVITIES_CONVERTER)
        ]
        await versions.promote(deciding, DEVELOPMENT_BUILD, unseen=True)
        rooms = persistence.rooms(
            pool,
            acting,
            allow_synthetic_ids=True,
            giro_sender="55555555",
            destroy=encryption.destroy,
        )
        stack = Stack(
            temporal_address=server.address,
            namespace="default",
            ui_url="http://ui.example",
            http_url=server.http_url,
            database_url=as_role(url, OPERATOR),
            mail_dir=str(mail_sink.mail_dir),
            mail_url="http://mail.example",
            allow_synthetic_ids=True,
            master_key=f"file:{path_of(key_file)}",
            keys_database_url=url,
        )
        stack.write(tmp_path)
        month = Month(commands_in(tmp_path), pool, tmp_path / "sent", lists)
        month.folder.mkdir()
        told = replace(letters, list_folder=lists)
        async with (
            workflows.worker(deciding),
            persistence.worker(acting, rooms),
            notifications.worker(acting, notifications.rooms(pool, told)),
        ):
            office = Office(server, store, encryption)
            metrics = f"http://{HOST}:{port}/metrics"
            yield House(office, pool, month, log, mail_sink.mail_dir, metrics, key_file)


@dataclass(frozen=True)
class One:
    """Somebody, and every text they brought.

    Attributes:
        who: what of it the insurance office is told, of whoever becomes a member.
        email: where they are written to.
        member: whether they were approved.
        hidden: whether they have been from the start.
    """

    handle: WorkflowHandle[Any, Any]
    secrets: set[str]
    who: set[str]
    email: str
    member: bool
    hidden: bool


async def apply(client, number):
    """Apply and say something; then withdraw, or be rejected, or become a member."""
    given = form(number, national_id := synthetic_id()) | {"hidden": number % 8 in {3, 6}}
    applicant = given["applicant"]
    secrets = texts({name: said for name, said in applicant.items() if name != "language"})
    handle = await client.start_workflow(
        "Membership", given, id=f"membership-{uuid.uuid4()}", task_queue="membership"
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
    member = number % 4 >= 2
    if member:
        yes = {"decision": "approve", "caseworker": "ola"}
        await handle.execute_update("decide_application", yes)
        if not given["hidden"]:
            await handle.execute_update("answer_payroll_request", {"answer": "accepted"})
    elif number % 3 == 0:
        no = {"decision": "reject", "caseworker": "ola", "reason": canary("nei", number)}
        await handle.execute_update("decide_application", no)
        words.add(canary("nei", number))
    else:
        await handle.execute_update("withdraw_application", {"reason": canary("vil", number)})
        words.add(canary("vil", number))
    if not member:
        await asyncio.wait_for(handle.result(), PATIENCE_SECONDS)
    who = secrets | {national_id}
    return One(handle, who | words, who, applicant["email"], member, bool(given["hidden"]))


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


async def bytes_of(pool: asyncpg.Pool) -> bytes:
    """Every byte of the database's own files but those that outlive people."""
    await pool.execute("VACUUM FULL")
    await pool.execute("CHECKPOINT")
    root = Path(await pool.fetchval("SHOW data_directory"))
    number = await pool.fetchval("SELECT oid FROM pg_database WHERE datname = current_database()")
    outlive = await pool.fetch(
        "SELECT relfilenode FROM pg_class WHERE oid IN (SELECT unnest(ARRAY[oid, reltoastrelid])"
        " FROM pg_class WHERE relname = ANY ($1))",
        list(OF_FILES),
    )
    apart = {str(row["relfilenode"]) for row in outlive}
    files = (root / "base" / str(number)).iterdir()
    return b"".join(
        path.read_bytes() for path in files if path.is_file() and path.name not in apart
    )


async def tables_with(pool: asyncpg.Pool, secrets: set[str]) -> dict[str, set[str]]:
    """Which texts stand in which table, compressed ones and files in columns as well."""
    tables = await pool.fetch(
        "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'keys')"
    )
    hits = {}
    for schema, table in tables:
        rows = io.BytesIO()
        await pool.copy_from_query(
            f'SELECT * FROM {schema}."{table}"', output=rows, format="binary"
        )
        if which := standing(secrets, rows.getvalue()):
            hits[table] = which
    return hits


def standing(secrets: set[str], content: bytes) -> set[str]:
    """Which of the texts stand in some bytes, in whatever case."""
    lower = content.lower()
    return {secret for secret in secrets if secret.encode().lower() in lower}


def written(house: House, logged: str) -> dict[str, bytes]:
    """Everything that is written anywhere but in the database and in mails, by where."""
    root = house.month.folder.parent
    files = [*root.glob("temporal.db*"), house.log, *house.month.files]
    files += [path for path in (root / "temporary").rglob("*") if path.is_file()]
    with urlopen(house.metrics) as answer:
        metrics = answer.read()
    assert b"temporal_" in metrics
    said = {f"said by {name}": text.encode() for name, text in house.month.said.items()}
    found = {path.name: path.read_bytes() for path in files}
    return said | found | {"logs": logged.encode(), "metrics": metrics}


async def mailed(house: House, people: list[One]) -> int:
    """Look through every mail of theirs: nobody's texts are in one to somebody else.

    Returns:
        How many there are.
    """
    rows = await house.pool.fetch(
        "SELECT message_id, membership_id FROM letters WHERE message_id IS NOT NULL"
    )
    ours, of = {row["message_id"]: row for row in rows}, {one.handle.id: one for one in people}
    every, count = set().union(*(one.secrets for one in people)), 0
    for path in house.mails.glob("*.eml"):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        letter = ours.get(str(mail["Message-ID"]).strip("<> ").partition("@")[0])
        if letter is None:
            continue
        count += 1
        about = of[letter["membership_id"]]
        may = {str(about.email): about.secrets, "insurance@example.org": about.who}
        parts = (part.get_payload(decode=True) for part in mail.walk())
        bodies = [part for part in parts if isinstance(part, bytes)]
        told = standing(every, b"\n".join([path.read_bytes(), *bodies]))
        assert told <= may.get(str(mail["To"]), set()), (mail["To"], mail["Subject"])
    return count


def nothing_leaves(house: House, wishes: One, hidden: list[One]) -> None:
    """See that nobody who may not know is told of the hidden, or from a wish on of who wished it.

    What employers had before the wish names them: the same look finds them there.
    """
    before = b"".join(path.read_bytes() for path in house.month.before)
    # Not by their numbers: employers, lists and events are numbered alike.
    own, theirs = [
        set().union(*(one.secrets | {one.handle.id} for one in some)) for some in ([wishes], hidden)
    ]
    assert standing(own, before)
    assert not standing(theirs - own, before)
    leaks = {name: standing(own | theirs, held) for name, held in house.month.outward.items()}
    assert not any(leaks.values()), leaks
    assert {"events", "journal.csv", "saft.xml", "budsjett.csv"} <= leaks.keys()


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


async def dies(one: One) -> None:
    """A member's death is told of, with their number: the membership is over."""
    number = (await one.handle.query("state"))["member_number"]
    told = {"died_on": today().isoformat(), "caseworker": "ola", "member_number": number}
    await one.handle.execute_update("record_death", told)


async def nothing_is_waited_for(pool: asyncpg.Pool, people: list[One]) -> None:
    """Let letters and tasks be over, and no debt stand in the way: that is tested elsewhere."""
    async with asyncio.timeout(4 * PATIENCE_SECONDS):
        while await pool.fetchval(
            "SELECT count(*) FROM memberships WHERE membership_id = ANY ($1) AND stage <> 'ended'",
            [one.handle.id for one in people],
        ):
            await asyncio.sleep(0.1)  # nothing tells when a row is written
    await pool.execute(NOTHING_STANDS_IN_THE_WAY)


def replaying(keys: Encryption) -> Replayer:
    """What replays encrypted histories with some keys, as a worker does."""
    return Replayer(
        workflows=RECORDED,
        workflow_runner=sandboxed_runner(),
        interceptors=[ToleranceInterceptor()],
        data_converter=converter_for(CONVERTER, keys),
    )


async def opened_by(keys: Encryption, history: WorkflowHistory) -> bool:
    """Tell whether a process with these keys can read what a run was started with."""
    [given] = history.events[0].workflow_execution_started_event_attributes.input.payloads
    assert given.metadata["encoding"] == ENCRYPTED
    [read] = await keys.decode([given])
    return read.metadata["encoding"] != ENCRYPTED


async def test_no_byte_is_left_of_who_is_erased(house, caplog):
    """Each text of the erased is nowhere, each of the others where people are kept."""
    await within_a_day()
    office, pool = house.office, house.pool
    own = await office.own()
    lives = await in_turn(apply(own, number) for number in range(PEOPLE))
    gone, stay = lives[::2], lives[1::2]
    erased = set().union(*(one.secrets for one in gone))
    control = set().union(*(one.secrets for one in stay))
    erased -= control  # what others have as well, a birth date, stands with them
    every = erased | control
    wishes = next(one for one in lives if one.member and not one.hidden)
    hide = {"hidden": True, "effective_on": today().isoformat()}

    async def wish() -> None:
        assert (await wishes.handle.execute_update("set_hidden", hide))["applied"]

    await house.month.pass_by(wish)
    nothing_leaves(house, wishes, [one for one in lives if one.member and one.hidden])

    # Before: the scan finds each of them, and only where people are kept.
    assert standing(every, await bytes_of(pool)) == every
    tables = await tables_with(pool, every)
    known = KEPT | OF_FILES | OF_TAX
    assert set(tables) <= known, {name: tables[name] for name in set(tables) - known}
    outside = {name: standing(every, held) for name, held in written(house, caplog.text).items()}
    assert not any(outside.values()), outside
    assert await mailed(house, lives) >= PEOPLE
    paying = set().union(*(one.secrets for one in lives if one.member))
    named = standing(every, house.month.tax.read_bytes())
    assert named
    assert named <= paying
    assert not [one for one in named if one.startswith("Kanari") and "navn" not in one]

    await in_turn(dies(one) for one in gone if one.member)
    copy = await gone[0].handle.fetch_history()
    await nothing_is_waited_for(pool, gone)
    await in_turn(erase(own, one.handle.id) for one in gone)
    kept = await bytes_of(pool)
    assert standing(erased, kept) == set()
    assert standing(control, kept) == control
    assert not erased & set().union(
        *(which for name, which in (await tables_with(pool, every)).items() if name not in OF_FILES)
    )
    outside = {name: standing(every, held) for name, held in written(house, caplog.text).items()}
    assert not any(outside.values()), outside
    assert not standing(erased, b"".join(p.read_bytes() for p in house.month.lists.glob("*/*")))

    # Without the key nothing could be read that a copy of the store still has; the others go on.
    dead = await pool.fetch("SELECT keys_destroyed, runs_deleted FROM erasures")
    assert len(dead) == len(gone)
    assert all(min(row.values()) >= 1 for row in dead)
    another = Process(KeyStore(pool.acquire), house.key_file)()
    assert not await opened_by(another, copy)
    for one in stay:
        history = await one.handle.fetch_history()
        assert await opened_by(another, history)
        await replaying(another).replay_workflow(history)
    async with pool.acquire() as connection:
        for one in stay:
            assert await held_on(connection, one.handle.id, today()) is not None
            stage = (await one.handle.query("state"))["stage"]
            assert (stage == "ended") is not one.member
        for one in gone:
            assert await held_on(connection, one.handle.id, today()) is None

    # Seven months later a night of retention takes the others as well, by itself.
    await long_ago(pool)
    order = {"today": today().isoformat()}
    report = await own.execute_workflow(
        "Retention", order, id=retention_id(today()), task_queue="membership"
    )
    ended = [one for one in stay if not one.member]
    assert report["begun"] == len(ended)
    for one in ended:
        over = own.get_workflow_handle(erasure_id(one.handle.id)).result()
        await asyncio.wait_for(over, 4 * PATIENCE_SECONDS)
    of_ended = set().union(*(one.secrets for one in ended))
    of_members = set().union(*(one.secrets for one in stay if one.member))
    left = standing(control, await bytes_of(pool))
    assert left == of_members, left & (of_ended - of_members)
