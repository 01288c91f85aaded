"""Files from outside: kept as they came, under the hash of their content."""

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from activities.database.pool import load_queries
from activities.shared.tasks import Connection
from activities.shared.unknown import Unknown

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


@dataclass(frozen=True)
class InboundFile:
    """A file as it came.

    Attributes:
        kind: ``payments``, ``deduction_report`` or ``insurance_answer``.
        content: empty once it is forgotten, which none is that nobody has decided.
        outcome: ``applied``, ``refused``, or None while nobody has decided.
        report: what was told about it, as plain JSON.
    """

    kind: str
    name: str
    content: bytes
    received_on: date
    outcome: str | None
    report: dict[str, Any] | None


async def keep_file(
    connection: Connection, *, kind: str, name: str, content: bytes, today: date
) -> str:
    """Keep a file and return its id, the SHA-256 of its content. Again: the same id."""
    file_id = hashlib.sha256(content).hexdigest()
    await _SQL.keep_file(
        connection, file_id=file_id, kind=kind, name=name, content=content, received_on=today
    )
    return file_id


async def read_file(connection: Connection, file_id: str) -> InboundFile:
    """Return a file that was kept.

    Raises:
        Unknown: there is none; not retried.
    """
    row = await _SQL.read_file(connection, file_id=file_id)
    if row is None:
        raise Unknown("no such file was kept: hand it in with a command, which keeps it")
    return InboundFile(**row)


async def decide_file(
    connection: Connection, file_id: str, *, applied: bool, report: dict[str, Any], today: date
) -> None:
    """Note what became of a file, in the transaction that applies it."""
    await _SQL.decide_file(
        connection,
        file_id=file_id,
        outcome="applied" if applied else "refused",
        report=report,
        decided_on=today,
    )
