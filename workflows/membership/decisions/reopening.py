"""Undoing an end that was a mistake: the membership goes on as if the end had not been."""

from dataclasses import replace
from datetime import date, timedelta

from schemas.dues.payers import is_by_list
from schemas.dues.terms import PayerChange
from schemas.membership.messages.changes import WithdrawChange
from schemas.membership.messages.leaving import Reopen
from schemas.membership.notices import EndNotice
from schemas.membership.situation import last_month, whole_month
from schemas.shared.calendar import first_of_month
from schemas.shared.vocabulary import Event, InsuranceStatus, Payer, Stage, Template
from workflows.membership.decisions import changes
from workflows.membership.decisions.cover import IN_FORCE, tell_it_goes_on
from workflows.membership.decisions.deduction import DEDUCTION_ASKED, ask
from workflows.membership.decisions.ending import open_until
from workflows.membership.decisions.step import Answers, Letters, Moment, Refused, Step, charged
from workflows.membership.decisions.transition import Transition
from workflows.membership.decisions.transitions import pass_through
from workflows.membership.record import MembershipRecord, Payroll


def reopen(record: MembershipRecord, message: Reopen, now: Moment) -> Step:
    """Return the step that undoes an end, or what announces one. Source: L9, A29, A30, L7."""
    undecided = record.keeps_report and record.reported_death is not None
    if record.stage is not Stage.ENDED or undecided:
        return _before_the_end(record, message, now)
    step = _undone(record, now)
    return replace(step, decided_by=message.caseworker, reason=message.reason)


def _undone_by(record: MembershipRecord) -> EndNotice:
    """Return the notice that a reopening takes back: the one the outcome says."""
    ends = [notice for notice in record.notices if isinstance(notice, EndNotice)]
    return next(end for end in reversed(ends) if end.outcome is record.outcome)


def _before_the_end(record: MembershipRecord, message: Reopen, now: Moment) -> Step:
    """A report of a death that waits is dismissed; a resignation that still runs is withdrawn."""
    if record.reported_death is not None:
        return Step(
            record=record.model_copy(update={"reported_death": None}),
            event=Event.MEMBERSHIP_REOPENED,
            says="the report of a death was dismissed",
            rules=("L9", "M17"),
            decided_by=message.caseworker,
            reason=message.reason,
        )
    if record.leaving is None:
        raise Refused(f"the membership is {record.stage}: there is no end to undo")
    resignation = WithdrawChange(change="resign", effective_on=record.leaving.reported_on)
    step = changes.withdraw(record, resignation, now)
    return replace(step, decided_by=message.caseworker, reason=message.reason)


def _undone(record: MembershipRecord, now: Moment) -> Step:
    undone = _undone_by(record)
    kept = tuple(notice for notice in record.notices if notice is not undone)
    without = record.model_copy(update={"notices": kept, "reported_death": None})
    if record.ended is not None and record.ended.number != undone.number:
        step = _only_the_death(without, now)
    else:
        step = _goes_on(record, without, undone, now)
    # Whatever the end took away comes back, as if it had not been: A31 limits what is reported.
    return replace(step, given_back_from=whole_month(undone.effective_on))


def _only_the_death(without: MembershipRecord, now: Moment) -> Step:
    """Who had left before goes on having left; of the death nobody outside was told."""
    still = without.leaving
    assert still is not None, "a former member had left"
    return Step(
        record=without.replanned().model_copy(
            update={"outcome": still.outcome, "open_until": open_until(without, now)}
        ),
        event=Event.MEMBERSHIP_REOPENED,
        says=f"the death was recorded by mistake; the membership had ended: {still.outcome}",
        rules=("L9", "M17"),
        priced=True,
    )


