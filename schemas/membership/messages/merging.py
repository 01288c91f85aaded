"""What a merge of two people tells a membership."""

from typing import Annotated

from pydantic import StringConstraints

from schemas.shared.base import Line
from schemas.shared.messages import Card, Message


class EndDuplicate(Message):
    """By a merge, its member has the membership twice: it ends, and the other goes on."""

    card = Card(
        name="end_duplicate",
        purpose="A merge has found the membership to be another's duplicate: it ends.",
        example='{"goes_on":"membership-3f2b8c1e-5d64-4a7f-9e0b-6c1d2a3b4c5d","caseworker":"ola"}',
    )

    goes_on: Annotated[str, StringConstraints(pattern=r"^membership-[0-9a-f-]{36}$")]
    """The membership that goes on."""
    caseworker: Line
    """Who decided the merge."""
    quiet: bool | None = None
    """The one that goes on is hidden: what an employer must hear goes by way of the caseworkers."""
