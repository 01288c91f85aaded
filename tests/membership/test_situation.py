"""What holds for a member on a day: the notices folded in the order of their dates."""

from datetime import date

import pytest

from schemas.membership.situation import (
    change_days,
    charged_from,
    ending,
    last_month,
    situation_on,
    whole_month,
)
from schemas.shared.vocabulary import Category, Outcome, PensionKind
from tests.builders import BOOK, TODAY, rulebook
from tests.dues.lives import (
    APRIL,
    FEBRUARY,
    JANUARY,
    MARCH,
    MAY,
    A,
    B,
    becomes,
    draws,
    ends,
    hides,
    leave,
    life,
    retired_life,
    works,
)

ORDINARY, STUDENT, APPRENTICE = Category.ORDINARY, Category.STUDENT, Category.APPRENTICE
EARLY, PENSIONER = Category.EARLY_PENSIONER, Category.PENSIONER
AFP, OLD_AGE = PensionKind.AFP, PensionKind.OLD_AGE
LONG_AFTER = date(2029, 1, 1)


def told(facts, on=LONG_AFTER, book=BOOK) -> str:
    """Return a situation in one line: category, percentage, employer, pension."""
    s = situation_on(facts, book, on)
    employer = {A: "A", B: "B", None: "-"}[s.employer.orgnr if s.employer else None]
    percent = "?" if s.position_percent is None else f"{s.position_percent}%"
    return f"{s.category} {percent} {employer} {s.pension or '-'}"


