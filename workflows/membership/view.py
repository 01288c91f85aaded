"""How a membership shows itself: ``state``, ``explain``, search attributes, the page in the UI."""

from datetime import date, timedelta
from typing import Any

from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

from schemas.dues.terms import Term
from schemas.membership.notices import AnyNotice, EndNotice
from schemas.membership.situation import effective_notices
from schemas.membership.state import (
    Awaiting,
    Explanation,
    ExplanationLine,
    MembershipState,
    Question,
    Upcoming,
)
from schemas.shared.calendar import start_of
from schemas.shared.vocabulary import Cadence, Stage
from workflows.membership.awaiting import awaiting
from workflows.membership.causes import Causes
from workflows.membership.deadlines import review_due
from workflows.membership.record import MembershipRecord

STAGE = SearchAttributeKey.for_keyword("MembershipStage")
CATEGORY = SearchAttributeKey.for_keyword("MemberCategory")
AWAITING_ROLES = SearchAttributeKey.for_keyword_list("AwaitingRoles")
WAITING_SINCE = SearchAttributeKey.for_datetime("WaitingSince")
REVIEW_DUE = SearchAttributeKey.for_datetime("ReviewDue")
REJECTED_MESSAGES = SearchAttributeKey.for_int("RejectedMessages")


def state_of(record: MembershipRecord) -> MembershipState:
    """Return what the ``state`` query answers."""
    end = record.leaving
    return MembershipState(
        **{
            name: getattr(record, name)
            for name in MembershipState.model_fields
            if name in MembershipRecord.model_fields
        },
        hidden=record.hidden,
        awaiting=awaiting(record),
        upcoming=upcoming(record),
        leaves_on=end.effective_on - timedelta(days=1) if end is not None else None,
        on_leave_until=on_leave_until(record),
        questions=questions(record),
        rejected_messages=record.rejected,
    )


def upcoming(record: MembershipRecord) -> tuple[Upcoming, ...]:
    """Return what is recorded but not in effect yet, of corrections the last word only."""
    if record.stage is Stage.ENDED:
        return ()
    end = record.leaving
    coming = [
        notice
        for notice in effective_notices(record.notices)
        if not _in_effect(record, notice) and not _too_late(notice, end)
    ]
    return tuple(
        Upcoming(
            kind=notice.kind,
            effective_on=notice.effective_on,
            until_on=notice.until_on if notice.kind == "grant_leave" else None,
            recorded_on=notice.recorded_on,
            decided_by=notice.decided_by,
        )
        for notice in coming
    )


def _in_effect(record: MembershipRecord, notice: AnyNotice) -> bool:
    """A day is reached once it has been acted upon; hiding waits for whoever is told of it."""
    hides = notice.kind == "set_hidden" and notice.hidden
    if hides and record.hiding is not None:
        return False
    return notice.effective_on <= (record.reached or record.since)


def _too_late(notice: AnyNotice, end: EndNotice | None) -> bool:
    return end is not None and notice is not end and notice.effective_on >= end.effective_on


def on_leave_until(record: MembershipRecord) -> date | None:
    """Return the last day of the leave the member is on, or None."""
    if record.stage is not Stage.ON_LEAVE:
        return None
    day = record.reached or record.since
    return max(
        (
            notice.until_on
            for notice in effective_notices(record.notices)
            if notice.kind == "grant_leave" and notice.effective_on <= day
        ),
        default=None,
    )


def questions(record: MembershipRecord) -> tuple[Question, ...]:
    """Return what the member has been asked, of each kind the latest."""
    latest = {asked.about.partition(":")[0]: asked.at for asked in record.asked}
    return tuple(Question(about=about, at=at) for about, at in latest.items())


def explain(record: MembershipRecord) -> Explanation:
    """Return what the ``explain`` query answers: amounts, waits, decisions, in that order."""
    causes = Causes(record)
    return Explanation(
        lines=(
            *(_amount(causes, term) for term in record.terms),
            *(_wait(wait) for wait in awaiting(record)),
            *record.log,
        )
    )


def _amount(causes: Causes, term: Term) -> ExplanationLine:
    """Say what is paid, and name the facts that made it so: who reported which, and when."""
    per = {Cadence.MONTHLY: "month", Cadence.QUARTERLY: "quarter", Cadence.YEARLY: "year"}
    until = f" until {term.valid_to}" if term.valid_to else ""
    because, rules = causes.of(term)
    # Several facts of one month: the one that was learned of last made the amount what it is.
    last = max(because, key=lambda cause: cause.recorded_on or date.min)
    return ExplanationLine(
        about=term.kind,
        says=f"{kroner(term.amount_ore)} a {per[term.cadence]} from {term.valid_from}{until}, "
        f"paid {'through the employer' if term.payer == 'payroll' else 'directly'}",
        rules=tuple(dict.fromkeys((*causes.rules_of(term), *rules))),
        decided_by=last.decided_by,
        at=start_of(last.recorded_on or last.effective_on),
        because=because,
    )


RULES_OF_WAIT: dict[str, tuple[str, ...]] = {
    "decide_application": ("S29", "A33"),
    "supply_information": ("A33", "section 7"),
    "record_insurance_notice": ("S9", "A21"),
    "record_payment": ("A20",),
    "answer_payroll_request": ("A20", "A34"),
    "report_pension": ("A14", "S22", "S23"),
    "change_category": ("S17", "A9"),
}


def _wait(wait: Awaiting) -> ExplanationLine:
    limit = f", until {wait.deadline}" if wait.deadline else ""
    return ExplanationLine(
        about="waiting",
        says=f"for the {wait.role} to send {wait.what}{limit}",
        rules=RULES_OF_WAIT[wait.what],
        decided_by="rule",
        at=wait.since,
        until=wait.deadline,
    )


def kroner(amount_ore: int) -> str:
    """Return øre as kroner with two decimals: 24750 is ``247.50 kr``."""
    sign = "-" if amount_ore < 0 else ""
    return f"{sign}{abs(amount_ore) // 100}.{abs(amount_ore) % 100:02d} kr"


Shown = dict[str, Any]
"""The search attributes as last written, by name."""


def changed_attributes(
    record: MembershipRecord, shown: Shown
) -> tuple[list[SearchAttributeUpdate[Any]], Shown]:
    """Return the search attributes that differ from what is shown, and all as they will be."""
    waits = awaiting(record)
    roles = sorted({str(wait.role) for wait in waits})
    values: list[tuple[SearchAttributeKey[Any], Any]] = [
        (STAGE, str(record.stage)),
        (CATEGORY, str(record.category) if record.category else None),
        (AWAITING_ROLES, roles),
        (WAITING_SINCE, min((wait.since for wait in waits), default=None)),
        (REVIEW_DUE, review_due(record)),
        (REJECTED_MESSAGES, record.rejected_count),
    ]
    absent: Shown = {AWAITING_ROLES.name: [], REJECTED_MESSAGES.name: 0}
    updates = [
        key.value_unset() if value is None else key.value_set(value)
        for key, value in values
        if shown.get(key.name, absent.get(key.name)) != value
    ]
    return updates, {key.name: value for key, value in values}
