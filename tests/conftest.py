"""The real parts, started once a session: Temporal, PostgreSQL, a mail sink, three workers."""

import asyncio
import gc
import uuid
from collections.abc import AsyncIterator, Callable, Generator
from importlib import import_module
from typing import Any

import asyncpg
import pytest
from temporalio.client import Client
from temporalio.testing import TimeSkipper

from activities.database.examples import add_examples
from activities.database.migrate import migrate
from activities.database.pool import open_pool
from activities.letters.settings import NotificationSettings
from activities.secrecy.key_file import KeyFile, make_key_file
from activities.shared.signatures import Signatures
from tests import clock
from tests.access.making import RING, SERVICE
from tests.clock import Skipper
from tests.life import Life
from tests.roles import pools_of_workers
from workers import notifications, persistence, versions, workflows
from workers.running import ACTIVITIES_CONVERTER
from workers.settings import DEVELOPMENT_BUILD
from workers.stack import MailSink, PostgresServer, TemporalServer

pytest_plugins = ("tests.untested", "tests.own_database", "tests.commands", "tests.filled_books")

# They have processes of their own, whose clocks are the machine's.
collect_ignore = ["demo", "e2e", "leaks", "stack"] if clock.is_moved() else []


def pytest_configure() -> None:
    """Move the clock before any test is read: some take their dates from today.

    The collector looks less often: over all that a process of tests holds, one look takes a second
    of a busy machine, which is half of what a workflow task may take.
    """
    clock.move()
    gc.set_threshold(50_000, 20, 100)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage among what stays: a million objects are read, and none let go.

    Hypothesis is read before they are set aside: it asks who holds a generator of random numbers.
    """
    gc.disable()
    import_module("hypothesis")
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


LONG = (
    *("tests/stack", "tests/leaks", "tests/demo"),
    *("tests/test_compose.py", "tests/test_untested.py"),
    *("tests/membership/decisions/test_random_lives.py", "tests/membership/test_garbage.py"),
)
"""Long files: begun last, one of them would end the suite alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first, so that all processes end at about the same time."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.fixture(scope="session")
async def temporal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TemporalServer]:
    """A Temporal server in memory that may skip time."""
    log = tmp_path_factory.mktemp("temporal") / "temporal.log"
    async with TemporalServer(log, time_skipping=True, ui=False) as server:
        yield server


@pytest.fixture(scope="session")
async def postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PostgresServer]:
    """A PostgreSQL server without any database of ours."""
    async with PostgresServer(tmp_path_factory.mktemp("pg") / "data", durable=False) as server:
        yield server


@pytest.fixture(scope="session")
async def migrated(postgres: PostgresServer) -> str:
    """The name of a migrated database with the examples, for others to copy."""
    url = await postgres.create_database("migrated")
    await asyncio.to_thread(migrate, url)
    await add_examples(url)
    return "migrated"


@pytest.fixture(scope="session")
async def shared_database_url(postgres: PostgresServer, migrated: str) -> str:
    """A migrated database for all server tests: they keep apart by opaque ids."""
    return await postgres.create_database("lives", template=migrated)


@pytest.fixture(scope="session")
async def mail_sink(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[MailSink]:
    """A mail server that keeps each mail as a file."""
    folder = tmp_path_factory.mktemp("mail")
    async with MailSink(folder / "mails", folder / "mail.log") as sink:
        yield sink


HALF_A_MEMBER = """
SELECT membership_id FROM memberships
WHERE member_number IS NOT NULL AND facts IS NULL AND erased_on IS NULL
"""
"""Somebody with a number, and nothing that their terms follow from."""

MASTERS = "SELECT DISTINCT master FROM keys.data_keys WHERE wrapped IS NOT NULL"
"""What the keys that all tests share are wrapped by."""


@pytest.fixture(scope="session")
async def shared_pool(shared_database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections to the database of the server tests."""
    async with await open_pool(shared_database_url, size=10) as pool:
        yield pool
        halves = await pool.fetch(HALF_A_MEMBER)
        assert not halves, f"a test left half a member where others read all of them: {halves}"
        masters = await pool.fetch(MASTERS)
        assert len(masters) <= 1, f"a test left keys that the key_file does not open: {masters}"


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> KeyFile:
    """The one master key of the database of the server tests: another can't open its keys."""
    path = tmp_path_factory.mktemp("master") / "master.key"
    make_key_file(path)
    return KeyFile(path)


@pytest.fixture(scope="session")
def letters(mail_sink: MailSink, tmp_path_factory: pytest.TempPathFactory) -> NotificationSettings:
    """What the notifications worker of the tests is told."""
    return NotificationSettings(
        host="127.0.0.1",
        port=mail_sink.smtp_port,
        sender="post@example.org",
        caseworkers="caseworkers@example.org",
        insurance_office="insurance@example.org",
        ui_url="http://127.0.0.1:8233",
        list_folder=tmp_path_factory.mktemp("folders") / "lists",
    )


@pytest.fixture(scope="session")
async def workers(
    temporal: TemporalServer, shared_database_url: str, letters: NotificationSettings
) -> AsyncIterator[None]:
    """The three workers of the service, in this process."""
    deciding = await Client.connect(temporal.address, data_converter=workflows.CONVERTER)
    acting = await Client.connect(temporal.address, data_converter=ACTIVITIES_CONVERTER)
    await versions.promote(deciding, DEVELOPMENT_BUILD, unseen=True)
    async with pools_of_workers(shared_database_url, size=10) as (keeping, sending):
        rooms = persistence.rooms(
            keeping,
            acting,
            allow_synthetic_ids=True,
            giro_sender="55555555",
            signatures=Signatures(RING, own=SERVICE),
        )
        async with (
            workflows.worker(deciding),
            persistence.worker(acting, rooms),
            notifications.worker(acting, notifications.rooms(sending, letters)),
        ):
            yield


@pytest.fixture(scope="session")
async def client(temporal: TemporalServer) -> Client:
    """A client as another system has it: no converter or interceptor of ours."""
    return await temporal.connect()


@pytest.fixture(scope="session")
def skipper(client: Client) -> TimeSkipper:
    """Lets days pass for one workflow."""
    return Skipper(client)


Apply = Callable[..., Any]


@pytest.fixture
async def apply(
    skipper: TimeSkipper,
    shared_pool: asyncpg.Pool,
    mail_sink: MailSink,
    workers: None,  # noqa: ARG001 - they must be at work
) -> Apply:
    """Start a membership with any arguments and return its Life once it has settled."""
    await clock.within_a_day()

    async def start(*values: Any, membership_id: str | None = None) -> Life:
        handle = await skipper.client.start_workflow(
            "Membership",
            args=list(values),
            id=membership_id or f"membership-{uuid.uuid4()}",
            task_queue="membership",
        )
        life = Life(handle, skipper, shared_pool, mail_sink.mail_dir)
        await life.settle()
        return life

    return start
