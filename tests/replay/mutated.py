"""Workflows that were changed without a patch: each must be caught by the histories it spoils."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar, cast

from temporalio import workflow
from temporalio.common import RawValue, VersioningBehavior
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

with workflow.unsafe.imports_passed_through():
    from schemas.deduction.contracts import DeductionAnswer, SettlementState
    from schemas.membership.decision import DecisionReceipt, DeliveryReport
    from schemas.membership.state import MembershipState
    from schemas.names import WorkflowType
    from workflows.deduction.settlement import DeductionSettlement
    from workflows.membership.deciding import Incoming
    from workflows.membership.decisions.step import Moment, Step
    from workflows.membership.record import MembershipRecord
    from workflows.membership.renewal import is_continued
    from workflows.membership.workflow import Membership
    from workflows.shared.inbox import takes_messages
    from workflows.shared.search_attributes import REVIEW_DUE

W = TypeVar("W", bound=type)


@workflow.defn(name="Membership", versioning_behavior=VersioningBehavior.PINNED)
@takes_messages
class MutatedMembership(Membership):
    """The workflow with an attribute and a timer that recorded histories don't have."""

    @workflow.run
    async def run(self, application: RawValue = cast(RawValue, None)) -> MembershipState:
        """Write and sleep first, then live."""
        workflow.upsert_search_attributes([REVIEW_DUE.value_unset()])
        await workflow.sleep(timedelta(seconds=1))
        return await super().run(application)


class BeginsLate(Interceptor):
    """Lets any workflow sleep before it does anything."""

    def workflow_interceptor_class(
        self, _input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor]:
        """Say which class stands before the workflow."""
        return SleepsFirst


class SleepsFirst(WorkflowInboundInterceptor):
    """Sleeps, and lets the workflow begin."""

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        """Begin a second late."""
        await workflow.sleep(timedelta(seconds=1))
        return await super().execute_workflow(input)


def in_place_of(name: str) -> Callable[[W], W]:
    """Let a class stand in for the workflow it is derived from: each has a ``run`` of its own."""

    def defined(cls: W) -> W:
        original = cast(Any, cls.__base__)

        async def run(self: Any, given: RawValue = cast(RawValue, None)) -> Any:
            return await original.run(self, given)

        del run.__annotations__["self"]  # the SDK counts a typed one among the arguments
        run.__qualname__ = f"{cls.__qualname__}.run"  # and takes no class within a function
        setattr(cls, "run", workflow.run(run))  # noqa: B010 - a method, as far as the SDK can tell
        return workflow.defn(name=name, versioning_behavior=VersioningBehavior.PINNED)(cls)

    return defined


@in_place_of("Membership")
class UnchangedMembership(Membership):
    """The workflow as it is: what the others differ from."""


@in_place_of(WorkflowType.DEDUCTION_SETTLEMENT)
class UnchangedSettlement(DeductionSettlement):
    """The workflow as it is."""


@in_place_of("Membership")
class SleepsOverDecisions(Membership):
    """A timer more, and only in the runs that go on from another."""

    async def _decide(
        self, make: Callable[[MembershipRecord], Step], now: Moment, item: Incoming | None = None
    ) -> str:
        says = await super()._decide(make, now, item)
        if is_continued():
            await workflow.sleep(timedelta(seconds=1))
        return says


@in_place_of("Membership")
class NeverRenews(Membership):
    """One run for a whole life."""

    def _may_renew(self) -> bool:
        return False


@in_place_of("Membership")
class KeepsTheOldBook(Membership):
    """The rulebook is not read anew."""

    async def _read_rulebook(self) -> None:
        """Do without."""


@in_place_of("Membership")
class KnowsBetter(Membership):
    """A decision that persistence sends back, with other money or prices, is not made again."""

    async def _record_decision(
        self, step: Step, now: Moment, item: Incoming | None
    ) -> DecisionReceipt:
        receipt = await super()._record_decision(step, now, item)
        payment = receipt.payment and receipt.payment.model_copy(update={"otherwise": False})
        return receipt.model_copy(update={"rulebook": None, "payment": payment})


