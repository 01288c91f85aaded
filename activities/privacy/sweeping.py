"""Sweeping the folders that employers fetch from: what names somebody who is erased goes."""

import asyncio
from collections.abc import Collection
from pathlib import Path

import asyncpg
from temporalio import activity

from activities.database.pool import load_queries
from activities.declarations.privacy import SweepingActivities
from activities.shared.errors import without_values
from schemas.privacy.erasure import ErasureStep

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


class Sweeping(SweepingActivities):
    """What lies outside the database and we ourselves have put there.

    Args:
        pool: from ``activities.database.pool.open_pool``; whoever opened it closes it.
        list_folder: where the employers' folders are; None: there are none.
    """

    def __init__(self, pool: asyncpg.Pool, list_folder: Path | None) -> None:
        self._pool = pool
        self._folder = list_folder

    @activity.defn(name="sweep_files")
    async def sweep_files(self, step: ErasureStep) -> int:
        """A deduction list holds many: whoever still wants one has it written again."""
        if self._folder is None:
            return 0
        async with without_values():
            async with self._pool.acquire() as connection, connection.transaction():
                found = _SQL.list_files(connection, erasure_id=step.erasure_id)
                stems = {row["stem"] async for row in found}
            return await asyncio.to_thread(sweep, self._folder, stems)


def sweep(folder: Path, stems: Collection[str]) -> int:
    """Delete the files of any employer that are known by a name; return how many there were."""
    # Also what a worker that was killed has left half written: `.name.csv.new`.
    named = [
        path
        for path in folder.glob("*/*")
        if path.is_file() and path.name.lstrip(".").partition(".")[0] in stems
    ]
    for path in named:
        path.unlink(missing_ok=True)
    return len(named)
