"""What a month comes to here, against what the other system charges for it."""

from datetime import date
from typing import Any

import pytest

from schemas.register.comparison import added, compared, summed
from schemas.shared.vocabulary import Category, LineKind
from tests.builders import BOOK
from tests.register.making import JOB, MONTH, member

TODAY = date(2026, 12, 10)

CENTRAL, LOCAL, PREMIUM = (
    LineKind.CENTRAL_DUES,
    LineKind.LOCAL_DUES,
    LineKind.INSURANCE_PREMIUM,
)

DIFFERENT: dict[str, tuple[dict[str, Any], tuple[LineKind, int, int, str]]] = {
    # S5: 247.50 against 495.00.
    "half here": (
        {"jobs": (JOB | {"position_percent": "50"},), "charged_central": "495"},
        (CENTRAL, 24750, 49500, "here half dues; there full dues; works 50 %"),
    ),
    # L4: nothing against 495.00.
    "on leave here": (
        {
            "leave": "leave",
            "leave_from": "2026-10-01",
            "leave_until": "2027-03-31",
            "charged_central": "495",
        },
        (CENTRAL, 0, 49500, "here nothing; there full dues; waived until 2027-03-31"),
    ),
    # S33: nothing against 50.00.
    "hidden here": (
        {"hidden": "yes", "payer": "direct", "charged_local": "50"},
        (LOCAL, 0, 5000, "here nothing; there the branch's dues; hidden"),
    ),
    # A18: nothing until the window is over.
    "a window that is open": (
        {
            "insurance": "window_open",
            "insurance_from": "",
            "reservation_deadline": "2027-01-20",
            "charged_premium": "200",
        },
        (PREMIUM, 0, 20000, "here nothing; there the premium; insurance window_open"),
    ),
    "a price of their own": (
        {"charged_premium": "199,00"},
        (PREMIUM, 20000, 19900, "here the premium; there an amount the rulebook does not have"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DIFFERENT)
def test_a_difference_is_told_with_what_either_amount_is(name):
    """The kind, both amounts, why they may differ, and by which rules ours is what it is."""
    changes, expected = DIFFERENT[name]
    (one,) = [c for c in compared(member(**changes), 2, BOOK, MONTH, TODAY) if c.differs]
    assert (one.kind, one.ours_ore, one.theirs_ore, one.because) == expected
    assert one.rules


def test_what_agrees_or_is_not_told_is_no_difference():
    """A member of whom the file says nothing, and one who is charged the same there."""
    silent = compared(member(), 2, BOOK, MONTH, TODAY)
    assert [(c.kind, c.ours_ore, c.theirs_ore) for c in silent] == [
        (CENTRAL, 49500, None),
        (LOCAL, 5000, None),
        (PREMIUM, 20000, None),
    ]
    same = {"charged_central": "495,00", "charged_local": "50", "charged_premium": "200"}
    assert not any(c.differs for c in compared(member(**same), 2, BOOK, MONTH, TODAY))


def test_totals_add_up_whatever_page_a_member_is_on():
    """Summed in two halves and at once: members, amounts, and how many differ."""
    other = member(charged_central="490", charged_local="50", charged_premium="0")
    lines = [compared(one, 2, BOOK, MONTH, TODAY) for one in (member(), other)]
    at_once = summed([charge for charges in lines for charge in charges])
    assert at_once == added(summed(lines[0]), summed(lines[1]))
    central, local, premium = at_once
    assert (central.category, central.kind) == (Category.ORDINARY, CENTRAL)
    # 495 of each; of the one of whom it is told there are 490 there.
    assert (central.members, central.ours_ore) == (2, 99000)
    assert (central.compared, central.compared_ore, central.theirs_ore) == (1, 49500, 49000)
    assert [total.differing for total in (central, local, premium)] == [1, 0, 1]
