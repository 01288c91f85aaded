"""The figures for the board: a page with pictures and tables, and each as CSV."""

import asyncio
import csv
import io
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from activities.desk.figures import NOW, read_figure
from activities.desk.member import read_branches
from schemas.access.roles import View
from schemas.desk.figures import Figure, FigureName, Row, Unit
from workers import bars
from workers.bars import Bar
from workers.gateway.desk.frame import Frame, today
from workers.gateway.desk.texts import texts
from workers.gateway.desk.writing import day, kroner, month
from workers.gateway.refusals import not_found


class FiguresPages:
    """The figures.

    Args:
        frame: what all pages share.
    """

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    async def show(self, request: Request) -> Response:
        """Show all figures."""
        caller = await self._frame.caller(request, View.FIGURES)
        await self._frame.logbook.write(caller, "list", "desk/figures")
        as_of = today()
        found = [await read_figure(self._frame.pool, name, as_of) for name in FigureName]
        branches = await self._branches()
        return self._frame.page(
            caller,
            "figures.html",
            figures=found,
            group=lambda figure, group: named(figure.name, group, branches),
            row=_row,
            amount=amount,
            as_of=as_of,
        )

    async def table(self, request: Request) -> Response:
        """Return a figure as CSV, as a Norwegian spreadsheet reads it."""
        caller = await self._frame.caller(request, View.FIGURES)
        name = _named(request)
        await self._frame.logbook.write(caller, "list", f"desk/figures/{name}")
        figure = await read_figure(self._frame.pool, name, today())
        branches = await self._branches()
        said = texts()["figures"]
        out = io.StringIO()
        writer = csv.writer(out, delimiter=";")
        names = (named(name, group, branches) for group in figure.groups)
        writer.writerow((said["row"], *names, said["total"]))
        for row in figure.rows:
            cells = (amount(figure.unit, one) for one in (*row.amounts, row.total))
            writer.writerow((_row(row), *cells))
        return Response(
            out.getvalue().encode("utf-8-sig"),
            media_type="text/csv",
            headers={
                "Cache-Control": "no-store",
                "Content-Disposition": f'attachment; filename="{said["file"][name]}.csv"',
            },
        )

    async def picture(self, request: Request) -> Response:
        """Return a figure as a picture."""
        await self._frame.caller(request, View.FIGURES)
        name = _named(request)
        figure = await read_figure(self._frame.pool, name, today())
        branches = await self._branches()
        names = {group: named(name, group, branches) for group in figure.groups}
        title = texts()["figures"]["name"][name]
        drawn = await asyncio.to_thread(bars.drawn, title, names, _bars(figure, names), "svg")
        return Response(drawn, media_type="image/svg+xml", headers={"Cache-Control": "no-store"})

    async def _branches(self) -> dict[str, str]:
        async with self._frame.pool.acquire() as connection:
            return dict(await read_branches(connection))


def _named(request: Request) -> FigureName:
    try:
        return FigureName(request.path_params["name"])
    except ValueError:
        raise not_found() from None


def named(name: FigureName, group: str, branches: Mapping[str, str]) -> str:
    """Return what a group of a figure is called."""
    said: dict[str, Any] = texts()["figures"]["group"][name]
    return str(said.get(group) or branches.get(group, group))


def _row(row: Row) -> str:
    if row.row == NOW:
        return str(texts()["figures"]["now"])
    return month(f"{row.row}-01") if len(row.row) == len("2026-11") else day(row.row)


def amount(unit: Unit, value: int | None) -> str:
    """Return an amount as it is written; what is kept back is a dash."""
    if value is None:
        return "–"
    return kroner(value) if unit is Unit.ORE else str(value)


def _bars(figure: Figure, names: Mapping[str, str]) -> list[Bar]:
    """Return a bar for each row, or of a single row one for each group."""
    scale = 100 if figure.unit is Unit.ORE else 1
    if figure.name is FigureName.ARREARS:
        [cells] = [row.amounts for row in figure.rows] or [()]
        return [
            Bar(label=names[group], parts={group: (cell or 0) / scale})
            for group, cell in zip(figure.groups, cells, strict=True)
        ]
    return [
        Bar(
            label=_row(row),
            parts={
                group: (cell or 0) / scale
                for group, cell in zip(figure.groups, row.amounts, strict=True)
            },
        )
        for row in figure.rows
    ]
