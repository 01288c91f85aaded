"""Several employments: what counts is their sum, and one employer of them deducts (A5, S5, L6)."""

from datetime import date

import pytest
from pydantic import ValidationError

from schemas.membership.messages.changes import ChangeEmployment
from schemas.shared.vocabulary import Event, LineKind, Payer, PayrollStatus, Template
from tests.builders import answered, application, employment, member, payroll, rulebook, welcomed
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
    central,
    charges,
    hides,
    insured,
    leave,
    letter,
    payers,
    pension,
    sends,
    takes_back,
    told,
    uninsured,
    until,
    works,
)
from workflows.membership.decisions.step import Refused
from workflows.membership.record import MembershipRecord
from workflows.membership.state import state_of

JUNE, JULY = date(2027, 6, 1), date(2027, 7, 1)
THIRD = "889640782"


def further(on: date, percent: str, orgnr: str | None = OTHER_ORGNR, **fields) -> ChangeEmployment:
    """Return news of a job beside the others, by default at Fjord Drift AS."""
    fields = {"employment": "new", "employer_orgnr": orgnr, **fields}
    return works(on, percent, employer_name="Fjord Drift AS", **fields)


def one_of(on: date, employment: str, percent: str | None = None, **fields) -> ChangeEmployment:
    """Return news of one of several employments."""
    return works(on, percent, employment=employment, **fields)


def with_two(percents: tuple[str, str] = ("60", "40")) -> MembershipRecord:
    """Return a member without the package and with two jobs; the first employer deducts."""
    record = uninsured(application(employment=employment(percents[0])))
    return answered(record, further(NOW, percents[1]), NOW)


def jobs(record: MembershipRecord) -> list[tuple[object, ...]]:
    """Return what ``state`` says of the employments: id, percent, deducts, from and to."""
    return [
        (job.id, f"{job.position_percent}", job.deducts, str(job.valid_from), str(job.valid_to))
        for job in state_of(record).employments
    ]


# The sum --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "dues"),
    [
        ("60", "40", 49500),  # 60 + 40 = 100
        ("80", "40", 49500),  # 80 + 40 = 120
        ("100", "100", 49500),
        ("30", "20", 24750),  # 30 + 20 = 50: half is half
        ("30", "20.01", 49500),  # 50.01
        ("25.5", "24.5", 24750),  # 50.0
        ("0.001", "49.999", 24750),
        ("0.002", "49.999", 49500),  # 50.001
    ],
)
def test_the_sum_over_all_employments_counts(first, second, dues):
    """A job beside the old one, told on 10 February: both count from March (A5, S5, A6)."""
    record = with_two((first, second))
    assert central(record, MARCH) == dues
    before = 24750 if first in {"30", "25.5", "0.001", "0.002"} else 49500
    assert central(record, FEBRUARY) == before


@pytest.mark.parametrize(
    ("percents", "dues"),
    [(("50", "40"), 24750), (("50.01", "40"), 49500), (("20", "20"), 24750)],
)
def test_the_largest_employment_may_be_what_counts(percents, dues):
    """A policy: 50 + 40 is half where only the largest of them counts (A5)."""
    first = application(employment=employment(percents[0]))
    record = member(first, book=rulebook(employments_count="largest"))
    assert central(answered(record, further(NOW, percents[1]), NOW), MARCH) == dues


@pytest.mark.parametrize(
    ("percents", "dues"),
    [(("60", "40"), 49500), (("30", "20"), 24750), (("20", "20", "10"), 24750)],
)
def test_the_sum_at_the_approval(percents, dues):
    """An application names the first employment and those beside it (A5)."""
    first, *others = (employment(percent) for percent in percents)
    record = member(application(employment=first, other_employments=tuple(others)))
    assert central(record, DECEMBER) == dues
    assert [job.id for job in state_of(record).employments] == ["1", "2", "3"][: len(percents)]


def test_local_dues_follow_the_sum():
    """30 + 30 % is full in Bergen, which halves with the central dues: 45.00, not 22.50 (A3)."""
    record = uninsured(application(employment=employment("30")), branch="BERGEN")
    assert charges(record, FEBRUARY)[LineKind.LOCAL_DUES] == 2250
    assert charges(answered(record, further(NOW, "30"), NOW), MARCH)[LineKind.LOCAL_DUES] == 4500


