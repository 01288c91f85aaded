"""The one line about a member that an employer gets, as a file (D3)."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook

from activities.letters.cases import LetterContext
from schemas.deduction.list_file import ASKED, ShownLine, headings_of
from schemas.shared.vocabulary import LineKind, Template

CODES = {
    Template.PAYROLL_START: "START",
    Template.PAYROLL_REMINDER: "START",
    Template.PAYROLL_CHANGE: "CHANGE",
    Template.PAYROLL_STOP: "STOP",
}
"""What the employer is asked to do; a reminder repeats its request."""


def payroll_csv(template: str, case: LetterContext, terms: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the line as a file: UTF-8 with a mark, semicolons, every value quoted.

    That is what a spreadsheet set to Norwegian opens without a question. See ``payroll_row``.
    """
    return rows_csv([payroll_row(template, case, terms)])


def rows_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Return lines that each have been made harmless as such a file, below their headings."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([headings_of(ASKED), *rows])
    return out.getvalue().encode("utf-8-sig")


def payroll_xlsx(template: str, case: LetterContext, terms: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the line as a workbook of texts, to be locked. See ``payroll_row``."""
    return rows_xlsx([payroll_row(template, case, terms)])


def rows_xlsx(rows: Iterable[Sequence[str]]) -> bytes:
    """Return lines as such a workbook, below their headings."""
    book = Workbook()
    sheet = book.create_sheet("Lønnstrekk", 0)
    for place, row in enumerate((headings_of(ASKED), *rows), 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(place, column, value)
            cell.number_format, cell.data_type = "@", "s"
    book.remove(book["Sheet"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def payroll_row(
    template: str, case: LetterContext, terms: Iterable[Mapping[str, Any]]
) -> list[str]:
    """Return the line, each value harmless in a spreadsheet.

    Args:
        template: one of CODES.
        case: of a member with a national id; only a STOP does without.
        terms: what is charged, each with ``kind`` and ``amount_ore``.

    Raises:
        ValueError: the person, the number or the national id is missing; the gate should have
            held the letter back.
    """
    person = case.person
    number = person.national_id if person else None
    stops = template == Template.PAYROLL_STOP
    if person is None or case.member_number is None or (number is None and not stops):
        raise ValueError("a payroll line without the member's numbers")
    amounts = dict.fromkeys(LineKind, 0)
    for term in terms:
        amounts[LineKind(term["kind"])] += term["amount_ore"]
    line = ShownLine(
        member_number=case.member_number,
        national_id=number or "",
        name=person.name,
        central_ore=amounts[LineKind.CENTRAL_DUES],
        local_ore=amounts[LineKind.LOCAL_DUES],
        premium_ore=amounts[LineKind.INSURANCE_PREMIUM],
        total_ore=sum(amounts.values()),
        code=CODES[Template(template)],
    )
    return row_of(line)


def row_of(line: ShownLine) -> list[str]:
    """Return a line's values, each harmless in a spreadsheet."""
    return [column.text(line) for column in ASKED]
