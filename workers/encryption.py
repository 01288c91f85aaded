"""What encrypts the payloads of a process: opened from its settings, and built into its converter.

Without ``MEDLEMSFLYT_MASTER_KEY`` there is none, and everything goes to Temporal as it is.
"""

import asyncio
import copy
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Self

import asyncpg
from temporalio.client import Client
from temporalio.converter import (
    DataConverter,
    FailureConverter,
    SerializationContext,
    WithSerializationContext,
)

from activities.database.pool import open_pool
from activities.secrecy.codec import Encryption
from activities.secrecy.key_file import KeyFile
from activities.secrecy.keyring import KeyRing
from activities.secrecy.masters import MasterKeys
from activities.secrecy.store import Acquire, KeyStore
from activities.secrecy.words import Words
from workers.errors import UserError
from workers.settings import DEFAULT_NAMESPACE, KeySettings, Settings
from workflows.shared.redacting import RedactingFailureConverter, SealedFailureConverter
from workflows.shared.tolerance import SealedTolerantFailureConverter, TolerantFailureConverter

AT_ONCE = 4
"""Connections for keys: each is asked for once in some minutes."""

SEALED: dict[type[FailureConverter], type[FailureConverter]] = {
    TolerantFailureConverter: SealedTolerantFailureConverter,
    RedactingFailureConverter: SealedFailureConverter,
}
"""By the failure converter of a process that encrypts nothing: that of one that does."""


def converter_for(plain: DataConverter, encryption: Encryption | None) -> DataConverter:
    """Return the converter of a process: what its payloads and failures go to Temporal through.

    Args:
        plain: as it would be without encryption.
        encryption: from ``opened`` or ``for_a_command``.
    """
    if encryption is None:
        return plain
    settings = {
        each.name: getattr(plain, each.name) for each in dataclasses.fields(plain) if each.init
    }
    failures = SEALED.get(plain.failure_converter_class, plain.failure_converter_class)
    return Encrypting(
        **{**settings, "payload_codec": encryption, "failure_converter_class": failures}
    )


class Encrypting(DataConverter):
    """A converter with a codec, which is told of each workflow and activity whose it is."""

    def with_context(self, context: SerializationContext) -> Self:
        """Return a converter for the payloads of one workflow.

        The SDK's own way makes all that converts anew, and throws it away: a sixteenth of the
        workflows worker's time.
        """
        made = copy.copy(self)
        for name in ("payload_converter", "payload_codec", "failure_converter", "external_storage"):
            part = getattr(self, name)
            if isinstance(part, WithSerializationContext):
                # As the SDK does it: a converter is frozen for everybody else.
                object.__setattr__(made, name, part.with_context(context))
        return made


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Encryption | None]:
    """Yield what encrypts for a process that stays; None: nothing does.

    The database and the master key need not answer yet: who needs a key waits.

    Raises:
        UserError: the settings can't be those of keys.
    """
    if settings.keys is None:
        yield None
        return
    connections = _Connections(settings)
    try:
        yield _encryption(settings, settings.keys, connections.acquire)
    finally:
        connections.close()


def for_a_command(settings: Settings) -> Encryption | None:
    """Return what encrypts for a command, which asks for a key or two and leaves nothing open.

    Raises:
        UserError: the settings can't be those of keys.
    """
    if settings.keys is None:
        return None
    return _encryption(settings, settings.keys, lambda: _one_connection(settings))


def words_by(encryption: Encryption | None) -> Words:
    """Return what seals the texts that people write, by the keys that encrypt payloads."""
    return Words(encryption.ring if encryption is not None else None)


def words_over(client: Client) -> Words:
    """Return what seals texts in a process that has such a client."""
    codec = client.data_converter.payload_codec
    return words_by(codec if isinstance(codec, Encryption) else None)


def destroyer_of(client: Client) -> Callable[[str], Awaitable[int]] | None:
    """Return what destroys the keys of a membership; None: nothing is encrypted here."""
    codec = client.data_converter.payload_codec
    return codec.destroy if isinstance(codec, Encryption) else None


def store_of(settings: Settings) -> KeyStore:
    """Return where the data keys are, for a command."""
    return KeyStore(lambda: _one_connection(settings))


def masters_of(keys: KeySettings) -> MasterKeys:
    """Return the provider of the master key that the settings name."""
    provider, _, where = keys.master.partition(":")
    if provider == "file":
        return KeyFile(Path(where))
    # A library of its own, which no other provider needs.
    from activities.secrecy.vault import VaultTransit

    assert keys.vault_url is not None, "a key in Vault without its address"
    assert keys.vault_token is not None, "a key in Vault without a token"
    mount, _, name = where.rpartition("/")
    return VaultTransit(
        keys.vault_url,
        keys.vault_token,
        mount,
        name,
        ca_file=keys.vault_ca_file,
        namespace=keys.vault_namespace,
    )


def _encryption(settings: Settings, keys: KeySettings, acquire: Acquire) -> Encryption:
    _database_url(settings)
    namespace = settings.temporal.get("namespace", DEFAULT_NAMESPACE)
    ring = KeyRing(KeyStore(acquire), masters_of(keys))
    return Encryption(ring, namespace, plain_clients=settings.plain_clients)


def _database_url(settings: Settings) -> str:
    keys = settings.keys
    if keys is not None and keys.database_url is not None:
        return keys.database_url
    if settings.database_url is None:
        raise UserError(
            "MEDLEMSFLYT_MASTER_KEY is set and no database of the keys: set "
            "MEDLEMSFLYT_KEYS_DATABASE_URL or DATABASE_URL."
        )
    return settings.database_url


async def _open(settings: Settings, size: int) -> asyncpg.Pool:
    pooling = settings.transaction_pooling
    return await open_pool(_database_url(settings), size=size, transaction_pooling=pooling)


@asynccontextmanager
async def _one_connection(settings: Settings) -> AsyncIterator[Any]:
    async with await _open(settings, 1) as pool, pool.acquire() as connection:
        yield connection


class _Connections:
    """Some connections, opened when the first is asked for: the database may still be starting."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._opening = asyncio.Lock()
        self._pool: asyncpg.Pool | None = None

    def acquire(self) -> AbstractAsyncContextManager[Any]:
        return self._acquired()

    @asynccontextmanager
    async def _acquired(self) -> AsyncIterator[Any]:
        async with self._opening:
            if self._pool is None:
                self._pool = await _open(self._settings, AT_ONCE)
        async with self._pool.acquire() as connection:
            yield connection

    def close(self) -> None:
        if self._pool is not None:
            self._pool.terminate()
