"""The insurance track: notice, window, reservation, cover."""

from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from schemas.dues.terms import Span
from schemas.membership.application import GuardianConsent
from schemas.membership.insurance import (
    coverages_until,
    covered_on,
    cut,
    first_premium_month,
    is_eligible,
    needs_guardian,
    package_ends,
    reservation_deadline,
    reserved_from,
)
from schemas.membership.messages.insurance import (
    EnrollInsurance,
    RecordInsuranceNotice,
    RequestReservationForm,
    ReserveInsurance,
)
from schemas.shared.calendar import first_of_month, month_after, months_before
from schemas.shared.vocabulary import (
    Event,
    InsuranceStatus,
    LineKind,
    PayrollStatus,
    Stage,
    Template,
)
from workflows.membership.decisions.cover import IN_FORCE
from workflows.membership.decisions.deduction import ask_for_premium
from workflows.membership.decisions.late import told_late
from workflows.membership.decisions.opting_in import (
    has_retired,
    must_opt_in,
    silent_apprentice,
    silent_pensioner,
)
from workflows.membership.decisions.step import (
    Answers,
    Letters,
    Moment,
    Refused,
    Step,
    charged,
    check_past,
)
from workflows.membership.record import EarlierWindow, MembershipRecord


def record_notice(record: MembershipRecord, message: RecordInsuranceNotice, now: Moment) -> Step:
    """Return the step that the insurance office's notice leads to. Source: S9, A21."""
    if record.insurance.status is not InsuranceStatus.WINDOW_OPEN:
        raise Refused(f"no reservation window is open: insurance is {record.insurance.status}")
    check_past("on", message.on, now)
    if message.on < record.since:
        raise Refused(f"on: lies before the membership began, {record.since}")
    proof = record.insurance.noticed_on
    if message.outcome == "bounced":
        if proof is not None and message.on < proof:
            raise Refused(f"on: a later notice was delivered, on {proof}")
        return _notice_bounced(record, message, now)
    # The later proof counts: it gives the member the longer time to decide.
    noticed_on = max(message.on, proof or message.on)
    deadline = reservation_deadline(noticed_on, record.book)
    return Step(
        record=record.insured(noticed_on=noticed_on, reservation_deadline=deadline),
        event=Event.INSURANCE_NOTICE_RECORDED,
        says=f"the notice was delivered on {message.on}; reservation until {deadline}",
        rules=("S9", "A21"),
        decided_by="insurance_office",
        priced=True,
    )


def _notice_bounced(record: MembershipRecord, message: RecordInsuranceNotice, now: Moment) -> Step:
    return Step(
        record=record.insured(noticed_on=None, reservation_deadline=None, since=now.at),
        event=Event.INSURANCE_NOTICE_RECORDED,
        says=f"the notice came back on {message.on}: the window stays open until one is delivered",
        rules=("S9", "A21"),
        decided_by="insurance_office",
        letters=Letters.of(record).to_caseworkers("insurance_notice_bounced").done(),
    )


def noticed(record: MembershipRecord, now: Moment) -> MembershipRecord:
    """Return the record once our own letter on the right to reserve has gone out. Source: A21."""
    insurance = record.insurance
    known = insurance.noticed_on is not None and insurance.noticed_on >= now.today
    if insurance.status is not InsuranceStatus.WINDOW_OPEN or known:
        return record
    deadline = reservation_deadline(now.today, record.book)
    return record.insured(noticed_on=now.today, reservation_deadline=deadline)


def close_window(record: MembershipRecord, now: Moment) -> Step:
    """Return the step that a window leads to which passed in silence.

    Source: S6, S19, A7, A18, A21.
    """
    if must_opt_in(record, now):
        return silent_apprentice(record, now)
    if has_retired(record, now):
        return silent_pensioner(record, now)
    return cover_by_silence(record, now)


def cover_by_silence(record: MembershipRecord, now: Moment) -> Step:
    """Return the step that covers a member who made no reservation. Source: S6, A18, A21."""
    deadline = record.insurance.reservation_deadline
    assert deadline is not None, "a window without a deadline does not close by itself"
    covered_from = deadline + timedelta(days=1)
    if covered_from >= package_ends(record.birth_date, record.book):
        return _too_late(record)
    return _cover(record, covered_from, Event.INSURANCE_COVERED, "rule", now)


