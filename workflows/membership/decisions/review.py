"""The caseworker's review: from the application to yes or no."""

from dataclasses import replace
from datetime import date
from typing import Any

from schemas.membership.application import UNREACHABLE, Application
from schemas.membership.corrections import corrected_form, fields_in, in_words, patch_of
from schemas.membership.eligibility import (
    ApplicationFault,
    branch_fault,
    category_fault,
    faults_in,
    faults_in_correction,
    faults_in_form,
    faults_in_person,
    needs_employer,
)
from schemas.membership.form import Form
from schemas.membership.messages.review import (
    DecideApplication,
    SupplyInformation,
    WithdrawApplication,
)
from schemas.shared.calendar import oslo_date
from schemas.shared.vocabulary import Category, Event, Outcome, Stage, Template
from workflows.membership.deadlines import information_deadline
from workflows.membership.decisions.onboarding import approve
from workflows.membership.decisions.returning import approved_category, check_alive, goes_on
from workflows.membership.decisions.step import Answers, Letters, Moment, Refused, Step
from workflows.membership.decisions.transferring import transferred
from workflows.membership.decisions.transition import Transition
from workflows.membership.decisions.transitions import pass_through
from workflows.membership.record import MembershipRecord, Review

UNDECIDED = frozenset({Stage.RECEIVED, Stage.UNDER_REVIEW, Stage.AWAITING_INFORMATION})

AFTER_APPROVAL = frozenset({"applicant", "information"})
"""What ``supply_information`` may carry to a member: the rest has messages of its own."""


def decide(record: MembershipRecord, message: DecideApplication, now: Moment) -> Step:
    """Return the step a caseworker's decision leads to. Source: S29, A33."""
    if record.stage not in UNDECIDED:
        raise Refused(f"the application has been decided: the membership is {record.stage}")
    match message.decision:
        case "approve":
            stays = goes_on(record, message, now)
            if stays is not None:
                return stays
            category = approved_category(record, message, now)
            check_alive(record, message)
            _check_employer(record, category, now)
            _check_branch(record, message.branch, now)
            brings = transferred(record, message, now)
            step = approve(record, message.caseworker, category, message.branch, now, brings)
            return replace(step, reason=_why(message))
        case "reject":
            return _reject(record, message)
        case "request_information":
            return _ask(record, message, now)


def _why(message: DecideApplication) -> str | None:
    """Return the caseworker's reason, with where the proof of a transfer is to be found. L10."""
    proof = message.transfer.proof if message.transfer is not None else None
    texts = (message.reason, f"transfer: {proof}" if proof else None)
    return "; ".join(text for text in texts if text) or None


def _check_employer(record: MembershipRecord, category: Category, now: Moment) -> None:
    if needs_employer(category, record.form, record.book, now.today):
        raise Refused("employment: is required; ask the applicant who the employer is (A28)")


def _check_branch(record: MembershipRecord, branch: str | None, now: Moment) -> None:
    if branch is None:
        return
    if record.hidden:
        says = "branch: this applicant is attached to no local branch (S33)"
        raise Refused(says, confidential=True)
    fault = branch_fault(branch, record.book, now.today)
    if fault is not None:
        raise Refused(fault)


def _reject(record: MembershipRecord, message: DecideApplication) -> Step:
    letters = Letters.of(record).quoting(Template.APPLICATION_REJECTED, message.reason, faults=[])
    letters.to_caseworkers("application_ended")
    return Step(
        record=ended(record, Outcome.REJECTED),
        event=Event.APPLICATION_REJECTED,
        says="the application was rejected",
        rules=("S29",),
        decided_by=message.caseworker,
        reason=message.reason,
        letters=letters.done(),
    )


def _ask(record: MembershipRecord, message: DecideApplication, now: Moment) -> Step:
    review = Review(since=now.at, asked=True)
    asked = record.model_copy(update={"stage": Stage.AWAITING_INFORMATION, "review": review})
    letters = Letters.of(record).quoting(
        Template.INFORMATION_REQUESTED,
        message.reason,
        deadline=information_deadline(asked).isoformat(),
    )
    letters.to_caseworkers("information_requested")
    return Step(
        record=asked,
        event=Event.INFORMATION_REQUESTED,
        says="the applicant was asked for information",
        rules=("A33",),
        decided_by=message.caseworker,
        reason=message.reason,
        letters=letters.done(),
        priced=True,
    )


