"""The walks of the technical description: their files are there, and are as many as it says."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "technical-description.md"

FIRST_LETTER = "From the application to the first letter"
FIRST_INVOICE = "On to the first invoice"
CORRECTION = "From a late change to the correction line"


def walk(heading: str) -> tuple[str, list[tuple[str, str]]]:
    """Return what stands below a heading, and the room and name of each file of its table."""
    text = PAGE.read_text(encoding="utf-8").split(f"### {heading}\n", 1)[1]
    text = re.split(r"^#", text, maxsplit=1, flags=re.MULTILINE)[0]
    rows = re.findall(r"^\| `([\w/]+)` \| (.+) \|$", text, re.MULTILINE)
    return text, [(room, name) for room, names in rows for name in re.findall(r"`([^`]+)`", names)]


def folders(files: list[tuple[str, str]]) -> set[Path]:
    """Return where files lie; what is in a room's ``sql/`` lies in the room."""
    return {(Path(room) / name.removeprefix("sql/")).parent for room, name in files}


@pytest.mark.parametrize("heading", [FIRST_LETTER, FIRST_INVOICE, CORRECTION])
def test_each_file_of_a_walk_is_there(heading):
    """Under the room it stands in, and once."""
    _, files = walk(heading)
    assert [f"{room}/{name}" for room, name in files if not (ROOT / room / name).is_file()] == []
    assert len(files) == len(set(files)) > 0


@pytest.mark.parametrize("heading", [FIRST_LETTER, CORRECTION])
def test_a_walk_is_as_long_as_it_says(heading):
    """Files, rooms and folders are counted."""
    text, files = walk(heading)
    said = re.search(r"(\d+) files in (\d+) rooms, (\d+) folders", text)
    counted = (len(files), len({room for room, _ in files}), len(folders(files)))
    assert said
    assert tuple(map(int, said.groups())) == counted


def test_the_way_to_the_invoice_adds_what_it_says():
    """None of its files was met on the way to the letter."""
    text, files = walk(FIRST_INVOICE)
    assert f"\n{len(files)} files more" in text
    assert not set(files) & set(walk(FIRST_LETTER)[1])


@pytest.mark.parametrize("heading", [FIRST_LETTER, FIRST_INVOICE, CORRECTION])
def test_what_is_told_of_a_walk_is_on_its_list(heading):
    """No file is named below the list that is missing in it, here or on the way there."""
    text, files = walk(heading)
    before = walk(FIRST_LETTER)[1] if heading == FIRST_INVOICE else []
    told = re.findall(r"`((?:[\w/]+/)?\w+\.(?:py|sql|typ|md))`", text.rsplit("|\n", 1)[1])
    names = {name for _, name in (*before, *files)}
    known = names | {Path(name).name for name in names}
    assert told
    assert set(told) <= known
