"""The page a caseworker sees in the Temporal UI, under User Metadata: Markdown.

The UI sends the page to its server inside an address, which access logs keep. So it names nobody:
no person, no employer, no hidden flag, no word that an applicant wrote (invariant 8). Whatever has
to do with hiding is left out altogether: its dates alone would tell. It stands in ``explain``.
"""

import json
import re
from collections.abc import Callable

from schemas.desk.wording import Wording
from schemas.membership.form import Form
from schemas.membership.messages import MESSAGES
from schemas.membership.messages.changes import SetHidden, WithdrawChange
from schemas.membership.messages.review import DecideApplication, SupplyInformation
from schemas.membership.situation import Situation
from schemas.membership.state import Awaiting, ExplanationLine, Rejected
from schemas.names import MESSAGES_SEEN
from schemas.persons.likeness import Certainty
from schemas.shared.calendar import oslo_date
from schemas.shared.vocabulary import Category, Event, Stage
from workflows.membership.awaiting import awaiting
from workflows.membership.deadlines import LIFE_CHANGE
from workflows.membership.decisions.boundary import Undecidable, decidable
from workflows.membership.decisions.returning import asks_for_category
from workflows.membership.decisions.transferring import brought_along
from workflows.membership.dues_table import dues_table
from workflows.membership.postponing import due_deadlines
from workflows.membership.ready_messages import ready
from workflows.membership.record import SHOWN_DUPLICATES, MembershipRecord, PossibleDuplicate
from workflows.membership.state import state_of

MAX_REASON = 400
"""Characters of a text from outside; all of it stands under the tab Timeline."""

SHOWN_DECISIONS = 20
"""How many decisions are listed: the UI puts the whole page into an address, which has an end."""

SHOWN_DEADLINES = 5


def page_of(record: MembershipRecord, say: Wording) -> str:
    """Return the membership as Markdown: what is asked of whom first, then the facts."""
    parts = [_part(of, record, say) for of in _PARTS]
    return "\n\n".join(part for part in parts if part)


def _part(
    of: Callable[[MembershipRecord, Wording], str], record: MembershipRecord, say: Wording
) -> str:
    """Return a part of the page, or why it can't be told: the others are shown all the same."""
    try:
        with decidable():
            return of(record, say)
    except Undecidable as why:
        return f"*{say('page.broken', why=_plain(say.sentence(str(why))))}*"


def _heading(record: MembershipRecord, say: Wording) -> str:
    number = f" · {say('page.number', number=record.member_number)}" if record.member_number else ""
    outcome = f": {say.word('outcome', record.outcome)}" if record.outcome else ""
    return f"## {say(f'stage.{record.stage}')}{outcome}{number}"


def _desk(record: MembershipRecord, say: Wording) -> str:
    """Lead to the same membership at the desk, in Norwegian and with names."""
    return f"[{say('page.desk')}](/desk/members/{record.membership_id})"


def _list(title: str, lines: list[str]) -> str:
    if not lines:
        return ""
    return "\n".join([f"### {title}", *(f"- {line}" for line in lines)])


def _faults(record: MembershipRecord, say: Wording) -> str:
    return _list(say("page.faults"), [_plain(say.sentence(f)) for f in record.faults])


def _waiting(record: MembershipRecord, say: Wording) -> str:
    return _list(say("page.waiting"), [_wait(wait, say) for wait in awaiting(record)])


def _wait(wait: Awaiting, say: Wording) -> str:
    telling = {SetHidden.card.name, WithdrawChange.card.name}
    what = say("page.second_person") if wait.what in telling else f"`{wait.what}`"
    return say(
        "page.waits_until" if wait.deadline else "page.waits",
        role=say.word("role", wait.role),
        what=what,
        since=say.day(oslo_date(wait.since)),
        until=say.day(wait.deadline) if wait.deadline else "",
    )


def _approval(record: MembershipRecord, say: Wording) -> str:
    """Say how to approve; without the category a special case would be refused (A25)."""
    if record.stage is not Stage.UNDER_REVIEW:
        return ""
    why = asks_for_category(record, oslo_date(record.review.since))
    data: dict[str, object] = {"decision": "approve", "caseworker": say("page.your_name")}
    if why:
        data["category"] = record.form.category
    if record.form.transfer_from is not None:
        data["transfer"] = {"accepted": True, "proof": say("page.proof")}
    example = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    lines = [f"### {say('page.approve')}", say("page.approve_how"), f"```\n{example}\n```"]
    named = [say("page.approve_category", why=_plain(say.sentence(why)))] if why else []
    return "\n\n".join(lines + named)


def _duplicates(record: MembershipRecord, say: Wording) -> str:
    found = record.possible_duplicates
    lines = [_duplicate(other, say) for other in found[:SHOWN_DUPLICATES]]
    if len(found) > SHOWN_DUPLICATES:
        lines.append(say("page.more", count=len(found) - SHOWN_DUPLICATES))
    day = record.duplicates_on
    title = say("page.same_person_on", day=say.day(day)) if day else say("page.same_person")
    return _list(title, lines)


