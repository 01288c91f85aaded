"""A register as a file: a workbook, or a folder of CSV files. Both take rows one by one."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from activities.register.private_files import csv_table, private_file, private_folder, writing
from activities.shared.undated import undated
from schemas.register.columns import TABLES, Table

Write = Callable[[str, Sequence[str]], object]
"""Takes the name of a table and a row of it."""

WORKBOOK = ".xlsx"

_WIDTH = 18


@contextmanager
def register_file(path: Path) -> Iterator[Write]:
    """Have a register to write to, for its owner's eyes only.

    Args:
        path: of a workbook if it ends as one does; else of a folder for a CSV of each table.

    Raises:
        NotWritten: it can't be.
    """
    with _workbook(path) if path.suffix.casefold() == WORKBOOK else _folder(path) as write:
        yield write


@contextmanager
def _folder(path: Path) -> Iterator[Write]:
    private_folder(path)
    with ExitStack() as held:
        tables = {
            table.name: held.enter_context(csv_table(path / f"{table.name}.csv", _headings(table)))
            for table in TABLES
        }
        yield lambda name, cells: tables[name](cells)


@contextmanager
def _workbook(path: Path) -> Iterator[Write]:
    with private_file(path) as file:
        # Rows go to a file each as they come: memory does not grow with them.
        book = Workbook(write_only=True)
        sheets = {}
        for table in TABLES:
            sheets[table.name] = sheet = book.create_sheet(table.name)
            sheet.freeze_panes = "A2"
            for place in range(1, len(table.columns) + 1):
                sheet.column_dimensions[get_column_letter(place)].width = _WIDTH
            sheet.append(_headings(table))
        kinds = {table.name: [column.kind.number for column in table.columns] for table in TABLES}

        def write(name: str, cells: Sequence[str]) -> None:
            with writing(path):
                sheets[name].append(list(map(_value, cells, kinds[name])))

        yield write
        with writing(path), tempfile.TemporaryFile() as dated:
            book.save(dated)
            undated(dated, file)


def _value(cell: str, is_number: bool) -> str | float | None:
    """Return a cell as a spreadsheet has it: amounts are numbers, ids stay text."""
    if not cell:
        return None
    return float(cell.replace(",", ".")) if is_number else cell


def _headings(table: Table) -> list[str]:
    return [column.name for column in table.columns]
