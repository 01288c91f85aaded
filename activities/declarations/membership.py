"""Activities on the queue ``membership-persistence``."""

from abc import ABC, abstractmethod

from temporalio import activity

from schemas.membership.decision import Decision, DecisionReceipt, Intake, IntakeReceipt
from schemas.membership.stored import StoredMembership
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
            rulebook, a person who is a member already, or a log that goes on otherwise.

        Raises:
            DecisionConflict: the number does not follow the log's last one; or it is taken by
                another decision, of an older workflow. Retried, and so visible until it is mended.

        Idempotent by (membership id, number), compared by content hash.
        """

    @activity.defn(name="read_rulebook")
    @abstractmethod
    async def read_rulebook(self) -> Rulebook:
        """Return the rulebook as it stands. Reads only, so repeating it is harmless."""

    @activity.defn(name="load_membership")
    @abstractmethod
    async def load_membership(self, membership_id: str) -> StoredMembership | None:
        """Return a membership as PostgreSQL has it, for a run that has lost it.

        Args:
            membership_id: of a run that was started to go on, or was overtaken.

        Returns:
            None: there is none, or it is erased.

        Reads only, so repeating it is harmless.
        """
