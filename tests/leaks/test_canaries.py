"""Every activity fails with a member in its hands, and nothing that is written tells who it was.

`make parts` reads the log as machines do, `make canaries` as people do.
"""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from activities.database.migrate import migrate
from activities.database.roles import as_role
from tests.deduction.making import Office
from tests.leaks.driving import QUEUE, Call, call
from tests.leaks.inputs import declared, inputs_of
from tests.membership.making import KARI, approval, intake
from workers.logging import LogFormat
from workers.stack import PostgresServer, TemporalServer
from workers.stack.processes import DATABASE_ROLES, TASK_QUEUES, WorkerKind, WorkerProcess

NAME, STREET, WORDS, SECRET = "Kanarinavn", "Kanariveien", "Kanariord", "kanaripassord"
EMAIL = "kanari@kanaridomene.example"
NATIONAL_ID = "12848699810"
EMPLOYER = "Kanaribedrift"
CANARIES = (NAME, STREET, WORDS, SECRET, EMAIL, "kanaridomene", NATIONAL_ID, EMPLOYER)

FORMAT = LogFormat.CONSOLE if "MEDLEMSFLYT_CANARIES" in os.environ else LogFormat.JSON

ACTIVITIES = declared()
NOTIFYING = frozenset(
    {
        "deliver_letters",
        "plan_mailing",
        "deliver_batch",
        "report_unsent",
        "deliver_deduction_list",
        "remind_employer",
    }
)
"""What the notifications worker does; all others are the persistence worker's."""


@dataclass
class House:
    """Two real workers, a database that can be broken, and all that they write."""

    temporal: TemporalServer
    postgres: PostgresServer
    client: Client
    pool: asyncpg.Pool
    logs: dict[WorkerKind, Path]
    failures: bytes = b""

    async def call(self, name: str, arguments: list[bytes]) -> bool:
        """Call an activity, and keep what the server keeps of its failure."""
        kind = WorkerKind.NOTIFICATIONS if name in NOTIFYING else WorkerKind.PERSISTENCE
        succeeded, failure = await call(self.client, TASK_QUEUES[kind], name, arguments)
        self.failures += failure
        return succeeded

    def written(self) -> dict[str, str]:
        """Everything the processes wrote, and what stands in histories."""
        files = [*self.logs.values(), self.postgres.log_file, self.temporal.log_file]
        told = {str(path.name): path.read_text(errors="replace") for path in files}
        return told | {"failures": self.failures.decode(errors="replace")}


@pytest.fixture
async def house(tmp_path) -> AsyncIterator[House]:
    """A stack of its own, for what is broken in it stays broken."""
    postgres = PostgresServer(tmp_path / "pg", log_file=tmp_path / "postgres.log", durable=False)
    temporal = TemporalServer(tmp_path / "temporal.log", ui=False)
    async with postgres, temporal:
        url = await postgres.create_database()
        await asyncio.to_thread(migrate, url)
        env = {
            "TEMPORAL_ADDRESS": temporal.address,
            "MEDLEMSFLYT_LOG": FORMAT,
            "MEDLEMSFLYT_ALLOW_SYNTHETIC_IDS": "1",
            "MEDLEMSFLYT_LIST_FOLDER": str(tmp_path / "lists"),
            # Nobody listens there.
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": "1",
            "SMTP_FROM": "post@example.org",
        }
        logs = {kind: tmp_path / f"{kind}.log" for kind in TASK_QUEUES if kind != "workflows"}
        workers = [
            WorkerProcess(kind, temporal, {**env, "DATABASE_URL": as_role(url, role)}, logs[kind])
            for kind, role in DATABASE_ROLES.items()
        ]
        client = await temporal.connect()
        async with (
            workers[0],
            workers[1],
            asyncpg.create_pool(url, min_size=1) as pool,
            Worker(client, task_queue=QUEUE, workflows=[Call]),
        ):
            yield House(temporal, postgres, client, pool, logs)


