"""The daily run of AvtaleGiro: claims to the bank, and what it does not collect to members."""

from typing import cast

from temporalio import workflow
from temporalio.common import RawValue, VersioningBehavior

with workflow.unsafe.imports_passed_through():
    # By its full name: `from workflows import` loads it anew for each instance.
    import workflows.shared.options as options
    from activities.declarations.direct_debit import DirectDebitActivities
    from schemas.direct_debit.contracts import ClaimDay, ClaimReport, DirectDebitOrder
    from schemas.names import WorkflowType, direct_debit_run_id
    from workflows.letters.mailing import start_mailing
    from workflows.shared.calls import on_database
    from workflows.shared.orders import business_day, read_order


@workflow.defn(name=WorkflowType.DIRECT_DEBIT_RUN, versioning_behavior=VersioningBehavior.PINNED)
class DirectDebitRun:
    """One day's claims; coming again adds none."""

    @workflow.run
    async def run(self, order: RawValue = cast(RawValue, None)) -> ClaimReport:
        """Make the day's claims, and have the letters sent of what is not collected.

        Args:
            order: ``schemas.direct_debit.contracts.DirectDebitOrder`` as JSON.

        Raises:
            ApplicationError: the order is none, or for no day near today; not retried.
        """
        today = business_day(read_order(order, DirectDebitOrder).today)
        batch = direct_debit_run_id(today)
        report = await on_database(
            DirectDebitActivities.make_claims,
            ClaimDay(today=today, batch=batch),
            summary=f"tell the bank what to collect, as of {today}",
            timeout=options.PAGE_TIMEOUT,
            heartbeat=options.PAGE_HEARTBEAT,
        )
        await start_mailing(batch, today)
        return report