def _goes_on(
    record: MembershipRecord, without: MembershipRecord, undone: EndNotice, now: Moment
) -> Step:
    """Take up again what stood, bring it up to today, and tell whoever was told of the end."""
    restored = _as_it_stood(record, without, undone, now).replanned()
    transition = Transition(restored, now, Letters.of(record), restored.terms)
    transition.note(f"taken up again: the end ({undone.outcome}) was undone", "L9")
    deducted = record.ended is None or record.ended.deducted
    _tell_member(transition, undone, deducted=deducted)
    before = restored.present_situation
    pass_through(transition)
    after = transition.record
    if after.stage is Stage.ENDED:
        _tell_of_other_end(transition)
    else:
        _tell_insurer(transition, undone)
        told_already = after.leaving is not None or after.hiding is not None
        if after.branch is not None and after.branch == before.branch and not told_already:
            transition.letters.branch(Template.BRANCH_NEW_MEMBER, after.branch, about="back")
        _ask_employer(transition, deducted=deducted)
    return transition.step(Event.MEMBERSHIP_REOPENED)


def _as_it_stood(
    record: MembershipRecord, without: MembershipRecord, undone: EndNotice, now: Moment
) -> MembershipRecord:
    insurance, ended = record.insurance, record.ended
    if ended is not None:
        stood = {"status": ended.insurance, "reservation_deadline": ended.reservation_deadline}
        insurance = insurance.model_copy(update=stood)
    return without.model_copy(
        update={
            "stage": Stage.ACTIVE if record.onboarded else Stage.ONBOARDING,
            "outcome": None,
            "ended": None,
            "open_until": None,
            "lingers": False,
            "insurance": insurance,
            "payroll": _direct_for_now(record, undone, now),
        }
    )


def _direct_for_now(record: MembershipRecord, undone: EndNotice, now: Moment) -> Payroll:
    """The employer was told to stop: until it is asked and answers anew, the member pays. D7."""
    payers = record.payroll.payers
    if not payers or not is_by_list(payers[-1].payer):
        return record.payroll
    stops = last_month(record.facts, record.book)
    assert stops is not None, "undid the end of a membership without one"
    word = PayerChange(
        starts_on=max(stops, first_of_month(undone.recorded_on)),
        payer=Payer.DIRECT,
        employer_orgnr=payers[-1].employer_orgnr,
        given_on=now.today,
    )
    return record.payroll.model_copy(update={"first_period": None, "payers": (*payers, word)})


def _tell_member(transition: Transition, undone: EndNotice, *, deducted: bool) -> None:
    """Neutral in words: after a death recorded by mistake it is read by who was thought dead."""
    record = transition.record
    situation = record.present_situation
    quiet = record.hiding is not None or record.leaving is not None
    asks = deducted and not quiet and situation.deducting is not None
    month = whole_month(transition.now.today)
    transition.letters.member(
        Template.MEMBERSHIP_REOPENED,
        outcome=undone.outcome,
        last_on=(undone.effective_on - timedelta(days=1)).isoformat(),
        valid_from=month.isoformat(),
        terms=charged(record.terms, month),
        asks=("employer" if situation.deductor is None else "nav") if asks else "nobody",
    )


def _tell_of_other_end(transition: Transition) -> None:
    """Another end, that came later, stands: the cover lasted until then."""
    end = transition.record.leaving
    assert end is not None, "ended without an end"
    if transition.record.insurance.status is InsuranceStatus.ENDED:
        _tell_cover_ends(transition, end.effective_on)


def _tell_insurer(transition: Transition, undone: EndNotice) -> None:
    record = transition.record
    if record.insurance.status not in IN_FORCE:
        return
    tell_it_goes_on(transition.letters, record.insurance, undone)
    if record.leaving is not None:
        _tell_cover_ends(transition, record.leaving.effective_on)


def _tell_cover_ends(transition: Transition, on: date) -> None:
    figures = {"status": str(InsuranceStatus.ENDED), "from_on": on.isoformat()}
    transition.letters.insurer(Template.INSURANCE_STATUS, **figures)


def _ask_employer(transition: Transition, *, deducted: bool) -> None:
    """Ask anew an employer that deducted, or had been asked, unless the change itself has."""
    record = transition.record
    payroll = record.payroll
    asked = payroll.status in DEDUCTION_ASKED or payroll.awaits_payment
    if not deducted or asked or record.hiding is not None or record.leaving is not None:
        return
    if record.present_situation.deducting is not None:
        ask(transition, record.present_situation)


ANSWERS: Answers = {Reopen: reopen}
"""Which decision answers which message."""
