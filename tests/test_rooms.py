"""The same rooms on every floor (ADR 32)."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

ROOMS = {
    "membership", "persons", "dues", "deduction", "payments", "arrears", "letters", "pricing",
    "statements", "audit", "register", "books", "direct_debit", "insurance",
    "access", "privacy", "secrecy", "desk", "events",
    "shared", "database",
}  # fmt: skip

OTHERS = {
    "schemas": set(),
    "workflows": set(),
    "activities": {"declarations"},
    "workers/cli": {"stack"},
    "tests": {
        "canaries", "chaos", "demo", "e2e", "leaks", "mutations", "replay", "simulation", "stack",
        "union", "upgrade",
    },
}  # fmt: skip
"""What a floor has beside the rooms."""


def holds_something(folder: Path) -> bool:
    """Tell whether there is more in a folder than what Python left behind when it was moved."""
    return any(path.is_file() and "__pycache__" not in path.parts for path in folder.rglob("*"))


@pytest.mark.parametrize("floor", OTHERS)
def test_a_floor_has_no_other_rooms(floor):
    """Whoever changes dues opens ``dues`` on each floor, and is done."""
    found = {
        path.name
        for path in (ROOT / floor).iterdir()
        if not path.name.startswith((".", "__")) and holds_something(path)
    }
    assert found - OTHERS[floor] <= ROOMS


def test_the_readme_knows_every_room():
    """A newcomer learns the rooms from the README, and it leaves none out."""
    text = (ROOT / "README.md").read_text()
    assert {room for room in ROOMS if room not in text} == set()
