"""Files of the bank written by hand, from the layouts, and what they come to in the books."""

import uuid
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
from temporalio.testing import ActivityEnvironment

from activities.dues.activities import Dues
from activities.membership.activities import Persistence
from activities.payments.activities import Bank
from activities.shared.files import keep_file
from schemas.membership.decision import Applied, Decision, Payment, PaymentOutcome
from schemas.membership.messages import Answer
from schemas.payments.allocation import Allocation
from schemas.payments.contracts import BankFile, BankFileReport
from schemas.payments.kid import invoice_kid
from schemas.shared.vocabulary import Audience, Event, Template
from tests.dues.making import charge, joins, term
from tests.membership.making import decision, letter

ACCOUNT = "12345678903"
TODAY = date(2026, 12, 15)
PAID = date(2026, 12, 10)


@dataclass(frozen=True)
class Money:
    """One payment as a file brings it.

    Attributes:
        number: of the transaction in OCR giro.
        key: the bank's reference in camt.054.
        archive: the bank's archive reference in OCR giro.
        reversal: taken back.
    """

    kid: str | None
    ore: int
    number: int = 1
    key: str = "K1"
    archive: str = "000000000"
    on: date = PAID
    reversal: bool = False


def ocr(
    *money: Money,
    transmission: str = "0000001",
    assignment: str = "0000001",
    account: str = ACCOUNT,
    totals: int | None = None,
) -> bytes:
    """An OCR giro file of one transmission with one assignment."""
    total = sum(one.ore for one in money) if totals is None else totals
    lines = [
        f"NY00001000008080{transmission}00010033" + "0" * 49,
        f"NY090020{'0' * 9}{assignment}{account}" + "0" * 45,
    ]
    for one in money:
        kind, sign = ("18", "-") if one.reversal else ("10", "0")
        first = f"NY09{kind}30{one.number:07d}{one.on:%d%m%y}0115100001"
        second = f"NY09{kind}31{one.number:07d}0000000000{one.archive}0000000"
        lines += [
            f"{first}{sign}{one.ore:017d}{one.kid or '':>25}000000",
            f"{second}{one.on:%d%m%y}99998888777" + "0" * 22,
        ]
    count, days = len(money), f"{PAID:%d%m%y}" * 3
    lines += [
        f"NY090088{count:08d}{2 * count + 2:08d}{total:017d}{days}" + "0" * 21,
        f"NY000089{count:08d}{2 * count + 4:08d}{total:017d}{PAID:%d%m%y}" + "0" * 33,
    ]
    return "".join(f"{line}\r\n" for line in lines).encode("iso-8859-1")


def kroner(ore: int) -> str:
    """Øre as camt.054 has them."""
    return f"{ore // 100}.{ore % 100:02d}"


def camt_entry(one: Money, *, status: str = "<Sts>BOOK</Sts>", currency: str = "NOK") -> str:
    """An entry with one transaction."""
    direction = "DBIT" if one.reversal else "CRDT"
    back = "<RvslInd>true</RvslInd>" if one.reversal else ""
    return (
        f'<Ntry><Amt Ccy="{currency}">{kroner(one.ore)}</Amt>'
        f"<CdtDbtInd>{direction}</CdtDbtInd>{back}{status}"
        f"<BookgDt><Dt>{one.on}</Dt></BookgDt><AcctSvcrRef>{one.key}</AcctSvcrRef>"
        f"<NtryDtls><TxDtls>{_remittance(one.kid)}</TxDtls></NtryDtls></Ntry>"
    )


def camt_batch(key: str, *money: Money, own_keys: bool = False, said: int | None = None) -> str:
    """An entry with a transaction for each payment."""
    total = sum(one.ore for one in money)
    parts = "".join(
        "<TxDtls><Refs><AcctSvcrRef>"
        f"{one.key if own_keys else key}</AcctSvcrRef></Refs>"
        f'<AmtDtls><TxAmt><Amt Ccy="NOK">{kroner(one.ore)}</Amt></TxAmt></AmtDtls>'
        f"{_remittance(one.kid)}</TxDtls>"
        for one in money
    )
    return (
        f'<Ntry><Amt Ccy="NOK">{kroner(total)}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>'
        f"<BookgDt><Dt>{PAID}</Dt></BookgDt><AcctSvcrRef>{key}</AcctSvcrRef><NtryDtls>"
        f"<Btch><NbOfTxs>{len(money) if said is None else said}</NbOfTxs></Btch>{parts}"
        "</NtryDtls></Ntry>"
    )


def _remittance(kid: str | None) -> str:
    if kid is None:
        return "<RmtInf><Ustrd>takk</Ustrd></RmtInf>"
    return f"<RmtInf><Strd><CdtrRefInf><Ref>{kid}</Ref></CdtrRefInf></Strd></RmtInf>"


CASES = Path(__file__).with_name("cases")
"""Files in the shape of real ones, of nobody real."""


