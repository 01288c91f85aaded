"""Activities of arrears, on the queue ``membership-persistence``."""

from abc import ABC, abstractmethod

from temporalio import activity

from schemas.arrears.contracts import ArrearsCounts, ArrearsDay, ArrearsPage, ArrearsPlan


class ArrearsActivities(ABC):
    """What is done about unpaid invoices, set by set. Source: A30."""

    @activity.defn(name="plan_arrears")
    @abstractmethod
    async def plan_arrears(self, day: ArrearsDay) -> ArrearsPlan:
        """Split all members into pages, and list what is overdue and open.

        Idempotent: what is listed already stays so.
        """

    @activity.defn(name="pursue_arrears")
    @abstractmethod
    async def pursue_arrears(self, page: ArrearsPage) -> ArrearsCounts:
        """Take the steps that are due on a page: letters, tasks, and what was done.

        Idempotent by (invoice, step): a step that has been taken is not taken again.
        """

    @activity.defn(name="report_arrears_to_members")
    @abstractmethod
    async def report_arrears_to_members(self, page: ArrearsPage) -> int:
        """Tell the memberships of a page that are to be struck off; count them.

        Idempotent: a membership that has ended is not told again, and takes no second report.
        """

    @activity.defn(name="reinstate_members")
    @abstractmethod
    async def reinstate_members(self, day: ArrearsDay) -> int:
        """Open a new application for whoever was struck off and has paid since; count them.

        Idempotent by the old membership: each comes back once.
        """
