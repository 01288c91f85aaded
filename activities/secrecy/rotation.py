"""A new master key: every data key is put under it, and no history is touched."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from activities.secrecy.errors import Unreadable
from activities.secrecy.masters import MasterKeys
from activities.secrecy.store import KeyStore

PAGE = 200


@dataclass(frozen=True)
class Rotation:
    """What a rotation has done.

    Attributes:
        master: the name of the newest master key.
        made: whether this rotation made it; False: it finished one that was interrupted.
        rewrapped: how many data keys it put under it.
        unreadable: how many no master key opens any more: they are left as they are.
    """

    master: str
    made: bool
    rewrapped: int
    unreadable: int


async def rotate_master(
    store: KeyStore, masters: MasterKeys, tell: Callable[[int, int], None]
) -> Rotation:
    """Make a new master key and put all data keys under it, or finish what was interrupted.

    Args:
        store: of the data keys.
        masters: of the master key.
        tell: told after each page how many are done, and of how many.

    Raises:
        KeysUnavailable: what is done is done; the next call goes on.

    Safe to end at any moment: a data key is under the old master key or the new one, and both
    open. Twice in a row makes two master keys, which harms nothing.
    """
    begun = await _rewrap_all(store, masters, await masters.newest(), tell)
    if begun.rewrapped:
        return begun
    await masters.retire(await store.count_by_master())
    found = await _rewrap_all(store, masters, await masters.add(), tell)
    return replace(found, made=True)


async def _elsewhere(store: KeyStore, master: str) -> int:
    return sum(n for name, n in (await store.count_by_master()).items() if name != master)


async def _rewrap_all(
    store: KeyStore, masters: MasterKeys, newest: str, tell: Callable[[int, int], None]
) -> Rotation:
    """Put every data key under the newest master key; those that no master key opens stay."""
    rewrapped = unreadable = 0
    after = ""
    in_all = await _elsewhere(store, newest)
    while page := await store.wrapped_otherwise(newest, after, PAGE):
        for key_id, before in page:
            try:
                await store.rewrap(key_id, before, await masters.rewrap(before))
                rewrapped += 1
            except Unreadable:
                unreadable += 1
        after = page[-1][0]
        tell(rewrapped + unreadable, in_all)
    return Rotation(newest, made=False, rewrapped=rewrapped, unreadable=unreadable)
