"""B1, B2: what somebody may have on a day, and why, by tables; and as it is read out."""

from datetime import date

import pytest

from activities.payments.benefits import benefits_of_person
from schemas.membership.benefits import Life, Month, Why, benefited
from schemas.shared.vocabulary import Category, Language, Outcome
from tests.builders import BOOK, rulebook
from tests.dues.lives import becomes, draws, ends, hides, leave, life
from tests.dues.making import SINCE, joins
from tests.payments.test_paid_months import pay_for
from workers.cli.membership.benefit_words import told

MEMBER = "membership-5f0c2f4e-0d4b-4d5e-9a0e-7d1f4f6f0001"
ON = date(2027, 1, 15)


def months(paid, unpaid=0, ahead=12, state=Month.UNPAID):
    """Return months until January 2027, the unpaid ones last, and so many to come."""
    at, found = (2027, 1), {}
    for place in range(paid + unpaid):
        year, month = divmod(at[0] * 12 + at[1] - 1 - place, 12)
        found[date(year, month + 1, 1)] = Month.UNPAID if place < unpaid else Month.PAID
    for place in range(1, ahead + 1):
        year, month = divmod(at[0] * 12 + at[1] - 1 + place, 12)
        found[date(year, month + 1, 1)] = state
    return found


def may(facts, known=None, on=ON, book=BOOK, died=False, **more):
    """Return what somebody with one membership may have."""
    known = months(12) if known is None else known
    return benefited(MEMBER, [Life(facts=facts, **more)], known, book, on, died=died)


def helped(found):
    """Return which kinds of help are open."""
    return [answer.name for answer in found.help if answer.open]


def why(found, name):
    """Return whether a benefit is open, and why."""
    (answer,) = [one for one in (*found.benefits, *found.help) if one.name == name]
    return answer.open, answer.why


ALL = ["help", "casework", "lawyer", "court"]


@pytest.mark.parametrize(
    ("facts", "opens", "reason"),
    [
        (life(since=SINCE), ALL, Why.PAID_MONTHS),
        (life(since=SINCE, category=Category.APPRENTICE, employer=None), ALL, Why.PAID_MONTHS),
        (life(draws(date(2026, 12, 1)), since=SINCE, born=date(1964, 1, 1)), ALL, Why.PAID_MONTHS),
        # S19: a pensioner has help in private matters, and S13 lists none for a student.
        (life(draws(date(2026, 12, 1)), since=SINCE, born=date(1955, 3, 8)), [],
         Why.NOT_OF_CATEGORY),
        (life(becomes(date(2026, 12, 1), Category.STUDENT), since=SINCE), [], Why.NOT_OF_CATEGORY),
        (life(hides(date(2026, 12, 1)), since=SINCE), ALL, Why.PAID_MONTHS),  # S34
        (life(leave(date(2027, 1, 1), date(2027, 6, 30)), since=SINCE), ALL, Why.PAID_MONTHS),
        (life(ends(date(2027, 1, 15)), since=SINCE), [], Why.LEFT),  # A29: over on the day
        (life(ends(date(2027, 1, 16)), since=SINCE), ALL, Why.PAID_MONTHS),  # on its last day
        (life(ends(date(2026, 12, 9), Outcome.STRUCK_OFF), since=SINCE), [], Why.LEFT),
        (life(ends(date(2026, 12, 9), Outcome.DECEASED), since=SINCE), [], Why.DIED),
        (life(since=date(2027, 1, 16)), [], Why.NOT_YET_MEMBER),
    ],
    ids=["ordinary", "apprentice", "early-pensioner", "pensioner", "student", "hidden", "on-leave",
         "left", "last-day", "struck-off", "dead", "not-yet"],
)  # fmt: skip
def test_who_may_get_help_with_twelve_paid_months(facts, opens, reason):
    """Help goes by the category of the day, while somebody is a member (B1, B2, S34, A29, L7)."""
    found = may(facts)
    assert helped(found) == opens
    assert {answer.why for answer in found.help} == {reason}
    assert found.paid == 12


