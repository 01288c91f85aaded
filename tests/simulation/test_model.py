"""The page of arithmetic against the worked examples of docs/rules.md, and stories that shrink."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.simulation.leading import shrunk
from tests.simulation.model import CENTRAL, LOCAL, PREMIUM, Fact, Known, Life, Prices
from tests.simulation.stories import Author, Told

PRICES = Prices(49500, 20000, {"OSLO": (5000, False), "BERGEN": (4500, True)})
JANUARY = date(2027, 1, 1)


def member(*facts: Fact, **known) -> Known:
    """Somebody who was approved on 2 January 2027, with full-time work unless told."""
    usual = {"born": date(1986, 4, 12), "since": date(2027, 1, 2), "category": "ordinary"}
    return Known(**{**usual, "percent": 100.0, **known}, facts=list(facts))


def month(known: Known, number: int, year: int = 2027) -> dict[str, int]:
    """What is owed for a month, in øre by kind."""
    day = date(year, number, 1)
    return {kind: ore for (_, kind), ore in Life(known, lambda _: PRICES).owed(day, day).items()}


def told(on: date, what: str, **said) -> Fact:
    """Something that was told on a day and taken in."""
    return Fact(on, what, said)


@pytest.mark.parametrize(
    ("known", "number", "owed"),
    [
        # S2, S4: 495.00 and Oslo's 50.00; A3: at 40 % Bergen's 45.00 is halved with 495.00.
        (member(branch="OSLO"), 1, {CENTRAL: 49500, LOCAL: 5000}),
        (member(branch="BERGEN", percent=40.0), 1, {CENTRAL: 24750, LOCAL: 2250}),
        # S5: 50 is half, 50.01 is full. S33: hidden, no local dues.
        (member(percent=50.0), 2, {CENTRAL: 24750}),
        (member(percent=50.01), 2, {CENTRAL: 49500}),
        (member(branch="OSLO", hidden=True), 2, {CENTRAL: 49500}),
        # S12, A13: 300.00 whole, once. S14: nothing. S21: 123.75.
        (member(category="student", percent=None), 1, {CENTRAL: 30000}),
        (member(category="student", percent=None), 2, {}),
        (member(category="apprentice", percent=None), 1, {}),
        (
            member(category="early_pensioner", percent=None, pension=True, born=date(1964, 1, 5)),
            3,
            {CENTRAL: 12375},
        ),
        # A12, A13: 67 on 12 April, so 123.75 for April, 600.00 x 8 / 12 = 400.00 in May.
        *(
            (
                member(
                    category="early_pensioner", percent=None, pension=True, born=date(1960, 4, 12)
                ),
                number,
                {CENTRAL: ore},
            )
            for number, ore in ((4, 12375), (5, 40000))
        ),
    ],
)
def test_what_a_month_costs(known, number, owed):
    """Each category, by its rule."""
    assert month(known, number) == owed


def test_what_is_told_late_reaches_three_months_back():
    """A31: half since 1 January, told on 10 May, is half from 1 February."""
    half = told(date(2027, 5, 10), "change_employment", effective_on=JANUARY, position_percent="40")
    known = member(half, since=date(2026, 12, 1))
    owed = [month(known, number)[CENTRAL] for number in (1, 2, 5)]
    assert owed == [49500, 24750, 24750]


def test_the_window_and_what_ends_a_cover():
    """A18, A21: noticed on 2 January, covered from 2 February, so a premium from March."""
    noticed = told(date(2027, 1, 2), "noticed")
    assert [PREMIUM in month(member(noticed), number) for number in (2, 3)] == [False, True]
    late = told(date(2027, 6, 5), "reserve_insurance", received_on=date(2027, 6, 5))
    ended = member(noticed, late)
    assert [PREMIUM in month(ended, number) for number in (6, 7)] == [True, False]
    in_time = told(date(2027, 12, 5), "reserve_insurance", received_on=date(2027, 1, 20))
    assert PREMIUM not in month(member(noticed, in_time), 4)


def test_how_a_membership_ends():
    """A29: received on 10 March, April is the last month. L7: after a death its own month is."""
    left = member(told(date(2027, 3, 10), "resign", received_on=date(2027, 3, 10)))
    assert [bool(month(left, number)) for number in (4, 5)] == [True, False]
    died = member(told(date(2029, 1, 1), "record_death", died_on=date(2027, 3, 3)))
    assert [bool(month(died, number)) for number in (3, 4)] == [True, False]


def test_a_waiver_costs_a_quarter_and_rests_the_local_dues():
    """A36: laid off from 1 March to 31 August, 123.75; back at 60 % on 1 June, 495.00."""
    away = {"from_on": date(2027, 3, 1), "until_on": date(2027, 8, 31), "kind": "laid_off"}
    waived = member(told(date(2027, 3, 1), "grant_leave", **away), branch="OSLO")
    assert month(waived, 8) == {CENTRAL: 12375}
    assert month(waived, 9) == {CENTRAL: 49500, LOCAL: 5000}
    back = told(
        date(2027, 6, 1), "change_employment", effective_on=date(2027, 6, 1), position_percent="60"
    )
    waived.facts.append(back)
    assert month(waived, 6)[CENTRAL] == 49500


def test_the_same_seed_is_the_same_lives():
    """Lives can be had again, and more than one kind is among them."""
    first, again = (Author(7, JANUARY, 10).write(120) for _ in range(2))
    assert first == again
    assert len({story.form["category"] for story in first}) == 5
    assert len({story.membership_id for story in first}) == 120


async def test_a_story_is_shrunk_to_what_still_fails():
    """Of twenty messages the two that matter are left, in their order."""
    story = Author(7, JANUARY, 10).write(1)[0]
    told = tuple(
        Told(JANUARY + timedelta(days=nth), "change_employment", {"nth": nth}) for nth in range(20)
    )

    async def fails(tried):
        return {3, 17} <= {one.said["nth"] for one in tried.told}

    short = await shrunk(replace(story, told=told), fails)
    assert [one.said["nth"] for one in short.told] == [3, 17]
