"""Activities on the queue ``membership-persistence``."""

from abc import ABC, abstractmethod

from temporalio import activity

from schemas.membership.decision import Decision, DecisionReceipt, Intake, IntakeReceipt
from schemas.pricing.rulebook import Rulebook


class PersistenceActivities(ABC):
    """What PostgreSQL keeps of a membership.

    No method ever fails a membership: whatever goes wrong is retried until it is mended.
    """

    @activity.defn(name="receive_application")
    @abstractmethod
    async def receive_application(self, intake: Intake) -> IntakeReceipt:
        """Keep an application as it arrived and say what is known of the person.

        Args:
            intake: the application, or what was sent instead of one.

        Returns:
            The rulebook, possible duplicates, and every rule the application breaks.

        Idempotent by membership id: a repeated call answers from what was kept.
        """

    @activity.defn(name="record_decision")
    @abstractmethod
    async def record_decision(self, decision: Decision) -> DecisionReceipt:
        """Write one decision with all that follows from it, in one transaction.

        That is: the log entry, the standing, the terms, the invoice, the payment, the letters.

        Args:
            decision: numbered within its membership.

        Returns:
            The identities persistence allots, or why nothing was recorded: an outdated
            rulebook, or a person who is a member already.

        Raises:
            DecisionConflict: the number is taken by another decision (a programming error;
                retried, and so visible until it is mended).

        Idempotent by (membership id, number), compared by content hash.
        """

    @activity.defn(name="read_rulebook")
    @abstractmethod
    async def read_rulebook(self) -> Rulebook:
        """Return the rulebook as it stands. Reads only, so repeating it is harmless."""
