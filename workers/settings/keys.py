"""What encrypts histories: the master key, and where the keys are that it wraps."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from workers.doors import is_this_machine, require_protected_database, with_secrets
from workers.errors import UserError
from workers.settings.database import EXAMPLE_PASSWORD, is_readable, passwords
from workers.settings.values import Environment


@dataclass(frozen=True)
class KeySettings:
    """What encrypts histories: the master key, and where the keys are that it wraps.

    Attributes:
        master: ``file:/path`` or ``vault:mount/name``.
        database_url: of a role that needs to see the schema ``keys`` alone; None: the database's.
    """

    master: str
    database_url: str | None = field(default=None, repr=False)
    vault_url: str | None = None
    vault_token: str | None = field(default=None, repr=False)
    vault_namespace: str | None = None
    vault_ca_file: str | None = None


def key_settings(variables: Mapping[str, str], environment: Environment) -> KeySettings | None:
    """Return what encrypts histories.

    Raises:
        UserError: the master key can't be one, or something is said of another.
    """
    master = variables.get("MEDLEMSFLYT_MASTER_KEY", "")
    vault = {
        "vault_url": variables.get("MEDLEMSFLYT_VAULT_URL"),
        "vault_token": variables.get("MEDLEMSFLYT_VAULT_TOKEN"),
        "vault_namespace": variables.get("MEDLEMSFLYT_VAULT_NAMESPACE"),
        "vault_ca_file": variables.get("MEDLEMSFLYT_VAULT_CA_FILE"),
    }
    database_url = variables.get("MEDLEMSFLYT_KEYS_DATABASE_URL")
    if re.fullmatch(r"vault:[^/]+(/[^/]+)+", master):
        if vault["vault_url"] is None or vault["vault_token"] is None:
            raise UserError(
                "MEDLEMSFLYT_MASTER_KEY names a key in Vault: set MEDLEMSFLYT_VAULT_URL and "
                "MEDLEMSFLYT_VAULT_TOKEN."
            )
    elif any(vault.values()):
        raise UserError(
            "MEDLEMSFLYT_VAULT_* is set and MEDLEMSFLYT_MASTER_KEY names no key there: set it, as "
            "in vault:transit/medlemsflyt."
        )
    elif not master and database_url is not None:
        raise UserError("MEDLEMSFLYT_KEYS_DATABASE_URL needs MEDLEMSFLYT_MASTER_KEY: set both.")
    elif not master:
        return None
    elif not master.startswith("file:/"):
        raise UserError(
            "MEDLEMSFLYT_MASTER_KEY must be file:/path/from/the/root, or vault:mount/name."
        )
    found = KeySettings(master, _keys_database(database_url, variables), **vault)
    if environment is Environment.PRODUCTION:
        _require_protected_keys(found, variables)
    return found


def _keys_database(url: str | None, variables: Mapping[str, str]) -> str | None:
    """Return the URL of the keys' database, with the authority that is given beside it.

    Raises:
        UserError: it can't be one.
    """
    if url is None:
        return None
    if not url.startswith(("postgresql://", "postgres://")) or not is_readable(url):
        raise UserError(
            "MEDLEMSFLYT_KEYS_DATABASE_URL can't be read: it is written as DATABASE_URL is."
        )
    authority = {"DATABASE_CA_PATH": variables.get("DATABASE_CA_PATH", "")}
    return with_secrets(url, authority)


def _require_protected_keys(keys: KeySettings, variables: Mapping[str, str]) -> None:
    """Refuse ways to the keys on which others could read along.

    Raises:
        UserError: naming the variable and what to set it to.
    """
    if keys.database_url is not None:
        if EXAMPLE_PASSWORD in passwords(keys.database_url):
            raise UserError(
                "MEDLEMSFLYT_KEYS_DATABASE_URL has the password that everybody knows from "
                "docker-compose.yml, which production refuses: give the role another one."
            )
        require_protected_database(keys.database_url, variables)
    vault = urlsplit(keys.vault_url or "")
    if keys.vault_url and vault.scheme != "https" and not is_this_machine(vault.hostname or ""):
        raise UserError(
            "MEDLEMSFLYT_VAULT_URL would send keys in the clear, which production refuses for any "
            "host but this machine: name it with https://."
        )