def supply(record: MembershipRecord, message: SupplyInformation, now: Moment) -> Step:
    """Return the step that information from the applicant leads to. Source: A33, N3."""
    _check_removals(message)
    patch = patch_of(message)
    form = corrected_form(record.form, patch)
    _check_reached(form)
    undecided = record.stage in UNDECIDED
    if not undecided:
        _check_after_approval(message)
        _check_after_end(record, form)
    faults = [
        *_faults_in_person(record, form, message, now.today if undecided else record.since),
        *(_faults_in_form(record, form, now) if undecided else ()),
    ]
    if faults:
        raise Refused("; ".join(map(str, faults)))
    if not undecided:
        return _supply_as_member(record, form, patch, message.information, now)
    informed = record.model_copy(
        update={
            "application": form,
            "category": form.category,
            "stage": Stage.UNDER_REVIEW,
            # An answer gives the caseworkers their time anew; a word unasked for does not.
            "review": Review(since=now.at) if record.review.asked else record.review,
        }
    )
    return Step(
        record=informed,
        event=Event.INFORMATION_SUPPLIED,
        says=in_words(fields_in(patch)),
        rules=("A33",),
        decided_by="applicant",
        reason=message.information,
        letters=Letters.of(record).to_caseworkers("information_supplied").done(),
        corrected=True,
        supplied=patch,
    )


def _faults_in_person(
    record: MembershipRecord, form: Form, message: SupplyInformation, on: date
) -> list[ApplicationFault]:
    number = message.applicant.national_id if message.applicant is not None else None
    return faults_in_correction(form, record.form, number, record.book, on)


def _faults_in_form(
    record: MembershipRecord, form: Form, now: Moment
) -> tuple[ApplicationFault, ...]:
    """An old form of somebody who comes back breaks no rule."""
    return faults_in_form(form, record.book, now.today) if record.former is None else ()


def _supply_as_member(
    record: MembershipRecord, form: Form, patch: dict[str, Any], information: str, now: Moment
) -> Step:
    """A member's correction: another birth date may have made another category of the member."""
    informed = _replanned(record.model_copy(update={"application": form}))
    letters = Letters.of(record).to_caseworkers("information_supplied")
    transition = Transition(informed, now, letters, record.terms)
    transition.note(in_words(fields_in(patch)), "N3")
    if informed.birth_date != record.birth_date:
        pass_through(transition)
    return Step(
        record=transition.record,
        event=Event.INFORMATION_SUPPLIED,
        says="; ".join(transition.says),
        rules=tuple(transition.rules),
        decided_by="applicant",
        reason=information,
        letters=transition.letters.done(),
        priced=True,
        corrected=True,
        supplied=patch,
    ).settled()


def _replanned(record: MembershipRecord) -> MembershipRecord:
    """Return a member's record after a correction: amounts may depend on the birth date."""
    assert record.beginning is not None, "a member's life has begun"
    category = record.beginning.category
    fault = category_fault(category, record.form, record.book, record.since)
    if fault is not None:
        raise Refused(f"{fault}; the member was approved as {category}")
    return record.replanned()


def _check_removals(message: SupplyInformation) -> None:
    """Refuse to have removed what nobody is without."""
    sent = message.applicant
    cleared = sorted(
        name
        for name in ("name", "birth_date", "language")
        if sent is not None and name in sent.model_fields_set and getattr(sent, name) is None
    )
    if cleared:
        raise Refused("; ".join(f"applicant.{name}: can't be removed" for name in cleared))
    if "category" in message.model_fields_set and message.category is None:
        raise Refused("category: can't be removed")


def _check_reached(form: Form) -> None:
    if not (form.applicant.has_email or form.applicant.has_address):
        raise Refused(f"applicant: {UNREACHABLE}")


def _check_after_approval(message: SupplyInformation) -> None:
    others = sorted(message.model_fields_set - AFTER_APPROVAL)
    if others:
        raise Refused("; ".join(f"{name}: can't be corrected after approval" for name in others))


def _check_after_end(record: MembershipRecord, form: Form) -> None:
    """Refuse what is more than contact data of somebody whose membership is over. Source: L9."""
    if record.stage is Stage.ENDED and form.applicant.birth_date != record.birth_date:
        raise Refused("applicant.birth_date: can't be corrected once the membership has ended")


