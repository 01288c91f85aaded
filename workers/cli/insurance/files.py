"""The insurance office's file as CSV and as a workbook: the same bytes for the same month."""

import csv
import io

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from activities.shared.undated import undated
from schemas.deduction.list_file import kroner
from schemas.insurance.columns import MADE, PERIOD, UNION, columns_of, heads_of
from schemas.insurance.contracts import OfficeFile, Settlement

_AMOUNT, _TEXT = "#,##0.00", "@"


def csv_file(file: OfficeFile, union_orgnr: str) -> bytes:
    """Return the file as CSV: UTF-8 with a mark, semicolons, every value quoted."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for heading, value in heads_of(file, union_orgnr):
        writer.writerow((heading, kroner(value) if isinstance(value, int) else value))
    writer.writerow([])
    columns = columns_of(file.coverages)
    writer.writerow([column.heading for column in columns])
    for line in file.lines:
        writer.writerow([column.text(line) for column in columns])
    return out.getvalue().encode("utf-8-sig")


def settlement_csv(found: Settlement, union_orgnr: str) -> bytes:
    """Return a settlement as CSV: sums by the month that was charged, and nobody's name."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow((UNION, union_orgnr))
    writer.writerow((PERIOD, found.period))
    writer.writerow((MADE, str(found.settled_on)))
    writer.writerow(("Sum til oppgjør", kroner(found.amount_ore)))
    writer.writerow([])
    writer.writerow(("Premie for", "Innbetalt"))
    for month in found.months:
        writer.writerow((f"{month.charged_from:%Y-%m}", kroner(month.amount_ore)))
    return out.getvalue().encode("utf-8-sig")


def xlsx_file(file: OfficeFile, union_orgnr: str) -> bytes:
    """Return the file as a workbook: numbers of members as text, amounts as numbers."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Ledernepakken")
    columns = columns_of(file.coverages)
    for place in range(1, len(columns) + 1):
        sheet.column_dimensions[get_column_letter(place)].width = 34 if place == 1 else 18

    def cell(value: str | float, font: Font | None = None) -> object:
        made = WriteOnlyCell(sheet, value=value)
        made.number_format = _TEXT if isinstance(value, str) else _AMOUNT
        if font is not None:
            made.font = font
        return made

    bold = Font(bold=True)
    for heading, value in heads_of(file, union_orgnr):
        shown = value / 100 if isinstance(value, int) else value
        sheet.append([cell(heading, bold), cell(shown)])
    sheet.append([])
    sheet.append([cell(column.heading, bold) for column in columns])
    for line in file.lines:
        sheet.append(
            [
                cell(column.amount(line) / 100 if column.amount else column.text(line))
                for column in columns
            ]
        )
    made, same = io.BytesIO(), io.BytesIO()
    book.save(made)
    undated(made, same)
    return same.getvalue()
