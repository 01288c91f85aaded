"""Books in which nothing has drifted, and how to make them drift by hand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import cast

import asyncpg
from temporalio.testing import ActivityEnvironment

from activities.audit import books as comparing
from activities.audit.findings import Connection, release
from activities.dues.activities import Dues
from activities.membership.activities import Persistence
from activities.payments import suspense
from activities.shared.rulebook import RulebookReader
from schemas.audit.contracts import AuditMonth, AuditOpening, AuditPage, Check, CheckReport, total
from schemas.deduction.contracts import DeductionListsOrder
from schemas.dues.terms import Span
from schemas.membership.situation import Facts
from schemas.shared.calendar import first_day_of_period
from schemas.shared.vocabulary import Category, Outcome
from tests.deduction.making import Office, filled
from tests.dues.lives import B, ends, leave, life, retired_life, yes
from tests.dues.making import SINCE, charge, joins
from tests.payments.making import Money, bring, ocr
from tests.payments.refunding import told_to_the_bank

TODAY = date(2026, 12, 20)
NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)

LIVES: dict[str, Facts] = {
    "direct": life(since=SINCE),
    "half": life(since=SINCE, percent="40"),
    "insured": life(since=SINCE, premiums=(Span(valid_from=date(2026, 11, 13)),)),
    "payroll": life(since=SINCE, payers=(yes(NOVEMBER),)),
    "other_employer": life(since=SINCE, employer=B, payers=(yes(NOVEMBER, B),)),
    "branch": life(since=SINCE, branch="OSLO", payers=(yes(DECEMBER),)),
    "hidden": life(since=SINCE, hidden=True, branch="OSLO"),
    "student": life(since=SINCE, category=Category.STUDENT, percent=None, employer=None),
    "apprentice": life(since=SINCE, category=Category.APPRENTICE),
    "retired": retired_life(born=date(1964, 3, 1), since=SINCE),
    "pensioner": retired_life(born=date(1950, 3, 1), since=SINCE),
    "on_leave": life(leave(DECEMBER, date(2027, 2, 28)), since=SINCE),
    "leaving": life(ends(date(2027, 1, 1), Outcome.RESIGNED), since=SINCE),
}


@dataclass
class Books:
    """One database, and what is in it: the member of each life, by its name."""

    pool: asyncpg.Pool
    folder: Path
    members: dict[str, str] = field(default_factory=dict)
    lists: list[str] = field(default_factory=list)
    run: int = 0

    async def fill(self) -> None:
        """Let everybody join in October, and charge, list, settle and pay two months."""
        self.persistence = Persistence(self.pool, allow_synthetic_ids=True)
        for name, facts in LIVES.items():
            employer = facts.beginning.employer
            self.members[name] = await joins(
                self.persistence, facts, employer=employer.orgnr if employer else None
            )
        # Without one the gate withholds them from every list.
        await self.pool.execute(
            "UPDATE people SET national_id = lpad(member_number, 11, '9') FROM memberships"
            " WHERE memberships.person_id = people.person_id"
        )
        office = Office(self.pool, self.folder)
        for period in ("2026-11", "2026-12"):
            await self.charge(period)
            await self.make_lists(period)
        for number in await self.numbers():
            await office.deliver(number)
            self.lists.append(number)
        await self._settle(office)
        await self._pay()

    async def charge(self, period: str) -> None:
        """Charge a month."""
        await charge(Dues(self.pool), period)

    async def make_lists(self, period: str) -> None:
        """Make the lists of a month, on its second day."""
        month = first_day_of_period(period)
        order = DeductionListsOrder(period_from=month, today=month.replace(day=2))
        office = Office(self.pool, self.folder)
        await ActivityEnvironment().run(office.deduction.make_deduction_lists, order)

    async def numbers(self) -> list[str]:
        """Return the lists' numbers."""
        rows = await self.pool.fetch("SELECT number FROM deduction_lists ORDER BY number")
        return [row["number"] for row in rows]

    async def _settle(self, office: Office) -> None:
        """Have employers report in full, nothing, too much and too little, and pay or not."""
        first, second, over, short = self.lists
        await office.take(filled(await office.file_of(first)))
        asked = await self.pool.fetchrow(
            "SELECT kid, total_ore FROM deduction_lists WHERE number = $1", first
        )
        assert asked is not None
        paid = Money(asked["kid"], asked["total_ore"])
        await bring(self.pool, ocr(paid, transmission="0000077"))
        number = await self.number_of("payroll")
        await office.take(filled(await office.file_of(second), {number: ("0.00", "NO_PAY")}))
        number = await self.number_of("other_employer")
        await office.take(filled(await office.file_of(over), {number: ("500.00", "")}))
        await office.take(filled(await office.file_of(short), {number: ("100.00", "OTHER")}))
        for one in self.lists:
            await office.settle(one)
        # Of one line the rest is let go, of one list all that was reported and not paid.
        await office.decide(short, self.members["other_employer"], "write_off")
        await office.decide(over, None, "write_off")
        for one in self.lists:
            await office.settle(one)
        outcomes = await self.pool.fetch("SELECT outcome FROM deductions")
        assert {row["outcome"] for row in outcomes} == {
            "deducted",
            "redirected",
            "over",
            "written_off",
        }
        assert await self.pool.fetchval("SELECT sum(amount_ore) FROM list_write_offs") == 50000

    async def number_of(self, name: str) -> str:
        """Return a life's member number."""
        number = await self.pool.fetchval(
            "SELECT member_number FROM memberships WHERE membership_id = $1", self.members[name]
        )
        return cast(str, number)

    async def _pay(self) -> None:
        """Let money come: in full, too much, refunded, taken back, and known to nobody."""
        kid = await self.kid_of("direct")
        await bring(self.pool, ocr(Money(kid, 49500), transmission="0000001"))
        half = await self.kid_of("half")
        await bring(
            self.pool,
            ocr(Money(half, 24750, 1), Money(half, 500, 2), transmission="0000002"),
        )
        async with self.pool.acquire() as connection, connection.transaction():
            [left] = await suspense.list_suspense(connection)
            await told_to_the_bank(connection, reference=left.reference, today=TODAY)
        back = await self.kid_of("retired")
        owed = await self.pool.fetchval("SELECT total_ore FROM invoices WHERE kid = $1", back)
        await bring(self.pool, ocr(Money(back, owed), transmission="0000003"))
        await bring(self.pool, ocr(Money(back, owed, reversal=True), transmission="0000004"))
        await bring(
            self.pool,
            ocr(Money(None, 777, reversal=True), Money(None, 1234, 2), transmission="0000005"),
        )

    async def kid_of(self, name: str) -> str:
        """Return the KID of a life's first invoice."""
        kid = await self.pool.fetchval(
            "SELECT kid FROM invoices WHERE membership_id = $1 ORDER BY serial LIMIT 1",
            self.members[name],
        )
        return cast(str, kid)

    async def audit(
        self,
        connection: Connection | None = None,
        *,
        dry_run: bool = False,
        today: date = TODAY,
    ) -> dict[Check, CheckReport]:
        """Compare all that stands in the database, as the workflow does; return what drifted."""
        if connection is None:
            async with self.pool.acquire() as own:
                return await self.audit(own, dry_run=dry_run, today=today)
        self.run += 1
        opening = AuditOpening(run=f"run-{self.run}", today=today, dry_run=dry_run)
        rulebook = await RulebookReader(allow_synthetic_ids=False).current(connection)
        plan = await comparing.plan_audit(connection, rulebook, opening, busy=False)
        parts = await comparing.compare_ledger(connection, plan)
        parts += await comparing.compare_claims(connection, rulebook, plan)
        for month in plan.months:
            parts += await comparing.compare_month(connection, AuditMonth(plan=plan, month=month))
        for month in plan.charged:
            looked_at = AuditMonth(plan=plan, month=month)
            parts += await comparing.compare_amounts(connection, looked_at)
        for first in plan.pages:
            parts += await comparing.compare_members(connection, AuditPage(plan=plan, first=first))
        if not dry_run:
            async with connection.transaction():
                whole = set(Check) - {part.check for part in parts if part.cut}
                await release(connection, plan, whole, plan.months[0])
        return {part.check: part for part in total(parts) if part.drifted}

    @asynccontextmanager
    async def tried(self) -> AsyncIterator[Connection]:
        """Yield a connection on which nothing is kept in the end."""
        async with self.pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            try:
                yield connection
            finally:
                await transaction.rollback()


async def drift(connection: Connection, sql: str, *arguments: object) -> None:
    """Do harm that triggers and keys would not let happen."""
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        done = await connection.execute(sql, *arguments)
        await connection.execute("SET LOCAL session_replication_role = origin")
    assert not done.endswith(" 0"), "nothing was harmed"


async def held(connection: Connection) -> set[tuple[str, str]]:
    """Return who is held, and by which check."""
    rows = await connection.fetch("SELECT membership_id, check_name FROM holds")
    return {(row["membership_id"], row["check_name"]) for row in rows}


async def tasks(connection: Connection) -> dict[str, str]:
    """Return the audit's open tasks: what each says, by key."""
    rows = await connection.fetch(
        "SELECT key, says FROM tasks WHERE kind = 'audit' AND closed_on IS NULL"
    )
    return {row["key"]: row["says"] for row in rows}
