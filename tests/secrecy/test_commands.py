"""`medlemsflyt keys`, and the settings that name a master key."""

import json

import pytest

from activities.database.roles import KEYS, as_role
from activities.secrecy.key_file import KeyFile, make_key_file
from activities.secrecy.keyring import KeyRing
from activities.secrecy.store import KeyStore
from tests.commands import commands_of
from tests.secrecy.conftest import NO_PATIENCE, a_membership
from tests.stack.test_variables import PRODUCTION
from workers.errors import UserError
from workers.settings import STACK_FILE, KeySettings, load_settings

VAULT = {
    "MEDLEMSFLYT_MASTER_KEY": "vault:transit/members",
    "MEDLEMSFLYT_VAULT_URL": "https://vault.example.org",
    "MEDLEMSFLYT_VAULT_TOKEN": "s.secret",
}


async def test_keys_are_shown_and_rotated_by_a_command(pool, database_url, tmp_path):
    """For people and for programs, twice in a row; without a master key it says what to do."""
    path = tmp_path / "keys" / "master.json"
    make_key_file(path)
    ring = KeyRing(KeyStore(pool.acquire), KeyFile(path), patience=NO_PATIENCE)
    for _ in range(3):
        await ring.to_seal(a_membership())
    command = commands_of(tmp_path, database_url=database_url)
    refused = await command("keys")
    assert (refused.code, "MEDLEMSFLYT_MASTER_KEY" in refused.err) == (2, True)
    stack = tmp_path / STACK_FILE
    theirs = {"master_key": f"file:{path}", "keys_database_url": as_role(database_url, KEYS)}
    stack.write_text(json.dumps({**json.loads(stack.read_text()), **theirs}))
    [old] = json.loads(path.read_text())
    assert (await command("keys", "--json")).json == {"masters": {old: 3}}
    done = (await command("keys", "--rotate-master", "--json")).json
    assert (done["made"], done["rewrapped"], done["unreadable"]) == (True, 3, 0)
    again = await command("keys", "--rotate-master")
    assert (again.code, "3 of 3 keys" in again.out) == (0, True)
    path.chmod(0o644)
    open_ = await command("keys", "--rotate-master")
    assert (open_.code, f"chmod 600 {path}" in open_.err) == (2, True)


@pytest.mark.parametrize(
    "variables",
    [
        {"MEDLEMSFLYT_MASTER_KEY": "master.key"},
        {"MEDLEMSFLYT_MASTER_KEY": "file:master.key"},
        {"MEDLEMSFLYT_MASTER_KEY": "vault:members"},
        {"MEDLEMSFLYT_MASTER_KEY": "vault:transit/members"},
        {**VAULT, "MEDLEMSFLYT_VAULT_TOKEN": ""},
        {**VAULT, "MEDLEMSFLYT_MASTER_KEY": "file:/srv/master.key"},
        {"MEDLEMSFLYT_VAULT_URL": "https://vault.example.org"},
        {"MEDLEMSFLYT_KEYS_DATABASE_URL": "postgresql://keys@db.example.org/medlemsflyt"},
    ],
)
def test_half_a_master_key_is_refused(variables):
    """Nothing starts in plain text because of a typing error, and no token is repeated."""
    with pytest.raises(UserError, match="MEDLEMSFLYT_") as said:
        load_settings({"TEMPORAL_CONFIG_FILE": "/dev/null", **variables})
    assert "s.secret" not in str(said.value)


@pytest.mark.parametrize(
    "variables",
    [
        {**VAULT, "MEDLEMSFLYT_VAULT_URL": "http://vault.example.org"},
        {**VAULT, "MEDLEMSFLYT_KEYS_DATABASE_URL": "postgresql://keys@db.example.org/m"},
        {**VAULT, "MEDLEMSFLYT_KEYS_DATABASE_URL": "postgresql://a:medlemsflyt@127.0.0.1/m"},
        {**VAULT, "MEDLEMSFLYT_KEYS_DATABASE_URL": "mysql://a@127.0.0.1/m"},
    ],
)
def test_production_takes_keys_by_protected_ways_only(variables):
    """Nobody reads along between a worker and its keys."""
    with pytest.raises(UserError, match=r"production refuses|can't be read"):
        load_settings({**PRODUCTION, **variables})
    protected = {**variables, **VAULT, "MEDLEMSFLYT_KEYS_DATABASE_URL": ""}
    assert load_settings({**PRODUCTION, **protected}).keys is not None


def test_what_names_a_master_key_is_taken():
    """A file, a key in Vault under a deeper mount, and nothing at all."""
    read = {"TEMPORAL_CONFIG_FILE": "/dev/null"}
    assert load_settings(read).keys is None
    file = load_settings({**read, "MEDLEMSFLYT_MASTER_KEY": "file:/srv/master.key"}).keys
    assert file == KeySettings("file:/srv/master.key")
    deep = load_settings({**read, **VAULT, "MEDLEMSFLYT_MASTER_KEY": "vault:a/b/members"}).keys
    assert deep is not None
    assert "s.secret" not in repr(deep)
