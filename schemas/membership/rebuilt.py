"""What a rebuild of memberships from PostgreSQL did."""

from pydantic import AwareDatetime

from schemas.shared.base import Contract


class Unanswered(Contract):
    """A message that came after the last decision that is recorded, and may be lost."""

    name: str
    at: AwareDatetime


class Mended(Contract):
    """A membership that was begun anew from its rows.

    Attributes:
        was: what was the matter with its workflow.
        unanswered: what came to it and may not have been answered: its senders send it again.
    """

    membership_id: str
    was: str
    unanswered: tuple[Unanswered, ...] = ()


class RebuildReport(Contract):
    """What a rebuild did.

    Attributes:
        looked_at: memberships that must have a workflow.
        unknown: ids under which there is none that must.
        seconds: how long it took; per_s: how many were looked at in one.
    """

    looked_at: int = 0
    mended: tuple[Mended, ...] = ()
    unknown: tuple[str, ...] = ()
    seconds: float = 0.0
    per_s: float = 0.0
