"""What became of a register that was carried over."""

from collections.abc import Mapping

from pydantic import Field

from schemas.shared.base import PublishedModel
from schemas.shared.vocabulary import Category


class RefusedLine(PublishedModel):
    """A member who was not carried over; it quotes the file, and is for the operator alone."""

    number: str
    """By which the other system knows the member."""
    says: str
    """Why."""


class ImportReport(PublishedModel):
    """What became of a register that was carried over."""

    month: str
    """The first month that is charged here, YYYY-MM."""
    members: int = 0
    """How many stood in the file, without those that can't be read."""
    imported: int = 0
    """How many are new here: their rows and their workflow."""
    resumed: int = 0
    """How many had their rows from an import that was stopped, and have their workflow now."""
    known: int = 0
    """How many had been carried over before, by the same line."""
    faulty: int = 0
    """How many were left out since something in their lines is wrong: `--dry-run` lists it."""
    refused: tuple[RefusedLine, ...] = ()
    """Who was not carried over, and why."""
    categories: Mapping[Category, int] = Field(default_factory=dict)
    """How many are new, by category."""
    invoices: int = 0
    """Open invoices that came with them, ours for other debts included."""
    open_ore: int = 0
    """What is still to be paid of those, in øre."""
    credit_ore: int = 0
    """What they have in credit, in øre: it pays what is charged next."""
    seconds: float = 0
    """How long it took."""
    per_s: float = 0
    """Workflows begun a second."""