def _duplicate(other: PossibleDuplicate, say: Wording) -> str:
    """Say how sure it is, whose it may be, and what matched: in words that name nobody."""
    likeness = other.likeness
    if likeness is None:
        sure = Certainty.CERTAIN if other.certain else Certainty.POSSIBLE
    else:
        sure = likeness.certainty
    ended = say.word("outcome", other.outcome) if other.outcome else None
    parts = [
        f"{say(f'page.{sure}')}: {_code(other.membership_id)}",
        ended or say.word("stage", other.stage),
        say("page.number", number=other.member_number) if other.member_number else None,
        say("page.alike", what=say.sentence(likeness.in_words)) if likeness is not None else None,
    ]
    return ", ".join(part for part in parts if part)


def _death(record: MembershipRecord, say: Wording) -> str:
    if record.died_as is None or record.member_since is not None:
        return ""
    return _list(say("page.dead"), [say("page.dead_says", **{"as": record.died_as})])


def _former(record: MembershipRecord, say: Wording) -> str:
    if record.former is None or record.member_since is not None:
        return ""
    lines = record.former.in_words(oslo_date(record.review.since))
    return _list(say("page.former"), [say.sentence(line) for line in lines])


def _application(record: MembershipRecord, say: Wording) -> str:
    form = record.application
    if form is None:
        return ""
    now = record.present
    lines = [
        say("page.who"),
        say("page.category", category=say.word("category", record.category or form.category)),
        *(_circumstances(form, say) if now is None else _situation(now, say)),
    ]
    if not form.applicant.has_national_id and record.stage is not Stage.ENDED:
        # Said of everybody: who can't be asked about is not told by a line that is missing.
        lines.append(say("page.no_national_id"))
    return _list(say("page.application" if now is None else "page.now"), lines)


def _situation(present: Situation, say: Wording) -> list[str]:
    lines: list[str] = []
    if present.position_percent is not None:
        lines.append(say("page.works", percent=f"{present.position_percent:f}"))
    if present.ends_on is not None:
        learns = "page.studies" if present.category is Category.STUDENT else "page.apprentice"
        lines.append(say(learns, day=say.day(present.ends_on)))
    if present.pension is not None:
        lines.append(say("page.draws", kind=say.word("pension", present.pension)))
    return lines


def _circumstances(form: Form, say: Wording) -> list[str]:
    lines: list[str] = []
    if form.employment is not None:
        lines.append(say("page.works", percent=f"{form.employment.position_percent:f}"))
    if form.study is not None:
        lines.append(say("page.studies", day=say.day(form.study.ends_on)))
    if form.apprenticeship is not None:
        lines.append(say("page.apprentice", day=say.day(form.apprenticeship.ends_on)))
    if form.pension is not None:
        lines.append(say("page.draws_from", day=say.day(form.pension.from_on)))
    if form.insurance_reservation:
        lines.append(say("page.reserves"))
    if form.transfer_from is not None:
        lines.append(say.sentence(brought_along(form.transfer_from)))
    return lines


def _membership(record: MembershipRecord, say: Wording) -> str:
    if record.member_since is None:
        return ""
    insurance, payroll, invoice = record.insurance, record.payroll, record.first_invoice
    until = insurance.reservation_deadline
    lines = [
        say(
            "page.insurance_until" if until else "page.insurance",
            status=say.word("insurance", insurance.status),
            until=say.day(until) if until else "",
        )
    ]
    if invoice is not None:
        lines.append(
            say(
                "page.invoice",
                kroner=say.kroner(invoice.total_ore),
                due=say.day(invoice.due_on),
                status=say.word("invoice", invoice.status),
            )
        )
    period = payroll.first_period
    lines.append(
        say(
            "page.payroll_from" if period else "page.payroll",
            status=say.word("payroll", payroll.status),
            month=say.month(period) if period else "",
        )
    )
    facts = _list(say("page.since", day=say.day(record.member_since)), lines)
    return "\n\n".join(part for part in (facts, dues_table(record.terms, say)) if part)


def _coming(record: MembershipRecord, say: Wording) -> str:
    """Say what is known of the time ahead, and what the member has been asked about it."""
    state = state_of(record)
    lines = [
        say(
            "page.change_until" if change.until_on else "page.change",
            what=say.word("change", change.kind),
            day=say.day(change.effective_on),
            until=say.day(change.until_on) if change.until_on else "",
        )
        for change in state.upcoming
        if MESSAGES[change.kind].card.on_page
    ]
    if state.on_leave_until is not None:
        lines.insert(0, say("page.on_leave", day=say.day(state.on_leave_until)))
    if state.leaves_on is not None and record.stage is not Stage.ENDED:
        lines.append(say("page.leaves", day=say.day(state.leaves_on)))
    if record.lingers and state.open_until is not None:
        lines.append(say("page.reopen", day=say.day(state.open_until)))
    lines += [
        say("page.asked", what=say.word("about", q.about), day=say.day(oslo_date(q.at)))
        for q in state.questions
    ]
    return _list(say("page.coming"), lines)


