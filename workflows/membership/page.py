"""The page a caseworker sees in the Temporal UI, under User Metadata: Markdown.

The UI sends the page to its server inside an address, which access logs keep. So it names nobody:
no person, no employer, no hidden flag, no word that an applicant wrote (invariant 8). Whatever has
to do with hiding is left out altogether: its dates alone would tell. It stands in ``explain``.
"""

import re
from collections.abc import Callable
from datetime import datetime

from schemas.membership.form import Form
from schemas.membership.messages import MESSAGES
from schemas.membership.messages.changes import SetHidden, WithdrawChange
from schemas.membership.messages.review import DecideApplication, SupplyInformation
from schemas.membership.situation import Situation
from schemas.membership.state import Awaiting, ExplanationLine, Rejected
from schemas.persons.likeness import Certainty
from schemas.shared.amounts import kroner
from schemas.shared.calendar import OSLO, oslo_date
from schemas.shared.vocabulary import Category, Event, Stage
from workflows.membership.awaiting import awaiting
from workflows.membership.decisions.boundary import Undecidable, decidable
from workflows.membership.decisions.returning import asks_for_category
from workflows.membership.decisions.transferring import brought_along
from workflows.membership.dues_table import dues_table
from workflows.membership.ready_messages import ready
from workflows.membership.record import SHOWN_DUPLICATES, MembershipRecord, PossibleDuplicate
from workflows.membership.state import state_of

MAX_REASON = 400
"""Characters of a text from outside; all of it stands under the tab Timeline."""

SHOWN_DECISIONS = 20
"""How many decisions are listed: the UI puts the whole page into an address, which has an end."""


def page_of(record: MembershipRecord) -> str:
    """Return the membership as Markdown: what is asked of whom first, then the facts."""
    parts = [_part(of, record) for of in _PARTS]
    return "\n\n".join(part for part in parts if part)


def _part(of: Callable[[MembershipRecord], str], record: MembershipRecord) -> str:
    """Return a part of the page, or why it can't be told: the others are shown all the same."""
    try:
        with decidable():
            return of(record)
    except Undecidable as why:
        return f"*A part of this page {_plain(str(why))}*"


def _heading(record: MembershipRecord) -> str:
    number = f" · member {record.member_number}" if record.member_number else ""
    outcome = f": {record.outcome}" if record.outcome else ""
    return f"## {_words(record.stage).capitalize()}{outcome}{number}"


def _desk(record: MembershipRecord) -> str:
    """Lead to the same membership at the desk, in Norwegian and with names."""
    return f"[Åpne ved skranken, på norsk](/desk/members/{record.membership_id})"


def _list(title: str, lines: list[str]) -> str:
    if not lines:
        return ""
    return "\n".join([f"### {title}", *(f"- {line}" for line in lines)])


def _faults(record: MembershipRecord) -> str:
    return _list("The application breaks these rules", [_plain(f) for f in record.faults])


def _waiting(record: MembershipRecord) -> str:
    lines = [
        f"**{_words(wait.role)}**: {_asked_for(wait)}, since {oslo_date(wait.since)}"
        + (f", until {wait.deadline}" if wait.deadline else "")
        for wait in awaiting(record)
    ]
    return _list("Waiting for", lines)


def _asked_for(wait: Awaiting) -> str:
    """Name the message that is waited for; the ones that tell of hiding the page does not."""
    telling = {SetHidden.card.name, WithdrawChange.card.name}
    return "a second person" if wait.what in telling else f"`{wait.what}`"


def _approval(record: MembershipRecord) -> str:
    """Say how to approve; without the category a special case would be refused (A25)."""
    if record.stage is not Stage.UNDER_REVIEW:
        return ""
    why = asks_for_category(record, oslo_date(record.review.since))
    example = '"decision":"approve","caseworker":"your name"' + (',"category":"…"' if why else "")
    if record.form.transfer_from is not None:
        example += ',"transfer":{"accepted":true,"proof":"…"}'
    lines = [
        "### To approve",
        "*More Actions* → *Send an Update* → `decide_application`, with the data",
        f"```\n{{{example}}}\n```",
    ]
    return "\n\n".join(lines + ([f"Name the category: {why}."] if why else []))


def _duplicates(record: MembershipRecord) -> str:
    found = record.possible_duplicates
    lines = [_duplicate(other) for other in found[:SHOWN_DUPLICATES]]
    if len(found) > SHOWN_DUPLICATES:
        lines.append(f"and {len(found) - SHOWN_DUPLICATES} more: `medlemsflyt person` lists them")
    day = record.duplicates_on
    as_of = f", as of {day}: `medlemsflyt person` looks anew" if day is not None else ""
    return _list(f"Perhaps the same person{as_of}", lines)


def _duplicate(other: PossibleDuplicate) -> str:
    """Say how sure it is, whose it may be, and what matched: in words that name nobody."""
    likeness = other.likeness
    if likeness is None:
        sure = "**certainly**" if other.certain else "maybe"
    else:
        sure = _SURE[likeness.certainty]
    parts = [
        f"{sure}: {_code(other.membership_id)}",
        _words(other.outcome or other.stage),
        f"member {other.member_number}" if other.member_number else None,
        f"alike in {likeness.in_words}" if likeness is not None else None,
    ]
    return ", ".join(part for part in parts if part)


def _death(record: MembershipRecord) -> str:
    if record.died_as is None or record.member_since is not None:
        return ""
    says = (
        f"as {record.died_as}, since this application came: find out who applies. A death recorded "
        "by mistake is undone there; to approve all the same, give the reason (L7)"
    )
    return _list("Recorded as dead", [says])