def _too_late(record: MembershipRecord) -> Step:
    """The last coverage ended by age while the window was open: there is nothing to cover."""
    return Step(
        record=record.insured(status=InsuranceStatus.ENDED),
        event=Event.INSURANCE_ENDED,
        says="the insurance package ended by age before the window had passed",
        rules=("A17", "A21"),
        priced=True,
    ).settled()


def enroll(record: MembershipRecord, message: EnrollInsurance, now: Moment) -> Step:
    """Return the step by which the insurance office takes a member in. Source: A7, A21."""
    if record.insurance.status is InsuranceStatus.COVERED:
        raise Refused(f"is covered already, from {record.insurance.covered_from}")
    if message.from_on < record.since:
        raise Refused(f"from_on: lies before the membership began, {record.since}")
    ahead = record.book.policies_on(now.today).enroll_ahead_months
    if message.from_on > months_before(now.today, -ahead):
        raise Refused(f"from_on: lies more than {ahead} months ahead")
    end = record.leaving
    if end is not None and message.from_on >= end.effective_on:
        raise Refused(f"from_on: lies after the membership's end, {end.effective_on}")
    category = record.category
    assert category is not None, "a member has a category"
    if not is_eligible(category, record.birth_date, record.book, message.from_on):
        raise Refused(f"the insurance package is not open to category {category} then (S8, A17)")
    consent = _consent(record, message, now)
    enrolled = record.model_copy(
        update={
            "insurance": record.insurance.model_copy(
                update={"guardian": record.insurance.guardian or consent is not None}
            )
        }
    )
    step = _cover(enrolled, message.from_on, Event.INSURANCE_ENROLLED, "insurance_office", now)
    if consent is None:
        return step
    reason = f"{consent.name} consented as guardian on {consent.on}: {consent.how}"
    rules = (*step.rules, "A38")
    return replace(step, rules=rules, reason=reason, says=f"{step.says}; a guardian consented")


def _consent(
    record: MembershipRecord, message: EnrollInsurance, now: Moment
) -> GuardianConsent | None:
    """Return a guardian's consent that a minor's cover rests on; None where nobody must. A38."""
    consent = message.guardian_consent
    if not needs_guardian(record.birth_date, record.book, message.from_on):
        return None
    if consent is not None:
        check_past("guardian_consent.on", consent.on, now)
    elif not record.insurance.guardian:
        age = record.book.policies_on(message.from_on).guardian_until_age
        raise Refused(f"guardian_consent: is required of a member under {age} (A38)")
    return consent


def _earliest(record: MembershipRecord, now: Moment) -> date:
    """Return the first month whose charges may still change. Source: A31."""
    return months_before(now.today, record.book.policies_on(now.today).back_months)


def _cover(
    record: MembershipRecord, covered_from: date, event: Event, decided_by: str, now: Moment
) -> Step:
    earlier = record.insurance.premiums
    runs = any(span.valid_to is None for span in earlier)
    first = max(first_premium_month(covered_from), _earliest(record, now))
    premiums = earlier if runs else _decided(covered_on(earlier, first), decided_by, now)
    covered = record.insured(
        status=InsuranceStatus.COVERED,
        covered_from=covered_from,
        reserved_from=None,
        premiums=premiums,
    )
    begins = premiums[-1].valid_from
    premium = [
        term
        for term in covered.terms
        if term.kind is LineKind.INSURANCE_PREMIUM
        and (term.valid_to is None or term.valid_to > begins)
    ]
    letters = Letters.of(record).member(
        Template.COVER_BEGINS,
        covered_from=covered_from.isoformat(),
        premium_ore=premium[0].amount_ore if premium else 0,
        premium_from=begins.isoformat() if premium else None,
        coverages=coverages_until(record.birth_date, record.book, covered_from),
    )
    letters.insurer(Template.INSURANCE_STATUS, status="covered", from_on=covered_from.isoformat())
    if record.leaving is not None:
        # The end was told before the cover: the last word must not be that it goes on.
        from_on = record.leaving.effective_on.isoformat()
        letters.insurer(Template.INSURANCE_STATUS, status="ended", from_on=from_on)
    if premium and not runs:
        tell_employer(letters, covered, begins)
        covered = ask_for_premium(letters, covered, begins, now)
    return Step(
        record=covered,
        event=event,
        says=f"covered by the insurance package from {covered_from}",
        rules=("S6", "S7", "A17", "A18", "A21"),
        decided_by=decided_by,
        letters=letters.done(),
        priced=True,
    ).settled()