NEARLY_65 = date(1962, 2, 10)
"""Turns 65 on 10 February 2027, and 67 on 10 February 2029."""


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(life(), "ordinary 100% A -", id="nothing-happened"),
        pytest.param(life(works(MARCH, "50")), "ordinary 50% A -", id="A5-percentage"),
        pytest.param(life(works(MARCH, employer=B)), "ordinary 100% B -", id="employer"),
        pytest.param(life(works(MARCH, "60", B)), "ordinary 60% B -", id="both"),
        pytest.param(life(works(MARCH, "0")), "ordinary 0% A -", id="A5-no-work-is-no-half"),
        pytest.param(
            life(works(MARCH, "0"), works(APRIL, employer=B)),
            "ordinary ? B -",
            id="an-employer-named-after-no-work",
        ),
        pytest.param(
            life(works(MARCH, "40"), works(MARCH, employer=B)),
            "ordinary 40% B -",
            id="two-words-about-one-job-add-up",
        ),
        pytest.param(
            life(works(MARCH, "40"), works(MARCH, "60")), "ordinary 60% A -", id="a-correction"
        ),
        pytest.param(
            life(works(APRIL, "60"), works(MARCH, "40")), "ordinary 60% A -", id="dates-not-order"
        ),
        # Education and apprenticeship
        pytest.param(
            life(becomes(MARCH, ORDINARY), category=STUDENT, percent=None, employer=None),
            "ordinary ? - -",
            id="S17-student-to-ordinary",
        ),
        pytest.param(
            life(becomes(MARCH, ORDINARY), category=APPRENTICE), "ordinary 100% A -", id="A9"
        ),
        pytest.param(
            life(works(MARCH, "40", B), category=STUDENT, percent=None, employer=None),
            "student 40% B -",
            id="S17-work-converts-no-student",
        ),
        pytest.param(
            life(works(MARCH, "0"), category=APPRENTICE), "apprentice 0% A -", id="A9-no-silent-495"
        ),
        pytest.param(
            life(draws(MARCH, "40"), category=APPRENTICE),
            "apprentice 40% A afp",
            id="S17-a-pension-beside-an-apprenticeship-converts-nobody",
        ),
        pytest.param(
            life(draws(MARCH), category=STUDENT, born=NEARLY_65),
            "early_pensioner ? - afp",
            id="a-student-retires",
        ),
        # Pensions
        pytest.param(
            life(draws(MARCH), born=NEARLY_65), "early_pensioner ? - afp", id="S21-under-67"
        ),
        pytest.param(
            life(draws(MARCH, kind=OLD_AGE), born=date(1958, 1, 1)),
            "pensioner ? - old_age",
            id="S18-over-67",
        ),
        pytest.param(
            life(draws(MARCH, "60"), born=NEARLY_65), "ordinary 60% A afp", id="A16-works-on"
        ),
        pytest.param(
            life(draws(MARCH, "60"), works(APRIL, "0"), born=NEARLY_65),
            "early_pensioner ? - afp",
            id="A16-and-stops",
        ),
        pytest.param(
            life(works(MARCH, "0"), draws(APRIL), born=NEARLY_65),
            "early_pensioner ? - afp",
            id="work-ends-before-the-pension",
        ),
        pytest.param(
            life(draws(MARCH), works(APRIL, "80", B), born=NEARLY_65),
            "ordinary 80% B afp",
            id="S22-back-to-work",
        ),
        pytest.param(
            life(draws(MARCH), works(APRIL, "30"), born=NEARLY_65),
            "ordinary 30% - afp",
            id="A28-back-to-work-somewhere",
        ),
        pytest.param(
            life(draws(MARCH), works(MARCH, "30"), born=NEARLY_65),
            "ordinary 30% - afp",
            id="A16-work-has-the-last-word-on-a-day",
        ),
        pytest.param(
            life(works(MARCH, "30"), draws(MARCH), born=NEARLY_65),
            "ordinary 30% - afp",
            id="A16-in-either-order",
        ),
        pytest.param(
            life(draws(MARCH), works(APRIL, branch="OSLO"), born=NEARLY_65),
            "early_pensioner ? - afp",
            id="a-branch-is-no-work",
        ),
        pytest.param(
            life(draws(MARCH), draws(MARCH, "60"), born=NEARLY_65),
            "ordinary 60% A afp",
            id="a-corrected-pension-leaves-no-trace",
        ),
        pytest.param(
            life(becomes(MARCH, EARLY), becomes(MARCH, ORDINARY), born=NEARLY_65),
            "ordinary 100% A -",
            id="a-corrected-category-leaves-no-trace",
        ),
        pytest.param(
            life(becomes(MARCH, EARLY), born=NEARLY_65),
            "early_pensioner ? - old_age",
            id="S21-by-a-caseworkers-word",
        ),
        pytest.param(
            life(becomes(MARCH, ORDINARY), becomes(MARCH, EARLY), draws(MARCH), born=NEARLY_65),
            "early_pensioner ? - afp",
            id="the-pension-names-its-kind",
        ),
        pytest.param(
            retired_life(born=NEARLY_65), "early_pensioner ? - afp", id="joined-with-a-pension"
        ),
        pytest.param(
            retired_life(born=NEARLY_65, pension=None),
            "early_pensioner ? - old_age",
            id="A25-joined-retired-by-a-caseworkers-word",
        ),
        pytest.param(
            retired_life(works(MARCH, "50", B), works(APRIL, "0"), born=NEARLY_65, pension=None),
            "early_pensioner ? - old_age",
            id="A25-and-works-for-a-month",
        ),
        pytest.param(
            retired_life(works(MARCH, "0"), born=NEARLY_65),
            "early_pensioner ? - afp",
            id="no-work-of-somebody-retired",
        ),
        pytest.param(
            retired_life(works(MARCH, employer=B), born=NEARLY_65),
            "ordinary ? B afp",
            id="an-employer-of-somebody-retired",
        ),
        pytest.param(
            retired_life(becomes(MARCH, STUDENT), works(APRIL, "0"), born=NEARLY_65),
            "student 0% - afp",
            id="a-student-with-a-pension",
        ),
    ],
)
def test_who_somebody_is(facts, expected):
    """Category, job and pension follow from the notices (L2, A5, A14, A16, S17, S22)."""
    assert told(facts, date(2027, 5, 1)) == expected


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2029, 2, 9), "early_pensioner ? - afp"),
        (date(2029, 2, 10), "pensioner ? - afp"),
    ],
)
def test_an_early_pensioner_turns_67(on, expected):
    """By the birthday alone, no notice needed (A12, A14, S18, S21)."""
    assert told(life(draws(MARCH), born=NEARLY_65), on) == expected


