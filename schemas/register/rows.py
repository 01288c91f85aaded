"""What is read of a register before anybody has looked at it, and what is wrong with it."""

from typing import NamedTuple

from schemas.shared.base import PublishedModel


class RegisterFault(PublishedModel):
    """One thing that is wrong in a file; it quotes the file, and is for the operator alone."""

    table: str
    """In which table."""
    line: int
    """In which line, as a spreadsheet counts."""
    column: str | None = None
    """Under which heading; null: it is about the whole line."""
    stood: str = ""
    """What stood there."""
    says: str
    """What is wrong, and what to write."""

    def __str__(self) -> str:
        where = f"{self.table}, line {self.line}"
        where += f", {self.column}" if self.column else ""
        return f"{where}: {self.says}" + (f" (stood: {self.stood})" if self.stood else "")


class RawRow(NamedTuple):
    """A row as it stands in the file.

    Attributes:
        line: as a spreadsheet counts.
        cells: one to each column of its table.
    """

    line: int
    cells: tuple[str, ...]


class RawMember(NamedTuple):
    """A member's row, and those that belong to it."""

    row: RawRow
    employments: tuple[RawRow, ...] = ()
    invoices: tuple[RawRow, ...] = ()
