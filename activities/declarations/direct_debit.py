"""Activities of AvtaleGiro, on the queue ``membership-bulk``."""

from abc import ABC, abstractmethod

from temporalio import activity

from schemas.direct_debit.contracts import ClaimDay, ClaimReport


class DirectDebitActivities(ABC):
    """What the bank is told to collect. Source: P9."""

    @activity.defn(name="make_claims")
    @abstractmethod
    async def make_claims(self, order: ClaimDay) -> ClaimReport:
        """Make the claims and cancellations of a day, and give back what is not collected.

        Idempotent by day and by invoice: a day has one file, and an invoice one claim.
        """
