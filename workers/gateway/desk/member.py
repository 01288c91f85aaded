"""The member's page, and the letters that lie behind it."""

from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import quote

import asyncpg
from starlette.requests import Request
from starlette.responses import Response

from activities.desk import member as reads
from activities.letters import resending
from activities.letters.reading import read_letter
from activities.letters.settings import NotificationSettings
from activities.persons.views import PersonView, view_person
from schemas.access.roles import View, Work, may_do, may_view
from schemas.desk.forms import FORMS, Form
from workers.gateway.callers import Caller
from workers.gateway.desk.frame import Frame, see_other, today
from workers.gateway.desk.sending import may_fill_in
from workers.gateway.living import Living
from workers.gateway.memberships import Memberships
from workers.gateway.permissions import not_allowed
from workers.gateway.refusals import not_found

COMMON = ("approve", "ask", "reject", "moved", "contact", "name", "employer", "leave", "resign",
          "death")  # fmt: skip
"""Forms that stand on the page itself; the others are folded away."""


class MemberPages:
    """A member's page and letters.

    Args:
        frame: what all pages share.
        living: what memberships say.
        memberships: who sends what is ordered.
        letters: who we are, as letters have it.
    """

    def __init__(
        self,
        frame: Frame,
        living: Living,
        memberships: Memberships,
        letters: NotificationSettings,
    ) -> None:
        self._frame = frame
        self._living = living
        self._memberships = memberships
        self._letters = letters

    async def show(self, request: Request) -> Response:
        """Show all of a member that whoever looks may see."""
        caller = await self._frame.caller(request, View.MEMBER)
        membership_id = await self._frame.member(request, caller, "read", "desk/member")
        said = await self._living.all_of(caller, membership_id)
        sees = {view: may_view(caller.roles, view) for view in View}
        async with self._frame.pool.acquire() as connection:
            member = await reads.read_member(connection, membership_id, today())
            if member is None:
                raise not_found()
            money = await reads.read_money(connection, membership_id) if sees[View.MONEY] else None
            letters = (
                await reads.read_letters(connection, membership_id) if sees[View.LETTERS] else None
            )
            log = await reads.read_log(connection, membership_id) if sees[View.MONEY] else ()
            others = await reads.read_others(connection, membership_id) if sees[View.MONEY] else ()
            tasks = await reads.read_tasks(connection, membership_id) if sees[View.TASKS] else ()
            terms = await reads.read_terms(connection, membership_id)
            person = await _person(connection, caller, membership_id)
        offered = [form for form in FORMS.values() if may_fill_in(caller, form)]
        offered = [form for form in offered if member.stage in form.stages]
        return self._frame.page(
            caller,
            "member.html",
            member=member,
            said=said,
            money=money,
            letters=letters,
            log=log,
            others=others,
            tasks=tasks,
            terms=terms,
            person=person,
            common=_in_order(offered),
            more=[form for form in offered if form.key not in COMMON],
            resends=may_do(caller.roles, Work.RESEND),
            temporal=self._temporal(membership_id),
            done=request.query_params.get("done", ""),
        )

    async def letter(self, request: Request) -> Response:
        """Show a letter as its reader sees it."""
        caller = await self._frame.caller(request, View.LETTERS)
        membership_id = await self._frame.member(request, caller, "read", "desk/letter")
        message_id = str(request.path_params["message_id"])
        async with self._frame.pool.acquire() as connection:
            found = await read_letter(connection, membership_id, message_id, self._letters, today())
        if found is None:
            raise not_found()
        return self._frame.page(
            caller,
            "letter.html",
            letter=found[0],
            membership_id=membership_id,
            message_id=message_id,
            resends=may_do(caller.roles, Work.RESEND),
        )

    async def file(self, request: Request) -> Response:
        """Return what went with a letter."""
        caller = await self._frame.caller(request, View.LETTERS)
        membership_id = await self._frame.member(request, caller, "read", "desk/letter")
        async with self._frame.pool.acquire() as connection:
            found = await read_letter(
                connection,
                membership_id,
                str(request.path_params["message_id"]),
                self._letters,
                today(),
            )
        nth = int(request.path_params["nth"])
        if found is None or nth >= len(found[1]):
            raise not_found()
        file = found[1][nth]
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": f"inline; filename*=UTF-8''{quote(file.filename)}",
        }
        return Response(file.content, media_type=f"{file.maintype}/{file.subtype}", headers=headers)

    async def resend(self, request: Request) -> Response:
        """Have a letter go out again, past the same gate."""
        caller = await self._frame.caller(request, View.LETTERS)
        await self._frame.form(request, caller)
        if not may_do(caller.roles, Work.RESEND):
            raise not_allowed()
        membership_id = await self._frame.member(request, caller, "message", "desk/resend")
        message_id = str(request.path_params["message_id"])
        async with self._frame.pool.acquire() as connection:
            found = await read_letter(connection, membership_id, message_id, self._letters, today())
        if found is None:
            raise not_found()
        page = f"/desk/members/{membership_id}"
        try:
            copy = await resending.resend(
                self._frame.pool, message_id, by=caller.name, at=datetime.now(UTC), today=today()
            )
        except resending.NotPossible as why:
            return self._frame.page(
                caller,
                "letter.html",
                status=HTTPStatus.CONFLICT,
                letter=found[0].model_copy(update={"withheld": str(why)}),
                membership_id=membership_id,
                message_id=message_id,
                resends=True,
            )
        await self._memberships.send_out(copy.batch)
        return see_other(f"{page}?done=resent")

    def _temporal(self, membership_id: str) -> str:
        return f"/namespaces/{self._memberships.namespace}/workflows/{membership_id}"


def _in_order(offered: list[Form]) -> list[Form]:
    return sorted(
        (form for form in offered if form.key in COMMON), key=lambda form: COMMON.index(form.key)
    )


async def _person(
    connection: asyncpg.pool.PoolConnectionProxy, caller: Caller, membership_id: str
) -> PersonView | None:
    if not may_view(caller.roles, View.MONEY):
        return None
    return await view_person(connection, membership_id, today())
