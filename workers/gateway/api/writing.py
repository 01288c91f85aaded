"""What other systems start and send.

It goes the way that all messages go; here it is only put in HTTP's terms: a key in a header makes
a repeated request harmless, a refusal is a problem with a code.
"""

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Header
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from activities.membership.kept import GONE, kept_state
from schemas import names
from schemas.access.roles import MAY_SEND, SERVICE, may_query, may_send, may_start
from schemas.membership.application import Application
from schemas.membership.messages import MESSAGES, Answer
from schemas.membership.state import MembershipState
from schemas.names import WorkflowType
from schemas.shared.base import PublishedModel
from schemas.shared.faults import faults_of
from schemas.shared.vocabulary import Stage
from workers.gateway.api import openapi
from workers.gateway.api.codes import told
from workers.gateway.api.entry import (
    MEMBERSHIPS,
    ONE,
    Entry,
    MembershipId,
    answered,
    caller_of,
    no_answer,
)
from workers.gateway.api.reading import state_of
from workers.gateway.callers import Caller
from workers.gateway.living import Living
from workers.gateway.memberships import Gone, Memberships, NotApplied, Silent, Started
from workers.gateway.messages import Json, json_object
from workers.gateway.refusals import Refused, not_found

UUID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"

StartKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=UUID,
        description="A UUID of your own. The membership's id is made of it, so that a repeated "
        "request starts nothing twice, however late it comes.",
    ),
]
MessageKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        max_length=200,
        pattern=r"^[!-~]+$",
        description="Opaque, best a UUID of your own, one for each message. It counts once for the "
        "membership's whole life: sent again, it gets the first answer; with other content, or "
        "from another sender, it is refused.",
    ),
]

OFFERED = {
    name: kind
    for name, kind in MESSAGES.items()
    if MAY_SEND[WorkflowType.MEMBERSHIP][name] - {SERVICE}
}
"""The messages that somebody else than the service itself may send."""


class StartedMembership(PublishedModel):
    """A membership that was started now, or under the same key before."""

    id: str
    """Of the membership."""
    state: MembershipState | None
    """How it stands, with the faults that end it as invalid; null: it has not said yet."""


class Writing:
    """The addresses that change something.

    Args:
        entry: who asks.
        memberships: who is told.
        living: how they are asked by the prices in force.
    """

    def __init__(self, entry: Entry, memberships: Memberships, living: Living) -> None:
        self._entry = entry
        self._memberships = memberships
        self._living = living

    def add_to(self, router: APIRouter) -> None:
        """Add the addresses."""
        router.add_api_route(
            MEMBERSHIPS,
            self.start,
            methods=["POST"],
            operation_id="start",
            summary="Start a membership with an application",
            response_model=StartedMembership,
            status_code=HTTPStatus.CREATED,
            responses={200: {"model": StartedMembership, "description": "Started before"}},
            openapi_extra=openapi.takes("application"),
        )
        for name, kind in OFFERED.items():
            router.add_api_route(
                f"{ONE}/messages/{name}",
                self._telling(name),
                methods=["POST"],
                operation_id=name,
                summary=kind.card.purpose,
                response_model=Answer,
                openapi_extra=openapi.takes(name),
            )
        router.add_api_route(
            ONE + "/messages/{name}", self.unknown, methods=["POST"], include_in_schema=False
        )

    async def start(self, request: Request, idempotency_key: StartKey) -> Response:
        """Start a membership. What can't be read as an application starts nothing."""
        caller = caller_of(request)
        membership_id = names.membership_id(idempotency_key)
        application = json_object(await request.body())
        await self._entry.permit(
            caller,
            "start",
            "StartWorkflowExecution",
            membership_id,
            allowed=may_start(caller.roles, WorkflowType.MEMBERSHIP),
        )
        faults = _faults(Application, application)
        if faults:
            raise told(
                "invalid_application",
                "The application has faults: correct what `faults` names, and send it again.",
                "Søknaden har feil: rett det som står i `faults`, og send den på nytt.",
                faults,
            )
        status = HTTPStatus.CREATED
        try:
            await self._memberships.start(caller, membership_id, application)
        except Started:
            status = HTTPStatus.OK
        except Silent:
            raise no_answer() from None
        found = StartedMembership(id=membership_id, state=await self._state(caller, membership_id))
        answer = answered(found, status)
        answer.headers["Location"] = f"{MEMBERSHIPS}/{membership_id}"
        return answer

    async def _state(self, caller: Caller, membership_id: str) -> MembershipState | None:
        if not may_query(caller.roles, WorkflowType.MEMBERSHIP, "state"):
            return None
        found = await state_of(self._entry, self._living, caller, membership_id)
        return None if found is None else MembershipState.model_validate(found)

    def _telling(self, name: str) -> Callable[..., Awaitable[Response]]:
        async def tell(
            request: Request, membership_id: MembershipId, idempotency_key: MessageKey
        ) -> Response:
            return await self._tell(request, membership_id, name, idempotency_key)

        return tell

    async def _tell(self, request: Request, membership_id: str, name: str, key: str) -> Response:
        caller = caller_of(request)
        data = json_object(await request.body())
        await self._entry.permit(
            caller,
            "message",
            name,
            membership_id,
            allowed=may_send(caller.roles, WorkflowType.MEMBERSHIP, name),
        )
        try:
            return answered(await self._memberships.tell(caller, membership_id, name, data, key))
        except Silent:
            raise no_answer() from None
        except Gone:
            raise await self._over(membership_id) from None
        except NotApplied as why:
            raise await self._not_applied(caller, membership_id, name, data, str(why)) from None

    async def _not_applied(
        self, caller: Caller, membership_id: str, name: str, data: Json, why: str
    ) -> Refused:
        """Return what a membership has refused: for what was sent, or for how it stands."""
        faults = _faults(OFFERED[name], data)
        if faults:
            return told("invalid_message", why, "Meldingen har feil: se `faults`.", faults)
        state = await self._state(caller, membership_id)
        if state is not None and state.stage == Stage.ENDED:
            return told("ended", why, "Medlemskapet er avsluttet, og tar ikke imot meldingen.")
        return told("refused", why, "Medlemskapet tar ikke imot meldingen slik det står nå.")

    async def _over(self, membership_id: str) -> Refused:
        """Return why a membership takes no messages: it is over, erased, or there is none."""
        async with self._entry.pool.acquire() as connection:
            kept = await kept_state(connection, membership_id)
        if kept is None:
            return not_found()
        if kept.erased_on is not None:
            return told("erased", f"The membership {GONE}.", "Medlemskapet er slettet.")
        return told(
            "ended",
            "The membership has ended, and takes no messages any more.",
            "Medlemskapet er avsluttet, og tar ikke imot flere meldinger.",
        )

    async def unknown(self, request: Request, name: str) -> Response:  # noqa: ARG002 - of the path
        """Refuse a message that there is not; its name is not repeated."""
        known = ", ".join(OFFERED)
        raise told(
            "unknown_message",
            f"No message is called that: known are {known}.",
            f"Ingen melding heter det: det finnes {known}.",
        )


def _faults(kind: type[BaseModel], data: Json) -> list[str]:
    try:
        kind.model_validate_json(json.dumps(data))
    except ValidationError as error:
        return faults_of(error)
    return []
