"""Reading XLSX from strangers: bounded before it is opened; a formula is refused, or its value."""

import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError

import openpyxl
from defusedxml import DefusedXmlException
from openpyxl import Workbook
from openpyxl.formula.tokenizer import TokenizerError
from openpyxl.utils.exceptions import InvalidFileException

from activities.shared.workbook_bounds import TOO_MUCH, UNREADABLE, Bounds, check_bounds
from activities.shared.wrong_file import WrongFile
from schemas.shared.cells import NumberText

MAX_COLUMNS = 40

MAX_ROWS = 1_048_576
"""A spreadsheet has no more; below those that may hold a list they are empty."""

MAX_BEYOND = 10_000_000
"""Empty cells beyond those columns, in all rows: the library fills every row up to its last."""

MAX_CHARACTERS = 300
"""Of a cell: more than a name, and than anything else that a list has."""

_ESCAPED_BREAK = re.compile("_x000[9aAdD]_")
"""A tab or the end of a line, as the format escapes it: a spreadsheet shows none of it."""

if not openpyxl.DEFUSEDXML:
    raise ImportError("openpyxl must read XML through defusedxml")

BROKEN_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    DefusedXmlException,
    ParseError,
    ExpatError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    OSError,
    EOFError,
    RuntimeError,
)
"""What the libraries raise for a packed file that is broken: whatever it is, it is the sender's."""

_UNREADABLE = (*BROKEN_ARCHIVE, InvalidFileException, TokenizerError)


@contextmanager
def open_workbook(
    file: Path | io.BytesIO, bounds: Bounds, *, values: bool = False
) -> Iterator[Workbook]:
    """Have a workbook open to be read row by row, once it is known not to hold too much.

    Args:
        file: where it lies, or its content.
        bounds: how much it may hold.
        values: a formula is what its spreadsheet made of it, or nothing if that was not kept.

    Raises:
        WrongFile: it is too large, or can't be read.
    """
    with refusing_broken():
        with zipfile.ZipFile(file) as parts:
            check_bounds(parts, bounds)
            _check_kind(parts)
        book = openpyxl.load_workbook(file, read_only=True, keep_links=False, data_only=values)
    try:
        yield book
    finally:
        book.close()


def _check_kind(parts: zipfile.ZipFile) -> None:
    """Refuse what is packed as workbooks are, and is none that can be read.

    Raises:
        WrongFile: with what to do instead.
    """
    names = parts.namelist()
    if "[Content_Types].xml" not in names:
        raise WrongFile(
            "the file is packed, and no workbook: send the list itself, as .xlsx or CSV"
        )
    if "xl/workbook.bin" in names:
        raise WrongFile("the workbook is binary (.xlsb): save it as .xlsx, or as CSV")
    head = parts.open("xl/workbook.xml").read(4096) if "xl/workbook.xml" in names else b""
    if b"purl.oclc.org/ooxml" in head:
        raise WrongFile(
            "the workbook is saved as Strict Open XML: save it as an ordinary Excel workbook"
        )


def sheet_rows(book: Workbook, place: int, most_rows: int) -> Iterator[list[str]]:
    """Yield the rows of a sheet, as text.

    Args:
        book: open to be read.
        place: of the sheet, from 0.
        most_rows: more are refused.

    Raises:
        WrongFile: it holds a formula, a row that no person wrote, or can't be read.
    """
    with refusing_broken():
        yield from _rows(book.worksheets[place], most_rows)


@contextmanager
def refusing_broken() -> Iterator[None]:
    """Read of a workbook what its library reads at once only as far as it is asked for.

    Raises:
        WrongFile: it is broken there.
    """
    try:
        yield
    except _UNREADABLE:
        raise WrongFile(UNREADABLE) from None


def _rows(sheet: Any, most_rows: int) -> Iterator[list[str]]:
    # What a sheet says of its own size may be wrong.
    sheet.reset_dimensions()
    beyond = 0
    for number, row in enumerate(sheet.iter_rows(), 1):
        if number > most_rows:
            if number > MAX_ROWS or any(cell.value is not None for cell in row):
                raise WrongFile(f"the workbook has more than {most_rows} rows")
            # A cell far down that somebody has coloured; a spreadsheet has that many rows.
            continue
        if len(row) > MAX_COLUMNS and any(cell.value for cell in row[MAX_COLUMNS:]):
            raise WrongFile(f"line {number} has more than {MAX_COLUMNS} columns")
        beyond += max(0, len(row) - MAX_COLUMNS)
        if beyond > MAX_BEYOND:
            raise WrongFile(TOO_MUCH)
        cells = [_text(cell) for cell in row[:MAX_COLUMNS]]
        check_lengths(cells, number)
        yield cells


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
            return _ESCAPED_BREAK.sub("\n", value)
        case bool():
            return str(value)
        case int() | float():
            return NumberText(_number(value, cell.number_format))
        case datetime() | date():
            return value.isoformat()[:10]
    if cell.data_type == "f":
        raise WrongFile(f"cell {cell.coordinate} holds a formula: send values")
    return str(value)


def _number(value: float, shown_as: str) -> str:
    """Return the shortest text that is a number; never 4.95E+2. A percentage is a hundredfold."""
    if "%" in shown_as:
        return f"{round(Decimal(repr(value)) * 100, 9).normalize():f}"
    return f"{Decimal(repr(value)):f}".removesuffix(".0")
