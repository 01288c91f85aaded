"""Stamping what this service or an operator sends, so that whoever hears it knows from whom.

Everything that a client sends goes through the interceptor: no sender can forget it.
"""

import dataclasses
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.client import (
    Client,
    Interceptor,
    OutboundInterceptor,
    SignalWorkflowInput,
    StartWorkflowInput,
    StartWorkflowUpdateInput,
    WorkflowHandle,
    WorkflowUpdateHandle,
)
from temporalio.common import RawValue
from temporalio.converter import PayloadConverter

from schemas.access.roles import Roles
from schemas.access.signing import SigningKey, stamped
from schemas.access.stamps import ACTOR_KEY, START, Actor
from schemas.names import FORMS


@dataclasses.dataclass(frozen=True)
class Sender:
    """In whose name a client sends.

    Attributes:
        key: what it signs with.
        subject: who it is for ever.
        name: as it is logged.
        roles: what it is.
    """

    key: SigningKey
    subject: str
    name: str
    roles: Roles


def stamp(
    payload: Payload,
    key: SigningKey,
    namespace: str,
    workflow_id: str,
    message: str,
    roles: Roles,
    *,
    subject: str,
    name: str,
) -> None:
    """Add a stamp to a payload, unless it has one."""
    if ACTOR_KEY in payload.metadata:
        return
    actor = Actor(
        subject=subject,
        name=name,
        roles=roles,
        # When it was sent, by which a stamp expires: no date of business.
        issued_at=datetime.now(UTC),
        nonce=secrets.token_urlsafe(16),
    )
    added = stamped(
        payload.data, actor, namespace=namespace, workflow_id=workflow_id, message=message, key=key
    )
    for field, value in added.items():
        payload.metadata[field] = value


class Stamping(Interceptor):
    """Stamps every message, and every start of a workflow of ours, that a client sends.

    Args:
        sender: in whose name.
        namespace: of the client.
        converter: what makes payloads of values, before they are encrypted.
    """

    def __init__(self, sender: Sender, namespace: str, converter: PayloadConverter) -> None:
        self.sender = sender
        self.namespace = namespace
        self.converter = converter

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        """Put the stamping in front of what is sent."""
        return _Stamped(next, self)

    def args(self, args: Sequence[Any], workflow_id: str, message: str) -> Sequence[Any]:
        """Return arguments with a stamp: those of a message, which has one."""
        if len(args) != 1:
            return args
        (payload,) = self.converter.to_payloads(args)
        stamped_payload = Payload()
        stamped_payload.CopyFrom(payload)
        stamp(
            stamped_payload,
            self.sender.key,
            self.namespace,
            workflow_id,
            message,
            self.sender.roles,
            subject=self.sender.subject,
            name=self.sender.name,
        )
        return [RawValue(stamped_payload)]


class _Stamped(OutboundInterceptor):
    def __init__(self, next: OutboundInterceptor, stamping: Stamping) -> None:
        super().__init__(next)
        self._stamping = stamping

    async def signal_workflow(self, input: SignalWorkflowInput) -> None:
        args = self._stamping.args(input.args, input.id, input.signal)
        await super().signal_workflow(dataclasses.replace(input, args=args))

    async def start_workflow_update(
        self, input: StartWorkflowUpdateInput
    ) -> WorkflowUpdateHandle[Any]:
        args = self._stamping.args(input.args, input.id, input.update)
        return await super().start_workflow_update(dataclasses.replace(input, args=args))

    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:
        if input.workflow not in FORMS:
            return await super().start_workflow(input)
        args = self._stamping.args(input.args, input.id, START)
        return await super().start_workflow(dataclasses.replace(input, args=args))


def stamping_client(client: Client, sender: Sender) -> Client:
    """Return a client that sends in somebody's name; the rest of it is the same."""
    config = client.config(active_config=True)
    stamping = Stamping(sender, client.namespace, client.data_converter.payload_converter)
    config["interceptors"] = [*config.get("interceptors", []), stamping]
    return Client(**config)
