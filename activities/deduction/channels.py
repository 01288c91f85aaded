"""How an employer is reached: its address, and the channel of its deduction lists."""

from datetime import date
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from schemas.letters.addresses import email_key

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


class AddressUnusable(Exception):
    """The address is a member's own, who must not be known there."""


class NoChannel(Exception):
    """Lists by mail need an address and a password, and one of them is missing."""


async def check_address(connection: asyncpg.pool.PoolConnectionProxy, email: str | None) -> None:
    """Refuse a contact's address that is a hidden member's own (S30).

    Raises:
        AddressUnusable: neither whose it is nor why.
    """
    if email is None:
        return
    if await _SQL.is_a_hidden_members(connection, email_key=email_key(email)):
        raise AddressUnusable


async def set_employer(
    pool: asyncpg.Pool,
    orgnr: str,
    *,
    name: str,
    email: str | None,
    channel: str | None,
    password: str | None,
    agreement: str | None = None,
    agreed_on: date | None = None,
) -> None:
    """Keep where an employer takes mail, and how its lists reach it.

    Args:
        pool: from ``activities.database.pool.open_pool``.
        orgnr: 9 digits, checked by the caller.
        name: the employer's.
        email: None when requests go through the caseworkers.
        channel: ``folder`` or ``email``; None: as it was.
        password: of the lists that go by mail; None: as it was.
        agreement: that it deducts by, one of ``schemas.deduction.basis.Agreement``, and the day
            it was made; None: as they were.

    Raises:
        NoChannel: nothing was changed.
        AddressUnusable: nothing was changed.
    """
    try:
        async with pool.acquire() as connection:
            await check_address(connection, email)
            await _SQL.put_employer(
                connection,
                orgnr=orgnr,
                name=name,
                email=email,
                channel=channel,
                password=password,
                agreement=agreement,
                agreed_on=agreed_on,
            )
    except asyncpg.CheckViolationError as error:
        if error.constraint_name != "employers_mail_is_locked":
            raise
    else:
        return
    # Out here, without a cause: PostgreSQL's own words repeat the row.
    raise NoChannel
