"""The insurance track: proof of the notice, the window, reservations, cover."""

from datetime import date

import pytest

from schemas.membership.decision import Letter
from schemas.membership.messages.insurance import RequestReservationForm
from schemas.shared.vocabulary import (
    Audience,
    Category,
    Event,
    InsuranceStatus,
    LineKind,
    Payer,
    PayrollStatus,
    Stage,
    Template,
)
from tests.builders import (
    PEOPLE,
    TODAY,
    WORKING_PAST_67,
    answered,
    application,
    deadline_passed,
    decide,
    enroll,
    member,
    moment,
    notice,
    payroll,
    received,
    reserve,
    rulebook,
    stand,
    welcomed,
)
from workflows.membership.deadlines import deadlines
from workflows.membership.decisions.dispatch import answer
from workflows.membership.decisions.step import Refused, Step
from workflows.membership.record import MembershipRecord

WINDOW, COVERED = InsuranceStatus.WINDOW_OPEN, InsuranceStatus.COVERED
RESERVED, ENDED = InsuranceStatus.RESERVED, InsuranceStatus.ENDED
DECEMBER, JANUARY, FEBRUARY = date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)
DIRECT = application(employment=None)


def premiums(record: MembershipRecord) -> list[tuple[date, date | None, Payer]]:
    """Return the premium's terms: from, to, through whom."""
    return [
        (t.valid_from, t.valid_to, t.payer)
        for t in record.terms
        if t.kind is LineKind.INSURANCE_PREMIUM
    ]


def letter(step: Step, template: Template) -> Letter:
    """Return the one letter of a template."""
    (found,) = [letter for letter in step.letters if letter.template is template]
    return found


def templates(step: Step) -> list[Template]:
    """Return what is written, in order."""
    return [letter.template for letter in step.letters]


# Proof of the notice --------------------------------------------------------------------------


def test_the_welcome_letter_proves_the_notice():
    """Our own letter tells of the right to reserve: 30 days from its sending (A21)."""
    approved = answered(received(), decide())
    assert approved.insurance.reservation_deadline is None
    told = welcomed(approved)
    assert told.insurance.noticed_on == TODAY
    assert told.insurance.reservation_deadline == date(2026, 12, 22)


def test_a_welcome_letter_after_the_window_changes_nothing():
    """Somebody who reserved before the letter went out has no window any more (A21)."""
    reserved = answered(answered(received(), decide()), reserve())
    assert welcomed(reserved) == reserved


@pytest.mark.parametrize(
    ("delivered_on", "deadline"),
    [
        pytest.param(date(2026, 11, 30), date(2026, 12, 30), id="later-extends"),
        pytest.param(TODAY, date(2026, 12, 22), id="the-same-day"),
    ],
)
def test_a_later_proof_gives_a_later_deadline(delivered_on, deadline):
    """The member has 30 days from the later of the two notices (A21)."""
    told = answered(member(), notice(on=delivered_on), date(2026, 12, 1))
    assert told.insurance.reservation_deadline == deadline


def test_an_earlier_proof_takes_nothing_away():
    """A notice of the 25th reported after one of the 30th leaves the deadline alone (A21)."""
    told = answered(member(), notice(on=date(2026, 11, 30)), DECEMBER)
    again = answered(told, notice(on=date(2026, 11, 25)), DECEMBER)
    assert again.insurance.reservation_deadline == date(2026, 12, 30)


def test_the_order_of_the_proofs_does_not_matter():
    """Our letter of the 24th and the office's of the 22nd: the 24th counts (A21, invariant 6)."""
    later = date(2026, 11, 24)
    approved = answered(received(), decide())
    ours_first = answered(welcomed(approved, later), notice(on=TODAY), later)
    theirs_first = welcomed(answered(approved, notice(on=TODAY), later), later)
    assert ours_first.insurance.reservation_deadline == date(2026, 12, 24)
    assert theirs_first.insurance.reservation_deadline == date(2026, 12, 24)


def test_a_bounced_notice_opens_the_window_again():
    """No proof, no end of the window; the caseworkers get a task (A21)."""
    step = answer(member(), notice("bounced", on=date(2026, 11, 25)), moment(date(2026, 11, 26)))
    assert step.record.insurance.noticed_on is None
    assert step.record.insurance.reservation_deadline is None
    assert "reservation_window" not in {d.name for d in deadlines(step.record)}
    assert templates(step) == [Template.CASEWORKER_TASK]


