"""What people wrote, as rows hold it that are kept for good: sealed by a membership's key (ADR 83).

Who writes a text hands it to ``seal`` before it goes into a row, and who reads one to ``opened``.
Where nothing is encrypted both return it as it is. Once the key is destroyed the row stands as
before, and its text can't be read by anybody.
"""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from activities.secrecy import sealing
from activities.secrecy.errors import KeyDestroyed, Unreadable
from activities.secrecy.keyring import SERVICE, DataKey, KeyRing, owner_of
from schemas.secrecy.marks import GONE, NOT_KEPT


class Place(NamedTuple):
    """Where in a table people's words stand.

    Attributes:
        columns: they stand in.
        row: columns that tell the row from others, and are known before it is written.
    """

    columns: tuple[str, ...]
    row: tuple[str, ...]


PLACES: Mapping[str, Place] = {
    "remarks": Place(("content",), ("membership_id", "number")),
    "decision_consents": Place(("how", "words"), ("membership_id", "number")),
    "kept_records": Place(("content",), ("membership_id", "number")),
    "merges": Place(("reason",), ("person_id", "merged_id", "decided_on")),
    "merge_undoings": Place(("reason",), ("merge_id",)),
    "reminder_holds": Place(("reason",), ("membership_id", "decided_on", "until_on")),
    "payment_plans": Place(("reason",), ("membership_id", "decided_on")),
    "payment_plan_ends": Place(("reason",), ("plan_id",)),
    "write_off_requests": Place(("reason",), ("invoice_number", "serial")),
    "write_offs": Place(("reason",), ("invoice_number", "decided_on")),
    "refunds": Place(("reason", "released_why"), ("refund_id",)),
    "line_decisions": Place(("reason",), ("list_number", "membership_id", "key")),
    "tasks": Place(("note",), ("task_id",)),
    "erasure_holds": Place(("reason",), ("membership_id", "decided_on", "until_on")),
    "access_log": Place(("why",), ("subject", "workflow_id")),
}
"""Every table with words of people's that is kept for good; tests hold the tables against it."""

_SEALED = re.compile(r"sealed:([0-9a-f]{32}):([A-Za-z0-9+/]+={0,2})")


@dataclass(frozen=True)
class Words:
    """Seals and opens what people wrote.

    Attributes:
        ring: the keys; None: nothing is encrypted here.
    """

    ring: KeyRing | None

    async def seal(self, text: str, whose: str | None, column: str, row: Mapping[str, Any]) -> str:
        """Return a text as it goes into a row.

        About whoever was erased nothing more is kept, and what it was written for goes on.

        Args:
            text: as somebody wrote it.
            whose: the membership it is about; None: the service's key seals it.
            column: ``table.column``, of ``PLACES``.
            row: what tells the row from others.

        Raises:
            KeysUnavailable: nothing was written in plain text instead; retryable.
        """
        if self.ring is None:
            return text
        try:
            key = await self.ring.to_seal(SERVICE if whose is None else owner_of(whose))
        except KeyDestroyed:
            return NOT_KEPT
        data = sealing.packed(text.encode())
        hidden = sealing.seal(key.secret, data, _bound_to(column, row, key))
        return f"sealed:{key.key_id}:{b64encode(hidden).decode()}"

    async def opened(self, text: str, column: str, row: Mapping[str, Any]) -> str | None:
        """Return a text as it was written; None: nobody can read it any more.

        Args:
            text: as a row has it; what was never sealed is returned as it is.
            column: ``table.column``, of ``PLACES``.
            row: what tells the row from others.

        Raises:
            KeysUnavailable: retryable.
        """
        found = _SEALED.fullmatch(text)
        if found is None:
            return text
        key = await self.ring.to_open(found[1]) if self.ring is not None else None
        if key is None:
            return None
        try:
            hidden = b64decode(found[2], validate=True)
            data = sealing.opened(key.secret, hidden, _bound_to(column, row, key))
            return sealing.unpacked(data).decode()
        except (Unreadable, ValueError):
            return None

    async def shown(self, text: str | None, column: str, row: Mapping[str, Any]) -> str | None:
        """Return a text for people to read, who are told where it can't be read any more."""
        if text is None:
            return None
        opened = await self.opened(text, column, row)
        return GONE if opened is None else opened

    async def row_shown(self, table: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return a row of any table with what people wrote as they are shown it."""
        shown = dict(row)
        for column in PLACES[table].columns if table in PLACES else ():
            shown[column] = await self.shown(row[column], f"{table}.{column}", row)
        return shown


PLAIN = Words(None)
"""Where nothing is encrypted."""


def words_of(connection: Any) -> Words:
    """Return what seals and opens texts over a connection: that of the pool it was opened by."""
    words = getattr(connection, "words", None)
    return words if isinstance(words, Words) else PLAIN


def _bound_to(column: str, row: Mapping[str, Any], key: DataKey) -> bytes:
    """Return what a sealed text is bound to: it opens in no other row, and under no other key."""
    names = PLACES[column.partition(".")[0]].row
    return json.dumps([column, *(str(row[name]) for name in names), key.owner, key.key_id]).encode()