def _decided(spans: tuple[Span, ...], decided_by: str, now: Moment) -> tuple[Span, ...]:
    """Return the spans with who decided the last one, and when (``explain``)."""
    made = {"recorded_on": now.today, "decided_by": decided_by}
    return (*spans[:-1], spans[-1].model_copy(update=made))


def request_form(record: MembershipRecord, _message: RequestReservationForm, now: Moment) -> Step:
    """Return the step that sends the reservation form. Source: S10."""
    insurance = record.insurance
    if insurance.status is InsuranceStatus.RESERVED:
        raise Refused(f"is reserved already, from {insurance.reserved_from}")
    if insurance.status in {InsuranceStatus.NOT_APPLICABLE, InsuranceStatus.ENDED}:
        raise Refused(NOTHING_TO_RESERVE)
    if insurance.form_asked_on is not None:
        raise Refused(
            f"the form was asked for already, on {insurance.form_asked_on}; "
            "`medlemsflyt resend` sends it again"
        )
    deadline = insurance.reservation_deadline
    in_time = deadline is not None and now.today <= deadline
    letters = Letters.of(record).member(
        Template.RESERVATION_FORM,
        deadline=deadline.isoformat() if deadline is not None and in_time else None,
        window_open=insurance.status is InsuranceStatus.WINDOW_OPEN,
        asked_on=now.today.isoformat(),
    )
    asked = insurance.model_copy(update={"form_asked_on": now.today})
    return Step(
        record=record.model_copy(update={"insurance": asked}),
        event=Event.RESERVATION_FORM_REQUESTED,
        says="the member asked for the reservation form: it goes out with a letter",
        rules=("S10",),
        decided_by="member",
        letters=letters.done(),
    )


NOTHING_TO_RESERVE = "there is no insurance package to reserve against (S8)"


def reserve(record: MembershipRecord, message: ReserveInsurance, now: Moment) -> Step:
    """Return the step that a returned reservation form leads to. Source: S10, A21."""
    check_past("received_on", message.received_on, now)
    if record.member_since is None:
        return _reserve_before_approval(record, message)
    if record.stage is Stage.ENDED:
        return _reserve_after_end(record, message, now)
    counts = _counted_from(record, message, now)
    return _reserve_as_member(record, message.received_on, counts, now)


def _reserve_before_approval(record: MembershipRecord, message: ReserveInsurance) -> Step:
    """A form that comes back before the decision counts as if it had lain with the application."""
    if record.form.insurance_reservation:
        raise Refused("the application already carries a reservation")
    form = record.form.model_copy(update={"insurance_reservation": True})
    return Step(
        record=record.model_copy(update={"application": form}),
        event=Event.INSURANCE_RESERVED,
        says=f"the reservation form of {message.received_on} counts as the application's",
        rules=("S10", "A21"),
        decided_by="insurance_office",
        corrected=True,
    )


def _reserve_after_end(record: MembershipRecord, message: ReserveInsurance, now: Moment) -> Step:
    """A form that came in before the end and is told of after it: it counts by its day. A21, L1."""
    insurance, ended = record.insurance, record.ended
    if ended is not None:
        stood = {"status": ended.insurance, "reservation_deadline": ended.reservation_deadline}
        insurance = insurance.model_copy(update=stood)
    end = record.leaving
    assert end is not None, "a former member had left"
    before = record.model_copy(update={"insurance": insurance})
    counts = _counted_from(before, message, now)
    if counts.from_on >= end.effective_on:
        says = f"counts from {counts.from_on}, after the end, {end.effective_on}"
        raise Refused(f"received_on: {says}")
    reserved = _reserved(before, counts.from_on)
    if ended is not None:
        stands = ended.model_copy(update={"insurance": reserved.insurance.status})
        reserved = reserved.model_copy(update={"ended": stands})
    says = f"reserved from {counts.from_on}, by the form received on {message.received_on}"
    step = told_late(
        record,
        reserved,
        Event.INSURANCE_RESERVED,
        says,
        ("S10", "A21"),
        "insurance_office",
    )
    from_on = counts.from_on.isoformat()
    letters = Letters(number=record.decisions + 1, written=list(step.letters))
    letters.member(Template.RESERVATION_CONFIRMED, effective_on=from_on)
    letters.insurer(Template.INSURANCE_STATUS, status="reserved", from_on=from_on)
    return replace(step, letters=letters.done(), given_back_from=counts.given_back_from)


class Counted(NamedTuple):
    """From when a form counts; in time it is from the start, and A31 does not limit it (A21)."""

    from_on: date
    in_time: bool

    @property
    def given_back_from(self) -> date | None:
        """The first month of which what was charged comes back, however long ago."""
        return first_of_month(self.from_on) if self.in_time else None


