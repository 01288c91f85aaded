"""A union led month by month: lives, dues runs, and what must hold after each."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import cast

import asyncpg
from temporalio.client import Client
from temporalio.testing import ActivityEnvironment

from activities.deduction.activities import Deduction
from activities.dues.activities import Dues
from activities.membership.activities import Persistence
from activities.payments.activities import Bank
from activities.shared.files import keep_file
from schemas.deduction.contracts import DeductionListsOrder
from schemas.dues.contracts import DuesOpening, DuesPage
from schemas.payments.contracts import BankFile
from schemas.shared.calendar import months_before
from tests.payments.making import ACCOUNT
from tests.simulation.invariants import broken
from tests.simulation.members import Member
from tests.simulation.model import Life
from tests.simulation.money import Invoice, Till
from tests.simulation.prices import prices
from tests.simulation.stories import Story


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be."""

    month: date
    membership_id: str | None
    says: str

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}  {self.membership_id or 'the books'}: {self.says}"


_OPEN = """
SELECT kid, open_ore FROM invoice_balances
WHERE period_from >= $1 AND open_ore > 0 ORDER BY number"""

_CHARGED = """
SELECT membership_id, period_from, kind, sum(amount_ore)::bigint AS ore FROM (
    SELECT membership_id, period_from, kind, amount_ore FROM charges WHERE kind <> 'correction'
    UNION ALL
    SELECT membership_id, period_from, kind, amount_ore FROM corrections
    WHERE reason <> 'carried_over'
) AS lines WHERE membership_id = ANY ($1) OR period_from = $2
GROUP BY 1, 2, 3 HAVING sum(amount_ore) <> 0"""


@dataclass
class Union:
    """Lives and runs over one database.

    Attributes:
        member_months: how many months members have been members for, so far.
    """

    stories: Sequence[Story]
    pool: asyncpg.Pool
    owner: asyncpg.Connection
    seed: int
    findings: list[Finding] = field(default_factory=list)
    member_months: int = 0

    def __post_init__(self) -> None:
        persistence = Persistence(self.pool, allow_synthetic_ids=True)
        self.members = [Member.of(story, persistence) for story in self.stories]
        self.dues = Dues(self.pool)
        # What these two do with Temporal, which is to tell others, is not asked of them.
        self.deduction = Deduction(self.pool, cast(Client, None))
        self.bank = Bank(self.pool, cast(Client, None), account=ACCOUNT)
        self.till = Till(self.seed)
        self.owed: dict[str, int] = {}

    async def pass_month(self, month: date) -> None:
        """Let a month pass: first everything before its run, then the run, then the checks."""
        run_on = month + timedelta(days=1)
        gate = asyncio.Semaphore(4)

        async def live(member: Member) -> None:
            async with gate:
                try:
                    await member.live_until(run_on)
                except Exception as error:  # noqa: BLE001 - whatever stops a life is a finding
                    self._find(month, member, f"{type(error).__name__}: {error}")
                    member.told.clear()

        await asyncio.gather(*(live(member) for member in self.members))
        await self._charge(month)
        await self._list(month)
        await self._pay(month)
        await self._compare(month)
        async for who, says in broken(
            self.owner, month, sum(self.owed.values()), self.till.bank_ore
        ):
            self.findings.append(Finding(month, who, says))

    async def _charge(self, month: date) -> None:
        today = month + timedelta(days=1)
        run = await self.dues.open_dues_run(DuesOpening(period=f"{month:%Y-%m}", today=today))
        for first in run.pages:
            await self.dues.charge_dues_page(DuesPage(run=run, first=first))
        if run.built:
            await self.dues.attach_dues_month(run)
        report = await self.dues.report_dues_run(run)
        if report.quarantined:
            self.findings.append(Finding(month, None, f"quarantined {report.quarantined}"))

    async def _list(self, month: date) -> None:
        """Make the deduction lists of a month, twice: the second time adds nothing."""
        order = DeductionListsOrder(period_from=month, today=month + timedelta(days=1))
        await self.deduction.make_deduction_lists(order)
        again = await self.deduction.make_deduction_lists(order)
        if again.lists:
            self.findings.append(Finding(month, None, f"{again.lists} lists were made twice"))

    async def _pay(self, month: date) -> None:
        """Let members pay what is open, and the bank send its files; one comes twice."""
        today = month + timedelta(days=19)
        rows = await self.owner.fetch(_OPEN, months_before(month, 2))
        invoices = [Invoice(row["kid"], row["open_ore"]) for row in rows]
        for content in self.till.files(invoices, today):
            async with self.pool.acquire() as connection:
                file_id = await keep_file(
                    connection, kind="payments", name="file", content=content, today=today
                )
            file = BankFile(file_id=file_id, today=today)
            await ActivityEnvironment().run(self.bank.book_bank_file, file)

    def _find(self, month: date, member: Member, says: str) -> None:
        self.findings.append(Finding(month, member.story.membership_id, says))

    async def _compare(self, month: date) -> None:
        """Hold what was charged against the model: this month, and all months of who changed."""
        changed = [member for member in self.members if member.changed]
        rows = await self.owner.fetch(_CHARGED, [m.story.membership_id for m in changed], month)
        found: dict[str, dict[tuple[date, str], int]] = {}
        for row in rows:
            found.setdefault(row[0], {})[row[1], row[2]] = row[3]
        for member in self.members:
            if member.known is None:
                continue
            if member.changed:
                member.life = Life(member.known, prices)
            owed = member.life.owed(month, date.min if member.changed else month)
            is_ = found.get(member.story.membership_id, {})
            self.member_months += any(key[0] == month for key in owed)
            before = 0 if member.changed else self.owed.get(member.story.membership_id, 0)
            self.owed[member.story.membership_id] = before + sum(owed.values())
            if owed != is_:
                self._find(month, member, _differing(owed, is_))
            member.changed = False


def _differing(owed: dict[tuple[date, str], int], is_: dict[tuple[date, str], int]) -> str:
    differing = sorted(set(owed.items()) ^ set(is_.items()))
    keys = sorted({key for key, _ in differing})
    return "; ".join(
        f"{month:%Y-%m} {kind}: owed {owed.get((month, kind), 0)}, charged"
        f" {is_.get((month, kind), 0)}"
        for month, kind in keys[:6]
    )
