"""Carries members over: rows by COPY, then workflows with their records, a bounded number at once.

What is done stands in PostgreSQL: whoever was written and has not begun is begun by the next import
of the same register. The workflows go by lanes: a lane starts a few, and goes on once the last of
them has had its first task. So a worker never has more than a second's of them before it, and
whoever is a member already waits no longer than that.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import asyncpg
from temporalio.client import Client, WorkflowHandle
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError

from activities.register.bills import bills_of
from activities.register.carrying import (
    Imported,
    carry_over,
    differs,
    find_imported,
    mark_begun,
)
from activities.register.newcomers import Newcomer
from activities.shared.rulebook import RulebookReader
from schemas.dues.plan import plan_rates
from schemas.names import MEMBERSHIP_QUEUE, WorkflowType
from schemas.pricing.rulebook import Rulebook
from schemas.register.facts import BY
from schemas.register.member import RegisterMember
from schemas.register.report import ImportReport, RefusedLine
from workers.cli.shared.connections import NO_WORKER, as_it_is
from workers.errors import UserError
from workflows.membership.attributes import attributes_of
from workflows.membership.decisions.step import Moment
from workflows.membership.importing import RULES, SAYS, record_of
from workflows.membership.record import MembershipRecord
from workflows.membership.recording import standing_of
from workflows.membership.start import bringing

LANES = 4
"""Lanes at once: enough to keep a server and its workers busy."""

LANE = 16
"""Workflows that a lane starts before it waits for the last one's first task."""

FIRST_TASK_EVENTS = 4
"""Started, scheduled, taken, done: a history that long has had its first task."""

LOOK_SECONDS = 0.02

PATIENCE_SECONDS = 120.0
"""A worker takes up a few workflows in much less; longer means there is none."""


