"""Master keys in a file: closed to others, rotated without a history being touched (ADR 69)."""

import asyncio
import json
import stat

import asyncpg
import pytest

from activities.secrecy.codec import Encryption
from activities.secrecy.errors import KeysUnavailable, Unreadable
from activities.secrecy.key_file import KeyFile, make_key_file
from activities.secrecy.keyring import KeyRing
from activities.secrecy.masters import Wrapped
from activities.secrecy.rotation import rotate_master
from activities.secrecy.store import KeyStore
from tests.secrecy.conftest import NO_PATIENCE, a_membership, plain

PUT_BACK = r"put the copy back from its backup \(docs/runbook\.md, Master key\)$"


@pytest.fixture
def path(tmp_path):
    """A file with one master key."""
    make_key_file(tmp_path / "keys" / "master.json")
    return tmp_path / "keys" / "master.json"


def names(path):
    """The names of the master keys in a file, oldest first."""
    return list(json.loads(path.read_text()))


def test_the_file_is_the_owner_s_alone_and_made_once(path):
    """Neither the file nor its folder can be read by others, and a second start keeps it."""
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    before = path.read_bytes()
    make_key_file(path)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


WRONG = {
    "is open to others": lambda path: path.chmod(0o640),
    "is gone": lambda path: path.unlink(),
    "is empty": lambda path: path.write_text(""),
    "is no JSON": lambda path: path.write_text("master"),
    "is a list": lambda path: path.write_text("[]"),
    "has no key": lambda path: path.write_text("{}"),
    "has a short key": lambda path: path.write_text('{"a": "c2hvcnQ="}'),
    "has a number": lambda path: path.write_text('{"a": 7}'),
    "has no text": lambda path: path.write_bytes(b"\xff\xfe\x00"),
}

REMEDIES = {WRONG["is open to others"]: "chmod 600 /"}


@pytest.mark.parametrize("spoil", WRONG.values(), ids=WRONG)
async def test_a_file_that_can_t_be_used_is_waited_for(path, spoil):
    """What somebody can put right is no garbage; what to do is said, and never a key."""
    masters = KeyFile(path)
    key = json.loads(path.read_text())[names(path)[0]]
    wrapped = await masters.wrap(b"a data key")
    spoil(path)
    for attempt in (masters.wrap(b"another"), masters.unwrap(wrapped), masters.newest()):
        with pytest.raises(KeysUnavailable) as said:
            await attempt
        assert key not in str(said.value)
        assert said.match(REMEDIES.get(spoil, PUT_BACK))


async def test_what_is_wrapped_opens_under_its_own_name_only(path):
    """A row that was tampered with is unreadable; one of a master key that is not there waits."""
    masters = KeyFile(path)
    wrapped = await masters.wrap(b"a data key")
    await masters.add()
    assert await masters.unwrap(wrapped) == b"a data key"
    with pytest.raises(Unreadable):
        await masters.unwrap(Wrapped(wrapped.data, await masters.newest()))
    with pytest.raises(Unreadable):
        await masters.unwrap(Wrapped(wrapped.data[:-1], wrapped.master))
    with pytest.raises(KeysUnavailable, match=f"no master key another,.*{PUT_BACK}"):
        await masters.unwrap(Wrapped(wrapped.data, "another"))


@pytest.fixture
async def rows(pool: asyncpg.Pool):
    """The keys of a database of this test's own."""
    return KeyStore(pool.acquire)


def codec(rows, path):
    """The codec of one more process."""
    return Encryption(KeyRing(rows, KeyFile(path), patience=NO_PATIENCE), "default")


async def test_a_rotation_touches_no_history(rows, path):
    """All keys are under the new master key, and what was encrypted before opens as it did."""
    members = [a_membership() for _ in range(5)]
    before = codec(rows, path)
    hidden = {member: await before.encode([plain(member)], member) for member in members}
    [old] = names(path)
    told = []
    done = await rotate_master(rows, KeyFile(path), lambda *seen: told.append(seen))
    assert (done.made, done.rewrapped, done.unreadable) == (True, 5, 0)
    assert told == [(5, 5)]
    assert await rows.count_by_master() == {done.master: 5}
    assert names(path) == [old, done.master]
    for member in members:
        assert await codec(rows, path).decode(hidden[member], member) == [plain(member)]
    # Twice harmless: one more master key; of those that wrap nothing only the latest are kept.
    again = await rotate_master(rows, KeyFile(path), lambda *_: None)
    assert names(path) == [old, done.master, again.master]
    third = await rotate_master(rows, KeyFile(path), lambda *_: None)
    assert names(path) == [done.master, again.master, third.master]
    assert await codec(rows, path).decode(hidden[members[0]]) == [plain(members[0])]


async def test_a_rotation_that_was_killed_is_finished_and_not_begun_anew(rows, path):
    """Some keys are under the new master key, some under the old: both open, and one call mends."""
    members = [a_membership() for _ in range(4)]
    hidden = [await codec(rows, path).encode([plain()], member) for member in members]
    masters = KeyFile(path)
    newest = await masters.add()  # and then it was killed, after the first key
    [(key_id, wrapped), *_] = await rows.wrapped_otherwise(newest, "", 10)
    await rows.rewrap(key_id, wrapped, await masters.rewrap(wrapped))
    for one in hidden:
        assert await codec(rows, path).decode(one) == [plain()]
    done = await rotate_master(rows, masters, lambda *_: None)
    assert (done.made, done.master, done.rewrapped) == (False, newest, 3)


async def test_a_key_that_changes_during_a_rotation_stays_as_it_became(rows, path):
    """One that is destroyed meanwhile is not brought back; two rotations at once agree."""
    member, other = a_membership(), a_membership()
    one = codec(rows, path)
    await one.encode([plain()], member)
    [hidden] = await one.encode([plain()], other)
    masters = KeyFile(path)
    newest = await masters.add()
    page = await rows.wrapped_otherwise(newest, "", 10)
    await one.destroy(member)
    for key_id, wrapped in page:
        await rows.rewrap(key_id, wrapped, await masters.rewrap(wrapped))
    assert await rows.count_by_master() == {newest: 1}
    await asyncio.gather(*(rotate_master(rows, masters, lambda *_: None) for _ in range(2)))
    assert await codec(rows, path).decode([hidden]) == [plain()]


async def test_an_unreadable_key_stops_no_rotation(rows, path, pool):
    """It is counted and left, every time anew, and the others go on."""
    member = a_membership()
    [hidden] = await codec(rows, path).encode([plain()], member)
    await codec(rows, path).encode([plain()], a_membership())
    await pool.execute("UPDATE keys.data_keys SET wrapped = '\\x00ff' WHERE owner <> $1", member)
    for _ in range(2):
        done = await rotate_master(rows, KeyFile(path), lambda *_: None)
        assert (done.made, done.rewrapped, done.unreadable) == (True, 1, 1)
    assert await codec(rows, path).decode([hidden]) == [plain()]


async def test_two_rows_that_were_exchanged_are_noticed(rows, path, pool):
    """Who may write to the table can't make one membership's payloads open by another's key."""
    one, other = a_membership(), a_membership()
    [hidden] = await codec(rows, path).encode([plain()], one)
    await codec(rows, path).encode([plain()], other)
    await pool.execute(
        "UPDATE keys.data_keys SET wrapped = (SELECT wrapped FROM keys.data_keys WHERE owner = $1)"
        " WHERE owner = $2",
        other,
        one,
    )
    assert await codec(rows, path).decode([hidden]) == [hidden]
