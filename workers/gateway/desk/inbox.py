"""The inbox, and a case: what is to be done, who has it, and when it is due."""

import uuid
from datetime import UTC, date, datetime
from http import HTTPStatus
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from activities.desk import cases
from activities.desk.cases import Case, Colleague, Move, NotPossible, Whose
from activities.desk.member import read_member
from activities.desk.money import count_to_approve
from activities.payments.task_payers import PaymentTask, payers_of
from activities.shared.tasks import close_task
from schemas.access.roles import View, Work, may_do
from schemas.names import WorkflowType, is_own_id
from workers.gateway.callers import Caller
from workers.gateway.desk.actions import actions_of
from workers.gateway.desk.frame import Frame, see_other, today
from workers.gateway.permissions import not_allowed
from workers.gateway.refusals import not_found

MOST = 50
"""Cases of a page."""

LONGEST_NOTE = 500


class InboxPages:
    """The inbox.

    Args:
        frame: what all pages share.
    """

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    async def show(self, request: Request) -> Response:
        """Show a page of the cases, and how many there are of each kind."""
        caller = await self._frame.caller(request, View.INBOX)
        await self._frame.logbook.write(caller, "list", "desk/inbox")
        whose = _whose(request.query_params.get("whose", ""))
        kind = request.query_params.get("kind") or None
        async with self._frame.pool.acquire() as connection:
            counts = await cases.count_cases(connection, caller.subject, today())
            to_approve = await count_to_approve(connection, caller.subject)
            found = await cases.list_cases(
                connection,
                subject=caller.subject,
                today=today(),
                whose=whose,
                kind=kind,
                after=_after(request.query_params.get("after", "")),
                most=MOST + 1,
            )
        return self._frame.page(
            caller,
            "inbox.html",
            cases=found[:MOST],
            counts=counts,
            to_approve=to_approve,
            whose=whose,
            kind=kind,
            next=_next(found, whose, kind),
            today=today(),
        )

    async def case(self, request: Request) -> Response:
        """Show all that is to be done about a case."""
        caller = await self._frame.caller(request, View.TASKS)
        return await self._case(caller, await self._key(request, caller))

    async def move(self, request: Request) -> Response:
        """Take a case, hand it over, put it back till a day, let go of it, or close a task."""
        caller = await self._frame.caller(request, View.TASKS)
        form = await self._frame.form(request, caller)
        case_key = await self._key(request, caller)
        if not may_do(caller.roles, Work.HANDLE):
            await self._frame.logbook.write(
                caller, "message", "desk/case", workflow_id=case_key, refused="not_allowed"
            )
            raise not_allowed()
        await self._frame.logbook.write(caller, "message", "desk/case", workflow_id=case_key)
        if "close" in form:
            return await self._close(caller, case_key, form["close"], form.get("note", ""))
        try:
            await self._moved(caller, case_key, form)
        except (NotPossible, ValueError) as why:
            wrong = str(why) if isinstance(why, NotPossible) else "unreadable"
            return await self._case(caller, case_key, wrong=wrong)
        return see_other(f"/desk/cases/{case_key}")

    async def _moved(self, caller: Caller, case_key: str, form: dict[str, str]) -> None:
        move = Move(form.get("move", ""))
        at, to, until_on = datetime.now(UTC), None, None
        if move is Move.PUT_BACK:
            until_on = date.fromisoformat(form.get("until_on", ""))
        if move is Move.HANDED_OVER:
            async with self._frame.pool.acquire() as connection:
                there = await cases.colleagues(connection, at)
            to = next((one for one in there if one.subject == form.get("to")), None)
            if to is None:
                raise NotPossible("nobody")
        await cases.move_case(
            self._frame.pool,
            case_key,
            move,
            request_id=form.get("request_id", ""),
            by=Colleague(subject=caller.subject, name=caller.name),
            to=to,
            until_on=until_on,
            at=at,
            today=today(),
        )

    async def _close(self, caller: Caller, case_key: str, task_id: str, note: str) -> Response:
        async with self._frame.pool.acquire() as connection:
            items = await cases.read_items(connection, case_key)
            if not any(str(item.task_id) == task_id for item in items):
                return await self._case(caller, case_key, wrong="gone")
            said = " ".join(note.split())[:LONGEST_NOTE] or None
            await close_task(connection, int(task_id), today=today(), by=caller.name, note=said)
        return see_other("/desk/inbox" if len(items) == 1 else f"/desk/cases/{case_key}")

    async def _key(self, request: Request, caller: Caller) -> str:
        """Return which case is asked for; one about a member is a look at that member."""
        case_key = str(request.path_params["membership_id"])
        if is_own_id(WorkflowType.MEMBERSHIP, case_key):
            return await self._frame.member(request, caller, "read", "desk/case")
        await self._frame.logbook.write(caller, "read", "desk/case")
        return case_key

    async def _case(self, caller: Caller, case_key: str, wrong: str = "") -> Response:
        now = datetime.now(UTC)
        async with self._frame.pool.acquire() as connection:
            items = await cases.read_items(connection, case_key)
            moves = await cases.read_moves(connection, case_key)
            there = await cases.colleagues(connection, now)
            about = await read_member(connection, case_key, today())
            payers: dict[int, PaymentTask] = await payers_of(
                connection, [item.task_id for item in items if item.task_id is not None]
            )
        if not items and not moves:
            raise not_found()
        return self._frame.page(
            caller,
            "case.html",
            status=HTTPStatus.CONFLICT if wrong else HTTPStatus.OK,
            case_key=case_key,
            about=about,
            items=items,
            moves=moves,
            colleagues=[one for one in there if one.subject != caller.subject],
            payers=payers,
            actions={nth: actions_of(item, caller) for nth, item in enumerate(items)},
            handles=may_do(caller.roles, Work.HANDLE),
            request_id=f"desk-{uuid.uuid4()}",
            wrong=wrong,
            tomorrow=date.fromordinal(today().toordinal() + 1),
        )


def _whose(text: str) -> Whose:
    return Whose(text) if text in set(Whose) else Whose.ALL


def _after(text: str) -> tuple[date, str] | None:
    """Return where the page before ended; a text that is none begins anew."""
    day, _, key = text.partition(".")
    try:
        return date.fromisoformat(day), key
    except ValueError:
        return None


def _next(found: tuple[Case, ...], whose: Whose, kind: str | None) -> str | None:
    if len(found) <= MOST:
        return None
    last = found[MOST - 1]
    wanted = f"?whose={whose}&after={last.due_on.isoformat()}.{last.case_key}"
    return f"/desk/inbox{wanted}" + (f"&kind={quote(kind)}" if kind else "")