@pytest.mark.parametrize(
    ("paid", "unpaid", "kind", "missing", "opens_with"),
    [
        # 1 of 3: two are missing, and November and December are unpaid.
        (1, 3, "casework", 2, [date(2026, 11, 1), date(2026, 12, 1)]),
        # 1 of 6: five are missing: November to January, then February and March.
        (1, 3, "lawyer", 5, [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1),
                             date(2027, 2, 1), date(2027, 3, 1)]),
        # 5 of 6: this month's is unpaid, and opens it.
        (5, 1, "lawyer", 1, [date(2027, 1, 1)]),
        # 11 of 12, all paid so far: the next one.
        (11, 0, "court", 1, [date(2027, 2, 1)]),
        (0, 1, "help", 1, [date(2027, 1, 1)]),
    ],
)  # fmt: skip
def test_what_is_missing_and_what_would_open_it(paid, unpaid, kind, missing, opens_with):
    """Unpaid months first, the oldest of them, then those to come (B2)."""
    found = may(life(since=date(2024, 1, 2)), months(paid, unpaid))
    (answer,) = [one for one in found.help if one.name == kind]
    assert (answer.open, answer.why, answer.missing) == (False, Why.MONTHS_MISSING, missing)
    assert list(answer.opens_with) == opens_with


def test_months_that_never_come_open_nothing():
    """Resigned to the end of February, or on a leave whose months do not count (A29, L4)."""
    leaving = may(life(ends(date(2027, 3, 1)), since=SINCE), months(2, 0, ahead=1))
    (court,) = [one for one in leaving.help if one.name == "court"]
    assert (court.missing, court.opens_with) == (10, ())
    assert (leaving.ends, leaving.outcome) == (date(2027, 2, 28), Outcome.RESIGNED)
    waived = months(2, 0, ahead=12, state=Month.WAIVED_NOT_COUNTED)
    (casework,) = [one for one in may(life(since=SINCE), waived).help if one.name == "casework"]
    assert (casework.missing, casework.opens_with) == (1, ())


@pytest.mark.parametrize(
    ("facts", "more", "name", "answer"),
    [
        (life(since=SINCE), {}, "collective_agreement", (True, Why.OF_CATEGORY)),
        (life(since=SINCE, hidden=True), {}, "collective_agreement", (False, Why.HIDDEN)),
        (life(since=SINCE), {"hiding": True}, "branch", (False, Why.HIDDEN)),  # invariant 12
        (life(since=SINCE, hidden=True), {}, "legal_help", (True, Why.OF_CATEGORY)),
        (life(since=SINCE), {}, "insurance_package", (True, Why.OF_CATEGORY)),
        (life(since=SINCE), {"reserved": True}, "insurance_package", (False, Why.RESERVED)),
        (life(since=SINCE), {"reserved": True}, "life_and_accident_insurance",
         (True, Why.OF_CATEGORY)),  # S11
        # A17: born in 1959, 67 in 2026: life, the last coverage, ended with that year.
        (life(since=SINCE, born=date(1959, 5, 1)), {}, "insurance_package", (False, Why.AGE)),
        (life(since=SINCE, born=date(2010, 5, 1)), {"guardian": False}, "insurance_package",
         (False, Why.GUARDIAN)),  # A38
        (life(since=SINCE, born=date(2010, 5, 1)), {}, "insurance_package",
         (True, Why.OF_CATEGORY)),
        (life(since=SINCE, category=Category.APPRENTICE), {}, "education_support",
         (False, Why.NOT_OF_CATEGORY)),  # S15
        (life(since=SINCE, category=Category.PENSIONER, born=date(1955, 3, 8), employer=None), {},
         "funeral_contribution", (True, Why.OF_CATEGORY)),  # S19
    ],
)  # fmt: skip
def test_each_benefit_has_its_reason(facts, more, name, answer):
    """By the category's rows, less what hiding, age, a reservation or a minor's age takes (B1)."""
    assert why(may(facts, **more), name) == answer


def test_an_apprentice_whom_the_package_is_closed_to():
    """By policy; age has nothing to do with it (A7)."""
    book = rulebook(apprentice_insurance="excluded")
    facts = life(since=SINCE, category=Category.APPRENTICE)
    assert why(may(facts, book=book), "insurance_package") == (False, Why.NOT_OF_CATEGORY)


