"""What people are shown is what the membership will pay, whatever it still knows asleep."""

from asyncio import to_thread
from datetime import date

import pytest
from rich.console import Console

from schemas.dues.plan import plan_terms
from schemas.pricing.rulebook import Rulebook
from schemas.shared.vocabulary import Category, LineKind
from tests.builders import BOOK, member, rates, rulebook
from tests.clock import today
from tests.commands import Ran, run
from tests.dues.lives import becomes, leave, life
from tests.pricing.test_command import command_on
from workers.cli.membership.show_view import ASLEEP, render_state
from workflows.membership.state import state_of

# 5 % and 10 % of twelve months, rounded up to ten kroner (S12, S18): of 495 300 and 600, of 520
# (6240: 312 and 624) 320 and 630, of 540 (6480: 324 and 648) 330 and 650.
DEARER = rulebook(
    rates=[rates("495"), rates("520", date(2027, 3, 1)), rates("540", date(2027, 7, 1))]
)
STUDENT, PENSIONER = Category.STUDENT, Category.PENSIONER
OLD = date(1950, 5, 1)


@pytest.mark.parametrize(
    ("since", "category", "notices", "fees"),
    [
        # Both prices come within a year that is paid for: the next one's fee is by the latest.
        (date(2026, 10, 14), PENSIONER, (), [(60000, "2026-10-01"), (65000, "2028-01-01")]),
        # A fee that begins after a price has it at once; and the next one with the next year.
        (date(2027, 5, 3), STUDENT, (), [(32000, "2027-05-01"), (33000, "2028-01-01")]),
        # A month of other dues between: what goes on in June is the fee that was charged before.
        (
            date(2027, 1, 5),
            STUDENT,
            (
                becomes(date(2027, 4, 1), Category.ORDINARY),
                becomes(date(2027, 6, 1), STUDENT),
            ),
            [(30000, "2027-01-01"), (30000, "2027-06-01"), (33000, "2028-01-01")],
        ),
        # Another fee within the year is priced by the month it begins, though a year has one fee
        # (A26) and it is charged in January alone; in the first one after, by its prices.
        (
            date(2027, 1, 5),
            STUDENT,
            (becomes(date(2027, 4, 10), PENSIONER),),
            [(30000, "2027-01-01"), (63000, "2027-05-01"), (65000, "2028-01-01")],
        ),
        # And so is the first kind when it comes again, for it is another fee in between.
        (
            date(2027, 1, 5),
            STUDENT,
            (becomes(date(2027, 4, 10), PENSIONER), becomes(date(2027, 8, 20), STUDENT)),
            [(30000, "2027-01-01"), (63000, "2027-05-01"), (33000, "2027-09-01")],
        ),
        # A fee rests on leave, and is the one that was charged before when it goes on (L4, A26).
        (
            date(2027, 1, 5),
            STUDENT,
            (leave(date(2027, 4, 1), date(2027, 8, 31)),),
            [(30000, "2027-01-01"), (30000, "2027-09-01"), (33000, "2028-01-01")],
        ),
    ],
)
def test_what_a_fee_is_said_to_come_to(since, category, notices, fees):
    """The price of the month that charges it, its first one or a January (S12, S18, A26)."""
    facts = life(*notices, born=OLD, since=since, category=category, percent=None, employer=None)
    found = [
        (term.amount_ore, f"{term.valid_from}")
        for term in plan_terms(facts, DEARER)
        if term.cadence == "yearly"
    ]
    assert found == fees


def test_half_dues_are_said_to_change_with_the_month_of_a_price():
    """495, 520 from March and 540 from July: half of each is 247.50, 260 and 270 (S2, S5, A2)."""
    half = plan_terms(life(since=date(2026, 10, 14), percent="50"), DEARER)
    assert [(term.amount_ore, term.valid_from) for term in half] == [
        (24750, date(2026, 10, 1)),
        (26000, date(2027, 3, 1)),
        (27000, date(2027, 7, 1)),
        # Whoever works past 67 pays full (A15).
        (54000, date(2053, 5, 1)),
    ]
    assert {term.kind for term in half} == {LineKind.CENTRAL_DUES}


def drawn(book: Rulebook, *, asleep: bool) -> str:
    """What `medlemsflyt show` draws of a member by prices."""
    console = Console(width=120)
    with console.capture() as captured:
        state = state_of(member().with_prices(book))
        console.print(render_state(state, "http://ui.example", asleep=asleep))
    return " ".join(captured.get().split())


def test_the_panel_says_when_the_membership_knows_older_prices():
    """540 from July, and a sentence; none where both agree."""
    assert "540.00" in drawn(DEARER, asleep=True)
    assert "takes the new ones up itself when it wakes" in drawn(DEARER, asleep=True)
    assert "540.00" not in drawn(BOOK, asleep=False)
    assert "wakes" not in drawn(BOOK, asleep=False)


async def test_people_see_the_prices_in_force_and_programs_the_contracts(hall, tmp_path):
    """A member who sleeps through a new price: `show`, `explain` and `forecast` have 520 at once.

    With --json each is what the membership answers, which knows 495 until it wakes.
    """
    life = await hall.joins()
    command_on(tmp_path, hall.address, hall.database_url)

    async def cli(query: str, *flags: str) -> Ran:
        return await to_thread(run, query, life.id, *flags, "--data", str(tmp_path))

    kept = {query: (await cli(query, "--json")).out for query in ("explain", "forecast")}
    await hall.approve(hall.change(full_central_ore=52000))
    for query in ("show", "explain", "forecast"):
        told = await cli(query)
        assert (told.code, told.err) == (0, ""), query
        assert "520.00" in told.out, query
        assert " ".join(ASLEEP.split()[-6:]) in " ".join(told.out.split()), query
    for query, answer in kept.items():
        assert (await cli(query, "--json")).out == answer
        assert "520.00" not in answer
    terms = (await cli("show", "--json")).json["terms"]
    assert {term["amount_ore"] for term in terms} == {49500}
    assert today() < hall.effective_on