async def joined(house: House) -> dict[str, str]:
    """Let a member full of canaries join, and return what names its rows."""
    changed = {
        "name": f"{NAME} Fugl",
        "national_id": NATIONAL_ID,
        "email": EMAIL,
        "address": {"line1": f"{STREET} 1", "postcode": "0155", "city": "Oslo"},
        "employment": {"employer_orgnr": "974760673", "employer_name": EMPLOYER},
    }
    form = intake(KARI, **changed)
    assert await house.call("receive_application", [form.model_dump_json().encode()])
    yes = approval(KARI, reason=WORDS)
    assert await house.call("record_decision", [yes.model_dump_json().encode()])
    await house.pool.execute(
        "UPDATE employers SET name = $1, list_channel = 'email', list_password = $2,"
        " email = 'lonn@kanaridomene.example' WHERE orgnr = '974760673'",
        EMPLOYER,
        SECRET,
    )
    office = Office(house.pool, Path("unused"))
    await office.charge(KARI)
    await house.call("make_deduction_lists", [b'{"period_from":"2026-12-01","today":"2026-12-02"}'])
    number = await house.pool.fetchval("SELECT number FROM deduction_lists")
    return {"membership_id": KARI, "list_number": number, "year": "2025"}


async def call_all(house: House, names: dict[str, str]) -> set[str]:
    """Call every activity with the member's own rows; return which failed."""
    calls = [house.call(name, arguments_of(name, names)) for name in ACTIVITIES]
    succeeded = await asyncio.gather(*calls)
    return {name for name, done in zip(ACTIVITIES, succeeded, strict=True) if not done}


def arguments_of(name: str, names: dict[str, str]) -> list[bytes]:
    """Return what an activity is called with: where it takes a person, one full of canaries."""
    if name == "receive_application":
        form = intake(KARI[:-1] + "9", name=f"{NAME} Fugl", national_id=NATIONAL_ID, email=EMAIL)
        return [form.model_dump_json().encode()]
    if name == "record_decision":
        return [approval(KARI, number=3, reason=WORDS, invoice=None).model_dump_json().encode()]
    return [named(argument, names) for argument in inputs_of(ACTIVITIES[name])]


def named(argument: bytes, names: dict[str, str]) -> bytes:
    """Return an argument with the ids of rows that are there."""
    found = json.loads(argument)
    if isinstance(found, dict):
        found |= {key: value for key, value in names.items() if key in found}
    return json.dumps(found).encode()


@pytest.mark.timeout(300)
async def test_no_failure_of_any_activity_tells_who_it_was_about(house):
    """Mail server down, writes refused, tables gone, arguments unreadable: no canary anywhere."""
    names = await joined(house)
    failed = await call_all(house, names)
    assert "deliver_letters" in failed, "the mail server is down"
    await refuse_writes(house.pool)
    failed |= await call_all(house, names)
    database = await house.pool.fetchval("SELECT current_database()")
    await house.pool.execute(f'ALTER DATABASE "{database}" SET search_path = nowhere')
    await house.pool.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    failed |= await call_all(house, names)
    unreadable = json.dumps({"kanari": list(CANARIES)}).encode()
    taking = [name for name in ACTIVITIES if arguments_of(name, names)]
    read = await asyncio.gather(*(house.call(name, [unreadable]) for name in taking))
    assert not any(read), dict(zip(taking, read, strict=True))
    # Each has failed with what it had in hand; these had nothing to look at, a stamp that is none,
    # and no keys: nothing is encrypted here.
    idle = {"look_again", "check_occupant", "check_sender", "forward_message", "destroy_keys"}
    assert failed | idle == set(ACTIVITIES)
    told = house.written()
    assert told["persistence.log"].count("Completing activity as failed") > len(ACTIVITIES)
    assert told["notifications.log"].count("Completing activity as failed") > len(NOTIFYING)
    assert "DatabaseRefused" in told["failures"]
    found = {
        source: sorted(canary for canary in CANARIES if re.search(canary, text, re.IGNORECASE))
        for source, text in told.items()
    }
    assert not any(found.values()), found


async def refuse_writes(pool: asyncpg.Pool) -> None:
    """Have every table refuse whatever is written, quoting a person as PostgreSQL quotes rows."""
    await pool.execute(
        "CREATE FUNCTION refuse_writes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'refused' USING ERRCODE = '23505',"
        "  DETAIL = (SELECT 'Failing row contains ' || string_agg(people::text, ',') FROM people);"
        " END $$"
    )
    for table in await pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        await pool.execute(
            f'CREATE TRIGGER refuse_writes BEFORE INSERT OR UPDATE OR DELETE ON "{table[0]}"'
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_writes()"
        )
