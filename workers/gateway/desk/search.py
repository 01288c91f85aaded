"""Looking for somebody: one field, sent and never put in an address."""

from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from activities.desk.searching import ENOUGH, Found, find_members
from schemas.access.roles import View
from schemas.desk.searching import Wanted, understood
from workers.gateway.desk.frame import Frame, own_branch

MOST = 50
"""Rows of a page; who finds more is asked to say more."""


class SearchPages:
    """The search.

    Args:
        frame: what all pages share.
    """

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    async def ask(self, request: Request) -> Response:
        """Show the field."""
        caller = await self._frame.caller(request, View.SEARCH)
        return self._frame.page(caller, "search.html", **_said(""))

    async def answer(self, request: Request) -> Response:
        """Show who was found; the log keeps by what was looked for, and how many there were."""
        caller = await self._frame.caller(request, View.SEARCH)
        form = await self._frame.form(request, caller)
        text = form.get("text", "")
        wanted = understood(text)
        if wanted is None:
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            return self._frame.page(caller, "search.html", status=status, **_said(text))
        async with self._frame.pool.acquire() as connection:
            found: Found = await find_members(
                connection, wanted, own_branch=own_branch(caller), most=MOST
            )
        await self._frame.logbook.write(caller, "search", "+".join(wanted.kinds), hits=found.total)
        return self._frame.page(caller, "search.html", **_said(text, found, wanted))


def _said(text: str, found: Found | None = None, wanted: Wanted | None = None) -> dict[str, Any]:
    return {"text": text, "found": found, "wanted": wanted, "enough": ENOUGH}
