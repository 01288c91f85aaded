"""The payroll track: what the employer answers, and what its silence means."""

from datetime import date

import pytest

from schemas.dues.terms import Term
from schemas.shared.vocabulary import (
    Audience,
    Event,
    LineKind,
    Payer,
    PayrollStatus,
    Stage,
    Template,
)
from tests.builders import (
    TODAY,
    answered,
    application,
    deadline_passed,
    member,
    moment,
    notice,
    payroll,
    reserve,
)
from workflows.membership.decisions.dispatch import answer
from workflows.membership.decisions.step import Refused
from workflows.membership.record import MembershipRecord

ACTIVE, STOPPED = PayrollStatus.ACTIVE, PayrollStatus.STOPPED
NOVEMBER, DECEMBER, JANUARY = date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)
MARCH = date(2027, 3, 1)


def payers(record: MembershipRecord) -> list[tuple[date, date | None, Payer]]:
    """Return who pays the central dues, from and to."""
    return [
        (t.valid_from, t.valid_to, t.payer) for t in record.terms if t.kind is LineKind.CENTRAL_DUES
    ]


@pytest.mark.parametrize(
    ("answered_on", "period", "begins"),
    [
        pytest.param(TODAY, None, "2026-12", id="default-is-the-next-month"),
        pytest.param(TODAY, "2026-12", "2026-12", id="the-earliest"),
        pytest.param(TODAY, "2027-03", "2027-03", id="later"),
        pytest.param(TODAY, "2027-12", "2027-12", id="a-year-ahead"),
        pytest.param(date(2027, 1, 31), None, "2027-02", id="answered-in-January"),
        pytest.param(date(2027, 1, 31), "2027-01", "2027-01", id="the-running-month"),
    ],
)
def test_an_employer_accepts(answered_on, period, begins):
    """Deduction takes effect with the first pay run the employer confirms (A20)."""
    step = answer(member(), payroll(first_period=period), moment(answered_on))
    start = date.fromisoformat(f"{begins}-01")
    assert step.record.payroll.status is ACTIVE
    assert step.record.payroll.first_period == begins
    assert payers(step.record) == [(NOVEMBER, start, Payer.DIRECT), (start, None, Payer.PAYROLL)]
    assert [(one.audience, one.template, one.figures) for one in step.letters] == [
        (Audience.MEMBER, Template.DEDUCTION_BEGINS, {"first_period": begins})
    ]


@pytest.mark.parametrize(
    ("answered_on", "period", "reason"),
    [
        pytest.param(
            TODAY,
            "2026-11",
            "first_period: 2026-11 is charged to the member already; the earliest is 2026-12",
            id="S26-the-first-month",
        ),
        pytest.param(
            date(2027, 2, 1),
            "2027-01",
            "first_period: 2027-01 is charged to the member already; the earliest is 2027-02",
            id="a-month-that-has-passed",
        ),
        pytest.param(
            TODAY,
            "2028-01",
            "first_period: lies too far ahead; the latest is 2027-12",
            id="more-than-a-year",
        ),
        pytest.param(
            TODAY,
            "2199-12",
            "first_period: lies too far ahead; the latest is 2027-12",
            id="a-typing-error",
        ),
    ],
)
def test_a_first_period_that_can_not_be(answered_on, period, reason):
    """A month has one payer: what is charged stays charged (S26, D7)."""
    with pytest.raises(Refused) as refused:
        answer(member(), payroll(first_period=period), moment(answered_on))
    assert str(refused.value) == reason


def test_an_employer_refuses():
    """The member goes on paying directly and hears why (A20)."""
    message = payroll("refused").model_copy(update={"reason": "Vi trekker ikke"})
    step = answer(member(), message, moment())
    assert step.record.payroll.status is PayrollStatus.REFUSED
    assert payers(step.record) == [(NOVEMBER, None, Payer.DIRECT)]
    assert step.reason == "Vi trekker ikke"
    (told,) = step.letters
    assert (told.audience, told.template) == (Audience.MEMBER, Template.DEDUCTION_NOT_POSSIBLE)
    assert told.figures == {"answer": "refused", "quotes": 3}


@pytest.mark.parametrize(
    ("stopped_on", "period", "ends"),
    [
        pytest.param(date(2027, 2, 10), None, MARCH, id="default-is-the-next-month"),
        pytest.param(date(2027, 2, 10), "2027-02", date(2027, 2, 1), id="the-running-month"),
        pytest.param(date(2027, 2, 10), "2027-06", date(2027, 6, 1), id="later"),
    ],
)
def test_an_employer_stops(stopped_on, period, ends):
    """The member pays directly again, from the first month without deduction (D7)."""
    deducted = answered(member(), payroll(first_period="2027-01"))
    step = answer(deducted, payroll("stopped", period), moment(stopped_on))
    assert step.record.payroll.status is STOPPED
    assert step.record.payroll.first_period is None
    assert payers(step.record) == [
        (NOVEMBER, JANUARY, Payer.DIRECT),
        (JANUARY, ends, Payer.PAYROLL),
        (ends, None, Payer.DIRECT),
    ]
    assert [one.figures["answer"] for one in step.letters] == ["stopped"]


