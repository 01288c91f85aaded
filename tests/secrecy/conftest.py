"""Keys in a file and in the database of the server tests, and payloads to hide."""

import uuid
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from temporalio.api.common.v1 import Payload

from activities.secrecy.codec import Encryption
from activities.secrecy.key_file import KeyFile
from activities.secrecy.keyring import KeyRing
from activities.secrecy.store import KeyStore

NO_PATIENCE = timedelta()


def plain(text: str = '{"name": "Kanari"}') -> Payload:
    """A payload as it comes from a converter, or from a foreign client."""
    return Payload(metadata={"encoding": b"json/plain"}, data=text.encode())


def a_membership() -> str:
    """The id of a membership nobody has."""
    return f"membership-{uuid.uuid4()}"


@pytest.fixture
def store(shared_pool: asyncpg.Pool) -> KeyStore:
    """The keys in the database of the server tests."""
    return KeyStore(shared_pool.acquire)


class Process:
    """Makes what one process has: keys of its own memory over the same rows."""

    def __init__(self, store: KeyStore, key_file: KeyFile) -> None:
        self.store, self.key_file = store, key_file

    def __call__(self, namespace: str = "default") -> Encryption:
        """Return the codec of one more."""
        return Encryption(KeyRing(self.store, self.key_file, patience=NO_PATIENCE), namespace)


@pytest.fixture
def process(store: KeyStore, key_file: KeyFile) -> Process:
    """Makes the codec of one more process."""
    return Process(store, key_file)


def path_of(key_file: KeyFile) -> Path:
    """Where the master keys are."""
    return key_file._path
