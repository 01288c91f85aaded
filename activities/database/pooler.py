"""Connections through a pooler in transaction mode, such as pgbouncer: nothing outlives one.

Between two transactions such a pooler may give the server's session to somebody else. So every
statement of ours runs in a transaction, no statement is kept prepared, and what a session would be
told once is told each transaction.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg


class TransactionPooled(asyncpg.Connection):
    """A connection whose every statement has a transaction, if only one of its own.

    Two messages outside of one, preparing and running, may reach two sessions: the second then says
    that the statement does not exist.
    """

    settings: Mapping[str, str] = {}
    """Of each transaction, by name; a subclass has them."""

    async def execute(self, query: str, *args: Any, **options: Any) -> str:
        """Run a statement; the one that begins a transaction brings its settings along."""
        if query.startswith("BEGIN"):
            settings = (f"SET LOCAL {name} = '{value}'" for name, value in self.settings.items())
            return await super().execute(";".join((query.rstrip(";"), *settings)), **options)
        async with self._in_transaction():
            return await super().execute(query, *args, **options)

    async def executemany(self, command: str, args: Any, **options: Any) -> None:
        """Run a statement for each of many arguments."""
        async with self._in_transaction():
            await super().executemany(command, args, **options)

    async def fetch(self, query: str, *args: Any, **options: Any) -> list[Any]:
        """Return the rows of a query."""
        async with self._in_transaction():
            found: list[Any] = await super().fetch(query, *args, **options)
            return found

    async def fetchrow(self, query: str, *args: Any, **options: Any) -> Any:
        """Return the first row of a query."""
        async with self._in_transaction():
            return await super().fetchrow(query, *args, **options)

    async def fetchval(self, query: str, *args: Any, **options: Any) -> Any:
        """Return a value of the first row of a query."""
        async with self._in_transaction():
            return await super().fetchval(query, *args, **options)

    async def copy_records_to_table(self, table_name: str, **options: Any) -> str:
        """Copy rows into a table."""
        async with self._in_transaction():
            return await super().copy_records_to_table(table_name, **options)

    async def set_type_codec(self, typename: str, **options: Any) -> None:
        """Say how a type is read and written."""
        async with self._in_transaction():
            await super().set_type_codec(typename, **options)

    def get_reset_query(self) -> str:
        """Return nothing: there is no session of ours to put in order."""
        return ""

    @asynccontextmanager
    async def _in_transaction(self) -> AsyncIterator[None]:
        """Use the transaction that is open, or one for this statement."""
        if self.is_in_transaction():
            yield
            return
        async with self.transaction():
            yield
