"""What new prices would come to, before anybody approves them: nothing of it is written."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from activities.pricing.planning import Sums, earlier, read_pages, together, work_out_all
from activities.pricing.preview_by_rate import sums_by_rate
from activities.pricing.rulebook_change import Connection, Written, months_charged, write_change
from schemas.pricing.contracts import PriceChange, PricePreview, PriceTotal
from schemas.shared.vocabulary import Category

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


async def preview(
    pool: asyncpg.Pool,
    change: PriceChange,
    *,
    today: date,
    replace: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> PricePreview:
    """Return what a change would come to for the whole membership.

    Args:
        pool: of connections; one is used.
        change: what is proposed.
        today: the business date.
        replace: in place of what was laid down for the same day.
        progress: told how many members have been worked out, of how many.

    Raises:
        NotChanged: it could not be approved either.
    """
    async with pool.acquire() as connection:
        async with tried_out(connection, change, today=today, replace=replace) as written:
            pass
        charged = tuple(await months_charged(connection, change.effective_on))
        members = await _SQL.count_members(connection)
        began = time.monotonic()
        if change.changes_rules:
            sums = await work_out_all(
                read_pages(connection),
                written.before,
                written.after,
                change.effective_on,
                members=members,
                progress=lambda done: progress(done, members),
            )
        else:
            sums = await sums_by_rate(connection, written.rates, change.effective_on)
            progress(sums.members, members)
        seconds = time.monotonic() - began
    return _preview(change, written, sums, charged, round(sums.members / max(seconds, 1e-6)))


@asynccontextmanager
async def tried_out(
    connection: Connection, change: PriceChange, *, today: date, replace: bool
) -> AsyncIterator[Written]:
    """Write a change as an approval would, and take it back: the same code, and no trace of it."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        yield await write_change(connection, change, today=today, replace=replace)
    finally:
        await transaction.rollback()


def _preview(
    change: PriceChange, written: Written, sums: Sums, charged: tuple[date, ...], rate: int
) -> PricePreview:
    total = PriceTotal()
    for one in sums.categories.values():
        total = together(total, one).model_copy(update={"category": None})
    return PricePreview(
        change=change,
        rulebook=written.after.version,
        new=tuple(written.rows),
        total=total,
        categories=tuple(sums.categories[c] for c in Category if c in sums.categories),
        largest=tuple(sums.largest),
        unknown=sums.unknown,
        unpriced=tuple(sums.unpriced),
        charged_already=charged,
        dearer_from=earlier(written.dearer_from, sums.dearer_from),
        announce_by=written.announce_by,
        members_per_second=rate,
    )
