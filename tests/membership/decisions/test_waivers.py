"""Dues reduced or waived for want of work: for a time, by proof, and asked about (A36, A5)."""

from datetime import date

import pytest

from schemas.membership.messages.changes import GrantLeave
from schemas.shared.calendar import oslo_date
from schemas.shared.vocabulary import (
    Category,
    Event,
    LineKind,
    Payer,
    PayrollStatus,
    Role,
    Stage,
    Template,
    WaiverKind,
    WaiverShare,
)
from tests.builders import BOOK, PEOPLE, answered, application, employment, member, moment, rulebook
from tests.membership.decisions.lives import (
    APRIL,
    DECEMBER,
    FEBRUARY,
    JANUARY,
    MARCH,
    MAY,
    NOW,
    OTHER_ORGNR,
    amounts,
    becomes,
    central,
    charges,
    insured,
    leave,
    letter,
    moves,
    next_step,
    payers,
    sends,
    takes_back,
    told,
    uninsured,
    until,
    waits_for,
    works,
)
from workflows.membership.deadlines import WAIVER_QUESTION
from workflows.membership.decisions.step import Refused
from workflows.membership.explanation import explain
from workflows.membership.forecast import forecast
from workflows.membership.state import state_of

CENTRAL, LOCAL, PREMIUM = LineKind.CENTRAL_DUES, LineKind.LOCAL_DUES, LineKind.INSURANCE_PREMIUM
JUNE, JULY, AUGUST = date(2027, 6, 1), date(2027, 7, 1), date(2027, 8, 1)
SEPTEMBER, AUGUST_31 = date(2027, 9, 1), date(2027, 8, 31)
QUARTER = 12375
"""495.00 x 25 %."""


def waived(
    on: date,
    last: date,
    kind: WaiverKind = WaiverKind.LAID_OFF,
    share: WaiverShare | None = None,
    proof: str | None = "Permitteringsvarsel",
) -> GrantLeave:
    """Return what caseworker ola grants somebody without work."""
    return GrantLeave(
        from_on=on, until_on=last, kind=kind, share=share, caseworker="ola", documentation=proof
    )


# What is charged ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "share", "dues"),
    [
        (WaiverKind.UNEMPLOYED, None, QUARTER),
        (WaiverKind.LAID_OFF, None, QUARTER),
        (WaiverKind.BENEFITS, None, QUARTER),
        (WaiverKind.UNPAID_LEAVE, None, 0),
        (WaiverKind.UNEMPLOYED, WaiverShare.FREE, 0),
        (WaiverKind.UNPAID_LEAVE, WaiverShare.QUARTER, QUARTER),
        (WaiverKind.LEAVE, None, 0),
        (WaiverKind.LEAVE, WaiverShare.QUARTER, QUARTER),
    ],
)
def test_a_part_or_nothing_for_a_time(kind, share, dues):
    """From March to August, without local dues; the insurance goes on as before (A36)."""
    step = sends(insured(branch="OSLO"), waived(MARCH, AUGUST_31, kind, share), NOW)
    for month in (MARCH, AUGUST):
        assert charges(step.record, month) == {CENTRAL: dues, PREMIUM: 20000}
    for month in (FEBRUARY, SEPTEMBER):
        assert charges(step.record, month) == {CENTRAL: 49500, LOCAL: 5000, PREMIUM: 20000}
    assert step.decided_by == "ola"


@pytest.mark.parametrize(
    ("policy", "kind"),
    [
        ("unemployed_percent", WaiverKind.UNEMPLOYED),
        ("laid_off_percent", WaiverKind.LAID_OFF),
        ("unpaid_leave_percent", WaiverKind.UNPAID_LEAVE),
        ("on_benefits_percent", WaiverKind.BENEFITS),
    ],
)
def test_the_part_is_a_row_of_each_kind(policy, kind):
    """495.00 x 40 % = 198.00 where a congress decides so (A36)."""
    (policies,) = BOOK.policies
    other = policies.model_copy(update={policy: 40})
    record = uninsured(book=BOOK.model_copy(update={"policies": (other,)}))
    assert central(answered(record, waived(MARCH, AUGUST_31, kind), NOW), MARCH) == 19800


def test_nobody_pays_more_by_it():
    """Half dues are 247.50: a part of 60 % would be 297.00 (A36)."""
    record = uninsured(application(employment=employment("50")), book=rulebook(laid_off_percent=60))
    assert central(answered(record, waived(MARCH, AUGUST_31), NOW), MARCH) == 24750


