"""What stands in the documents once, under one number, in one form."""

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from activities.database.schema import whole
from schemas.shared.schedules import ScheduleName
from workers.cli.commands import MODULES
from workers.reference.pages import pages
from workers.schedules import TURNS

ROOT = Path(__file__).parents[1]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))

LINK = r"\[ADR \d+\]\(\d{4}-[a-z0-9-]+\.md\)"
HEAD = re.compile(
    r"\A# (?P<number>\d+)\. \S.*\n\n"
    rf"- Status: (?:proposed|accepted|rejected|superseded by {LINK})\n"
    r"- Date: (?P<date>\d{4}-\d\d-\d\d)\n"
    rf"(?:- (?:Supersedes|Amends|Amended by): {LINK}(?:, {LINK})*\n)*\n"
    r"## Context\n\n"
)
"""How a decision begins."""

BOTH_WAYS = {"Amends": "Amended by", "Supersedes": "Status: superseded by"}
"""What the later decision says, and what the earlier one then says of it."""


def named(page: Path, line: str) -> set[Path]:
    """Return the decisions that a line of a page's head links to."""
    said = re.findall(rf"^- {line}:? (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {page.with_name(name) for name in re.findall(r"\]\(([^)]+)\)", " ".join(said))}


def test_each_decision_has_a_number_of_its_own():
    """In the name of its file and in its heading; two that land at once must not share one."""
    numbers = Counter(page.name[:4] for page in DECISIONS)
    assert {number for number, pages in numbers.items() if pages > 1} == set()


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_has_the_form(page):
    """Number, status and date, then Context, Decision and Consequences, and no other section."""
    text = page.read_text(encoding="utf-8")
    head = HEAD.match(text)
    assert head, "begin with: # N. Title, - Status: accepted, - Date: YYYY-MM-DD, ## Context"
    assert int(head["number"]) == int(page.name[:4])
    date.fromisoformat(head["date"])
    sections = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert sections == ["Context", "Decision", "Consequences"]


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_and_the_one_it_changes_name_each_other(page):
    """Whoever reads the earlier one learns of the later one, and the other way round."""
    for later, earlier in BOTH_WAYS.items():
        for changed in named(page, later):
            assert page in named(changed, earlier), f"{changed.name} lacks: {earlier}"
        for changing in named(page, earlier):
            assert page in named(changing, later), f"{changing.name} lacks: {later}"


def test_what_is_made_is_up_to_date():
    """The pages that are made from the code, and the list of decisions, say what is so now."""
    for path, text in pages(ROOT).items():
        found = (ROOT / path).read_text(encoding="utf-8") if (ROOT / path).exists() else None
        assert found == text, f"{path} has fallen behind: run `make docs`"


GUIDES = {
    page.name: page.read_text(encoding="utf-8")
    for page in (
        *(ROOT / "docs").glob("for-*.md"),
        *(
            ROOT / "docs" / name
            for name in ("importing.md", "through-the-gateway.md", "erasure.md")
        ),
    )
}
"""What tells a reader which command does what; the reference lists them all anyway."""


@pytest.mark.parametrize("command", [name for names in MODULES.values() for name in names])
def test_each_command_stands_in_a_guide(command):
    """Who has something to do finds the command for it, and not only its options."""
    spoken = re.compile(
        rf"`(?:medlemsflyt )?{command}(?=[ `])|^medlemsflyt {command}\b", re.MULTILINE
    )
    told = [name for name, text in GUIDES.items() if spoken.search(text)]
    assert told, f"no guide tells when to run `medlemsflyt {command}`"


def test_each_change_is_told_once():
    """An entry of the changelog that is merged twice stands there once."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    entries = Counter(re.findall(r"^- (?:.|\n(?=  ))+", text, re.MULTILINE))
    assert [entry for entry, times in entries.items() if times > 1] == []


@pytest.mark.parametrize("name", list(ScheduleName))
def test_operators_read_when_a_schedule_runs(name):
    """Day and hour stand in its row of the calendar, in the words of the schedule itself."""
    text = (ROOT / "docs" / "for-operators.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| `{name}` \| (.*?) \|", text, re.MULTILINE)
    assert row.startswith(TURNS[name].says)


def test_the_glossary_has_every_state_of_a_letter():
    """Whoever reads a state in the table finds what is so, and what comes next."""
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\w+)` \|", text.split("## The states of a letter")[1], re.MULTILINE)
    table = whole().split("CREATE TABLE letters (")[1]
    (states,) = re.findall(r"status text NOT NULL CHECK \(status IN \((.*?)\)\)", table, re.DOTALL)[
        :1
    ]
    assert sorted(told) == sorted(re.findall(r"'(\w+)'", states))
