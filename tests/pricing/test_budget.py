"""What will be charged if nobody does anything, against a year of runs in which nobody does."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from activities.dues.activities import Dues
from activities.pricing.budget import NotByRate, budget
from activities.pricing.rulebook_change import write_change
from schemas.pricing.contracts import Budget, PriceChange
from schemas.shared.vocabulary import Category, LineKind
from tests.commands import run
from tests.dues.making import charge, joins
from tests.pricing.test_command import command_on
from tests.pricing.test_preview import PEOPLE
from workers.bars import axis
from workers.cli.pricing.budget import by_month, drawn

START, TODAY = date(2026, 11, 1), date(2026, 10, 31)
PROPOSED = PriceChange.model_validate(
    {
        "effective_on": "2027-03-01",
        "full_central_ore": 52000,
        "premium_ore": 21000,
        "branches": [{"code": "OSLO", "local_ore": 5500}],
    }
)

Sums = Counter[tuple[date, str]]


def sums(found: Budget, which: str) -> Sums:
    """What a budget says of each month and kind."""
    said: Sums = Counter()
    for line in found.lines:
        said[line.month, str(line.kind)] += getattr(line, which)
    return said


async def test_it_is_what_a_year_of_runs_charges(pool, persistence):
    """Terms of every kind, one that ends, one that turns 67, with a price that is approved then."""
    for facts, _, _ in PEOPLE.values():
        await joins(persistence, facts)
    asked: dict[str, Any] = {"start": START, "months": 12, "today": TODAY}
    found = await budget(pool, **asked, proposed=PROPOSED)
    plain = await budget(pool, **asked)
    assert sums(found, "ore") == sums(plain, "ore") == sums(plain, "proposed_ore")
    async with pool.acquire() as connection, connection.transaction():
        await write_change(connection, PROPOSED, today=TODAY)
    for month in sorted({line.month for line in found.lines}):
        await charge(Dues(pool), f"{month:%Y-%m}")
    rows = await pool.fetch(
        "SELECT period_from, kind, sum(amount_ore)::bigint AS ore FROM charges"
        " WHERE period_from >= $1 GROUP BY period_from, kind",
        START,
    )
    charged = Counter({(row["period_from"], row["kind"]): row["ore"] for row in rows})
    assert sums(found, "proposed_ore") == charged
    assert sums(await budget(pool, **asked), "ore") == charged, "it is what stands now"
    assert len({month for month, _ in charged}) == 12
    local = [line for line in found.lines if line.kind == "local_dues"]
    assert {(line.category, line.branch) for line in local} == {(Category.ORDINARY, "OSLO")}
    # 50 from November to February, 55 from March on.
    assert [line.proposed_ore for line in local] == [5000] * 4 + [5500] * 8

    assert by_month(found.lines)[date(2027, 3, 1)][LineKind.LOCAL_DUES] == (5000, 5500)
    assert drawn(found, "png").startswith(b"\x89PNG")
    assert b"<svg" in drawn(plain, "svg")


async def test_rules_are_for_a_preview(pool):
    """Who would pay by another rate is planned by the preview alone."""
    rule = PROPOSED.model_copy(update={"policies": {"first_month": "next"}})
    with pytest.raises(NotByRate):
        await budget(pool, start=START, months=1, today=TODAY, proposed=rule)


@pytest.fixture
def offline(database_url: str, tmp_path: Path) -> Callable[..., Awaitable[Any]]:
    """Run the command where there is a database and nothing else."""
    command_on(tmp_path, "127.0.0.1:1", database_url)

    async def go(*arguments: str) -> Any:
        return await asyncio.to_thread(run, "budget", *arguments, "--data", str(tmp_path))

    return go


@pytest.mark.parametrize(
    ("highest", "marks"),
    [
        (0, [0]),
        (0.5, [0, 1]),
        (2770, [0, 1000, 2000, 3000]),
        (500, [0, 100, 200, 300, 400, 500]),
        (501, [0, 200, 400, 600]),
        (198_000_000, [0, 50_000_000, 100_000_000, 150_000_000, 200_000_000]),
    ],
)
def test_the_axis_is_marked_at_round_amounts(highest, marks):
    """Whatever a union's income, it can be read off."""
    assert axis(highest) == marks


async def test_the_command_writes_a_table_csv_and_a_picture(offline, tmp_path):
    """Of a union without members, all three are empty and whole; a wrong name is a sentence."""
    out, picture = tmp_path / "budget.csv", tmp_path / "budget.svg"
    ran = await offline("--csv", str(out), "--picture", str(picture), "--json")
    assert (ran.code, json.loads(ran.out)) == (0, {"proposed": None, "lines": []})
    assert out.read_text() == "month,kind,category,branch,kroner,proposed_kroner\n"
    assert picture.read_bytes().startswith(b"<svg")
    shown = await offline("--months", "2")
    assert "In all 0.00 kr." in shown.out
    wrong = await offline("--picture", "budget.txt")
    assert (wrong.code, "name the picture .svg or .png" in wrong.err) == (2, True)