def test_inside_a_month_nothing_changes():
    """From 10 February to 15 April: March and April, as with every change (A6)."""
    record = answered(uninsured(), waived(NOW, date(2027, 4, 15)), NOW)
    months = (FEBRUARY, MARCH, APRIL, MAY)
    assert [central(record, month) for month in months] == [49500, QUARTER, QUARTER, 49500]


@pytest.mark.parametrize(
    ("granted_on", "reduced"),
    [
        (date(2027, 4, 10), [QUARTER, QUARTER]),  # April - 3 months is January
        (MAY, [49500, QUARTER]),  # May - 3 months is February (A31)
        (JUNE, [49500, 49500]),
    ],
)
def test_granted_afterwards(granted_on, reduced):
    """For January and February, granted when it is over: three months back at most (A36, A31)."""
    step = sends(uninsured(), waived(JANUARY, date(2027, 2, 28)), granted_on)
    assert [central(step.record, month) for month in (JANUARY, FEBRUARY)] == reduced


def test_through_whom_it_is_paid():
    """STOP to the employer, direct invoices; afterwards the employer is asked again (A36, L6)."""
    step = sends(insured(), waived(NOW, date(2027, 4, 30)), NOW)
    assert told(step) == ["M leave_granted", "E payroll_stop"]
    granted = letter(step, Template.LEAVE_GRANTED)
    assert (granted.figures["waiver"], granted.figures["reduced"]) == ("laid_off", True)
    assert amounts(granted) == {"central_dues": QUARTER, "insurance_premium": 20000}
    assert payers(step.record)[-1] == (MARCH, None, Payer.DIRECT)
    back = until(step.record, MAY)
    assert (back.stage, back.payroll.status) == (Stage.ACTIVE, PayrollStatus.REQUESTED)


def test_it_is_explained():
    """The quarter by A36, decided by ola; and why it is over (A36)."""
    record = answered(uninsured(), waived(MARCH, AUGUST_31), NOW)
    lines = [line for line in explain(record).lines if line.about == CENTRAL]
    reduced, after = lines[-2:]
    assert reduced.says == "123.75 kr a month from 2027-03-01 until 2027-09-01, paid directly"
    assert "A36" in reduced.rules
    assert [cause.says for cause in reduced.because] == ["laid off until 2027-08-31"]
    assert reduced.decided_by == "ola"
    assert [cause.says for cause in after.because] == ["laid off no longer"]


# By proof, and so long at most ------------------------------------------------------------------


def test_without_a_proof_it_is_refused():
    """A caseworker says where the proof is; a policy may do without (A36)."""
    without = waived(MARCH, AUGUST_31, proof=None)
    with pytest.raises(Refused, match=r"documentation: is required for laid_off \(A36\)"):
        sends(uninsured(), without, NOW)
    easy = uninsured(book=rulebook(waiver_needs_documentation=False))
    assert central(answered(easy, without, NOW), MARCH) == QUARTER
    assert sends(uninsured(), leave(MARCH, AUGUST_31), NOW).reason == "Permisjon"


@pytest.mark.parametrize(("last", "fits"), [(date(2028, 2, 29), True), (date(2028, 3, 1), False)])
def test_so_long_at_most(last, fits):
    """Twelve months from 1 March 2027 end with 29 February 2028 (A36)."""
    message = waived(MARCH, last)
    if fits:
        assert central(answered(uninsured(), message, NOW), date(2028, 2, 1)) == QUARTER
        return
    with pytest.raises(Refused, match="until_on: lies more than 12 months after it began"):
        sends(uninsured(), message, NOW)


@pytest.mark.parametrize(("last", "fits"), [(AUGUST_31, True), (SEPTEMBER, False)])
def test_how_long_at_most_is_a_row(last, fits):
    """Six months from 1 March 2027 end with 31 August (A36, G4)."""
    record, message = uninsured(book=rulebook(waiver_at_most_months=6)), waived(MARCH, last)
    if fits:
        assert central(answered(record, message, NOW), AUGUST) == QUARTER
        return
    with pytest.raises(Refused, match="until_on: lies more than 6 months after it began"):
        sends(record, message, NOW)


def test_one_after_another_counts_as_one():
    """Six months and seven more are thirteen; after a break the count begins anew (A36)."""
    record = answered(uninsured(), waived(MARCH, AUGUST_31), NOW)
    more = waived(SEPTEMBER, date(2028, 3, 31), WaiverKind.UNEMPLOYED)
    with pytest.raises(Refused, match="12 months after it began, on 2027-03-01"):
        sends(record, more, AUGUST)
    later = more.model_copy(update={"from_on": date(2027, 9, 2)})
    assert answered(record, later, AUGUST).notices[-1].effective_on == date(2027, 9, 2)


