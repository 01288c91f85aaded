"""Activities of the dues run, on the queue ``membership-persistence``."""

from abc import ABC, abstractmethod

from temporalio import activity

from schemas.dues.contracts import DuesOpening, DuesPage, DuesPageReport, DuesPeriod, DuesReport
from schemas.letters.contracts import InvoiceLetters, OrderedLetters


class DuesActivities(ABC):
    """Charging all members for a month, set by set."""

    @activity.defn(name="open_dues_run")
    @abstractmethod
    async def open_dues_run(self, opening: DuesOpening) -> DuesPeriod:
        """Set the dates of a run for a month and say which pages it has.

        Idempotent by period; its answer is kept by the run, which goes on with the same dates.

        Raises:
            ApplicationError: a month that nobody means to charge today; not retried.
        """

    @activity.defn(name="charge_dues_page")
    @abstractmethod
    async def charge_dues_page(self, page: DuesPage) -> DuesPageReport:
        """Charge the members of one page; who can't be charged is set aside, and stops nobody.

        Idempotent by (member, month, kind): what has been charged is left as it is.
        """

    @activity.defn(name="attach_dues_month")
    @abstractmethod
    async def attach_dues_month(self, run: DuesPeriod) -> DuesPageReport:
        """Make the lines that were built for a month part of the books, all of them at once.

        Idempotent by period: an attached month is left as it is. Returns what was charged row by
        row after it.
        """

    @activity.defn(name="report_dues_run")
    @abstractmethod
    async def report_dues_run(self, run: DuesPeriod) -> DuesReport:
        """Sum up a month. Reads only, so repeating it is harmless."""


class DuesLetterActivities(ABC):
    """The letters that go with a dues run's invoices."""

    @activity.defn(name="order_invoice_letters")
    @abstractmethod
    async def order_invoice_letters(self, order: InvoiceLetters) -> OrderedLetters:
        """Order one letter for each invoice that the run of a month issued.

        Idempotent by invoice: what has been ordered is left as it is.
        """