def test_a_stop_for_a_month_that_has_been_deducted():
    """January has been deducted: the earliest month to stop is February (D7)."""
    deducted = answered(member(), payroll(first_period="2027-01"))
    with pytest.raises(Refused) as refused:
        answer(deducted, payroll("stopped", "2027-01"), moment(date(2027, 2, 10)))
    assert str(refused.value) == (
        "first_period: 2027-01 is deducted already; the earliest is 2027-02"
    )


def test_a_stop_before_deduction_began():
    """Accepted from March, stopped in December: nothing was ever deducted (A20)."""
    deducted = answered(member(), payroll(first_period="2027-03"))
    stopped = answered(deducted, payroll("stopped"), DECEMBER)
    assert payers(stopped) == [(NOVEMBER, None, Payer.DIRECT)]


@pytest.mark.parametrize("first", ["refused", "stopped"])
def test_an_employer_changes_its_mind(first):
    """Accepting after a refusal or a stop begins deduction anew (A20)."""
    record = member()
    if first == "stopped":
        record = answered(record, payroll(first_period="2026-12"))
    record = answered(record, payroll(first), DECEMBER)
    again = answered(record, payroll(first_period="2027-03"), JANUARY)
    assert again.payroll.status is ACTIVE
    # A stop in December, without a period, is for January.
    stretch = [(DECEMBER, JANUARY, Payer.PAYROLL), (JANUARY, MARCH, Payer.DIRECT)]
    expected = [
        (NOVEMBER, DECEMBER if first == "stopped" else MARCH, Payer.DIRECT),
        *(stretch if first == "stopped" else []),
        (MARCH, None, Payer.PAYROLL),
    ]
    assert payers(again) == expected


def test_taking_back_a_stop_before_it_took_effect():
    """Stopped for March, accepted again from February: deduction never pauses (D7)."""
    deducted = answered(member(), payroll(first_period="2027-01"))
    stopped = answered(deducted, payroll("stopped", "2027-03"), date(2027, 2, 2))
    again = answered(stopped, payroll(first_period="2027-02"), date(2027, 2, 3))
    assert payers(again) == [(NOVEMBER, JANUARY, Payer.DIRECT), (JANUARY, None, Payer.PAYROLL)]


def test_silence_is_reminded_and_then_passed_over():
    """A reminder after 14 days; after 30 the member goes on, and the request stays open (A34)."""
    asked = answered(member(), reserve())
    reminded = deadline_passed(asked)
    assert reminded.log[-1].about == Event.PAYROLL_REMINDED
    assert reminded.stage is Stage.ONBOARDING
    unanswered = deadline_passed(reminded)
    assert unanswered.log[-1].about == Event.PAYROLL_UNANSWERED
    assert unanswered.payroll.status is PayrollStatus.REQUESTED
    assert unanswered.payroll.unanswered
    assert unanswered.stage is Stage.ACTIVE
    assert payers(unanswered) == [(NOVEMBER, None, Payer.DIRECT)]


def test_silence_while_the_window_is_open():
    """The onboarding is not over before the insurance is decided too (design: stages)."""
    unproven = answered(member(), notice("bounced"))
    unanswered = deadline_passed(deadline_passed(unproven))
    assert unanswered.stage is Stage.ONBOARDING
    assert answered(unanswered, reserve()).stage is Stage.ACTIVE


def test_an_answer_after_the_silence():
    """The request stayed open: a late yes begins deduction, a late no is noted (A34)."""
    silent = deadline_passed(deadline_passed(answered(member(), reserve())))
    late = date(2027, 2, 10)
    assert answered(silent, payroll(), late).payroll.first_period == "2027-03"
    assert answered(silent, payroll("refused"), late).payroll.status is PayrollStatus.REFUSED
    assert answered(silent, payroll(), late).stage is Stage.ACTIVE


def test_the_letters_of_silence():
    """The employer is reminded with the amounts, the member hears what happens (A34, M5)."""
    asked = answered(member(application(), branch="OSLO"), reserve())
    (reminder,) = _letters_of(asked)
    assert (reminder.audience, reminder.template) == (
        Audience.EMPLOYER,
        Template.PAYROLL_REMINDER,
    )
    terms = reminder.figures["terms"]
    assert isinstance(terms, list)
    assert [t["amount_ore"] for t in terms] == [49500, 5000]
    (told,) = _letters_of(deadline_passed(asked))
    assert (told.audience, told.figures["answer"]) == (Audience.MEMBER, "unanswered")


def _letters_of(record: MembershipRecord):
    from workflows.membership.deadlines import deadlines
    from workflows.membership.decisions.dispatch import AFTER
    from workflows.membership.decisions.step import Moment

    coming = deadlines(record)[0]
    return AFTER[coming.name](record, Moment(coming.due_at)).letters


def test_local_dues_and_premium_are_deducted_too():
    """Everything monthly goes through the employer from the same month (D7)."""
    record = answered(member(branch="OSLO"), payroll(first_period="2027-01"))
    covered = deadline_passed(record)
    assert covered.insurance.status == "covered"

    def begins(term: Term) -> bool:
        return term.payer is Payer.PAYROLL and term.valid_from == JANUARY

    assert {t.kind for t in covered.terms if begins(t)} == {
        LineKind.CENTRAL_DUES,
        LineKind.LOCAL_DUES,
        LineKind.INSURANCE_PREMIUM,
    }
