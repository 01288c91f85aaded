"""What every page of the desk begins with: who asks, whether they may, what is kept of it."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, quote

import asyncpg
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from activities.access import log as access_log
from activities.access.log import Act
from schemas.access.roles import View, Work, may_do, may_view, sees_member
from schemas.names import WorkflowType
from schemas.shared.calendar import oslo_date
from workers.gateway import sessions
from workers.gateway.callers import Caller
from workers.gateway.calls import type_of
from workers.gateway.desk.rendering import Pages
from workers.gateway.logbook import Logbook
from workers.gateway.login import csrf_missing
from workers.gateway.permissions import not_allowed, of_branch_only
from workers.gateway.refusals import Refused, Sentence, not_found, wants_a_page
from workers.gateway.settings import GatewaySettings
from workers.gateway.through import Door

MOST_FIELDS = 200

Form = Mapping[str, str]
Handler = Callable[[Request], Awaitable[Response]]


class Frame:
    """What all pages share.

    Args:
        settings: of the gateway.
        door: who asks.
        logbook: what is kept.
        pages: what they look like.
    """

    def __init__(
        self, settings: GatewaySettings, door: Door, logbook: Logbook, pages: Pages
    ) -> None:
        self.settings = settings
        self.logbook = logbook
        self._door = door
        self._pages = pages

    @property
    def pool(self) -> asyncpg.Pool:
        """The database."""
        return self.logbook.pool

    async def caller(self, request: Request, *views: View) -> Caller:
        """Return who asks, once it is clear that they may see one of some views.

        Raises:
            Refused: nobody is logged in, or none of their roles may.
        """
        caller = await self._door.caller(request)
        if not any(may_view(caller.roles, view) for view in views):
            await self.logbook.write(caller, "read", f"desk/{views[0]}", refused="not_allowed")
            raise not_allowed()
        return caller

    async def handling(self, request: Request) -> tuple[Caller, dict[str, str]]:
        """Return who sends a form that only whoever handles cases may send, and what it says.

        Raises:
            Refused: they may not, or no page of ours has sent it.
        """
        caller = await self.caller(request, View.TASKS)
        form = await self.form(request, caller)
        if not may_do(caller.roles, Work.HANDLE):
            await self.logbook.write(caller, "message", "desk/money", refused="not_allowed")
            raise not_allowed()
        return caller, form

    async def form(self, request: Request, caller: Caller) -> dict[str, str]:
        """Return what a form says, once it is clear that a page of ours has sent it.

        Raises:
            Refused: it has not, or is none.
        """
        try:
            pairs = parse_qsl(
                (await request.body()).decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS
            )
        except ValueError:
            raise unreadable_form() from None
        found = dict(pairs)
        if not sessions.is_ours(self.settings, caller, found.pop("csrf", "")):
            raise csrf_missing()
        return found

    async def member(self, request: Request, caller: Caller, act: Act, what: str) -> str:
        """Return whose page is asked for, once that may be seen and stands in the log.

        Args:
            request: with the membership's id in its address.
            caller: who asks.
            act: what kind of asking it is.
            what: what they look at or send.

        Raises:
            Refused: it is no membership, or one that they may not see; both are answered alike.
        """
        membership_id = str(request.path_params["membership_id"])
        branch, hidden = await access_log.seen_as(self.pool, membership_id)
        known = hidden is not None and type_of(membership_id) == WorkflowType.MEMBERSHIP
        if not known or not sees_member(caller.roles, caller.branch, branch=branch, hidden=hidden):
            await self.logbook.write(
                caller, act, what, workflow_id=membership_id, refused="not_found"
            )
            raise not_found()
        await self.logbook.write(caller, act, what, workflow_id=membership_id)
        return membership_id

    def page(
        self, caller: Caller, template: str, *, status: HTTPStatus = HTTPStatus.OK, **values: Any
    ) -> Response:
        """Return a page."""
        return self._pages.page(caller, template, status=status, **values)


def own_branch(caller: Caller) -> str | None:
    """Return the branch whose members somebody sees and nobody else's; None: they see all."""
    return (caller.branch or "") if of_branch_only(caller.roles) else None


def today() -> date:
    """Return the business date."""
    return oslo_date(datetime.now(UTC))


def see_other(path: str) -> Response:
    """Return what leads a browser on after a form, so that loading anew sends nothing twice."""
    return RedirectResponse(path, HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})


def led_to_login(handler: Handler) -> Handler:
    """Have a browser log in where nobody is, and come back."""

    async def led(request: Request) -> Response:
        try:
            return await handler(request)
        except Refused as refused:
            reading = request.method == "GET" and wants_a_page(request)
            if refused.status is HTTPStatus.UNAUTHORIZED and reading:
                return see_other(f"/login?next={quote(_wanted(request), safe='')}")
            raise

    return led


def _wanted(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def unreadable_form() -> Refused:
    """Return the refusal of what is no form."""
    return Refused(
        HTTPStatus.BAD_REQUEST,
        "unreadable",
        Sentence("The form can't be read.", "Skjemaet kan ikke leses."),
    )