def _by_itself(record: MembershipRecord, say: Wording) -> str:
    """Say what follows from which deadline; what life brings might tell who is to be hidden."""
    found = [one for one in due_deadlines(record) if one.name != LIFE_CHANGE]
    lines = [
        say("page.by_itself_line", day=say.day(one.last_day), what=say(f"deadline.{one.name}"))
        for one in found[:SHOWN_DEADLINES]
    ]
    return _list(say("page.by_itself"), lines)


def _ready(record: MembershipRecord, say: Wording) -> str:
    """Say what could be sent as it stands: the dates of the dialogs' examples fit nobody's life."""
    if record.member_since is None:
        return ""
    shown = _shown(record)
    day = oslo_date(shown[-1].at) if shown else record.since
    return _list(
        say("page.ready", day=say.day(day)),
        [f"{_code(name)} {_code(data)}" for name, data in ready(record, day)],
    )


HIDING = frozenset({"S30", "S31", "S32", "S33", "S34", "S35", "A22", "A23", "L5", "M15"})
"""Rules that only a hidden member's decisions cite."""

MAY_HIDE = frozenset(
    {Event.HIDING_PREPARED, Event.HIDDEN_CHANGED, Event.CHANGE_WITHDRAWN, Event.LETTER_BOUNCED}
)
"""Decisions that may have to do with hiding, where older code did not say."""

MAY_NAME_HIDING = frozenset(
    {
        SetHidden.card.name,
        WithdrawChange.card.name,
        DecideApplication.card.name,
        SupplyInformation.card.name,
    }
)
"""Messages whose refusal may tell who is hidden, where older code did not say."""


def _shown_line(line: ExplanationLine) -> bool:
    if line.confidential is not None:
        return not line.confidential
    return line.about not in MAY_HIDE and HIDING.isdisjoint(line.rules)


def _shown_rejection(rejected: Rejected) -> bool:
    if rejected.confidential is not None:
        return not rejected.confidential
    return rejected.name in MESSAGES and rejected.name not in MAY_NAME_HIDING


def _name(name: str, say: Wording) -> str:
    """Return the name of a message; one that nobody knows is anybody's words (invariant 8)."""
    return _code(name) if name in MESSAGES else say("page.unknown")


def _rejected(record: MembershipRecord, say: Wording) -> str:
    lines = [
        say(
            "page.rejected_line",
            name=_name(r.name, say),
            at=say.moment(r.at),
            why=_plain(say.sentence(r.reason)),
        )
        for r in record.rejected
        if _shown_rejection(r)
    ]
    new = record.rejected_count - record.rejected_seen
    how = [say("page.rejected_seen", signal=f"`{MESSAGES_SEEN}`")] if new else []
    listed = _list(say("page.rejected", count=record.rejected_count), lines[-10:])
    return "\n\n".join([listed, *how]) if listed else ""


def _log(record: MembershipRecord, say: Wording) -> str:
    lines = [_log_line(line, say) for line in _shown(record)[-SHOWN_DECISIONS:]]
    return _list(say("page.log"), lines)


def _log_line(line: ExplanationLine, say: Wording) -> str:
    """Say what was decided when, by whom, and by which message."""
    by = line.message
    return say(
        "page.log_line",
        at=say.moment(line.at),
        who=_plain(say.tables["decided_by"].get(line.decided_by, line.decided_by)),
        how=say("page.log_how", name=_name(by, say)) if by is not None else "",
        says=_plain(say.sentence(line.says)),
        rules=", ".join(line.rules),
    )


def _shown(record: MembershipRecord) -> list[ExplanationLine]:
    return [line for line in record.log if _shown_line(line)]


def _plain(text: str) -> str:
    """Return text from outside with Markdown's characters escaped, on one line."""
    line = " ".join(text.split())
    line = line if len(line) <= MAX_REASON else f"{line[: MAX_REASON - 1]}…"
    escaped = "".join(f"\\{char}" if char in "\\`*_[]<>#|~!&" else char for char in line)
    # A list or heading could begin only here: "- x", "+ x", "1. x", "1) x", "===".
    return re.sub(r"^(\d*)([-+=.)])", r"\1\\\2", escaped)


def _code(text: str) -> str:
    """Return a name from outside as inline code, which no character of it can end."""
    return f"`{' '.join(text.replace('`', '?').split())}`"


_PARTS = (
    _heading,
    _desk,
    _faults,
    _waiting,
    _approval,
    _death,
    _former,
    _duplicates,
    _application,
    _membership,
    _coming,
    _by_itself,
    _ready,
    _rejected,
    _log,
)
