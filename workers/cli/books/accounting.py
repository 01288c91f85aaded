"""`medlemsflyt books`, `chart`, `receivables`: the ledger for whoever keeps the accounts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import asyncpg
import typer
from pydantic import ValidationError

from activities.books.ledger import (
    read_books,
    read_chart,
    read_receivables,
    read_series,
    write_account,
)
from activities.database.pool import patiently
from activities.register.private_files import NotWritten, private_file
from schemas.books.balances import trial_balance, vouchers
from schemas.books.contracts import Account, Balance, Books, Receivable, Series
from schemas.shared.amounts import in_kroner, kroner
from workers.cli.books.files import journal_csv, receivables_csv, span
from workers.cli.books.saft import audit_file
from workers.cli.shared.clock import today
from workers.cli.shared.connections import database, transaction
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import counted, print_json, print_table, say
from workers.cli.shared.reading import day_of, one_line
from workers.errors import UserError
from workers.settings import Settings, resolve_settings


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (books, chart, receivables):
        app.command()(command)


def books(
    first: Annotated[
        str | None,
        typer.Option("--from", metavar="YYYY-MM-DD", help="Default: the first of the year."),
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="YYYY-MM-DD", help="Default: today.")
    ] = None,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write all vouchers there.")
    ] = None,
    saft: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write them there as SAF-T Financial 1.30 (XML)."),
    ] = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Say how each account stands, and write what was booked for the accounting.

    One voucher holds what was booked on a day for one reason. Neither names a member: whose the
    amounts are is looked up here.
    """
    settings = resolve_settings(data)
    until = today() if last is None else day_of("to", last)
    since = date(until.year, 1, 1) if first is None else day_of("from", first)
    if since > until:
        raise UserError(f"Nothing was read: {since} is after {until}.")
    found, series = asyncio.run(_books(settings, since, until))
    if csv_file is not None:
        _write(csv_file, journal_csv(found))
    if saft is not None:
        _write(saft, audit_file(found, settings.union, today()))
    if as_json:
        print_json(
            {
                "balances": [_balance(at) for at in trial_balance(found)],
                "series": [one.model_dump(mode="json") for one in series],
            }
        )
    else:
        _show(found)
        _show_series(series)


@asynccontextmanager
async def _reading(settings: Settings) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
    """Yield a connection that sees the books of one moment, however long it reads."""
    async with (
        database(settings) as pool,
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
        patiently(connection),
    ):
        yield connection


async def _books(settings: Settings, since: date, until: date) -> tuple[Books, tuple[Series, ...]]:
    async with _reading(settings) as connection:
        return (
            await read_books(connection, since, until),
            await read_series(connection, since, until),
        )


def _balance(at: Balance) -> dict[str, Any]:
    return at.model_dump() | {"closing_ore": at.closing_ore}


def _show(found: Books) -> None:
    balances = trial_balance(found)
    print_table(
        f"Accounts from {found.first} to {found.last}, in kroner",
        ("Account", "", "Before", "Debit", "Credit", "After"),
        [
            (
                at.number,
                at.title,
                *(in_kroner(ore) for ore in (at.opening_ore, at.debit_ore, at.credit_ore)),
                in_kroner(at.closing_ore),
            )
            for at in balances
        ],
    )
    debit = sum(at.debit_ore for at in balances)
    say(
        f"{counted(len(vouchers(found)), 'voucher')}: {kroner(debit)} debit, "
        f"{kroner(sum(at.credit_ore for at in balances))} credit."
    )


def _show_series(series: tuple[Series, ...]) -> None:
    """Print how far each year's invoices have been numbered, and which numbers are on none."""
    for one in series:
        says = f"Invoices and credit notes of {one.year}: {one.issued:,}"
        if one.last_no:
            says += f", numbered {one.year}-1 to {one.year}-{one.last_no}"
        say(f"{says}; {one.carried_over:,} more from another system.")
        for up in one.given_up:
            numbers = f"{one.year}-{up.first_no} to {one.year}-{up.last_no}"
            why = (
                f"reserved on {up.reserved_on} for the dues of {up.period_from:%Y-%m} and given up"
                if up.period_from is not None
                else f"passed over on {up.reserved_on}, after a restore"
            )
            say(f"On no invoice: {numbers}, {why}.")


def chart(
    account: Annotated[
        str | None, typer.Argument(metavar="ACCOUNT", help="Of the ledger, such as members.")
    ] = None,
    number: Annotated[
        str | None, typer.Option(metavar="NNNN", help="Its number in the accounting.")
    ] = None,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="Its name there.")] = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List which account of the accounting each of the ledger is, or give one another number."""
    if account is None and (number or title):
        raise UserError(
            "Nothing was changed: name the account, such as `chart members --number …`."
        )
    settings = resolve_settings(data)
    if account is not None:
        asyncio.run(_change(settings, account, number, title))
    found = asyncio.run(_chart(settings))
    if as_json:
        print_json({"chart": [at.model_dump() for at in found]})
    else:
        print_table(
            "The chart",
            ("Number", "Title", "Account", "In the tax return"),
            [(at.number, at.title, at.account, at.grouping_code) for at in found],
        )


async def _chart(settings: Settings) -> tuple[Account, ...]:
    async with _reading(settings) as connection:
        return await read_chart(connection)


async def _change(settings: Settings, account: str, number: str | None, title: str | None) -> None:
    try:
        Account(
            account=account,
            number=number or "1000",
            title="",
            grouping_category="",
            grouping_code="",
        )
    except ValidationError:
        raise UserError(
            f"Nothing was changed: {number} is no number of the chart: four digits, the first of "
            "them 1 to 8."
        ) from None
    title = None if title is None else one_line("title", title)
    async with transaction(settings) as connection:
        changed = await write_account(connection, account, number=number, title=title)
        if changed is None:
            known = ", ".join(sorted(at.account for at in await read_chart(connection)))
            raise UserError(f"Nothing was changed: the ledger has no {account}. It has {known}.")


def receivables(
    on: Annotated[
        str | None, typer.Option("--on", metavar="YYYY-MM-DD", help="Default: today.")
    ] = None,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write the lines there.")
    ] = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Say what members and employers owe, and how long it has been overdue."""
    day = today() if on is None else day_of("on", on)
    found = asyncio.run(_receivables(resolve_settings(data), day))
    if csv_file is not None:
        _write(csv_file, receivables_csv(day, found))
    if as_json:
        print_json({"on": str(day), "receivables": [claim.model_dump() for claim in found]})
        return
    print_table(
        f"Debtors by age on {day}, in kroner",
        ("By", "Overdue", "Claims", "Kroner"),
        [
            (claim.debtor, _overdue(claim), f"{claim.claims:,}", in_kroner(claim.ore))
            for claim in found
        ],
    )
    say(f"In all {kroner(sum(claim.ore for claim in found))}.")


async def _receivables(settings: Settings, day: date) -> tuple[Receivable, ...]:
    async with _reading(settings) as connection:
        return await read_receivables(connection, day)


def _overdue(claim: Receivable) -> str:
    return "not yet" if claim.overdue_days is None else f"{span(claim.overdue_days)} days"


def _write(path: Path, content: bytes) -> None:
    try:
        with private_file(path) as file:
            file.write(content)
    except NotWritten as error:
        raise UserError(f"{path.name} can't be written: {error}.") from None
