"""Whatever is decided about debts and people: each krone that came is somewhere, once (P3)."""

import random
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from activities.arrears import agreements
from activities.payments import suspense
from activities.payments.booking import apply_credits, use_money, use_suspense
from activities.payments.refunds import ask_refund
from activities.payments.write_offs import undo_write_off, write_off
from schemas.payments.kid import invoice_kid
from schemas.pricing.rulebook import Policies
from tests.arrears.making import owe
from tests.dues.test_ledger import UNBOOKED
from tests.letters.making import make_membership
from tests.payments.test_random_money import TODAY, Paid, open_run, take_back, take_in

POLICIES = Policies(valid_from=date(1970, 1, 1))
OLA = {"by": "ola", "reason": "chance"}
NOTHING_TO_DO = (suspense.NotPossible, agreements.NotPossible)

SUMS = """
SELECT (SELECT coalesce(sum(total_ore), 0) FROM invoices) AS asked,
       (SELECT coalesce(sum(open_ore), 0) FROM invoice_balances) AS open,
       (SELECT coalesce(sum(amount_ore), 0) FROM allocations WHERE reference IS NOT NULL) AS paid,
       (SELECT coalesce(sum(amount_ore), 0) FROM write_offs) AS let_go,
       (SELECT coalesce(sum(CASE WHEN reverses IS NULL THEN amount_ore ELSE -amount_ore END), 0)
        FROM payments) AS brought,
       (SELECT coalesce(sum(suspense_ore), 0) FROM payment_balances) AS suspense,
       (SELECT coalesce(sum(amount_ore), 0) FROM refund_parts
        WHERE reference IS NOT NULL) AS refunded,
       (SELECT coalesce(sum(balance_ore), 0) FROM balances) AS balances,
       (SELECT coalesce(sum(balance_ore), 0) FROM balances WHERE account = 'bank') AS bank
"""

IDLE = """
SELECT person_id FROM (
    SELECT person_id, min(open_ore) FILTER (WHERE nth = 1) AS oldest,
           (SELECT coalesce(sum(suspense_ore), 0)
            FROM memberships AS theirs JOIN payment_balances USING (membership_id)
            WHERE theirs.person_id = standing.person_id) AS held
    FROM (
        SELECT person_id, open_ore, row_number() OVER (
            PARTITION BY person_id ORDER BY issued_on, serial, number) AS nth
        FROM memberships JOIN invoice_balances USING (membership_id) WHERE open_ore > 0
    ) AS standing GROUP BY person_id
) AS people WHERE held >= oldest
"""


@dataclass
class World:
    """Two members, who may be one person, and what has come of theirs."""

    pool: asyncpg.Pool
    chance: random.Random
    members: tuple[str, str]
    numbers: tuple[str, str]
    other: str
    one: bool = False
    invoices: list[str] = field(default_factory=list)
    issued: dict[int, int] = field(default_factory=lambda: {0: 0, 1: 0})
    paid: dict[str, Paid] = field(default_factory=dict)
    came: int = 0

    async def issue(self) -> None:
        """Somebody is invoiced or given credit, and the run uses what is there."""
        whose = self.chance.randrange(2)
        self.issued[whose] += 1
        due = TODAY + timedelta(days=self.chance.randint(-60, 30))
        number = await owe(
            self.pool,
            self.members[whose],
            due,
            self.chance.choice([49500, 49500, 25000, -10000]),
            kid=invoice_kid(self.numbers[whose], self.issued[whose]),
            # A month of its own for each: the two may be one person.
            period_from=date(2001 + 2 * self.issued[whose] + whose, 1, 1),
        )
        self.invoices.append(number)

    async def pay(self) -> None:
        """Money comes, with whatever KID."""
        whose = self.chance.randrange(2)
        paid = Paid(
            self.chance.randint(1, 4), self.chance.choice([10000, 25000, 49500, 99000]), False
        )
        self.came += 1
        reference = f"{self.numbers[0]}-{self.came}"
        self.paid[reference] = paid
        kid = invoice_kid(self.numbers[whose], paid.serial)
        await take_in(self.pool, self.members[whose], reference, paid, kid)

    async def reverse(self) -> None:
        """The bank takes something back, used or not."""
        if self.paid:
            reference = self.chance.choice(sorted(self.paid))
            await take_back(self.pool, reference, self.paid.pop(reference))

    async def merge(self) -> None:
        """The two turn out to be one, or two again."""
        to = "(SELECT person_id FROM memberships WHERE membership_id = $1)"
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(
                f"UPDATE memberships SET person_id = {'$1' if self.one else to}"
                " WHERE membership_id = $2",
                self.other if self.one else self.members[0],
                self.members[1],
            )
            self.one = not self.one
            if self.one:
                await use_money(connection, self.members[1], TODAY)
            else:
                await connection.execute("SELECT part_money($1, $2)", list(self.members), TODAY)

    async def decide(self) -> None:
        """Somebody writes off, takes that back, holds, agrees on instalments or pays back."""
        number = self.chance.choice(self.invoices or ["none"])
        member = self.chance.choice(self.members)
        held = self.chance.choice(sorted(self.paid) or ["none"])
        rest: dict[str, Any] = {"today": TODAY, **OLA}
        async with self.pool.acquire() as connection:
            with suppress(*NOTHING_TO_DO):
                async with connection.transaction():
                    match self.chance.randrange(5):
                        case 0:
                            await write_off(connection, number, POLICIES, **rest)
                        case 1:
                            await undo_write_off(connection, number, **rest)
                        case 2:
                            await ask_refund(connection, reference=held, **rest)
                        case 3:
                            await agreements.hold_reminders(
                                connection, member, POLICIES, until_on=TODAY, **rest
                            )
                        case _:
                            await agreements.make_plan(
                                connection, member, POLICIES, first_on=TODAY, months=2, **rest
                            )

    async def run(self) -> None:
        """A run uses credit notes and what is in suspense."""
        first, last = sorted(self.numbers)
        async with self.pool.acquire() as connection:
            await apply_credits(connection, first, last, TODAY)
            await use_suspense(connection, first, last, TODAY)


async def world_of(pool: asyncpg.Pool, chance: random.Random) -> World:
    """Two members who owe nothing."""
    members = (
        await make_membership(pool, stage="active"),
        await make_membership(pool, stage="active"),
    )
    rows = await pool.fetch(
        "SELECT member_number, person_id FROM memberships WHERE membership_id = ANY($1)"
        " ORDER BY member_number",
        list(members),
    )
    numbers = (rows[0]["member_number"], rows[1]["member_number"])
    return World(pool, chance, members, numbers, rows[1]["person_id"])


@pytest.mark.parametrize("seed", range(3))
async def test_no_money_vanishes(pool, seed):
    """With write-offs, plans, holds, refunds, credits, reversals, merges and partings (P3, N9)."""
    chance = random.Random(seed)
    world = await world_of(pool, chance)
    for _ in range(3):
        await world.issue()
    for _ in range(40):
        act = chance.choice(
            [world.issue, world.pay, world.pay, world.pay, world.reverse, world.merge, world.decide]
        )
        await act()
    await open_run(pool)
    await world.run()
    found = await pool.fetchrow(SUMS)
    assert found["asked"] == found["open"] + found["paid"] + found["let_go"]
    # What was paid back and then taken back by the bank as well is gone twice, and stands so.
    assert found["brought"] == found["paid"] + found["suspense"] + found["refunded"]
    assert (found["balances"], found["bank"]) == (0, found["brought"])
    assert await pool.fetch(IDLE) == []
    assert [row for row in await pool.fetch(UNBOOKED) if "charge" not in row[0]] == []
