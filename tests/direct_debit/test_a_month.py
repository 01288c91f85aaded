"""A month of AvtaleGiro (P9): what may happen to a claim between its file and its money.

All members live on one database: mandates told on 1 December, an invoice of 2 December due on the
16th, the bank's files and claims on the days named, and the arrears after that.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

import asyncpg
import netsgiro

from activities.arrears.activities import Arrears
from activities.arrears.agreements import make_plan, withdraw_plan
from activities.direct_debit.claims import Creditor, make_claims, read_claim_file
from activities.dues.activities import Dues
from activities.membership.activities import Persistence
from schemas.direct_debit.contracts import ClaimDay
from schemas.names import direct_debit_run_id
from schemas.payments.kid import invoice_kid
from tests.arrears.making import pursue
from tests.builders import BOOK
from tests.direct_debit.making import mandates, told
from tests.dues.making import charge, joins, term
from tests.letters.making import end_membership
from tests.payments.making import ACCOUNT, Money, bring, ocr

US = Creditor(sender="55555555", account=ACCOUNT)
FIRST: Final = date(2026, 12, 1)
ISSUED = 2
CLAIMING: Final = (2, 3, 4, 7, 8, 9, 14, 15, 16, 17, 18, 21, 22, 23)
ARREARS: Final = (22, 30, 36, 50)
"""Days from 1 December on: 36 is 5 January."""
SIGNED, ENDED, PAID, BACK, CHOSE, LEFT, DIED, PLAN, UNPLAN = (
    "signed", "ended", "paid", "taken back", "chose", "left", "died", "plan", "no plan",
)  # fmt: skip

Event = tuple[int, str, int]
"""The day, what, and a figure: øre, or which KID of the member's it came with."""


@dataclass(frozen=True)
class Came:
    """What a case comes to.

    Attributes:
        told: the bank: 0 for a claim and 36 for its cancellation, with the day of the file.
        asked: the member: the letter by its first letters, with the day.
        tasks: their kinds.
        open: øre of the invoice; ``held``: øre in suspense.
    """

    told: tuple[tuple[int, int], ...] = ((0, 2),)
    asked: tuple[tuple[str, int], ...] = ()
    tasks: tuple[str, ...] = ()
    open: int = 0
    held: int = 0


RETURNED, FIRST_REMINDER, SECOND = "direct_debit_returned", "reminder_first", "reminder_second"
ALL = 49500

