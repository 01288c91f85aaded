"""What other systems read: how memberships stand, and which have changed."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from activities.membership.changed import BEGINNING, ChangedPage, UnknownCursor, list_changed
from activities.membership.kept import kept_explanation, kept_state
from activities.shared.tasks import Connection
from schemas.access.roles import View, may_query, may_view
from schemas.access.shown import shown_to
from schemas.membership.forecast import Forecast
from schemas.membership.state import Explanation, MembershipState
from schemas.names import WorkflowType
from schemas.shared.base import PublishedModel
from workers.gateway.api.codes import told
from workers.gateway.api.entry import (
    MEMBERSHIPS,
    ONE,
    UNCACHED,
    Entry,
    MembershipId,
    answered,
    caller_of,
    no_answer,
)
from workers.gateway.callers import Caller
from workers.gateway.living import Living
from workers.gateway.memberships import Gone, NotApplied, Silent
from workers.gateway.messages import Json
from workers.gateway.refusals import not_found

QUERIES: Mapping[str, tuple[str, type[PublishedModel]]] = {
    "state": ("Say how a membership stands", MembershipState),
    "explain": (
        "Say why: of every amount and wait the rule and the fact",
        Explanation,
    ),
    "forecast": ("Say what happens until 80 if nobody does anything", Forecast),
}
"""By name: what it answers, in words and as a model."""

KEPT: Mapping[str, Callable[[Connection, str], Awaitable[PublishedModel | None]]] = {
    "state": kept_state,
    "explain": kept_explanation,
}
"""The queries that rows answer as well, once the run is gone."""


class Reading:
    """The addresses that say how memberships stand.

    Args:
        entry: who asks.
        living: how memberships are asked by the prices in force.
    """

    def __init__(self, entry: Entry, living: Living) -> None:
        self._entry = entry
        self._living = living

    def add_to(self, router: APIRouter) -> None:
        """Add the addresses."""
        router.add_api_route(
            MEMBERSHIPS,
            self.list_changed,
            methods=["GET"],
            operation_id="list",
            summary="List memberships, or which have changed since",
            response_model=ChangedPage,
        )
        for query, (says, model) in QUERIES.items():
            router.add_api_route(
                ONE if query == "state" else f"{ONE}/{query}",
                self._asking(query),
                methods=["GET"],
                operation_id=query,
                summary=says,
                response_model=model,
            )

    async def list_changed(
        self,
        request: Request,
        changed_since: Annotated[
            str,
            Query(
                max_length=80,
                description="`next` of the page before, or of an earlier time: what has changed "
                "since then. Left out: all there are.",
            ),
        ] = BEGINNING,
        limit: Annotated[int, Query(ge=1, le=1000, description="Most on a page.")] = 100,
    ) -> Response:
        """List how memberships stand, the longest unchanged first.

        Each stands once, as it is now. Who is hidden is listed for those alone who may know it.
        """
        caller = caller_of(request)
        await self._entry.permit(
            caller, "list", "api/memberships", allowed=may_view(caller.roles, View.MEMBERSHIPS)
        )
        hidden = may_view(caller.roles, View.HIDDEN)
        try:
            async with self._entry.pool.acquire() as connection:
                page = await list_changed(connection, changed_since, hidden=hidden, most=limit)
        except UnknownCursor:
            raise told(
                "unknown_cursor",
                "changed_since is no cursor of ours: send `next` of a page, or leave it out.",
                "changed_since er ingen markør fra oss: send `next` fra en side, eller utelat den.",
            ) from None
        return answered(page)

    def _asking(self, query: str) -> Callable[..., Awaitable[Response]]:
        async def ask(request: Request, membership_id: MembershipId) -> Response:
            caller = caller_of(request)
            await self._entry.permit(
                caller,
                "query",
                query,
                membership_id,
                allowed=may_query(caller.roles, WorkflowType.MEMBERSHIP, query),
            )
            try:
                found = await answer_of(self._entry, self._living, caller, membership_id, query)
            except (Silent, NotApplied):
                raise no_answer() from None
            if found is None:
                raise not_found()
            return JSONResponse(found, headers=UNCACHED)

        return ask


async def answer_of(
    entry: Entry, living: Living, caller: Caller, membership_id: str, query: str
) -> Json | None:
    """Return what a membership answers, or its rows once its run is gone; None: there is none.

    Raises:
        Silent: nobody answers.
        NotApplied: it can't be asked.
    """
    try:
        return await living.one_of(caller, membership_id, query)
    except Gone:
        read = KEPT.get(query)
        if read is None:
            return None
        async with entry.pool.acquire() as connection:
            kept = await read(connection, membership_id)
        if kept is None:
            return None
        return shown_to(caller.roles, query, kept.model_dump(mode="json"))


async def state_of(entry: Entry, living: Living, caller: Caller, membership_id: str) -> Json | None:
    """Return how a membership stands; None: it does not say."""
    try:
        return await answer_of(entry, living, caller, membership_id, "state")
    except (Silent, NotApplied):
        return None
