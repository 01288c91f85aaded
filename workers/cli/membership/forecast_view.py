"""Draws what will happen to a member, for people: `medlemsflyt forecast`."""

from collections.abc import Iterable
from itertools import groupby

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from schemas.membership.forecast import (
    Forecast,
    ForecastCover,
    ForecastDues,
    ForecastLetter,
    ForecastStep,
)
from schemas.shared.amounts import in_kroner
from schemas.shared.calendar import oslo_date
from workers.cli.membership.show_view import ASLEEP
from workers.cli.shared.printing import plain, words
from workers.cli.shared.rule_titles import legend
from workers.settings import DEFAULT_RULES_URL


def render_forecast(
    found: Forecast, page: str = DEFAULT_RULES_URL, *, asleep: bool = False
) -> RenderableType:
    """Return a member's years ahead: what happens, what is charged, what is covered.

    Args:
        found: the answer of the query.
        page: where the rules can be read.
        asleep: the member goes by older prices itself, until it wakes.
    """
    parts: list[RenderableType] = [_title(found)]
    if found.note:
        parts.append(Text(f"{plain(found.note).capitalize()}."))
    if found.steps:
        parts += [_heading("What happens by itself"), _steps(found.steps)]
    if found.dues:
        parts += [_heading("Dues"), _dues(found.dues)]
    if found.cover:
        parts += [_heading("Insurance package"), _cover(found.cover)]
    if found.awaiting:
        parts.append(_heading("Still waited for"))
        parts += [
            Text(f"• {words(wait.role)}: {wait.what}, since {oslo_date(wait.since)}")
            for wait in found.awaiting
        ]
    steps = [rule for step in found.steps for rule in step.rules]
    if rules := steps + [rule for due in found.dues for rule in due.rules]:
        parts += [_heading("Rules"), legend(rules, page)]
    if found.until is not None:
        parts.append(Text(f"\n{plain(found.assumes)}", style="dim"))
    if asleep:
        parts.append(Text(ASLEEP, style="dim"))
    return Group(*parts)


def _title(found: Forecast) -> Text:
    what = words(found.category) if found.category else words(found.stage)
    until = f" until {found.until}" if found.until else ""
    title = f"{plain(found.membership_id)} · {what} · from {found.as_of}{until}"
    return Text(title, style="bold")


def _heading(title: str) -> Text:
    return Text(f"\n{title}", style="bold")


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        fixed = column not in {"What", "Letters", "Rules"}
        table.add_column(
            column,
            justify="right" if column in {"Age", "Kroner", "A year"} else "left",
            no_wrap=fixed,
            overflow="fold",
        )
    return table


def _steps(steps: Iterable[ForecastStep]) -> Table:
    """Return the steps, each year and age once."""
    table = _table("Year", "Day", "Age", "What", "Letters", "Rules", "Then")
    for year, of_year in groupby(steps, key=lambda step: step.on.year):
        for number, step in enumerate(of_year):
            table.add_row(
                str(year) if number == 0 else "",
                f"{step.on:%m-%d}",
                str(step.age),
                Text(plain(step.says)),
                Text(_letters(step.letters)),
                Text(", ".join(step.rules)),
                _then(step),
            )
    return table


def _letters(letters: Iterable[ForecastLetter]) -> str:
    return "\n".join(
        f"{words(letter.audience)}: {words(letter.template)}"
        + (" (by way of the caseworkers)" if letter.forwarded else "")
        for letter in letters
    )


def _then(step: ForecastStep) -> str:
    if step.outcome is not None:
        return words(step.outcome)
    category = words(step.category) if step.category else ""
    return "\n".join(
        part
        for part in (
            f"{category}, {words(step.stage)}",
            f"insurance {words(step.insurance)}",
            f"payroll {words(step.payroll)}",
        )
        if not part.endswith("not applicable")
    )


def _dues(dues: Iterable[ForecastDues]) -> Table:
    table = _table("From", "To (excluded)", "What", "Kroner", "Every", "A year", "Paid", "Rules")
    for due in dues:
        table.add_row(
            str(due.valid_from),
            str(due.valid_to),
            words(due.kind),
            in_kroner(due.amount_ore),
            due.cadence.removesuffix("ly"),
            in_kroner(due.a_year_ore),
            words(due.payer),
            Text(", ".join(due.rules)),
        )
    return table


def _cover(cover: Iterable[ForecastCover]) -> Table:
    table = _table("From", "To (excluded)", "What")
    for part in cover:
        table.add_row(str(part.valid_from), str(part.valid_to), words(plain(part.coverage)))
    return table
