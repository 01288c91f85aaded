"""An employer's report on a deduction list: judged line by line, then the settlement looks."""

from typing import cast

from temporalio import workflow
from temporalio.common import RawValue, VersioningBehavior

with workflow.unsafe.imports_passed_through():
    import workflows.shared.options as options
    from activities.declarations.deduction import DeductionActivities
    from schemas.deduction.contracts import (
        ReportOrder,
        ReportRequest,
        ReportVerdict,
    )
    from schemas.names import WorkflowType
    from schemas.shared.calendar import oslo_date
    from workflows.shared.calls import on_database
    from workflows.shared.orders import read_order


@workflow.defn(name=WorkflowType.DEDUCTION_REPORT, versioning_behavior=VersioningBehavior.PINNED)
class DeductionReport:
    """One file of an employer's. The same file again gets the same verdict."""

    @workflow.run
    async def run(self, order: RawValue = cast(RawValue, None)) -> ReportVerdict:
        """Have a kept file judged.

        Args:
            order: ``schemas.deduction.contracts.ReportOrder`` as JSON.

        Raises:
            ApplicationError: the order is none; not retried.
        """
        ordered = read_order(order, ReportOrder)
        return await on_database(
            DeductionActivities.take_deduction_report,
            ReportRequest(
                file_id=ordered.file_id,
                today=oslo_date(workflow.now()),
                meant_by=ordered.meant_by,
            ),
            summary="judge the report",
            heartbeat=options.PAGE_HEARTBEAT,
        )
