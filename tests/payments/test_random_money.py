"""Random money of random members: the ledger is that of the facts, in whatever order they came."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import asyncpg
import pytest

from activities.payments.booking import use_suspense
from schemas.payments.kid import invoice_kid
from tests.arrears.making import owe
from tests.dues.test_ledger import UNBOOKED
from tests.letters.making import make_membership

TODAY = date(2027, 6, 1)
TOTALS = (49500, 49500, 25000, 69500)
"""What the invoices ask: two months of 495.00, a premium's 250.00, dues with a premium."""

NO_INVOICE = 9


@dataclass(frozen=True)
class Paid:
    """Money of a member: what it names, by an invoice's serial, and whether it was taken back."""

    serial: int
    ore: int
    reversed: bool


def facts_come_to(payments: Sequence[Paid], totals: Sequence[int]) -> tuple[list[int], int]:
    """Return what is open of each invoice and what is in suspense, by the facts alone.

    What can pay its own invoice pays it; all other money is one sum, and pays the oldest, whole
    ones only. Source: P3.
    """
    standing = [one for one in payments if not one.reversed]
    own = {
        serial
        for serial, total in enumerate(totals, 1)
        if any(one.serial == serial and one.ore >= total for one in standing)
    }
    money = sum(one.ore for one in standing) - sum(totals[serial - 1] for serial in own)
    still_open = []
    for serial, total in enumerate(totals, 1):
        paid = serial in own or (money >= total and not any(still_open))
        money -= total if paid and serial not in own else 0
        still_open.append(0 if paid else total)
    return still_open, money


# 990.00 with the third's KID: 250.00 to it, 495.00 to the first, 245.00 left of the second.
@pytest.mark.parametrize(
    ("payments", "still_open", "left"),
    [
        ([Paid(3, 99000, False)], [0, 49500, 0, 69500], 24500),
        ([Paid(1, 49500, False)] * 2, [0, 0, 25000, 69500], 0),
        ([Paid(1, 49500, True), Paid(1, 49500, False)], [0, 49500, 25000, 69500], 0),
        ([Paid(1, 20000, False), Paid(9, 30000, False)], [0, 49500, 25000, 69500], 500),
    ],
)
def test_what_the_facts_come_to(payments, still_open, left):
    """What the database is compared with is right itself."""
    assert facts_come_to(payments, TOTALS) == (still_open, left)


async def settle(pool: asyncpg.Pool, reference: str) -> None:
    """Allocate what has just been written."""
    await pool.execute("SELECT settle_payments(ARRAY[$1], $2)", reference, TODAY)


async def open_run(pool: asyncpg.Pool) -> None:
    """Write that a month of its own has been charged on the day after the money came."""
    await pool.execute(
        "INSERT INTO dues_runs (period_from, charged_on, due_on)"
        " SELECT date '2040-01-01' + count(*)::integer * interval '1 month', $1, $1 FROM dues_runs",
        TODAY + timedelta(days=1),
    )


async def forget_runs(pool: asyncpg.Pool) -> None:
    """Let no month have been charged since: each life has doubles of its own."""
    await pool.execute("DELETE FROM dues_runs")


async def take_in(pool: asyncpg.Pool, member: str, reference: str, one: Paid, kid: str) -> None:
    """Write a payment as `record_payment` does."""
    await pool.execute(
        "WITH paid AS (INSERT INTO payments (reference, membership_id, amount_ore, paid_on, kid)"
        " VALUES ($1, $2, $3, $4, $5))"
        " INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit,"
        " amount_ore) VALUES ($4, 'payment', $2, $1, 'bank', 'suspense', $3)",
        reference,
        member,
        one.ore,
        TODAY,
        kid,
    )
    await settle(pool, reference)


async def take_back(pool: asyncpg.Pool, reference: str, one: Paid) -> None:
    """Write a reversal as an import does."""
    await pool.execute(
        "WITH back AS (INSERT INTO awaited_reversals (reference, takes_back, amount_ore, paid_on)"
        " VALUES ($1 || '/back', $1, $2, $3))"
        " INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit,"
        " amount_ore) VALUES ($3, 'reversal', NULL, $1 || '/back', 'suspense', 'bank', $2)",
        reference,
        one.ore,
        TODAY,
    )
    await settle(pool, f"{reference}/back")


def events_of(chance: random.Random) -> list[tuple[str, int]]:
    """Return what happens to a member: invoices issued, money paid and taken back, in an order.

    No payment names an invoice before there is one; a reversal may come before its payment.
    """
    count = chance.randint(1, 6)
    events = [("paid", n) for n in range(count)]
    events += [("back", n) for n in range(count) if chance.random() < 0.3]
    chance.shuffle(events)
    for serial in range(len(TOTALS), 0, -1):
        events.insert(chance.randint(0, len(events) // 2), ("issued", serial))
    issued = iter(sorted(serial for what, serial in events if what == "issued"))
    return [(what, next(issued) if what == "issued" else n) for what, n in events]


@pytest.mark.parametrize("seed", range(4))
async def test_the_ledger_is_that_of_the_facts(pool, seed):
    """P3: what is open of each invoice, and what is in suspense, whatever came first."""
    chance = random.Random(seed)
    for life in range(12):
        await forget_runs(pool)
        member = await make_membership(pool, stage="active")
        number = await pool.fetchval(
            "SELECT member_number FROM memberships WHERE membership_id = $1", member
        )
        events = events_of(chance)
        back = {n for what, n in events if what == "back"}
        paid: dict[int, Paid] = {}
        issued = 0
        for what, n in events:
            reference = f"{seed}-{life}-{n}"
            if what == "issued":
                issued += 1
                kid = invoice_kid(number, issued)
                due_on = TODAY + timedelta(days=issued)
                await owe(pool, member, due_on, TOTALS[issued - 1], kid=kid)
                async with pool.acquire() as connection:
                    await use_suspense(connection, number, number, TODAY)
            elif what == "paid":
                serial = chance.choice([*range(1, issued + 1), NO_INVOICE])
                ore = chance.choice([10000, 25000, 49500, 49500, 99000, 125000])
                paid[n] = Paid(serial, ore, n in back)
                kid = invoice_kid(number, serial)
                await take_in(pool, member, reference, paid[n], kid)
            elif n in paid:
                await take_back(pool, reference, paid[n])
                back.discard(n)
        for n in back & set(paid):
            await take_back(pool, f"{seed}-{life}-{n}", paid[n])
        # An invoice that was paid twice is asked about until the next run.
        await open_run(pool)
        async with pool.acquire() as connection:
            await use_suspense(connection, number, number, TODAY)
        found = await pool.fetch(
            "SELECT open_ore FROM invoice_balances WHERE membership_id = $1 ORDER BY serial", member
        )
        left = await pool.fetchval(
            "SELECT sum(suspense_ore)::bigint FROM payment_balances WHERE membership_id = $1",
            member,
        )
        assert ([row["open_ore"] for row in found], left) == facts_come_to(
            list(paid.values()), TOTALS
        ), events
    # `owe` books no charges: only what moved is looked at.
    assert [row for row in await pool.fetch(UNBOOKED) if "charge" not in row[0]] == []
