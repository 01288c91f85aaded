"""The forecast: hand-checked lives, nothing of its own making, and on the server it comes true."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from time import thread_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.dues.plan import plan_terms
from schemas.membership.application import Pension
from schemas.membership.forecast import Forecast
from schemas.membership.messages.changes import (
    ChangeCategory,
    ChangeEmployment,
    GrantLeave,
    ReportPension,
    SetHidden,
)
from schemas.membership.messages.leaving import Resign
from schemas.shared.calendar import month_after, months_before, oslo_date
from schemas.shared.vocabulary import Audience, Category, LineKind, PensionKind, Template
from tests import clock
from tests.builders import (
    OSLO,
    PEOPLE,
    TODAY,
    answered,
    awaiting_information,
    deadline_passed,
    decide,
    ended,
    member,
    moment,
    payroll,
    rates,
    received,
    reserve,
    rulebook,
    states,
)
from tests.builders import application as form
from tests.life import application
from tests.membership.decisions.living import (
    Life,
    answers,
    applicants,
    books,
    changes,
    departures,
    gaps,
    onboarding,
    posts,
    withdrawals,
)
from workflows.membership.coming_cover import coming_premiums
from workflows.membership.deadlines import deadlines
from workflows.membership.explanation import explain
from workflows.membership.forecast import MAX_STEPS, forecast
from workflows.membership.record import MembershipRecord

STATES = states()
FAST_ENOUGH_SECONDS = 0.5
"""Of work, not of waiting for a busy machine."""


def foreseen(record: MembershipRecord, day: date = TODAY) -> Forecast:
    """Return the forecast on a day, at ten in the morning."""
    return forecast(record, moment(day).at)


def days(found: Forecast) -> list[tuple[str, int, str]]:
    """Return date, age and event of each step."""
    return [(str(step.on), step.age, str(step.event)) for step in found.steps]


def dues(found: Forecast, kind: str) -> list[tuple[str, str, int, str]]:
    """Return the spans of one kind of dues: from, to, kroner or øre as they stand, payer."""
    return [
        (str(due.valid_from), str(due.valid_to), due.amount_ore, str(due.payer))
        for due in found.dues
        if due.kind == kind
    ]


def cover(found: Forecast) -> dict[str, tuple[str, str]]:
    """Return each coverage with its first and its last day plus one."""
    return {part.coverage: (str(part.valid_from), str(part.valid_to)) for part in found.cover}


def letters(found: Forecast, on: str) -> list[str]:
    """Return the letters of one day as audience/template."""
    return [
        f"{letter.audience}/{letter.template}"
        for step in found.steps
        if str(step.on) == on
        for letter in step.letters
    ]


# Whole lives, by hand -------------------------------------------------------------------------

ORDINARY = answered(member(branch=OSLO.code), payroll())
"""Born 1986-04-12, approved 2026-11-22, branch OSLO, deducted from December on."""


def test_an_ordinary_member_until_80():
    """Cover by window and age, the question at 66 y 9 m, 67 at full dues, and 80 (A14, A17)."""
    found = foreseen(ORDINARY)
    # 1986 + 80 = 2066.
    assert (found.as_of, found.until) == (TODAY, date(2066, 4, 12))
    assert days(found) == [
        ("2026-12-23", 40, "insurance_covered"),  # 22 November + 30 days, and the day after
        ("2046-04-12", 60, "coverage_ended"),  # 1986 + 60: disability
        ("2053-01-12", 66, "pension_question_asked"),  # 1986 + 67, three months earlier
        ("2053-04-12", 67, "retirement_age_reached"),  # and critical illness ends
        ("2054-01-01", 67, "coverage_ended"),  # life: the end of the year of 67
    ]
    assert dues(found, "central_dues") == [
        ("2026-11-22", "2026-12-01", 49500, "direct"),
        ("2026-12-01", "2066-04-12", 49500, "payroll"),  # 67 without notice: full (A14, S22)
    ]
    assert dues(found, "local_dues") == [
        ("2026-11-22", "2026-12-01", 5000, "direct"),
        ("2026-12-01", "2066-04-12", 5000, "payroll"),
    ]
    # January 2027 is the first month that is covered whole, December 2053 the last (A18).
    assert dues(found, "insurance_premium") == [("2027-01-01", "2054-01-01", 20000, "payroll")]
    assert cover(found) == {
        "disability": ("2026-12-23", "2046-04-12"),
        "critical_illness": ("2026-12-23", "2053-04-12"),
        "life": ("2026-12-23", "2054-01-01"),
    }
    assert found.awaiting == ()
    assert found.note is None


def test_what_holds_after_each_step_and_who_is_written_to():
    """Stage, category and tracks as the record has them, letters as the step ordered them."""
    found = foreseen(ORDINARY)
    covered, *_, turned, last = found.steps
    assert (covered.stage, covered.insurance, covered.payroll) == ("active", "covered", "active")
    assert covered.rules == ("S6", "S7", "A17", "A18", "A21")
    assert (turned.category, turned.insurance) == ("ordinary", "covered")
    assert last.insurance == "ended"
    assert {"member/cover_begins", "insurance_office/insurance_status"} <= set(
        letters(found, "2026-12-23")
    )
    assert letters(found, "2053-01-12") == ["member/pension_question"]
    assert "member/retirement_age" in letters(found, "2053-04-12")


def test_the_dues_of_a_year():
    """495 × 12 = 5,940 (S2), 200 × 12 = 2,400 (S7), and a yearly fee once."""
    yearly = {due.kind: due.a_year_ore for due in foreseen(ORDINARY).dues}
    assert yearly == {"central_dues": 594000, "local_dues": 60000, "insurance_premium": 240000}
    (student,) = foreseen(member(PEOPLE["student"])).dues
    assert (student.cadence, student.amount_ore, student.a_year_ore) == ("yearly", 30000, 30000)
    assert student.rules == ("S12",)


def test_an_afp_pensioner():
    """A quarter until the month after 67, then 600 a year; the premium until life ends."""
    record = answered(ORDINARY, payroll("stopped", "2026-12"))
    day = date(2048, 5, 10)  # 62 years and a month: AFP is possible (L3)
    while deadlines(record)[0].due_at < moment(day).at:
        record = deadline_passed(record)
    afp = ReportPension(kind=PensionKind.AFP, from_on=date(2048, 6, 15))
    found = foreseen(answered(record, afp, day), day)
    # 15 June: the dues are a quarter of 495 from 1 July (A12); at 67 on 12 April 2053 a year's fee
    # of 10 % of 5,940, up to the next ten: 600, from 1 May.
    assert dues(found, "central_dues") == [
        ("2048-05-10", "2048-07-01", 49500, "direct"),
        ("2048-07-01", "2053-05-01", 12375, "direct"),
        ("2053-05-01", "2066-04-12", 60000, "direct"),
    ]
    assert dues(found, "local_dues") == [("2048-05-10", "2048-07-01", 5000, "direct")]  # A11
    assert dues(found, "insurance_premium") == [("2048-05-10", "2054-01-01", 20000, "direct")]
    assert days(found) == [
        ("2048-06-15", 62, "change_took_effect"),
        ("2053-04-12", 67, "retirement_age_reached"),
        ("2054-01-01", 67, "coverage_ended"),
    ]
    assert [str(step.category) for step in found.steps] == [
        "early_pensioner",
        "pensioner",
        "pensioner",
    ]
    assert set(cover(found)) == {"critical_illness", "life"}  # disability ended at 60


def test_born_on_29_february():
    """Turns 67 on 1 March, and pays the yearly fee from that very month (A12, A32)."""
    pension = Pension.model_validate({"kind": PensionKind.AFP, "from": date(2026, 6, 1)})
    born = date(1964, 2, 29)
    found = foreseen(member(form(Category.EARLY_PENSIONER, birth_date=born, pension=pension)))
    # 1964 + 67 = 2031, no leap year; 1964 + 80 = 2044 is one.
    assert ("2031-03-01", 67, "retirement_age_reached") in days(found)
    assert dues(found, "central_dues") == [
        ("2026-11-22", "2031-03-01", 12375, "direct"),
        ("2031-03-01", "2044-02-29", 60000, "direct"),
    ]
    assert found.until == date(2044, 2, 29)


def test_a_student():
    """A check each January, the question 90 days before the end, the offer after it (S17)."""
    found = foreseen(member(PEOPLE["student"]))
    assert days(found) == [
        ("2027-01-01", 22, "student_checked"),
        ("2028-01-01", 23, "student_checked"),
        ("2028-03-17", 24, "study_end_asked"),  # 15 June - 90: 15 + 31 + 30 + 14 days before
        ("2028-06-16", 24, "study_over"),
    ]
    assert letters(found, "2028-06-16") == ["member/study_over", "caseworkers/caseworker_task"]
    assert dues(found, "central_dues") == [("2026-11-22", "2084-02-03", 30000, "direct")]
    assert found.cover == ()  # S8
    (still,) = found.awaiting
    assert (still.role, still.what) == ("caseworker", "change_category")
    assert oslo_date(still.since) == date(2028, 6, 16)


def test_an_apprentice_pays_nothing_and_is_asked():
    """Free, without local dues; no silent 495 at the end (S14, A8, A9)."""
    found = foreseen(member(PEOPLE["apprentice"], branch=OSLO.code))
    assert dues(found, "central_dues") == [("2026-11-22", "2087-09-30", 0, "direct")]
    assert dues(found, "local_dues") == []
    assert [event for _, _, event in days(found)] == ["study_end_asked", "study_over"]


def test_somebody_past_80_is_foreseen_for_five_years():
    """So far ahead a change may be recorded."""
    found = foreseen(member(form(Category.PENSIONER, birth_date=date(1940, 1, 1))))
    assert found.until == date(2031, 11, 22)
    assert dues(found, "central_dues") == [("2026-11-22", "2031-11-22", 60000, "direct")]
    assert (found.steps, found.cover) == ((), ())


# What is recorded for later -------------------------------------------------------------------

ACTIVE = deadline_passed(ORDINARY)
DAY = date(2027, 1, 10)


def test_a_leave_and_its_end():
    """Dues of 0 for the whole months of it, the premium directly, and the employer asked anew."""
    leave = GrantLeave(from_on=date(2027, 2, 1), until_on=date(2027, 7, 31), caseworker="ola")
    found = foreseen(answered(ACTIVE, leave, DAY), DAY)
    assert days(found)[:2] == [
        ("2027-02-01", 40, "change_took_effect"),
        ("2027-08-01", 41, "change_took_effect"),
    ]
    assert [str(step.stage) for step in found.steps[:2]] == ["on_leave", "active"]
    assert dues(found, "central_dues") == [
        ("2027-01-10", "2027-02-01", 49500, "payroll"),
        ("2027-02-01", "2027-08-01", 0, "direct"),
        # Nobody answers for the employer: directly, for good (A34).
        ("2027-08-01", "2066-04-12", 49500, "direct"),
    ]
    assert dues(found, "insurance_premium") == [
        ("2027-01-10", "2027-02-01", 20000, "payroll"),
        ("2027-02-01", "2054-01-01", 20000, "direct"),
    ]
    asked = [event for _, _, event in days(found)[2:4]]
    assert asked == ["payroll_reminded", "payroll_unanswered"]


def test_a_resignation_ends_everything():
    """Received on 10 January: the end of February (A29), dues and cover with it."""
    found = foreseen(answered(ACTIVE, Resign(received_on=DAY), DAY), DAY)
    (last,) = found.steps
    assert (str(last.on), last.stage, last.outcome) == ("2027-03-01", "ended", "resigned")
    assert {str(due.valid_to) for due in found.dues} == {"2027-03-01"}
    assert {end for _, end in cover(found).values()} == {"2027-03-01"}
    assert found.awaiting == ()


def test_hiding_takes_its_two_decisions():
    """First whoever knows is told, by way of the caseworkers; then the flag; then no local dues."""
    hide = SetHidden(hidden=True, effective_on=date(2027, 2, 15))
    found = foreseen(answered(ACTIVE, hide, DAY), DAY)
    assert days(found)[:2] == [
        ("2027-02-15", 40, "hiding_prepared"),
        ("2027-02-15", 40, "hidden_changed"),
    ]
    stop = next(part for part in found.steps[0].letters if part.audience is Audience.EMPLOYER)
    assert (stop.template, stop.forwarded) == (Template.PAYROLL_STOP, True)
    outsiders = {Audience.EMPLOYER, Audience.BRANCH, Audience.RECRUITER}
    after = [letter for step in found.steps[1:] for letter in step.letters]
    assert outsiders.isdisjoint(letter.audience for letter in after)
    assert dues(found, "local_dues") == [("2027-01-10", "2027-03-01", 5000, "payroll")]


def test_hiding_under_way_is_not_waited_for():
    """The letters that must go out first are taken to go out today."""
    told = answered(ACTIVE, SetHidden(hidden=True, effective_on=DAY), DAY)
    assert told.hiding is not None
    assert days(foreseen(told, DAY))[0] == ("2027-01-10", 40, "hidden_changed")


def test_a_new_price_that_is_known():
    """520 from July 2030: 520 × 12 × 5 % = 312, up to the next ten: 320 for a student (A26)."""
    book = rulebook(rates=[rates("495"), rates("520", date(2030, 7, 1))])
    found = foreseen(answered(member(book=book), reserve()))
    assert dues(found, "central_dues") == [
        ("2026-11-22", "2030-07-01", 49500, "direct"),
        ("2030-07-01", "2066-04-12", 52000, "direct"),
    ]
    found = foreseen(member(PEOPLE["student"], book=book))
    assert [amount for _, _, amount, _ in dues(found, "central_dues")] == [30000, 32000]


def test_a_student_who_becomes_ordinary():
    """The window opens only then, its notice goes out on the day, and cover follows (S17)."""
    change = ChangeCategory(category=Category.ORDINARY, effective_on=date(2027, 7, 1))
    found = foreseen(answered(member(PEOPLE["student"]), change))
    # Window 1-31 July; covered from 1 August, a whole month; life ends with 2004 + 67 = 2071.
    assert ("2027-08-01", 23, "insurance_covered") in days(found)
    assert dues(found, "insurance_premium") == [("2027-08-01", "2072-01-01", 20000, "direct")]
    assert cover(found)["life"] == ("2027-08-01", "2072-01-01")


def test_cover_is_offered_anew_after_a_study():
    """It never applies to a student; after the study silence for 30 days covers again (S8, A39)."""
    study = ChangeCategory(category=Category.STUDENT, effective_on=date(2027, 2, 1))
    back = ChangeCategory(category=Category.ORDINARY, effective_on=date(2028, 7, 1))
    found = foreseen(answered(answered(ACTIVE, study, DAY), back, DAY), DAY)
    life = [part for part in found.cover if part.coverage == "life"]
    assert [(str(part.valid_from), str(part.valid_to)) for part in life] == [
        ("2026-12-23", "2027-02-01"),
        ("2028-08-01", "2054-01-01"),
    ]
    assert [(start, end) for start, end, _, _ in dues(found, "insurance_premium")] == [
        ("2027-01-10", "2027-02-01"),
        ("2028-08-01", "2054-01-01"),
    ]


def test_what_is_overdue_happens_today():
    """Timers that a stopped worker has missed: today is the first day it can happen."""
    day = date(2027, 2, 10)
    found = foreseen(member(), day)
    assert {str(step.on) for step in found.steps[:3]} == {"2027-02-10"}
    # Reminded and unanswered after 14 and 30 days, covered after 30: all long due.
    assert {event for _, _, event in days(found)[:3]} == {
        "payroll_reminded",
        "payroll_unanswered",
        "insurance_covered",
    }


def test_a_late_reservation_keeps_the_cover_to_the_end_of_the_month():
    """Received on 10 January: covered and paid until the end of January (A21)."""
    found = foreseen(answered(ACTIVE, reserve(DAY), DAY), DAY)
    assert {end for _, end in cover(found).values()} == {"2027-02-01"}
    assert dues(found, "insurance_premium") == [("2027-01-10", "2027-02-01", 20000, "payroll")]


# In every state -------------------------------------------------------------------------------


def check(record: MembershipRecord, day: date = TODAY) -> None:
    """Check a forecast: whole, in order, without gap in what is owed, and nothing was touched."""
    before = record.model_dump_json()
    found = foreseen(record, day)
    assert record.model_dump_json() == before
    assert Forecast.model_validate_json(found.model_dump_json()) == found
    assert len(found.steps) < MAX_STEPS
    assert [step.on for step in found.steps] == sorted(step.on for step in found.steps)
    for kind in {due.kind for due in found.dues}:
        spans = [(due.valid_from, due.valid_to) for due in found.dues if due.kind == kind]
        assert all(start < end for start, end in spans)
        assert all(one[1] <= other[0] for one, other in pairwise(spans))
        assert spans[0][0] >= found.as_of
        assert found.until is not None
        assert spans[-1][1] <= found.until
    assert all(part.valid_from < part.valid_to > day for part in found.cover)
    if found.cover and found.steps and found.steps[-1].outcome is not None:
        assert max(part.valid_to for part in found.cover) <= found.steps[-1].on
    assert found.steps or found.note or not deadlines(record)
    if record.member_since is not None:
        paid = [(due.valid_from, due.valid_to) for due in found.dues if due.kind == PREMIUM_OF]
        assert months_in(paid, found) == months_in(premiums_to_come(record, day), found)


PREMIUM_OF = LineKind.INSURANCE_PREMIUM


def premiums_to_come(record: MembershipRecord, day: date) -> list[tuple[date, date | None]]:
    """Return the spans for which a budget counts a premium (``coming_premiums``)."""
    coming = coming_premiums(record, (), moment(day))
    facts = record.facts
    if coming is not None:
        facts = facts.model_copy(update={"premiums": coming})
    planned = plan_terms(facts, record.book)
    return [(term.valid_from, term.valid_to) for term in planned if term.kind is PREMIUM_OF]


def months_in(spans: Sequence[tuple[date, date | None]], found: Forecast) -> set[date]:
    """Return the whole months of some spans that a forecast looks at."""
    return {
        month
        for month in (months_before(month_after(found.as_of), -count) for count in range(140))
        for begins, ends in spans
        if begins <= month < min(ends or date.max, found.until or month)
    }


@pytest.mark.parametrize("name", STATES)
def test_every_membership_can_be_foreseen(name):
    """Whatever the stage: an answer, quick, and the record is left as it was."""
    begun = thread_time()
    foreseen(STATES[name])
    assert thread_time() - begun < FAST_ENOUGH_SECONDS
    check(STATES[name])


class Lived(Life):
    """A life whose own invariants are left to the tests of decisions."""

    def check(self) -> None:
        """Check nothing on the way."""

    def check_settled(self) -> None:
        """Check nothing on the way."""


anything = st.one_of(changes, changes, changes, withdrawals, onboarding, answers, departures, posts)


@settings(deadline=None, max_examples=40)
@given(applicants(), books, st.lists(st.tuples(gaps, anything), max_size=10))
def test_any_life_can_be_foreseen(form, book, happening):
    """After any messages in any order; and every amount of it has a fact behind it."""
    life = Lived(received(form, book=book))
    life.send(decide(category=form.category))
    life.happen(happening)
    check(life.record, life.day)
    amounts = explain(life.record).lines[: len(life.record.terms)]
    assert all(line.because for line in amounts)


@pytest.mark.parametrize("name", [name for name in STATES if STATES[name].member_since])
def test_it_is_what_the_decisions_make_of_the_record(name):
    """The same sentences and terms as when each deadline passes by itself."""
    record = STATES[name]
    found = foreseen(record)
    assert found.until is not None
    while deadlines(record) and oslo_date(deadlines(record)[0].due_at) < found.until:
        record = deadline_passed(record)
    lived = record.log[len(STATES[name].log) :]
    assert [step.says for step in found.steps] == [line.says for line in lived]
    ahead = [term for term in record.terms if (term.valid_to or date.max) > TODAY]
    assert [(due.kind, due.amount_ore, due.payer) for due in found.dues] == [
        (term.kind, term.amount_ore, term.payer) for term in ahead
    ]


def test_an_applicant_waits_for_the_decision():
    """The reminders of A33, nothing charged, and the caseworker is still waited for."""
    found = foreseen(received())
    assert found.note == (
        "waits for the decision on the application: nothing is charged or insured before it"
    )
    assert [event for _, _, event in days(found)] == ["review_reminded", "review_escalated"]
    assert [wait.what for wait in found.awaiting] == ["decide_application"]
    assert found.dues == ()


def test_an_unanswered_question_lapses():
    """30 days (A33)."""
    found = foreseen(awaiting_information())
    assert days(found) == [("2026-12-23", 40, "application_lapsed")]
    assert found.steps[0].outcome == "lapsed"
    assert found.note == "the application ends as lapsed unless somebody acts before"


def test_the_ended_have_no_future():
    """Empty, and it says why."""
    found = foreseen(ended())
    assert (found.until, found.steps, found.dues, found.cover) == (None, (), (), ())
    assert found.note == "the membership has ended: rejected"


def test_a_run_of_old_is_foreseen_as_it_will_be_renewed():
    """A record of version 1 has no timers for a life yet; its renewal brings them."""
    old = ORDINARY.model_copy(update={"version": 1})
    assert foreseen(old).steps == foreseen(ORDINARY).steps


def test_a_student_of_twenty_until_80_is_foreseen_in_no_time():
    """A yearly check for sixty years: far below the 2 s a workflow task may take."""
    record = member(form(Category.STUDENT, birth_date=date(2006, 1, 1)))
    endless = ChangeCategory(category=Category.STUDENT, effective_on=TODAY)
    record = answered(record, endless)
    begun = thread_time()
    found = foreseen(record)
    assert thread_time() - begun < FAST_ENOUGH_SECONDS
    # Each 1 January of 2027 to 2085; that of 2086 is the 80th birthday, which is not covered.
    assert found.until == date(2086, 1, 1)
    assert [on for on, _, event in days(found) if event == "student_checked"] == [
        f"{year}-01-01" for year in range(2027, 2086)
    ]


def test_a_change_of_work_moves_the_dues():
    """50 % from 10 March counts from April (S5, A6): 247.50, the premium as before (A4)."""
    half = ChangeEmployment.model_validate_json(
        '{"effective_on":"2027-03-10","position_percent":"50"}'
    )
    found = foreseen(answered(ACTIVE, half, DAY), DAY)
    assert [(start, ore) for start, _, ore, _ in dues(found, "central_dues")] == [
        ("2027-01-10", 49500),
        ("2027-04-01", 24750),
        # A15: full again past 67, from the month after 12 April 2053.
        ("2053-05-01", 49500),
    ]
    assert [ore for _, _, ore, _ in dues(found, "insurance_premium")] == [20000]


def test_explain_and_forecast_agree_on_the_rules():
    """The dues of the years ahead cite the rules of the category they will have."""
    record = member(PEOPLE["early_pensioner"])
    quarter, yearly = [due.rules for due in foreseen(record).dues if due.kind == "central_dues"]
    assert (quarter, yearly) == (("S21",), ("S18",))
    amounts = [line for line in explain(record).lines if line.about == "central_dues"]
    assert [line.rules[0] for line in amounts] == ["S21", "S18"]


# On the server --------------------------------------------------------------------------------


async def test_it_comes_true(apply):
    """What was foreseen of an early pensioner is, six years on, what has been decided."""
    today = clock.today()
    born = today.replace(year=today.year - 64, day=min(today.day, 28))
    early = application(
        category="early_pensioner",
        employment=None,
        applicant={"birth_date": str(born)},
        pension={"kind": "afp", "from": str(today - timedelta(days=300))},
    )
    life = await apply(early)
    await life.approve()
    await life.settle()
    found = await life.handle.query("forecast")
    said = [(step["on"], step["event"]) for step in found["steps"]]
    assert {"retirement_age_reached", "coverage_ended"} <= {event for _, event in said}
    ordered = [
        sorted(f"{letter['audience']}/{letter['template']}" for letter in step["letters"])
        for step in found["steps"]
    ]
    begun = len(await life.diary())
    for year in range(today.year, today.year + 7):
        await life.reach(date(year, 12, 31))
    lived = (await life.diary())[begun:]
    assert [(str(on), event) for on, event, _ in lived] == said
    assert [sorted(letters) for _, _, letters in lived] == ordered
    later = await life.handle.query("forecast")
    assert (later["steps"], later["cover"]) == ([], [])
    assert later["as_of"] > said[-1][0]
