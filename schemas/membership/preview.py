"""The ``preview`` query: what a message would come to, by the decision that would answer it."""

from pydantic import AwareDatetime, JsonValue

from schemas.membership.decision import InvoiceOrder, Letter
from schemas.membership.state import MembershipState
from schemas.shared.base import PublishedModel


class Asked(PublishedModel):
    """A message that is not sent yet."""

    name: str
    """Its name."""
    data: dict[str, JsonValue]
    """The message itself."""
    at: AwareDatetime
    """When it would come; a membership that sleeps has no clock of its own."""


class Preview(PublishedModel):
    """What would be so if a message came now; nothing is recorded, and nothing goes out."""

    refused: str | None = None
    """Why it would be refused; null: it would be applied."""
    says: str | None = None
    """What would stand in the log, in a sentence."""
    rules: tuple[str, ...] = ()
    """The rules it rests on."""
    state: MembershipState | None = None
    """Where the membership would stand."""
    letters: tuple[Letter, ...] = ()
    """The letters that would be ordered."""
    invoice: InvoiceOrder | None = None
    """The invoice that would be issued."""
