"""The settlement of one deduction list: out to the employer, then reports and money in."""

from datetime import date, datetime, timedelta
from typing import cast

from temporalio import workflow
from temporalio.common import RawValue, VersioningBehavior
from temporalio.workflow import ContinueAsNewVersioningBehavior

with workflow.unsafe.imports_passed_through():
    # A module by its full name: `from workflows import` loads it anew for each instance.
    import workflows.shared.options as options
    from activities.declarations.deduction import DeductionActivities, ListDeliveryActivities
    from schemas.access.stamps import BadStamp, UsedStamp, used_up
    from schemas.deduction.contracts import (
        LOOK,
        DecideDeduction,
        DeductionAnswer,
        DeductionDecision,
        Discrepancy,
        ListRequest,
        SettlementOrder,
        SettlementState,
    )
    from schemas.desk.wording import Wording
    from schemas.membership.state import Rejected
    from schemas.names import WorkflowType
    from schemas.shared.calendar import oslo_date, start_of
    from schemas.shared.messages import messages_by_name
    from workflows.deduction.settlement_page import roles_of, settlement_page
    from workflows.letters.mailing import start_mailing
    from workflows.shared.alarm import Alarm
    from workflows.shared.calls import on_database, on_notifications
    from workflows.shared.inbox import MAX_REASON, Inbox, Item, takes_messages
    from workflows.shared.orders import read_order
    from workflows.shared.search_attributes import AWAITING_ROLES, WAITING_SINCE
    from workflows.shared.signed import in_the_name_of, told_apart

KEPT_REJECTIONS = 10
"""The page shows the latest; history knows of all."""


