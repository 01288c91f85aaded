"""The page of the rules as `make docs` reads it: its entries, its contents, its titles."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

PAGE = "docs/rules.md"
TITLES = "workers/cli/shared/rule_titles.tsv"

_BEGIN, _END = "<!-- Made by `make docs` from the headings below. -->\n", "<!-- End -->"


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
                    rule=name[:1].lower() + name[1:] if name.startswith("Invariant") else name,
                    title=title[1] if title else "",
                    chapter=heading.split("\n", 1)[0],
                    text=text,
                )
            )
    return found


def with_contents(page: str) -> str:
    """Return the page with the list of its chapters, each with its rules, made anew."""
    before, rest = page.split(_BEGIN)
    after = rest.split(_END, 1)[1]
    return f"{before}{_BEGIN}\n{''.join(_contents(page))}\n{_END}{after}"


def _contents(page: str) -> Iterator[str]:
    for chapter, rules in groupby(entries(page), key=lambda entry: entry.chapter):
        links = " · ".join(f"[{_short(e.rule)}](#{anchor(e.rule)})" for e in rules)
        yield f"- [{chapter}](#{anchor(chapter.replace(',', ''))}): {links}\n"


def _short(rule: str) -> str:
    return rule.removeprefix("invariant ")


def titles(page: str) -> str:
    """Return the titles as the command line reads them: one rule a line."""
    return "".join(f"{entry.rule}\t{entry.title}\n" for entry in entries(page))


def anchor(rule: str) -> str:
    """Return the anchor of a rule's heading: ``S21`` is ``s21``."""
    return rule.lower().replace(" ", "-")
