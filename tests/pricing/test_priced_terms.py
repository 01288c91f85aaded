"""What people are shown is what the books charge, whatever a sleeping membership still knows."""

from collections.abc import Sequence
from datetime import date

from rich.console import Console

from activities.pricing.priced_terms import read_priced_terms
from activities.pricing.rulebook_change import write_change
from schemas.dues.terms import TermState
from schemas.pricing.contracts import PriceChange
from schemas.shared.vocabulary import Category, LineKind
from tests.builders import member
from tests.dues.lives import life
from tests.dues.making import joins
from workers.cli.membership.show_view import render_state
from workflows.membership.state import state_of

TODAY = date(2026, 11, 23)
SINCE = date(2026, 10, 14)


async def shown(pool, membership_id: str) -> list[tuple[str, int, str, str]]:
    """The amounts of a membership after 520 from March 2027 on, and 540 from July."""
    async with pool.acquire() as connection, connection.transaction():
        for month, full in ((date(2027, 3, 1), 52000), (date(2027, 7, 1), 54000)):
            change = PriceChange(effective_on=month, full_central_ore=full)
            await write_change(connection, change, today=TODAY)
        terms = await read_priced_terms(connection, membership_id)
    return [
        (term.kind, term.amount_ore, str(term.valid_from), str(term.valid_to)) for term in terms
    ]


async def test_dues_change_with_the_month_of_a_price(pool, persistence):
    """495, 520 from March and 540 from July: half dues are 247.50, 260 and 270 (S2, S5, A2)."""
    half = await joins(persistence, life(since=SINCE, percent="50"))
    assert await shown(pool, half) == [
        (LineKind.CENTRAL_DUES, 24750, "2026-10-01", "2027-03-01"),
        (LineKind.CENTRAL_DUES, 26000, "2027-03-01", "2027-07-01"),
        (LineKind.CENTRAL_DUES, 27000, "2027-07-01", "2053-05-01"),
        (
            LineKind.CENTRAL_DUES,
            54000,
            "2053-05-01",
            "None",
        ),  # whoever works past 67 pays full (A15)
    ]


async def test_a_years_fee_changes_with_the_year_after_a_price(pool, persistence):
    """600 for 2026 and 2027; from 2028 on 10 % of 12 × 540 = 6480, rounded up: 650 (A26)."""
    pensioner = life(
        since=SINCE, born=date(1955, 1, 1), category=Category.PENSIONER, percent=None, employer=None
    )
    assert await shown(pool, await joins(persistence, pensioner)) == [
        (LineKind.CENTRAL_DUES, 60000, "2026-10-01", "2028-01-01"),
        (LineKind.CENTRAL_DUES, 65000, "2028-01-01", "None"),
    ]


async def test_a_fee_that_begins_after_a_price_has_it_at_once(pool, persistence):
    """A student from May 2027 on pays 5 % of 6240, rounded up: 320; from 2028 5 % of 6480: 330."""
    student = life(since=date(2027, 5, 3), category=Category.STUDENT, percent=None, employer=None)
    assert await shown(pool, await joins(persistence, student)) == [
        (LineKind.CENTRAL_DUES, 32000, "2027-05-01", "2028-01-01"),
        (LineKind.CENTRAL_DUES, 33000, "2028-01-01", "None"),
    ]


def drawn(priced: Sequence[TermState] | None) -> str:
    """What `medlemsflyt show` draws of a member whose own amounts are of before."""
    console = Console(width=120)
    with console.capture() as captured:
        console.print(render_state(state_of(member()), "http://ui.example", (), priced))
    return captured.get()


def test_the_panel_has_the_amounts_of_the_books_and_says_so():
    """520 and a sentence where the membership still knows 495; nothing where both agree."""
    own = state_of(member()).terms
    dearer = [term.model_copy(update={"amount_ore": 52000}) for term in own]
    assert "520.00" in drawn(dearer)
    assert "495.00" not in drawn(dearer).partition("Terms")[2], "but on the first invoice"
    assert "takes new prices up when it wakes" in " ".join(drawn(dearer).split())
    assert drawn(own) == drawn(None)
    assert "takes new prices up" not in drawn(own)
