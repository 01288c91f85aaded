"""A pension, with work beside it or without, and the way back to work (S20-S23, A10-A16)."""

from datetime import date

import pytest

from schemas.membership.application import Pension
from schemas.shared.vocabulary import (
    Category,
    Event,
    InsuranceStatus,
    LineKind,
    Payer,
    PayrollStatus,
    PensionKind,
    Template,
)
from tests.builders import PEOPLE, answered, application, employment, member, rulebook
from tests.membership.decisions.lives import (
    APRIL,
    DECEMBER,
    FEBRUARY,
    JANUARY,
    MARCH,
    NOW,
    amounts,
    becomes,
    central,
    charges,
    hidden_since,
    insured,
    letter,
    moves,
    payers,
    pension,
    sends,
    told,
    uninsured,
    until,
    working_past_67,
    works,
)
from workflows.membership.decisions.step import Refused

CENTRAL, LOCAL, PREMIUM = (LineKind.CENTRAL_DUES, LineKind.LOCAL_DUES, LineKind.INSURANCE_PREMIUM)
EARLY, PENSIONER, ORDINARY = (Category.EARLY_PENSIONER, Category.PENSIONER, Category.ORDINARY)
AFP, OLD_AGE = PensionKind.AFP, PensionKind.OLD_AGE
BORN_1964 = application(birth_date=date(1964, 6, 10))
"""62 since 10 June 2026, 67 on 10 June 2031."""


def test_a_pension_reported_on_its_day():
    """February stays whole; from March a quarter, and the premium of its own (S21, A10, A12)."""
    step = sends(insured(branch="OSLO"), pension(NOW), NOW)
    assert step.record.category is EARLY
    assert charges(step.record, FEBRUARY) == {CENTRAL: 49500, LOCAL: 5000, PREMIUM: 20000}
    # 495.00 / 4 = 123.75; no local dues (A11); the premium while in force (A10).
    assert charges(step.record, MARCH) == {CENTRAL: 12375, PREMIUM: 20000}
    assert step.record.insurance.status is InsuranceStatus.COVERED  # S20
    assert step.record.payroll.status is PayrollStatus.STOPPED
    assert payers(step.record)[1:3] == [
        (DECEMBER, MARCH, Payer.PAYROLL),
        (MARCH, None, Payer.DIRECT),
    ]
    assert step.event is Event.PENSION_REPORTED
    assert {"S20", "S21", "S23", "A16"} <= set(step.rules)


def test_the_letters_of_a_pension():
    """M receipt with dues and cover; I status; B; E STOP (M12)."""
    step = sends(insured(branch="OSLO"), pension(NOW), NOW)
    assert told(step) == [
        "M pension_reported",
        "I insurance_status",
        "B branch_member_changed",
        "E payroll_stop",
    ]
    receipt = letter(step, Template.PENSION_REPORTED)
    assert receipt.figures["category"] == "early_pensioner"
    assert receipt.figures["valid_from"] == "2027-03-01"
    assert amounts(receipt) == {"central_dues": 12375, "insurance_premium": 20000}
    assert "insurance_package" in str(receipt.figures["benefits"])
    assert letter(step, Template.INSURANCE_STATUS).figures == {
        "status": "pension",
        "from_on": "2027-02-10",
    }
    assert letter(step, Template.BRANCH_MEMBER_CHANGED).figures == {
        "branch": "OSLO",
        "change": "pension",
    }
    stop = letter(step, Template.PAYROLL_STOP)
    assert stop.figures["valid_from"] == "2027-03-01"
    assert stop.employer is not None
    assert stop.employer.orgnr == "974760673"


