"""The end of a membership: what everybody is told, and the record that is left."""

from datetime import date, timedelta

from schemas.membership.benefits import gives_funeral_contribution
from schemas.membership.notices import EndNotice
from schemas.membership.situation import last_month
from schemas.shared.calendar import first_of_month, months_before
from schemas.shared.vocabulary import (
    Event,
    InsuranceStatus,
    Outcome,
    PayrollStatus,
    Stage,
    Template,
)
from workflows.membership.decisions.cover import IN_FORCE
from workflows.membership.decisions.deduction import DEDUCTION_ASKED, must_be_stopped
from workflows.membership.decisions.step import Letters, Moment, Step, charged, paid_by
from workflows.membership.decisions.transition import Transition
from workflows.membership.record import Ended, MembershipRecord, Payroll

RULES: dict[Outcome, tuple[str, ...]] = {
    Outcome.RESIGNED: ("A29", "A31"),
    Outcome.STRUCK_OFF: ("A30", "A31"),
    Outcome.DECEASED: ("L7", "A31"),
    Outcome.DUPLICATE: ("N9",),
}


def announce_end(transition: Transition, end: EndNotice, *, again: bool = False) -> None:
    """Tell everybody of an end that is now known. Nothing goes to a member who has died.

    Args:
        transition: the record with the notice, planned anew.
        end: the notice.
        again: an earlier notice has ended the membership before; the branch knows.

    Source: M9, M16, M17.
    """
    record, letters = transition.record, transition.letters
    stops = last_month(record.facts, record.book)
    assert stops is not None, "settled a membership without an end"
    last_on = end.effective_on - timedelta(days=1)
    figures = figures_of(end, record)
    match end.outcome:
        case Outcome.RESIGNED:
            letters.member(Template.RESIGNATION, **figures)
        case Outcome.STRUCK_OFF:
            letters.member(Template.STRUCK_OFF, **figures)
            letters.to_caseworkers("struck_off")
        case _:
            tell_of_estate(letters, record, end)
    if must_be_stopped(record, record.present_situation, transition.now.today):
        from_month = max(stops, first_of_month(transition.now.today))
        letters.employer(
            Template.PAYROLL_STOP,
            **paid_by(record.present_situation, record.present_situation.employer),
            valid_from=from_month.isoformat(),
            terms=charged(transition.earlier, transition.now.today),
        )
    if record.payroll.status is PayrollStatus.REQUESTED:
        # Taken back before it was answered: no reminder, and no yes any more.
        payers = record.payroll.payers
        transition.update(payroll=Payroll(status=PayrollStatus.STOPPED, payers=payers))
    if record.insurance.status in IN_FORCE:
        from_on = end.effective_on.isoformat()
        letters.insurer(Template.INSURANCE_STATUS, status="ended", from_on=from_on)
    if record.branch is not None and record.hiding is None and not again:
        letters.branch(Template.BRANCH_MEMBER_LEFT, record.branch, last_on=last_on.isoformat())


def tell_of_estate(letters: Letters, record: MembershipRecord, end: EndNotice) -> Letters:
    """Ask the caseworkers to write to the estate, and say what of. Source: M17, S19."""
    funeral = gives_funeral_contribution(record.facts, record.book, end.reported_on)
    return letters.to_caseworkers("estate", funeral=funeral)


def figures_of(end: EndNotice, record: MembershipRecord) -> dict[str, str]:
    """Return what a letter says of an end that is known.

    Args:
        end: the notice.
        record: with it, planned anew.
    """
    stops = last_month(record.facts, record.book)
    assert stops is not None, "settled a membership without an end"
    return {
        "last_on": (end.effective_on - timedelta(days=1)).isoformat(),
        "charged_until": (stops - timedelta(days=1)).isoformat(),
        "reported_on": end.reported_on.isoformat(),
    }


def close(transition: Transition, end: EndNotice) -> None:
    """Leave the record of a membership that is over: terms that have ended, nothing open."""
    record = transition.record
    transition.event = Event.MEMBERSHIP_ENDED
    transition.note(f"the membership ended: {end.outcome}", *RULES[end.outcome])
    insurance, payroll = record.insurance, record.payroll
    if insurance.status in IN_FORCE:
        update = {"status": InsuranceStatus.ENDED, "reservation_deadline": None}
        insurance = insurance.model_copy(update=update)
    if payroll.status in DEDUCTION_ASKED:
        payroll = payroll.model_copy(update={"status": PayrollStatus.STOPPED})
    transition.update(
        stage=Stage.ENDED,
        outcome=end.outcome,
        ended=Ended(
            number=end.number,
            insurance=record.insurance.status,
            reservation_deadline=record.insurance.reservation_deadline,
            deducted=_deducted(record.payroll),
        ),
        insurance=insurance,
        payroll=payroll,
        hiding=None,
        reached=transition.now.today,
        open_until=open_until(record, transition.now),
    )


def _deducted(payroll: Payroll) -> bool:
    """Tell whether the employer deducts or was asked to, before the end was told."""
    taken_back = payroll.status is PayrollStatus.STOPPED and payroll.requested_at is None
    return taken_back or payroll.status in DEDUCTION_ASKED


def open_until(record: MembershipRecord, now: Moment) -> date | None:
    """Return the last day on which an end of today can be undone, or None: never.

    What was so before it is told until then, and counts as long as corrections reach its last
    month. Source: L9, A31.
    """
    policies = record.book.policies_on(now.today)
    if not policies.reopen_days:
        return None
    undone = now.today + timedelta(days=policies.reopen_days)
    over = last_month(record.facts, record.book) if record.open_for_corrections else None
    return undone if over is None else max(undone, _reached_until(over, policies.back_months))


def _reached_until(over: date, back_months: int) -> date:
    """Return the last day on which something told changes the month before one. Source: A31."""
    return months_before(over, -back_months) - timedelta(days=1)


def let_go(record: MembershipRecord, _now: Moment) -> Step:
    """Return the step by which a membership that has ended is over for good. Source: L9."""
    return Step(
        record=record.model_copy(update={"open_until": None, "lingers": False}),
        event=Event.MEMBERSHIP_ENDED,
        says="the time in which it could be reopened is over",
        rules=("L9",),
        empty=True,
    )
