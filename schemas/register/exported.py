"""What a written register holds, and what it has no room for."""

from schemas.shared.base import MemberNumber, PublishedModel


class NotExported(PublishedModel):
    """A member who is not in the register."""

    member_number: MemberNumber
    """Who."""
    reason: str
    """Why; it names nobody."""


class ExportReport(PublishedModel):
    """What a written register holds."""

    month: str
    """The first month that is to be charged elsewhere, YYYY-MM."""
    members: int = 0
    """How many stand in it."""
    employments: int = 0
    """How many of their employments."""
    invoices: int = 0
    """How many of their invoices that are not paid whole."""
    coming_changes: int = 0
    """How many changes that are still to come have no column: carry them over by hand."""
    not_exported: tuple[NotExported, ...] = ()
    """Who is left out, though a member."""
