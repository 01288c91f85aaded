"""What will happen to a member if nobody else does anything, until 80.

There is no second set of rules: a copy of the record lives on through its own deadlines, by the
decisions the workflow makes and with the receipts persistence would give, and what happens to it
is written down. The record itself stays as it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from schemas.dues.terms import Span
from schemas.membership.decision import DecisionReceipt, DeliveryReport
from schemas.membership.forecast import (
    Forecast,
    ForecastCover,
    ForecastDues,
    ForecastLetter,
    ForecastStep,
)
from schemas.membership.insurance import coverages_end
from schemas.shared.calendar import birthday, oslo_date
from schemas.shared.vocabulary import Cadence, InsuranceStatus, Stage
from workflows.membership.awaiting import awaiting
from workflows.membership.causes import Causes
from workflows.membership.deadlines import FOR_LIFE, deadlines
from workflows.membership.decisions import dispatch
from workflows.membership.decisions.step import Moment, Step
from workflows.membership.record import MembershipRecord
from workflows.membership.recording import recorded

AGE = 80
"""Nothing that the rules know of changes later: the last coverage ends long before."""

AT_LEAST_YEARS = 5
"""So far ahead a change may be recorded, and so far is looked whatever somebody's age."""

MAX_STEPS = 500
"""Far more than a life has: whatever would go on for ever must not hold up a query."""

ASSUMES = (
    "Nobody else does anything: no message comes, the employer does not answer, a reservation "
    "window closes unused, letters arrive on the day, and prices stay as far as they are known."
)

A_YEAR = {Cadence.MONTHLY: 12, Cadence.QUARTERLY: 4, Cadence.YEARLY: 1}


def forecast(record: MembershipRecord, at: datetime) -> Forecast:
    """Return what will happen to a membership by itself.

    Args:
        record: the membership as it is.
        at: now, by the workflow's clock, aware.
    """
    now = Moment(at)
    empty = Forecast(
        membership_id=record.membership_id,
        as_of=now.today,
        stage=record.stage,
        category=record.category,
        assumes=ASSUMES,
    )
    if record.stage is Stage.ENDED:
        return empty.model_copy(update={"note": f"the membership has ended: {record.outcome}"})
    if record.rulebook is None:
        return empty.model_copy(update={"note": "the application is still being read"})
    until = max(birthday(record.birth_date, AGE), birthday(now.today, AT_LEAST_YEARS))
    lived = list(_live(record, now, until))
    final = lived[-1][1]
    return empty.model_copy(
        update={
            "until": until,
            "steps": tuple(step for step, _ in lived if step is not None),
            "dues": tuple(_dues(final, Span(valid_from=now.today, valid_to=until))),
            "cover": tuple(_cover(lived, now.today)),
            "awaiting": awaiting(final),
            "note": _note(final),
        }
    )


Lived = tuple[ForecastStep | None, MembershipRecord]
"""A record, and the step that led to it; the first one is as it is now."""


def _live(record: MembershipRecord, now: Moment, until: date) -> Iterator[Lived]:
    # A run of old lives on by what is known now, once it is renewed.
    record = record.model_copy(update={"version": max(record.version, FOR_LIFE)})
    if record.hiding is not None and not record.hiding.told:
        record = _delivered(record, record.hiding.letters, now)
    yield None, record
    for _ in range(MAX_STEPS):
        coming = deadlines(record)
        if not coming or oslo_date(coming[0].due_at) >= until:
            return
        now = Moment(max(coming[0].due_at, now.at))
        step = dispatch.AFTER[coming[0].name](record, now)
        record = recorded(step, DecisionReceipt(member_number=record.member_number), now)
        record = _delivered(record, (letter.key for letter in step.letters), now)
        yield _written(step, record, now.today), record


def _delivered(record: MembershipRecord, keys: Iterable[str], now: Moment) -> MembershipRecord:
    return dispatch.delivered(record, DeliveryReport(sent=tuple(keys)), now)


def _age(record: MembershipRecord, on: date) -> int:
    years = on.year - record.birth_date.year
    return years if record.book.turns(record.birth_date, years) <= on else years - 1


def _written(step: Step, after: MembershipRecord, on: date) -> ForecastStep:
    return ForecastStep(
        on=on,
        age=_age(after, on),
        event=step.event,
        says=step.says,
        rules=step.rules,
        stage=after.stage,
        outcome=after.outcome,
        category=after.category,
        insurance=after.insurance.status,
        payroll=after.payroll.status,
        letters=tuple(
            ForecastLetter(
                audience=letter.audience, template=letter.template, forwarded=letter.forwarded
            )
            for letter in step.letters
        ),
    )


def _dues(final: MembershipRecord, span: Span) -> Iterator[ForecastDues]:
    """Yield the terms as they will be known in the end, within a span."""
    assert span.valid_to is not None, "a forecast has an end"
    causes = Causes(final)
    for term in final.terms:
        valid_from = max(term.valid_from, span.valid_from)
        valid_to = min(term.valid_to or span.valid_to, span.valid_to)
        if valid_from < valid_to:
            yield ForecastDues(
                kind=term.kind,
                amount_ore=term.amount_ore,
                cadence=term.cadence,
                a_year_ore=term.amount_ore * A_YEAR[term.cadence],
                payer=term.payer,
                valid_from=valid_from,
                valid_to=valid_to,
                rules=causes.rules_of(term),
            )


def _cover(lived: Sequence[Lived], today: date) -> Iterator[ForecastCover]:
    """Yield each coverage for as long as the member is in the package. Source: A17, S8."""
    _, record = lived[0]
    spans = list(_insured(lived, today))
    for name, ends in coverages_end(record.birth_date, record.book).items():
        for span in spans:
            valid_to = min(ends, span.valid_to or ends)
            if max(span.valid_from, today) < valid_to:
                yield ForecastCover(coverage=name, valid_from=span.valid_from, valid_to=valid_to)


def _insured(lived: Iterable[Lived], today: date) -> Iterator[Span]:
    """Yield the spans in which the member is in the package, the last one perhaps open."""
    since: date | None = None
    for step, record in lived:
        insurance, day = record.insurance, step.on if step is not None else today
        begun, ends = insurance.covered_from, insurance.reserved_from
        if insurance.status is InsuranceStatus.COVERED and begun is not None:
            since = since or (begun if step is None else max(begun, day))
        elif since is not None:
            yield Span(valid_from=since, valid_to=max(since, day))
            since = None
        elif step is None and begun is not None and ends is not None and begun < ends:
            yield Span(valid_from=begun, valid_to=ends)
    if since is not None:
        yield Span(valid_from=since)


def _note(final: MembershipRecord) -> str | None:
    """Say of an application why its future is open."""
    if final.member_since is not None:
        return None
    if final.stage is Stage.ENDED:
        return f"the application ends as {final.outcome} unless somebody acts before"
    return "waits for the decision on the application: nothing is charged or insured before it"
