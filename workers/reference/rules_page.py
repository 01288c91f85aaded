"""The page of the rules as `make docs` reads and completes it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

PAGE = "docs/rules.md"
TITLES = "workers/cli/shared/rule_titles.tsv"

CONTENTS = "<!-- Made by `make docs` from the headings below. -->\n"
FUNCTIONS = "<!-- Made by `make docs` from the code. -->\n"
_END = "<!-- End -->"

_FLOORS = ("schemas", "workflows", "activities")


@dataclass(frozen=True)
class Entry:
    """One rule on the page.

    Attributes:
        rule: its id, as code and `explain` cite it.
        title: in a few words, without a full stop.
        chapter: the heading it stands under.
        text: all that is said of it.
    """

    rule: str
    title: str
    chapter: str
    text: str


def entries(page: str) -> list[Entry]:
    """Return the rules in the order they stand on the page."""
    found = []
    for chapter in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        heading, *rules = re.split(r"^### ", chapter, flags=re.MULTILINE)
        for rule in rules:
            name, text = rule.split("\n", 1)
            title = re.match(r"\s*\*\*([^*]+?)[.,:]?\*\*", text)
            found.append(
                Entry(
                    rule=name.replace("Invariant", "invariant"),
                    title=title[1] if title else "",
                    chapter=heading.split("\n", 1)[0],
                    text=text,
                )
            )
    return found


def named(page: str, kind: str, plural: str) -> list[tuple[Entry, str]]:
    """Return what the entries name as set in something of a kind, as in ``policy `x```."""
    lists = rf"\b(?:{kind}|{plural}) ((?:`[^`]+`(?:, | and )?\s*)+)"
    return [
        (entry, name)
        for entry in entries(page)
        for names in re.findall(lists, " ".join(entry.text.split()))
        for name in re.findall(r"`([^`]+)`", names)
    ]


def completed(page: str, root: Path) -> str:
    """Return the page with what is made of it, and of the code below a folder, made anew."""
    return _put(_put(page, CONTENTS, _contents(page)), FUNCTIONS, _functions(page, root))


def _put(page: str, begin: str, lines: Iterator[str]) -> str:
    before, rest = page.split(begin)
    after = rest.split(_END, 1)[1]
    return f"{before}{begin}\n{''.join(lines)}\n{_END}{after}"


def _contents(page: str) -> Iterator[str]:
    for chapter, rules in groupby(entries(page), key=lambda entry: entry.chapter):
        links = " · ".join(f"[{_short(e.rule)}](#{anchor(e.rule)}) {e.title}" for e in rules)
        yield f"- [{chapter}](#{anchor(chapter.replace(',', ''))}): {links}\n"


def _short(rule: str) -> str:
    return rule.removeprefix("invariant ")


def _functions(page: str, root: Path) -> Iterator[str]:
    """Yield where each function stands that the page names."""
    code = {
        path: path.read_text(encoding="utf-8")
        for pattern in ("*.py", "sql/*.sql")
        for floor in _FLOORS
        for path in sorted((root / floor).rglob(pattern))
    }
    stands_in: dict[str, Path] = {}
    for lead in ("def ", "async def ", " +def ", "CREATE FUNCTION "):
        place = re.compile(rf"^{lead}(\w+)\(", re.MULTILINE)
        for path, text in code.items():
            for name in place.findall(text):
                stands_in.setdefault(name, path)
    yield "| function | file |\n|---|---|\n"
    for name in sorted(
        {name for _, name in named(page, "function", "functions")} & stands_in.keys()
    ):
        where = stands_in[name].relative_to(root).as_posix()
        yield f"| `{name}` | [{where}](../{where}) |\n"


def titles(page: str) -> str:
    """Return the titles as the command line reads them: one rule a line."""
    return "".join(f"{entry.rule}\t{entry.title}\n" for entry in entries(page))


def anchor(rule: str) -> str:
    """Return the anchor of a rule's heading: ``S21`` is ``s21``."""
    return rule.lower().replace(" ", "-")
