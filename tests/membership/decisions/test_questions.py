"""The question about work and pension before 67 (A14, S22, S23)."""

from datetime import date, timedelta

import pytest

from schemas.shared.vocabulary import (
    Event,
    PensionKind,
    Role,
    Template,
)
from tests.builders import (
    PEOPLE,
    TODAY,
    answered,
    application,
    member,
    rulebook,
)
from tests.membership.decisions.lives import (
    NOW,
    hidden_since,
    insured,
    last_day,
    leave,
    letter,
    next_step,
    pension,
    resigns,
    takes_back,
    told,
    uninsured,
    until,
    waits_for,
)
from workflows.membership.deadlines import (
    PENSION_QUESTION,
)


@pytest.mark.parametrize(
    ("born", "turns", "asked_on"),
    [
        (date(1960, 6, 15), date(2027, 6, 15), date(2027, 3, 15)),
        # Born on the 31st: February has no such day.
        (date(1960, 5, 31), date(2027, 5, 31), date(2027, 2, 28)),
        (date(1960, 12, 31), date(2027, 12, 31), date(2027, 9, 30)),
        # Born on 29 February: 67 on 1 March 2031 (A32).
        (date(1964, 2, 29), date(2031, 3, 1), date(2030, 12, 1)),
        (date(1961, 1, 1), date(2028, 1, 1), date(2027, 10, 1)),
    ],
)
def test_asked_at_66_years_and_9_months(born, turns, asked_on):
    """The member is asked, and has until the day before turning 67 (A14, A32)."""
    record = until(uninsured(application(birth_date=born)), asked_on - timedelta(days=1))
    assert waits_for(record) == []
    step, day = next_step(record, PENSION_QUESTION)
    assert day == asked_on
    assert step.event is Event.PENSION_QUESTION_ASKED
    assert told(step) == ["M pension_question"]
    figures = letter(step, Template.PENSION_QUESTION).figures
    # S18: 10 % of 5,940 is 594, up to the next ten.
    assert figures == {
        "turns_on": turns.isoformat(),
        "age": 67,
        "half_past_67": False,
        "pensioner_ore": 60000,
    }
    assert step.record.terms == record.terms
    assert {"A14", "S22", "S23"} <= set(step.rules)
    asked = until(record, asked_on)
    assert waits_for(asked) == [(Role.APPLICANT, "report_pension", turns - timedelta(days=1))]
    # Once: silence means going on at full dues.
    assert last_day(asked, PENSION_QUESTION) is None
    assert waits_for(until(asked, turns)) == []


@pytest.mark.parametrize(("months", "asked_on"), [(3, date(2027, 3, 15)), (6, date(2026, 12, 15))])
def test_the_time_before_67_is_a_policy(months, asked_on):
    """The 3 months are configuration (G4)."""
    form = application(birth_date=date(1960, 6, 15))
    record = uninsured(form, book=rulebook(pension_question_months=months))
    assert last_day(record, PENSION_QUESTION) == asked_on - timedelta(days=1)


def test_a_member_who_joins_late_is_asked_at_once():
    """Approved at 66 years and 11 months: the question is due already (A14)."""
    record = member(application(birth_date=date(1959, 12, 20)))
    step, day = next_step(record, PENSION_QUESTION)
    assert day <= TODAY
    assert told(step) == ["M pension_question"]


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(until(member(PEOPLE["early_pensioner"]), NOW), id="early-pensioner"),
        pytest.param(member(PEOPLE["pensioner"]), id="pensioner"),
        pytest.param(member(PEOPLE["student"]), id="student"),
        pytest.param(
            answered(
                uninsured(application(birth_date=date(1960, 6, 15))),
                pension(date(2027, 6, 15), PensionKind.OLD_AGE),
                NOW,
            ),
            id="reported-already",
        ),
        pytest.param(
            answered(uninsured(application(birth_date=date(1960, 6, 15))), resigns(NOW), NOW),
            id="leaving",
        ),
    ],
)
def test_who_is_not_asked_about_a_pension(record):
    """Whoever draws one, studies, leaves, or has told already (A14)."""
    assert last_day(record, PENSION_QUESTION) is None
    assert waits_for(record) == []


def test_a_resignation_taken_back_brings_the_question_back():
    """Whoever stays is asked like everybody else (A14)."""
    record = uninsured(application(birth_date=date(1960, 6, 15)))
    leaving = answered(record, resigns(NOW), NOW)
    stays = answered(leaving, takes_back("resign", NOW), NOW)
    assert last_day(stays, PENSION_QUESTION) == date(2027, 3, 14)


def test_an_answer_ends_the_wait():
    """Reported for the birthday, still ahead: nobody is waited for any more (A14)."""
    asked = until(uninsured(application(birth_date=date(1960, 6, 15))), date(2027, 3, 15))
    answer = pension(date(2027, 6, 15), PensionKind.OLD_AGE)
    assert waits_for(answered(asked, answer, date(2027, 4, 1))) == []
    beside_work = pension(date(2027, 4, 1), PensionKind.AFP, working="60")
    assert waits_for(answered(asked, beside_work, date(2027, 4, 1))) == []


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(
            answered(
                insured(application(birth_date=date(1960, 6, 15))),
                leave(NOW, date(2027, 8, 31)),
                NOW,
            ),
            id="on-leave",
        ),
        pytest.param(
            hidden_since(NOW, form=application(birth_date=date(1960, 6, 15))),
            id="hidden",
        ),
    ],
)
def test_who_is_asked_too(record):
    """A leave or hiding makes no difference: the letter goes to the member (A14)."""
    assert last_day(record, PENSION_QUESTION) == date(2027, 3, 14)
