"""The end of a membership that its member has twice."""

from schemas.membership.messages.merging import EndDuplicate
from schemas.membership.notices import EndNotice
from schemas.membership.situation import last_month
from schemas.shared.calendar import first_of_month
from schemas.shared.vocabulary import (
    Event,
    InsuranceStatus,
    Outcome,
    PayrollStatus,
    Template,
)
from workflows.membership.decisions.deduction import must_be_stopped
from workflows.membership.decisions.step import (
    Answers,
    Letters,
    Moment,
    Refused,
    Step,
    charged,
    paid_by,
)
from workflows.membership.decisions.transition import Transition
from workflows.membership.decisions.transitions import pass_through
from workflows.membership.record import MembershipRecord, Payroll


def end_duplicate(record: MembershipRecord, message: EndDuplicate, now: Moment) -> Step:
    """Return the step that ends a membership which goes on as another one; terms stay as they are.

    That a merge says so is checked in the books. Source: N9.
    """
    if message.goes_on == record.membership_id:
        raise Refused("goes_on: is this membership itself")
    end = EndNotice(
        number=record.decisions + 1,
        kind="end_duplicate",
        effective_on=max(now.today, record.since),
        recorded_on=now.today,
        decided_by=message.caseworker,
        outcome=Outcome.DUPLICATE,
        reported_on=now.today,
    )
    ended = record.model_copy(update={"notices": (*record.notices, end)}).replanned()
    transition = Transition(ended, now, Letters.of(record), record.terms)
    transition.letters.to_caseworkers("merged", message.goes_on)
    _tell_member(transition, quiet=bool(message.quiet))
    transition.note(f"the person's membership goes on as {message.goes_on}", "N9")
    _stop_deduction(transition, quiet=bool(message.quiet))
    if record.insurance.status is not InsuranceStatus.NOT_APPLICABLE:
        transition.letters.insurer(Template.INSURANCE_MERGED)
    pass_through(transition)
    return transition.step(Event.MEMBERSHIP_ENDED, message.caseworker, None)


def _tell_member(transition: Transition, *, quiet: bool) -> None:
    """Tell the member which one goes on; what comes back is read when the letter goes out."""
    record = transition.record
    stops = must_be_stopped(record, record.present_situation, transition.now.today)
    transition.letters.member(Template.MEMBERSHIPS_MERGED, stops=stops, quiet=quiet)


def _stop_deduction(transition: Transition, *, quiet: bool) -> None:
    """Have the employer stop. Insurance office and branch go on with the other membership."""
    record, today = transition.record, transition.now.today
    stops = last_month(record.facts, record.book)
    assert stops is not None, "ended a membership without an end"
    if must_be_stopped(record, record.present_situation, today):
        transition.letters.employer(
            Template.PAYROLL_STOP,
            **paid_by(record.present_situation, record.present_situation.employer),
            forwarded=quiet,
            valid_from=max(stops, first_of_month(today)).isoformat(),
            terms=charged(transition.earlier, today),
        )
    if record.payroll.status is PayrollStatus.REQUESTED:
        # Taken back before it was answered: no reminder, and no yes any more.
        stopped = Payroll(status=PayrollStatus.STOPPED, payers=record.payroll.payers)
        transition.update(payroll=stopped)


ANSWERS: Answers = {EndDuplicate: end_duplicate}
"""Which decision answers which message."""
