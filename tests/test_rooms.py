"""The same rooms on every floor (ADR 32)."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

ROOMS = {
    "membership", "dues", "deduction", "payments", "arrears", "letters", "pricing", "statements",
    "audit", "shared", "database",
}  # fmt: skip

OTHERS = {
    "schemas": set(),
    "workflows": set(),
    "activities": {"declarations"},
    "workers/cli": {"stack"},
    "tests": {"demo", "e2e", "leaks", "replay", "stack"},
}
"""What a floor has beside the rooms."""


@pytest.mark.parametrize("floor", OTHERS)
def test_a_floor_has_no_other_rooms(floor):
    """Whoever changes dues opens ``dues`` on each floor, and is done."""
    found = {
        path.name
        for path in (ROOT / floor).iterdir()
        if path.is_dir() and not path.name.startswith((".", "__"))
    }
    assert found - OTHERS[floor] <= ROOMS


def test_the_readme_knows_every_room():
    """A newcomer learns the rooms from the README, and it leaves none out."""
    text = (ROOT / "README.md").read_text()
    assert {room for room in ROOMS if room not in text} == set()
