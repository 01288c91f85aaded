"""`/export`: everything that is held on somebody, handed out to the data-protection officer."""

from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter
from pydantic import BeforeValidator, ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from activities.privacy.erasing import memberships_known
from activities.privacy.holdings import held_on
from activities.privacy.readable import page_of
from schemas.access.roles import View, may_view
from schemas.privacy.erasure import Whose
from schemas.shared.base import Inbound, Line, none_is
from schemas.shared.calendar import oslo_date
from workers.gateway import sessions
from workers.gateway.callers import Caller
from workers.gateway.guard import unreadable
from workers.gateway.logbook import Logbook
from workers.gateway.login import csrf_missing
from workers.gateway.permissions import not_allowed
from workers.gateway.refusals import Refused, Sentence
from workers.gateway.settings import GatewaySettings
from workers.gateway.through import Door

PATH = "/export"
WHAT = "person_export"

UNCACHED = {"Cache-Control": "no-store"}


class Form(StrEnum):
    """As what it is handed out."""

    JSON = "json"
    PAGE = "page"


class ExportOrder(Inbound):
    """What is asked for."""

    whose: Whose
    """A person, or a membership of theirs."""
    why: Line
    """Why it is read: kept in the access log."""
    form: Annotated[Form, BeforeValidator(none_is(Form.JSON), Form | None)] = Form.JSON
    """A page for people, or JSON."""


class Export:
    """The address.

    Args:
        settings: of the gateway.
        door: who asks.
        logbook: what is kept, and the database that is read.
    """

    def __init__(self, settings: GatewaySettings, door: Door, logbook: Logbook) -> None:
        self._settings = settings
        self._door = door
        self._logbook = logbook

    def routes(self) -> APIRouter:
        """Return the address."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route(PATH, self.hand_out, methods=["POST"])
        return router

    async def hand_out(self, request: Request) -> Response:
        """Hand out what is held, once it is written down who reads about whom, and why."""
        caller = await self._door.caller(request)
        given = request.headers.get(sessions.CSRF_HEADER, "")
        if not sessions.is_ours(self._settings, caller, given):
            await self._logbook.write(caller, "read", WHAT, refused="csrf")
            raise csrf_missing()
        try:
            order = ExportOrder.model_validate_json(await request.body())
        except ValidationError:
            await self._logbook.write(caller, "read", WHAT, refused="unreadable")
            raise unreadable() from None
        return await handed_out(self._logbook, caller, order)


async def handed_out(logbook: Logbook, caller: Caller, order: ExportOrder) -> Response:
    """Return what is held on somebody, once it is written down who reads about whom, and why.

    Raises:
        Refused: the caller may not, or nobody is known.
    """
    refused = None if may_view(caller.roles, View.PERSON_EXPORT) else not_allowed()
    async with logbook.pool.acquire() as connection:
        known = await memberships_known(connection, order.whose)
    # That nobody's was asked for is kept as well.
    for about in known or (None,):
        await logbook.write(
            caller,
            "read",
            WHAT,
            workflow_id=about,
            why=order.why,
            refused=refused.code if refused else None,
        )
    if refused:
        raise refused
    today = oslo_date(datetime.now(UTC))
    async with (
        logbook.pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        held = await held_on(connection, order.whose, today)
    if held is None:
        raise nobody()
    if order.form is Form.PAGE:
        return HTMLResponse(page_of(held), headers=UNCACHED)
    return Response(held.model_dump_json(), media_type="application/json", headers=UNCACHED)


def nobody() -> Refused:
    """Return the refusal of what is about nobody."""
    return Refused(
        HTTPStatus.NOT_FOUND,
        "unknown_person",
        Sentence(
            "Nobody is known under this id.",
            "Ingen er kjent under denne id-en.",
        ),
    )
