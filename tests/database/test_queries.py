"""Named SQL stands in the room that runs it, and none stands there for nobody."""

import re
from pathlib import Path

import pytest

import activities
from schemas.shared.vocabulary import LineKind, Payer

ROOMS = sorted(
    path.parents[1] for path in Path(activities.__file__).parent.glob("*/sql/queries.sql")
)


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_room_runs_its_own_queries_and_all_of_them(room):
    """A query that is missed fails only when it is run; one that is left over, never."""
    written = re.findall(
        r"^-- name: (\w+)", (room / "sql" / "queries.sql").read_text(), re.MULTILINE
    )
    run = {
        name
        for path in room.glob("*.py")
        for name in re.findall(r"\b_SQL\.(\w+)", path.read_text())
    }
    assert len(written) == len(set(written)), "a name stands twice: the second would be run"
    assert set(written) == run


DECIDED = {*Payer, *LineKind, "members", "employers", "suspense", "bank", "refunds", "losses"}
"""Who pays, what for, and the accounts of the ledger."""


def test_no_money_is_decided_by_what_is_left_over():
    """A payer, a kind or an account is named or joined: a new one is nobody else by an ELSE."""
    found = {
        (path.parents[1].name, word)
        for path in Path(activities.__file__).parent.glob("*/sql/*.sql")
        for word in re.findall(r"\bELSE\s+'(\w+)'", path.read_text(encoding="utf-8"))
        if word in DECIDED
    }
    assert found == set()


async def test_what_is_asked_of_each_of_thousands_is_planned_once(shared_pool):
    """PostgreSQL doesn't know how many an array holds, and would plan anew for each question."""
    asked = {"all_of_person", "charged_between", "due_in"}
    found = await shared_pool.fetch(
        "SELECT proname FROM pg_proc WHERE proname = ANY($1)"
        " AND 'plan_cache_mode=force_generic_plan' = ANY(proconfig)",
        sorted(asked),
    )
    assert {row["proname"] for row in found} == asked
