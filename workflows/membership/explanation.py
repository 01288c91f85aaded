"""Why it is so: what the ``explain`` query answers."""

from datetime import date
from typing import assert_never

from schemas.dues.terms import Term
from schemas.membership.messages import MESSAGES
from schemas.membership.situation import NAV
from schemas.membership.state import Awaiting, Explanation, ExplanationLine
from schemas.shared.amounts import kroner
from schemas.shared.calendar import start_of
from schemas.shared.vocabulary import Cadence, Payer
from workflows.membership.awaiting import awaiting
from workflows.membership.causes import Causes
from workflows.membership.record import MembershipRecord


def explain(record: MembershipRecord) -> Explanation:
    """Return what the ``explain`` query answers: amounts, waits, decisions, in that order."""
    causes, others = Causes(record), record.other_deductors
    return Explanation(
        lines=(
            *(_amount(causes, term, others) for term in record.terms),
            *(_wait(wait) for wait in awaiting(record)),
            *record.log,
        )
    )


def _amount(causes: Causes, term: Term, others: frozenset[str]) -> ExplanationLine:
    """Say what is paid, and name the facts that made it so: who reported which, and when."""
    per = {Cadence.MONTHLY: "month", Cadence.QUARTERLY: "quarter", Cadence.YEARLY: "year"}
    until = f" until {term.valid_to}" if term.valid_to else ""
    because, rules = causes.of(term)
    # Several facts of one month: the one that was learned of last made the amount what it is.
    last = max(because, key=lambda cause: cause.recorded_on or date.min)
    return ExplanationLine(
        about=term.kind,
        says=f"{kroner(term.amount_ore)} a {per[term.cadence]} from {term.valid_from}{until}, "
        f"paid {_through(term, others)}",
        rules=tuple(dict.fromkeys((*causes.rules_of(term), *rules))),
        decided_by=last.decided_by,
        at=start_of(last.recorded_on or last.effective_on),
        because=because,
    )


def _through(term: Term, others: frozenset[str]) -> str:
    match term.payer:
        case Payer.PAYROLL:
            return f"through {NAV}" if term.employer_orgnr in others else "through the employer"
        case Payer.DIRECT:
            return "directly"
        case _:
            assert_never(term.payer)


def _wait(wait: Awaiting) -> ExplanationLine:
    limit = f", until {wait.deadline}" if wait.deadline else ""
    return ExplanationLine(
        about="waiting",
        says=f"for the {wait.role} to send {wait.what}{limit}",
        rules=MESSAGES[wait.what].card.rules_of_wait,
        decided_by="rule",
        at=wait.since,
        until=wait.deadline,
    )