@pytest.mark.parametrize("who", ["student", "apprentice", "early_pensioner", "pensioner"])
def test_it_is_for_those_who_work(who):
    """Nobody else pays the dues that are reduced (A36); a leave is for anybody (L4)."""
    record = member(PEOPLE[who])
    step = sends(record, waived(MARCH, AUGUST_31, WaiverKind.UNEMPLOYED, WaiverShare.FREE), NOW)
    assert "for it is for ordinary members and then it is" in step.says
    assert step.record.terms == record.terms
    assert not until(step.record, APRIL).present_situation.on_leave


def test_a_waiver_and_what_the_member_is_in_any_order():
    """Told on one day, a student since 1 March and unemployed from April: 300.00 a year (A36, L1).

    Told in July that the study was over by April it counts: 123.75 from April to August.
    """
    study = becomes(Category.STUDENT, MARCH)
    grant = waived(APRIL, AUGUST_31, WaiverKind.UNEMPLOYED, WaiverShare.QUARTER)
    found = [
        answered(answered(uninsured(), first, APRIL), second, APRIL)
        for first, second in ((study, grant), (grant, study))
    ]
    assert found[0].terms == found[1].terms
    assert found[0].present == found[1].present
    assert found[0].stage is found[1].stage is Stage.ACTIVE
    assert central(found[0], MAY) == 30000
    works_again = answered(found[0], becomes(Category.ORDINARY, APRIL), JULY)
    charged = [central(works_again, month) for month in (APRIL, AUGUST, SEPTEMBER)]
    assert charged == [QUARTER, QUARTER, 49500]


def test_who_becomes_a_student_meanwhile_pays_as_one():
    """300.00 a year, and not a quarter of what others pay (S12)."""
    record = answered(uninsured(), waived(MARCH, AUGUST_31), NOW)
    record = answered(record, becomes(Category.STUDENT, MAY), MAY)
    assert [central(record, month) for month in (APRIL, MAY)] == [QUARTER, 30000]


# The end, the question before it, and going on ---------------------------------------------------


def test_asked_in_time():
    """Until 31 August: asked on 1 August, 30 days before, and a caseworker hears (A36)."""
    record = answered(uninsured(), waived(MARCH, AUGUST_31), NOW)
    step, day = next_step(until(record, JULY), WAIVER_QUESTION)
    assert (day, step.event) == (AUGUST, Event.WAIVER_END_ASKED)
    assert told(step) == ["M work_question", "C waiver_ends"]
    assert letter(step, Template.WORK_QUESTION).figures == {
        "about": "waiver",
        "until_on": "2027-08-31",
    }
    asked = until(record, date(2027, 8, 2))
    assert (Role.APPLICANT, "change_employment", AUGUST_31) in waits_for(asked)
    (question,) = (q for q in state_of(asked).questions if q.about == "waiver")
    assert oslo_date(question.at) == AUGUST
    assert state_of(asked).waiver is WaiverKind.LAID_OFF


def test_how_long_before_is_a_row():
    """Until 31 August, ten days before: asked on the 21st (A36, G4)."""
    record = answered(
        uninsured(book=rulebook(waiver_question_days=10)), waived(MARCH, AUGUST_31), NOW
    )
    assert next_step(until(record, JULY), WAIVER_QUESTION)[1] == date(2027, 8, 21)


def test_a_leave_is_not_asked_about():
    """Whoever is on leave knows when it ends (L4)."""
    record = answered(uninsured(), leave(MARCH, AUGUST_31), NOW)
    assert "work_question" not in str(until(record, SEPTEMBER).log)
    assert state_of(until(record, AUGUST)).waiver is None


def test_it_ends_by_itself():
    """Full dues from September, told; nobody had to do anything (A36)."""
    record = until(answered(insured(), waived(MARCH, AUGUST_31), NOW), SEPTEMBER)
    assert record.stage is Stage.ACTIVE
    assert central(record, SEPTEMBER) == 49500
    assert record.log[-1].says.startswith("the dues are reduced no longer")
    assert waits_for(record) == [(Role.EMPLOYER, "answer_payroll_request", date(2027, 10, 1))]


