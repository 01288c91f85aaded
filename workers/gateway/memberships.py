"""Starts memberships, asks them and tells them something, by the way that any other system takes.

What the desk and the API send is a request to Temporal's HTTP API: checked against the tables of
roles, stamped with who is behind it, encrypted, and sent under the id that its form or its request
brought, so that what is sent twice counts once.
"""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import httpx2
from google.protobuf import json_format
from temporalio.api.common.v1 import Payload, Payloads

from schemas.access.shown import shown_to
from schemas.access.stamps import START
from schemas.deduction.contracts import (
    LOOK,
    DecideDeduction,
    DeductionAnswer,
    SettlementOrder,
)
from schemas.letters.contracts import MailingOrder
from schemas.membership.messages import Answer
from schemas.names import MEMBERSHIP_QUEUE, WorkflowType, mailing_id, settlement_id
from schemas.shared.base import Contract
from workers.gateway import answers
from workers.gateway.callers import Caller
from workers.gateway.calls import Call, call_of
from workers.gateway.coding import Codec, Stamper
from workers.gateway.messages import Json, Sending, read
from workers.gateway.permissions import permitted

QUERY_SECONDS = 10.0
"""A page is shown without what a membership does not answer by then."""

UPDATE_SECONDS = 30.0

PAUSES = (0.1, 0.3, 0.6, 1.0)
"""Seconds: a run makes way for the next within one task of a worker."""

CLOSING = b"workflow is closing"
"""What Temporal answers to a message meanwhile, which has done nothing then."""

_IN_FULL = {"accept": "application/json+no-payload-shorthand"}


class Silent(Exception):
    """Nobody answered in time, so it is not known what became of it."""


class Gone(Exception):
    """No workflow of this id runs."""


class NotApplied(Exception):
    """The membership refused; the text is its own."""


class Started(Exception):
    """Something was started under this id before."""


