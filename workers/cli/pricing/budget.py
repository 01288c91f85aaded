"""`medlemsflyt budget`: what will be charged, as a table, as CSV and as a picture."""

import asyncio
import csv
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.table import Table

from activities.pricing.budget import NotByRate, budget
from activities.pricing.rulebook_change import NotChanged
from schemas.pricing.contracts import Budget, BudgetLine, PriceChange
from schemas.shared.amounts import in_kroner
from schemas.shared.calendar import month_after
from schemas.shared.faults import faults_of
from schemas.shared.vocabulary import LineKind
from workers import bars
from workers.bars import Bar, Format
from workers.cli.shared.clock import today
from workers.cli.shared.connections import database
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import console, say, words
from workers.cli.shared.reading import read_one
from workers.errors import UserError
from workers.settings import Settings, resolve_settings

COLUMNS = ("month", "kind", "category", "branch", "kroner", "proposed_kroner")

FORMATS: dict[str, Format] = {".svg": "svg", ".png": "png"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("budget")(show)


def show(
    months: Annotated[int, typer.Option(min=1, max=120, help="How many, from the next on.")] = 24,
    proposed: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="New prices to set beside, as JSON for reprice."),
    ] = None,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write all lines there.")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw it there: .svg or .png.")
    ] = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Say what will be charged if nobody does anything, by month, kind, category and branch.

    With --proposed, beside what it would be by other prices; nothing of them is written. Whoever
    may still reserve against the insurance is counted with it, from the month it comes by itself.
    """
    if picture is not None and picture.suffix not in FORMATS:
        raise UserError(f"Nothing was drawn: name the picture .svg or .png, not {picture.name}.")
    change = None if proposed is None else _read(proposed)
    found = asyncio.run(_found(resolve_settings(data), months, change))
    if csv_file is not None:
        _write_csv(csv_file, found.lines)
    if picture is not None:
        picture.write_bytes(drawn(found, FORMATS[picture.suffix]))
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
    else:
        _print(found)


def _read(file: str) -> PriceChange:
    try:
        return PriceChange.model_validate_json(read_one(file))
    except ValidationError as error:
        raise UserError(f"The proposal can't be read: {'; '.join(faults_of(error))}.") from None


async def _found(settings: Settings, months: int, change: PriceChange | None) -> Budget:
    async with database(settings) as pool:
        day = today()
        try:
            return await budget(
                pool, start=month_after(day), months=months, today=day, proposed=change
            )
        except NotByRate:
            raise UserError(
                "The proposal changes rules: `medlemsflyt reprice --dry-run` plans everybody anew."
            ) from None
        except NotChanged as error:
            raise UserError(f"The proposal can't be made: {error}.") from None


def _write_csv(file: Path, lines: Iterable[BudgetLine]) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for line in lines:
            amounts = (f"{ore / 100:.2f}" for ore in (line.ore, line.proposed_ore))
            where = (line.kind, line.category or "", line.branch or "")
            writer.writerow((f"{line.month:%Y-%m}", *where, *amounts))


def by_month(lines: Iterable[BudgetLine]) -> dict[date, dict[LineKind, tuple[int, int]]]:
    """Return what each month charges for what, in øre: as it is, and as proposed."""
    found: dict[date, dict[LineKind, tuple[int, int]]] = defaultdict(dict)
    for line in lines:
        ore, proposed = found[line.month].get(line.kind, (0, 0))
        found[line.month][line.kind] = (ore + line.ore, proposed + line.proposed_ore)
    return found


def _print(found: Budget) -> None:
    table = Table(title="What is charged if nobody does anything, in kroner")
    table.add_column("Month")
    kinds = [kind for kind in LineKind if any(line.kind is kind for line in found.lines)]
    for kind in kinds:
        table.add_column(words(kind).capitalize(), justify="right")
    table.add_column("In all", justify="right")
    if found.proposed is not None:
        table.add_column("Proposed", justify="right")
    for month, charged in by_month(found.lines).items():
        amounts = [charged.get(kind, (0, 0)) for kind in kinds]
        cells = [in_kroner(ore) for ore, _ in amounts]
        cells.append(in_kroner(sum(ore for ore, _ in amounts)))
        if found.proposed is not None:
            cells.append(in_kroner(sum(proposed for _, proposed in amounts)))
        table.add_row(f"{month:%Y-%m}", *cells)
    console().print(table)
    total, proposed = (sum(line.ore for line in found.lines), _proposed(found))
    say(f"In all {in_kroner(total)} kr.")
    if found.proposed is not None:
        more = "more" if proposed >= total else "less"
        say(f"Proposed {in_kroner(proposed)} kr: {in_kroner(abs(proposed - total))} kr {more}.")


def _proposed(found: Budget) -> int:
    return sum(line.proposed_ore for line in found.lines)


def drawn(found: Budget, to: Format) -> bytes:
    """Return the months as bars, one part for each kind, and the proposal as a line above."""
    compared = found.proposed is not None
    months = [
        Bar(
            label=f"{month:%Y-%m}",
            parts={str(kind): ore / 100 for kind, (ore, _) in charged.items()},
            mark=sum(proposed for _, proposed in charged.values()) / 100 if compared else None,
        )
        for month, charged in by_month(found.lines).items()
    ]
    return bars.drawn(
        "What is charged if nobody does anything, in kroner a month",
        {str(kind): words(kind).capitalize() for kind in LineKind},
        months,
        to,
        marked="as proposed" if compared else "",
    )