@pytest.mark.parametrize(
    ("working", "category", "dues", "letters"),
    [
        # More than half a job: full dues, nothing to deduct otherwise.
        ("50.001", ORDINARY, 49500, ["M pension_reported", "I insurance_status"]),
        ("50", ORDINARY, 24750, ["M pension_reported", "I insurance_status", "E payroll_change"]),
        ("20", ORDINARY, 24750, ["M pension_reported", "I insurance_status", "E payroll_change"]),
        ("0", EARLY, 12375, ["M pension_reported", "I insurance_status", "E payroll_stop"]),
        (None, EARLY, 12375, ["M pension_reported", "I insurance_status", "E payroll_stop"]),
    ],
)
def test_work_beside_a_pension_wins(working, category, dues, letters):
    """Over 50 % full, up to 50 % half, no work a quarter (A16)."""
    step = sends(insured(), pension(NOW, working=working), NOW)
    assert step.record.category is category
    assert central(step.record, MARCH) == dues
    assert told(step) == letters
    assert step.record.payroll.status is (
        PayrollStatus.STOPPED if category is EARLY else PayrollStatus.ACTIVE
    )


@pytest.mark.parametrize(
    ("from_on", "allowed"),
    [(date(2026, 12, 9), False), (date(2026, 12, 10), True), (date(2027, 2, 10), True)],
)
def test_afp_is_possible_from_62(from_on, allowed):
    """Born 10 December 1964: AFP on the 62nd birthday, not the day before (L3)."""
    record = insured(application(birth_date=date(1964, 12, 10)))
    if allowed:
        assert sends(record, pension(from_on, AFP), NOW).record.category is EARLY
        return
    with pytest.raises(Refused) as refused:
        sends(record, pension(from_on, AFP), NOW)
    assert str(refused.value) == "from_on: AFP is possible from 62, 2026-12-10"


@pytest.mark.parametrize(
    ("kind", "born", "reason"),
    [
        (PensionKind.OLD_AGE, date(1964, 12, 10), None),  # 62 on 10 December 2026
        (
            PensionKind.OLD_AGE,
            date(1976, 12, 10),  # turns 50
            "from_on: an old-age pension is possible from 62, 2038-12-10",
        ),
        (PensionKind.DISABILITY, date(1976, 12, 10), None),
        (PensionKind.DISABILITY, date(2008, 12, 10), None),
        (
            PensionKind.DISABILITY,
            date(2008, 12, 11),
            "from_on: a disability pension is possible from 18, 2026-12-11",
        ),
    ],
)
def test_no_pension_below_its_age(kind, born, reason):
    """An old-age pension at 50 is refused with the reason, a disability pension is not (L3)."""
    record = insured(application(birth_date=born, national_id=None))
    if reason is None:
        assert sends(record, pension(date(2026, 12, 10), kind), NOW).record.category is EARLY
        return
    with pytest.raises(Refused) as refused:
        sends(record, pension(date(2026, 12, 10), kind), NOW)
    assert str(refused.value) == reason


def test_an_early_pensioner_by_category_alone():
    """It counts as old age, so from 62; who draws another pension has reported it (L3)."""
    record = insured(application(birth_date=date(1976, 12, 10), national_id=None))
    with pytest.raises(Refused) as refused:
        sends(record, becomes(EARLY, NOW), NOW)
    assert str(refused.value) == (
        "category: an old-age pension is possible from 62; report_pension names another kind"
    )
    disabled = answered(record, pension(NOW, PensionKind.DISABILITY, working="60"), NOW)
    assert disabled.category is Category.ORDINARY  # works beside it (A16)
    assert sends(disabled, becomes(EARLY, MARCH), MARCH).record.category is EARLY


def test_afp_is_a_policy():
    """The age of 62 is configuration (G4)."""
    record = insured(application(birth_date=date(1966, 2, 1)), book=rulebook(afp_age=61))
    assert sends(record, pension(NOW, AFP), NOW).record.category is EARLY


@pytest.mark.parametrize(
    ("reported_on", "january", "february", "march"),
    [
        # From 15 December: a quarter from January, whenever that is known in time.
        (date(2026, 12, 24), 12375, 12375, 12375),
        (NOW, 12375, 12375, 12375),
        (date(2027, 4, 30), 12375, 12375, 12375),  # April - 3 months is January
        # May - 3 months is February: January was charged too long ago (A31).
        (date(2027, 5, 1), 49500, 12375, 12375),
        (date(2027, 6, 15), 49500, 49500, 12375),
    ],
)
def test_a_pension_reported_late(reported_on, january, february, march):
    """As if known in time, but at most three months back (L1, A31)."""
    step = sends(insured(), pension(date(2026, 12, 15)), reported_on)
    assert [central(step.record, m) for m in (JANUARY, FEBRUARY, MARCH)] == [
        january,
        february,
        march,
    ]
    tells = "charges change from" in step.says
    assert tells is (january == 49500)
    assert ("A31" in step.rules) is tells


