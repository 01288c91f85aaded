"""Sums that the bank tells beside their parts, whichever of the two comes first (P4)."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries
from activities.shared.tasks import close_task_of, open_task
from schemas.payments.contracts import BankFile
from schemas.payments.sums import Bare, Parts, Sum, sums_among
from schemas.shared.amounts import kroner

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection

_ARRIVED = "arrived "
"""Before the key of what a file brings: the others are payments by their references."""


async def doubt_sums(reading: Connection, file: BankFile, account: str) -> None:
    """Doubt what a file brings that is as much as parts in the books."""
    told = _SQL.read_arriving_sums(reading, file_id=file.file_id, account=account)
    arrived = {f"{_ARRIVED}{row['key']}": row async for row in told}
    if not any(row["arrives"] for row in arrived.values()):
        return
    days = sorted({row["booked_on"] for row in arrived.values()})
    bare = [_bare(key, row) for key, row in arrived.items()]
    found = sums_among(bare, await _parts(reading, days, account, bare, besides=file.file_id))
    new = {arrived[key]["key"]: each for key, each in found.items() if arrived[key]["arrives"]}
    await reading.copy_records_to_table(
        "bank_verdicts",
        records=[(int(key), one.first, False, True) for key, one in new.items()],
        columns=("position", "same_as", "sure", "across"),
    )
    await _SQL.note_sums(
        reading, positions=[int(key) for key in new], says=[as_much_as(o) for o in new.values()]
    )


def as_much_as(one: Sum) -> str:
    """Return what a sum is as much as, in words."""
    return f"as much as {one.count} payment{'s' * (one.count > 1)} of that day together"


async def take_sums_out(
    writing: Connection, file: BankFile, account: str, days: list[date]
) -> None:
    """Take out of the books, with a task, what came before its parts, as it would not have come in.

    Of what somebody has placed or paid back meanwhile there is a task, and it stays.

    Args:
        writing: outside a transaction.
        file: whose entries are all booked; it takes the place of what it takes out.
        account: ours.
        days: of its payments.
    """
    told = _SQL.read_booked_sums(writing, days=days, account=account)
    booked = {row["key"]: row async for row in told}
    if not any(row["stands"] for row in booked.values()):
        return
    bare = [_bare(key, row) for key, row in booked.items()]
    found = sums_among(bare, await _parts(writing, days, account, bare, besides=None))
    for key, one in found.items():
        if booked[key]["stands"]:
            async with writing.transaction():
                await _take_out(writing, file, key, one)


async def _take_out(writing: Connection, file: BankFile, reference: str, one: Sum) -> None:
    await _SQL.lock_payment(writing, reference=reference)
    ore: int | None = await _SQL.take_sum_out(writing, reference=reference, file_id=file.file_id)
    if ore is None:
        await open_task(
            writing,
            key=f"sum/{reference}",
            kind="set_aside",
            says=f"Payment {reference}, of which nobody has said who paid it, is "
            f"{as_much_as(one)}, {one.first} among them, of which another file of the bank has "
            "told one by one since. It has been placed or paid back meanwhile: if it was their "
            "sum, see that nobody has it credited who has not paid it.",
            today=file.today,
        )
        return
    await close_task_of(
        writing, f"suspense/{reference}", today=file.today, by="bank", note="it may be a sum"
    )
    await open_task(
        writing,
        key=f"entry/{reference}",
        kind="set_aside",
        says=f"Payment {reference} of {kroner(ore)} was booked, and is set aside: it is "
        f"{as_much_as(one)}, {one.first} among them, of which the bank's file {file.file_id[:12]} "
        "tells one by one; or it is a payment by itself. If it is one by itself, take it in: "
        f"medlemsflyt take-in {reference}. If it is their sum, close this task.",
        today=file.today,
    )


async def _parts(
    connection: Connection, days: list[date], account: str, bare: list[Bare], besides: str | None
) -> list[Parts]:
    names = [one.name for one in bare if one.name is not None]
    rows = _SQL.read_parts(connection, days=days, account=account, names=names, besides=besides)
    return [Parts(**row) async for row in rows]


def _bare(key: str, row: Mapping[str, Any]) -> Bare:
    return Bare(key, row["channel"], row["booked_on"], row["amount_ore"], row["name"])
