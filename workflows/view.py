"""How a membership shows itself: ``state``, ``explain``, search attributes, the page in the UI."""

from typing import Any

from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

from schemas.rules.dues import SOURCES
from schemas.state import Awaiting, Explanation, ExplanationLine, MembershipState
from schemas.terms import Term
from schemas.vocabulary import Cadence, LineKind
from workflows.record import MembershipRecord
from workflows.waits import awaiting, review_due

STAGE = SearchAttributeKey.for_keyword("MembershipStage")
CATEGORY = SearchAttributeKey.for_keyword("MemberCategory")
AWAITING_ROLES = SearchAttributeKey.for_keyword_list("AwaitingRoles")
WAITING_SINCE = SearchAttributeKey.for_datetime("WaitingSince")
REVIEW_DUE = SearchAttributeKey.for_datetime("ReviewDue")
REJECTED_MESSAGES = SearchAttributeKey.for_int("RejectedMessages")


def state_of(record: MembershipRecord) -> MembershipState:
    """Return what the ``state`` query answers."""
    return MembershipState(
        **{
            name: getattr(record, name)
            for name in MembershipState.model_fields
            if name in MembershipRecord.model_fields
        },
        hidden=record.hidden,
        awaiting=awaiting(record),
        rejected_messages=record.rejected,
    )


def explain(record: MembershipRecord) -> Explanation:
    """Return what the ``explain`` query answers: amounts, waits, decisions, in that order."""
    return Explanation(
        lines=(
            *(_amount(record, term) for term in record.terms),
            *(_wait(wait) for wait in awaiting(record)),
            *record.log,
        )
    )


RULES_OF_KIND: dict[LineKind, tuple[str, ...]] = {
    LineKind.LOCAL_DUES: ("S3", "S4", "A3"),
    LineKind.INSURANCE_PREMIUM: ("S7", "A4", "A17", "A18"),
    LineKind.CORRECTION: ("A31",),
}


def _amount(record: MembershipRecord, term: Term) -> ExplanationLine:
    approval = next((line for line in record.log if line.about == "application_approved"), None)
    per = {Cadence.MONTHLY: "month", Cadence.QUARTERLY: "quarter", Cadence.YEARLY: "year"}
    until = f" until {term.valid_to}" if term.valid_to else ""
    return ExplanationLine(
        about=term.kind,
        says=f"{kroner(term.amount_ore)} a {per[term.cadence]} from {term.valid_from}{until}, "
        f"paid {'through the employer' if term.payer == 'payroll' else 'directly'}",
        rules=_rules(record, term),
        decided_by=approval.decided_by if approval else "rule",
        at=approval.at if approval else record.received_at,
    )


def _rules(record: MembershipRecord, term: Term) -> tuple[str, ...]:
    if term.kind is LineKind.CENTRAL_DUES and record.category is not None:
        return SOURCES[record.category]
    return RULES_OF_KIND[term.kind]


RULES_OF_WAIT: dict[str, tuple[str, ...]] = {
    "decide_application": ("S29", "A33"),
    "supply_information": ("A33", "section 7"),
    "record_insurance_notice": ("S9", "A21"),
    "record_payment": ("A20",),
    "answer_payroll_request": ("A20", "A34"),
}


def _wait(wait: Awaiting) -> ExplanationLine:
    limit = f", until {wait.deadline}" if wait.deadline else ""
    return ExplanationLine(
        about="waiting",
        says=f"for the {wait.role} to send {wait.what}{limit}",
        rules=RULES_OF_WAIT[wait.what],
        decided_by="rule",
        at=wait.since,
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
