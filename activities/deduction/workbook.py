"""Reading XLSX from strangers: bounded before it is opened, and never a formula."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from defusedxml import DefusedXmlException
from openpyxl.utils.exceptions import InvalidFileException

from activities.deduction.workbook_bounds import TOO_MUCH, UNREADABLE, check_bounds
from activities.deduction.wrong_file import WrongFile

MAX_COLUMNS = 40

MAX_BEYOND = 10_000_000
"""Empty cells beyond those columns, in all rows: the library fills every row up to its last."""

MAX_CHARACTERS = 300
"""Of a cell: more than a name, and than anything else that a list has."""

if not openpyxl.DEFUSEDXML:
    raise ImportError("openpyxl must read XML through defusedxml")

_UNREADABLE = (
    zipfile.BadZipFile,
    InvalidFileException,
    DefusedXmlException,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    OSError,
    EOFError,
    RuntimeError,
    NotImplementedError,
)
"""What the library raises for broken workbooks: whatever it is, the file is the sender's."""


def read_workbook(content: bytes, most_rows: int) -> list[list[str]]:
    """Return the rows of a workbook's first sheet, as text.

    Args:
        content: the file.
        most_rows: more are refused.

    Raises:
        WrongFile: it is too large, holds a formula, or can't be read.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            check_bounds(parts)
        return list(_rows(content, most_rows))
    except _UNREADABLE:
        raise WrongFile(UNREADABLE) from None


def _rows(content: bytes, most_rows: int) -> Iterator[list[str]]:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    try:
        sheet = book.worksheets[0]
        # What a sheet says of its own size may be wrong.
        sheet.reset_dimensions()
        beyond = 0
        for number, row in enumerate(sheet.iter_rows(), 1):
            if number > most_rows:
                raise WrongFile(f"the workbook has more than {most_rows} rows")
            if len(row) > MAX_COLUMNS and any(cell.value for cell in row[MAX_COLUMNS:]):
                raise WrongFile(f"line {number} has more than {MAX_COLUMNS} columns")
            beyond += max(0, len(row) - MAX_COLUMNS)
            if beyond > MAX_BEYOND:
                raise WrongFile(TOO_MUCH)
            cells = [_text(cell) for cell in row[:MAX_COLUMNS]]
            check_lengths(cells, number)
            yield cells
    finally:
        book.close()


def check_lengths(cells: list[str], number: int) -> None:
    """Refuse a line with a cell that nobody can have meant, before any rule looks at it.

    Raises:
        WrongFile: a cell is too long.
    """
    if any(len(cell) > MAX_CHARACTERS for cell in cells):
        raise WrongFile(f"line {number}: a cell holds more than {MAX_CHARACTERS} characters")


def _text(cell: Any) -> str:
    value = cell.value
    match value:
        case None:
            return ""
        case str() if cell.data_type == "f":
            raise WrongFile(f"cell {cell.coordinate} holds a formula: send values")
        case str():
            return value
        case bool():
            return str(value)
        case float():
            # Shortest text that is this number; never 4.95E+2.
            return f"{Decimal(repr(value)):f}".removesuffix(".0")
        case datetime() | date():
            return value.isoformat()[:10]
    if cell.data_type == "f":
        raise WrongFile(f"cell {cell.coordinate} holds a formula: send values")
    return str(value)
