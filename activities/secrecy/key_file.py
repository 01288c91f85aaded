"""Master keys in a file, for one machine: JSON, for the owner's eyes only."""

import asyncio
import json
import os
import stat
from base64 import b64decode, b64encode
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from activities.secrecy.errors import KeysUnavailable
from activities.secrecy.masters import MasterKeys, Wrapped
from activities.secrecy.sealing import KEY_BYTES, new_key, opened, seal

OTHERS = 0o077
PUT_BACK = "put the copy back from its backup (docs/runbook.md, Master key)"
Identity = tuple[int, int, int, int]
KEPT = 2
"""A process that began to wrap before the last rotation may still be about to write: what wraps,
and what wrapped before it, stay."""


class KeyFile(MasterKeys):
    """The master keys of a file, oldest first; the last one wraps.

    Args:
        path: of the file; whoever may read it can read everything.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: tuple[Identity, dict[str, bytes]] | None = None

    async def newest(self) -> str:
        """Return the name of the last key."""
        return list(await self._keys())[-1]

    async def wrap(self, data: bytes) -> Wrapped:
        """Wrap under the last key."""
        keys = await self._keys()
        name = list(keys)[-1]
        return Wrapped(seal(keys[name], data, name.encode()), name)

    async def unwrap(self, wrapped: Wrapped) -> bytes:
        """Unwrap under the key it names."""
        keys = await self._keys()
        if wrapped.master not in keys:
            raise KeysUnavailable(
                f"{self._path} has no master key {wrapped.master}, which wraps a data key: "
                f"{PUT_BACK}"
            )
        return opened(keys[wrapped.master], wrapped.data, wrapped.master.encode())

    async def rewrap(self, wrapped: Wrapped) -> Wrapped:
        """Wrap anew under the last key."""
        return await self.wrap(await self.unwrap(wrapped))

    async def add(self) -> str:
        """Write the file anew with one key more."""
        name = token_hex(8)
        await asyncio.to_thread(_write, self._path, {**await self._keys(), name: new_key()})
        return name

    async def retire(self, in_use: Collection[str]) -> None:
        """Write the file anew without the older keys that wrap nothing."""
        keys = await self._keys()
        kept = {*in_use, *list(keys)[-KEPT:]}
        if keys.keys() - kept:
            left = {name: key for name, key in keys.items() if name in kept}
            await asyncio.to_thread(_write, self._path, left)

    async def _keys(self) -> dict[str, bytes]:
        """Return the keys as they stand in the file; another process may have added one."""
        identity = _identity(self._path)
        if self._known is None or self._known[0] != identity:
            self._known = identity, await asyncio.to_thread(_read, self._path)
        return self._known[1]


def make_key_file(path: Path) -> None:
    """Make a file with one key unless there is one; of two that try, one does."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with suppress(FileExistsError):
        _write(path, {token_hex(8): new_key()}, new=True)


def _identity(path: Path) -> Identity:
    """Return what tells a file from the one that replaces it, once it is the owner's alone."""
    try:
        found = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from None
    if stat.S_IMODE(found.st_mode) & OTHERS:
        raise KeysUnavailable(f"{path} can be read by others: chmod 600 {path}")
    return found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size


def _unreadable(path: Path, error: OSError) -> KeysUnavailable:
    return KeysUnavailable(
        f"{path} can't be read ({error.strerror}): let this user read it, or where it is lost "
        f"{PUT_BACK}"
    )


def _read(path: Path) -> dict[str, bytes]:
    try:
        text = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from None
    try:
        keys = {str(name): b64decode(key, validate=True) for name, key in json.loads(text).items()}
    except (ValueError, TypeError, AttributeError):
        raise KeysUnavailable(f"{path} is no file of master keys: {PUT_BACK}") from None
    if not keys or any(len(key) != KEY_BYTES for key in keys.values()):
        raise KeysUnavailable(f"{path} has no master key, or a broken one: {PUT_BACK}")
    return keys


def _write(path: Path, keys: dict[str, bytes], *, new: bool = False) -> None:
    """Put a file in place in one step; it is on the disk before anything is wrapped by it."""
    draft = path.with_name(f"{path.name}.{token_hex(8)}.new")
    text = json.dumps({name: b64encode(key).decode() for name, key in keys.items()})
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if new:
            os.link(draft, path)
        else:
            draft.replace(path)
        _sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