CASES: Final[dict[str, tuple[tuple[Event, ...], Came]]] = {
    "collected": (((17, PAID, ALL),), Came()),
    # No claim comes for nothing: what has come on its day is what it brought.
    "collected, and told of on the day": (((16, PAID, ALL),), Came()),
    "collected days later": (((21, PAID, ALL),), Came()),
    # Asked on the 22nd for 5 January: 14 days after that the first reminder, never before it.
    "no cover": ((), Came(asked=((RETURNED, 22), (FIRST_REMINDER, 50)), open=ALL)),
    "no cover, paid as it was asked": (((36, PAID, ALL),), Came(asked=((RETURNED, 22),))),
    "collected and taken back": (
        ((17, PAID, ALL), (21, BACK, ALL)),
        Came(asked=((RETURNED, 22), (FIRST_REMINDER, 50)), tasks=("reversal",), open=ALL),
    ),
    "paid by hand": (((4, PAID, ALL),), Came(told=((0, 2), (36, 4)))),
    "paid by hand the last day it can be stopped": (
        ((14, PAID, ALL),),
        Came(told=((0, 2), (36, 14))),
    ),
    "paid by hand too late": (((15, PAID, ALL),), Came(tasks=("claim_too_late",))),
    "paid by hand too late, and collected": (
        ((15, PAID, ALL), (17, PAID, ALL)),
        Came(tasks=("claim_too_late", "suspense"), asked=(("overpayment", 22),), held=ALL),
    ),
    "paid by hand and taken back": (
        ((4, PAID, ALL), (8, BACK, ALL)),
        Came(
            told=((0, 2), (36, 4)),
            asked=((RETURNED, 8), (FIRST_REMINDER, 36), (SECOND, 50)),
            tasks=("reversal",),
            open=ALL,
        ),
    ),
    "paid with a KID that no invoice has": (((9, PAID, -7),), Came(told=((0, 2), (36, 9)))),
    "paid too much": (
        ((9, PAID, 60000),),
        Came(told=((0, 2), (36, 9)), tasks=("suspense",), asked=(("overpayment", 22),), held=10500),
    ),
    # The bank collects the whole: a part that waits in suspense stays the member's.
    "paid in part, and collected": (
        ((9, PAID, 10000), (17, PAID, ALL)),
        Came(tasks=("suspense",), asked=(("overpayment", 22),), held=10000),
    ),
    "mandate ended": (
        ((7, ENDED, 1),),
        Came(
            told=((0, 2), (36, 7)),
            asked=((RETURNED, 7), (FIRST_REMINDER, 36), (SECOND, 50)),
            open=ALL,
        ),
    ),
    "mandate ended too late": (
        ((15, ENDED, 1),),
        Came(asked=((RETURNED, 22), (FIRST_REMINDER, 50)), open=ALL),
    ),
    "mandate ended too late, and collected": (((15, ENDED, 1), (17, PAID, ALL)), Came()),
    "mandate ended and signed again": (
        ((7, ENDED, 1), (8, SIGNED, 1), (21, PAID, ALL)),
        Came(told=((0, 2), (36, 7)), asked=((RETURNED, 7),)),
    ),
    "signed again with a KID of an older invoice": (
        ((3, SIGNED, 7),),
        Came(asked=((RETURNED, 22), (FIRST_REMINDER, 50)), open=ALL),
    ),
    "left": (
        ((8, LEFT, 0), (18, PAID, ALL)),
        Came(told=((0, 2), (36, 8)), asked=((RETURNED, 8),), tasks=("late",)),
    ),
    "left too late, and collected": (
        ((15, LEFT, 0), (17, PAID, ALL)),
        Came(tasks=("claim_too_late", "late")),
    ),
    # Nobody writes to who has died, and nothing is owed.
    "died": (((8, DIED, 0),), Came(told=((0, 2), (36, 8)), open=ALL)),
    "chose invoices": (
        ((8, CHOSE, 0), (18, PAID, ALL)),
        Came(told=((0, 2), (36, 8)), asked=((RETURNED, 8),)),
    ),
    "chose invoices too late": (
        ((15, CHOSE, 0), (17, PAID, ALL)),
        Came(tasks=("claim_too_late",)),
    ),
    "chose invoices and signed again": (
        ((8, CHOSE, 0), (9, SIGNED, 1), (21, PAID, ALL)),
        Came(told=((0, 2), (36, 8)), asked=((RETURNED, 8),)),
    ),
    # What is agreed to be paid by and by is neither collected whole nor asked for whole.
    "a payment plan": (
        ((8, PLAN, 0),),
        Came(told=((0, 2), (36, 8)), asked=(("payment_plan", 22),), open=ALL),
    ),
    "a payment plan before the claim": (
        ((2, PLAN, 0),),
        Came(told=(), asked=(("payment_plan", 22),), open=ALL),
    ),
    "a payment plan that was given up": (
        ((8, PLAN, 0), (9, UNPLAN, 0)),
        Came(
            told=((0, 2), (36, 8), (0, 9)),
            asked=((RETURNED, 22), (FIRST_REMINDER, 50)),
            open=ALL,
        ),
    ),
    "a payment plan that was given up, and what is collected": (
        ((8, PLAN, 0), (9, UNPLAN, 0), (17, PAID, ALL)),
        Came(told=((0, 2), (36, 8), (0, 9))),
    ),
    "a payment plan that was given up before the claim": (
        ((2, PLAN, 0), (4, UNPLAN, 0), (17, PAID, ALL)),
        Came(told=((0, 4),)),
    ),
    "two payment plans that were given up": (
        ((3, PLAN, 0), (4, UNPLAN, 0), (7, PLAN, 0), (8, UNPLAN, 0), (17, PAID, ALL)),
        Came(told=((0, 2), (36, 3), (0, 4), (36, 7), (0, 8))),
    ),
    "a payment plan that was given up, paid by hand and taken back": (
        ((3, PLAN, 0), (4, UNPLAN, 0), (7, PAID, ALL), (8, BACK, ALL)),
        Came(
            told=((0, 2), (36, 3), (0, 4), (36, 7)),
            asked=((RETURNED, 8), (FIRST_REMINDER, 36), (SECOND, 50)),
            tasks=("reversal",),
            open=ALL,
        ),
    ),
    "a payment plan that was given up, and the mandate": (
        ((3, PLAN, 0), (4, ENDED, 1), (7, UNPLAN, 0)),
        Came(
            told=((0, 2), (36, 3)),
            asked=((RETURNED, 7), (FIRST_REMINDER, 36), (SECOND, 50)),
            open=ALL,
        ),
    ),
    "signed after the invoice": (
        ((0, SIGNED, 0), (3, SIGNED, 1)),
        Came(told=(), asked=((FIRST_REMINDER, 30), (SECOND, 50)), open=ALL),
    ),
    "never signed": (
        ((0, SIGNED, 0),),
        Came(told=(), asked=((FIRST_REMINDER, 30), (SECOND, 50)), open=ALL),
    ),
    "signed for two KIDs": (((1, SIGNED, 7), (17, PAID, ALL)), Came()),
}


def on(day: int) -> date:
    """A day of the story."""
    return FIRST + timedelta(days=day - 1)