def _counted_from(record: MembershipRecord, message: ReserveInsurance, now: Moment) -> Counted:
    """Return from when a form counts; one that says nothing new is refused."""
    insurance = record.insurance
    earlier = _in_earlier_window(record, message.received_on)
    if earlier is not None:
        counts = Counted(earlier.opened_on, in_time=True)
    else:
        from_on = _takes_effect(record, message.received_on, now)
        counts = Counted(from_on, in_time=from_on <= _opened_on(record))
    known = insurance.reserved_from
    if known is not None and known <= counts.from_on:
        raise Refused(f"is reserved already, from {known}")
    unaltered = cut(insurance.premiums, counts.from_on) == insurance.premiums
    if insurance.status not in IN_FORCE and unaltered and earlier is None:
        raise Refused(NOTHING_TO_RESERVE)
    return counts


def _in_earlier_window(record: MembershipRecord, received_on: date) -> EarlierWindow | None:
    """Return the window, ended by a break since, that a form came back in. Source: A21, A39."""
    return next(
        (
            window
            for window in record.insurance.earlier
            if window.in_time_until is not None and received_on <= window.in_time_until
        ),
        None,
    )


def _takes_effect(record: MembershipRecord, received_on: date, now: Moment) -> date:
    """Return from when a form counts, by the day it came in and not the day it is told of. A21."""
    insurance = record.insurance
    deadline = insurance.reservation_deadline
    if deadline is None and insurance.status is not InsuranceStatus.WINDOW_OPEN:
        # Taken in by the insurance office, without a window: the reservation comes later (A21).
        effective = month_after(received_on)
    else:
        effective = reserved_from(received_on, deadline, _opened_on(record))
    if effective <= _opened_on(record):
        return effective
    # What was paid longer ago than A31 allows is not paid back: so long it was cover, too.
    earliest = max(effective, _earliest(record, now))
    shorter = cut(insurance.premiums, earliest) != cut(insurance.premiums, effective)
    return earliest if shorter else effective


def _opened_on(record: MembershipRecord) -> date:
    return record.insurance.opened_on or record.since


def _reserved(record: MembershipRecord, effective: date) -> MembershipRecord:
    """Return the record with a reservation; of who has no package now it is for afterwards."""
    status = record.insurance.status
    return record.insured(
        status=InsuranceStatus.RESERVED if status in IN_FORCE else status,
        reserved_from=effective,
        premiums=cut(record.insurance.premiums, effective),
        interrupted=None,
    )


def _reserve_as_member(
    record: MembershipRecord, received_on: date, counts: Counted, now: Moment
) -> Step:
    effective = counts.from_on
    reserved = _reserved(record, effective)
    letters = Letters.of(record)
    letters.member(Template.RESERVATION_CONFIRMED, effective_on=effective.isoformat())
    letters.insurer(Template.INSURANCE_STATUS, status="reserved", from_on=effective.isoformat())
    from_month = max(effective, month_after(now.today))
    if charged(record.terms, from_month) != charged(reserved.terms, from_month):
        tell_employer(letters, reserved, from_month)
    return Step(
        record=reserved,
        event=Event.INSURANCE_RESERVED,
        says=f"reserved against the insurance package from {effective}, by the form received on "
        f"{received_on}",
        rules=("S10", "A21"),
        decided_by="insurance_office",
        letters=letters.done(),
        priced=True,
        given_back_from=counts.given_back_from,
    ).settled()


def tell_employer(letters: Letters, record: MembershipRecord, from_on: date) -> None:
    """Add a CHANGE to an employer who deducts, or may yet, once the amounts differ. M8.

    An open request carries the amounts of its day: without the CHANGE a late yes would deduct
    them. One that is still held back for the national id is followed by its CHANGE.
    """
    if record.payroll.status not in {PayrollStatus.ACTIVE, PayrollStatus.REQUESTED}:
        return
    begins = max([from_on, *(change.starts_on for change in record.payroll.payers)])
    letters.payer(
        record.present_situation,
        Template.PAYROLL_CHANGE,
        valid_from=begins.isoformat(),
        terms=charged(record.terms, begins),
    )


ANSWERS: Answers = {
    RecordInsuranceNotice: record_notice,
    RequestReservationForm: request_form,
    ReserveInsurance: reserve,
    EnrollInsurance: enroll,
}
"""Which decision answers which message."""
