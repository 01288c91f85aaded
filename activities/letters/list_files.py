"""The files of a deduction list, the same bytes for the same list (D2).

The CSV is UTF-8 with a mark and separated by semicolons: a spreadsheet set to Norwegian opens it
with the right letters and columns, without a question.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from activities.shared.undated import undated
from schemas.deduction.list_file import (
    COLUMNS,
    HEADINGS,
    Column,
    ShownLine,
    headings_of,
    kroner,
)

_AMOUNT, _TEXT = "#,##0.00", "@"


@dataclass(frozen=True)
class ShownList:
    """A list as an employer is shown it: only the lines that passed the gate."""

    union_orgnr: str
    employer_orgnr: str
    period_from: date
    number: str
    kid: str
    lines: tuple[ShownLine, ...]

    @property
    def total_ore(self) -> int:
        """What the shown lines ask for."""
        return sum(line.total_ore for line in self.lines)


def csv_file(shown: ShownList) -> bytes:
    """Return a list as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows(
        zip(HEADINGS, (*_texts(shown), kroner(shown.total_ore), _count(shown)), strict=True)
    )
    writer.writerow([])
    writer.writerow(headings_of(COLUMNS))
    for line in shown.lines:
        writer.writerow([column.text(line) for column in COLUMNS])
    return out.getvalue().encode("utf-8-sig")


def xlsx_file(shown: ShownList) -> bytes:
    """Return a list as a workbook: ids as text, amounts as numbers, the headings frozen."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Trekkliste")
    for place, column in enumerate(COLUMNS, 1):
        sheet.column_dimensions[get_column_letter(place)].width = column.width
    sheet.freeze_panes = f"A{len(HEADINGS) + 3}"
    bold = Font(bold=True)

    def cell(value: str | float, number_format: str = _TEXT, font: Font | None = None) -> object:
        made = WriteOnlyCell(sheet, value=value)
        made.number_format = number_format
        if font is not None:
            made.font = font
        return made

    total = cell(shown.total_ore / 100, _AMOUNT)
    values = [*(cell(text) for text in _texts(shown)), total, cell(len(shown.lines), "0")]
    for heading, value in zip(HEADINGS, values, strict=True):
        sheet.append([cell(heading, font=bold), value])
    sheet.append([])
    sheet.append([cell(heading, font=bold) for heading in headings_of(COLUMNS)])
    for line in shown.lines:
        sheet.append([cell(*_value(column, line)) for column in COLUMNS])
    made, same = io.BytesIO(), io.BytesIO()
    book.save(made)
    undated(made, same)
    return same.getvalue()


def locked(content: bytes, password: str) -> bytes:
    """Return a workbook encrypted with a password (AES); never twice the same bytes."""
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(content)).encrypt(password, out)
    return out.getvalue()


def _texts(shown: ShownList) -> Sequence[str]:
    period = f"{shown.period_from:%Y-%m}"
    return (shown.union_orgnr, shown.employer_orgnr, period, shown.number, shown.kid)


def _count(shown: ShownList) -> str:
    return str(len(shown.lines))


def _value(column: Column, line: ShownLine) -> tuple[str | float, str]:
    """Return a cell of the workbook: amounts are numbers there, the rest is the CSV's text."""
    value = column.value_of(line) if column.value_of else ""
    shown = value / 100 if isinstance(value, int) else column.text(line)
    return shown, _AMOUNT if column.amount else _TEXT