def test_the_membership_of_the_day_decides():
    """Struck off in 2026, back since May 2027: the paid months of both count (B2)."""
    first = Life(facts=life(ends(date(2026, 12, 9), Outcome.STRUCK_OFF), since=SINCE))
    second = Life(facts=life(since=date(2027, 5, 3)))
    known = {date(2026, 10, 1): Month.PAID, date(2026, 11, 1): Month.PAID,
             date(2026, 12, 1): Month.UNPAID, date(2027, 5, 1): Month.PAID}  # fmt: skip
    between = benefited(MEMBER, [first, second], known, BOOK, date(2027, 4, 30))
    assert (between.category, between.outcome, between.paid) == (None, Outcome.STRUCK_OFF, 2)
    back = benefited(MEMBER, [first, second], known, BOOK, date(2027, 5, 31))
    assert (helped(back), back.paid) == (["help", "casework"], 3)
    assert back.unpaid == (date(2026, 12, 1),)


def test_it_is_read_out_in_each_language():
    """Hidden, one month paid, three not: what is open, what is missing, and what opens it."""
    found = may(life(since=date(2024, 1, 2), hidden=True), months(1, 3))
    found = found.model_copy(update={"owed_ore": 148500, "owed_months": 3})
    english = list(told(found, Language.EN))
    assert english[0] == "A member on 15\u00a0January\u00a02027: ordinary member."
    assert english[1].startswith("A hidden member: help against the own employer needs")
    assert english[2].startswith("Owes NOK\u00a01,485.00 for 3 mo.")
    assert english[3:6] == [
        "Fully paid months: 1 (1 paid).",
        "3 do not count: 3 not paid.",
        "Help in a case:",
    ]
    assert english[6] == "- help in a case: yes, paid months needed: 1."
    assert english[7] == (
        "- casework: no, 2 of 3 paid months are missing; opens once these are paid: "
        "November 2026, December 2026."
    )
    assert english[8] == (
        "- a lawyer: no, 5 of 6 paid months are missing; in March 2027 at the earliest, if all "
        "is paid from now on."
    )
    norwegian = list(told(found, Language.NB))
    assert norwegian[7] == (
        "- saksbehandling: nei, 2 av 3 betalte måneder mangler; åpnes når dette er betalt: "
        "november 2026, desember 2026."
    )
    assert "- bankavtalen: ja, hører til medlemskapet som yrkesaktiv." in norwegian
    nynorsk = list(told(found, Language.NN))
    assert len(nynorsk) == len(norwegian) == len(english)
    dead = may(life(ends(date(2026, 12, 9), Outcome.DECEASED), since=SINCE))
    assert list(told(dead, Language.NB))[1] == "Registrert som død."
    elsewhere = may(life(since=SINCE), died=True)
    assert (helped(elsewhere), elsewhere.outcome) == ([], Outcome.DECEASED)
    left = may(life(ends(date(2026, 12, 9)), since=SINCE))
    assert "utmelding" in list(told(left, Language.NN))[1]


async def test_it_is_read_from_the_books(persistence, pool):
    """October paid, November to January not: help is open; half a year on, not yet a lawyer."""
    member = await joins(persistence)
    await pay_for(pool, member, date(2026, 10, 1))
    async with pool.acquire() as connection:
        found = await benefits_of_person(connection, member, BOOK, ON, today=ON)
        nobody = await benefits_of_person(connection, MEMBER, BOOK, ON, today=ON)
    assert found is not None
    assert nobody is None
    # joins() records no insurance standing, as an older decision did not.
    assert (helped(found), found.paid, len(found.unpaid)) == (["help"], 1, 3)
    (lawyer,) = [one for one in found.help if one.name == "lawyer"]
    # One is paid, five are missing: November to January, February and March.
    assert (lawyer.missing, lawyer.opens_with[-1]) == (5, date(2027, 3, 1))
    assert (found.owed_ore, found.owed_months) == (0, 0)
