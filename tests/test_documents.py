"""What stands in the documents once, and under one number."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))


def test_each_decision_has_a_number_of_its_own():
    """In the name of its file and in its heading; two that land at once must not share one."""
    numbers = Counter(page.name[:4] for page in DECISIONS)
    assert {number for number, pages in numbers.items() if pages > 1} == set()
    for page in DECISIONS:
        heading = page.read_text(encoding="utf-8").splitlines()[0]
        assert re.match(rf"# 0*{int(page.name[:4])}\. ", heading), page.name


def test_each_change_is_told_once():
    """An entry of the changelog that is merged twice stands there once."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    entries = Counter(re.findall(r"^- (?:.|\n(?=  ))+", text, re.MULTILINE))
    assert [entry for entry, times in entries.items() if times > 1] == []
