"""What each process answers operators: whether it is alive, and whether it can do its work."""

import asyncio
import os
import socket
import uuid

import asyncpg
import httpx2
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from prometheus_client import CollectorRegistry
from temporalio import activity
from temporalio.worker import Worker

from activities.database import inspecting
from activities.secrecy.key_file import KeyFile
from activities.secrecy.keyring import KeyRing
from activities.secrecy.store import KeyStore
from workers.errors import UserError
from workers.observability.core import page_of
from workers.observability.listener import application, listening
from workers.observability.readiness import Readiness, migrated, polling, reached
from workers.settings import load_settings
from workers.stack.ports import HOST, free_port

NOBODY = f"postgresql://nobody@{HOST}:1/nothing"
"""A database that does not answer."""


PAGE = page_of(CollectorRegistry())


@activity.defn
async def idle() -> None:
    """Do nothing."""


async def asked(readiness, path="/ready"):
    """What a process with such parts answers."""
    transport = httpx2.ASGITransport(application(readiness, PAGE))
    async with httpx2.AsyncClient(transport=transport, base_url="http://here") as client:
        return await client.get(path)


async def test_ready_means_every_part_answers(client, shared_pool):
    """Temporal, a migrated database and a worker the server has seen; before that, and after, not.

    A process that is not ready is alive all the while.
    """
    readiness = Readiness("temporal", "worker")
    early = await asked(readiness)
    assert early.status_code == 503
    assert early.json()["parts"] == dict.fromkeys(("temporal", "worker"), "is not there yet")
    assert (await asked(readiness, "/live")).text == "ok"
    readiness.watch("temporal", reached(client))
    readiness.watch("database", migrated(shared_pool))
    queue = f"readiness-{uuid.uuid4()}"
    worker = Worker(client, task_queue=queue, activities=[idle])
    readiness.watch("worker", polling(client, [worker]))
    assert (await asked(readiness)).json()["parts"]["worker"] == "does not run"
    async with worker, asyncio.timeout(30):
        while True:
            readiness.watch("worker", polling(client, [worker]))
            late = await asked(readiness)
            if late.status_code == 200:
                break
            waits = {"does not run", f"has not asked {queue} for work"}
            assert late.json()["parts"]["worker"] in waits
            await asyncio.sleep(0.05)  # the server tells nobody that it was asked
        assert late.json() == {
            "ready": True,
            "parts": dict.fromkeys(("temporal", "worker", "database"), "ready"),
        }
        readiness.end("worker")
        assert (await asked(readiness)).status_code == 503


async def test_what_is_away_is_named_and_nobody_else(shared_pool, monkeypatch, tmp_path):
    """A database that is away, one of another version, keys that can't be had: each its words."""
    pool = asyncpg.create_pool(NOBODY, min_size=0)
    store = KeyStore(pool.acquire)
    readiness = Readiness()
    readiness.watch("away", migrated(pool))
    readiness.watch("keys", KeyRing(store, KeyFile(tmp_path / "none")).reach)
    monkeypatch.setattr("workers.observability.readiness.newest_revision", lambda: "9999_later")
    readiness.watch("older", migrated(shared_pool))
    async with pool:
        answer = await asked(readiness)
    assert answer.status_code == 503
    parts = answer.json()["parts"]
    assert parts["older"].endswith("and this version needs 9999_later: migrate")
    assert parts["keys"] == "no key can be had"
    assert parts["away"].startswith("does not answer (")
    assert "nobody" not in answer.text


def test_the_newest_revision_is_alembics():
    """It is read off the files, and a worker need not load Alembic."""
    config = Config()
    config.set_main_option("script_location", str(inspecting.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    assert inspecting.newest_revision() == ScriptDirectory.from_config(config).get_current_head()


async def test_it_listens_where_it_is_told():
    """On its port for as long as the process works; a port that is taken is a sentence."""
    address = (HOST, free_port())
    async with (
        listening(address, Readiness("temporal"), PAGE),
        httpx2.AsyncClient(base_url=f"http://{HOST}:{address[1]}", trust_env=False) as client,
    ):
        assert (await client.get("/live")).status_code == 200
        assert (await client.get("/ready")).status_code == 503
        assert (await client.get("/else")).status_code == 404
        with pytest.raises(UserError, match="another program has it"):
            async with listening(address, Readiness(), PAGE):
                pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=1)


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("9464", ("127.0.0.1", 9464)),
        ("0.0.0.0:9464", ("0.0.0.0", 9464)),
        ("[::1]:9464", ("::1", 9464)),
        (None, None),
    ],
)
def test_a_port_alone_is_of_this_machine(value, address):
    """Whoever wants to be asked from elsewhere says so; nothing said, nothing listens."""
    given = {} if value is None else {"MEDLEMSFLYT_HEALTH_LISTEN": value}
    assert load_settings({"TEMPORAL_CONFIG_FILE": os.devnull, **given}).health_listen == address


@pytest.mark.parametrize("value", ["none", "host:none", "70000", "127.0.0.1", "h:1/path"])
def test_what_is_no_port_is_refused(value):
    """In a sentence that names the variable."""
    with pytest.raises(UserError, match="MEDLEMSFLYT_HEALTH_LISTEN must be a port, or host:port"):
        load_settings({"TEMPORAL_CONFIG_FILE": os.devnull, "MEDLEMSFLYT_HEALTH_LISTEN": value})
