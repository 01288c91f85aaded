"""The Temporal server as a part of the stack, on the real server."""

import asyncio
import os
import signal
import socket
from contextlib import AsyncExitStack
from uuid import uuid4

import aiohttp
import pytest
from temporalio import activity
from temporalio.api.operatorservice.v1 import (
    ListSearchAttributesRequest,
    RemoveSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.worker import PollerBehaviorSimpleMaximum, Worker

from workers.pollers import pollers
from workers.search_attributes import SEARCH_ATTRIBUTES
from workers.stack import TemporalServer

STAGE = SearchAttributeKey.for_keyword("MembershipStage")


@pytest.fixture(scope="module")
async def local_server(tmp_path_factory):
    """A server whose ports nobody chose, as with any --port-offset."""
    async with TemporalServer(tmp_path_factory.mktemp("t") / "log", ui=False) as server:
        yield server


async def test_kill_loses_nothing(tmp_path):
    """After kill -9 of the server, workflows and their search attributes are still there."""
    database = tmp_path / "temporal.db"
    async with TemporalServer(tmp_path / "log", database_file=database, ui=False) as server:
        client = await server.connect()
        handle = await client.start_workflow(
            "Anything",
            id=f"membership-{uuid4()}",
            task_queue=f"queue-{uuid4()}",
            search_attributes=TypedSearchAttributes([SearchAttributePair(STAGE, "received")]),
        )
        os.kill(server.process.pid, signal.SIGKILL)
        await server.process.wait()
        await server.start()
        description = await handle.describe()
        assert description.typed_search_attributes[STAGE] == "received"


@activity.defn
async def nothing() -> None:
    """Do nothing."""


async def test_each_of_many_workers_is_seen_whichever_partition_it_asks(local_server):
    """Of a dozen that ask once each, those at a queue's other partitions are at work as well."""
    queue = f"queue-{uuid4()}"
    names = {f"worker-{number}" for number in range(12)}
    clients = [await Client.connect(local_server.address, identity=name) for name in names]
    async with AsyncExitStack() as working:
        for client in clients:
            worker = Worker(
                client,
                task_queue=queue,
                activities=[nothing],
                activity_task_poller_behavior=PollerBehaviorSimpleMaximum(1),
            )
            await working.enter_async_context(worker)
        async with asyncio.timeout(30):
            while {one.identity for one in await pollers(clients[0], queue, since=0)} != names:
                await asyncio.sleep(0.05)  # until the last has asked


async def test_a_port_that_is_taken_meanwhile_is_no_end(tmp_path):
    """Between finding a port and taking it somebody else may have taken it."""
    server = TemporalServer(tmp_path / "log", ui=False)
    found = server.ports
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", found.frontend))  # and answers nobody
        async with server:
            assert server.ports.frontend != found.frontend
            await server.connect()


async def test_search_attributes_are_added_to_an_existing_database(tmp_path):
    """A database made before an attribute existed gets it at the next start."""
    database = tmp_path / "temporal.db"
    async with TemporalServer(tmp_path / "log", database_file=database, ui=False) as server:
        operator = (await server.connect()).operator_service
        await operator.remove_search_attributes(
            RemoveSearchAttributesRequest(namespace="default", search_attributes=["ReviewDue"])
        )
    async with TemporalServer(tmp_path / "log", database_file=database, ui=False) as server:
        operator = (await server.connect()).operator_service
        known = await operator.list_search_attributes(
            ListSearchAttributesRequest(namespace="default")
        )
        assert dict(known.custom_attributes).items() >= SEARCH_ATTRIBUTES.items()


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:{port}", 200),
        ("localhost:{port}", 200),
        ("evil.example", 403),
        ("evil.example:{port}", 403),
        ("localhost.evil.example:{port}", 403),
        ("127.0.0.1:1", 403),
    ],
)
async def test_http_api_answers_to_this_machines_names_only(local_server, host, status):
    """A web page that led its own name here (DNS rebinding) reads and writes nothing."""
    url = f"{local_server.http_url}/api/v1/namespaces/default"
    headers = {"Host": host.format(port=local_server.ports.http)}
    async with aiohttp.ClientSession() as session:
        async with session.get(url, headers=headers) as answer:
            assert answer.status == status
        start = {"workflowType": {"name": "Anything"}, "taskQueue": {"name": "nobody"}}
        where = f"{url}/workflows/membership-{uuid4()}"
        async with session.post(where, json=start, headers=headers) as answer:
            assert answer.status == status
