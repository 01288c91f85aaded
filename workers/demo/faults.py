"""Says in sentences where a life differs from its promise; each reads after the person's name."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from schemas.shared.calendar import oslo_date
from schemas.shared.vocabulary import Audience, Event
from workers.demo.scenes import CENTRAL, LOCAL, PAYROLL, PREMIUM, Due, Promise

Log = Sequence[dict[str, Any]]

KINDS = {
    CENTRAL: "the central dues were",
    LOCAL: "the local dues were",
    PREMIUM: "the insurance premium was",
}

CADENCES = {"monthly": "a month", "quarterly": "a quarter", "yearly": "a year"}

OUTSIDE = frozenset({Audience.EMPLOYER, Audience.BRANCH, Audience.RECRUITER})
"""Who must not hear of a hidden member."""


@dataclass(frozen=True)
class Told:
    """One letter that went out, on a business date."""

    audience: str
    template: str
    on: date


def faults(promise: Promise, state: dict[str, Any], log: Log, letters: Sequence[Told]) -> list[str]:
    """Return everything that is otherwise than promised; empty when all is as promised.

    Args:
        state: as the ``state`` query answers.
        log: the lines of ``explain`` that tell of decisions, in order.
        letters: all that went out about the life.
    """
    return [
        *_of_end(promise, state),
        *_of_dues(promise.dues, [_due(term) for term in state["terms"]]),
        *_of_decisions(promise.decisions, _after_approval(log)),
        *_of_letters(promise, letters),
    ]


def _of_end(promise: Promise, state: dict[str, Any]) -> Iterator[str]:
    invoice = state["first_invoice"]
    for what, promised, found in (
        ("the membership", promise.stage, state["stage"]),
        ("the outcome", promise.outcome or "none", state["outcome"] or "none"),
        ("the first invoice", _kroner(promise.first_invoice_ore), _kroner_of(invoice)),
        ("the insurance", promise.insurance, state["insurance"]["status"]),
        ("the payroll deduction", promise.payroll, state["payroll"]["status"]),
    ):
        if promised != found:
            yield f"{what} was to be {_words(promised)}, but is {_words(found)}"


def _kroner_of(invoice: dict[str, Any] | None) -> str:
    return _kroner(invoice["total_ore"] if invoice else None)


def _kroner(ore: int | None) -> str:
    return "none" if ore is None else f"{ore // 100:,}.{ore % 100:02d} kr"


def _words(name: str) -> str:
    return name.replace("_", " ")


# Dues -----------------------------------------------------------------------------------------


def _due(term: dict[str, Any]) -> Due:
    return Due(
        term["kind"],
        term["amount_ore"],
        term["cadence"],
        term["payer"],
        begins=date.fromisoformat(term["valid_from"]),
        ends=date.fromisoformat(term["valid_to"]) if term["valid_to"] else None,
    )


def _of_dues(promised: Sequence[Due], found: Sequence[Due]) -> Iterator[str]:
    """Yield a sentence for each span of months in which other dues are charged than promised."""
    for kind in dict.fromkeys(due.kind for due in (*promised, *found)):
        mine = [due for due in promised if due.kind == kind]
        theirs = [due for due in found if due.kind == kind]
        for begins, ends in pairwise(_edges([*mine, *theirs])):
            due, charged = _on(mine, begins), _on(theirs, begins)
            if [_how(one) for one in due] != [_how(one) for one in charged]:
                yield f"{_was(kind)} {_otherwise(mine, begins, charged, _span(begins, ends))}"


def _was(kind: str) -> str:
    return KINDS.get(kind, f"{_words(kind)} was")


def _edges(dues: Sequence[Due]) -> list[date]:
    days = {due.begins for due in dues} | {due.ends or date.max for due in dues}
    return sorted(days)


def _on(dues: Sequence[Due], day: date) -> list[Due]:
    return [due for due in dues if due.begins <= day < (due.ends or date.max)]


def _how(due: Due) -> tuple[int, str, str]:
    return due.ore, due.cadence, due.payer


def _otherwise(mine: Sequence[Due], day: date, charged: Sequence[Due], span: str) -> str:
    """Say what was to be charged on a day, or when it was to begin or to have ended, and what is.

    Args:
        mine: what was promised of one kind.
        charged: what is charged of it on the day.
        span: from when until when, in words.
    """
    coming = [due for due in mine if (due.ends or date.max) > day]
    meant = min(coming, key=lambda due: due.begins) if coming else None
    gone = max(mine, key=lambda due: due.begins) if mine else None
    if meant is not None:
        promised = f"to be {_paid(meant, charged)} from {meant.begins:%B %Y}"
    elif gone is not None and gone.ends is not None:
        promised = f"to end with {_long(_before(gone.ends))}"
    else:
        promised = "not to be charged"
    alike = [due for due in (meant or gone,) if due is not None]
    found = " and ".join(f"is {_paid(one, alike)}".rstrip(",") for one in charged)
    return f"{promised}, but {span} {found or 'is not charged'}"


def _paid(due: Due, others: Sequence[Due]) -> str:
    """Say who pays, and how much unless the others are the same amount."""
    payer = "deducted" if due.payer == PAYROLL else "paid directly"
    if others and all((other.ore, other.cadence) == (due.ore, due.cadence) for other in others):
        return payer
    return f"{_kroner(due.ore)} {CADENCES[due.cadence]}, {payer},"


def _span(begins: date, ends: date) -> str:
    if ends == date.max:
        return f"what is due from {_long(begins)} on"
    return f"{_long(begins)} to {_long(_before(ends))}"


def _before(day: date) -> date:
    return day - timedelta(days=1)


def _long(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


# Decisions ------------------------------------------------------------------------------------


def _after_approval(log: Log) -> tuple[tuple[date, str], ...]:
    """Return (date, event) of every decision that came after the approval."""
    decided = [(oslo_date(datetime.fromisoformat(e["at"])), str(e["about"])) for e in log]
    events = [event for _, event in decided]
    if Event.APPLICATION_APPROVED not in events:
        return ()
    return tuple(decided[events.index(Event.APPLICATION_APPROVED) + 1 :])


def _of_decisions(
    promised: Sequence[tuple[date, str]], found: Sequence[tuple[date, str]]
) -> Iterator[str]:
    missing = list((Counter(promised) - Counter(found)).elements())
    extra = list((Counter(found) - Counter(promised)).elements())
    for day, event in missing:
        same = next((one for one in extra if one[1] == event), None)
        if same is None:
            yield f'"{_words(event)}" was to be decided on {_long(day)}, and was not'
        else:
            extra.remove(same)
            yield f'"{_words(event)}" was to be decided on {_long(day)}, not on {_long(same[0])}'
    for day, event in extra:
        yield f'"{_words(event)}" was decided on {_long(day)}, and nobody had promised it'
    if not missing and not extra and list(promised) != list(found):
        yield "everything was decided on its day, but in another order than promised"


# Letters --------------------------------------------------------------------------------------


def _of_letters(promise: Promise, letters: Sequence[Told]) -> Iterator[str]:
    written = {str(letter.audience) for letter in letters}
    for audience in sorted(promise.audiences - written):
        yield f"a letter was to go to the {_words(audience)}, and none did"
    for audience in sorted(written - promise.audiences):
        yield f"no letter was to go to the {_words(audience)}, but one did"
    if promise.silence is None:
        return
    first, end = promise.silence
    for letter in letters:
        if letter.audience in OUTSIDE and first <= letter.on < end:
            yield (
                f"nobody outside was to be told anything from {_long(first)} until {_long(end)}, "
                f"but on {_long(letter.on)} the {letter.audience} got {_words(letter.template)!r}"
            )