def test_a_bounce_that_is_older_than_the_proof_undoes_nothing():
    """Delivered on the 30th: the bounce of the 25th, reported late, is refused (invariant 6)."""
    told = answered(member(), notice(on=date(2026, 11, 30)), DECEMBER)
    with pytest.raises(Refused, match="on: a later notice was delivered, on 2026-11-30"):
        answer(told, notice("bounced", on=date(2026, 11, 25)), moment(DECEMBER))


def test_delivered_after_a_bounce():
    """The next notice that arrives starts the 30 days (A21)."""
    bounced = answered(member(), notice("bounced"))
    told = answered(bounced, notice(on=date(2026, 12, 10)), date(2026, 12, 10))
    assert told.insurance.reservation_deadline == date(2027, 1, 9)


@pytest.mark.parametrize(
    ("outcome", "on", "reason"),
    [
        ("delivered", date(2026, 11, 27), "on: lies in the future"),
        ("bounced", date(2026, 11, 27), "on: lies in the future"),
        ("delivered", date(2026, 11, 21), "on: lies before the membership began, 2026-11-22"),
    ],
)
def test_a_notice_on_a_day_that_can_not_be(outcome, on, reason):
    """A proof lies between the approval and today (A21)."""
    with pytest.raises(Refused, match=reason):
        answer(member(), notice(outcome, on=on), moment(date(2026, 11, 26)))


# The end of the window ------------------------------------------------------------------------


def test_no_reservation_means_cover():
    """Covered from the day after the deadline; the first whole month is paid (S6, A18, A21)."""
    told = member(DIRECT)
    covered = deadline_passed(told)
    assert covered.insurance.status is COVERED
    assert covered.insurance.covered_from == date(2026, 12, 23)
    assert premiums(covered) == [(JANUARY, date(2054, 1, 1), Payer.DIRECT)]
    assert covered.stage is Stage.ACTIVE


def test_the_letters_of_cover():
    """Member and insurance office hear from when; the employer only if one deducts (M7)."""
    told = answered(member(), payroll("refused"))
    step = answer(told, enroll(date(2026, 12, 23)), moment())
    assert templates(step) == [Template.COVER_BEGINS, Template.INSURANCE_STATUS]
    assert letter(step, Template.COVER_BEGINS).figures == {
        "covered_from": "2026-12-23",
        "premium_ore": 20000,  # S7
        "premium_from": "2027-01-01",
        "coverages": [
            {"name": "life", "until": "2053-12-31"},
            {"name": "disability", "until": "2046-04-11"},
            {"name": "critical_illness", "until": "2053-04-11"},
        ],
    }
    assert letter(step, Template.INSURANCE_STATUS).figures == {
        "status": "covered",
        "from_on": "2026-12-23",
    }


def test_the_employer_hears_of_the_premium():
    """Deduction from January, cover from 23 December: CHANGE from January (M7)."""
    deducted = answered(member(), payroll(first_period="2027-01"))
    step = answer(deducted, enroll(date(2026, 12, 23)), moment())
    change = letter(step, Template.PAYROLL_CHANGE)
    assert change.audience is Audience.EMPLOYER
    assert change.figures["valid_from"] == "2027-01-01"
    assert amounts(change) == {"central_dues": 49500, "insurance_premium": 20000}


def amounts(change: Letter) -> dict[str, int]:
    """Return the amounts an employer is to deduct, by kind."""
    terms = change.figures["terms"]
    assert isinstance(terms, list)
    return {str(t["kind"]): int(t["amount_ore"]) for t in terms}


def test_a_premium_that_begins_before_the_deduction():
    """Premium from January, deduction from March: the member hears January, the employer March."""
    deducted = answered(member(), payroll(first_period="2027-03"))
    step = answer(deducted, enroll(date(2026, 12, 23)), moment())
    assert premiums(step.record) == [
        (JANUARY, date(2027, 3, 1), Payer.DIRECT),
        (date(2027, 3, 1), date(2054, 1, 1), Payer.PAYROLL),
    ]
    assert letter(step, Template.COVER_BEGINS).figures["premium_from"] == "2027-01-01"
    change = letter(step, Template.PAYROLL_CHANGE)
    assert change.figures["valid_from"] == "2027-03-01"
    assert amounts(change) == {"central_dues": 49500, "insurance_premium": 20000}