def withdraw(record: MembershipRecord, message: WithdrawApplication, _now: Moment) -> Step:
    """Return the step by which an applicant withdraws. Source: M2."""
    if record.stage not in UNDECIDED:
        raise Refused("the application has been decided: a member resigns instead (A29)")
    letters = Letters.of(record).member(Template.APPLICATION_WITHDRAWN)
    return Step(
        record=ended(record, Outcome.WITHDRAWN),
        event=Event.APPLICATION_WITHDRAWN,
        says=f"the {'caseworker' if message.caseworker else 'applicant'} withdrew the application",
        rules=("S29",),
        decided_by=message.caseworker or "applicant",
        reason=message.reason,
        letters=letters.to_caseworkers("application_ended").done(),
    )


def invalid(record: MembershipRecord, application: Application | None) -> Step:
    """Return the step that ends an application which breaks a rule. Source: M2.

    Args:
        application: as it came, since its letter says what is wrong with it; None: it was not read.
    """
    letters = Letters.of(record)
    if application is not None:
        find = faults_in if record.former is None else faults_in_person
        broken = find(application, record.book, oslo_date(record.received_at))
        faults = [{"breach": str(fault.breach), "figure": fault.figure} for fault in broken]
        letters.member(Template.APPLICATION_REJECTED, reason=None, faults=faults)
    return _invalid(record, letters)


def invalid_untold(record: MembershipRecord) -> Step:
    """Return the same step where the faults can't be put into words: a caseworker finds them."""
    return _invalid(record, Letters.of(record))


def _invalid(record: MembershipRecord, letters: Letters) -> Step:
    return Step(
        record=ended(record, Outcome.INVALID),
        event=Event.APPLICATION_INVALID,
        says="the application breaks a rule: " + "; ".join(record.faults),
        rules=("M2",),
        letters=letters.to_caseworkers("application_invalid", "\n".join(record.faults)).done(),
    )


def duplicate(record: MembershipRecord, decided_by: str, other: str) -> Step:
    """Return the step that ends the application of somebody who is a member already.

    Who has that membership is a matter for caseworkers: whoever typed a name and a birth date
    learns of no other membership, and no letter goes to the address they typed.
    """
    return Step(
        record=ended(record, Outcome.DUPLICATE),
        event=Event.APPLICATION_DUPLICATE,
        says="the application was closed",
        rules=("design 3",),
        decided_by=decided_by,
        letters=Letters.of(record).to_caseworkers("application_duplicate", other).done(),
    )


def hold_correction(record: MembershipRecord, step: Step, other: str) -> Step:
    """Return the step that leaves a correction to the caseworkers: it names another member.

    The sender is answered as if it were taken, since a refusal would tell who is a member.
    """
    return Step(
        record=record,
        event=step.event,
        says=step.says,
        rules=step.rules,
        decided_by=step.decided_by,
        reason=step.reason,
        letters=Letters.of(record).to_caseworkers("correction_set_aside", other).done(),
    )


def remind(record: MembershipRecord, _now: Moment) -> Step:
    """Return the step that reminds the caseworkers of a review. Source: A33."""
    review = record.review.model_copy(update={"reminded": True})
    says = "the caseworkers were reminded"
    return _urged(record, review, Event.REVIEW_REMINDED, says, "review_reminder")


def escalate(record: MembershipRecord, _now: Moment) -> Step:
    """Return the step that escalates a review nobody has decided. Source: A33."""
    review = record.review.model_copy(update={"escalated": True})
    says = "the review was escalated"
    return _urged(record, review, Event.REVIEW_ESCALATED, says, "review_escalation")


def _urged(record: MembershipRecord, review: Review, event: Event, says: str, task: str) -> Step:
    return Step(
        record=record.model_copy(update={"review": review}),
        event=event,
        says=says,
        rules=("A33",),
        letters=Letters.of(record).to_caseworkers(task).done(),
    )


def lapse(record: MembershipRecord, _now: Moment) -> Step:
    """Return the step that ends an application whose question stayed unanswered. Source: A33."""
    letters = Letters.of(record).member(Template.APPLICATION_LAPSED)
    return Step(
        record=ended(record, Outcome.LAPSED),
        event=Event.APPLICATION_LAPSED,
        says="the applicant did not answer in time",
        rules=("A33",),
        letters=letters.to_caseworkers("application_ended").done(),
    )


def ended(record: MembershipRecord, outcome: Outcome) -> MembershipRecord:
    """Return the record of a membership, or of an application, that has ended."""
    return record.model_copy(update={"stage": Stage.ENDED, "outcome": outcome})


ANSWERS: Answers = {
    DecideApplication: decide,
    SupplyInformation: supply,
    WithdrawApplication: withdraw,
}
"""Which decision answers which message."""
