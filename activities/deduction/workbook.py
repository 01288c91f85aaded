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

from activities.deduction.wrong_file import WrongFile

MAX_UNCOMPRESSED = 300 * 1024 * 1024
MAX_PARTS = 500
MAX_COLUMNS = 40

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
        _check_size(content)
        return list(_rows(content, most_rows))
    except _UNREADABLE:
        raise WrongFile("the workbook can't be read: save it anew as .xlsx, or as CSV") from None


def _check_size(content: bytes) -> None:
    """Refuse a bomb by what its directory says: reading stops at the sizes that stand there."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sizes = [part.file_size for part in parts.infolist()]
    if len(sizes) > MAX_PARTS or sum(sizes) > MAX_UNCOMPRESSED:
        raise WrongFile("the workbook is too large once it is unpacked")


def _rows(content: bytes, most_rows: int) -> Iterator[list[str]]:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    try:
        sheet = book.worksheets[0]
        # What a sheet says of its own size may be wrong.
        sheet.reset_dimensions()
        for number, row in enumerate(sheet.iter_rows(), 1):
            if number > most_rows:
                raise WrongFile(f"the workbook has more than {most_rows} rows")
            if len(row) > MAX_COLUMNS and any(cell.value for cell in row[MAX_COLUMNS:]):
                raise WrongFile(f"line {number} has more than {MAX_COLUMNS} columns")
            yield [_text(cell) for cell in row[:MAX_COLUMNS]]
    finally:
        book.close()


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
