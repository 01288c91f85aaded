"""Activities of the import of a bank's file, on the queue ``membership-persistence``."""

from abc import ABC, abstractmethod

from temporalio import activity

from schemas.payments.contracts import BankFile, BankFileReport, Told


class BankActivities(ABC):
    """Money from the bank, and who must hear of it."""

    @activity.defn(name="book_bank_file")
    @abstractmethod
    async def book_bank_file(self, file: BankFile) -> BankFileReport:
        """Book a kept file whole, in one transaction, or refuse it whole with its faults.

        Idempotent by file, and by the bank's reference of each payment: what is booked is known.
        """

    @activity.defn(name="tell_about_payments")
    @abstractmethod
    async def tell_about_payments(self, file: BankFile) -> Told:
        """Tell the memberships whose first invoice is paid, and the settlements of paid lists.

        Idempotent: a membership knows a payment by its reference, a settlement only looks.
        """