def test_a_premium_charged_at_once_goes_on():
    """With A18's flag the window's end changes no amount, so no employer hears of a change."""
    at_once = answered(member(book=rulebook(premium_at_once=True)), payroll())
    covered = deadline_passed(at_once)
    assert [start for start, *_ in premiums(covered)] == [date(2026, 11, 1), DECEMBER]
    assert covered.insurance.covered_from == date(2026, 12, 23)
    step = answer(at_once, enroll(JANUARY), moment())
    assert Template.PAYROLL_CHANGE not in templates(step)


def test_a_window_that_outlives_the_package():
    """Born 1959, life ends with 2026; a window until 9 January leaves nothing to cover (A17)."""
    joined = date(2026, 12, 10)
    approved = answered(
        received(WORKING_PAST_67, day=joined), decide(category=Category.ORDINARY), joined
    )
    told = answered(welcomed(approved, joined), payroll("refused"), joined)
    assert told.insurance.reservation_deadline == date(2027, 1, 9)
    over = deadline_passed(told)
    assert over.insurance.status is ENDED
    assert over.insurance.covered_from is None
    assert premiums(over) == []
    assert over.stage is Stage.ACTIVE
    assert over.log[-1].about == Event.INSURANCE_ENDED


def test_the_last_months_of_a_package():
    """Born 1959, covered from December: one premium, for December 2026 (A17)."""
    approved = answered(received(WORKING_PAST_67), decide(category=Category.ORDINARY))
    covered = answered(welcomed(approved), enroll(DECEMBER))
    assert premiums(covered) == [(DECEMBER, JANUARY, Payer.DIRECT)]


# Enrolment ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("from_on", "paid_from"),
    [
        (TODAY, DECEMBER),  # November is not covered whole
        (DECEMBER, DECEMBER),
        (date(2026, 12, 2), JANUARY),
        (JANUARY, JANUARY),  # two months ahead at most
    ],
)
def test_an_apprentice_opts_in(from_on, paid_from):
    """An apprentice may have the package at 200 kr from a day of choice (A7)."""
    apprentice = member(PEOPLE["apprentice"])
    covered = answered(apprentice, enroll(from_on))
    assert covered.insurance.covered_from == from_on
    assert premiums(covered)[0][0] == paid_from
    assert [t.amount_ore for t in covered.terms] == [0, 20000]  # S14, S7


@pytest.mark.parametrize(
    ("form", "book", "from_on", "reason"),
    [
        pytest.param(
            "apprentice", {}, date(2026, 11, 21), "before the membership began", id="before"
        ),
        pytest.param(
            "apprentice", {}, date(2027, 1, 2), "more than 2 months ahead", id="too-far-ahead"
        ),
        pytest.param(
            "apprentice",
            {"enroll_ahead_months": 1},
            date(2026, 12, 2),
            "more than 1 months ahead",
            id="one-month-ahead",
        ),
        pytest.param(
            "apprentice",
            {"apprentice_insurance": "excluded"},
            TODAY,
            r"not open to category apprentice then \(S8, A17\)",
            id="A7-excluded",
        ),
        pytest.param("student", {}, TODAY, "not open to category student", id="S8"),
        pytest.param("pensioner", {}, TODAY, "not open to category pensioner", id="S19"),
    ],
)
def test_an_enrolment_that_can_not_be(form, book, from_on, reason):
    """Only whom the package is open to, from a day of the membership (S8, S19, A7, A17)."""
    record = member(PEOPLE[form], book=rulebook(**book))
    with pytest.raises(Refused, match=reason):
        answer(record, enroll(from_on), moment())


def test_re_entry_after_a_reservation():
    """Whoever reserved comes in again through the insurance office (A21)."""
    reserved = answered(member(DIRECT), reserve())
    again = answered(reserved, enroll(JANUARY), date(2026, 12, 20))
    assert again.insurance.status is COVERED
    assert again.insurance.reserved_from is None
    assert premiums(again) == [(JANUARY, date(2054, 1, 1), Payer.DIRECT)]


