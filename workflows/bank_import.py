"""The import of one file of the bank: booked whole or refused whole, then told."""

from typing import cast

from pydantic import ValidationError
from temporalio import workflow
from temporalio.common import RawValue, VersioningBehavior
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.declarations.bank import BankActivities
    from schemas.bank import BankFile, BankFileReport, BankImportOrder
    from schemas.faults import faults_of
    from schemas.rules.calendar import oslo_date
    from workflows import options


@workflow.defn(name="BankImport", versioning_behavior=VersioningBehavior.PINNED)
class BankImport:
    """One file of payments. Coming again changes nothing."""

    @workflow.run
    async def run(self, order: RawValue = cast(RawValue, None)) -> BankFileReport:
        """Book a file that has been kept, and tell who must hear of it.

        Args:
            order: ``schemas.bank.BankImportOrder`` as JSON.

        Raises:
            ApplicationError: the order is none, or names no file that was kept; not retried.
        """
        file = BankFile(file_id=_file_of(order), today=oslo_date(workflow.now()))
        report = await workflow.execute_activity_method(
            BankActivities.book_bank_file,
            file,
            task_queue=options.PERSISTENCE_QUEUE,
            start_to_close_timeout=options.BANK_FILE_TIMEOUT,
            heartbeat_timeout=options.BANK_FILE_HEARTBEAT,
            retry_policy=options.UNTIL_MENDED,
            summary="book the file, or refuse it",
        )
        if report.outcome == "applied":
            await workflow.execute_activity_method(
                BankActivities.tell_about_payments,
                file,
                task_queue=options.PERSISTENCE_QUEUE,
                start_to_close_timeout=options.BANK_FILE_TIMEOUT,
                heartbeat_timeout=options.BANK_FILE_HEARTBEAT,
                retry_policy=options.UNTIL_MENDED,
                summary="tell who must hear of it",
            )
        return report


def _file_of(order: RawValue | None) -> str:
    """Return the id of the file that was ordered.

    Raises:
        ApplicationError: it can't be read; a wrong order ends visibly and books nothing.
    """
    data = order.payload.data if order is not None else b""
    try:
        return BankImportOrder.model_validate_json(data or b"{}").file_id
    except ValidationError as error:
        faults = "; ".join(faults_of(error))
        raise ApplicationError(faults, type="Refused", non_retryable=True) from None
