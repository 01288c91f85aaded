"""The life of one membership: it sleeps until something happens, decides by rule, goes on."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import cast

from temporalio import workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from activities.declarations.notifications import NotificationActivities
    from activities.declarations.persistence import PersistenceActivities
    from schemas.base import Inbound
    from schemas.decision import DecisionReceipt, Delivery, DeliveryReport
    from schemas.messages import Answer
    from schemas.state import Explanation, MembershipState, Rejected
    from schemas.vocabulary import Event, Stage
    from workflows import intake, options
    from workflows.alarm import Alarm
    from workflows.decisions import dispatch, review
    from workflows.decisions.step import Moment, Refused, Step
    from workflows.inbox import Inbox, Item, takes_messages
    from workflows.page import page_of
    from workflows.record import MembershipRecord, Review
    from workflows.recording import decision_of, recorded
    from workflows.view import Shown, changed_attributes, explain, state_of
    from workflows.waits import deadlines

IN_REVIEW = frozenset({Stage.UNDER_REVIEW, Stage.AWAITING_INFORMATION})
KEPT_REJECTIONS = 50
"""The ``state`` query lists the latest; history and the search attribute know of all."""


@workflow.defn(name="Membership")
@takes_messages
class Membership(Inbox):
    """One membership, from the application to its end."""

    def __init__(self) -> None:
        """Begin with an empty record: messages may arrive before ``run`` does."""
        super().__init__()
        now = workflow.now()
        self._record = MembershipRecord(
            membership_id=workflow.info().workflow_id, received_at=now, review=Review(since=now)
        )
        self._alarm = Alarm()
        self._reports: deque[DeliveryReport] = deque()
        self._letters_waiting = False
        self._delivering = False
        self._deciding = False
        self._shown: Shown = {}

    @workflow.run
    async def run(self, application: RawValue = cast(RawValue, None)) -> MembershipState:
        """Live the membership, from the application until it has ended.

        Args:
            application: ``schemas.application.Application`` as JSON; anything else ends as
                ``invalid`` with every fault named.

        Returns:
            The state it ended in.
        """
        courier = asyncio.create_task(self._deliver_letters())
        await self._receive(application)
        while self._record.stage in IN_REVIEW:
            await self._next()
        while self._record.stage is Stage.ONBOARDING:
            await self._next()
        while self._record.stage is not Stage.ENDED:
            await self._next()
        await self._close()
        courier.cancel()
        return self.state()

    async def _receive(self, application: RawValue | None) -> None:
        """Keep the application, tell the applicant and the caseworkers, or name its faults."""
        self._show()
        run_id = workflow.info().first_execution_run_id
        kept = intake.read(application, self.misfit, self._record, workflow.now(), run_id)
        receipt = await workflow.execute_activity_method(
            PersistenceActivities.receive_application,
            kept,
            task_queue=options.PERSISTENCE_QUEUE,
            start_to_close_timeout=options.PERSISTENCE_TIMEOUT,
            retry_policy=options.UNTIL_MENDED,
            summary="keep the application, look for duplicates",
        )
        if receipt.taken:
            self._become(intake.taken(self._record))
            return
        self._become(intake.received(self._record, kept, receipt))
        self._letters_waiting = bool(kept.letters) and not self._record.faults
        if self._record.faults:
            now = Moment(workflow.now())
            await self._decide(review.invalid, now)
        self._show()

    async def _next(self) -> None:
        """Wait until something happens, and deal with it: deadlines first, then reports, mail."""
        await self._wait()
        now = Moment(workflow.now())
        passed = [d for d in deadlines(self._record) if d.due_at <= now.at]
        if passed:
            await self._decide(lambda record: dispatch.AFTER[passed[0].name](record, now), now)
        elif self._reports:
            await self._heed(self._reports.popleft(), now)
        elif self.items:
            await self._answer(self.items.popleft(), now)
        self._show()

    async def _wait(self) -> None:
        """Sleep until a message, a report or the next deadline."""
        coming = deadlines(self._record)
        if coming:
            self._alarm.set(coming[0].due_at, f"{coming[0].name} after {coming[0].last_day}")
        else:
            self._alarm.set(None, "")
        await workflow.wait_condition(lambda: bool(self.items or self._reports) or self._alarm.rung)

    async def _answer(self, item: Item, now: Moment) -> None:
        """Apply one message, or refuse it with its reason."""
        try:
            if dispatch.needs_fresh_rulebook(self._record, item.message):
                await self._read_rulebook()
            await self._decide(lambda record: dispatch.answer(record, item.message, now), now)
        except Refused as refused:
            item.refusal = str(refused)
            self.reject(item.name, item.refusal)
        else:
            says = self._record.log[-1].says
            item.answer = Answer(applied=True, stage=self._record.stage, says=says)

    async def _heed(self, report: DeliveryReport, now: Moment) -> None:
        """Take in what became of the letters."""
        self._record = dispatch.delivered(self._record, report, now)
        if dispatch.bounced(self._record, report) is not None:
            await self._decide(lambda record: cast(Step, dispatch.bounced(record, report)), now)

    async def _decide(self, make: Callable[[MembershipRecord], Step], now: Moment) -> None:
        """Make a decision, record it, and go on from what was recorded.

        A decision made by an outdated rulebook is made again with the new one.

        Raises:
            Refused: nothing was recorded, for this reason.
        """
        self._deciding = True
        try:
            while True:
                step = make(self._record)
                receipt = await self._record_decision(step, now)
                if receipt.rulebook is None:
                    break
                self._record = self._record.model_copy(update={"rulebook": receipt.rulebook})
            if receipt.duplicate_of is not None:
                step = self._stopped_as_duplicate(step, receipt.duplicate_of)
                receipt = await self._record_decision(step, now)
            self._become(recorded(step, receipt, now))
            self._letters_waiting = self._letters_waiting or bool(step.letters)
        finally:
            self._deciding = False

    def _become(self, record: MembershipRecord) -> None:
        """Go on from a new record; a message may have been rejected while it was being made."""
        rejections = {
            "rejected": self._record.rejected,
            "rejected_count": self._record.rejected_count,
        }
        self._record = record.model_copy(update=rejections)

    async def _record_decision(self, step: Step, now: Moment) -> DecisionReceipt:
        return await workflow.execute_activity_method(
            PersistenceActivities.record_decision,
            decision_of(step, self._record, now),
            task_queue=options.PERSISTENCE_QUEUE,
            start_to_close_timeout=options.PERSISTENCE_TIMEOUT,
            retry_policy=options.UNTIL_MENDED,
            summary=f"record: {step.event}",
        )

    def _stopped_as_duplicate(self, step: Step, other: str) -> Step:
        """An approval ends as a duplicate; a correction can't make a member somebody else."""
        if step.event is not Event.APPLICATION_APPROVED:
            raise Refused(f"the national id is another member's: {other}")
        return review.duplicate(self._record, step.decided_by, other)

    async def _read_rulebook(self) -> None:
        rulebook = await workflow.execute_activity_method(
            PersistenceActivities.read_rulebook,
            task_queue=options.PERSISTENCE_QUEUE,
            start_to_close_timeout=options.PERSISTENCE_TIMEOUT,
            retry_policy=options.UNTIL_MENDED,
            summary="read the rulebook anew",
        )
        self._record = self._record.model_copy(update={"rulebook": rulebook})

    async def _deliver_letters(self) -> None:
        """Have the letters of each decision sent, beside everything else the membership does."""
        while True:
            await workflow.wait_condition(lambda: self._letters_waiting)
            self._letters_waiting, self._delivering = False, True
            report = await workflow.execute_activity_method(
                NotificationActivities.deliver_letters,
                Delivery(
                    membership_id=self._record.membership_id, today=Moment(workflow.now()).today
                ),
                task_queue=options.NOTIFICATIONS_QUEUE,
                start_to_close_timeout=options.DELIVERY_TIMEOUT,
                heartbeat_timeout=options.DELIVERY_HEARTBEAT,
                retry_policy=options.UNTIL_MENDED,
                summary="send the letters that wait",
            )
            self._reports.append(report)
            self._delivering = False

    async def _close(self) -> None:
        """Send the last letters and answer every message before the membership is closed."""
        self._alarm.set(None, "")
        while True:
            await workflow.wait_condition(
                lambda: (
                    bool(self.items or self._reports)
                    or not (self._letters_waiting or self._delivering)
                )
            )
            if not (self.items or self._reports):
                break
            await self._next()
        await workflow.wait_condition(workflow.all_handlers_finished)
        self._show()

    def check(self, message: Inbound) -> str | None:
        """Return why an update would be refused now; None too while that can't be foreseen."""
        busy = self._deciding or self.items or self._record.rulebook is None
        if busy or dispatch.needs_fresh_rulebook(self._record, message):
            return None
        try:
            dispatch.answer(self._record, message, Moment(workflow.now()))
        except Refused as refused:
            return str(refused)
        return None

    def reject(self, name: str, reason: str) -> None:
        """Record a message that was not applied: in ``state``, on the page, as an attribute."""
        rejected = Rejected(name=name[:80], at=workflow.now(), reason=reason)
        self._record = self._record.model_copy(
            update={
                "rejected": (*self._record.rejected, rejected)[-KEPT_REJECTIONS:],
                "rejected_count": self._record.rejected_count + 1,
            }
        )
        self._show()

    def _show(self) -> None:
        """Bring search attributes and the page up to date with the record."""
        updates, self._shown = changed_attributes(self._record, self._shown)
        if updates:
            workflow.upsert_search_attributes(updates)
        workflow.set_current_details(page_of(self._record))

    @workflow.query(description="Where the membership stands: schemas.state.MembershipState.")
    def state(self) -> MembershipState:
        """Return where the membership stands."""
        return state_of(self._record)

    @workflow.query(description="Why this amount, why waiting, who decided, by which rule.")
    def explain(self) -> Explanation:
        """Return every amount, wait and decision with what it rests on."""
        return explain(self._record)
