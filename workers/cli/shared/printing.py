"""Printing: Rich for people, JSON for programs, and text from outside made harmless."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

WIDE = 160
"""Columns of a table that goes into a file or a pipe."""


def console() -> Console:
    """Return where people read; a pipe or a file is wide enough not to break ids."""
    return Console(width=None if sys.stdout.isatty() else WIDE, highlight=False)


def say(line: str) -> None:
    """Print one line for people."""
    typer.echo(plain(line))


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun: ``1 member``, ``2,000 members``.

    Args:
        number: how many.
        noun: of one.
        plural: of any other number; the noun with an s when left out.
    """
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def print_json(value: Mapping[str, Any]) -> None:
    """Print one JSON object on one line."""
    typer.echo(json.dumps(value, ensure_ascii=False))


def words(name: str) -> str:
    """Return a name of the contract as words: ``on_leave`` is ``on leave``."""
    return str(name).replace("_", " ")


def plain(text: str) -> str:
    """Return text without what could steer a terminal: it may come from anybody."""
    return "".join(
        char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text
    )


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table under its title with the number of its rows, or that there is nothing."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(cell)) for cell in row))
    console().print(Text(f"{title}: {table.row_count or 'nothing'}", style="bold"))
    if table.row_count:
        console().print(table)


def progress_bar(*, quiet: bool) -> Progress:
    """Return a bar on standard error, for people at a terminal; its tasks have a ``rate``."""
    err = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=quiet or not err.is_terminal,
    )


def first_of(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first of what went wrong side by side."""
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
