"""What a membership waits for: whose turn it is, until when, and what happens then."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.membership.messages.changes import GrantLeave
from schemas.membership.messages.leaving import RecordDeath
from schemas.shared.calendar import oslo_date
from schemas.shared.vocabulary import Role, WaiverKind
from tests.builders import (
    MEMBER_NUMBER,
    PEOPLE,
    TODAY,
    answered,
    application,
    awaiting_information,
    deadline_passed,
    decide,
    ended,
    member,
    notice,
    payment,
    payroll,
    received,
    reserve,
    rulebook,
    states,
)
from workflows.membership.awaiting import awaiting
from workflows.membership.deadlines import (
    LIFE_CHANGE,
    PENSION_QUESTION,
    STUDENT_CHECK,
    STUDY_OVER,
    STUDY_QUESTION,
    Deadline,
    deadlines,
    review_due,
)
from workflows.membership.decisions.dispatch import AFTER

NO_EMPLOYER = application(employment=None)


LATER = {LIFE_CHANGE, PENSION_QUESTION, STUDENT_CHECK, STUDY_OVER, STUDY_QUESTION}
"""What a life brings after the onboarding: test_aging.py and test_questions.py."""


def shown(record) -> list[tuple[str, date]]:
    """Return (name, last day) of every deadline of review and onboarding that runs."""
    return [(d.name, d.last_day) for d in deadlines(record) if d.name not in LATER]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        # From Sunday 22 November the working days are 23, 24, 25: the third is the 25th.
        pytest.param(received(), [("review_reminder", date(2026, 11, 25))], id="A33-reminder"),
        # The tenth: 23-27 November are five, 30 November to 4 December five more.
        pytest.param(
            deadline_passed(received()),
            [("review_escalation", date(2026, 12, 4))],
            id="A33-escalation",
        ),
        pytest.param(deadline_passed(deadline_passed(received())), [], id="A33-then-it-waits"),
        # Wed 23 December: 24, 28, 29 are the working days.
        pytest.param(
            received(day=date(2026, 12, 23)),
            [("review_reminder", date(2026, 12, 29))],
            id="A33-across-Christmas",
        ),
        # 22 November + 30 = 22 December.
        pytest.param(
            awaiting_information(), [("information_lapse", date(2026, 12, 22))], id="A33-lapse"
        ),
        # Payroll: 22 November + 14 = 6 December; the window: + 30 = 22 December.
        pytest.param(
            member(),
            [("payroll_reminder", date(2026, 12, 6)), ("reservation_window", date(2026, 12, 22))],
            id="A34-A21-onboarding",
        ),
        pytest.param(
            deadline_passed(member()),
            [
                ("reservation_window", date(2026, 12, 22)),
                ("payroll_timeout", date(2026, 12, 22)),
            ],
            id="A34-A21-after-the-reminder",
        ),
        pytest.param(
            deadline_passed(deadline_passed(member())),
            [("payroll_timeout", date(2026, 12, 22))],
            id="A34-after-the-window",
        ),
        pytest.param(
            deadline_passed(deadline_passed(deadline_passed(member()))), [], id="A34-open-for-ever"
        ),
        pytest.param(
            answered(member(), notice("bounced")),
            [("payroll_reminder", date(2026, 12, 6))],
            id="A21-no-proof-no-deadline",
        ),
        pytest.param(
            answered(answered(member(), payroll("refused")), reserve()), [], id="nothing-open"
        ),
        pytest.param(
            member(NO_EMPLOYER), [("reservation_window", date(2026, 12, 22))], id="A28-window-only"
        ),
        pytest.param(member(PEOPLE["student"]), [], id="student"),
        pytest.param(ended(), [], id="ended"),
        pytest.param(states()["not read yet"], [], id="not-read-yet"),
    ],
)
def test_deadlines(record, expected):
    """Exact last days at each stage, the earliest first (A21, A33, A34)."""
    assert shown(record) == expected


@pytest.mark.parametrize(
    ("policy", "record", "last_day"),
    [
        ({"reminder_working_days": 1}, received, date(2026, 11, 23)),
        ({"lapse_days": 7}, awaiting_information, date(2026, 11, 29)),
        ({"window_days": 10}, member, date(2026, 12, 2)),
        ({"payroll_reminder_days": 2}, member, date(2026, 11, 24)),
        # Once reminded. 23 to 27 November are five working days.
        (
            {"escalation_working_days": 5},
            lambda book: deadline_passed(received(book=book)),
            date(2026, 11, 27),
        ),
        (
            {"payroll_timeout_days": 20},
            lambda book: deadline_passed(member(book=book)),
            date(2026, 12, 12),
        ),
    ],
)
def test_deadlines_are_policies(policy, record, last_day):
    """No number of days is a constant in code (G4)."""
    if record is awaiting_information:
        asked = answered(received(book=rulebook(**policy)), decide("request_information"))
        assert shown(asked)[0][1] == last_day
    else:
        assert shown(record(book=rulebook(**policy)))[0][1] == last_day


def test_a_deadline_counts_from_the_last_turn():
    """An answer on 1 December restarts the review: 2, 3, 4 December (A33)."""
    from schemas.membership.messages.review import SupplyInformation

    message = SupplyInformation(information="Se vedlagt")
    again = answered(awaiting_information(), message, date(2026, 12, 1))
    assert shown(again) == [("review_reminder", date(2026, 12, 4))]


def test_the_payroll_clock_starts_with_the_request():
    """With A20's flag it is the payment's day: 3 December + 14 = 17 December (A34)."""
    waiting = member(book=rulebook(payroll_needs_first_payment=True))
    assert [name for name, _ in shown(waiting)] == ["reservation_window"]
    day = date(2026, 12, 3)
    asked = answered(waiting, payment(49500, paid_on=day), day)
    assert ("payroll_reminder", date(2026, 12, 17)) in shown(asked)


@pytest.mark.parametrize(
    ("last_day", "due_at"),
    [
        pytest.param(date(2026, 12, 22), datetime(2026, 12, 22, 23, tzinfo=UTC), id="winter"),
        pytest.param(date(2026, 7, 1), datetime(2026, 7, 1, 22, tzinfo=UTC), id="summer"),
        # Summer time begins on 28 March 2027 at 02:00: midnight before it is winter's.
        pytest.param(date(2027, 3, 27), datetime(2027, 3, 27, 23, tzinfo=UTC), id="before-DST"),
        pytest.param(date(2027, 3, 28), datetime(2027, 3, 28, 22, tzinfo=UTC), id="after-DST"),
        # It ends on 25 October 2026 at 03:00: midnight before it is summer's.
        pytest.param(date(2026, 10, 24), datetime(2026, 10, 24, 22, tzinfo=UTC), id="before-end"),
        pytest.param(date(2026, 10, 25), datetime(2026, 10, 25, 23, tzinfo=UTC), id="after-end"),
    ],
)
def test_a_deadline_includes_its_last_day(last_day, due_at):
    """It has passed at midnight in Oslo after the last day, summer and winter."""
    assert Deadline("x", last_day).due_at == due_at


@given(st.dates(date(2020, 1, 1), date(2100, 1, 1)))
def test_a_deadline_never_comes_early(last_day):
    """One microsecond before it is due, the last day is not over."""
    due_at = Deadline("x", last_day).due_at.astimezone(UTC)
    assert oslo_date(due_at) == last_day + timedelta(days=1)
    assert oslo_date(due_at - timedelta(microseconds=1)) == last_day


def test_every_deadline_has_its_decision():
    """Whatever may run out is known to what happens then."""
    found = {d.name for record in states().values() for d in deadlines(record)}
    found |= {d.name for d in deadlines(deadline_passed(received()))}
    found |= {d.name for d in deadlines(deadline_passed(member()))}
    gone = answered(
        member(), RecordDeath(died_on=TODAY, caseworker="ola", member_number=MEMBER_NUMBER)
    )
    found |= {d.name for d in deadlines(gone.model_copy(update={"lingers": True}))}
    reduced = GrantLeave(
        from_on=TODAY,
        until_on=date(2027, 4, 30),
        caseworker="ola",
        kind=WaiverKind.LAID_OFF,
        documentation="Varsel",
    )
    found |= {d.name for d in deadlines(answered(member(), reduced))}
    assert found == set(AFTER)


# Whose turn it is -----------------------------------------------------------------------------


def turns(record) -> list[tuple[Role, str, date | None]]:
    """Return whom the membership waits for, for what, until when."""
    return [(wait.role, wait.what, wait.deadline) for wait in awaiting(record)]


DECIDES = (Role.CASEWORKER, "decide_application", None)
ANSWERS = (Role.APPLICANT, "supply_information", date(2026, 12, 22))
NOTICE = (Role.INSURANCE_OFFICE, "record_insurance_notice", None)
EMPLOYER = (Role.EMPLOYER, "answer_payroll_request", date(2026, 12, 22))  # + 30 (A34)
EMPLOYER_LATE = (Role.EMPLOYER, "answer_payroll_request", None)
ID_MISSING = (Role.APPLICANT, "supply_information", date(2026, 12, 22))
PAYS = (Role.PAYER, "record_payment", date(2026, 12, 7))


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        pytest.param(received(), [DECIDES], id="S29"),
        pytest.param(awaiting_information(), [ANSWERS], id="A33"),
        pytest.param(answered(received(), decide()), [NOTICE, EMPLOYER], id="A21-no-proof-yet"),
        pytest.param(member(), [EMPLOYER], id="A34"),
        pytest.param(member(application(national_id=None)), [ID_MISSING, EMPLOYER], id="N3"),
        pytest.param(states()["covered, unanswered"], [EMPLOYER_LATE], id="A34-open-request"),
        pytest.param(
            deadline_passed(
                deadline_passed(answered(member(application(national_id=None)), reserve()))
            ),
            [(Role.APPLICANT, "supply_information", None), EMPLOYER_LATE],
            id="N3-after-the-timeout",
        ),
        pytest.param(states()["window, awaits payment"], [PAYS], id="A20-first-payment"),
        pytest.param(states()["covered, active"], [], id="active"),
        pytest.param(states()["window, no payroll"], [], id="the-window-runs-by-itself"),
        pytest.param(member(PEOPLE["student"]), [], id="student"),
        pytest.param(member(PEOPLE["hidden"]), [], id="A23-hidden-waits-for-no-employer"),
        pytest.param(ended(), [], id="ended"),
    ],
)
def test_whose_turn_it_is(record, expected):
    """Role, the message that would answer, and the last day (contract: awaiting)."""
    assert turns(record) == expected


def test_waiting_since_is_when_the_turn_began():
    """The request's own time, not the approval's or today's (contract: since)."""
    (employer,) = awaiting(member())
    assert employer.since == member().payroll.requested_at
    bounced = answered(member(NO_EMPLOYER), notice("bounced", on=TODAY), date(2026, 11, 30))
    (office,) = awaiting(bounced)
    assert oslo_date(office.since) == date(2026, 11, 30)


def test_review_due():
    """Midnight after the third working day; nothing once it is not the caseworkers' turn (A33)."""
    assert review_due(received()) == datetime(2026, 11, 25, 23, tzinfo=UTC)
    assert review_due(deadline_passed(received())) == datetime(2026, 11, 25, 23, tzinfo=UTC)
    assert review_due(awaiting_information()) is None
    assert review_due(member()) is None
    assert review_due(states()["not read yet"]) is None