def test_what_the_sender_learns_of_months_too_long_ago():
    """The answer names the month from which charges change (A31)."""
    step = sends(insured(), pension(date(2026, 12, 15)), date(2027, 6, 15))
    assert "charges change from 2027-03-01" in step.says


def test_a_pension_that_lies_ahead():
    """Noted now with the dues to come; acted upon on its day, and not before (M12)."""
    record = insured(branch="OSLO")
    noted = sends(record, pension(APRIL), NOW)
    assert noted.event is Event.CHANGE_RECORDED
    assert told(noted) == ["M change_noted"]
    figures = letter(noted, Template.CHANGE_NOTED).figures
    assert (figures["change"], figures["effective_on"]) == ("report_pension", "2027-04-01")
    assert amounts(letter(noted, Template.CHANGE_NOTED)) == {
        "central_dues": 12375,
        "insurance_premium": 20000,
    }
    assert noted.record.category is ORDINARY
    assert noted.record.payroll.status is PayrollStatus.ACTIVE
    # The terms know already (invariant 3).
    assert [central(noted.record, m) for m in (MARCH, APRIL)] == [49500, 12375]
    waiting = answered(record, pension(APRIL), NOW)
    assert until(waiting, date(2027, 3, 31)).category is ORDINARY
    arrived = until(waiting, APRIL)
    assert arrived.category is EARLY
    assert arrived.payroll.status is PayrollStatus.STOPPED
    assert arrived.log[-1].about == Event.CHANGE_TOOK_EFFECT


def test_an_early_pensioner_goes_back_to_work():
    """Full or half dues again, and the employer is asked (L2)."""
    retired = answered(insured(branch="OSLO"), pension(NOW), NOW)
    step = sends(retired, works(APRIL, "100", employer_orgnr="974760673"), APRIL)
    assert step.record.category is ORDINARY
    assert charges(step.record, APRIL) == {CENTRAL: 49500, LOCAL: 5000, PREMIUM: 20000}
    assert step.record.payroll.status is PayrollStatus.REQUESTED
    assert payers(step.record)[-1][-1] is Payer.DIRECT  # until the employer answers
    assert {"M category_changed", "E payroll_start"} <= set(told(step))
    half = sends(retired, moves(APRIL, "40"), APRIL)
    assert central(half.record, APRIL) == 24750


def test_an_early_pensioner_whose_employer_is_not_known():
    """Works again, pays directly until the employer is known (A28)."""
    retired = answered(insured(), pension(NOW), NOW)
    step = sends(retired, works(APRIL, "100"), APRIL)
    assert (step.record.category, central(step.record, APRIL)) == (ORDINARY, 49500)
    assert told(step) == ["M category_changed"]


def test_working_past_67_until_a_pension_is_reported():
    """Any age past 67: full dues until then, 600 a year from the next month (S18, S22)."""
    record = working_past_67()
    assert central(record, FEBRUARY) == 49500
    step = sends(record, pension(NOW, OLD_AGE), NOW)
    assert step.record.category is PENSIONER
    assert charges(step.record, MARCH) == {CENTRAL: 60000}
    assert step.record.payroll.status is PayrollStatus.STOPPED
    # The package ended with 2022: the insurance office has nobody to know of.
    assert told(step) == ["M pension_reported", "E payroll_stop"]


def test_a_pensioner_goes_back_to_work():
    """Whoever works past 67 pays full dues, at any percentage (S22, A15)."""
    record = member(PEOPLE["pensioner"])
    for percent in ("100", "30"):
        step = sends(record, moves(NOW, percent), NOW)
        assert step.record.category is ORDINARY
        assert central(step.record, MARCH) == 49500
        assert step.record.payroll.status is PayrollStatus.REQUESTED
    again = answered(answered(record, moves(NOW, "100"), NOW), works(APRIL, "0"), APRIL)
    assert (again.category, central(again, APRIL)) == (PENSIONER, 60000)


