"""Master keys in Vault's Transit engine, over its protocol: used, rotated, and waited for."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from activities.secrecy.codec import Encryption
from activities.secrecy.errors import KeysUnavailable, Unreadable
from activities.secrecy.keyring import KeyRing
from activities.secrecy.masters import Wrapped
from activities.secrecy.rotation import rotate_master
from activities.secrecy.store import KeyStore
from activities.secrecy.vault import VaultTransit
from tests.secrecy.conftest import NO_PATIENCE, a_membership, plain
from tests.secrecy.vault_server import REFUSALS, TOKEN, Vault, running


@pytest.fixture(scope="module")
def server():
    """One Vault for all tests of this file."""
    with running() as vault:
        yield vault


@pytest.fixture
def vault(server):
    """That Vault, which answers."""
    server.state = None
    server.asked.clear()
    return server


def transit(vault: Vault, token: str = TOKEN, timeout: int = 3) -> VaultTransit:
    """A key in it."""
    return VaultTransit(vault.url, token, "transit", "members", timeout=timeout)


def codec(pool: asyncpg.Pool, masters: VaultTransit, patience: timedelta) -> Encryption:
    """The codec of one process."""
    ring = KeyRing(KeyStore(pool.acquire), masters, patience=patience)
    return Encryption(ring, "default")


async def test_vault_wraps_and_a_key_is_asked_for_once(vault, pool):
    """A data key is unwrapped once by each process, however many payloads there are."""
    member = a_membership()
    one = codec(pool, transit(vault), NO_PATIENCE)
    hidden = await one.encode([plain(str(n)) for n in range(20)], member)
    assert vault.asked.count(("POST", "/v1/transit/encrypt/members")) == 1
    other = codec(pool, transit(vault), NO_PATIENCE)
    vault.asked.clear()
    found = await asyncio.gather(*(other.decode([payload], member) for payload in hidden))
    assert found == [[plain(str(n))] for n in range(20)]
    assert vault.asked == [("POST", "/v1/transit/decrypt/members")]


async def test_vault_rotates_and_never_shows_a_key_meanwhile(vault, pool):
    """All keys are rewrapped inside Vault, and what they encrypted opens as before."""
    member = a_membership()
    rows = KeyStore(pool.acquire)
    [hidden] = await codec(pool, transit(vault), NO_PATIENCE).encode([plain()], member)
    vault.asked.clear()
    done = await rotate_master(rows, transit(vault), lambda *_: None)
    assert (done.made, done.rewrapped) == (True, 1)
    assert list(await rows.count_by_master()) == [done.master]
    assert done.master.startswith("vault:transit/members:v")
    assert not [path for _, path in vault.asked if "decrypt" in path]
    assert await codec(pool, transit(vault), NO_PATIENCE).decode([hidden], member) == [plain()]


REMEDIES = {
    "sealed": "Vault is sealed): unseal Vault (docs/runbook.md, Master key)",
    "denied": "give MEDLEMSFLYT_VAULT_TOKEN a token that is valid and whose policy allows it",
    "unknown key": "key not found): see the mount and the name in MEDLEMSFLYT_MASTER_KEY",
    "limited": "raise the quota that Vault sets this token",
}
"""What to do where it is clear; of the others Vault's log knows more."""


@pytest.mark.parametrize("state", REFUSALS)
async def test_whatever_vault_refuses_is_waited_for(vault, pool, state):
    """Nothing is written plain or taken for garbage, no secret is said, and what to do is."""
    member = a_membership()
    [hidden] = await codec(pool, transit(vault), NO_PATIENCE).encode([plain()], member)
    vault.state = state
    other = codec(pool, transit(vault), NO_PATIENCE)
    for attempt in (
        other.encode([plain()], a_membership()),
        other.decode([hidden], member),
        transit(vault).newest(),
        transit(vault).rewrap(Wrapped(b"vault:v1:AAAA", "vault:transit/members:v1")),
    ):
        with pytest.raises(KeysUnavailable) as said:
            await attempt
        assert TOKEN not in str(said.value)
        assert vault.url not in str(said.value)
        remedy = REMEDIES.get(state, "see MEDLEMSFLYT_VAULT_URL, and Vault's log")
        assert remedy in str(said.value)
    vault.state = None
    assert await other.decode([hidden], member) == [plain()]


async def test_a_wrong_token_a_slow_vault_and_none_at_all_are_waited_for(vault):
    """The same in every other way that a server can fail to answer."""
    with pytest.raises(KeysUnavailable, match=r"permission denied.*MEDLEMSFLYT_VAULT_TOKEN"):
        await transit(vault, token="s.another").wrap(b"key")
    vault.state, vault.slow_seconds = "slow", 1.5
    with pytest.raises(KeysUnavailable, match=r"ReadTimeout.*MEDLEMSFLYT_VAULT_URL"):
        await transit(vault, timeout=1).wrap(b"key")
    nobody = Vault()
    nobody.url = "http://127.0.0.1:9"
    with pytest.raises(KeysUnavailable, match=r"ConnectionError.*start Vault"):
        await transit(nobody).wrap(b"key")


async def test_a_process_goes_on_once_vault_is_unsealed(vault, pool):
    """What waited is done, and what was remembered needed no waiting."""
    member = a_membership()
    one = codec(pool, transit(vault), timedelta(seconds=60))
    [hidden] = await one.encode([plain()], member)
    vault.state = "sealed"
    assert await one.decode([hidden], member) == [plain()]
    waiting = asyncio.create_task(one.encode([plain()], a_membership()))
    while not vault.asked or vault.asked[-1] != ("POST", "/v1/transit/encrypt/members"):
        await asyncio.sleep(0.01)  # the fake tells nobody that it is asked
    await asyncio.sleep(0.05)  # long enough for whoever did not wait to be done
    assert not waiting.done()
    vault.state = None
    [later] = await waiting
    assert later.metadata["encoding"] == b"binary/encrypted"


async def test_what_vault_can_t_open_is_garbage_for_good(vault):
    """A row that was tampered with, and the key of another Vault."""
    masters = transit(vault)
    wrapped = await masters.wrap(b"a data key")
    assert await masters.unwrap(wrapped) == b"a data key"
    spoilt = Wrapped(wrapped.data[:-8] + b"AAAAAAA=", wrapped.master)
    with pytest.raises(Unreadable):
        await masters.unwrap(spoilt)
    named = "others:v1, which wraps a data key: set MEDLEMSFLYT_MASTER_KEY"
    with pytest.raises(KeysUnavailable, match=named):
        await masters.unwrap(Wrapped(wrapped.data, "vault:transit/others:v1"))
    with pytest.raises(KeysUnavailable, match=r"is not the master key 0123456789abcdef"):
        await masters.unwrap(Wrapped(wrapped.data, "0123456789abcdef"))
