"""From rows of text to a member, or to every fault that keeps it out. Nothing here reads a file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from schemas.pricing.rulebook import Rulebook
from schemas.register.cells import NotReadable, tidied
from schemas.register.columns import EMPLOYMENTS, INVOICES, MEMBERS, Table, table_of
from schemas.register.member import (
    RegisterEmployment,
    RegisterInvoice,
    RegisterMember,
    RegisterRow,
)
from schemas.register.rows import RawMember, RawRow, RegisterFault
from schemas.register.rules import Breach, breaches_of_invoice, breaches_of_member
from schemas.shared.faults import complaint_of
from schemas.shared.texts import fault_of

Found = tuple[RegisterRow | None, list[RegisterFault]]


@dataclass(frozen=True)
class Checked:
    """A member as it was read, or what is wrong with it.

    Attributes:
        line: of its row, in the table of members.
        number: as it was read, also of one with faults.
        member: None where there is a fault.
    """

    line: int
    number: str
    member: RegisterMember | None
    faults: tuple[RegisterFault, ...] = ()


def checked(raw: RawMember, rulebook: Rulebook, month: date) -> Checked:
    """Return a member, or all that is wrong with its rows.

    Args:
        raw: as it stands in the file.
        rulebook: as it is.
        month: the first day of the first month that is charged here.

    Source: N1, N3, N4, N6, P1.
    """
    members, employments, invoices = (table_of(name) for name in (MEMBERS, EMPLOYMENTS, INVOICES))
    number = tidied(raw.row.cells[0])
    own, faults = read_row(members, raw.row)
    jobs = [read_row(employments, row) for row in raw.employments]
    bills = [read_row(invoices, row) for row in raw.invoices]
    faults += [fault for _, found in (*jobs, *bills) for fault in found]
    for row, (bill, _) in zip(raw.invoices, bills, strict=True):
        if isinstance(bill, RegisterInvoice):
            faults += _shown(invoices, row, breaches_of_invoice(bill, month))
    if faults or own is None:
        return Checked(raw.row.line, number, None, tuple(faults))
    member = RegisterMember.model_construct(
        **dict(own),
        employments=tuple(job for job, _ in jobs if isinstance(job, RegisterEmployment)),
        invoices=tuple(bill for bill, _ in bills if isinstance(bill, RegisterInvoice)),
    )
    faults = list(_shown(members, raw.row, breaches_of_member(member, rulebook, month)))
    return Checked(raw.row.line, number, None if faults else member, tuple(faults))


def read_row(table: Table, row: RawRow) -> Found:
    """Return what a row says, and every cell of it that says nothing that can be meant."""
    values: dict[str, Any] = {}
    faults: list[RegisterFault] = []
    for column, cell in zip(table.columns, row.cells, strict=True):
        text = tidied(cell) if cell else ""
        # Nothing that is refused of a text can be written in plain letters.
        complaint = None if text.isascii() else fault_of(text)
        if not text:
            complaint = f"is required: {column.kind.says}" if column.required else None
        elif complaint is None:
            try:
                values[column.field] = column.kind.read(text)
            except NotReadable as error:
                complaint = str(error)
        if complaint is not None:
            faults.append(_fault(table, row, column.name, text, complaint))
    return _validated(table, row, values, faults)


def _validated(
    table: Table, row: RawRow, values: dict[str, Any], faults: list[RegisterFault]
) -> Found:
    try:
        read = table.model.model_validate(values)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_input=False):
            # What could not be read at all has been said already.
            if detail["type"] != "missing":
                column = table.column_of(str(detail["loc"][0]))
                name = column.name if column is not None else None
                faults.append(
                    _fault(table, row, name, _cell(table, row, name), complaint_of(detail))
                )
        return None, faults
    return (None if faults else read), faults


def _shown(table: Table, row: RawRow, breaches: Iterable[Breach]) -> Iterator[RegisterFault]:
    for breach in breaches:
        yield _fault(table, row, breach.column, _cell(table, row, breach.column), breach.says)


def _cell(table: Table, row: RawRow, name: str | None) -> str:
    cells = zip(table.columns, row.cells, strict=True)
    return next((tidied(cell) for column, cell in cells if column.name == name), "")


def _fault(table: Table, row: RawRow, name: str | None, stood: str, says: str) -> RegisterFault:
    return RegisterFault(table=table.name, line=row.line, column=name, stood=stood, says=says)
