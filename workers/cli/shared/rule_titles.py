"""What the rules that an answer names are about, and where each can be read."""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from rich.table import Table
from rich.text import Text

from workers.reference.rules_page import anchor


@cache
def titles() -> dict[str, str]:
    """Return every rule's title, as `make docs` takes them from the page of the rules."""
    lines = files("workers.cli.shared").joinpath("rule_titles.tsv").read_text("utf-8").splitlines()
    return dict(line.split("\t", 1) for line in lines)


def legend(rules: Iterable[str], page: str) -> Table:
    """Return each rule once, with its title and, where the page has an address, a link.

    Args:
        rules: ids, as `explain` and `forecast` give them; one that is not known has no title.
        page: where the rules can be read, a URL or a path.
    """
    table = Table.grid(padding=(0, 2))
    for rule in dict.fromkeys(rules):
        title = titles().get(rule, "")
        place = f"link {page}#{anchor(rule)}" if title and "://" in page else ""
        table.add_row(Text(rule, style=place), Text(title))
    table.add_row("", Text(f"All of them: {page}", style="dim"))
    return table
