"""Asks memberships and tells them something, by the way that any other system takes.

A message of the desk is a request to Temporal's HTTP API: checked against the tables of roles,
stamped with who is logged in, encrypted, and sent as an update under the id that its form brought,
so that a form which is sent twice counts once.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import httpx2
from google.protobuf import json_format
from temporalio.api.common.v1 import Payload, Payloads

from schemas.letters.contracts import MailingOrder
from schemas.membership.messages import Answer
from schemas.names import MEMBERSHIP_QUEUE, WorkflowType, mailing_id
from workers.gateway import answers
from workers.gateway.callers import Caller
from workers.gateway.calls import Call, call_of
from workers.gateway.coding import Codec, Stamper
from workers.gateway.messages import Json, read
from workers.gateway.permissions import permitted

QUERY_SECONDS = 10.0
"""A page is shown without what a membership does not answer by then."""

UPDATE_SECONDS = 30.0

_IN_FULL = {"accept": "application/json+no-payload-shorthand"}


class Silent(Exception):
    """Nobody answered in time, so it is not known what became of it."""


class Gone(Exception):
    """No workflow of this id runs."""


class NotApplied(Exception):
    """The membership refused; the text is its own."""


class Memberships:
    """The memberships behind the gateway.

    Args:
        url: of Temporal's HTTP API.
        namespace: of Temporal's.
        client: how it is reached.
        codec: what encrypts and decrypts.
        stamper: what says who sends something; None: nothing does.
    """

    def __init__(
        self,
        url: str,
        namespace: str,
        client: httpx2.AsyncClient,
        codec: Codec,
        stamper: Stamper | None,
    ) -> None:
        self.namespace = namespace
        self._url = url
        self._client = client
        self._codec = codec
        self._stamper = stamper

    async def ask(
        self, caller: Caller, membership_id: str, query: str, *arguments: Json | None
    ) -> Json:
        """Return what a membership answers.

        Raises:
            Refused: whoever asks may not.
            Gone: there is no such workflow any more.
            Silent: nobody answers.
            NotApplied: it can't be asked.
        """
        call = self._call(membership_id, "query", query)
        permitted(caller.roles, call)
        sending = read(call, json.dumps({"query": {"queryArgs": list(arguments)}}).encode())
        if arguments:
            sending.replace(await self._codec.encode(sending.payloads, membership_id))
        found = await self._send(call, sending.written(), QUERY_SECONDS)
        (answer,) = await self._opened(found["queryResult"])
        return dict(answer)

    async def tell(
        self, caller: Caller, membership_id: str, message: str, data: Json, update_id: str
    ) -> Answer:
        """Send a message, and return what the membership answers.

        Args:
            caller: in whose name.
            membership_id: to whom.
            message: its name.
            data: the message.
            update_id: sent again under the same, it counts once.

        Raises:
            Refused: whoever asks may not.
            Gone: the membership takes no messages any more.
            NotApplied: it was refused.
            Silent: nobody answers; it may have been applied.
        """
        call = self._call(membership_id, "update", message)
        permitted(caller.roles, call)
        body = {
            "request": {"meta": {"updateId": update_id}, "input": {"args": [data]}},
            "waitPolicy": {"lifecycleStage": "UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED"},
        }
        sending = read(call, json.dumps(body).encode())
        payloads: Sequence[Payload] = sending.payloads
        if self._stamper is not None:
            payloads = [
                self._stamper.stamp(
                    payload,
                    caller,
                    namespace=self.namespace,
                    workflow_id=membership_id,
                    message=message,
                )
                for payload in payloads
            ]
        sending.replace(await self._codec.encode(payloads, membership_id))
        sending.sent_by(caller.subject)
        found = await self._send(call, sending.written(), UPDATE_SECONDS)
        outcome = found.get("outcome") or {}
        if "success" in outcome:
            (answer,) = await self._opened(outcome["success"])
            return Answer.model_validate(answer)
        if "failure" in outcome:
            raise NotApplied(str(outcome["failure"].get("message", "")))
        raise Silent

    async def send_out(self, batch: str) -> None:
        """Have a batch of letters sent; where nobody answers, the next audit has it done."""
        workflow_id = mailing_id(batch)
        order = Payload(
            metadata={"encoding": b"json/plain"},
            data=MailingOrder(batch=batch).model_dump_json().encode(),
        )
        (sealed,) = await self._codec.encode([order], workflow_id)
        body = {
            "workflowType": {"name": WorkflowType.MAILING},
            "taskQueue": {"name": MEMBERSHIP_QUEUE},
            "input": {"payloads": [json_format.MessageToDict(sealed)]},
            "workflowIdConflictPolicy": "WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING",
        }
        path = f"/api/v1/namespaces/{self.namespace}/workflows/{workflow_id}"
        with suppress(httpx2.HTTPError):
            await self._client.post(
                f"{self._url}{path}/signal-with-start/look_again", json=body, timeout=QUERY_SECONDS
            )

    def _call(self, membership_id: str, what: str, name: str) -> Call:
        path = f"/api/v1/namespaces/{self.namespace}/workflows/{membership_id}/{what}/{name}"
        call = call_of("POST", path)
        assert call is not None, "an id and a name of ours"
        return call

    async def _send(self, call: Call, body: Json, seconds: float) -> Json:
        try:
            answer = await self._client.post(
                self._url + call.path, json=body, headers=_IN_FULL, timeout=seconds
            )
        except httpx2.HTTPError:
            raise Silent from None
        content = await answers.in_the_clear(answer.content, self._codec, short=False)
        try:
            found: Any = json.loads(content)
        except ValueError:
            raise Silent from None
        match answer.status_code:
            case HTTPStatus.OK:
                return dict(found)
            case HTTPStatus.NOT_FOUND:
                raise Gone
            case HTTPStatus.BAD_REQUEST | HTTPStatus.PRECONDITION_FAILED:
                raise NotApplied(str(found.get("message", "")))
            case _:
                raise Silent

    async def _opened(self, found: Json) -> list[Any]:
        payloads = json_format.ParseDict(found, Payloads()).payloads
        return [json.loads(one.data) for one in await self._codec.decode(payloads)]
