"""The nightly audit: what must agree is compared, what is safe is mended, the rest is held."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import cast

from temporalio import workflow
from temporalio.common import RawValue, VersioningBehavior

with workflow.unsafe.imports_passed_through():
    # By its full name: `from workflows import` loads it anew for each instance.
    import workflows.shared.options as options
    from activities.declarations.audit import AuditActivities
    from activities.declarations.payments import BankActivities
    from schemas.audit.contracts import (
        AuditClosing,
        AuditMonth,
        AuditOpening,
        AuditOrder,
        AuditPage,
        AuditPart,
        AuditPlan,
        AuditProgress,
        AuditReport,
        Check,
        CheckReport,
        Suspects,
        total,
    )
    from schemas.names import WorkflowType
    from schemas.payments.contracts import BankFile
    from workflows.shared.calls import Input, on_database
    from workflows.shared.orders import business_day, read_order

SUSPECTS_AT_A_TIME = 200
"""Memberships asked in one activity: a quarter of a minute on a busy server."""


TRIED_AHEAD = timedelta(days=7)
"""It may be seen before what the next days will find; nobody is written to by it."""


@workflow.defn(name=WorkflowType.AUDIT, versioning_behavior=VersioningBehavior.PINNED)
class Audit:
    """One audit of everything. Coming again finds what is still there."""

    def __init__(self) -> None:
        self._progress = AuditProgress()
        self._found: list[CheckReport] = []

    @workflow.run
    async def run(self, order: RawValue = cast(RawValue, None)) -> AuditReport:
        """Compare the books, the members, the errands and the workflows, and sum up.

        Args:
            order: ``schemas.audit.contracts.AuditOrder`` as JSON; nothing: today, for good.

        Raises:
            ApplicationError: the order is none, or for no day near today; not retried.
        """
        opening = _opening_of(read_order(order, AuditOrder))
        plan = await self._open(opening)
        await self._compare_books(plan)
        await self._compare_members(plan)
        await self._look_after_errands(plan)
        await self._compare_workflows(plan)
        released = await self._close(plan)
        return AuditReport(
            today=opening.today,
            dry_run=opening.dry_run,
            released=released,
            waited_in_vain=plan.busy,
            checks=total(tuple(self._found)),
        )

    async def _open(self, opening: AuditOpening) -> AuditPlan:
        """Say what there is to look at, once no dues run is half done."""
        self._show("Opening")
        plan = await self._plan(opening)
        for _ in range(options.AUDIT_PAUSES):
            if not plan.busy:
                break
            self._show("Waiting for a dues run")
            await workflow.sleep(options.AUDIT_PAUSE, summary="a dues run is under way")
            plan = await self._plan(opening)
        if plan.busy:
            # Whom it has not reached yet is no drift.
            plan = plan.model_copy(update={"charged": ()})
        parts = len(plan.months + plan.charged) + len(plan.pages) + len(_OTHER_PARTS)
        self._progress = self._progress.model_copy(update={"parts": parts})
        return plan

    async def _plan(self, opening: AuditOpening) -> AuditPlan:
        return await on_database(
            AuditActivities.open_audit,
            opening,
            summary="see what there is to look at",
            heartbeat=options.PAGE_HEARTBEAT,
        )

    async def _compare_books(self, plan: AuditPlan) -> None:
        """Compare the accounts as a whole, and the recent months line by line."""
        self._show("Comparing the books")
        whole = plan.model_copy(update={"pages": ()})
        await self._compare(AuditActivities.audit_ledger, whole, "compare the accounts")
        for month in plan.months:
            await self._compare(
                AuditActivities.audit_month,
                AuditMonth(plan=whole, month=month),
                f"compare the lines of {month:%Y-%m}",
            )
        for month in plan.charged:
            await self._compare(
                AuditActivities.audit_amounts,
                AuditMonth(plan=whole, month=month),
                f"compare the charges of {month:%Y-%m} with the terms",
            )

    async def _compare_members(self, plan: AuditPlan) -> None:
        """Compare how every member stands with the terms, and plan a few anew."""
        self._show("Comparing the members")
        whole = plan.model_copy(update={"pages": ()})
        for first in plan.pages:
            await self._compare(
                AuditActivities.audit_members,
                AuditPage(plan=whole, first=first),
                f"compare the members from {first}",
            )
        await self._compare(
            AuditActivities.audit_sample, whole, "plan the terms of a few members anew"
        )

    async def _look_after_errands(self, plan: AuditPlan) -> None:
        """Start what has stopped, and have memberships told what they were not."""
        self._show("Looking after errands")
        await self._compare(
            AuditActivities.audit_errands, plan, "look for lists and letters nobody is at work on"
        )
        untold = await on_database(
            AuditActivities.find_untold_file,
            plan,
            summary="look for payments nobody was told of",
            heartbeat=options.PAGE_HEARTBEAT,
        )
        if untold.untold_file is not None and not plan.opening.dry_run:
            await on_database(
                BankActivities.tell_about_payments,
                BankFile(file_id=untold.untold_file, today=plan.opening.today),
                summary="tell about payments",
                timeout=options.BANK_FILE_TIMEOUT,
                heartbeat=options.BANK_FILE_HEARTBEAT,
            )
        self._take(untold)

    async def _compare_workflows(self, plan: AuditPlan) -> None:
        """Compare all memberships with their rows; who differs is looked at again, later."""
        self._show("Comparing the workflows")
        compared = await on_database(
            AuditActivities.compare_workflows,
            plan,
            summary="compare the memberships that run",
            timeout=options.AUDIT_TIMEOUT,
            heartbeat=options.PAGE_HEARTBEAT,
        )
        self._take(compared)
        still = await self._look_again(plan, compared.suspects, final=False)
        if still:
            self._show("Waiting for memberships that may have moved on")
            await workflow.sleep(options.AUDIT_LAG, summary="who differs may have moved on")
            await self._look_again(plan, still, final=True)

    async def _look_again(
        self, plan: AuditPlan, suspects: tuple[str, ...], *, final: bool
    ) -> tuple[str, ...]:
        """Ask memberships themselves, and return who differs."""
        still: list[str] = []
        for some in _chunks(suspects):
            part = await on_database(
                AuditActivities.look_again,
                Suspects(plan=plan, workflow_ids=some, final=final),
                summary="ask those who differ",
                timeout=options.LIST_TIMEOUT,
                heartbeat=options.PAGE_HEARTBEAT,
            )
            still.extend(part.suspects)
            self._count(part)
        self._show(self._progress.doing)
        return tuple(still)

    async def _close(self, plan: AuditPlan) -> int:
        """Release whom nothing holds any more, and close the tasks of what is over."""
        self._show("Closing")
        if plan.opening.dry_run:
            return 0
        cut = {part.check for part in self._found if part.cut}
        left_out = _OF_CHARGES if plan.busy else frozenset()
        return await on_database(
            AuditActivities.close_audit,
            AuditClosing(
                plan=plan,
                checks=tuple(c for c in Check if c not in cut and c not in left_out),
            ),
            summary="release whom nothing holds any more",
            heartbeat=options.PAGE_HEARTBEAT,
        )

    async def _compare(
        self,
        activity: Callable[[AuditActivities, Input], Awaitable[AuditPart]],
        order: Input,
        summary: str,
    ) -> None:
        """Have one comparison made, and take in what it found."""
        self._take(
            await on_database(
                activity,
                order,
                summary=summary,
                timeout=options.LIST_TIMEOUT,
                heartbeat=options.PAGE_HEARTBEAT,
            )
        )

    def _take(self, part: AuditPart) -> None:
        """Take in a part of the audit."""
        self._count(part)
        self._progress = self._progress.model_copy(
            update={"parts_done": self._progress.parts_done + 1}
        )

    def _count(self, part: AuditPart) -> None:
        self._found.extend(part.checks)
        drifted = sum(check.drifted for check in part.checks)
        self._progress = self._progress.model_copy(
            update={"drifted": self._progress.drifted + drifted}
        )

    def _show(self, doing: str) -> None:
        self._progress = self._progress.model_copy(update={"doing": doing})

    @workflow.query(
        description="How far the audit has come: schemas.audit.contracts.AuditProgress."
    )
    def progress(self) -> AuditProgress:
        """Return how far the audit has come."""
        return self._progress


_OTHER_PARTS = ("accounts", "sample", "errands", "payments", "workflows")

_OF_CHARGES = frozenset({Check.NOT_CHARGED, Check.CHARGED_OTHERWISE})


def _chunks(ids: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(ids), SUSPECTS_AT_A_TIME):
        yield ids[start : start + SUSPECTS_AT_A_TIME]


def _opening_of(order: AuditOrder) -> AuditOpening:
    return AuditOpening(
        run=workflow.info().run_id,
        today=business_day(order.today, ahead=TRIED_AHEAD),
        dry_run=order.dry_run,
    )
