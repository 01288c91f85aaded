"""What would become of a register, for people: faults by line, and two systems side by side."""

from contextlib import ExitStack
from datetime import date
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from activities.register.private_files import NotWritten, csv_table, private_folder
from activities.register.reading import Register, open_register
from activities.register.rehearsal import Sinks, rehearse
from activities.shared.rulebook import RulebookReader
from activities.shared.wrong_file import WrongFile
from schemas.deduction.list_file import harmless, kroner
from schemas.register.comparison import ComparedCharge, ComparedTotal
from schemas.register.rehearsed import RehearsedImport
from schemas.register.rows import RegisterFault
from schemas.shared.amounts import in_kroner
from workers.cli.shared.clock import today
from workers.cli.shared.connections import database
from workers.cli.shared.printing import console, counted, say, words
from workers.errors import UserError
from workers.settings import Settings

SHOWN = 20
"""Faults and differences that are printed."""

MANY_BYTES = 2_000_000
"""A file of so much is checked by several processes: some thousand members."""

FAULTS = ("table", "line", "column", "stood", "says")
CHARGES = ("number", "line", "category", "kind", "here", "there", "difference", "because", "rules")
TOTALS = ("category", "kind", "members", "here", "compared", "compared_here", "there", "differing")


async def rehearsed(
    settings: Settings, file: Path, month: date, out: Path | None, *, quiet: bool
) -> RehearsedImport:
    """Return what would become of a register, and write all of it to a folder that is named.

    Raises:
        UserError: the file is refused as a whole, or something can't be read or written.
    """
    try:
        with ExitStack() as held:
            sinks = _files(held, out)
            register = held.enter_context(open_register(file))
            found = await _looked_through(settings, file, register, month, sinks, quiet=quiet)
        if out is not None:
            _write_totals(out, found)
    except (WrongFile, NotWritten) as error:
        raise UserError(f"Nothing was carried over: {error}.") from None
    except OSError as error:
        raise UserError(f"Nothing was carried over: {error.strerror}: {error.filename}.") from None
    return found


async def _looked_through(
    settings: Settings, file: Path, register: Register, month: date, sinks: Sinks, *, quiet: bool
) -> RehearsedImport:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,} members, {task.fields[faulty]:,} with faults"),
        TextColumn("{task.fields[rate]:,} a second"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console(), transient=True, disable=quiet) as bar:
        task = bar.add_task("Looking at", total=None, faulty=0, rate=0)

        def show(members: int, faulty: int) -> None:
            rate = round(bar.tasks[task].speed or 0)
            bar.update(task, completed=members, faulty=faulty, rate=rate)

        async with database(settings) as pool, pool.acquire() as connection:
            rulebooks = RulebookReader(allow_synthetic_ids=settings.allow_synthetic_ids)
            book = await rulebooks.current(connection)
            return await rehearse(
                connection,
                register,
                book,
                month,
                today(),
                many=is_large(file),
                sinks=sinks,
                progress=show,
            )


def is_large(file: Path) -> bool:
    """Tell whether it is worth it to go through a register with several processes."""
    files = file.iterdir() if file.is_dir() else (file,)
    return sum(one.stat().st_size for one in files) > MANY_BYTES


def _files(held: ExitStack, out: Path | None) -> Sinks:
    if out is None:
        return Sinks()
    private_folder(out)
    fault = held.enter_context(csv_table(out / "faults.csv", FAULTS))
    charge = held.enter_context(csv_table(out / "charges.csv", CHARGES))
    return Sinks(lambda one: fault(_fault(one)), lambda one: charge(_charge(one)))


def _fault(one: RegisterFault) -> list[str]:
    return [one.table, str(one.line), one.column or "", harmless(one.stood), harmless(one.says)]


def _charge(one: ComparedCharge) -> list[str]:
    there = one.theirs_ore
    return [
        harmless(one.number),
        str(one.line),
        one.category,
        one.kind,
        kroner(one.ours_ore),
        "" if there is None else kroner(there),
        "" if there is None else kroner(one.ours_ore - there),
        harmless(one.because),
        " ".join(one.rules),
    ]


def _write_totals(out: Path, found: RehearsedImport) -> None:
    with csv_table(out / "totals.csv", TOTALS) as write:
        for one in found.totals:
            amounts = (one.compared_ore, one.theirs_ore)
            here, there = (kroner(ore) if one.compared else "" for ore in amounts)
            counts = (one.members, kroner(one.ours_ore), one.compared, here, there, one.differing)
            write([one.category, one.kind, *map(str, counts)])


def show_rehearsed(found: RehearsedImport, out: Path | None) -> None:
    """Print what is wrong, and what the good ones would be charged here and there."""
    for fault in found.faults[:SHOWN]:
        say(f"{fault}.")
    _say_more(len(found.faults[SHOWN:]) + found.more_faults, "fault", out)
    table = Table(title=f"Dues for {found.month}, in kroner")
    table.add_column("Category")
    table.add_column("What")
    for name in ("Members", "Here", "Compared", "Here", "There", "Difference", "Differing"):
        table.add_column(name, justify="right")
    for total in found.totals:
        table.add_row(*_total(total))
    console().print(table)
    for one in found.differences[:SHOWN]:
        there = in_kroner(one.theirs_ore or 0)
        say(
            f"{one.number}, {words(one.kind)}: {in_kroner(one.ours_ore)} here, {there} there: "
            f"{one.because} ({', '.join(one.rules)})."
        )
    _say_more(len(found.differences[SHOWN:]) + found.more_differences, "difference", out)
    say(
        f"{counted(found.members, 'member')} in the file: {found.good:,} would be carried over, "
        f"{found.known:,} were before, {found.faulty:,} can't be, with faults. "
        f"Of {found.compared:,} the file says what is charged there; {found.differing:,} would be "
        "charged otherwise."
    )
    say(f"Owed: {in_kroner(found.owed_ore)} kr; in credit: {in_kroner(found.credit_ore)} kr.")


def _say_more(more: int, noun: str, out: Path | None) -> None:
    if more:
        where = f"all are in {out}" if out is not None else "--out DIR writes them all"
        say(f"And {counted(more, f'more {noun}')}; {where}.")


def _total(one: ComparedTotal) -> list[str]:
    told = [in_kroner(one.compared_ore), in_kroner(one.theirs_ore)]
    told.append(in_kroner(one.compared_ore - one.theirs_ore))
    return [
        words(one.category),
        words(one.kind),
        f"{one.members:,}",
        in_kroner(one.ours_ore),
        f"{one.compared:,}",
        *(told if one.compared else ["–", "–", "–"]),
        f"{one.differing:,}",
    ]