def test_who_works_past_67_stays_ordinary():
    """Asked, but never converted (A14, S22)."""
    assert told(life(born=NEARLY_65), date(2040, 1, 1)) == "ordinary 100% A -"


def test_the_retirement_age_is_configuration():
    """At 70, somebody of 67 is an early pensioner."""
    facts = life(draws(MARCH), born=NEARLY_65)
    book = rulebook(retirement_age=70)
    assert told(facts, date(2032, 2, 9), book) == "early_pensioner ? - afp"
    assert told(facts, date(2032, 2, 10), book) == "pensioner ? - afp"


@pytest.mark.parametrize(
    ("on", "percent"),
    [(date(2027, 2, 28), 100), (MARCH, 50), (date(2027, 3, 31), 50), (APRIL, 60)],
)
def test_a_notice_is_true_from_its_day(on, percent):
    """Not the day before (A6)."""
    facts = life(works(MARCH, "50"), works(APRIL, "60"))
    assert situation_on(facts, BOOK, on).position_percent == percent


def test_notices_of_the_first_day_count():
    """What is true from the approval on is true on its day."""
    assert situation_on(life(works(TODAY, "50")), BOOK, TODAY).position_percent == 50


@pytest.mark.parametrize(
    ("month", "percent"),
    [(date(2026, 12, 1), 100), (JANUARY, 50), (FEBRUARY, 50)],
)
def test_what_was_learned_too_late_leaves_old_months_alone(month, percent):
    """Learned in April: known for January on, three months back (A31)."""
    facts = life(works(date(2026, 12, 1), "50", recorded=date(2027, 4, 20)))
    now = situation_on(facts, BOOK, month, known_for=month)
    assert now.position_percent == percent
    assert situation_on(facts, BOOK, month).position_percent == 50


LEAVE = leave(FEBRUARY, date(2027, 3, 31))


@pytest.mark.parametrize(
    ("notices", "days"),
    [
        pytest.param([LEAVE], {FEBRUARY, MARCH, date(2027, 3, 31)}, id="until-is-its-last-day"),
        pytest.param(
            [LEAVE, leave(FEBRUARY, date(2027, 2, 28))], {FEBRUARY}, id="shortened-by-a-correction"
        ),
        pytest.param(
            [leave(FEBRUARY, date(2027, 2, 28)), LEAVE],
            {FEBRUARY, MARCH, date(2027, 3, 31)},
            id="prolonged-by-a-correction",
        ),
        pytest.param(
            [LEAVE, leave(MARCH, date(2027, 3, 2))],
            {FEBRUARY, MARCH, date(2027, 3, 31)},
            id="one-inside-another",
        ),
        pytest.param(
            [leave(FEBRUARY, FEBRUARY), leave(MARCH, MARCH)], {FEBRUARY, MARCH}, id="of-one-day"
        ),
    ],
)
def test_days_of_leave(notices, days):
    """Each leave covers its days, both ends included (L4)."""
    asked = {TODAY, JANUARY, FEBRUARY, MARCH, date(2027, 3, 31), APRIL}
    facts = life(*notices)
    assert {day for day in asked if situation_on(facts, BOOK, day).on_leave} == days


@pytest.mark.parametrize(
    ("facts", "hidden", "branch", "home"),
    [
        pytest.param(life(branch="OSLO"), False, "OSLO", "OSLO", id="open"),
        pytest.param(life(hides(MARCH), branch="OSLO"), True, None, "OSLO", id="S33-hidden"),
        pytest.param(
            life(hides(FEBRUARY), hides(MARCH, False), branch="OSLO"),
            False,
            "OSLO",
            "OSLO",
            id="S35-back-to-the-branch-of-before",
        ),
        pytest.param(
            life(hides(MARCH, False, "BERGEN"), hidden=True),
            False,
            "BERGEN",
            "BERGEN",
            id="S35-to-a-branch-that-is-named",
        ),
        pytest.param(
            life(works(FEBRUARY, branch="BERGEN"), branch="OSLO"),
            False,
            "BERGEN",
            "BERGEN",
            id="another-branch",
        ),
        pytest.param(
            life(hides(FEBRUARY), works(MARCH, "100", B), branch="OSLO"),
            True,
            None,
            "OSLO",
            id="S33-another-job-in-hiding",
        ),
        pytest.param(
            life(hides(MARCH), hides(MARCH, False), branch="OSLO"),
            False,
            "OSLO",
            "OSLO",
            id="a-correction",
        ),
    ],
)
def test_flag_and_branch(facts, hidden, branch, home):
    """A hidden member has no branch, and comes back to the last one named (S33, S35)."""
    now = situation_on(facts, BOOK, MAY)
    assert (now.hidden, now.branch, now.home_branch) == (hidden, branch, home)


