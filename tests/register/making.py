"""Registers of people who are nobody, as rows of text and as members."""

from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from schemas.payments.kid import with_mod10
from schemas.register.checking import Checked, checked
from schemas.register.columns import EMPLOYMENTS, INVOICES, MEMBERS, table_of
from schemas.register.member import RegisterMember
from schemas.register.rows import RawMember, RawRow
from tests.builders import BOOK, BORN, EMPLOYER_ORGNR, national_id

MONTH = date(2027, 1, 1)
"""The first month that is charged here."""

ORDINARY = {
    "number": "4711",
    "name": "Kari Nordmann",
    "birth_date": "12.04.1986",
    "national_id": national_id(BORN),
    "email": "kari@example.org",
    "phone": "91234567",
    "line1": "Storgata 1",
    "postcode": "0155",
    "city": "Oslo",
    "category": "ordinary",
    "joined_on": "2010-05-03",
    "branch": "OSLO",
    "insurance": "covered",
    "insurance_from": "2010-06-01",
    "payer": "payroll",
}
"""Somebody in her prime: 495 and 50 to Oslo, and 200 for the package."""

JOB = {
    "member": "4711",
    "employer_orgnr": EMPLOYER_ORGNR,
    "employer_name": "Eksempel AS",
    "position": "Formann",
    "position_percent": "100",
}

BILL = {
    "member": "4711",
    "invoice": "F-2026-11",
    "kid": with_mod10("100004711000007"),
    "period": "2026-11",
    "issued_on": "2026-10-25",
    "due_on": "2026-11-16",
    "central": "495,00",
    "paid": "95,00",
    "first_reminder_on": "2026-11-30",
}


def row(table: str, cells: dict[str, str], line: int = 2) -> RawRow:
    """Return a row of a table from its cells by column; the others are empty."""
    columns = [column.name for column in table_of(table).columns]
    assert set(cells) <= set(columns)
    return RawRow(line, tuple(cells.get(name, "") for name in columns))


def raw(
    *, jobs: tuple[dict[str, str], ...] = (JOB,), bills: tuple[dict[str, str], ...] = (), **own: str
) -> RawMember:
    """Return a member's rows: hers, with some cells written otherwise."""
    return RawMember(
        row(MEMBERS, ORDINARY | own),
        tuple(row(EMPLOYMENTS, job, line) for line, job in enumerate(jobs, 2)),
        tuple(row(INVOICES, bill, line) for line, bill in enumerate(bills, 2)),
    )


def looked_at(one: RawMember, month: date = MONTH, book: Any = BOOK) -> Checked:
    """Return what becomes of a member's rows."""
    return checked(one, book, month)


def member(**changes: Any) -> RegisterMember:
    """Return a member as it is read."""
    found = looked_at(raw(**changes))
    assert found.member is not None, [str(fault) for fault in found.faults]
    return found.member


def faults(**changes: Any) -> list[tuple[str, str | None]]:
    """Return in which table and under which heading a member's rows are wrong."""
    return [(fault.table, fault.column) for fault in looked_at(raw(**changes)).faults]


def csv_text(*rows: dict[str, str], separator: str = ";") -> str:
    """Return rows as a CSV with the headings of the first."""
    lines = [list(rows[0]), *([one.get(name, "") for name in rows[0]] for one in rows)]
    return "".join(separator.join(cells) + "\r\n" for cells in lines)


def folder(path: Path, encoding: str = "utf-8", **tables: str) -> Path:
    """Write a folder with a CSV for each table, and return it."""
    path.mkdir()
    for name, text in tables.items():
        (path / f"{name}.csv").write_bytes(text.encode(encoding))
    return path


def workbook(path: Path, **tables: list[list[Any]]) -> Path:
    """Write a workbook with a sheet for each table, of values as a spreadsheet has them."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in tables.items():
        sheet = book.create_sheet(name)
        for cells in rows:
            sheet.append(cells)
    book.save(path)
    return path