@pytest.mark.parametrize(
    ("told_on", "full_from"),
    [(date(2027, 3, 20), FEBRUARY), (date(2027, 5, 31), FEBRUARY), (JULY, APRIL)],
)
def test_a_further_employment_told_late(told_on, full_from):
    """50 %, and 20 % more since 15 January: full from February, three months back at most (A31)."""
    record = uninsured(application(employment=employment("50")))
    step = sends(record, further(date(2027, 1, 15), "20"), told_on)
    months = (JANUARY, FEBRUARY, MARCH, APRIL, MAY)
    assert [central(step.record, m) for m in months] == [
        24750 if month < full_from else 49500 for month in months
    ]


def test_a_late_job_before_a_later_one():
    """Told last of the job that began first: the sum is that of both (L1)."""
    record = uninsured(application(employment=employment("20")))
    in_order = answered(answered(record, further(MARCH, "20"), MAY), further(APRIL, "20"), MAY)
    late = answered(record, further(APRIL, "20", employment="b"), MAY)
    late = answered(late, further(MARCH, "20", employment="a"), MAY)
    for month in (FEBRUARY, MARCH, APRIL, MAY):
        assert central(in_order, month) == central(late, month)
    assert [central(late, month) for month in (MARCH, APRIL)] == [24750, 49500]  # 40, 60


# Which one is meant ---------------------------------------------------------------------------


def test_without_an_id_the_only_one_is_meant():
    """One employment: as it has always been, another employer is a move (A5)."""
    step = sends(insured(), works(NOW, "80", employer_orgnr=OTHER_ORGNR), NOW)
    assert told(step) == ["E payroll_stop", "E payroll_start"]
    assert jobs(step.record) == [
        ("1", "100", True, "2026-11-22", "2027-02-10"),
        ("1", "80", True, "2027-02-10", "None"),
    ]


def test_several_and_no_id():
    """Refused with the ids and no names, and nothing is lost by it (A5, invariant 5)."""
    record = with_two()
    with pytest.raises(Refused) as refused:
        sends(record, works(MARCH, "50"), MARCH)
    assert str(refused.value) == (
        "employment: is required, since several stand on 2027-03-01: 1, 2; new is a further one"
    )
    assert jobs(record) == jobs(answered(record, one_of(MARCH, "2", branch="OSLO"), MARCH))


def test_the_branch_is_nobodys_job():
    """A new branch needs no employment to be named (S4)."""
    record = answered(with_two(), works(MARCH, branch="OSLO"), MARCH)
    assert record.branch == "OSLO"
    assert len(record.present_situation.jobs) == 2


def test_once_one_has_ended_the_other_is_the_only_one():
    """The first job is over: a message without an id is about the second (A5)."""
    record = answered(with_two(), one_of(MARCH, "1", "0"), MARCH)
    record = answered(record, works(APRIL, "70"), APRIL)
    assert jobs(record)[-1] == ("2", "70", True, "2027-04-01", "None")


@pytest.mark.parametrize("name", ["2", "sommerjobb-27"])
def test_an_id_of_the_senders_own(name):
    """An id that is not known yet is a further employment, once however often it is sent."""
    record = uninsured(application(employment=employment("30")))
    message = further(NOW, "20", employment=name)
    record = answered(record, message, NOW)
    assert [job[0] for job in jobs(record)] == ["1", name]
    with pytest.raises(Refused, match="is recorded already"):
        sends(record, message, MARCH)


def test_a_new_employment_sent_twice_is_one():
    """Word for word the same is refused; another percentage is another employment."""
    record = answered(uninsured(), further(NOW, "20"), NOW)
    with pytest.raises(Refused, match="is recorded already, on 2027-02-10"):
        sends(record, further(NOW, "20"), NOW)
    assert [job[0] for job in jobs(answered(record, further(NOW, "30"), NOW))] == ["1", "2", "3"]


@pytest.mark.parametrize(
    "fields", [{"percent": "50"}, {"employer_orgnr": THIRD}, {"percent": "0", "employer_name": "X"}]
)
def test_a_mistyped_id_makes_no_employment(fields):
    """A further one names its employer and its percentage (A5)."""
    with pytest.raises(Refused, match="employment: is none of 1, 2; a further one names its emp"):
        sends(with_two(), one_of(NOW, "3", **fields), NOW)


