"""A whole life on the terminal: one line a lane, one column or more a year."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import groupby, pairwise
from math import ceil, floor

from rich.console import Console, Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from workers.demo.chronicle import Charge, Chronicle, Span
from workers.demo.lifetime import JOINS_AT, LEAVES_US_AT
from workers.demo.play import Life

LABEL_WIDTH = 14

CATEGORIES = {
    "student": ("░", "cyan", "student"),
    "ordinary": ("█", "green", "ordinary"),
    "early_pensioner": ("▓", "yellow", "early pensioner"),
    "pensioner": ("▒", "magenta", "pensioner"),
}
"""How each category stands in its lane: sign, colour and name."""

STEPS = " ▁▂▃▄▅▆▇█"
FULL_ORE = 80_000
"""What the highest step stands for, a month."""


def living(life: Life) -> RenderableType:
    """Return how far a life has come."""
    today = life.seen[-1].on if life.seen else None
    born = int(life.person.application["applicant"]["birth_date"][:4])
    age = min(today.year - born, LEAVES_US_AT) if today else JOINS_AT
    grid = Table.grid(padding=(0, 1))
    bar = ProgressBar(total=LEAVES_US_AT - JOINS_AT, completed=age - JOINS_AT, width=40)
    says = life.log[-1]["says"] if life.log else "applies"
    grid.add_row(Text(life.person.name, style="bold"), bar, f"{age} years, {today or ''}")
    return Group(grid, Text(says, style="dim", no_wrap=True, overflow="ellipsis"))


def drawing(life: Chronicle, console: Console) -> RenderableType:
    """Return a life as lanes over its ages, with what happened below."""
    first, last = floor(life.age(life.begins)), ceil(life.age(life.ends))
    per_year = 2 if console.width >= LABEL_WIDTH + 2 * (last - first) else 1
    cells = [
        _day(life.born, first + cell / per_year) for cell in range((last - first) * per_year + 1)
    ]
    spans = list(pairwise(cells))
    charges = [_charge_on(life, begin) for begin, _ in spans]
    grid = Table.grid()
    grid.add_column(width=LABEL_WIDTH, style="bold")
    grid.add_column(no_wrap=True)
    grid.add_row("Events", _numbers(life, first, per_year, len(spans)))
    grid.add_row("Membership", _lane(spans, life.categories, lambda what: CATEGORIES[what][:2]))
    grid.add_row("Dues a month", _dues(charges))
    grid.add_row("  in kroner", _amounts(charges))
    grid.add_row("Paid by", _lane(spans, life.payers, PAYERS.__getitem__))
    grid.add_row("Insurance", _lane(spans, life.cover, lambda _: ("━", "yellow")))
    grid.add_row("Hidden", _lane(spans, life.hidden, lambda _: ("■", "red")))
    grid.add_row("On leave", _lane(spans, life.leaves, lambda _: ("■", "blue")))
    grid.add_row("Age", _axis(first, last, per_year))
    return Group(
        Text(f"The life of a membership: {life.name}", style="bold"),
        Text(),
        grid,
        _legend(),
        Text(),
        _captions(life),
    )


PAYERS = {"payroll": ("━", "magenta"), "direct": ("╌", "white")}


def _day(born: date, age: float) -> date:
    year = born.year + floor(age)
    return date(year, 1, 1) + timedelta(days=round((age - floor(age)) * 365))


def _lane(
    cells: Sequence[tuple[date, date]],
    spans: Sequence[Span],
    sign: Callable[[str], tuple[str, str]],
) -> Text:
    """Draw each cell by the span that fills most of it; short ones are never lost."""
    line = Text()
    for begin, end in cells:
        there = [span for span in spans if span.begins < end and begin < span.ends]
        most = max(there, key=lambda s: min(end, s.ends) - max(begin, s.begins), default=None)
        line.append(*(sign(most.what) if most else (" ", "")))
    return line


def _charge_on(life: Chronicle, day: date) -> Charge | None:
    """Return what is charged a little after a cell begins."""
    later = day + timedelta(days=90)
    return next((charge for charge in life.charges if charge.begins <= later < charge.ends), None)


def _total(charge: Charge | None) -> int:
    return charge.central_ore + charge.local_ore + charge.premium_ore if charge else 0


def _dues(charges: Sequence[Charge | None]) -> Text:
    steps = [STEPS[ceil(_total(charge) / FULL_ORE * (len(STEPS) - 1))] for charge in charges]
    return Text("".join(steps), style="green")


def _amounts(charges: Sequence[Charge | None]) -> Text:
    """Write each amount below its steps, where it has room."""
    line = ""
    for ore, cells in groupby(_total(charge) for charge in charges):
        width = len(list(cells))
        amount = f"{ore / 100:.0f}" if ore else ""
        line += amount.ljust(width) if len(amount) < width else " " * width
    return Text(line, style="dim")


def _numbers(life: Chronicle, first: int, per_year: int, width: int) -> Text:
    """Write each event's letter above its year; the next free column if that is taken."""
    signs = [" "] * width
    for place, (day, _) in enumerate(life.captions):
        column = min(int((life.age(day) - first) * per_year), width - 1)
        while signs[column] != " " and column < width - 1:
            column += 1
        signs[column] = _letter(place)
    return Text("".join(signs), style="bold cyan")


def _letter(place: int) -> str:
    return chr(ord("a") + place)


def _axis(first: int, last: int, per_year: int) -> Text:
    line = [" "] * ((last - first) * per_year + 2)
    for age in range(first, last + 1):
        if age % 5 == 0:
            column = (age - first) * per_year
            line[column : column + 2] = str(age)
    return Text("".join(line).rstrip(), style="dim")


def _legend() -> Text:
    line = Text("\n")
    for sign, colour, name in (
        *CATEGORIES.values(),
        ("━", "magenta", "payroll"),
        ("╌", "white", "direct"),
    ):
        line.append(sign * 2, colour).append(f" {name}  ", "dim")
    return line


def _captions(life: Chronicle) -> Table:
    table = Table.grid(padding=(0, 2))
    for place, (day, caption) in enumerate(life.captions):
        age = f"{floor(life.age(day))}"
        table.add_row(Text(_letter(place), "bold cyan"), age, Text(f"{day}", "dim"), caption)
    return table