class Memberships:
    """The memberships behind the gateway.

    Args:
        url: of Temporal's HTTP API.
        namespace: of Temporal's.
        client: how it is reached.
        codec: what encrypts and decrypts.
        stamper: what says who sends something; None: nothing does.
        key: of the gateway, for marks of what was sent.
    """

    def __init__(
        self,
        url: str,
        namespace: str,
        client: httpx2.AsyncClient,
        codec: Codec,
        stamper: Stamper | None,
        key: str,
    ) -> None:
        self.namespace = namespace
        self._url = url
        self._client = client
        self._codec = codec
        self._stamper = stamper
        self._key = key

    async def start(self, caller: Caller, membership_id: str, application: Json) -> None:
        """Start a membership.

        Args:
            caller: in whose name.
            membership_id: under which id.
            application: what was sent.

        Raises:
            Refused: whoever asks may not.
            Started: there is, or was, one of this id.
            NotApplied: Temporal does not take it.
            Silent: nobody answers; it may have been started.
        """
        path = f"/api/v1/namespaces/{self.namespace}/workflows/{membership_id}"
        call = call_of("POST", path)
        assert call is not None, "an id of ours"
        body = {
            "workflowType": {"name": WorkflowType.MEMBERSHIP},
            "taskQueue": {"name": MEMBERSHIP_QUEUE},
            "workflowIdReusePolicy": "WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE",
            "input": [application],
        }
        sending = read(call, json.dumps(body).encode())
        permitted(caller.roles, call, sending.started)
        await self._seal(caller, sending, membership_id, START)
        await self._send(call, sending.written(), UPDATE_SECONDS)

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
        return shown_to(caller.roles, query, answer)

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
        found = await self._told(caller, membership_id, message, data, update_id)
        return Answer.model_validate(found)

    async def decide_deduction(
        self, caller: Caller, list_number: str, period: str, data: Json, update_id: str
    ) -> DeductionAnswer:
        """Send a decision about a line to its settlement; it counts once under its id.

        Args:
            caller: in whose name.
            list_number: ``<payer number>-<serial>``.
            period: the list's month, ``YYYY-MM``.
            data: ``schemas.deduction.contracts.DecideDeduction`` as JSON.
            update_id: of the form.

        Raises:
            Refused, Gone, NotApplied, Silent: as of ``tell``.
        """
        workflow_id = settlement_id(list_number.partition("-")[0], period)
        name = DecideDeduction.card.name
        found = await self._told(caller, workflow_id, name, data, update_id)
        return DeductionAnswer.model_validate(found)

    async def _told(
        self, caller: Caller, membership_id: str, message: str, data: Json, update_id: str
    ) -> Json:
        call = self._call(membership_id, "update", message)
        permitted(caller.roles, call)
        body = {
            "request": {"meta": {"updateId": update_id}, "input": {"args": [data]}},
            "waitPolicy": {"lifecycleStage": "UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED"},
        }
        sending = read(call, json.dumps(body).encode())
        await self._seal(caller, sending, membership_id, message)
        found = await self._send(call, sending.written(), UPDATE_SECONDS)
        outcome = found.get("outcome") or {}
        if "success" in outcome:
            (answer,) = await self._opened(outcome["success"])
            return dict(answer)
        if "failure" in outcome:
            raise NotApplied(str(outcome["failure"].get("message", "")))
        raise Silent

    async def send_out(self, batch: str) -> None:
        """Have a batch of letters sent; where nobody answers, the next audit has it done."""
        await self._wake(
            WorkflowType.MAILING, mailing_id(batch), MailingOrder(batch=batch), "look_again"
        )

    async def wake_settlement(self, list_number: str, period: str) -> None:
        """Tell a list's settlement that money has come; where nobody answers, it looks by itself.

        Args:
            list_number: ``<payer number>-<serial>``.
            period: the list's month, ``YYYY-MM``.
        """
        workflow_id = settlement_id(list_number.partition("-")[0], period)
        order = SettlementOrder(list_number=list_number)
        await self._wake(WorkflowType.DEDUCTION_SETTLEMENT, workflow_id, order, LOOK)

    async def _wake(
        self, workflow_type: WorkflowType, workflow_id: str, order: Contract, signal: str
    ) -> None:
        """Signal a workflow of ours, and start it where it does not run."""
        payload = Payload(
            metadata={"encoding": b"json/plain"}, data=order.model_dump_json().encode()
        )
        (sealed,) = await self._codec.encode([payload], workflow_id)
        body = {
            "workflowType": {"name": workflow_type},
            "taskQueue": {"name": MEMBERSHIP_QUEUE},
            "input": {"payloads": [json_format.MessageToDict(sealed)]},
            "workflowIdConflictPolicy": "WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING",
        }
        path = f"/api/v1/namespaces/{self.namespace}/workflows/{workflow_id}"
        with suppress(httpx2.HTTPError):
            await self._client.post(
                f"{self._url}{path}/signal-with-start/{signal}", json=body, timeout=QUERY_SECONDS
            )

    def _call(self, membership_id: str, what: str, name: str) -> Call:
        path = f"/api/v1/namespaces/{self.namespace}/workflows/{membership_id}/{what}/{name}"
        call = call_of("POST", path)
        assert call is not None, "an id and a name of ours"
        return call

    async def _seal(
        self, caller: Caller, sending: Sending, membership_id: str, message: str
    ) -> None:
        """Stamp what is sent with who sends it, and encrypt it.

        Raises:
            Refused: it is too large.
        """
        said: Sequence[Payload] = sending.payloads
        sending.check_size(said)
        payloads = said
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
        sending.sent_by(caller.subject, self._key, said)

    async def _posted(self, path: str, body: Json, seconds: float) -> httpx2.Response:
        """Return the answer; where a run just makes way for the next, what that does."""
        for pause in (*PAUSES, None):
            answer = await self._client.post(
                self._url + path, json=body, headers=_IN_FULL, timeout=seconds
            )
            making_way = answer.status_code == HTTPStatus.TOO_MANY_REQUESTS
            if pause is None or not making_way or CLOSING not in answer.content:
                break
            await asyncio.sleep(pause)
        return answer

    async def _send(self, call: Call, body: Json, seconds: float) -> Json:
        try:
            answer = await self._posted(call.path, body, seconds)
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
            case HTTPStatus.CONFLICT:
                raise Started
            case HTTPStatus.BAD_REQUEST | HTTPStatus.PRECONDITION_FAILED:
                raise NotApplied(str(found.get("message", "")))
            case _:
                raise Silent

    async def _opened(self, found: Json) -> list[Any]:
        payloads = json_format.ParseDict(found, Payloads()).payloads
        return [json.loads(one.data) for one in await self._codec.decode(payloads)]
