"""The worked tables of docs/algorithms.md, as tests read them."""

from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "algorithms.md"


def table_of(heading: str) -> list[list[str]]:
    """Return the rows of the first table below a heading, without its own heads.

    Args:
        heading: the text of it, whatever its level.
    """
    lines = iter(PAGE.read_text(encoding="utf-8").splitlines())
    next(line for line in lines if line.lstrip("#").strip() == heading and line.startswith("#"))
    rows = []
    for line in lines:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
        elif rows or line.startswith("#"):
            break
    return rows[2:]


def kroner(amount_ore: int) -> str:
    """Return øre as the page writes them: 49500 is 495.00, and nothing is a dash."""
    return f"{amount_ore / 100:.2f}" if amount_ore else "-"
