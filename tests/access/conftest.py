"""A gateway in this process, with its local provider, in front of a real Temporal."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest

from activities.database import roles
from activities.database.pool import open_pool
from activities.database.roles import as_role
from activities.secrecy.codec import Encryption
from activities.secrecy.key_file import KeyFile
from activities.secrecy.keyring import KeyRing
from activities.secrecy.store import KeyStore
from tests.access.asking import Gateway, opened, settings
from tests.access.making import GATEWAY
from workers.gateway.coding import Stamps
from workers.stack import TemporalServer
from workers.stack.ports import HOST

NOWHERE = f"http://{HOST}:9"

ADDRESSES = itertools.count(1)


@pytest.fixture(scope="session")
async def its_pool(shared_database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """What a gateway may do in the database of the server tests, and no more."""
    async with await open_pool(as_role(shared_database_url, roles.GATEWAY), size=8) as pool:
        yield pool


@pytest.fixture(scope="session")
def one(its_pool: asyncpg.Pool) -> Gateway:
    """A gateway with nothing behind it."""
    return opened(its_pool, settings(ui_url=NOWHERE, http_api_url=NOWHERE))


@pytest.fixture
def gateway(one: Gateway) -> Gateway:
    """The same gateway, asked from an address that no other test has."""
    return replace(one, address=f"192.0.2.{next(ADDRESSES)}")


@pytest.fixture
def keys(shared_pool: asyncpg.Pool, key_file: KeyFile) -> Encryption:
    """The keys in the database of the server tests."""
    return Encryption(KeyRing(KeyStore(shared_pool.acquire), key_file), "default")


@pytest.fixture
def in_front(its_pool: asyncpg.Pool, temporal: TemporalServer, keys: Encryption) -> Gateway:
    """A gateway in front of Temporal's HTTP API, which stamps and encrypts."""
    made = settings(ui_url=temporal.http_url, http_api_url=temporal.http_url)
    return opened(its_pool, made, codec=keys, stamper=Stamps(GATEWAY))