# From and until -------------------------------------------------------------------------------


def test_one_of_several_ends():
    """Nothing is left but the other: 40 % from April is half, and nobody is without work (S5)."""
    step = sends(with_two(), one_of(APRIL, "1", "0"), APRIL)
    assert [central(step.record, month) for month in (MARCH, APRIL)] == [49500, 24750]
    assert "C no_work" not in told(step)
    ended = answered(step.record, one_of(MAY, "2", "0"), MAY)
    assert central(ended, JUNE) == 49500  # 0 % is no half (A5)


def test_the_last_one_ends():
    """Then nobody works, and a caseworker decides what that means (A5)."""
    record = answered(with_two(), one_of(APRIL, "1", "0"), APRIL)
    assert "C no_work" in told(sends(record, works(MAY, "0"), MAY))


def test_a_job_for_a_time():
    """20 % beside 40 % from March to June: 60 % is full, and July is half again (A5)."""
    record = uninsured(application(employment=employment("40")))
    step = sends(record, further(MARCH, "20", until_on=date(2027, 6, 30)), NOW)
    assert step.event is Event.CHANGE_RECORDED
    assert told(step) == ["M change_noted"]
    expected = [24750, 49500, 49500, 24750]
    assert [central(step.record, m) for m in (FEBRUARY, MARCH, JUNE, JULY)] == expected
    assert jobs(step.record) == [
        ("1", "40", True, "2026-11-22", "None"),
        ("2", "20", False, "2027-03-01", "2027-07-01"),
    ]
    over = until(step.record, JULY)
    assert over.log[-1].about == Event.CHANGE_TOOK_EFFECT
    assert [job.id for job in over.present_situation.jobs] == ["1"]


def test_another_last_day():
    """An end that lies ahead is replaced, not added to (A5)."""
    record = answered(with_two(), one_of(MARCH, "2", until_on=date(2027, 4, 30)), MARCH)
    assert jobs(record)[-1] == ("2", "40", False, "2027-02-10", "2027-05-01")
    longer = answered(record, one_of(APRIL, "2", until_on=date(2027, 6, 30)), APRIL)
    assert jobs(longer)[-1] == ("2", "40", False, "2027-02-10", "2027-07-01")


def test_a_job_for_a_time_is_taken_back_with_its_end():
    """As if it had never been told (A31)."""
    record = uninsured(application(employment=employment("40")))
    noted = answered(record, further(MARCH, "20", until_on=date(2027, 6, 30)), NOW)
    assert answered(noted, takes_back("change_employment", MARCH), NOW).notices == ()


def test_taking_back_names_the_employment_where_several_change():
    """Two jobs change on one day: which one is taken back is said (A5)."""
    record = answered(with_two(), one_of(MAY, "1", "50"), MARCH)
    record = answered(record, one_of(MAY, "2", "30"), MARCH)
    message = takes_back("change_employment", MAY)
    with pytest.raises(Refused, match="employment: is required, since several change then: 1, 2"):
        sends(record, message, MARCH)
    kept = answered(record, message.model_copy(update={"employment": "1"}), MARCH)
    assert [notice.employment for notice in kept.notices if notice.effective_on == MAY] == ["2"]


def test_the_last_day_lies_after_the_first():
    """The message says so itself."""
    with pytest.raises(ValidationError, match="until_on lies before effective_on"):
        further(MARCH, "20", until_on=FEBRUARY)
    with pytest.raises(Refused, match="until_on: lies more than 5 years ahead"):
        sends(with_two(), one_of(NOW, "2", until_on=date(2035, 1, 1)), NOW)


# Who deducts ----------------------------------------------------------------------------------


def test_a_second_employer_is_not_asked():
    """Never two deduct: the first goes on with all of it (A5, D7)."""
    record = uninsured(application(employment=employment("30")))
    step = sends(record, further(NOW, "40"), NOW)
    assert told(step) == ["M dues_changed", "E payroll_change"]
    assert payers(step.record)[1:] == [(DECEMBER, None, Payer.PAYROLL)]
    assert {t.employer_orgnr for t in step.record.terms} == {None, "974760673"}
    job = step.record.form.employment
    assert job is not None
    assert (job.employer_orgnr, f"{job.position_percent}") == ("974760673", "30")


