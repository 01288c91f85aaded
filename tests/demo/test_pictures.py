"""The pictures of the demo's long life tell what the membership itself answered."""

from datetime import date
from io import StringIO

import pytest
from rich.console import Console

from workers.demo import lanes, picture
from workers.demo.chronicle import Charge, Span, chronicle
from workers.demo.lifetime import ingrid
from workers.demo.play import Glimpse, Life
from workers.demo.promises import check

JOINED = date(2026, 11, 23)


def term(kind, ore, payer, first, end, cadence="monthly"):
    """Return a term as ``state`` writes it."""
    return {
        "kind": kind,
        "amount_ore": ore,
        "cadence": cadence,
        "payer": payer,
        "valid_from": first,
        "valid_to": end,
    }


@pytest.fixture
def life() -> Life:
    """Student, then ordinary through payroll with a leave: five years, looked at on the way."""
    found = Life(ingrid(JOINED), "membership-1")
    found.state = {
        "stage": "active",
        "outcome": None,
        "member_since": "2026-11-23",
        "first_invoice": {"total_ore": 30000},
        "insurance": {"status": "covered"},
        "payroll": {"status": "active"},
        "terms": [
            term("central_dues", 30000, "direct", "2026-11-01", "2028-07-01", "yearly"),
            term("central_dues", 49500, "payroll", "2028-07-01", "2029-09-01"),
            term("central_dues", 0, "direct", "2029-09-01", "2030-02-01"),
            term("central_dues", 49500, "payroll", "2030-02-01", None),
            term("insurance_premium", 20000, "payroll", "2028-08-01", "2029-09-01"),
        ],
    }
    found.log = [
        {"about": event, "at": f"{day}T00:00:00+01:00", "says": ""}
        for day, event in (
            ("2026-11-23", "application_approved"),
            ("2028-07-01", "change_took_effect"),
            ("2029-09-01", "change_took_effect"),
            ("2030-02-01", "change_took_effect"),
        )
    ]
    found.seen = [
        Glimpse(date(2028, 1, 1), "student", hidden=False, on_leave=False),
        Glimpse(date(2029, 1, 1), "ordinary", hidden=False, on_leave=False),
        Glimpse(date(2030, 1, 1), "ordinary", hidden=False, on_leave=True),
        Glimpse(date(2031, 1, 1), "ordinary", hidden=False, on_leave=False),
    ]
    return found


def test_changes_are_dated_by_the_decision_log(life: Life) -> None:
    """What is seen on New Year's Day began on the day of the decision behind it."""
    told = chronicle(life)
    assert told.categories == (
        Span("student", JOINED, date(2028, 7, 1)),
        Span("ordinary", date(2028, 7, 1), date(2031, 1, 1)),
    )
    assert told.leaves == (Span("leave", date(2029, 9, 1), date(2030, 2, 1)),)
    assert told.hidden == ()


def test_charges_are_counted_by_the_month(life: Life) -> None:
    """A year's fee counts a twelfth: 300.00 / 12 = 25.00. On leave nobody pays."""
    told = chronicle(life)
    assert told.charges[0] == Charge(JOINED, date(2028, 7, 1), 2500, 0, 0, 30000, "direct")
    assert [charge.central_ore for charge in told.charges] == [2500, 49500, 49500, 0, 49500]
    assert told.payers == (
        Span("direct", JOINED, date(2028, 7, 1)),
        Span("payroll", date(2028, 7, 1), date(2029, 9, 1)),
        Span("payroll", date(2030, 2, 1), date(2031, 1, 1)),
    )
    assert told.cover == (Span("covered", date(2028, 8, 1), date(2029, 9, 1)),)


def test_both_pictures_are_drawn(life: Life, tmp_path) -> None:
    """On paper as SVG and PNG, on the terminal within its width."""
    svg, png = picture.draw(chronicle(life), "in a test", tmp_path)
    assert svg.read_bytes().startswith(b"<svg")
    assert png.read_bytes().startswith(b"\x89PNG")
    for width in (80, 160):
        console = Console(width=width, file=StringIO())
        console.print(lanes.drawing(chronicle(life), console))
        assert isinstance(console.file, StringIO)
        lines = console.file.getvalue().splitlines()
        assert max(map(len, lines)) <= width
        assert any(line.startswith("Membership") for line in lines)


def test_a_life_that_differs_from_its_promise_is_told_of(life: Life) -> None:
    """The verdict tells of dues, decisions, an end and letters that are not the promised ones."""
    check([life], [])
    assert {
        "the insurance was to be ended, but is covered",
        "the payroll deduction was to be stopped, but is active",
        '"insurance covered" was to be decided on 1 August 2030, and was not',
        (
            "the central dues were to be 300.00 kr a year, paid directly, from November 2026, "
            "but 1 July 2028 to 31 August 2029 is 495.00 kr a month, deducted"
        ),
        "a letter was to go to the branch, and none did",
    } <= set(life.faults)