def _former(record: MembershipRecord) -> str:
    if record.former is None or record.member_since is not None:
        return ""
    return _list("Has been a member", record.former.in_words(oslo_date(record.review.since)))


def _application(record: MembershipRecord) -> str:
    form = record.application
    if form is None:
        return ""
    lines = [
        "who applies, and in which words: under *Input*, on the tab *Timeline*",
        f"category {_words(record.category or form.category)}",
        *(_circumstances(form) if record.present is None else _situation(record.present)),
    ]
    if not form.applicant.has_national_id and record.stage is not Stage.ENDED:
        # Said of everybody: who can't be asked about is not told by a line that is missing.
        lines.append("no national id yet: without it no employer is asked to deduct")
    return _list("Application" if record.present is None else "Now", lines)


def _situation(present: Situation) -> list[str]:
    lines: list[str] = []
    if present.position_percent is not None:
        lines.append(f"works {present.position_percent:f} %")
    if present.ends_on is not None:
        learns = present.category is Category.STUDENT
        lines.append(f"{'studies' if learns else 'apprentice'} until {present.ends_on}")
    if present.pension is not None:
        lines.append(f"draws a pension: {_words(present.pension)}")
    return lines


def _circumstances(form: Form) -> list[str]:
    lines: list[str] = []
    if form.employment is not None:
        lines.append(f"works {form.employment.position_percent:f} %")
    if form.study is not None:
        lines.append(f"studies until {form.study.ends_on}")
    if form.apprenticeship is not None:
        lines.append(f"apprentice until {form.apprenticeship.ends_on}")
    if form.pension is not None:
        lines.append(f"draws a pension from {form.pension.from_on}")
    if form.insurance_reservation:
        lines.append("reserves against the insurance package")
    if form.transfer_from is not None:
        lines.append(brought_along(form.transfer_from))
    return lines


def _membership(record: MembershipRecord) -> str:
    if record.member_since is None:
        return ""
    deadline = record.insurance.reservation_deadline
    lines = [
        f"insurance: {_words(record.insurance.status)}"
        + (f", reservation until {deadline}" if deadline else "")
    ]
    invoice = record.first_invoice
    if invoice is not None:
        lines.append(
            f"first invoice: {kroner(invoice.total_ore)}, due {invoice.due_on}, {invoice.status}"
        )
    period = record.payroll.first_period
    lines.append(
        f"payroll: {_words(record.payroll.status)}" + (f" from {period}" if period else "")
    )
    facts = _list(f"Member since {record.member_since}", lines)
    return "\n\n".join(part for part in (facts, dues_table(record.terms)) if part)


_SURE = {
    Certainty.CERTAIN: "**certainly**",
    Certainty.LIKELY: "**probably**",
    Certainty.POSSIBLE: "maybe",
}

ABOUT = {
    "pension": "work and pension past 67",
    "study": "what comes after the study or the apprenticeship",
    "study_over": "the study or the apprenticeship that has ended",
    "student": "whether the study goes on",
    "employer": "the number of an employer",
    "work": "what comes after the work that has ended",
    "waiver": "work, before the dues are full again",
}


def _coming(record: MembershipRecord) -> str:
    """Say what is known of the time ahead, and what the member has been asked about it."""
    state = state_of(record)
    lines = [
        f"{name} from {change.effective_on}"
        + (f" until {change.until_on}" if change.until_on else "")
        for change in state.upcoming
        if (name := MESSAGES[change.kind].card.on_page)
    ]
    if state.on_leave_until is not None:
        lines.insert(0, f"on leave until {state.on_leave_until}")
    if state.leaves_on is not None and record.stage is not Stage.ENDED:
        lines.append(f"leaves: the last day is {state.leaves_on}")
    if record.lingers:
        lines.append(f"can be reopened until {state.open_until}")
    lines += [f"asked about {ABOUT[q.about]}, {oslo_date(q.at)}" for q in state.questions]
    return _list("Coming", lines)


def _ready(record: MembershipRecord) -> str:
    """Say what could be sent as it stands: the dates of the dialogs' examples fit nobody's life."""
    if record.member_since is None:
        return ""
    shown = _shown(record)
    day = oslo_date(shown[-1].at) if shown else record.since
    return _list(
        f"Ready to send, dated {day}",
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


def _name(name: str) -> str:
    """Return the name of a message; one that nobody knows is anybody's words (invariant 8)."""
    return _code(name) if name in MESSAGES else "an unknown message"


def _rejected(record: MembershipRecord) -> str:
    lines = [
        f"{_name(r.name)} {_clock(r.at)}: {_plain(r.reason)}"
        for r in record.rejected
        if _shown_rejection(r)
    ]
    return _list(f"Messages that were not applied ({record.rejected_count})", lines[-10:])


def _log(record: MembershipRecord) -> str:
    return _list(
        "Decisions, by the rules of docs/rules.md",
        [
            f"{_clock(line.at)} {_plain(line.decided_by)}{_by(line)}: {_plain(line.says)} "
            f"({', '.join(line.rules)})"
            for line in _shown(record)[-SHOWN_DECISIONS:]
        ],
    )


def _by(line: ExplanationLine) -> str:
    """Return by which message a decision was made."""
    return f" by {_name(line.message)}" if line.message is not None else ""


def _shown(record: MembershipRecord) -> list[ExplanationLine]:
    return [line for line in record.log if _shown_line(line)]


def _words(value: str) -> str:
    """Return a name of the contract as words: ``on_leave`` is ``on leave``."""
    return str(value).replace("_", " ")


def _clock(moment: datetime) -> str:
    """Return a moment by the clock on the caseworkers' wall."""
    return f"{moment.astimezone(OSLO):%Y-%m-%d %H:%M}"


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
    _ready,
    _rejected,
    _log,
)