def test_no_work_is_a_pension_only_for_whoever_draws_one():
    """0 % is a waiver to decide on (A5); beside a pension it is the retirement (A16)."""
    step = sends(insured(), works(NOW, "0"), NOW)
    assert (step.record.category, central(step.record, MARCH)) == (ORDINARY, 49500)
    assert step.record.payroll.status is PayrollStatus.STOPPED
    # A36: what comes now is for the member to say, and for a caseworker to decide.
    assert told(step) == ["E payroll_stop", "M work_question", "C no_work"]
    working = answered(insured(), pension(NOW, working="60"), NOW)
    retires = sends(working, works(APRIL, "0"), APRIL)
    assert (retires.record.category, central(retires.record, APRIL)) == (EARLY, 12375)
    assert told(retires) == ["M pension_reported", "I insurance_status", "E payroll_stop"]


def test_another_kind_of_pension():
    """From AFP to old age under 67: a receipt, and the same quarter (S20, S23)."""
    record = until(member(PEOPLE["early_pensioner"]), NOW)
    step = sends(record, pension(NOW, OLD_AGE), NOW)
    assert (step.record.category, central(step.record, MARCH)) == (EARLY, 12375)
    assert told(step) == ["M pension_reported", "I insurance_status"]


def test_a_hidden_member_reports_a_pension():
    """Member and insurance office hear of it, employer and branch never (S30, S33)."""
    step = sends(hidden_since(FEBRUARY, branch="OSLO"), pension(NOW), NOW)
    assert told(step) == ["M pension_reported", "I insurance_status"]


def test_the_insurance_office_hears_of_whoever_may_be_in_the_package():
    """Also while the window is open (M12)."""
    step = sends(member(), pension(NOW), NOW)
    assert step.record.insurance.status is InsuranceStatus.WINDOW_OPEN
    figures = letter(step, Template.INSURANCE_STATUS).figures
    assert figures == {"status": "pension", "from_on": NOW.isoformat()}


@pytest.mark.parametrize(
    ("form", "category", "on", "reason"),
    [
        (BORN_1964, PENSIONER, NOW, "category: pensioner is from 67"),
        (BORN_1964, PENSIONER, date(2031, 6, 9), "category: pensioner is from 67"),
        (BORN_1964, EARLY, date(2031, 6, 10), "category: early_pensioner is for those under 67"),
    ],
)
def test_a_pensioners_category_that_can_not_be(form, category, on, reason):
    """A category by the member's word keeps to the ages of S18 and S21."""
    with pytest.raises(Refused) as refused:
        sends(insured(form), becomes(category, on), NOW)
    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("category", "on", "dues"), [(EARLY, NOW, 12375), (PENSIONER, date(2031, 6, 10), 60000)]
)
def test_a_pensioners_category_by_the_members_word(category, on, dues):
    """Says the same as a reported pension: no work, no deduction (S18, S21)."""
    step = sends(insured(BORN_1964), becomes(category, on), NOW)
    assert central(step.record, date(2031, 7, 1) if on > NOW else MARCH) == dues


def test_an_employed_pensioner_applies():
    """Approved as ordinary by the caseworker (A25): the pension of the form stands beside work."""
    form = application(
        EARLY,
        employment=employment("40"),
        pension=Pension.model_validate({"kind": AFP, "from": date(2026, 1, 1)}),
    )
    record = member(form, category=ORDINARY)
    assert central(record, DECEMBER) == 24750  # A16: up to 50 % is half
    retires = sends(record, works(NOW, "0"), NOW)
    assert (retires.record.category, central(retires.record, MARCH)) == (EARLY, 12375)


def test_the_insurance_office_hears_of_the_pension_of_who_has_reserved():
    """M12 names it without a condition; no cover is said to go on."""
    step = sends(uninsured(branch="OSLO"), pension(FEBRUARY), FEBRUARY)
    assert told(step) == [
        "M pension_reported",
        "I insurance_status",
        "B branch_member_changed",
        "E payroll_stop",
    ]
    figures = letter(step, Template.INSURANCE_STATUS).figures
    assert figures == {"status": "pension", "from_on": "2027-02-01", "reserved": True}
