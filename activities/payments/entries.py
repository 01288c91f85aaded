"""The entries of a bank's file: which are in the books, and what is kept of each of them."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries
from activities.payments.sums import doubt_sums
from activities.shared.tasks import close_task_of, open_task
from schemas.payments.contracts import BankFile
from schemas.payments.entries import (
    IN_WORDS,
    OF_REFUNDS,
    OF_THE_BANK,
    TOO_EARLY,
    SetAside,
)
from schemas.payments.identity import Sighting, Verdict, identify
from schemas.payments.refunds import Explained
from schemas.shared.amounts import kroner

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection

_KEPT = (
    "file_id", "position", "place", "account", "channel", "message", "amount_ore", "booked_on",
    "debit", "kid", "bank_reference", "own", "bank_references", "entry", "payer_name",
    "payer_account", "payer_text", "payer_kids", "identity", "nth", "reference", "aside", "says",
    "same_as", "bare",
)  # fmt: skip


async def know_again(connection: Connection, file: BankFile, account: str) -> None:
    """Find out which entries of a file are in the books, or may be (P4)."""
    varies = await _SQL.bank_varies(connection, account=account)
    # What stands where a KID does comes first, then what one of the two has among its words.
    for read in (_SQL.read_alike, _SQL.read_alike_in_text):
        rows = read(connection, file_id=file.file_id, account=account)
        found: dict[str, Verdict] = {}
        taken: set[str] = set()
        async for arrived, booked in _groups(rows):
            verdicts = identify(
                [one for one in arrived if one.key not in found],
                [one for one in booked if one.key not in taken],
                varies=varies,
            )
            found |= {one.key: one for one in verdicts}
            taken |= {one.same_as for one in verdicts}
        await connection.copy_records_to_table(
            "bank_verdicts",
            records=[
                (int(one.key), one.same_as, one.sure, one.across, one.by_reference, one.differs)
                for one in found.values()
            ],
        )
    await _SQL.know_reported(connection)
    await _SQL.know_whole(connection)
    await _SQL.know_covered(connection, file_id=file.file_id, account=account)
    await doubt_sums(connection, file, account)


async def ask_about_counts(
    reading: Connection, writing: Connection, file: BankFile, account: str
) -> None:
    """Ask about equal payments of which two sources tell different numbers, until they agree.

    The most that one source tells are booked. If they were not the same, one would be missing.

    Args:
        reading: holds what the file brings; all of it is booked.
        writing: outside a transaction.
        file: its business date.
        account: ours.

    Source: P4.
    """
    counted = [row async for row in _SQL.read_counts(reading, account=account)]
    for row in counted:
        async with writing.transaction():
            for called in row["called"]:
                await close_task_of(
                    writing, f"counts/{called}", today=file.today, by="bank", note="they agree"
                )
            if row["fewest"] < row["most"] and row["by_payer"]:
                await open_task(
                    writing,
                    key=f"counts/{row['called'][0]}",
                    kind="equal_payments",
                    says=f"One source of the bank tells of {row['fewest']}, another of "
                    f"{row['most']} equal payments of {kroner(row['amount_ore'])} on "
                    f"{row['paid_on']}, {row['called'][0]} among them. {row['most']} are booked. "
                    "If more stand in the account, the bank has to send the others again.",
                    today=file.today,
                )


async def _groups(
    rows: AsyncIterator[Mapping[str, Any]],
) -> AsyncIterator[tuple[list[Sighting], list[Sighting]]]:
    """Yield what arrived and what is booked of one account, amount, sign and KID."""
    group: object = None
    sides: tuple[list[Sighting], list[Sighting]] = ([], [])
    async for row in rows:
        key = (row["amount_ore"], row["debit"], row["kid"])
        if key != group and any(sides):
            yield sides
            sides = ([], [])
        group = key
        sides[0 if row["arrived"] else 1].append(_sighting(row))
    if any(sides):
        yield sides


def _sighting(row: Mapping[str, Any]) -> Sighting:
    return Sighting(
        key=row["key"],
        channel=row["channel"],
        message=row["message"],
        booked_on=row["booked_on"],
        identity=str(row["identity"]),
        kid=row["kid"],
        bank_reference=row["bank_reference"],
        references=row["bank_references"],
        name=row["payer_name"],
        account=row["payer_account"],
        text=row["payer_text"],
        own=row["own"],
        repeats=row["repeats"],
        copy=row["copy"],
        debit=row["debit"],
    )


@dataclass(frozen=True)
class Entry:
    """What is kept of an entry.

    Attributes:
        values: of its row.
        is_money: it is booked, or known.
        aside: why it is set aside, if it is.
        stands: an earlier attempt has written it.
        key: names the matter, if somebody is asked.
        says: what they are asked.
        called: the name of the entry; ``amount_ore``, ``booked_on`` and ``debit`` are its own.
        refund_id: of the refund that it is, if it is one.
    """

    values: tuple[object, ...]
    is_money: bool
    aside: SetAside | None
    stands: bool
    key: str
    says: str
    called: str
    amount_ore: int | None
    booked_on: date | None
    debit: bool
    refund_id: str | None


_NAMED = OF_THE_BANK | OF_REFUNDS | {SetAside.OUTGOING, SetAside.UNCLEAR}


def _aside_of(row: Mapping[str, Any], explained: Explained | None) -> SetAside | None:
    """Return why an entry is set aside; what stands from an earlier attempt is as it was then."""
    if row["stands"]:
        return SetAside(row["stood_aside"]) if row["stood_aside"] else None
    if explained is not None:
        return explained.aside
    told = row["aside"] or row["same_aside"]
    own = SetAside(told) if told else None
    unclear = row["sure"] is False and (own is None or own in OF_THE_BANK)
    return SetAside.UNCLEAR if unclear else own


def entry_of(
    row: Mapping[str, Any], file: BankFile, account: str, explained: Explained | None = None
) -> Entry:
    """Return what is kept of what a file brings, as ``read_batches`` has read it.

    Args:
        row: of one entry.
        file: that brings it.
        account: ours.
        explained: what it is found to be, if it is no payment.
    """
    known = row["sure"] is True
    aside = _aside_of(row, explained)
    named = aside is None or aside in _NAMED
    kept = {
        **row,
        "file_id": file.file_id,
        "account": account,
        "booked_on": row["paid_on"],
        "nth": row["nth"] if named and not known else None,
        "reference": row["name"] if named else None,
        "aside": aside,
    }
    return Entry(
        values=tuple(kept[name] for name in _KEPT),
        is_money=aside is None,
        aside=None if known else aside,
        stands=row["stands"],
        called=row["name"],
        amount_ore=row["amount_ore"],
        booked_on=row["paid_on"],
        debit=row["debit"],
        refund_id=explained.refund_id if explained is not None else None,
        key=f"entry/{row['name'] if named else _unnamed(row)}",
        says=_asks(kept, file, explained.may_be if explained is not None else ()),
    )


def _unnamed(row: Mapping[str, Any]) -> str:
    """Return what an entry without a name is called: equal ones of a file by their number."""
    return f"{row['identity']}/{row['nth']}" if row["nth"] > 1 else str(row["identity"])


def _asks(kept: Mapping[str, Any], file: BankFile, may_be: Sequence[str]) -> str:
    """Return what a caseworker is asked about an entry that is set aside; no personal data."""
    if kept["aside"] is None:
        return ""
    reason = SetAside(kept["aside"])
    much = f" of {kroner(kept['amount_ore'])}" if kept["amount_ore"] is not None else ""
    what = f"{kept['place']} of the bank's file {file.file_id[:12]}{much} is set aside: "
    if reason is SetAside.UNCLEAR and kept["says"]:
        return (
            f"{what}it is {kept['says']}, {kept['same_as']} among them, of which another file of "
            "the bank tells one by one; or it is a payment by itself. If it is one by itself, take "
            f"it in: medlemsflyt take-in {kept['reference']}. If it is their sum, close this task."
        )
    if reason is SetAside.UNCLEAR:
        return (
            f"{what}it is payment {kept['same_as']} once more, or a second payment that is equal "
            f"to it. If it is a second one, take it in: medlemsflyt take-in {kept['reference']}."
        )
    says = f" ({kept['says']})" if kept["says"] else ""
    if may_be:
        return (
            f"{what}{IN_WORDS[reason]}{says}. It may be refund {' or '.join(may_be)}: see "
            "`medlemsflyt refunds --debits`, and if it is, say which with `refund-paid`. If it is "
            "none, see who has paid it out."
        )
    return f"{what}{IN_WORDS[reason]}{says}. {_TO_DO.get(reason, _LOOK)}"


_LOOK = "See in the bank what it is, and book it by hand if it is money for us."
_TO_DO = {
    SetAside.OUTGOING: (
        "No refund that is approved is it, or it may be one of several: see `medlemsflyt refunds "
        "--debits`, and say which with `refund-paid`. If it is none, see who has paid it out."
    ),
    SetAside.FUTURE: "Give the file in again on that day.",
}


async def write_entries(connection: Connection, entries: Sequence[Entry], file: BankFile) -> None:
    """Write what a batch brings, and ask a caseworker about what is set aside."""
    fresh = [entry for entry in entries if not entry.stands]
    await connection.copy_records_to_table(
        "bank_entries", records=[entry.values for entry in fresh], columns=_KEPT
    )
    asked = [one for one in fresh if one.aside is not None and _counts_as(one.aside) == "set_aside"]
    if asked:
        await _SQL.open_entry_tasks(
            connection,
            keys=[one.key for one in asked],
            says=[one.says for one in asked],
            today=file.today,
        )


def count_aside(entries: Sequence[Entry]) -> Counter[str]:
    """Count what is set aside, what is passed over, and what is booked and is no payment."""
    return Counter(_counts_as(one.aside) for one in entries if one.aside is not None)


def _counts_as(aside: SetAside) -> str:
    if aside in TOO_EARLY:
        return "passed_over"
    if aside in OF_THE_BANK:
        return "charges"
    return "refunds" if aside in OF_REFUNDS else "set_aside"
