"""What a person reads when a part is missing: a sentence that names what to start."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import pytest
from temporalio.api.operatorservice.v1 import RemoveSearchAttributesRequest
from temporalio.client import Client

from tests.commands import ROOT, run, run_process
from tests.life import application
from workers import versions, workflows
from workers.cli.shared import connections
from workers.search_attributes import SEARCH_ATTRIBUTES
from workers.settings import DEVELOPMENT_BUILD, Stack
from workers.stack import PostgresServer, TemporalServer

COMMANDS = {
    "apply": ("apply", "-"),
    "send": ("send", "x", "withdraw_application", "-"),
    "signal": ("send", "x", "withdraw_application", "-", "--signal"),
    "show": ("show", "x"),
    "forecast": ("forecast", "x"),
    "explain": ("explain", "x"),
    "inbox": ("inbox",),
    "search-attributes": ("search-attributes",),
}
NOWHERE = {
    "temporal_address": "127.0.0.1:1",
    "namespace": "default",
    "ui_url": "http://ui.example",
    "http_url": "http://127.0.0.1:1",
    "database_url": "postgresql://nobody@127.0.0.1:1/nothing",
    "mail_dir": "mail",
    "mail_url": "http://mail.example",
}


@pytest.fixture(scope="module")
async def lonely(tmp_path_factory) -> AsyncIterator[TemporalServer]:
    """A Temporal server of its own, with no worker."""
    log = tmp_path_factory.mktemp("lonely") / "temporal.log"
    async with TemporalServer(log, time_skipping=True, ui=False) as server:
        yield server


@pytest.fixture
def at(tmp_path):
    """Run a command on a stack of which some parts answer."""

    async def go(*arguments, stdin="{}", **parts):
        Stack(**{**NOWHERE, **parts}).write(tmp_path)
        return await asyncio.to_thread(run, *arguments, "--data", str(tmp_path), stdin=stdin)

    return go


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
async def test_temporal_does_not_answer(at, command):
    """As after a stack that was killed: its record is there, nobody answers."""
    ran = await at(*command)
    assert (ran.code, ran.out) == (2, "")
    assert "Temporal does not answer at 127.0.0.1:1" in ran.err
    assert "`medlemsflyt dev`" in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
async def test_no_stack_on_the_folder(tmp_path, command):
    """The sentence says how to start one there."""
    ran = await asyncio.to_thread(run, *command, "--data", str(tmp_path / "none"), stdin="{}")
    assert (ran.code, ran.out) == (2, "")
    assert f"medlemsflyt dev --data {tmp_path / 'none'}" in ran.err


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
async def test_the_namespace_does_not_exist(at, lonely, command):
    """Told apart from a membership that does not exist."""
    ran = await at(*command, temporal_address=lonely.address, namespace="elsewhere")
    assert (ran.code, ran.out) == (2, "")
    assert "no namespace elsewhere" in ran.err


async def test_no_worker_answers_a_query(at, lonely, monkeypatch):
    """What was started is safe; who is missing is named."""
    monkeypatch.setattr(connections, "QUERY_TIMEOUT", timedelta(seconds=1))
    name = f"membership-{uuid.uuid4()}"
    started = await at("apply", "-", "--id", name, temporal_address=lonely.address)
    assert started.code == 0
    ran = await at("show", name, temporal_address=lonely.address)
    assert (ran.code, ran.out) == (2, "")
    assert "`medlemsflyt worker workflows`" in ran.err
    waited = await at("apply", "-", "--id", name, "--wait", temporal_address=lonely.address)
    assert "`medlemsflyt worker workflows`" in waited.err


async def test_no_persistence_worker_keeps_the_application_waiting(at, lonely):
    """`apply --wait` gives up with a sentence; the application is safe in Temporal."""
    name = f"membership-{uuid.uuid4()}"
    client = await Client.connect(lonely.address, data_converter=workflows.CONVERTER)
    await versions.promote(client, DEVELOPMENT_BUILD, unseen=True)
    async with workflows.worker(client):
        ran = await at(
            *("apply", "-", "--id", name, "--wait", "--timeout", "1"),
            temporal_address=lonely.address,
            stdin=json.dumps(application()),
        )
        assert (ran.code, ran.out) == (2, "")
        assert "is safe, but has not been judged within 1 s" in ran.err
        assert "`medlemsflyt worker persistence`" in ran.err
        shown = await at("show", name, "--json", temporal_address=lonely.address)
        assert shown.json["stage"] == "received"


@pytest.mark.parametrize(
    "command",
    [
        ("inbox",),
        ("contact", "employer", "988077917", "--name", "x", "--no-email"),
    ],
)
async def test_the_database_does_not_answer(at, lonely, command):
    """The sentence names what to start."""
    ran = await at(*command, temporal_address=lonely.address)
    assert (ran.code, ran.out) == (2, "")
    assert "The database does not answer: start everything with `medlemsflyt dev`" in ran.err


async def test_the_database_was_never_migrated(at, lonely, postgres: PostgresServer):
    """An empty database is told apart from none."""
    url = await postgres.create_database("never_migrated")
    for command in (("inbox",), ("contact", "employer", "988077917", "--name", "x", "--no-email")):
        ran = await at(*command, temporal_address=lonely.address, database_url=url)
        assert (ran.code, ran.out) == (2, "")
        assert "run `medlemsflyt migrate`" in ran.err


async def test_no_database_is_named(environ, tmp_path):
    """In a real process: one sentence on standard error, exit code 2, no traceback."""
    ran = await asyncio.to_thread(
        run_process, "medlemsflyt", "inbox", environ={**environ, "DATABASE_URL": ""}, cwd=tmp_path
    )
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("DATABASE_URL is not set")
    assert ran.err.count("\n") == 1


async def test_a_reader_that_goes_away_is_no_crash(environ, tmp_path):
    """`medlemsflyt schema | head -1` ends quietly."""
    piped = await asyncio.to_thread(
        run_process,
        *("sh", "-c", "medlemsflyt schema --json | true"),
        environ=environ,
        cwd=tmp_path,
    )
    assert "Traceback" not in piped.err


async def test_commands_end_calmly(environ, apply, tmp_path):
    """The interpreter's end must not abort (exit 134) over threads that are still finishing."""
    life = await apply(application())
    show = partial(run_process, "medlemsflyt", "show", life.id, environ=environ, cwd=tmp_path)
    ended = await asyncio.gather(*(asyncio.to_thread(show) for _ in range(5)))
    assert [ran.code for ran in ended] == [0] * 5


async def test_search_attributes_are_said_and_added_once(at, lonely):
    """What each holds is said, and which of them are new."""
    where = {"temporal_address": lonely.address}
    operator = (await lonely.connect()).operator_service
    gone = RemoveSearchAttributesRequest(namespace="default", search_attributes=["ReviewDue"])
    await operator.remove_search_attributes(gone)
    for new in (1, 0):
        ran = await at("search-attributes", **where)
        assert (ran.code, ran.err) == (0, "")
        assert all(name in ran.out for name in SEARCH_ATTRIBUTES)
        assert ran.out.count(" new ") == new


IMPATIENT = """
from functools import partial
import activities.database.migrate as migrating
from workers.cli import main
migrating.migrate = partial(migrating.migrate, wait_seconds=1)
main()
"""
"""The command, but for the half minute it gives a database that is starting."""


async def test_a_migration_without_a_database_says_so(tmp_path):
    """As every command: one sentence."""
    url = "postgresql://nobody@127.0.0.1:1/nothing"
    environ = {"DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    ran = await asyncio.to_thread(
        run_process, "python", "-c", IMPATIENT, "migrate", environ=environ, cwd=tmp_path
    )
    assert (ran.code, ran.out) == (2, "")
    assert "Traceback" not in ran.err
