"""A return as a spreadsheet or a person saves it: ways to change the file of a list."""

import csv
import hashlib
import io
import unicodedata
from datetime import date

import openpyxl
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Font

from schemas.deduction.list_file import COLUMNS
from tests.deduction.making import rows_of, written

PLACES = {column.name: place for place, column in enumerate(COLUMNS)}
NAMES = ("Åse Ødegård", "Bjørn Æsøy", "Ánte Čáhppe Ŋálli", 'Ola "Kalle" Nordmann')
FIRST = 10
"""The row of the first line, as a spreadsheet counts."""


async def said(office, content):
    """Return what a file was taken to say: amount and reason by member, of each answer."""
    rows = await office.pool.fetch(
        "SELECT membership_id, deducted_ore, reason FROM report_lines"
        " JOIN deduction_reports USING (report_id) WHERE file_id = $1",
        hashlib.sha256(content).hexdigest(),
    )
    return {tuple(row) for row in rows}


def as_book(content, *, edit=None, number=True, title="Ark1"):
    """Return a CSV as a workbook, its ids and amounts numbers, as a spreadsheet saves it."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows_of(content):
        sheet.append([_as_number(cell) if number else cell for cell in row])
    if edit is not None:
        edit(sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _as_number(cell):
    plain = cell.replace(",", ".")
    if plain.isdecimal():
        # Fifteen digits are kept of a number, and zeros stand for the others.
        return int(plain[:15] + "0" * len(plain[15:]))
    try:
        return float(plain) if plain.count(".") == 1 else cell
    except ValueError:
        return cell


def heads(**values):
    """Change what stands above the lines, by the beginning of its label."""

    def change(content):
        rows = rows_of(content)
        for row in rows[:7]:
            for label, value in values.items():
                if row[0].startswith(label):
                    row[1] = value
        return written(rows)

    return change


def cells(column, change):
    """Change the cells of a column in every line."""

    def changed(content):
        rows = rows_of(content)
        for row in rows[FIRST - 1 :]:
            row[PLACES[column]] = change(row[PLACES[column]])
        return written(rows)

    return changed


def decomposed(content):
    """Return a text with its letters and their marks apart."""
    return unicodedata.normalize("NFD", content.decode("utf-8-sig")).encode("utf-8-sig")


def line_of(content, place, **values):
    """Return a line of a file with other values."""
    row = list(rows_of(content)[FIRST - 1 + place])
    for name, value in values.items():
        row[PLACES[name]] = value
    return row


def with_lines(*lines):
    """Add rows below the lines."""
    return lambda content: written([*rows_of(content), *(list(line) for line in lines)])


def reordered(content):
    """Turn the columns round, and add one."""
    rows = rows_of(content)
    return written([*rows[: FIRST - 2], *([*reversed(row), "Merk"] for row in rows[FIRST - 2 :])])


def without(*names):
    """Leave columns out."""

    def change(content):
        rows = rows_of(content)
        left = [place for name, place in PLACES.items() if name not in names]
        return written(
            [*rows[: FIRST - 2], *([row[place] for place in left] for row in rows[FIRST - 2 :])]
        )

    return change


def headings(change):
    """Write the headings, and the labels above, in another way."""

    def changed(content):
        rows = rows_of(content)
        for row in rows[:7]:
            row[0] = change(row[0])
        rows[FIRST - 2] = [change(heading) for heading in rows[FIRST - 2]]
        return written(rows)

    return changed


def unsplit(content):
    """Return a workbook that has a whole CSV in its first column."""
    book = openpyxl.Workbook()
    for line in content.decode("utf-8-sig").splitlines():
        book.active.append([line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def wrapped(content):
    """Return a CSV that a spreadsheet opened unsplit and saved: every line is one cell."""
    out = io.StringIO()
    lines = content.decode("utf-8-sig").splitlines()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows([line] for line in lines)
    return out.getvalue().encode("utf-8-sig")


def second_sheet(sheet):
    """Put an instruction with a long text before the list."""
    sheet.parent.create_sheet("Veiledning", 0).append(["Slik fyller du ut listen. " * 40])


def copied_sheet(sheet):
    """Put an empty copy of the list before the one that is filled in."""
    copy = sheet.parent.copy_worksheet(sheet)
    for row in copy.iter_rows(min_row=FIRST):
        for cell in row[8:]:
            cell.value = None
    sheet.parent.move_sheet(copy, -1)


def merged(sheet):
    """Give the list a title over all columns, and merge what stands above the lines."""
    sheet.insert_rows(1)
    sheet["A1"] = "Trekkliste fra Lederne"
    sheet.merge_cells("A1:J1")
    for row in range(2, 9):
        sheet.merge_cells(f"B{row}:D{row}")


def hidden(sheet):
    """Hide columns and a row."""
    for column in "DEF":
        sheet.column_dimensions[column].hidden = True
    sheet.row_dimensions[FIRST].hidden = True


def diagram(sheet):
    """A sheet that holds a diagram and no rows."""
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=9, min_row=FIRST, max_row=FIRST + 3))
    sheet.parent.create_chartsheet("Diagram", 0).add_chart(chart)


def coloured(sheet):
    """Mark an empty cell far below: all rows down to it stand in the file."""
    sheet.cell(200_060, 1).font = Font(bold=True)


def as_period(sheet):
    """Let the month be a date."""
    sheet.cell(3, 2, date(2026, 12, 1))


BLANK = ["", "", "", "", "", "", "", "", "", ""]