def test_re_entry_beside_an_earlier_cover():
    """Covered in January, reserved from February, in again from March: two spans, no overlap."""
    covered = deadline_passed(member(DIRECT))
    reserved = answered(covered, reserve(date(2027, 1, 10)), date(2027, 1, 10))
    again = answered(reserved, enroll(date(2027, 3, 1)), date(2027, 1, 20))
    assert [(start, end) for start, end, _ in premiums(again)] == [
        (JANUARY, FEBRUARY),
        (date(2027, 3, 1), date(2054, 1, 1)),
    ]
    (told,) = [t for t in again.log if t.about == Event.INSURANCE_ENROLLED]
    assert "2027-03-01" in told.says


# The form -------------------------------------------------------------------------------------


def test_the_form_goes_out_with_a_letter():
    """Asking is an event of its own; nothing is reserved by it (S10)."""
    record = member(DIRECT)
    step = answer(record, RequestReservationForm(), moment())
    assert step.event is Event.RESERVATION_FORM_REQUESTED
    assert step.decided_by == "member"
    assert templates(step) == [Template.RESERVATION_FORM]
    assert letter(step, Template.RESERVATION_FORM).figures == {
        "deadline": "2026-12-22",
        "window_open": True,
        "asked_on": "2026-11-22",
    }
    assert step.record.insurance.status is WINDOW
    assert step.record.terms == record.terms
    asked = stand(step, moment())
    assert answered(asked, reserve()).insurance.status is RESERVED
    with pytest.raises(Refused, match="was asked for already, on 2026-11-22"):
        answer(asked, RequestReservationForm(), moment(DECEMBER))


def test_the_form_after_the_window():
    """Covered already: the letter names no day that has passed (S10, A21)."""
    covered = deadline_passed(member(DIRECT))
    step = answer(covered, RequestReservationForm(), moment(date(2027, 1, 5)))
    assert letter(step, Template.RESERVATION_FORM).figures == {
        "deadline": None,
        "window_open": False,
        "asked_on": "2027-01-05",
    }


def test_a_hidden_member_may_have_the_form():
    """It goes to the member alone (S10, S30)."""
    hidden = member(application(hidden=True))
    assert templates(answer(hidden, RequestReservationForm(), moment())) == [
        Template.RESERVATION_FORM
    ]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (answered(member(DIRECT), reserve()), "is reserved already, from 2026-11-22"),
        (member(PEOPLE["student"]), "no insurance package to reserve against"),
        (member(PEOPLE["pensioner"]), "no insurance package to reserve against"),
        (received(), "the application has not been approved yet"),
    ],
    ids=["reserved", "student", "pensioner", "applicant"],
)
def test_no_form_where_there_is_nothing_to_reserve(record, reason):
    """The sender learns why (S8, S10, S19)."""
    with pytest.raises(Refused, match=reason):
        answer(record, RequestReservationForm(), moment())


# Reservation ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "received_on", [date(2026, 11, 1), TODAY, date(2026, 12, 1), date(2026, 12, 22)]
)
def test_a_reservation_in_the_window(received_on):
    """From the start, and no premium ever (A21)."""
    day = max(received_on, TODAY)
    step = answer(member(DIRECT), reserve(received_on), moment(day))
    assert step.record.insurance.status is RESERVED
    assert step.record.insurance.reserved_from == TODAY
    assert premiums(step.record) == []
    assert step.record.stage is Stage.ACTIVE
    assert templates(step) == [Template.RESERVATION_CONFIRMED, Template.INSURANCE_STATUS]
    assert letter(step, Template.RESERVATION_CONFIRMED).figures == {"effective_on": "2026-11-22"}


@pytest.mark.parametrize(
    ("received_on", "effective"),
    [
        (date(2026, 12, 23), JANUARY),
        (date(2026, 12, 31), JANUARY),
        (JANUARY, FEBRUARY),
        (date(2027, 1, 31), FEBRUARY),
    ],
)
def test_a_reservation_after_the_window(received_on, effective):
    """At the end of the month received, no refund (A21)."""
    covered = deadline_passed(member(DIRECT))
    reserved = answered(covered, reserve(received_on), received_on)
    assert reserved.insurance.reserved_from == effective
    paid = [(JANUARY, FEBRUARY, Payer.DIRECT)] if effective == FEBRUARY else []
    assert premiums(reserved) == paid


def test_a_reservation_reported_late_counts_from_its_receipt():
    """Received on 20 December, reported in March: in the window, so no premium (A21)."""
    covered = deadline_passed(member(DIRECT))
    reserved = answered(covered, reserve(date(2026, 12, 20)), date(2027, 3, 15))
    assert reserved.insurance.reserved_from == TODAY
    assert premiums(reserved) == []


