"""Settlements line by line: what employers did not deduct, what branches get, who has left."""

import uuid
from collections.abc import Sequence
from http import HTTPStatus
from itertools import groupby

from starlette.requests import Request
from starlette.responses import Response

from activities.desk import settlements
from activities.desk.settlements import OneList
from schemas.access.roles import View, Work, may_do, may_view
from schemas.names import settlement_id
from schemas.shared.calendar import months_before
from workers.gateway.callers import Caller
from workers.gateway.desk.frame import Frame, see_other, today
from workers.gateway.desk.refusals_in_norwegian import Complaint, complaints
from workers.gateway.desk.texts import texts
from workers.gateway.memberships import Gone, Memberships, NotApplied, Silent
from workers.gateway.refusals import not_found

MOST = 200
"""Lines of a page: those that wait for somebody come first."""

BRANCH_MONTHS = 6

LONGEST = 1000

DECISIONS = ("invoice", "write_off", "wait")


class SettlementPages:
    """The settlements.

    Args:
        frame: what all pages share.
        memberships: who passes decisions on.
    """

    def __init__(self, frame: Frame, memberships: Memberships) -> None:
        self._frame = frame
        self._memberships = memberships

    async def show(self, request: Request) -> Response:
        """Show the lists that somebody has to look at, leavers, and branches."""
        caller = await self._frame.caller(request, View.TASKS)
        await self._frame.logbook.write(caller, "list", "desk/settlements")
        books = may_view(caller.roles, View.BOOKS)
        async with self._frame.pool.acquire() as connection:
            lists = await settlements.list_open(connection, today(), MOST)
            leavers = await settlements.read_leavers(connection, MOST)
            since = months_before(today().replace(day=1), BRANCH_MONTHS)
            lines = await settlements.read_branches(connection, since) if books else ()
        branches = [
            list(of_it) for _, of_it in groupby(lines, lambda one: (one.branch, one.period_from))
        ]
        return self._frame.page(
            caller,
            "settlements.html",
            lists=lists,
            leavers=leavers,
            branches=branches if books else None,
        )

    async def one(self, request: Request) -> Response:
        """Show an employer's list, line by line."""
        caller = await self._frame.caller(request, View.TASKS)
        found = await self._list(request)
        return await self._shown(caller, found, request.query_params.get("done", ""))

    async def ask(self, request: Request) -> Response:
        """Show a line, and what may be decided of it."""
        caller = await self._frame.caller(request, View.TASKS)
        membership_id = await self._frame.member(request, caller, "read", "desk/deduction")
        return await self._line(caller, await self._list(request), membership_id, {})

    async def decide(self, request: Request) -> Response:
        """Pass a decision about a line on to its settlement."""
        caller, form = await self._frame.handling(request)
        membership_id = await self._frame.member(request, caller, "message", "decide_deduction")
        found = await self._list(request)
        reason = form.get("reason", "").strip()[:LONGEST]
        decision = form.get("decision", "")
        words = texts()["line_wrong"]
        wrong = (
            [] if decision in DECISIONS else [Complaint("decision", words["decision"], known=True)]
        )
        wrong += [] if reason else [Complaint("reason", words["reason"], known=True)]
        if wrong:
            return await self._line(caller, found, membership_id, form, wrong)
        data = {
            "membership_id": membership_id,
            "decision": decision,
            "caseworker": caller.name,
            "reason": reason,
        }
        try:
            await self._memberships.decide_deduction(
                caller,
                found.number,
                f"{found.period_from:%Y-%m}",
                data,
                form.get("update_id") or _new_id(),
            )
        except NotApplied as why:
            again = complaints(str(why), ())
            return await self._line(caller, found, membership_id, form, again)
        except Gone:
            wrong = [Complaint("", words["gone"], known=True)]
            return await self._line(caller, found, membership_id, form, wrong)
        except Silent:
            return see_other(f"/desk/lists/{found.number}?done=unknown")
        return see_other(f"/desk/lists/{found.number}?done=decided")

    async def _list(self, request: Request) -> OneList:
        number = str(request.path_params["number"])
        async with self._frame.pool.acquire() as connection:
            found = await settlements.read_list(connection, number)
        if found is None:
            raise not_found()
        return found

    async def _shown(self, caller: Caller, found: OneList, done: str) -> Response:
        await self._frame.logbook.write(caller, "list", "desk/deductions")
        async with self._frame.pool.acquire() as connection:
            lines = await settlements.read_lines(connection, found.number, most=MOST + 1)
        workflow_id = settlement_id(found.number.partition("-")[0], f"{found.period_from:%Y-%m}")
        return self._frame.page(
            caller,
            "list.html",
            list=found,
            lines=lines[:MOST],
            more=len(lines) > MOST,
            handles=may_do(caller.roles, Work.HANDLE),
            done=done,
            temporal=f"/namespaces/{self._memberships.namespace}/workflows/{workflow_id}",
        )

    async def _line(
        self,
        caller: Caller,
        found: OneList,
        membership_id: str,
        given: dict[str, str],
        wrong: Sequence[Complaint] = (),
    ) -> Response:
        async with self._frame.pool.acquire() as connection:
            lines = await settlements.read_lines(
                connection, found.number, only=membership_id, most=1
            )
        if not lines:
            raise not_found()
        return self._frame.page(
            caller,
            "list_line.html",
            status=HTTPStatus.CONFLICT if wrong else HTTPStatus.OK,
            list=found,
            line=lines[0],
            given=given,
            wrong=wrong,
            decisions=DECISIONS,
            handles=may_do(caller.roles, Work.HANDLE),
            # What was refused under an id is refused under it for ever.
            update_id=_new_id(),
        )


def _new_id() -> str:
    return f"desk-{uuid.uuid4()}"
