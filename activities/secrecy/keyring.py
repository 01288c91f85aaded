"""The data keys in memory: made, unwrapped once, and forgotten after some minutes."""

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import TypeVar

import structlog
from cachetools import TTLCache

from activities.secrecy.errors import KeyDestroyed, KeysUnavailable, Unreadable
from activities.secrecy.masters import MasterKeys, bound, unbound
from activities.secrecy.sealing import new_key
from activities.secrecy.store import KeyStore, StoredKey
from schemas.names import WorkflowType, is_own_id

LIFE = timedelta(minutes=5)
"""How long a process goes on reading with a key that was destroyed, or writing with one that was
replaced."""

REMEMBERED = 20_000
"""Keys at a time: those of all memberships that are at work within some minutes."""

PATIENCE = timedelta(seconds=8)
"""A workflow task lasts ten seconds: one that fails sooner says why in its history."""

PAUSE = timedelta(seconds=0.5)
"""Whoever holds the master key, or the database, tells nobody that it answers again."""

SERVICE = "service"
"""Owns the keys of everything that is not one membership's."""

INTAKE = "intake"
"""Owns the keys of what a browser encrypts before it is known whose it is: no workflow reads it."""

REPLACED_AFTER = {SERVICE: timedelta(days=30), INTAKE: timedelta(days=1)}
"""Of keys that no membership's renewal replaces."""

T = TypeVar("T")

log = structlog.stdlib.get_logger("keys")


@dataclass(frozen=True)
class DataKey:
    """A key that encrypts payloads."""

    key_id: str
    owner: str
    generation: int
    secret: bytes = field(repr=False)


def owner_of(workflow_id: str) -> str:
    """Return whose key encrypts what belongs to a workflow.

    An id that a stranger made up may say anything, and does not get into the table of keys.
    """
    if workflow_id == INTAKE or is_own_id(WorkflowType.MEMBERSHIP, workflow_id):
        return workflow_id
    return SERVICE


