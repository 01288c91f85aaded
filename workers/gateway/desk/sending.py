"""Forms: what is asked for, what it would come to, and then the message itself."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from activities.desk import member as reads
from activities.desk.member import Member
from activities.letters.reading import ReadLetter, read_ahead
from activities.letters.settings import NotificationSettings
from schemas.access.roles import View, may_send
from schemas.desk.forms import FORMS, Control, Form, fields_of, read_form
from schemas.dues.terms import TermState
from schemas.membership.messages import MESSAGES
from schemas.membership.preview import Preview
from schemas.membership.state import MembershipState
from schemas.names import WorkflowType
from schemas.shared.faults import faults_of
from schemas.shared.vocabulary import Language
from workers.gateway.callers import Caller
from workers.gateway.desk.frame import Frame, see_other, today
from workers.gateway.desk.refusals_in_norwegian import Complaint, complaints
from workers.gateway.living import Living
from workers.gateway.memberships import Gone, Memberships, NotApplied, Silent
from workers.gateway.messages import Json
from workers.gateway.permissions import not_allowed
from workers.gateway.refusals import not_found

UPDATE_ID, STEP, CONFIRMED = "update_id", "step", "confirmed"
"""What a form holds beside the fields of its message."""

BRANCH = "branch"


def may_fill_in(caller: Caller, form: Form) -> bool:
    """Tell whether somebody may send what a form says."""
    return may_send(caller.roles, WorkflowType.MEMBERSHIP, form.message)


@dataclass(frozen=True)
class Ahead:
    """What a message would come to.

    Attributes:
        changes: what of the membership, what it was and what it would be.
        new, gone: terms that it brings and takes away.
    """

    preview: Preview
    changes: tuple[tuple[str, Any, Any], ...] = ()
    new: tuple[TermState, ...] = ()
    gone: tuple[TermState, ...] = ()
    letters: tuple[ReadLetter, ...] = ()


@dataclass(frozen=True)
class Filled:
    """A form as somebody has filled it in.

    Attributes:
        given: what stands in the fields.
        wrong: what is the matter with it.
    """

    form: Form
    member: Member
    given: Mapping[str, str]
    update_id: str
    wrong: Sequence[Complaint] = field(default_factory=list)


class Forms:
    """One page for each message.

    Args:
        frame: what all pages share.
        living: what memberships say.
        memberships: who is told.
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

    async def ask(self, request: Request) -> Response:
        """Show a form that nobody has filled in yet."""
        caller = await self._frame.caller(request, View.MEMBER)
        form = _form_of(request, caller)
        membership_id = await self._frame.member(request, caller, "read", f"desk/{form.message}")
        member = await self._member(membership_id)
        given = dict(form.begins_with)
        for one in fields_of(form.key):
            if one.control is Control.DAY and one.required and form.key != "death":
                given[one.path] = today().isoformat()
        return await self._asked(caller, Filled(form, member, given, _new_id()))

    async def answer(self, request: Request) -> Response:
        """Show what a form would come to, or send it."""
        caller = await self._frame.caller(request, View.MEMBER)
        form = _form_of(request, caller)
        given = await self._frame.form(request, caller)
        step = given.pop(STEP, "look")
        # Looking ahead is logged as such: nothing has been sent.
        act, what = ("message", form.message) if step == "send" else ("query", "preview")
        membership_id = await self._frame.member(
            request, caller, "message" if act == "message" else "query", what
        )
        member = await self._member(membership_id)
        update_id = given.pop(UPDATE_ID, "") or _new_id()
        confirmed = given.pop(CONFIRMED, "") == "yes"
        filled = Filled(form, member, given, update_id)
        data = read_form(form.key, given, caller.name)
        wrong = self._wrong(form, data)
        if wrong or step == "change":
            return await self._asked(caller, _with(filled, wrong))
        if step == "send" and (confirmed or not form.final):
            return await self._sent(caller, filled, data)
        unconfirmed = step == "send"
        return await self._looked_ahead(caller, filled, data, unconfirmed=unconfirmed)

    def _wrong(self, form: Form, data: Json) -> list[Complaint]:
        try:
            MESSAGES[form.message].model_validate_json(json.dumps(data))
        except ValidationError as error:
            paths = _paths(form)
            return [one for fault in faults_of(error) for one in complaints(fault, paths)]
        return []

    async def _sent(self, caller: Caller, filled: Filled, data: Json) -> Response:
        form, membership_id = filled.form, filled.member.membership_id
        page = f"/desk/members/{membership_id}"
        try:
            await self._memberships.tell(
                caller, membership_id, form.message, data, filled.update_id
            )
        except NotApplied as why:
            return await self._refused(caller, filled, str(why))
        except Gone:
            return await self._refused(caller, filled, "the membership has ended: for good")
        except Silent:
            return see_other(f"{page}?done=unknown")
        return see_other(f"{page}?done=done")

    async def _looked_ahead(
        self, caller: Caller, filled: Filled, data: Json, *, unconfirmed: bool
    ) -> Response:
        ahead = await self._ahead(caller, filled, data)
        if ahead is not None and ahead.preview.refused is not None:
            return await self._refused(caller, filled, ahead.preview.refused)
        status = HTTPStatus.UNPROCESSABLE_ENTITY if unconfirmed else HTTPStatus.OK
        return self._frame.page(
            caller,
            "ahead.html",
            status=status,
            filled=filled,
            fields=await self._fields(filled.form),
            ahead=ahead,
            unconfirmed=unconfirmed,
        )

    async def _ahead(self, caller: Caller, filled: Filled, data: Json) -> Ahead | None:
        at, form, member = datetime.now(UTC), filled.form, filled.member
        found = await self._living.ahead(caller, member.membership_id, form.message, data, at)
        if found is None:
            return None
        before, preview = found
        after = preview.state
        if after is None:
            return Ahead(preview)
        async with self._frame.pool.acquire() as connection:
            letters = await read_ahead(
                connection,
                member.membership_id,
                preview.letters,
                self._letters,
                at=at,
                today=today(),
                case=_case(after),
                person=_person(data),
                said=data.get("reason"),
                invoice=preview.invoice,
            )
        known, coming = set(before.terms), set(after.terms)
        return Ahead(
            preview,
            changes=_changes(before, after),
            new=tuple(term for term in after.terms if term not in known),
            gone=tuple(term for term in before.terms if term not in coming),
            letters=letters,
        )

    async def _refused(self, caller: Caller, filled: Filled, reason: str) -> Response:
        wrong = complaints(reason, _paths(filled.form))
        # What was refused under an id is refused under it for ever: the next try has its own.
        again = Filled(filled.form, filled.member, filled.given, _new_id(), wrong)
        return await self._asked(caller, again)

    async def _asked(self, caller: Caller, filled: Filled) -> Response:
        status = HTTPStatus.UNPROCESSABLE_ENTITY if filled.wrong else HTTPStatus.OK
        by_path: dict[str, list[Complaint]] = {}
        for one in filled.wrong:
            by_path.setdefault(one.path, []).append(one)
        return self._frame.page(
            caller,
            "form.html",
            status=status,
            filled=filled,
            fields=await self._fields(filled.form),
            wrong=by_path,
        )

    async def _fields(self, form: Form) -> dict[str, Any]:
        """Return the fields, with the branches that there are to choose from."""
        fields = fields_of(form.key)
        branches: tuple[tuple[str, str], ...] = ()
        if any(one.path == BRANCH for one in fields):
            async with self._frame.pool.acquire() as connection:
                branches = await reads.read_branches(connection)
        return {"fields": fields, "branches": branches}

    async def _member(self, membership_id: str) -> Member:
        async with self._frame.pool.acquire() as connection:
            found = await reads.read_member(connection, membership_id, today())
        if found is None:
            raise not_found()
        return found