def test_still_without_work_at_the_end():
    """The unemployed is asked anew, and a caseworker decides (A5, A36)."""
    record = answered(uninsured(), works(MARCH, "0"), MARCH)
    record = answered(record, waived(MARCH, AUGUST_31, WaiverKind.UNEMPLOYED), MARCH)
    assert (Role.CASEWORKER, "grant_leave", None) not in waits_for(record)
    over = until(record, SEPTEMBER)
    assert (Role.CASEWORKER, "grant_leave", None) in waits_for(over)
    assert central(over, SEPTEMBER) == 49500  # 0 % is no half


@pytest.mark.parametrize("on", [MARCH, SEPTEMBER])
def test_it_goes_on(on):
    """A longer one from the same day, or another from the day after the last (A36)."""
    record = answered(uninsured(), waived(MARCH, AUGUST_31), NOW)
    record = answered(record, waived(on, date(2027, 11, 30)), AUGUST)
    months = (MARCH, AUGUST, SEPTEMBER, date(2027, 11, 1), date(2027, 12, 1))
    assert [central(record, m) for m in months] == [QUARTER] * 4 + [49500]
    _, day = next_step(until(record, date(2027, 9, 2)), WAIVER_QUESTION)
    assert day == date(2027, 10, 31)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (WaiverKind.UNEMPLOYED, moves(MAY, "60")),
        (WaiverKind.LAID_OFF, moves(MAY, "100")),
        (WaiverKind.LAID_OFF, works(MAY, "60")),
        (WaiverKind.BENEFITS, works(MAY, "51")),
    ],
)
def test_work_ends_it(kind, message):
    """Back at more than half from 1 May: full dues from then on, and never again by it (A36)."""
    record = answered(uninsured(), waived(MARCH, AUGUST_31, kind), NOW)
    step = sends(until(record, APRIL), message, MAY)
    assert [central(step.record, m) for m in (APRIL, MAY, AUGUST)] == [QUARTER, 49500, 49500]
    assert step.record.stage is Stage.ACTIVE
    assert "M leave_ended" in told(step)
    less = answered(step.record, works(JUNE, "40"), JUNE)
    assert [central(less, m) for m in (MAY, JUNE)] == [49500, 24750]


@pytest.mark.parametrize(
    ("kind", "message", "dues"),
    [
        (WaiverKind.LAID_OFF, works(MAY, "40"), QUARTER),  # laid off for more than half
        (WaiverKind.UNEMPLOYED, moves(MAY, "50"), QUARTER),
        (WaiverKind.LAID_OFF, works(MAY, employer_orgnr=OTHER_ORGNR), QUARTER),
        (WaiverKind.LEAVE, works(MAY, "100"), 0),
    ],
)
def test_what_does_not_end_it(kind, message, dues):
    """Half a job or less, another name, and whatever is worked during a leave (A36, L4)."""
    record = answered(uninsured(), waived(MARCH, AUGUST_31, kind), NOW)
    record = answered(until(record, APRIL), message, MAY)
    assert (central(record, MAY), record.stage) == (dues, Stage.ON_LEAVE)


def test_work_told_late():
    """At work since 1 April, told in June: April, May and June are charged after all (A31)."""
    record = answered(uninsured(), waived(MARCH, AUGUST_31, WaiverKind.UNEMPLOYED), NOW)
    record = answered(until(record, JUNE), moves(APRIL, "100"), JUNE)
    assert [central(record, m) for m in (MARCH, APRIL, JUNE)] == [QUARTER, 49500, 49500]


def test_it_is_taken_back():
    """Before it has begun it leaves no trace; afterwards a shorter one replaces it (A36)."""
    record = uninsured()
    noted = answered(record, waived(MARCH, AUGUST_31), NOW)
    assert answered(noted, takes_back("grant_leave", MARCH), NOW).terms == record.terms
    shorter = answered(until(noted, APRIL), waived(MARCH, date(2027, 4, 30)), APRIL)
    assert [central(shorter, m) for m in (APRIL, MAY)] == [QUARTER, 49500]


def test_the_forecast_tells_the_question_and_the_end():
    """As it will be if nobody does anything (A36)."""
    record = answered(uninsured(), waived(MARCH, AUGUST_31), NOW)
    steps = forecast(record, moment(NOW).at).steps
    events = [(str(step.on), step.event) for step in steps[:3]]
    assert events == [
        ("2027-03-01", Event.CHANGE_TOOK_EFFECT),
        ("2027-08-01", Event.WAIVER_END_ASKED),
        ("2027-09-01", Event.CHANGE_TOOK_EFFECT),
    ]


# Without work, and nothing decided ----------------------------------------------------------------


