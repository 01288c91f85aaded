"""Activities of payroll deduction."""

from abc import ABC, abstractmethod

from temporalio import activity

from schemas.deduction.contracts import (
    DeductionAnswer,
    DeductionDecision,
    DeductionListsOrder,
    DeductionListsReport,
    ListDelivered,
    ListRequest,
    ReportRequest,
    ReportVerdict,
    SettlementState,
)
from schemas.pricing.contracts import Announcement, NoticesLeft
from schemas.shared.base import Month


class DeductionActivities(ABC):
    """Lists, reports and their settlement, on the queue ``membership-persistence``."""

    @activity.defn(name="make_deduction_lists")
    @abstractmethod
    async def make_deduction_lists(self, order: DeductionListsOrder) -> DeductionListsReport:
        """Make one list for each employer with payroll charges in a month.

        Idempotent by (employer, month): a list that has been made is left as it is.
        """

    @activity.defn(name="start_settlements")
    @abstractmethod
    async def start_settlements(self, period: Month) -> int:
        """Start the settlement of each list of a month, and count the lists.

        Args:
            period: ``YYYY-MM``.

        Idempotent by workflow id: a settlement that has begun is left alone.
        """

    @activity.defn(name="take_deduction_report")
    @abstractmethod
    async def take_deduction_report(self, request: ReportRequest) -> ReportVerdict:
        """Read a report, keep the answers that count, and have the settlement look.

        Idempotent by file: a file that was judged gets the same verdict again.
        """

    @activity.defn(name="settle_list")
    @abstractmethod
    async def settle_list(self, request: ListRequest) -> SettlementState:
        """Settle what can be settled of a list, in one transaction, and say where it stands.

        Idempotent by (list, member): a line is settled once.
        """

    @activity.defn(name="decide_deduction")
    @abstractmethod
    async def decide_deduction(self, decision: DeductionDecision) -> DeductionAnswer:
        """Keep a caseworker's decision, or say why it can't be applied.

        Idempotent by the decision's key.
        """


class ListDeliveryActivities(ABC):
    """What goes to employers, on the queue ``membership-notifications``."""

    @activity.defn(name="deliver_deduction_list")
    @abstractmethod
    async def deliver_deduction_list(self, request: ListRequest) -> ListDelivered:
        """Hand a list to its employer: each line passes the gate, or is withheld.

        Idempotent by list: one that was delivered is not delivered again; one cut off between
        going out and being noted goes out again, the same.
        """

    @activity.defn(name="remind_employer")
    @abstractmethod
    async def remind_employer(self, request: ListRequest) -> bool:
        """Remind an employer of a missing report, naming no member; False: it has no address.

        Idempotent by list: a second copy can only follow a cut-off attempt.
        """


class PriceNoticeActivities(ABC):
    """What employers are told of new prices, on the queue ``membership-notifications``."""

    @activity.defn(name="tell_employers_of_prices")
    @abstractmethod
    async def tell_employers_of_prices(self, announcement: Announcement) -> NoticesLeft:
        """Hand each employer one CHANGE of new prices for all its members, who pass the gate.

        Idempotent by (day, rulebook, employer): one that was told is not told again; one cut off
        between going out and being noted is told again, the same.
        """
