"""A workflows worker that kills itself in the middle of a continue-as-new.

Started as ``python -m tests.chaos.dying ADDRESS QUEUE DEPLOYMENT WHERE``, with a history so short a
reason to end a run that runs end all the time.
"""

import asyncio
import os
import random
import signal
import sys
import threading
from typing import Any, NoReturn

from temporalio import workflow
from temporalio.client import Client
from temporalio.client import Interceptor as ClientInterceptor
from temporalio.worker import (
    ContinueAsNewInput,
    ExecuteWorkflowInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from workers import versions, workflows
from workflows.shared import options

EVENTS = 20
ENDING, SENDING, BEGUN, NEVER = WHERE = ("ending", "sending", "begun", "never")
"""Before the old run's end is sent, while it is being sent and just after, in the new run's first
task, or not at all."""

SENDING_SECONDS = 0.03


def die() -> None:
    """Kill -9 this process."""
    os.kill(os.getpid(), signal.SIGKILL)


class Dying(ClientInterceptor, Interceptor):
    """Puts an interceptor that kills around every workflow of a client's workers."""

    def __init__(self, where: str) -> None:
        self._where = where

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: ARG002 - the SDK's signature
    ) -> type[WorkflowInboundInterceptor] | None:
        """Return the class the SDK creates for each workflow instance."""
        return {ENDING: _Ending, SENDING: _Sending, BEGUN: _Begun}.get(self._where)


class _Begun(WorkflowInboundInterceptor):
    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        if workflow.info().continued_run_id and not workflow.unsafe.is_replaying():
            die()
        return await super().execute_workflow(input)


class _Ending(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_DiesAtOnce(outbound))


class _DiesAtOnce(WorkflowOutboundInterceptor):
    def continue_as_new(self, input: ContinueAsNewInput) -> NoReturn:
        die()
        super().continue_as_new(input)


class _Sending(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_DiesALittleLater(outbound))


class _DiesALittleLater(WorkflowOutboundInterceptor):
    def continue_as_new(self, input: ContinueAsNewInput) -> NoReturn:
        threading.Timer(random.uniform(0, SENDING_SECONDS), die).start()
        super().continue_as_new(input)


async def main(address: str, queue: str, deployment: str, where: str) -> None:
    """Work until killed."""
    options.RENEW_AFTER_EVENTS = EVENTS
    versions.DEPLOYMENT = deployment
    vars(workflows).update(MEMBERSHIP_QUEUE=queue, CACHED_WORKFLOWS=0)  # no wait for a dead cache
    client = await Client.connect(
        address, data_converter=workflows.CONVERTER, interceptors=[Dying(where)]
    )
    await versions.promote(client, "dying", unseen=True)
    await workflows.worker(client, "dying").run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
