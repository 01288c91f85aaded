"""Which build new runs are given to: the first there is, then whichever an operator promotes."""

import asyncio
import uuid

import pytest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from tests.commands import run
from tests.life import PATIENCE_SECONDS
from workers import versions, workflows
from workers.cli import EXIT_USER_ERROR
from workers.versions import claim, current_build, promote


@pytest.fixture
def client(client, monkeypatch) -> Client:
    """A client that finds no deployment of ours yet."""
    monkeypatch.setattr(versions, "DEPLOYMENT", f"test-{uuid.uuid4()}")
    found: Client = client
    return found


async def test_the_first_build_needs_nobody_to_promote_it(client):
    """A new installation works at once, in production too; a restart changes nothing."""
    assert await current_build(client) is None
    for _ in range(2):
        await claim(client, "1.0", always=False)
        assert await current_build(client) == "1.0"


async def test_another_build_waits_until_it_is_promoted(client):
    """In production new code is there before anything is given to it."""
    await claim(client, "1.0", always=False)
    await claim(client, "2.0", always=False)
    assert await current_build(client) == "1.0"


async def test_on_a_developers_machine_the_newest_build_takes_over(client):
    """What is started is what runs."""
    await claim(client, "1.0", always=True)
    await claim(client, "2.0", always=True)
    assert await current_build(client) == "2.0"


async def test_a_build_without_workers_is_not_promoted(client):
    """An operator's slip must not leave every new membership waiting."""
    await claim(client, "1.0", always=False)
    with pytest.raises(RPCError, match=r"2\.0"):
        await promote(client, "2.0")
    assert await current_build(client) == "1.0"


async def test_a_server_that_is_away_is_asked_again(client, monkeypatch):
    """A worker that starts before its server waits for it."""
    monkeypatch.setattr(versions, "RETRY_SECONDS", 0.01)
    asked = []
    real = versions.current_build

    async def at_last(client):
        asked.append(client)
        if len(asked) < 3:
            raise RPCError("away", RPCStatusCode.UNAVAILABLE, b"")
        return await real(client)

    monkeypatch.setattr(versions, "current_build", at_last)
    await claim(client, "1.0", always=False)
    assert (len(asked), await real(client)) == (3, "1.0")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("workflows", "--promote"), "was not made current"),
        (("persistence", "--promote"), "Only workflows workers have builds"),
    ],
)
async def test_what_can_not_be_promoted_is_said(client, temporal, monkeypatch, arguments, says):
    """A sentence, no traceback."""
    await claim(client, "1.0", always=False)
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal.address)
    monkeypatch.setenv("MEDLEMSFLYT_BUILD_ID", "unheard-of")
    ran = await asyncio.to_thread(run, "worker", *arguments)
    assert (ran.code, ran.out) == (EXIT_USER_ERROR, "")
    assert says in ran.err


async def test_an_operator_promotes_a_build_whose_worker_is_there(client, temporal, monkeypatch):
    """`medlemsflyt worker workflows --promote`, after the new worker has come up beside the old."""
    monkeypatch.setattr(workflows, "MEMBERSHIP_QUEUE", f"membership-{uuid.uuid4()}")
    await claim(client, "1.0", always=False)
    deciding = await Client.connect(temporal.address, data_converter=workflows.CONVERTER)
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal.address)
    monkeypatch.setenv("MEDLEMSFLYT_BUILD_ID", "2.0")
    async with workflows.worker(deciding, "2.0"), asyncio.timeout(PATIENCE_SECONDS):
        while (ran := await asyncio.to_thread(run, "worker", "workflows", "--promote")).code:
            await asyncio.sleep(0.1)  # the server takes a moment to learn of a new build
    assert ran.out == "New runs are given to build 2.0.\n"
    assert await current_build(client) == "2.0"
