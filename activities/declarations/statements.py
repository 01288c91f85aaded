"""Activities of the year end, on the queue ``membership-persistence``."""

from abc import ABC, abstractmethod

from temporalio import activity

from schemas.statements.contracts import (
    YearEndOpening,
    YearEndPage,
    YearEndPageReport,
    YearEndPeriod,
    YearEndReport,
)


class StatementActivities(ABC):
    """What each member paid in a year, set by set."""

    @activity.defn(name="open_year_end")
    @abstractmethod
    async def open_year_end(self, opening: YearEndOpening) -> YearEndPeriod:
        """Return the cap and the pages of a year, or why there can be no statements.

        Reads only, so repeating it is harmless.
        """

    @activity.defn(name="make_year_end_page")
    @abstractmethod
    async def make_year_end_page(self, page: YearEndPage) -> YearEndPageReport:
        """Make the statements of one page with their letters and tasks, in one transaction.

        Idempotent by (member, year): a statement that would say the same is not made again.
        """

    @activity.defn(name="report_year_end")
    @abstractmethod
    async def report_year_end(self, period: YearEndPeriod) -> YearEndReport:
        """Sum up a year's statements, and ask for a report that has fallen behind them.

        The task is one for each file that is to be made, so repeating it is harmless.
        """
