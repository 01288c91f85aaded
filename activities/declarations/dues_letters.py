"""The activity that orders a dues run's letters, on the queue ``membership-persistence``."""

from abc import ABC, abstractmethod

from temporalio import activity

from schemas.letters.contracts import InvoiceLetters, OrderedLetters


class DuesLetterActivities(ABC):
    """The letters that go with a dues run's invoices."""

    @activity.defn(name="order_invoice_letters")
    @abstractmethod
    async def order_invoice_letters(self, order: InvoiceLetters) -> OrderedLetters:
        """Order one letter for each invoice that the run of a month issued.

        Idempotent by invoice: what has been ordered is left as it is.
        """