@pytest.mark.parametrize(
    ("facts", "employer"),
    [
        pytest.param(life(), A, id="A20"),
        pytest.param(life(employer=None), None, id="A28-no-employer"),
        pytest.param(life(hidden=True), None, id="A23-hidden"),
        pytest.param(life(leave(MARCH, MAY)), None, id="leave"),
        pytest.param(life(works(MARCH, "0")), None, id="no-work"),
        pytest.param(life(percent=None), A, id="percentage-unknown"),
        pytest.param(life(category=STUDENT), None, id="S12-student"),
        pytest.param(life(category=APPRENTICE), None, id="S14-apprentice"),
        pytest.param(life(draws(MARCH)), None, id="retired"),
        pytest.param(life(draws(MARCH, "20")), A, id="A16-works-beside"),
        pytest.param(life(works(MARCH, employer=B)), B, id="the-next"),
    ],
)
def test_who_may_deduct(facts, employer):
    """Only the employer of an open ordinary member at work (A20, A23, A28, D1)."""
    assert situation_on(facts, BOOK, MAY).deducting == employer


def test_the_last_day_of_a_study():
    """It goes with the category, and is gone with it (S17, A9)."""
    summer = date(2027, 6, 15)
    facts = life(becomes(FEBRUARY, STUDENT, summer), becomes(APRIL, ORDINARY), category=APPRENTICE)
    assert situation_on(facts, BOOK, MARCH).ends_on == summer
    assert situation_on(facts, BOOK, APRIL).ends_on is None
    learns = life(draws(MARCH, "20"), category=APPRENTICE, ends_on=summer)
    assert situation_on(learns, BOOK, APRIL).ends_on == summer


@pytest.mark.parametrize(
    ("recorded", "month"),
    [
        (date(2027, 4, 1), JANUARY),
        (date(2027, 4, 30), JANUARY),
        (date(2027, 3, 31), date(2026, 12, 1)),
        (date(2027, 1, 1), date(2026, 10, 1)),
    ],
)
def test_charged_from(recorded, month):
    """Three months before the month it was learned in (A31)."""
    assert charged_from(works(TODAY, "50", recorded=recorded), BOOK) == month


def test_how_far_back_is_configuration():
    """At 0 nothing is charged back (A31)."""
    notice = works(TODAY, "50", recorded=date(2027, 4, 20))
    assert charged_from(notice, rulebook(back_months=0)) == APRIL


@pytest.mark.parametrize(
    ("day", "month"),
    [
        (date(2027, 2, 1), FEBRUARY),
        (date(2027, 2, 2), MARCH),
        (date(2027, 2, 28), MARCH),
        (date(2026, 12, 2), JANUARY),
    ],
)
def test_whole_month(day, month):
    """From the next month; a change on the first from that month (A6, A12)."""
    assert whole_month(day) == month


RESIGNED = ends(MARCH)
DIED = ends(date(2027, 2, 11), Outcome.DECEASED)


