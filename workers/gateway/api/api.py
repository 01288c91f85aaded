"""The API, put together of its addresses."""

import json
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import Response

from activities.letters.settings import NotificationSettings
from schemas.shared.faults import complaint_of
from workers.gateway import refusals
from workers.gateway.api import openapi
from workers.gateway.api.codes import told
from workers.gateway.api.documents import DocumentPages
from workers.gateway.api.entry import Entry
from workers.gateway.api.events import EventFeed
from workers.gateway.api.reading import Reading
from workers.gateway.api.writing import Writing
from workers.gateway.living import Living
from workers.gateway.logbook import Logbook
from workers.gateway.memberships import Memberships
from workers.gateway.settings import GatewaySettings
from workers.gateway.through import Door

DOCUMENT = "/api/v1/openapi.json"


class Api:
    """The API.

    Args:
        settings: of the gateway.
        door: who asks.
        logbook: what is kept, and the database that is read.
        memberships: who is told.
        living: how they are asked by the prices in force.
        letters: who we are, as letters have it.
    """

    def __init__(
        self,
        settings: GatewaySettings,
        door: Door,
        logbook: Logbook,
        memberships: Memberships,
        living: Living,
        letters: NotificationSettings,
    ) -> None:
        entry = Entry(settings, door, logbook)
        self._routes = _routes(entry, memberships, living, letters)
        self._document = json.dumps(openapi.document(self._routes.routes, settings.url))

    def routes(self) -> APIRouter:
        """Return all addresses; the document that tells of them is anybody's to read."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route(DOCUMENT, self.document, methods=["GET"])
        router.include_router(self._routes)
        return router

    async def document(self) -> Response:
        """Return the OpenAPI document."""
        return Response(self._document, media_type="application/json")


def _routes(
    entry: Entry, memberships: Memberships, living: Living, letters: NotificationSettings
) -> APIRouter:
    router = APIRouter(dependencies=[Depends(entry.known)])
    Writing(entry, memberships, living).add_to(router)
    Reading(entry, living).add_to(router)
    DocumentPages(entry, letters).add_to(router)
    EventFeed(entry).add_to(router)
    return router


def described() -> openapi.Json:
    """Return the OpenAPI document of any installation; nothing is asked of anybody for it."""
    nobody: Any = None
    routes = _routes(Entry(nobody, nobody, nobody), nobody, nobody, nobody)
    return openapi.document(routes.routes)


async def wrong_parameter(request: Request, error: Exception) -> Response:
    """Refuse a header or a part of an address; what stood there is not repeated."""
    assert isinstance(error, RequestValidationError)
    faults = [f"{one['loc'][-1]}: {complaint_of(one)}" for one in error.errors()]
    refused = told(
        "invalid_request",
        "; ".join(faults),
        "Et hode eller en del av adressen er feil: se `faults`.",
        faults,
    )
    assert refused.status is HTTPStatus.BAD_REQUEST
    return refusals.answer(request, refused)
