"""What is held on one person, as it is handed out."""

from datetime import date
from typing import Any

from schemas.shared.base import PublishedModel


class Held(PublishedModel):
    """Everything the database holds on one person."""

    person_id: str
    """Who it is about."""
    on: date
    """The business date on which it was read."""
    memberships: tuple[str, ...]
    """Ids of this person's memberships and applications, the oldest first."""
    tables: dict[str, tuple[dict[str, Any], ...]]
    """Rows by table, those without any left out; amounts in øre, moments with their zone."""

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(len(rows) for rows in self.tables.values())
