"""The activities of erasures, on PostgreSQL, Temporal and the keys."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
from temporalio import activity
from temporalio.client import Client

from activities.database.pool import load_queries, patiently
from activities.declarations.privacy import ErasureActivities
from activities.privacy import erasing
from activities.privacy.certifying import certify
from activities.privacy.histories import delete_all_runs
from activities.shared.errors import without_values
from activities.shared.heartbeats import heartbeats
from activities.shared.rulebook import RulebookReader
from schemas.access.signing import SigningKey
from schemas.privacy.erasure import (
    DueErasures,
    ErasureLook,
    ErasureOpening,
    ErasureStep,
    RetentionStep,
)

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Destroy = Callable[[str], Awaitable[int]]
"""Destroys the keys of a membership, and returns how many there were."""


class Privacy(ErasureActivities):
    """Erasing somebody, step by step.

    Args:
        pool: from ``activities.database.pool.open_pool``; whoever opened it closes it.
        client: of the namespace whose runs are deleted.
        destroy: from ``activities.secrecy.codec.Encryption``; None: nothing is encrypted here.
        key: what certificates are signed with; None: they are not.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        client: Client,
        destroy: Destroy | None = None,
        key: SigningKey | None = None,
    ) -> None:
        self._pool = pool
        self._client = client
        self._destroy = destroy
        self._key = key
        self._rulebooks = RulebookReader(allow_synthetic_ids=False)

    @activity.defn(name="open_erasure")
    async def open_erasure(self, opening: ErasureOpening) -> ErasureLook:
        """In one transaction, under the rows of whom it is of."""
        async with without_values(), self._pool.acquire() as connection, connection.transaction():
            return await erasing.open_erasure(connection, opening)

    @activity.defn(name="tell_partners")
    async def tell_partners(self, step: ErasureStep) -> int:
        """Ordered in one statement; what is to go out is sent by a mailing."""
        async with without_values(), self._pool.acquire() as connection, connection.transaction():
            return await erasing.order_partner_letters(connection, step)

    @activity.defn(name="erase_rows")
    async def erase_rows(self, step: ErasureStep) -> ErasureLook:
        """All or nothing, by a function of the database that looks once more itself."""
        async with without_values(), self._pool.acquire() as connection, patiently(connection):
            return await erasing.erase_unless_held(connection, step)

    @activity.defn(name="delete_histories")
    async def delete_histories(self, step: ErasureStep) -> int:
        """Counted as they go, so that an attempt that was cut short is not forgotten."""
        async with without_values(), heartbeats():
            gone = 0
            for membership in await self._memberships(step):
                runs = await delete_all_runs(self._client, membership)
                if runs:
                    await self._note(_SQL.note_deleted_runs, step, runs=runs)
                gone += runs
            return gone

    @activity.defn(name="destroy_keys")
    async def destroy_keys(self, step: ErasureStep) -> int:
        """Counted as they go, as runs are."""
        if self._destroy is None:
            return 0
        async with without_values():
            gone = 0
            for membership in await self._memberships(step):
                keys = await self._destroy(membership)
                if keys:
                    await self._note(_SQL.note_destroyed_keys, step, keys=keys)
                gone += keys
            return gone

    @activity.defn(name="certify_erasure")
    async def certify_erasure(self, step: ErasureStep) -> None:
        """Of what stands in the database by then."""
        async with without_values(), self._pool.acquire() as connection, connection.transaction():
            await certify(connection, step, self._key)

    @activity.defn(name="find_due_erasures")
    async def find_due_erasures(self, step: RetentionStep) -> DueErasures:
        """By the policies of the day."""
        async with without_values(), heartbeats(), self._pool.acquire() as connection:
            rulebook = await self._rulebooks.current(connection)
            policies = rulebook.policies_on(step.today)
            return await erasing.due_erasures(connection, step, policies)

    @activity.defn(name="forget_accesses")
    async def forget_accesses(self, step: RetentionStep) -> int:
        """By the policies of the day; what files held that the accounts need no more goes, too."""
        async with without_values(), self._pool.acquire() as connection:
            rulebook = await self._rulebooks.current(connection)
            async with patiently(connection):
                policies = rulebook.policies_on(step.today)
                await erasing.forget_office_files(connection, policies, step.today)
                return await erasing.forget_accesses(connection, policies, step.today)

    async def _memberships(self, step: ErasureStep) -> list[str]:
        async with self._pool.acquire() as connection, connection.transaction():
            found = _SQL.memberships_of_erasure(connection, erasure_id=step.erasure_id)
            return [row["membership_id"] async for row in found]

    async def _note(
        self, query: Callable[..., Awaitable[None]], step: ErasureStep, **count: int
    ) -> None:
        async with self._pool.acquire() as connection:
            await query(connection, erasure_id=step.erasure_id, **count)