@pytest.mark.parametrize("told_on", [date(2027, 3, 15), date(2028, 3, 15)])
def test_a_reservation_in_time_is_not_limited(told_on):
    """However late it is entered, all premiums go, and what was charged comes back (A21, A31)."""
    covered = deadline_passed(member(DIRECT))
    step = answer(covered, reserve(date(2026, 12, 20)), moment(told_on))
    assert step.record.insurance.reserved_from == TODAY
    assert premiums(step.record) == []
    assert step.given_back_from == date(2026, 11, 1)


def test_a_reservation_too_late_gives_nothing_back_for_long():
    """Received in January, entered in September: from June on, three months back (A21, A31)."""
    covered = deadline_passed(member(DIRECT))
    step = answer(covered, reserve(date(2027, 1, 5)), moment(date(2027, 9, 15)))
    assert premiums(step.record) == [(JANUARY, date(2027, 6, 1), Payer.DIRECT)]
    assert step.given_back_from is None


def test_a_form_that_had_come_in_time_after_all():
    """Entered with the wrong day first: the earlier one counts, a later one does not (A21)."""
    covered = deadline_passed(member(DIRECT))
    late = answered(covered, reserve(date(2027, 1, 5)), date(2027, 1, 10))
    assert late.insurance.reserved_from == FEBRUARY
    with pytest.raises(Refused, match="is reserved already, from 2027-02-01"):
        answer(late, reserve(date(2027, 1, 8)), moment(date(2027, 6, 1)))
    step = answer(late, reserve(date(2026, 12, 20)), moment(date(2027, 6, 1)))
    assert step.record.insurance.reserved_from == TODAY
    assert premiums(step.record) == []
    with pytest.raises(Refused, match="is reserved already, from 2026-11-22"):
        answer(step.record, reserve(date(2026, 12, 20)), moment(date(2027, 6, 2)))


@pytest.mark.parametrize("form", ["apprentice", "half_time"])
def test_a_reservation_after_an_enrolment_refunds_nothing(form):
    """Taken in by the office, without a window: the end of the month received (A7, A21)."""
    covered = answered(member(PEOPLE[form]), enroll(DECEMBER))
    assert covered.insurance.reservation_deadline is None
    reserved = answered(covered, reserve(date(2027, 1, 15)), date(2027, 1, 15))
    assert reserved.insurance.reserved_from == FEBRUARY
    assert [(start, end) for start, end, _ in premiums(reserved)] == [(DECEMBER, FEBRUARY)]


def test_a_reservation_before_the_notice_is_in_the_window():
    """A window without proof has not ended, however late it is (A21)."""
    bounced = answered(member(DIRECT), notice("bounced"))
    reserved = answered(bounced, reserve(date(2027, 6, 1)), date(2027, 6, 1))
    assert reserved.insurance.reserved_from == TODAY
    assert premiums(reserved) == []


def test_a_reservation_tomorrow_is_refused():
    """A form that has not come back can't be reported (A21)."""
    with pytest.raises(Refused, match="received_on: lies in the future"):
        answer(member(), reserve(date(2026, 11, 23)), moment())
    with pytest.raises(Refused, match="received_on: lies in the future"):
        answer(received(), reserve(date(2026, 11, 23)), moment())


def test_a_second_reservation_before_approval_is_refused():
    """The application carries one already (S10)."""
    once = answered(received(), reserve())
    with pytest.raises(Refused, match="the application already carries a reservation"):
        answer(once, reserve(), moment())


def test_an_employer_who_deducts_hears_of_the_reservation():
    """CHANGE from the month the amounts differ, without the premium (M6)."""
    covered = answered(answered(member(), payroll()), enroll(DECEMBER))
    assert covered.payroll.status is PayrollStatus.ACTIVE
    step = answer(covered, reserve(date(2027, 1, 15)), moment(date(2027, 1, 15)))
    change = letter(step, Template.PAYROLL_CHANGE)
    assert change.figures["valid_from"] == "2027-02-01"
    assert amounts(change) == {"central_dues": 49500}


def test_an_employer_hears_nothing_of_a_reservation_without_a_premium():
    """Nothing was to be deducted, so nothing changes (R3: no more than needed)."""
    step = answer(answered(member(), payroll()), reserve(), moment())
    assert Template.PAYROLL_CHANGE not in templates(step)
