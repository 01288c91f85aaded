"""`medlemsflyt reprice` from the command line."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.pricing.contracts import PricePreview, RepricingReport
from schemas.pricing.notice import earliest_rise
from tests.clock import today
from tests.commands import commands_of
from tests.pricing.hall import Hall

Command = Callable[..., Awaitable[Any]]


def command_on(folder: Path, temporal_address: str, database_url: str) -> Command:
    """Return the command, run for the earliest month there is."""
    ran_on = commands_of(folder, database_url=database_url, temporal_address=temporal_address)

    async def go(
        *arguments: str,
        stdin: str | None = None,
        day: str | None = None,
        options: tuple[str, ...] | None = None,
    ) -> Any:
        start = day or earliest_rise(today(), 1).isoformat()
        begins = ("--from", start) if options is None else options
        return await ran_on("reprice", *begins, *arguments, stdin=stdin)

    return go


@pytest.fixture
def command(hall: Hall, tmp_path: Path) -> Command:
    """Run the command on the hall's service."""
    return command_on(tmp_path, hall.address, hall.database_url)


@pytest.fixture
def offline(database_url: str, tmp_path: Path) -> Command:
    """Run the command where there is a database and nothing else."""
    return command_on(tmp_path, "127.0.0.1:1", database_url)


async def test_from_the_rehearsal_to_the_letters(hall, command):
    """Rehearsed, asked, approved, told: the figures agree, and no means no."""
    life = await hall.joins(approved={"branch": "OSLO"})
    prices = ("--central", "520,00", "--branch", "OSLO=55", "--policy", "notice_months=2")
    dry = await command(*prices, "--dry-run", "--json")
    assert (dry.code, dry.err) == (0, "")
    found = PricePreview.model_validate(dry.json)
    # 520 + 55 less 495 + 50 is 30 a month.
    assert found.total.after.month_ore - found.total.before.month_ore == 3000
    assert found.total.after.year_ore - found.total.before.year_ore == 12 * 3000
    shown = await command(*prices, "--dry-run")
    assert "1 member would be written to" in shown.out
    assert life.id in shown.out
    assert "Kari" not in shown.out

    refused = await command(*prices, "--approved-by", "kongressen", stdin="n\n")
    assert (refused.code, refused.err) == (2, "Nothing was changed.\n")
    assert await hall.pool.fetchval("SELECT count(*) FROM repricings") == 0
    ran = await command(*prices, "--approved-by", "kongressen", "--yes", "--json")
    assert (ran.code, ran.err) == (0, "")
    report = RepricingReport.model_validate(ran.json)
    assert (report.letters, report.unconfirmed, report.rulebook) == (1, 0, found.rulebook)
    assert report.told == 0, "the policy changes nothing of what is paid by"
    again = await command(*prices, "--approved-by", "kongressen", "--yes")
    assert "All of it stands in the rulebook already" in again.out
    assert "0 letters to members" in again.out
    assert "repriced" not in await life.decisions()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--central", "520"), "say who approves it with --approved-by, or --dry-run"),
        (("--dry-run",), "name at least one price or rule that changes"),
        (("--central", "5.205", "--dry-run"), "--central: 5.205 is no amount in kroner"),
        (("--central", "dear", "--dry-run"), "--central: dear is no amount in kroner"),
        (("--branch", "OSLO", "--dry-run"), "--branch: write NAME=VALUE, not OSLO"),
        (("--branch", "OSLO=1", "--branch", "OSLO=2", "--dry-run"), "names OSLO twice"),
        (("--branch", "TROMSO=55", "--dry-run"), "there is no branch TROMSO; known are BERGEN"),
        (("--policy", "window_dyas=1", "--dry-run"), "there is no policy window_dyas"),
        (("--half-percent", "half", "--dry-run"), "half_percent"),
    ],
)
async def test_what_can_be_put_right_is_a_sentence(offline, arguments, says):
    """Nothing is changed, and the sentence says what would help."""
    ran = await offline(*arguments)
    assert ran.code == 2
    assert says in ran.err


async def test_a_change_stands_in_a_file(offline, tmp_path):
    """As JSON, with the same preview as by options, which say what a policy decides (G4)."""
    start = earliest_rise(today(), 1).isoformat()
    file = tmp_path / "change.json"
    file.write_text(f'{{"effective_on": "{start}", "policies": {{"first_month": "next"}}}}')
    by_file = await offline(str(file), "--dry-run", options=())
    by_options = await offline("--policy", "first_month=next", "--dry-run")
    assert (by_file.code, by_options.code) == (0, 0)
    says = "policy first_month: next in place of approval (A19). The first month that is charged"
    for ran in (by_file, by_options):
        assert says in " ".join(ran.out.split())
    aged = await offline("--coverage", "life=70/end_of_year", "--dry-run")
    assert "coverage life: until the end of the year of 70 (A17)" in " ".join(aged.out.split())
    aged = await offline("--coverage", "disability=62", "--dry-run")
    assert "coverage disability: until the birthday of 62 (A17)" in " ".join(aged.out.split())
    gets = ("--benefit", "student=legal_help", "--no-benefit", "student=travel_discounts")
    given = await offline(*gets, "--dry-run")
    assert "benefits of student: and legal_help, without travel_discounts (B1)" in " ".join(
        given.out.split()
    )
    both = await offline(str(file), "--central", "520", "--dry-run", options=())
    assert (both.code, both.out) == (2, "")
    assert "the change stands in the file or in options" in both.err
    file.write_text(f'{{"effective_on": "{start}", "policy": {{}}}}')
    unknown = await offline(str(file), "--dry-run", options=())
    assert (unknown.code, "not known" in unknown.err) == (2, True)


async def test_the_past_is_refused(offline):
    """With the earliest day that would do."""
    ran = await offline("--premium", "210", "--dry-run", day="2020-01-01")
    assert "what has been charged stands: a change begins with" in ran.err