def test_the_deducting_job_ends_and_another_goes_on():
    """STOP to the one that is left, START to the one that stays, in this order (L6)."""
    step = sends(with_two(), one_of(APRIL, "1", "0"), APRIL)
    assert told(step) == ["E payroll_stop", "E payroll_start", "M dues_changed"]
    stop = letter(step, Template.PAYROLL_STOP)
    assert stop.employer is not None
    assert stop.employer.orgnr == "974760673"
    assert letter(step, Template.PAYROLL_START).employer is None  # the present one
    assert step.record.form.employment is not None
    assert step.record.form.employment.employer_orgnr == OTHER_ORGNR
    assert amounts(letter(step, Template.PAYROLL_START)) == {"central_dues": 24750}
    assert payers(step.record)[1:] == [
        (DECEMBER, APRIL, Payer.PAYROLL),
        (APRIL, None, Payer.DIRECT),
    ]
    yes = answered(step.record, payroll(), APRIL)
    assert payers(yes)[-1] == (MAY, None, Payer.PAYROLL)
    assert yes.terms[-1].employer_orgnr == OTHER_ORGNR


def test_the_other_job_ends():
    """The employer that deducts hears of it only if the dues change: 60 % alone is full."""
    step = sends(with_two(), one_of(APRIL, "2", "0"), APRIL)
    assert told(step) == []
    assert payers(step.record)[-1] == (DECEMBER, None, Payer.PAYROLL)


def test_the_member_says_which_one_deducts():
    """The second in place of the first: STOP, then START (A5, L6)."""
    step = sends(with_two(), one_of(NOW, "2", deducts=True), NOW)
    assert told(step) == ["E payroll_stop", "E payroll_start"]
    assert [(job[0], job[2]) for job in jobs(step.record) if job[4] == "None"] == [
        ("1", False),
        ("2", True),
    ]
    back = sends(step.record, one_of(MARCH, "1", deducts=True), MARCH)
    assert told(back) == ["E payroll_stop", "E payroll_start"]


def test_the_first_that_says_yes_deducts():
    """The first employer refuses: the next one is asked at once (A5, A20)."""
    both = application(employment=employment("60"), other_employments=(employment("40", THIRD),))
    step = sends(welcomed(member(both)), payroll("refused"), DECEMBER)
    assert told(step) == ["M deduction_not_possible", "E payroll_start"]
    assert step.event is Event.PAYROLL_REFUSED
    assert step.record.present_situation.deducting == THIRD
    assert step.record.payroll.status is PayrollStatus.REQUESTED
    last = sends(step.record, payroll("refused"), DECEMBER)
    assert told(last) == ["M deduction_not_possible"]
    assert last.record.payroll.status is PayrollStatus.REFUSED


def test_nobody_deducts_where_all_are_ruled_out():
    """The member has said so of the only one: STOP, and direct invoices (A5)."""
    step = sends(insured(), works(NOW, deducts=False), NOW)
    assert told(step) == ["E payroll_stop"]
    assert payers(step.record)[-1] == (MARCH, None, Payer.DIRECT)


def test_an_employer_without_a_number_can_not_deduct():
    """Nobody can be asked where the number is not known (A28)."""
    record = answered(insured(), further(NOW, "20", None), NOW)
    with pytest.raises(Refused, match="deducts: the employer's organisation number is not known"):
        sends(record, one_of(NOW, "2", deducts=True), NOW)


def test_the_one_with_a_number_deducts():
    """Joined with two jobs, the number of the second alone is known: it is asked (A28)."""
    both = application(
        employment=employment("60", None), other_employments=(employment("40", THIRD),)
    )
    record = member(both)
    assert record.present_situation.deducting == THIRD
    assert record.payroll.status is PayrollStatus.REQUESTED


def test_hidden_and_on_leave_nobody_deducts():
    """However many employers there are (A23, L4)."""
    for message in (hides(NOW), leave(NOW, date(2027, 6, 30))):
        step = sends(with_two(), message, NOW)
        assert "E payroll_start" not in told(step)
        assert payers(step.record)[-1][2] is Payer.DIRECT


# Pensions beside several jobs -----------------------------------------------------------------