def _form_of(request: Request, caller: Caller) -> Form:
    form = FORMS.get(str(request.path_params["form"]))
    if form is None:
        raise not_found()
    if not may_fill_in(caller, form):
        raise not_allowed()
    return form


def _with(filled: Filled, wrong: Sequence[Complaint]) -> Filled:
    return Filled(filled.form, filled.member, filled.given, filled.update_id, wrong)


def _paths(form: Form) -> list[str]:
    return [leaf.path for one in fields_of(form.key) for leaf in one.all()]


def _new_id() -> str:
    """Return what makes a form count once, however often it is sent."""
    return f"desk-{uuid.uuid4()}"


_SHOWN = ("stage", "outcome", "category", "branch", "hidden", "leaves_on", "on_leave_until")


def _changes(before: MembershipState, after: MembershipState) -> tuple[tuple[str, Any, Any], ...]:
    """Return what a message changes of what holds: what, what it was, and what it would be."""
    pairs = [(name, getattr(before, name), getattr(after, name)) for name in _SHOWN]
    pairs += [
        ("insurance", before.insurance.status, after.insurance.status),
        ("payroll", before.payroll.status, after.payroll.status),
    ]
    return tuple((name, was, is_) for name, was, is_ in pairs if was != is_)


def _case(after: MembershipState) -> dict[str, Any]:
    """Return what letters would know of the membership."""
    return {
        "stage": after.stage,
        "outcome": after.outcome,
        "hidden": after.hidden,
        # It is given when the decision is recorded.
        "member_number": after.member_number or "–",
        "member_since": after.member_since,
        "branch": after.branch,
    }


def _person(data: Json) -> dict[str, Any]:
    """Return what letters would know of the person, by what is corrected."""
    said = data.get("applicant") or {}
    found = {name: said[name] for name in ("name", "email", "phone") if said.get(name)}
    if said.get("language"):
        found["language"] = Language(said["language"])
    return found
