"""Refunds as two people make them, and what the bank tells of them."""

from datetime import date
from typing import Any

import asyncpg

from activities.payments.pain import Payer
from activities.payments.refund_files import make_refund_file
from activities.payments.refunds import approve_refund, ask_refund
from schemas.payments.refunds import Refund
from tests.payments.making import ACCOUNT, TODAY, kroner

THEIRS = "86011117947"
"""An account of nobody, with a right check digit."""

UNION = Payer("Lederne", "999999999", ACCOUNT)

ASKED: dict[str, Any] = {
    "by": "ola",
    "reason": "paid twice",
    "account": THEIRS,
    "receiver": "Kari Nordmann",
}


async def told_to_the_bank(
    connection: asyncpg.Connection | asyncpg.pool.PoolConnectionProxy,
    *,
    today: date = TODAY,
    **asked: Any,
) -> Refund:
    """Ask for a refund as ``ola``, approve it as ``eva``, and write it into a file."""
    refund = await ask_refund(connection, today=today, **(ASKED | asked))
    await approve_refund(connection, refund.refund_id, today=today, by="eva")
    await make_refund_file(connection, UNION, today=today, by="eva")
    return refund


def debit(
    ore: int,
    *,
    key: str = "D1",
    to: str | None = None,
    id_of: str = "NOTPROVIDED",
    on: date = TODAY,
    more: str = "",
    kind: str = "DBIT",
) -> str:
    """An entry of money that leaves, or comes back with ``kind`` CRDT and ``more`` saying so."""
    end = "Cdtr" if kind == "DBIT" else "Dbtr"
    there = (
        f"<RltdPties><{end}Acct><Id><Othr><Id>{to}</Id></Othr></Id></{end}Acct></RltdPties>"
        if to
        else ""
    )
    return (
        f'<Ntry><Amt Ccy="NOK">{kroner(ore)}</Amt><CdtDbtInd>{kind}</CdtDbtInd>'
        f"<Sts>BOOK</Sts><BookgDt><Dt>{on}</Dt></BookgDt><AcctSvcrRef>{key}</AcctSvcrRef>"
        f"<NtryDtls><TxDtls><Refs><EndToEndId>{id_of}</EndToEndId></Refs>"
        f"{there}<RmtInf><Ustrd>Tilbakebetaling</Ustrd></RmtInf>{more}</TxDtls></NtryDtls></Ntry>"
    )