@in_place_of("Membership")
class AsksTwice(Membership):
    """A payment is decided twice: once to hear where it goes, once for that place."""

    async def _record_decision(
        self, step: Step, now: Moment, item: Incoming | None
    ) -> DecisionReceipt:
        if step.outcomes:
            await super()._record_decision(step, now, item)
        return await super()._record_decision(step, now, item)


@in_place_of("Membership")
class HearsOfNoPlace(Membership):
    """All money is taken for what is in suspense, wherever it went: no payroll is begun."""

    async def _record_decision(
        self, step: Step, now: Moment, item: Incoming | None
    ) -> DecisionReceipt:
        receipt = await super()._record_decision(step, now, item)
        nowhere = {"went_to": None, "allocated": False, "invoice_number": None}
        payment = receipt.payment and receipt.payment.model_copy(update=nowhere)
        return receipt.model_copy(update={"payment": payment})


@in_place_of("Membership")
class MissesReports(Membership):
    """What became of letters is not looked at."""

    async def _take_in_report(self, report: DeliveryReport, now: Moment) -> None:
        """Let it be."""


@in_place_of("Membership")
class ForgetsAnswers(Membership):
    """An update that comes again in another run counts again."""

    def answered_before(self, _name: str, _update_id: str) -> None:
        """Remember none."""


@in_place_of(WorkflowType.DEDUCTION_SETTLEMENT)
class LooksFirst(DeductionSettlement):
    """The same activities in another order."""

    async def _deliver(self) -> bool:
        await self._settle()
        return await super()._deliver()


@in_place_of(WorkflowType.DEDUCTION_SETTLEMENT)
class RemindsNobody(DeductionSettlement):
    """An activity less, two months on."""

    async def _remind(self, state: SettlementState) -> None:
        """Let it be."""


@in_place_of(WorkflowType.DEDUCTION_SETTLEMENT)
class DeliversOnce(DeductionSettlement):
    """A list without a channel is not tried again."""

    async def _deliver(self) -> bool:
        await super()._deliver()
        return True


@in_place_of(WorkflowType.DEDUCTION_SETTLEMENT)
class DecidesNothing(DeductionSettlement):
    """A caseworker's decision is not handed on."""

    async def _decide(self) -> None:
        self.items.popleft().answer = DeductionAnswer(applied=True)


@in_place_of(WorkflowType.DEDUCTION_SETTLEMENT)
class OneRunForEver(DeductionSettlement):
    """Settled by the code it began with."""

    def _may_renew(self) -> bool:
        return False


MUTATIONS: dict[type, tuple[str, ...]] = {
    SleepsOverDecisions: (
        "another_job-2",
        "on_leave-2",
        "hides-2",
        "early_pension-2",
        "works_past_67-2",
        "graduates-2",
        "study_lapses-2",
        "apprentice-2",
        "insured_again-2",
    ),
    NeverRenews: ("another_job", "early_pension-2", "insured_again-2", "member_of_two_builds"),
    KeepsTheOldBook: ("another_job-2", "put_off", "put_off_deadlines", "new_prices"),
    KnowsBetter: ("pays", "new_prices_known"),
    AsksTwice: ("one_trip", "one_trip_by_update"),
    HearsOfNoPlace: ("one_trip", "one_trip_by_update"),
    MissesReports: ("letter_comes_back",),
    ForgetsAnswers: ("insured_again-3",),
    LooksFirst: ("settled_list", "late_list", "short_list", "list_without_channel"),
    RemindsNobody: ("late_list",),
    DeliversOnce: ("list_without_channel",),
    DecidesNothing: ("late_list", "short_list"),
    OneRunForEver: ("list_of_two_builds",),
}
"""Which histories must catch which change."""
