"""How named SQL reaches the server: as the library does it, without looking a connection over.

For each statement the library lists all that a connection can do, to tell it from a pool; that
takes as long as sending a short one. Both are called alike.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from aiosql.adapters.asyncpg import AsyncPGAdapter

Values = Mapping[str, Any]


class Adapter(AsyncPGAdapter):
    """Runs a query on a connection, or on one of a pool's."""

    async def select(
        self, conn: Any, query_name: str, sql: str, parameters: Values, _record_class: object = None
    ) -> AsyncIterator[Any]:
        """Yield the rows of a query."""
        for row in await conn.fetch(sql, *self._in_order(query_name, parameters)):
            yield row

    async def select_one(
        self, conn: Any, query_name: str, sql: str, parameters: Values, _record_class: object = None
    ) -> Any:
        """Return the first row of a query, if there is one."""
        return await conn.fetchrow(sql, *self._in_order(query_name, parameters))

    async def select_value(self, conn: Any, query_name: str, sql: str, parameters: Values) -> Any:
        """Return the first value of the first row of a query."""
        return await conn.fetchval(sql, *self._in_order(query_name, parameters))

    async def insert_update_delete(
        self, conn: Any, query_name: str, sql: str, parameters: Values
    ) -> Any:
        """Run a statement that returns no rows."""
        return await conn.execute(sql, *self._in_order(query_name, parameters))

    def _in_order(self, query_name: str, parameters: Values) -> list[Any]:
        return [parameters[name] for name in self.var_sorted[query_name]]