def test_a_pension_ends_all_employments():
    """No work is left: a quarter (A16, S21)."""
    record = answered(with_two(), pension(APRIL), APRIL)
    assert central(record, APRIL) == 12375
    assert record.present_situation.jobs == ()
    assert jobs(record)[-1][4] == "2027-04-01"


def test_a_pension_beside_several_jobs():
    """Each job keeps its percentage; another sum is asked to be told job by job (A16, A5)."""
    record = with_two(("20", "20"))
    with pytest.raises(Refused, match="working_percent: the employments 1, 2 come to 40 %"):
        sends(record, pension(APRIL, working="60"), APRIL)
    kept = answered(record, pension(APRIL, working="40"), APRIL)
    assert central(kept, APRIL) == 24750
    assert len(kept.present_situation.jobs) == 2


# Half dues of several, told late (A6) -----------------------------------------------------------


MAY_20 = date(2027, 5, 20)


@pytest.mark.parametrize(
    ("percents", "changes", "dues"),
    [
        # 60 + 40 = 100; 10 + 40 = 50 from 15 February: half, from May - 1 month.
        (("60", "40"), [("1", "10")], [49500, 24750, 24750]),
        # 40 + 40 = 80; the second ends: 40, half, although the notice itself says 0.
        (("40", "40"), [("2", "0")], [49500, 24750, 24750]),
        # 30 + 20 = 50; 30 + 40 = 70: full from March, although the notice itself says 40.
        (("30", "20"), [("2", "40")], [49500, 49500, 49500]),
        # 60 + 40; 60 + 30 = 90: nothing changes.
        (("60", "40"), [("2", "30")], [49500, 49500, 49500]),
        # Both told the same day: 20 + 40 = 60 is full, 20 + 20 = 40 is half.
        (("60", "40"), [("1", "20"), ("2", "20")], [49500, 24750, 24750]),
        (("60", "40"), [("2", "20"), ("1", "20")], [49500, 24750, 24750]),
        # 30 + 20 and both rise: 80 is full as far back as A31 lets it.
        (("30", "20"), [("1", "40"), ("2", "40")], [49500, 49500, 49500]),
    ],
)
def test_half_dues_of_several_told_late(percents, changes, dues):
    """What all come to decides how far back a change counts, not what one is (A5, A6, A31)."""
    first = application(employment=employment(percents[0]))
    # Half dues one month back, everything else three: so the two are told apart.
    record = uninsured(first, book=rulebook(half_dues_back_months=1))
    record = answered(record, further(NOW, percents[1]), NOW)
    for number, percent in changes:
        record = answered(record, one_of(date(2027, 2, 15), number, percent), MAY_20)
    assert [central(record, month) for month in (MARCH, APRIL, MAY)] == dues


def test_half_dues_of_several_go_three_months_back_at_most():
    """10 + 40 since 15 February: told in May from March, told on 1 July from April (A6)."""
    for told_on, dues in ((MAY_20, [24750, 24750]), (JULY, [49500, 24750])):
        record = answered(with_two(), one_of(date(2027, 2, 15), "1", "10"), told_on)
        assert [central(record, month) for month in (MARCH, APRIL)] == dues


# Known by name alone ----------------------------------------------------------------------------


def test_who_is_left_with_a_name_alone_is_asked_for_the_number():
    """The first employer has refused, the second is left for one by name alone: asked, not silent.

    With the number it is asked to deduct, from the month it says (A28, A5).
    """
    record = answered(with_two(), payroll("stopped"), NOW)
    ruled = one_of(NOW, "1", deducts=False)
    record = answered(record, ruled, NOW)
    step = sends(record, one_of(MARCH, "2", employer_name="Ny Bedrift AS"), MARCH)
    assert step.record.present.deducting is None
    assert told(step)[-2:] == ["M work_question", "C employer_number"]
    numbered = sends(
        answered(record, one_of(MARCH, "2", employer_name="Ny Bedrift AS"), MARCH),
        one_of(MARCH, "2", employer_orgnr=THIRD),
        date(2027, 3, 10),
    )
    start = letter(numbered, Template.PAYROLL_START)
    assert numbered.record.present.deducting == THIRD
    assert start.figures["terms"]
    assert numbered.record.present.employer.name == "Ny Bedrift AS"
