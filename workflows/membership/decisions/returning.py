"""Who comes back: what a caseworker is asked before a former member is one again."""

from datetime import date

from schemas.membership.eligibility import category_fault, faults_in_form, needs_category
from schemas.membership.messages.changes import WithdrawChange
from schemas.membership.messages.review import DecideApplication
from schemas.membership.returning import category_now
from schemas.shared.vocabulary import Category, Event, Outcome, Stage
from workflows.membership.decisions.step import Forwarded, Letters, Moment, Refused, Step
from workflows.membership.record import MembershipRecord


def approved_category(
    record: MembershipRecord, message: DecideApplication, now: Moment
) -> Category:
    """Return the category of whoever is approved; of a special case the caseworker's own. A25."""
    category = message.category or comes_back_as(record, now.today) or record.form.category
    why = asks_for_category(record, now.today)
    if why is not None and message.category is None:
        raise Refused(f"category: is required, since the applicant is a special case: {why} (A25)")
    fault = category_fault(category, record.form, record.book, now.today)
    if fault is not None:
        raise Refused(fault)
    return category


def asks_for_category(record: MembershipRecord, today: date) -> str | None:
    """Return why the caseworker must name the category on approval, or None.

    What is wrong with the form of somebody who comes back is asked and not refused: it may be the
    form of the first time.

    Source: A16, A25.
    """
    if record.former is None:
        return needs_category(record.form, record.book, today)
    if record.former.leaves_after(today):
        return None
    if comes_back_as(record, today) is not None:
        return None
    outdated = "; ".join(map(str, faults_in_form(record.form, record.book, today)))
    return outdated or needs_category(record.form, record.book, today) or _retired(record, today)


def comes_back_as(record: MembershipRecord, today: date) -> Category | None:
    """Return the category of whoever comes back as a pensioner, or None. Source: S18, S22."""
    if record.former is None:
        return None
    now = category_now(record.former, record.birth_date, record.book, today)
    return now if now is Category.PENSIONER else None


def _retired(record: MembershipRecord, today: date) -> str | None:
    """Return why somebody with an early pension is not taken for working again, or None. S23."""
    assert record.former is not None, "asked what somebody was who never was a member"
    now = category_now(record.former, record.birth_date, record.book, today)
    if now is not Category.EARLY_PENSIONER or record.form.category is now:
        return None
    return "whether the applicant works or draws a pension is to be asked"


def check_alive(record: MembershipRecord, message: DecideApplication) -> None:
    """Refuse to have somebody back by routine who is recorded as dead. Source: L7."""
    if record.recorded_as_dead and message.reason is None:
        raise Refused("reason: is required: say what answers the question on the page")


def goes_on(record: MembershipRecord, message: DecideApplication, now: Moment) -> Step | None:
    """Return the step by which a member who has resigned stays one, or None. Source: A29.

    Within the notice the application is approved by withdrawing the resignation: the membership
    that there is goes on without a gap, and tells the member so at the address on file.
    """
    former = record.former
    if former is None or former.resigned_on is None or not former.leaves_after(now.today):
        return None
    reason = f"{message.caseworker} approved the application {record.membership_id}"
    withdrawal = WithdrawChange(change="resign", effective_on=former.resigned_on, reason=reason)
    return Step(
        record=record.model_copy(update={"stage": Stage.ENDED, "outcome": Outcome.DUPLICATE}),
        event=Event.APPLICATION_DUPLICATE,
        says="the application was closed",
        rules=("A29",),
        decided_by=message.caseworker,
        reason=message.reason,
        letters=Letters.of(record).to_caseworkers("application_ended").done(),
        forwards=Forwarded(former.membership_id, withdrawal),
    )