@dataclass
class Carrier:
    """Carries one register over, and counts.

    Attributes:
        client: to the server that leads them from now on.
        pool: to the database.
        rulebooks: of it.
        month: the first day of the first month that is charged here.
        now: when each batch is carried over.
        new_id: makes the id of a membership.
        told: called with how many more members are done with.
    """

    client: Client
    pool: asyncpg.Pool
    rulebooks: RulebookReader
    month: date
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    told: Callable[[int], None] = lambda _: None
    report: ImportReport = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing done."""
        self.report = ImportReport(month=f"{self.month:%Y-%m}")

    async def carry(self, pages: AsyncIterator[Sequence[RegisterMember]]) -> ImportReport:
        """Carry all over who are new, and begin whoever was left by an import that was stopped.

        Args:
            pages: members whose rows are one transaction; some hundred take under a second.

        Raises:
            UserError: no worker takes up what begins. What has been done stays.
        """
        started = time.monotonic()
        waiting: asyncio.Queue[list[MembershipRecord]] = asyncio.Queue(maxsize=LANES)
        async with asyncio.TaskGroup() as everybody:
            lanes = [everybody.create_task(self._lane(waiting)) for _ in range(LANES)]
            async for page in pages:
                records = await self._write(page)
                for first in range(0, len(records), LANE):
                    await waiting.put(records[first : first + LANE])
            for _ in lanes:
                await waiting.put([])
        seconds = time.monotonic() - started
        begun = self.report.imported + self.report.resumed
        return self._count(seconds=round(seconds, 1), per_s=round(begun / seconds, 1))

    async def _write(self, batch: Sequence[RegisterMember]) -> list[MembershipRecord]:
        """Write the rows of a batch; return the records of all whose workflow has yet to begin."""
        async with self.pool.acquire() as connection:
            book = await self.rulebooks.current(connection)
            known = await find_imported(connection, batch)
            new = [member for member in batch if member.number not in known]
            plans = Plans(book, self.month, self.now(), self.new_id)
            written, refusals = await carry_over(connection, self.rulebooks, new, plans.plan)
        refused = [RefusedLine(number=one.number, says=one.says) for one in refusals]
        left: list[MembershipRecord] = []
        for member in batch:
            if member.number in known:
                self._known(member, known[member.number], book, refused, left)
        self._count_new(written, left, refused, len(batch))
        return [*(plans.records[one.membership_id] for one in written), *left]

    def _known(
        self,
        member: RegisterMember,
        known: Imported,
        book: Rulebook,
        refused: list[RefusedLine],
        left: list[MembershipRecord],
    ) -> None:
        """Deal with somebody who has been carried over before."""
        if differs(member, known):
            says = (
                f"was carried over as {known.membership_id}, by another line: send what has "
                "changed as messages"
            )
            refused.append(RefusedLine(number=member.number, says=says))
        elif not known.begun:
            left.append(
                record_of(
                    member,
                    book,
                    known.month,
                    known.at,
                    membership_id=known.membership_id,
                    member_number=known.member_number,
                )
            )

    def _count_new(
        self,
        written: Sequence[Newcomer],
        left: Sequence[MembershipRecord],
        refused: Sequence[RefusedLine],
        members: int,
    ) -> None:
        done, bills = self.report, [bill for one in written for bill in bills_of(one)]
        open_ore = [bill.total_ore - bill.paid_ore for bill in bills]
        categories = dict(done.categories)
        for one in written:
            category = one.member.category
            categories[category] = categories.get(category, 0) + 1
        passed = members - len(written) - len(left)
        self._count(
            members=done.members + members,
            imported=done.imported + len(written),
            resumed=done.resumed + len(left),
            known=done.known + passed - len(refused),
            refused=(*done.refused, *refused),
            categories=categories,
            invoices=done.invoices + sum(1 for ore in open_ore if ore > 0),
            open_ore=done.open_ore + sum(ore for ore in open_ore if ore > 0),
            credit_ore=done.credit_ore - sum(ore for ore in open_ore if ore < 0),
        )
        self.told(passed)

    def _count(self, **counts: Any) -> ImportReport:
        self.report = self.report.model_copy(update=counts)
        return self.report

    async def _lane(self, waiting: "asyncio.Queue[list[MembershipRecord]]") -> None:
        """Begin what comes, a few at a time, each few once the ones before have had their turn."""
        while records := await waiting.get():
            handles = await asyncio.gather(*(begin(self.client, record) for record in records))
            async with self.pool.acquire() as connection:
                await mark_begun(connection, [record.membership_id for record in records])
            if handles[-1] is not None:
                await has_begun(handles[-1])
            self.told(len(records))


class Plans:
    """Plans newcomers, and keeps the records that their memberships begin with.

    Args:
        book: as it is.
        month: the first day of the first month that is charged here.
        at: when they are carried over.
        new_id: makes the id of a membership.
    """

    def __init__(
        self, book: Rulebook, month: date, at: datetime, new_id: Callable[[], str]
    ) -> None:
        self._book, self._month, self._at, self._new_id = book, month, at, new_id
        self.records: dict[str, MembershipRecord] = {}

    def plan(self, member: RegisterMember, member_number: str) -> Newcomer:
        """Plan a member's life here."""
        record = record_of(
            member,
            self._book,
            self._month,
            self._at,
            membership_id=self._new_id(),
            member_number=member_number,
        )
        self.records[record.membership_id] = record
        return Newcomer(
            member=member,
            membership_id=record.membership_id,
            member_number=member_number,
            month=self._month,
            at=self._at,
            standing=standing_of(record, (), Moment(self._at)),
            facts=record.facts,
            terms=plan_rates(record.facts, self._book),
            says=SAYS,
            rules=RULES,
            by=BY,
            version=self._book.version,
        )


async def begin(client: Client, record: MembershipRecord) -> WorkflowHandle[Any, Any] | None:
    """Begin a membership with its record, and what the server shows of it; None: it has begun."""
    shown = [SearchAttributePair(key, value) for key, value in attributes_of(record)]
    try:
        return await client.start_workflow(
            WorkflowType.MEMBERSHIP,
            as_it_is(bringing(record)),
            id=record.membership_id,
            task_queue=MEMBERSHIP_QUEUE,
            search_attributes=TypedSearchAttributes(shown),
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        )
    except WorkflowAlreadyStartedError:
        return None


async def has_begun(handle: WorkflowHandle[Any, Any]) -> None:
    """Wait until a workflow has had its first task.

    Raises:
        UserError: no worker takes it up.
    """
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (await handle.describe()).history_length < FIRST_TASK_EVENTS:
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        raise UserError(
            f"{NO_WORKER} What has been carried over stays; the same command goes on from there."
        ) from None
