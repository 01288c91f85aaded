"""The import of one file of the bank: booked whole or refused whole, then told."""

from typing import cast

from temporalio import workflow
from temporalio.common import RawValue, VersioningBehavior

with workflow.unsafe.imports_passed_through():
    # By its full name: `from workflows import` loads it anew for each instance.
    import workflows.shared.options as options
    from activities.declarations.payments import BankActivities
    from schemas.names import WorkflowType
    from schemas.payments.contracts import BankFile, BankFileReport, BankImportOrder
    from schemas.shared.calendar import oslo_date
    from workflows.shared.calls import on_database
    from workflows.shared.orders import read_order


@workflow.defn(name=WorkflowType.BANK_IMPORT, versioning_behavior=VersioningBehavior.PINNED)
class BankImport:
    """One file of payments. Coming again changes nothing."""

    @workflow.run
    async def run(self, order: RawValue = cast(RawValue, None)) -> BankFileReport:
        """Book a file that has been kept, and tell who must hear of it.

        Args:
            order: ``schemas.payments.contracts.BankImportOrder`` as JSON.

        Raises:
            ApplicationError: the order is none, or names no file that was kept; not retried.
        """
        file = BankFile(
            file_id=read_order(order, BankImportOrder).file_id, today=oslo_date(workflow.now())
        )
        report = await on_database(
            BankActivities.book_bank_file,
            file,
            summary="book the file, or refuse it",
            timeout=options.BANK_FILE_TIMEOUT,
            heartbeat=options.BANK_FILE_HEARTBEAT,
        )
        if report.outcome == "applied":
            await on_database(
                BankActivities.tell_about_payments,
                file,
                summary="tell who must hear of it",
                timeout=options.BANK_FILE_TIMEOUT,
                heartbeat=options.BANK_FILE_HEARTBEAT,
            )
        return report
