"""An employer's report on a deduction list: judged line by line, then the settlement looks."""

from typing import cast

from pydantic import ValidationError
from temporalio import workflow
from temporalio.common import RawValue, VersioningBehavior
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    import workflows.options as options
    from activities.declarations.deduction import DeductionActivities
    from schemas.deduction import REPORT_WORKFLOW, ReportErrand, ReportOrder, ReportVerdict
    from schemas.faults import faults_of
    from schemas.rules.calendar import oslo_date


@workflow.defn(name=REPORT_WORKFLOW, versioning_behavior=VersioningBehavior.PINNED)
class DeductionReport:
    """One file of an employer's. The same file again gets the same verdict."""

    @workflow.run
    async def run(self, order: RawValue = cast(RawValue, None)) -> ReportVerdict:
        """Have a kept file judged.

        Args:
            order: ``schemas.deduction.ReportOrder`` as JSON.

        Raises:
            ApplicationError: the order is none; not retried.
        """
        return await workflow.execute_activity_method(
            DeductionActivities.take_deduction_report,
            ReportErrand(file_id=_file_of(order), today=oslo_date(workflow.now())),
            task_queue=options.PERSISTENCE_QUEUE,
            start_to_close_timeout=options.PAGE_TIMEOUT,
            heartbeat_timeout=options.PAGE_HEARTBEAT,
            retry_policy=options.UNTIL_MENDED,
            summary="judge the report",
        )


def _file_of(order: RawValue | None) -> str:
    """Return the file that was ordered to be judged.

    Raises:
        ApplicationError: it can't be read; a wrong order ends visibly.
    """
    data = order.payload.data if order is not None else b""
    try:
        return ReportOrder.model_validate_json(data or b"{}").file_id
    except ValidationError as error:
        faults = "; ".join(faults_of(error))
        raise ApplicationError(faults, type="Refused", non_retryable=True) from None
