"""Lists of whatever length: people get the first page, programs a stream; nothing is kept whole."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import Annotated, Any, TypeVar

import typer

Json = dict[str, Any]
Row = TypeVar("Row")

FIRST_PAGE = 200
"""Rows that people are shown of a list: more than anybody deals with at a sitting."""

Limit = Annotated[
    int | None,
    typer.Option(
        "--limit",
        min=1,
        metavar="N",
        help=f"At most so many of each list. Default: {FIRST_PAGE}; with --json all.",
    ),
]


async def at_most(rows: AsyncIterator[Row], limit: int | None) -> AsyncIterator[Row]:
    """Yield the first of some rows, and ask for no more of them than that."""
    left = limit
    async with aclosing(rows) as coming:  # type: ignore[type-var]
        async for row in coming:
            yield row
            if left is not None and (left := left - 1) == 0:
                return


async def page(rows: AsyncIterator[Row], limit: int | None) -> list[Row]:
    """Return the first of some rows."""
    return [row async for row in at_most(rows, limit or FIRST_PAGE)]


async def stream_json(value: Mapping[str, object]) -> None:
    """Print one JSON object on one line, its lists row by row as they come.

    Args:
        value: what ``json`` can write, and asynchronous iterators of it.
    """
    for number, (name, each) in enumerate(value.items()):
        typer.echo(f"{', ' if number else '{'}{json.dumps(name)}: ", nl=False)
        if isinstance(each, AsyncIterator):
            await _stream(each)
        else:
            typer.echo(_text(each), nl=False)
    typer.echo("}")


async def _stream(rows: AsyncIterator[object]) -> None:
    before = "["
    async for row in rows:
        typer.echo(f"{before}{_text(row)}", nl=False)
        before = ", "
    typer.echo("[]" if before == "[" else "]", nl=False)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