def camt_of(*entries: str, version: str = "02", account: str = ACCOUNT, head: str = "") -> bytes:
    """A camt.054 file around entries."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.{version}">'
        "<BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>1</MsgId></GrpHdr><Ntfctn><Id>1</Id>"
        f"<Acct><Id><Othr><Id>{account}</Id></Othr></Id></Acct>{head}{''.join(entries)}"
        "</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    ).encode()


def camt(*money: Money, version: str = "02") -> bytes:
    """A camt.054 file with an entry for each payment."""
    status = "<Sts>BOOK</Sts>" if version == "02" else "<Sts><Cd>BOOK</Cd></Sts>"
    return camt_of(*(camt_entry(one, status=status) for one in money), version=version)


async def bring(
    pool: asyncpg.Pool, content: bytes, *, today: date = TODAY, account: str = ACCOUNT
) -> BankFileReport:
    """Keep a file and book it as the import does."""
    async with pool.acquire() as connection:
        file_id = await keep_file(
            connection, kind="payments", name="file", content=content, today=today
        )
    bank = Bank(pool, None, account=account)  # type: ignore[arg-type]
    return await ActivityEnvironment().run(
        bank.book_bank_file, BankFile(file_id=file_id, today=today)
    )


@dataclass(frozen=True)
class Payer:
    """A member, and the KIDs of the invoices of 495.00 that are open: the oldest first."""

    membership_id: str
    number: str
    kids: tuple[str, ...]

    def kid(self, serial: int) -> str:
        """The KID of an invoice, whether or not it exists."""
        return invoice_kid(self.number, serial)


async def payer(
    pool: asyncpg.Pool, persistence: Persistence, *months: str, membership_id: str | None = None
) -> Payer:
    """Let a member join, and charge 495.00 for each of some months."""
    member = await joins(
        persistence, terms=(term(),), membership_id=membership_id or f"membership-{uuid.uuid4()}"
    )
    for month in months or ("2026-11",):
        await charge(Dues(pool), month)
    rows = await pool.fetch(
        "SELECT kid FROM invoices WHERE membership_id = $1 ORDER BY serial", member
    )
    number = await pool.fetchval(
        "SELECT member_number FROM memberships WHERE membership_id = $1", member
    )
    return Payer(member, number, tuple(row["kid"] for row in rows))


async def pairs(pool: asyncpg.Pool, query: str) -> dict[str, int]:
    """Rows of two columns as a dictionary."""
    return {row[0]: row[1] for row in await pool.fetch(query)}


async def stands(pool: asyncpg.Pool) -> dict[str, Any]:
    """All that money has come to: what is open, in suspense, in the books, and to be done."""
    return {
        "open": await pairs(pool, "SELECT kid, open_ore FROM invoice_balances"),
        "suspense": await pairs(pool, "SELECT reference, suspense_ore FROM payment_balances"),
        "balances": await pairs(pool, "SELECT account, balance_ore FROM balances"),
        "tasks": {
            row["key"] for row in await pool.fetch("SELECT key FROM tasks WHERE closed_on IS NULL")
        },
        "awaited": await pool.fetchval("SELECT count(*) FROM awaited_reversals"),
    }


def placed(number: int) -> dict[Allocation, PaymentOutcome]:
    """What a membership calls for where its money goes to an invoice, or is there no more."""
    start = letter(f"{number:04d}-start", Template.PAYROLL_START, Audience.EMPLOYER)
    return {
        Allocation.FIRST_INVOICE: PaymentOutcome(rules=("P3", "A20"), letters=(start,)),
        Allocation.INVOICE: PaymentOutcome(rules=("P3",)),
        Allocation.RETURNED: PaymentOutcome(rules=("P3",)),
    }


def reported(number: int, member: Payer, money: Payment) -> Decision:
    """The decision of a membership about a payment, as its workflow makes it."""
    money = money.model_copy(
        update={
            "goes_to": "",
            "first_invoice": f"{member.number}-1",
            "outcomes": placed(number),
        }
    )
    applied = Answer(applied=True, stage="active", says=f"{money.amount_ore} øre received")
    update = Applied(update_id=f"u-{number}", name="record_payment", answer=applied)
    return decision(
        number,
        member.membership_id,
        event=Event.PAYMENT_RECORDED,
        decided_by="payer",
        rules=("P3",),
        letters=(letter(f"{number:04d}-task", Template.CASEWORKER_TASK, Audience.CASEWORKERS),),
        payment=money,
        applies=update,
    )


COUNTED = (
    "payments",
    "allocations",
    "entries",
    "tasks",
    "awaited_reversals",
    "payment_reports",
)


async def counted(pool: asyncpg.Pool) -> dict[str, int]:
    """How many rows there are of everything an import could write."""
    return {name: await pool.fetchval(f"SELECT count(*) FROM {name}") for name in COUNTED}