@pytest.mark.parametrize(
    ("notices", "month"),
    [
        pytest.param([], None, id="none"),
        pytest.param([works(MARCH, "50")], None, id="a-change-is-no-end"),
        pytest.param([RESIGNED], MARCH, id="A29-on-the-first"),
        pytest.param([DIED], MARCH, id="the-month-of-the-end-is-charged-whole"),
        pytest.param([ends(APRIL), DIED], MARCH, id="the-earlier-one"),
        pytest.param([ends(TODAY)], date(2026, 12, 1), id="A19-the-first-month-stands"),
        # Learned on 20 June: what was charged before March stands.
        pytest.param([ends(JANUARY, recorded=date(2027, 6, 20))], MARCH, id="A31-late"),
        pytest.param(
            [ends(JANUARY, Outcome.STRUCK_OFF, recorded=date(2027, 6, 20))],
            MARCH,
            id="A31-struck-off-late",
        ),
        # Ended in March; that it should have been February was learned in August: too late.
        pytest.param(
            [RESIGNED, ends(FEBRUARY, recorded=date(2027, 8, 2))],
            MARCH,
            id="A31-an-earlier-end-learned-too-late",
        ),
        # Whoever has died owes nothing after it, whenever it is learned.
        pytest.param(
            [ends(JANUARY, Outcome.DECEASED, recorded=date(2029, 6, 20))],
            JANUARY,
            id="A31-a-death-learned-years-late",
        ),
        pytest.param(
            [RESIGNED, ends(FEBRUARY, Outcome.DECEASED, recorded=date(2027, 8, 2))],
            FEBRUARY,
            id="A31-a-death-before-the-end",
        ),
    ],
)
def test_last_month(notices, month):
    """The first month that is no longer charged (A19, A29, A30, A31)."""
    assert last_month(life(*notices), BOOK) == month


@pytest.mark.parametrize("since", [date(2026, 11, 1), date(2026, 11, 30)])
def test_the_first_month_is_charged_whole(since):
    """Whatever day of it somebody joined and left on (A19)."""
    assert last_month(life(ends(since), since=since), BOOK) == date(2026, 12, 1)


def test_the_earlier_end_counts():
    """And of one day the one that weighs least: a resignation before arrears and death (A29)."""
    arrears, death = ends(MARCH, Outcome.STRUCK_OFF), ends(MARCH, Outcome.DECEASED)
    assert ending(life()) is None
    assert ending(life(works(MARCH, "50"), RESIGNED, DIED)).outcome is Outcome.DECEASED
    assert ending(life(death, arrears, RESIGNED)).outcome is Outcome.RESIGNED
    assert ending(life(death, arrears)).outcome is Outcome.STRUCK_OFF


@pytest.mark.parametrize(
    ("facts", "days"),
    [
        pytest.param(life(), [date(2053, 4, 12)], id="S18-the-67th-birthday"),
        pytest.param(
            life(works(MARCH, "50"), leave(FEBRUARY, date(2027, 2, 20))),
            [FEBRUARY, date(2027, 2, 21), MARCH, date(2053, 4, 12)],
            id="notices-and-the-day-after-a-leave",
        ),
        pytest.param(
            life(leave(FEBRUARY, date(2027, 2, 20)), leave(FEBRUARY, date(2027, 2, 25))),
            [FEBRUARY, date(2027, 2, 26), date(2053, 4, 12)],
            id="a-corrected-leave",
        ),
        pytest.param(life(works(TODAY, "50")), [date(2053, 4, 12)], id="not-the-first-day"),
        pytest.param(life(born=date(1950, 1, 1)), [], id="67-already"),
        pytest.param(life(born=date(1960, 2, 29)), [MARCH], id="A32"),
    ],
)
def test_change_days(facts, days):
    """Every day on which something may become another (L1, A32)."""
    assert change_days(facts, BOOK) == days


def test_every_retirement_age_the_rulebook_knows_is_a_day_of_change():
    """A new age holds from its day on, and its birthday is not missed."""
    earlier = BOOK.policies[0]
    later = earlier.model_copy(update={"valid_from": date(2030, 1, 1), "retirement_age": 70})
    book = BOOK.model_copy(update={"policies": (earlier, later)})
    assert change_days(life(), book) == [date(2053, 4, 12), date(2056, 4, 12)]
    facts = life(draws(date(2050, 1, 1)))
    assert told(facts, date(2053, 4, 12), book) == "early_pensioner ? - afp"
    assert told(facts, date(2056, 4, 12), book) == "pensioner ? - afp"
