"""A night of retention: whoever has been kept for as long as may be is erased, by itself."""

from typing import cast

from temporalio import workflow
from temporalio.common import RawValue, VersioningBehavior

with workflow.unsafe.imports_passed_through():
    # By its full name: `from workflows import` loads it anew for each instance.
    import workflows.shared.options as options
    from activities.declarations.privacy import ErasureActivities
    from schemas.names import WorkflowType
    from schemas.privacy.erasure import (
        Basis,
        ErasureOrder,
        RetentionOrder,
        RetentionReport,
        RetentionStep,
    )
    from workflows.privacy.starting import start_erasure
    from workflows.shared.calls import on_database
    from workflows.shared.orders import business_day, read_order

MOST_A_NIGHT = 1_000
"""What is due beyond that is due tomorrow: a night has other work, and a run a short history."""


@workflow.defn(name=WorkflowType.RETENTION, versioning_behavior=VersioningBehavior.PINNED)
class Retention:
    """One night. Coming again starts only what has not been started."""

    @workflow.run
    async def run(self, order: RawValue = cast(RawValue, None)) -> RetentionReport:
        """Start the erasures that are due, and forget who looked at what long ago.

        Args:
            order: ``schemas.privacy.erasure.RetentionOrder`` as JSON; nothing: today.

        Raises:
            ApplicationError: the order is none, or for no day near today; not retried.

        Source: R4.
        """
        step = RetentionStep(today=business_day(read_order(order, RetentionOrder).today))
        forgotten = await on_database(
            ErasureActivities.forget_accesses, step, summary="forget who looked long ago"
        )
        begun = 0
        while begun < MOST_A_NIGHT:
            due = await on_database(
                ErasureActivities.find_due_erasures,
                step,
                summary="find who is due",
                heartbeat=options.PAGE_HEARTBEAT,
            )
            for membership in due.memberships:
                begun += await start_erasure(
                    ErasureOrder(whose=membership, requested_by="retention", basis=Basis.RETENTION)
                )
            if not due.memberships:
                break
            step = step.model_copy(update={"after": due.memberships[-1]})
        return RetentionReport(today=step.today, begun=begun, accesses_forgotten=forgotten)