class KeyRing:
    """Finds, makes and forgets data keys; for one event loop.

    Every method waits while the keys can't be reached, says so, and then raises
    ``KeysUnavailable``: nothing is written in plain text instead.

    Args:
        store: where they are kept.
        masters: what they are wrapped by.
        life: how long one is remembered.
        patience: how long to wait for the store or the master key.
        clock: seconds that only grow; what is remembered ends by them.
    """

    def __init__(
        self,
        store: KeyStore,
        masters: MasterKeys,
        *,
        life: timedelta = LIFE,
        patience: timedelta = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._masters = masters
        self._patience = patience
        seconds = life.total_seconds()
        self._by_id: MutableMapping[str, DataKey] = TTLCache(REMEMBERED, seconds, timer=clock)
        self._by_owner: MutableMapping[str, DataKey] = TTLCache(REMEMBERED, seconds, timer=clock)
        self._asked: dict[str, asyncio.Future[DataKey | None]] = {}

    async def to_open(self, key_id: str) -> DataKey | None:
        """Return the key of an id; None: there is none, it was destroyed, or can't be unwrapped."""
        found = self._by_id.get(key_id)
        if found is not None:
            return found
        return await self._once(key_id, lambda: self._patiently(lambda: self._read(key_id)))

    async def to_seal(self, owner: str) -> DataKey:
        """Return the key that encrypts for an owner, making the first one.

        Raises:
            KeyDestroyed: the owner's keys were destroyed, and none is made anew.
        """
        found = self._by_owner.get(owner)
        if found is not None:
            return found
        key = await self._once(owner, lambda: self._patiently(lambda: self._newest(owner)))
        assert key is not None, "an owner has a newest key"
        return key

    async def renew(self, owner: str) -> DataKey:
        """Return a new key of an owner, which encrypts from now on.

        Raises:
            KeyDestroyed: the owner's keys were destroyed, and none is made anew.
        """
        before = await self.to_seal(owner)
        return await self._patiently(lambda: self._made(owner, before.generation + 1))

    async def destroy(self, owner: str) -> int:
        """Destroy every key of an owner; other processes forget them within ``LIFE``."""
        count = await self._patiently(lambda: self._store.destroy(owner, _now()))
        self._by_owner.pop(owner, None)
        for key_id in [one.key_id for one in list(self._by_id.values()) if one.owner == owner]:
            self._by_id.pop(key_id, None)
        return count

    async def reach(self) -> None:
        """Ask the store for something, without patience.

        Raises:
            KeysUnavailable: it does not answer, or refuses.
        """
        await self._store.newest(SERVICE)

    async def _read(self, key_id: str) -> DataKey | None:
        stored = await self._store.read(key_id)
        if stored is None or stored.wrapped is None:
            return None
        try:
            return await self._unwrapped(stored)
        except Unreadable:
            log.warning("keys.unreadable", key_id=key_id, master=stored.wrapped.master)
            return None

    async def _newest(self, owner: str) -> DataKey:
        stored = await self._store.newest(owner)
        if stored is None:
            return await self._made(owner, 1)
        life = REPLACED_AFTER.get(owner)
        if life is not None and stored.created_at + life < _now():
            return await self._made(owner, stored.generation + 1)
        return await self._usable(stored)

    async def _made(self, owner: str, generation: int) -> DataKey:
        key_id, secret = token_hex(16), new_key()
        wrapped = await self._masters.wrap(bound(secret, owner, key_id))
        kept = await self._store.add(key_id, owner, generation, wrapped, _now())
        if kept.key_id == key_id:
            return self._remembered(DataKey(key_id, owner, generation, secret))
        return await self._usable(kept)

    async def _usable(self, stored: StoredKey) -> DataKey:
        if stored.wrapped is None:
            raise KeyDestroyed("the keys of this membership were destroyed")
        try:
            return await self._unwrapped(stored)
        except Unreadable:
            # Nothing was written by a key that can't be read: the next one begins anew.
            log.warning("keys.unreadable", key_id=stored.key_id, master=stored.wrapped.master)
            return await self._made(stored.owner, stored.generation + 1)

    async def _unwrapped(self, stored: StoredKey) -> DataKey:
        assert stored.wrapped is not None, "a destroyed key was to be unwrapped"
        data = await self._masters.unwrap(stored.wrapped)
        secret = unbound(data, stored.owner, stored.key_id)
        return self._remembered(DataKey(stored.key_id, stored.owner, stored.generation, secret))

    def _remembered(self, key: DataKey) -> DataKey:
        self._by_id[key.key_id] = key
        newest = self._by_owner.get(key.owner)
        if newest is None or newest.generation < key.generation:
            # Another process's newest is good enough to write by: it is as old as what we read.
            self._by_owner[key.owner] = key
        return key

    async def _once(
        self, name: str, find: Callable[[], Awaitable[DataKey | None]]
    ) -> DataKey | None:
        """Let all that ask for the same key at a time wait for one answer."""
        asked = self._asked.get(name)
        if asked is None:
            asked = asyncio.ensure_future(find())
            self._asked[name] = asked
            asked.add_done_callback(lambda done: self._answered(name, done))
        return await asyncio.shield(asked)

    def _answered(self, name: str, done: asyncio.Future[DataKey | None]) -> None:
        del self._asked[name]
        if not done.cancelled():
            done.exception()  # known to whoever still waits; nobody may

    async def _patiently(self, attempt: Callable[[], Awaitable[T]]) -> T:
        began = time.monotonic()
        while True:
            try:
                return await attempt()
            except KeysUnavailable as error:
                log.warning("keys.awaited", reason=str(error))
                if time.monotonic() - began >= self._patience.total_seconds():
                    raise
                await asyncio.sleep(PAUSE.total_seconds())


def _now() -> datetime:
    """Return the moment that a key is made or destroyed at: no date of business."""
    return datetime.now(UTC)