@dataclass
class Month:
    """The union, and who lives in it."""

    pool: asyncpg.Pool
    who: dict[str, tuple[str, str]]
    files: int = 0
    told: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))

    def events(self, day: int, *kinds: str) -> Iterable[tuple[str, str, int]]:
        """What happens on a day: whose case, what, and its figure."""
        for name, (events, _) in CASES.items():
            if day == 1 and SIGNED in kinds and (0, SIGNED, 0) not in events:
                yield name, SIGNED, 1
            for when, what, figure in events:
                if when == day and what in kinds:
                    yield name, what, figure

    def nth(self, name: str, day: int) -> int:
        """How many payments of a case have come by a day: a reversal is of the last."""
        return sum(what == PAID and when <= day for when, what, _ in CASES[name][0])

    def kid(self, name: str, serial: int = 1) -> str:
        """A KID of the member's."""
        return invoice_kid(self.who[name][1], serial)

    async def bank_tells(self, day: int) -> None:
        """Two files of the bank: of mandates, and of money."""
        records = [
            told(self.kid(name, which), 1 if what == SIGNED else 2, number=at)
            for at, (name, what, which) in enumerate(self.events(day, SIGNED, ENDED), 1)
        ]
        money = [
            Money(
                self.kid(name, max(1, -figure)),
                max(ALL if figure < 0 else 0, figure),
                number=at,
                archive=f"{self.who[name][1]}{self.nth(name, day)}",
                on=on(day),
                reversal=what == BACK,
            )
            for at, (name, what, figure) in enumerate(self.events(day, PAID, BACK), 1)
        ]
        self.files += 1
        numbered = f"{self.files:07d}"
        if records:
            await bring(
                self.pool, mandates(*records, on=on(day), transmission=numbered), today=on(day)
            )
        if money:
            await bring(self.pool, ocr(*money, transmission=numbered), today=on(day))

    async def people_act(self, day: int) -> None:
        """What members do, and what happens to them."""
        policies = BOOK.policies_on(on(day))
        for name, what, _ in self.events(day, CHOSE, LEFT, DIED, PLAN, UNPLAN):
            member = self.who[name][0]
            async with self.pool.acquire() as connection, connection.transaction():
                match what:
                    case "chose":
                        await connection.execute(
                            "INSERT INTO payment_choices SELECT membership_id, max(number), "
                            "'invoice', $2 FROM decisions WHERE membership_id = $1 "
                            "GROUP BY membership_id",
                            member,
                            on(day),
                        )
                    case "plan":
                        await make_plan(
                            connection,
                            member,
                            policies,
                            first_on=on(day) + timedelta(days=60),
                            months=3,
                            today=on(day),
                            by="ola",
                            reason="avtalt",
                        )
                    case "no plan":
                        await withdraw_plan(
                            connection, member, today=on(day), by="ola", reason="angret"
                        )
            if what in {LEFT, DIED}:
                outcome = "deceased" if what == DIED else "resigned"
                await end_membership(self.pool, member, outcome)

    async def claim(self, day: int) -> None:
        """The day's run, and what its file tells."""
        order = ClaimDay(today=on(day), batch=direct_debit_run_id(on(day)))
        async with self.pool.acquire() as connection:
            await make_claims(connection, order, BOOK, US)
            file = await read_claim_file(connection, on(day))
        if file is not None:
            for each in netsgiro.parse(file.content.decode("iso-8859-1")).assignments:
                for one in each.transactions:
                    assert (one.amount_in_cents, one.date) == (ALL, on(16))
                    self.told[str(one.kid)].append((int(each.type), day))

    async def came(self, name: str) -> Came:
        """What a case has come to."""
        member = self.who[name][0]
        asked = await self.pool.fetch(
            "SELECT template, ordered_on FROM letters WHERE membership_id = $1 "
            "AND batch IS NOT NULL ORDER BY ordered_on, key",
            member,
        )
        tasks = await self.pool.fetch("SELECT kind FROM tasks WHERE membership_id = $1", member)
        [money] = await self.pool.fetch(
            "SELECT (SELECT sum(open_ore) FROM invoice_balances WHERE membership_id = $1) AS open,"
            " (SELECT coalesce(sum(suspense_ore), 0) FROM payment_balances"
            "  WHERE membership_id = $1) AS held",
            member,
        )
        return Came(
            told=tuple(self.told[self.kid(name)]),
            asked=tuple((row["template"], (row["ordered_on"] - FIRST).days + 1) for row in asked),
            tasks=tuple(sorted(row["kind"] for row in tasks)),
            open=int(money["open"]),
            held=int(money["held"]),
        )


async def test_what_a_claim_comes_to(pool, client):
    """P9, A30: each invoice is collected once or asked for once, and reminded of after its day."""
    persistence, arrears = Persistence(pool, allow_synthetic_ids=True), Arrears(pool, client)
    who = {}
    for name in CASES:
        member = await joins(persistence, terms=(term(valid_from=FIRST),))
        number = await pool.fetchval(
            "SELECT member_number FROM memberships WHERE membership_id = $1", member
        )
        who[name] = (member, number)
    month = Month(pool, who)
    for day in sorted({1, *CLAIMING, *ARREARS}):
        if day == ISSUED:
            await charge(Dues(pool), "2026-12", today=on(day))
        await month.bank_tells(day)
        await month.people_act(day)
        if day in CLAIMING:
            await month.claim(day)
        if day in ARREARS:
            await pursue(arrears, on(day))
    assert {name: await month.came(name) for name in CASES} == {
        name: came for name, (_, came) in CASES.items()
    }
