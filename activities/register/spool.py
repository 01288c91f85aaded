"""What is read of a register, kept on disk until its member comes by: memory stays as it is.

The file has no name: whatever happens to the process, nothing of it is left.
"""

import pickle
import sqlite3
from collections.abc import Iterable, Iterator

from schemas.register.rows import RawRow

_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -32000;
CREATE TABLE rows (kind TEXT, key TEXT, line INTEGER, cells BLOB, PRIMARY KEY (kind, key, line))
    WITHOUT ROWID;
CREATE TABLE seen (kind TEXT, value TEXT, line INTEGER, PRIMARY KEY (kind, value)) WITHOUT ROWID;
"""


class Spool:
    """Rows by what they belong to, and values that may stand in a file once."""

    def __init__(self) -> None:
        # An empty name is a file of SQLite's own, removed as soon as it is open.
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.executescript(_TABLES)

    def close(self) -> None:
        """Let go of everything."""
        self._database.close()

    def keep(self, kind: str, rows: Iterable[tuple[str, RawRow]]) -> None:
        """Keep rows, each with the key of what it belongs to."""
        self._database.execute("BEGIN")
        self._database.executemany(
            "INSERT INTO rows VALUES (?, ?, ?, ?)",
            ((kind, key, row.line, pickle.dumps(row.cells)) for key, row in rows),
        )
        self._database.execute("COMMIT")

    def rows_of(self, kind: str, key: str) -> tuple[RawRow, ...]:
        """Return the rows of a key, in the order they stand in."""
        found = self._database.execute(
            "SELECT line, cells FROM rows WHERE kind = ? AND key = ? ORDER BY line", (kind, key)
        )
        # Our own, from a file that nobody else can open; a text that was a number in its cell is of
        # a class that says so, which JSON would lose.
        return tuple(RawRow(line, pickle.loads(cells)) for line, cells in found)  # noqa: S301

    def earlier(self, kind: str, value: str, line: int) -> int | None:
        """Return in which line a value stood before, or None: it is noted for the next time."""
        added = self._database.execute(
            "INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", (kind, value, line)
        )
        if added.rowcount:
            return None
        found = self._database.execute(
            "SELECT line FROM seen WHERE kind = ? AND value = ?", (kind, value)
        )
        return int(found.fetchone()[0])

    def of_nobody(self, kind: str, owners: str) -> Iterator[RawRow]:
        """Yield the rows whose key has not been seen among the owners."""
        found = self._database.execute(
            "SELECT line, cells FROM rows WHERE kind = ? AND key NOT IN"
            " (SELECT value FROM seen WHERE kind = ?) ORDER BY line",
            (kind, owners),
        )
        for line, cells in found:
            # As in rows_of.
            yield RawRow(line, pickle.loads(cells))  # noqa: S301