@workflow.defn(
    name=WorkflowType.DEDUCTION_SETTLEMENT, versioning_behavior=VersioningBehavior.PINNED
)
@takes_messages
class DeductionSettlement(Inbox[DeductionAnswer]):
    """One employer's month. All it knows stands in the database; it waits, and has it looked at."""

    messages = messages_by_name(DecideDeduction)
    bare_signals = (LOOK,)

    def __init__(self) -> None:
        """Begin with nothing looked at: messages may arrive before ``run`` does."""
        super().__init__()
        self._looked = False
        self._rejected: tuple[Rejected, ...] = ()
        self._list_number = ""
        self._stamps: tuple[UsedStamp, ...] = ()
        self._state: SettlementState | None = None
        self._why: str | None = None
        self._reminded = False
        self._roles: list[str] = []
        self._alarm = Alarm()
        self._decided = 0
        self._begun_at_event = workflow.info().get_current_history_length()

    @workflow.run
    async def run(self, order: RawValue = cast(RawValue, None)) -> SettlementState:
        """Deliver the list, and wait until report, money and decisions have settled it.

        Args:
            order: ``schemas.deduction.contracts.SettlementOrder`` as JSON.

        Raises:
            ApplicationError: the order is none; not retried.
        """
        read = read_order(order, SettlementOrder)
        self._list_number, self._stamps = read.list_number, (*read.stamps, *self._stamps)
        while not await self._deliver():
            await self._wait(_day_after(self._today()), "the list is tried again")
        while not (state := await self._settle()).settled or self._mail:
            await self._remind(state)
            await self._wait(self._deadline(state), "what is overdue is looked at")
        await workflow.wait_condition(workflow.all_handlers_finished)
        return state

    async def _deliver(self) -> bool:
        """Hand the list to its employer; False while a channel is missing."""
        done = await on_notifications(
            ListDeliveryActivities.deliver_deduction_list,
            self._request(),
            summary="deliver the list",
            timeout=options.LIST_TIMEOUT,
            heartbeat=options.PAGE_HEARTBEAT,
        )
        self._why = done.why
        if not done.delivered:
            await self._settle()
        return done.delivered

    async def _settle(self) -> SettlementState:
        """Have everything settled that can be, and see where that leaves the list."""
        self._looked = False
        state = await on_database(
            DeductionActivities.settle_list,
            self._request(),
            summary="match report and payment",
            heartbeat=options.PAGE_HEARTBEAT,
        )
        self._state = state
        self.show()
        if state.batch is not None:
            await start_mailing(state.batch)
        return state

    async def _remind(self, state: SettlementState) -> None:
        """Remind the employer once, when the report is overdue."""
        missing = any(matter.finding is Discrepancy.REPORT_MISSING for matter in state.matters)
        if not missing or self._reminded:
            return
        self._reminded = True
        await on_notifications(
            ListDeliveryActivities.remind_employer,
            self._request(),
            summary="remind the employer",
            timeout=options.DELIVERY_TIMEOUT,
            heartbeat=options.PAGE_HEARTBEAT,
        )

    async def _wait(self, until: datetime, summary: str) -> None:
        """Sleep until something comes or a deadline has passed; then take what has come."""
        self._alarm.set(until, summary)
        await workflow.wait_condition(lambda: self._mail or self._alarm.rung or self._may_renew())
        while self.items:
            await self._decide()
        if self._may_renew():
            workflow.continue_as_new(
                SettlementOrder(list_number=self._list_number, stamps=self._stamps),
                initial_versioning_behavior=ContinueAsNewVersioningBehavior.AUTO_UPGRADE,
            )

    async def _decide(self) -> None:
        """Have one decision kept, or refuse it with its reason."""
        item = self.items.popleft()
        self._decided += 1
        if item.signed is not None:
            try:
                self._stamps = used_up(
                    self._stamps,
                    item.signed,
                    workflow.now(),
                    self.stamps_hold_for(),
                    told_apart,
                )
            except BadStamp as why:
                self._refuse(item, str(why))
                return
        message = cast(DecideDeduction, item.message)
        answer = await on_database(
            DeductionActivities.decide_deduction,
            DeductionDecision(
                **in_the_name_of(message, item.claims).model_dump(),
                stamp=item.stamp,
                workflow_id=workflow.info().workflow_id,
                list_number=self._list_number,
                key=self._key(item.update_id),
                today=self._today(),
            ),
            summary=f"decide: {message.decision}",
            timeout=options.PERSISTENCE_TIMEOUT,
        )
        if answer.refusal is None:
            item.answer = answer
        else:
            self._refuse(item, answer.refusal)

    def _refuse(self, item: Item[DeductionAnswer], why: str) -> None:
        item.refusal = why
        self.reject(item.name, why)

    @property
    def now(self) -> datetime:
        """Return the time by the workflow's clock."""
        return workflow.now()

    @property
    def used_stamps(self) -> tuple[UsedStamp, ...]:
        """Return the stamps that have come and not expired."""
        return self._stamps

    def _key(self, update_id: str | None) -> str:
        """Return what tells a decision apart as long as the settlement lasts; a signal's, a run."""
        info = workflow.info()
        if update_id is not None:
            return f"{info.workflow_id}/{update_id}"
        return f"{info.run_id}/{self._decided}"

    @workflow.signal(name=LOOK, description="Something has arrived: a report, or a payment.")
    def look(self, _raw: RawValue = cast(RawValue, None)) -> None:
        """Look at the list again."""
        self._looked = True

    def reject(self, name: str, reason: str, *, confidential: bool = False) -> None:
        """Record a message that was not applied: on the page."""
        rejected = Rejected(
            name=name[:80],
            at=workflow.now(),
            reason=reason[:MAX_REASON],
            confidential=confidential,
        )
        self._rejected = (*self._rejected, rejected)[-KEPT_REJECTIONS:]
        self.show()

    @property
    def _mail(self) -> bool:
        """Whether something has come that was not dealt with."""
        return self._looked or bool(self.items)

    def _may_renew(self) -> bool:
        """Tell whether the run should end in favour of the next, and nothing would be lost."""
        info = workflow.info()
        if self._mail or not workflow.all_handlers_finished():
            return False
        if info.get_current_history_length() == self._begun_at_event:
            return False
        return (
            info.get_current_history_length() > options.RENEW_AFTER_EVENTS
            or info.is_continue_as_new_suggested()
            or info.is_target_worker_deployment_version_changed()
        )

    def _deadline(self, state: SettlementState) -> datetime:
        """Return when to look again if nothing comes: after the due day, then now and then."""
        due = _day_after(state.figures.report_due_on)
        return due if workflow.now() < due else workflow.now() + options.LOOK_AGAIN_AFTER

    def _today(self) -> date:
        return oslo_date(workflow.now())

    def _request(self) -> ListRequest:
        return ListRequest(list_number=self._list_number, today=self._today())

    def page(self, say: Wording) -> str:
        """Return the page of the Temporal UI."""
        return settlement_page(self._list_number, self._state, self._why, self._rejected, say)

    def show(self) -> None:
        """Bring search attributes up to date."""
        roles = [str(role) for role in roles_of(self._state)] if self._state else []
        if roles != self._roles:
            self._roles = roles
            since = (
                WAITING_SINCE.value_set(workflow.now()) if roles else WAITING_SINCE.value_unset()
            )
            workflow.upsert_search_attributes([AWAITING_ROLES.value_set(roles), since])

    @workflow.query(description="Where it stands: schemas.deduction.contracts.SettlementState.")
    def state(self) -> SettlementState | None:
        """Return where the settlement stands; None before anybody has looked."""
        return self._state


def _day_after(day: date) -> datetime:
    """Return the first moment after a day."""
    return start_of(day + timedelta(days=1))
