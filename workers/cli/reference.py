"""The pages of docs/ that are made from what they describe: `make docs` writes them.

A test compares them with what this would write, so none falls behind.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from workers.cli import rules_page

MADE = "<!-- Made by `make docs`; what is written here by hand is lost. -->"


def pages(root: Path) -> dict[str, str]:
    """Return every page that is made, by its path from the root of the checkout."""
    rules = (root / rules_page.PAGE).read_text(encoding="utf-8")
    return {
        "docs/decisions/README.md": decisions(root / "docs" / "decisions"),
        rules_page.PAGE: rules_page.with_contents(rules),
        rules_page.TITLES: rules_page.titles(rules),
    }


def decisions(folder: Path) -> str:
    """List the decisions with what their heads say of them."""
    rows = []
    for page in sorted(folder.glob("[0-9]*.md")):
        head = page.read_text(encoding="utf-8").split("\n## ", 1)[0]
        number, title = re.findall(r"^# (\d+)\. (.*)$", head, re.MULTILINE)[0]
        about = dict(re.findall(r"^- ([A-Z][a-z ]+): (.*)$", head, re.MULTILINE))
        amended = about.get("Amended by", "")
        rows.append((number, f"[{title}]({page.name})", about["Status"], about["Date"], amended))
    return _page(
        "Decisions",
        "Why it is built this way: one page a decision, as it was made, with what it costs. A "
        "decision that another replaces stays and says so; a number that is missing was given "
        "out and not used. Whoever adds one copies the form of the last.",
        *_table(("ADR", "decision", "status", "date", "amended by"), rows),
    )


def _page(title: str, purpose: str, *lines: str) -> str:
    return "\n".join((f"# {title}", "", MADE, "", purpose, "", *lines, ""))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The lines of a table; a bar or a line break within a cell must not end it."""
    yield _row(head)
    yield "|" + "---|" * len(head)
    yield from map(_row, rows)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(" ".join(c.split()).replace("|", r"\|") for c in cells) + " |"


def main() -> None:
    """Write all pages into the checkout that this is run in."""
    for path, text in pages(Path.cwd()).items():
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