def test_no_work_is_no_half():
    """0 % waits for a decision: full dues, the member is asked, a caseworker decides (A5, A36)."""
    step = sends(insured(), works(NOW, "0"), NOW)
    assert [one for one in told(step) if one[0] in "MC"] == ["M work_question", "C no_work"]
    assert letter(step, Template.WORK_QUESTION).figures["about"] == "no_work"
    assert central(step.record, MARCH) == 49500
    record = answered(insured(), works(NOW, "0"), NOW)
    assert (Role.CASEWORKER, "grant_leave", None) in waits_for(record)
    back = answered(record, works(MARCH, "80"), MARCH)
    assert (Role.CASEWORKER, "grant_leave", None) not in waits_for(back)


@pytest.mark.parametrize(
    ("policy", "before", "dues"),
    [
        ("full", "50", 49500),
        ("as_before", "50", 24750),
        ("as_before", "50.01", 49500),
        ("as_before", "100", 49500),
    ],
)
def test_what_is_paid_until_it_is_decided(policy, before, dues):
    """Full dues, or what the work before came to: a row (A5)."""
    job = application(employment=employment(before))
    record = uninsured(job, book=rulebook(dues_without_work=policy))
    assert central(answered(record, works(NOW, "0"), NOW), MARCH) == dues


# An employer without a number ---------------------------------------------------------------------


def test_a_move_to_an_employer_by_name_alone():
    """STOP to the old one, and the number is asked for; when it comes START goes out (A28, L6)."""
    step = sends(insured(), works(NOW, employer_name="Nytt AS"), NOW)
    assert told(step) == ["E payroll_stop", "M work_question", "C employer_number"]
    assert letter(step, Template.WORK_QUESTION).figures["about"] == "employer_number"
    record = answered(insured(), works(NOW, employer_name="Nytt AS"), NOW)
    assert waits_for(record) == [(Role.APPLICANT, "change_employment", None)]
    assert payers(record)[-1] == (MARCH, None, Payer.DIRECT)
    known = sends(record, works(MARCH, employer_orgnr=OTHER_ORGNR), MARCH)
    assert told(known) == ["E payroll_start"]
    employer = known.record.present_situation.employer
    assert employer is not None
    assert (employer.orgnr, employer.name) == (OTHER_ORGNR, "Nytt AS")
    after = answered(record, works(MARCH, employer_orgnr=OTHER_ORGNR), MARCH)
    assert [role for role, _, _ in waits_for(after)] == [Role.EMPLOYER]


@pytest.mark.parametrize("name", ["Eksempel AS", "  eksempel  as "])
def test_the_same_employer_by_name_alone(name):
    """Its number stays, and nobody is told to stop: the deduction goes on (A28)."""
    step = sends(insured(), works(NOW, "50", employer_name=name.strip()), NOW)
    assert told(step) == ["M dues_changed", "E payroll_change"]
    assert step.record.payroll.status is PayrollStatus.ACTIVE


def test_an_application_that_names_an_employer_without_its_number():
    """The member pays directly, is told and asked; a caseworker looks it up (A28)."""
    job = employment(orgnr=None).model_copy(update={"employer_name": "Nytt AS"})
    record = member(application(employment=job))
    assert (Role.APPLICANT, "change_employment", None) in waits_for(record)
    assert {payer for _, _, payer in payers(record)} == {Payer.DIRECT}
    asked = sends(record, works(DECEMBER, employer_orgnr=OTHER_ORGNR), DECEMBER)
    assert told(asked) == ["E payroll_start"]


@pytest.mark.parametrize("fields", [{"hidden": True}, {"employment": None}])
def test_whose_number_is_not_asked_for(fields):
    """A hidden member's employer may not know (A23); nobody is asked of an employer not named."""
    job = employment(orgnr=None).model_copy(update={"employer_name": "Nytt AS"})
    record = member(application(**{"employment": job, **fields}))
    assert Role.APPLICANT not in [role for role, _, _ in waits_for(record)]


def test_the_number_of_a_second_employer_is_not_needed():
    """The first one deducts (A5, A28)."""
    second = works(NOW, "20", employment="new", employer_name="Nytt AS")
    assert told(sends(insured(), second, NOW)) == []


def test_older_histories_are_not_asked_anything():
    """A run of older code goes on as it was recorded, letters and all (A28)."""
    old = insured().model_copy(update={"asks_about_work": False})
    assert told(sends(old, works(NOW, employer_name="Nytt AS"), NOW)) == ["E payroll_stop"]
    assert told(sends(old, works(NOW, "0"), NOW))[-1] == "C no_work"
    assert waits_for(answered(old, works(NOW, "0"), NOW)) == []
