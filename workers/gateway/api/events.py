"""What other systems are told of members, in its order: the events, page by page."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from activities.events.reading import (
    BEGINNING,
    UnknownCursor,
    cursor_of,
    number_events,
    read_page,
)
from schemas.access.roles import View, may_view
from schemas.events.cloud_event import EventPage
from schemas.events.types import TYPES
from workers.gateway.api.codes import told
from workers.gateway.api.entry import Entry, answered, caller_of

EVENTS = "/api/v1/events"


class EventFeed:
    """The address of the events.

    Args:
        entry: who asks.
    """

    def __init__(self, entry: Entry) -> None:
        self._entry = entry

    def add_to(self, router: APIRouter) -> None:
        """Add the address."""
        router.add_api_route(
            EVENTS,
            self.list_events,
            methods=["GET"],
            operation_id="list_events",
            summary="List what has happened to members, as CloudEvents",
            response_model=EventPage,
        )

    async def list_events(
        self,
        request: Request,
        after: Annotated[
            str,
            Query(
                max_length=20,
                description="`next` of the page before, or of an earlier time: what happened since "
                "then. Left out: all there are.",
            ),
        ] = str(BEGINNING),
        kind: Annotated[
            list[str] | None,
            Query(
                alias="type",
                max_length=len(TYPES),
                description="Only events of this type, by its last word; may be repeated.",
            ),
        ] = None,
        limit: Annotated[int, Query(ge=1, le=1000, description="Most on a page.")] = 100,
    ) -> Response:
        """List events in their order: of one membership as they came about, none left out.

        What happens to who is hidden is listed for those alone who may know of them.
        """
        caller = caller_of(request)
        await self._entry.permit(
            caller, "list", "api/events", allowed=may_view(caller.roles, View.EVENTS)
        )
        if not TYPES.issuperset(kind or ()):
            raise told(
                "invalid_request",
                "type: there are no events of a type that is named.",
                "type: det finnes ingen hendelser av en type som er nevnt.",
                ["type: is none"],
            )
        try:
            number = cursor_of(after)
        except UnknownCursor:
            raise told(
                "unknown_cursor",
                "after is no cursor of ours: send `next` of a page, or leave it out.",
                "after er ingen markør fra oss: send `next` fra en side, eller utelat den.",
            ) from None
        async with self._entry.pool.acquire() as connection:
            await number_events(connection)
            page = await read_page(
                connection,
                number,
                cleared=may_view(caller.roles, View.HIDDEN),
                most=limit,
                types=kind,
            )
        return answered(page)
