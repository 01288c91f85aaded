"""The master key: it wraps the data keys, and stands outside the database that holds them."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass

from activities.secrecy.errors import Unreadable
from activities.secrecy.sealing import KEY_BYTES


@dataclass(frozen=True)
class Wrapped:
    """A data key under a master key.

    Attributes:
        data: what the database keeps.
        master: which master key, in its provider's words; no secret.
    """

    data: bytes
    master: str


class MasterKeys(ABC):
    """A provider of master keys: one wraps, and all that ever did unwrap.

    Every method raises ``KeysUnavailable`` where the provider does not answer, refuses us or does
    not know the key, which somebody can put right; ``Unreadable`` where nobody can.
    """

    @abstractmethod
    async def newest(self) -> str:
        """Return the name of the master key that wraps now."""

    @abstractmethod
    async def wrap(self, data: bytes) -> Wrapped:
        """Wrap data under the newest."""

    @abstractmethod
    async def unwrap(self, wrapped: Wrapped) -> bytes:
        """Return what was wrapped, under whichever."""

    @abstractmethod
    async def rewrap(self, wrapped: Wrapped) -> Wrapped:
        """Return the same under the newest; where it can be, without showing it to us."""

    @abstractmethod
    async def add(self) -> str:
        """Make a new master key, which wraps from now on, and return its name."""

    @abstractmethod
    async def retire(self, in_use: Collection[str]) -> None:
        """Forget older master keys that wrap nothing, where that is ours to do.

        Args:
            in_use: the names of those that wrap something.
        """


def bound(key: bytes, owner: str, key_id: str) -> bytes:
    """Return a data key with a mark of whose it is: not every provider binds what it wraps."""
    return key + _mark(owner, key_id)


def unbound(data: bytes, owner: str, key_id: str) -> bytes:
    """Return the data key.

    Raises:
        Unreadable: it is the key of another row.
    """
    key, mark = data[:KEY_BYTES], data[KEY_BYTES:]
    if mark != _mark(owner, key_id):
        raise Unreadable("the wrapped key is another's")
    return key


def _mark(owner: str, key_id: str) -> bytes:
    return hashlib.sha256(f"{owner}\0{key_id}".encode()).digest()
