"""The columns of a register's three tables: made from the models, in their order.

Whoever reads, writes or documents a register goes through ``TABLES``.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, get_args

from pydantic.fields import FieldInfo

from schemas.register import cells
from schemas.register.cells import CellKind
from schemas.register.member import (
    RegisterEmployment,
    RegisterInvoice,
    RegisterMemberRow,
    RegisterRow,
)

MEMBERS, EMPLOYMENTS, INVOICES = "members", "employments", "invoices"

_BY_NAME = {
    "period": cells.MONTH,
    "fee_through": cells.MONTH,
    "national_id": cells.NATIONAL_ID,
    "employer_orgnr": cells.ORGNR,
    "deducted_by": cells.ORGNR,
    "kid": cells.KID,
    "postcode": cells.POSTCODE,
    "email": cells.TEXT,
    "paid_months": cells.WHOLE,
}
"""Columns whose cells are read otherwise than their type is."""

_BY_TYPE: dict[type, CellKind] = {
    date: cells.DAY,
    bool: cells.FLAG,
    int: cells.AMOUNT,
    Decimal: cells.PERCENT,
    str: cells.TEXT,
}


@dataclass(frozen=True)
class Column:
    """A column of one of the tables.

    Attributes:
        name: its heading.
        field: of the model.
        kind: how its cells are written.
        required: it must be filled in.
        says: what stands in it.
    """

    name: str
    field: str
    kind: CellKind
    required: bool
    says: str


@dataclass(frozen=True)
class Table:
    """One of the tables of a register: a sheet of a workbook, or a CSV of its name.

    Attributes:
        key: the column that says whose a row is.
        required: a register without it is none.
    """

    name: str
    model: type[RegisterRow]
    key: str
    columns: tuple[Column, ...]
    required: bool = False

    def column_of(self, field: str) -> Column | None:
        """Return the column of a field of the model."""
        return next((column for column in self.columns if column.field == field), None)


def _columns(model: type[RegisterRow]) -> tuple[Column, ...]:
    return tuple(
        Column(
            name=name.removesuffix("_ore"),
            field=name,
            kind=_kind(name, field),
            required=field.is_required(),
            says=re.sub(r"\s+", " ", field.description or ""),
        )
        for name, field in model.model_fields.items()
    )


def _kind(name: str, field: FieldInfo) -> CellKind:
    if name in _BY_NAME:
        return _BY_NAME[name]
    plain = _plain(field.annotation)
    if issubclass(plain, StrEnum):
        return cells.words_of(plain)
    return next(kind for type_, kind in _BY_TYPE.items() if issubclass(plain, type_))


def _plain(annotation: Any) -> type:
    """Return the type under what annotates it and what makes it optional."""
    while not isinstance(annotation, type):
        annotation = next(part for part in get_args(annotation) if part is not type(None))
    return annotation


TABLES = (
    Table(MEMBERS, RegisterMemberRow, "number", _columns(RegisterMemberRow), required=True),
    Table(EMPLOYMENTS, RegisterEmployment, "member", _columns(RegisterEmployment)),
    Table(INVOICES, RegisterInvoice, "member", _columns(RegisterInvoice)),
)
"""The tables, members first."""


def table_of(name: str) -> Table:
    """Return a table by its name."""
    return next(table for table in TABLES if table.name == name)


def row_of(row: RegisterRow, table: Table) -> list[str]:
    """Return a row as it is written, a cell to each column; what is not known is empty."""
    values = ((column, getattr(row, column.field)) for column in table.columns)
    return ["" if value is None else column.kind.write(value) for column, value in values]
