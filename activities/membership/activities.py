"""The activities on the queue ``membership-persistence``, on PostgreSQL."""

import asyncpg
from temporalio import activity
from temporalio.client import Client

from activities.declarations.forwarding import ForwardingActivities
from activities.declarations.membership import PersistenceActivities
from activities.membership.decisions import record
from activities.membership.forwarding import checked, forward
from activities.membership.intake import receive
from activities.membership.stored import load_stored
from activities.shared.errors import without_values
from activities.shared.rulebook import RulebookReader
from activities.shared.signatures import UNKNOWN, Signatures
from schemas.membership.decision import (
    Decision,
    DecisionReceipt,
    Forwarding,
    Intake,
    IntakeReceipt,
    SenderCheck,
)
from schemas.membership.stored import StoredMembership
from schemas.pricing.rulebook import Rulebook


class Persistence(PersistenceActivities, ForwardingActivities):
    """What PostgreSQL keeps of a membership.

    Args:
        pool: from ``activities.database.pool.open_pool``; whoever opened it closes it.
        allow_synthetic_ids: whether test numbers count as national ids; never in production.
        signatures: whose are believed, and whether every message must have one.
        client: to tell one membership what another was told; None: none is told.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        *,
        allow_synthetic_ids: bool,
        signatures: Signatures = UNKNOWN,
        client: Client | None = None,
    ) -> None:
        self._pool = pool
        self._client = client
        self._signatures = signatures
        self._rulebooks = RulebookReader(allow_synthetic_ids=allow_synthetic_ids)

    @activity.defn(name="receive_application")
    async def receive_application(self, intake: Intake) -> IntakeReceipt:
        """Membership, person and decision 1 are written in one transaction.

        A repeated call is answered from them.

        Raises:
            DecisionConflict: another application was kept under this id.
            DatabaseRefused: a constraint does not let it pass.
        """
        return await receive(self._pool, self._rulebooks, intake, self._signatures)

    @activity.defn(name="record_decision")
    async def record_decision(self, decision: Decision) -> DecisionReceipt:
        """The membership's row is locked first.

        A decision that stands in the log is answered with the receipt that stands beside it.

        Raises:
            DecisionConflict: the number is taken by another decision, or is not the next one.
            InvoiceLineConflict: a line for the same period and kind was billed before.
            MembershipUnknown: no application was received under this id.
            DatabaseRefused: a constraint does not let it pass.
        """
        return await record(self._pool, self._rulebooks, decision, self._signatures)

    @activity.defn(name="load_membership")
    async def load_membership(self, membership_id: str) -> StoredMembership | None:
        """All of it is read in one transaction that sees one moment.

        Raises:
            KeysUnavailable: what is sealed can't be opened now; retryable.
        """
        return await load_stored(self._pool, self._rulebooks, membership_id)

    @activity.defn(name="check_sender")
    async def check_sender(self, check: SenderCheck) -> str | None:
        """By the keys that are known now, as where something is recorded."""
        return checked(self._signatures, check)

    @activity.defn(name="forward_message")
    async def forward_message(self, forwarding: Forwarding) -> str | None:
        """The stamp is looked into first; it is sent under one of our own.

        Raises:
            RPCError: Temporal does not answer; retried.
        """
        return await forward(self._client, self._signatures, forwarding)

    @activity.defn(name="read_rulebook")
    async def read_rulebook(self) -> Rulebook:
        """Assembled once a revision: what is read each time is only which one is in force."""
        async with without_values(), self._pool.acquire() as connection:
            return await self._rulebooks.current(connection)
