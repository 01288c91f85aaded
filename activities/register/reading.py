"""Reading a register: a workbook, a folder of CSV files or one of them, to rows of each member.

What can't be read for certain is refused whole, with a sentence that says what to do.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from difflib import get_close_matches
from functools import partial
from itertools import islice
from pathlib import Path

from openpyxl import Workbook

from activities.register.spool import Spool
from activities.shared.csv_text import Row, csv_rows, encoding_of, separator_of, unreadable
from activities.shared.workbook import open_workbook, sheet_rows
from activities.shared.workbook_bounds import MAX_ROWS, Bounds
from activities.shared.wrong_file import WrongFile
from schemas.register.cells import tidied
from schemas.register.columns import TABLES, Table
from schemas.register.rows import RawMember, RawRow, RegisterFault

MAX_LINES = 5_000_000
"""Of a CSV: more than the country has people at work."""

WORKBOOK = Bounds(uncompressed=4 * 1024**3, strings=12_000_000, cells=60_000_000, rows=3 * MAX_ROWS)
"""Three full sheets; whoever has more saves CSV, which needs no memory."""

_CHUNK = 1024 * 1024

Rows = Callable[[], Iterator[Row]]
"""Begins at a table's first row, each time it is called."""


class Register:
    """A register that is open to be gone through, once.

    Args:
        tables: the rows of each table there is, with its headings.
        spool: keeps what belongs to members until they come.
    """

    def __init__(self, tables: dict[str, Rows], spool: Spool) -> None:
        self._tables = tables
        self._spool = spool

    def members(self) -> Iterator[RawMember]:
        """Yield each member's row with those that belong to it, in the order they stand in.

        Raises:
            WrongFile: a table is not what is asked for.
        """
        members, *others = TABLES
        for table in others:
            if table.name in self._tables:
                rows = _lines(table, self._tables[table.name]())
                self._spool.keep(table.name, ((_owner(row), row) for row in rows))
        for row in _lines(members, self._tables[members.name]()):
            jobs, bills = (self._spool.rows_of(table.name, _owner(row)) for table in others)
            yield RawMember(row, jobs, bills)

    def once(self, kind: str, value: str, line: int) -> int | None:
        """Return in which line of the members a value of a kind stood before, or None."""
        return self._spool.earlier(kind, value, line)

    def owned(self, number: str, line: int) -> int | None:
        """Note a member's number; return in which line it stood before, or None."""
        return self.once("number", number_key(number), line)

    def of_nobody(self) -> Iterator[RegisterFault]:
        """Yield the rows that belong to no member who has been noted by its number."""
        for table in TABLES[1:]:
            for row in self._spool.of_nobody(table.name, "number"):
                yield RegisterFault(
                    table=table.name,
                    line=row.line,
                    column=table.key,
                    stood=tidied(row.cells[0]),
                    says="no member has this number: write it as it stands in members",
                )


@contextmanager
def open_register(path: Path) -> Iterator[Register]:
    """Have a register open.

    Args:
        path: of a workbook with the tables as sheets; of a folder with a CSV for each; or of the
            CSV of the members, who then have no employments and no invoices.

    Raises:
        WrongFile: it is none of these.
        OSError: it can't be read.
    """
    with ExitStack() as held:
        spool = Spool()
        held.callback(spool.close)
        yield Register(_tables(path, held), spool)


def number_key(number: str) -> str:
    """Return what tells a member's number from another's: zeros in front and case don't."""
    text = tidied(number)
    digits = text.isascii() and text.isdecimal()
    return text.lstrip("0") or "0" if digits else text.casefold()


def _owner(row: RawRow) -> str:
    return number_key(row.cells[0])


def _tables(path: Path, held: ExitStack) -> dict[str, Rows]:
    if path.is_dir():
        files = {file.name.casefold(): file for file in path.iterdir()}
        found = {table.name: files.get(f"{table.name}.csv") for table in TABLES}
        if found[TABLES[0].name] is None:
            raise WrongFile(f"the folder has no {TABLES[0].name}.csv")
        return {name: partial(_csv, file) for name, file in found.items() if file is not None}
    with path.open("rb") as opened:
        begins = opened.read(4)
    if begins == b"PK\x03\x04":
        return _sheets(held.enter_context(open_workbook(path, WORKBOOK)))
    if begins == b"\xd0\xcf\x11\xe0":
        raise WrongFile("the file is locked by a password, or an old .xls: save it as plain .xlsx")
    return {TABLES[0].name: partial(_csv, path)}


def _sheets(book: Workbook) -> dict[str, Rows]:
    names = [sheet.title.strip().casefold() for sheet in book.worksheets]
    if TABLES[0].name not in names:
        raise WrongFile(f"the workbook has no sheet {TABLES[0].name}")
    return {
        table.name: partial(sheet_rows, book, names.index(table.name), MAX_ROWS)
        for table in TABLES
        if table.name in names
    }


def _csv(path: Path) -> Iterator[Row]:
    with path.open("rb") as content:
        encoding = encoding_of(iter(partial(content.read, _CHUNK), b""))
    with path.open(encoding=encoding, newline="") as lines:
        try:
            first = "".join(islice(lines, 1))
            separator = separator_of(first)
            if separator is None:
                raise WrongFile("line 1 must hold the headings, with a semicolon between them")
            yield from csv_rows(io.StringIO(first, newline=""), separator, 0, MAX_LINES)
            yield from csv_rows(lines, separator, 1, MAX_LINES)
        except UnicodeError:
            raise unreadable(encoding) from None


def _lines(table: Table, rows: Iterator[Row]) -> Iterator[RawRow]:
    """Yield the lines of a table, a cell to each of its columns.

    Raises:
        WrongFile: its headings are not those of the table, or a line has more cells than them.
    """
    places = _places(table, next(rows, []))
    width = len(places)
    for number, row in enumerate(rows, 2):
        if not any(cell and not cell.isspace() for cell in row):
            continue
        if any(cell.strip() for cell in row[width:]):
            raise WrongFile(f"{table.name}: line {number} has more cells than there are headings")
        cells = [""] * len(table.columns)
        for place, cell in zip(places, row, strict=False):
            cells[place] = cell
        yield RawRow(number, tuple(cells))


def _places(table: Table, headings: Row) -> list[int]:
    """Return which column each cell of a line is in; they may stand in any order."""
    names = [column.name for column in table.columns]
    found = ["_".join(tidied(heading).casefold().split()) for heading in headings]
    while found and not found[-1]:
        found.pop()
    for place, heading in enumerate(found, 1):
        if heading not in names:
            meant = get_close_matches(heading[:60], names, n=1)
            hint = f"did you mean {meant[0]}?" if meant else f"the columns are {', '.join(names)}"
            raise WrongFile(f"{table.name}: the heading of column {place} is not known: {hint}")
    twice = next((heading for heading in found if found.count(heading) > 1), None)
    if twice is not None:
        raise WrongFile(f"{table.name}: the column {twice} stands there twice")
    missing = [c.name for c in table.columns if c.required and c.name not in found]
    if missing:
        raise WrongFile(f"{table.name}: the column {missing[0]} is missing")
    return [names.index(heading) for heading in found]
