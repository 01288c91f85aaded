"""What every address of the API begins with: who asks, whether they may, what is kept of it."""

from typing import Annotated

import asyncpg
from fastapi import Path
from starlette.requests import Request
from starlette.responses import Response

from activities.access import log as access_log
from activities.access.log import Act
from schemas import names
from schemas.access.roles import sees_member
from schemas.names import WorkflowType
from schemas.shared.base import Contract
from workers.gateway import sessions
from workers.gateway.api.codes import told
from workers.gateway.callers import Caller
from workers.gateway.logbook import Logbook
from workers.gateway.login import csrf_missing
from workers.gateway.permissions import not_allowed, of_branch_only
from workers.gateway.refusals import Refused, not_found
from workers.gateway.settings import GatewaySettings
from workers.gateway.through import Door

MEMBERSHIPS = "/api/v1/memberships"
ONE = MEMBERSHIPS + "/{membership_id}"

UNCACHED = {"Cache-Control": "no-store"}

MembershipId = Annotated[
    str,
    Path(
        pattern=f"^{names.FORMS[WorkflowType.MEMBERSHIP]}$",
        description="The id that the start was answered with.",
    ),
]


class Entry:
    """What all addresses share.

    Args:
        settings: of the gateway.
        door: who asks.
        logbook: what is kept.
    """

    def __init__(self, settings: GatewaySettings, door: Door, logbook: Logbook) -> None:
        self._settings = settings
        self._door = door
        self._logbook = logbook

    @property
    def pool(self) -> asyncpg.Pool:
        """The database."""
        return self._logbook.pool

    async def known(self, request: Request) -> None:
        """Find out who asks, before anything else is looked at.

        Raises:
            Refused: nobody who is known, or a browser that no page of ours has sent.
        """
        caller = await self._door.caller(request)
        given = request.headers.get(sessions.CSRF_HEADER, "")
        if request.method != "GET" and not sessions.is_ours(self._settings, caller, given):
            raise csrf_missing()
        request.state.caller = caller

    async def permit(
        self,
        caller: Caller,
        act: Act,
        what: str,
        membership_id: str | None = None,
        *,
        allowed: bool,
    ) -> None:
        """Write down what somebody asks for, and refuse what they may not.

        Args:
            caller: who asks.
            act: what kind of asking it is.
            what: the message, the query or what is read.
            membership_id: about whom.
            allowed: whether one of their roles may.

        Raises:
            Refused: none may, or it is about a member whom they may not know of.
        """
        refused = None if allowed else not_allowed()
        if refused is None and membership_id is not None and of_branch_only(caller.roles):
            branch, hidden = await access_log.seen_as(self.pool, membership_id)
            if not sees_member(caller.roles, caller.branch, branch=branch, hidden=hidden):
                refused = not_found()
        await self._logbook.write(
            caller,
            act,
            what,
            workflow_id=membership_id,
            refused=refused.code if refused else None,
        )
        if refused is not None:
            raise refused


def caller_of(request: Request) -> Caller:
    """Return who asks, as ``Entry.known`` has found out."""
    caller: Caller = request.state.caller
    return caller


def answered(found: Contract, status: int = 200) -> Response:
    """Return an answer that nobody on the way keeps."""
    return Response(found.model_dump_json(), status, UNCACHED, media_type="application/json")


def no_answer() -> Refused:
    """Return the refusal while nobody answers."""
    return told(
        "no_answer",
        "Nobody answered in time. Send it again with the same key: it counts once.",
        "Ingen svarte i tide. Send det på nytt med samme nøkkel: det teller én gang.",
    )
