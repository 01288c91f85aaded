"""Whose a payload is, told outside the sandbox, is what the SDK tells from within."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Self

from temporalio import activity, workflow
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import (
    ActivitySerializationContext,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from workflows.shared.options import PERSISTENCE_TIMEOUT
from workflows.shared.sandbox import sandboxed_runner

QUEUE = "contexts"


class Recording(PayloadCodec, WithSerializationContext):
    """Leaves payloads as they are, and notes whose each was said to be."""

    def __init__(self, noted: set[tuple[str, str | None]], owner: str | None = None) -> None:
        self._noted, self._owner = noted, owner

    def with_context(self, context: SerializationContext) -> Self:
        """Know whose payloads come."""
        assert isinstance(context, WorkflowSerializationContext | ActivitySerializationContext)
        return type(self)(self._noted, context.workflow_id)

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Note whose they are."""
        self._noted.update((one.data.decode(), self._owner) for one in payloads)
        return list(payloads)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Note whose they are."""
        return await self.encode(payloads)


@activity.defn
async def echo(said: str) -> str:
    """Answer with what was said."""
    return f"{said} heard"


@workflow.defn
class Listener:
    """Ends with what it was told."""

    def __init__(self) -> None:
        self._told = ""

    @workflow.signal
    def tell(self, told: str) -> None:
        """Take it in."""
        self._told = told

    @workflow.run
    async def run(self) -> str:
        """Wait for it."""
        await workflow.wait_condition(lambda: bool(self._told))
        return self._told


@workflow.defn
class Teller:
    """Has an activity do something, tells another workflow of it, and begins a third."""

    @workflow.run
    async def run(self, other: str) -> str:
        """Do each once; whom nobody knows can't be told."""
        heard = await workflow.execute_activity(
            echo, "said", start_to_close_timeout=PERSISTENCE_TIMEOUT
        )
        await workflow.get_external_workflow_handle(other).signal("tell", "told")
        child = await workflow.start_child_workflow(Listener.run, id=f"{other}-child")
        await child.signal("tell", "told the child")
        return f"{heard}, {await child}"


async def _noted(client: Client, runner: SandboxedWorkflowRunner) -> set[tuple[str, str | None]]:
    """Return what the codec of a worker noted of one run, whoever's id it was by its part."""
    noted: set[tuple[str, str | None]] = set()
    converter = replace(pydantic_data_converter, payload_codec=Recording(noted))
    address = client.service_client.config.target_host
    working = await Client.connect(address, data_converter=converter)
    mark, queue = f"contexts-{uuid.uuid4()}", f"{QUEUE}-{uuid.uuid4()}"
    async with Worker(
        working,
        task_queue=queue,
        workflows=[Teller, Listener],
        activities=[echo],
        workflow_runner=runner,
    ):
        other = await client.start_workflow(Listener.run, id=f"{mark}-other", task_queue=queue)
        said = await client.execute_workflow(
            Teller.run, f"{mark}-other", id=f"{mark}-own", task_queue=queue
        )
        assert (said, await other.result()) == ("said heard, told the child", "told")
    return {(data.replace(mark, ""), (owner or "").replace(mark, "")) for data, owner in noted}


async def test_a_payload_is_said_to_be_whose_the_sdk_says_it_is(client):
    """An activity's and a child's, and what is told another: each is opened by its owner's key."""
    ours = sandboxed_runner()
    theirs = await _noted(client, SandboxedWorkflowRunner(restrictions=ours.restrictions))
    assert ('"told"', "-other") in theirs
    assert ('"said"', "-own") in theirs
    assert ('"told the child"', "-other-child") in theirs
    assert await _noted(client, ours) == theirs
