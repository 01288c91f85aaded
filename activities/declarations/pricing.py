"""Activities of a repricing, on the queue ``membership-persistence``."""

from abc import ABC, abstractmethod

from temporalio import activity

from schemas.pricing.contracts import (
    Announced,
    Announcement,
    RefreshPage,
    RepricingClosing,
    RepricingOrder,
    RepricingPage,
    RepricingPageReport,
)


class PricingActivities(ABC):
    """Making new prices known to the memberships."""

    @activity.defn(name="open_repricing")
    @abstractmethod
    async def open_repricing(self, order: RepricingOrder) -> int:
        """Return how many members there are. Reads only, so repeating it is harmless."""

    @activity.defn(name="announce_prices")
    @abstractmethod
    async def announce_prices(self, announcement: Announcement) -> Announced:
        """Order the letters to whom a rate comes to something else, and what employers are told.

        Idempotent by (day, rulebook, member) and (day, rulebook, employer).
        """

    @activity.defn(name="refresh_records")
    @abstractmethod
    async def refresh_records(self, page: RefreshPage) -> RepricingPageReport:
        """Have the records of a page's members read the prices, which nobody hears of again.

        Idempotent: a record that knows them changes nothing.
        """

    @activity.defn(name="tell_repricing_page")
    @abstractmethod
    async def tell_repricing_page(self, page: RepricingPage) -> RepricingPageReport:
        """Tell the members of a page whose terms are not what the rulebook makes of their facts.

        Idempotent: a member who has planned anew is not told again, and one who is told again
        changes nothing.
        """

    @activity.defn(name="close_repricing")
    @abstractmethod
    async def close_repricing(self, closing: RepricingClosing) -> None:
        """Give the caseworkers the task to look at those who did not follow.

        Idempotent by the order: the same matter is one task.
        """
