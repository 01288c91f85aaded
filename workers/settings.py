"""Settings from the environment, and from the record of a running one-machine stack.

`workers/variables.py` says what each variable means. An empty one counts as one that is not set.
asyncpg takes `DATABASE_URL` as it stands, SQLAlchemy after `postgresql://` has become
`postgresql+asyncpg://`.
"""

import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from email.utils import parseaddr
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

from temporalio.envconfig import ClientConfig, ClientConnectConfig

from workers.builds import code_build
from workers.doors import (
    is_this_machine,
    require_protected_database,
    require_protected_temporal,
    with_secrets,
)
from workers.errors import UserError
from workers.gateway.settings import GatewaySettings, gateway_settings
from workers.given import given
from workers.logging import LogFormat

DEFAULT_DATA_DIR = Path(".medlemsflyt")
DEFAULT_TEMPORAL_ADDRESS = "localhost:7233"
DEFAULT_NAMESPACE = "default"
DEFAULT_UI_URL = "http://localhost:8233"
DEFAULT_RULES_URL = "docs/rules.md"
"""From the root of the repository; an installation names where it shows the page."""
STACK_FILE = "stack.json"
MAIL_CATCHER = "mail"
"""The service of docker-compose.yml that keeps every mail and delivers none."""
EXAMPLE_SENDER = "post@example.org"
EXAMPLE_PASSWORD = "medlemsflyt"  # noqa: S105 - of docker-compose.yml, and refused in production
"""Defaults of docker-compose.yml, for a developer's machine."""
DEVELOPMENT_BUILD = "dev"
"""One for all the code on a developer's machine: what runs there always finds its worker."""


class Environment(StrEnum):
    """Where this process runs; production refuses what only tests may do."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class SmtpTls(StrEnum):
    """How the connection to the mail server is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class Pooling(StrEnum):
    """What a connection to the database keeps between two transactions."""

    SESSION = "session"
    TRANSACTION = "transaction"


@dataclass(frozen=True)
class UnionSettings:
    """The union as its letters and invoices present it; the defaults are fictitious."""

    name: str = "Lederne"
    orgnr: str = "999999999"
    address: str = "Eksempelveien 1, 0001 Oslo"
    """The lines, separated by commas."""
    email: str = "post@example.org"
    account_number: str = "12345678903"
    giro_sender: str | None = None
    """Our number with the bank's processing centre, 8 digits; None: it is not known yet."""
    phone: str | None = None
    statutes_url: str | None = None
    privacy_url: str | None = None
    insurance_url: str | None = None


Choice = TypeVar("Choice", bound=StrEnum)

_SMTP_PORTS = {SmtpTls.NONE: 25, SmtpTls.STARTTLS: 587, SmtpTls.TLS: 465}


@dataclass(frozen=True)
class SmtpSettings:
    """The mail server that takes our messages, and the address they come from."""

    host: str
    port: int
    tls: SmtpTls
    sender: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    sender_name: str | None = None
    """What mail readers show in place of the address; None: the union's member service."""


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


@dataclass(frozen=True)
class Settings:
    """All settings of a process; what it may do without is None, and `require_*` insists on it."""

    temporal: ClientConnectConfig = field(repr=False)
    """Keyword arguments of `temporalio.client.Client.connect`; may hold credentials."""
    environment: Environment
    log_format: LogFormat
    database_url: str | None = field(repr=False)
    transaction_pooling: bool
    """Whether that is a pooler's, which hands sessions on after each transaction (pgbouncer)."""
    smtp: SmtpSettings | None
    caseworker_email: str
    insurance_email: str
    ui_url: str
    """Address of the Temporal UI, without a slash at the end."""
    union: UnionSettings
    allow_synthetic_ids: bool
    """Whether national ids with month + 80 (test persons) are accepted; never in production."""
    list_folder: Path | None
    """Where employers fetch their deduction lists, if anywhere."""
    build_id: str
    """Which build of the workflow code a workflows worker runs (ADR 12)."""
    promote: bool
    """Whether such a worker makes its build the current one by starting."""
    rules_url: str = DEFAULT_RULES_URL
    """Where the page of the rules is shown; `explain` and letters to caseworkers link to it."""
    keys: KeySettings | None = None
    """What encrypts histories; None: nothing does."""
    plain_clients: bool = True
    """Whether clients that know no keys are served where histories are encrypted."""
    signing_key_file: Path | None = None
    """The file of the key that this process stamps what it sends with, if it stamps."""
    believed_keys_file: Path | None = None
    """The file of the keys whose stamps are believed, if any are."""
    require_signed_actor: bool = False
    """Whether a message without a stamp is refused."""
    gateway: GatewaySettings = field(default_factory=GatewaySettings)
    """Of the one door; other processes pay no heed to them."""

    def require_database_url(self) -> str:
        """Return the database's URL.

        Raises:
            UserError: When DATABASE_URL is not set.
        """
        if self.database_url is None:
            raise UserError(
                "DATABASE_URL is not set: name the PostgreSQL database, as in "
                "postgresql://user:password@host:5432/medlemsflyt, or run `medlemsflyt dev`."
            )
        return self.database_url

    def require_smtp(self) -> SmtpSettings:
        """Return how to send mail.

        Raises:
            UserError: When SMTP_HOST is not set.
        """
        if self.smtp is None:
            raise UserError(
                "SMTP_HOST is not set: name the mail server, or start a local one with "
                "`medlemsflyt dev`."
            )
        return self.smtp


@dataclass(frozen=True)
class Stack:
    """Where the parts of a running `medlemsflyt dev` answer: the content of DIR/stack.json.

    Attributes:
        allow_synthetic_ids: as its workers do, so do the commands that are given to it.
        master_key: as MEDLEMSFLYT_MASTER_KEY, of its workers; None: they encrypt nothing.
        keys_database_url: as MEDLEMSFLYT_KEYS_DATABASE_URL.
    """

    temporal_address: str
    namespace: str
    ui_url: str
    http_url: str
    database_url: str
    mail_dir: str
    mail_url: str
    codec_url: str | None = None
    gateway_url: str | None = None
    allow_synthetic_ids: bool = False
    master_key: str | None = None
    keys_database_url: str | None = None

    @property
    def keys(self) -> KeySettings | None:
        """What encrypts its histories, for a command."""
        if self.master_key is None:
            return None
        return KeySettings(self.master_key, self.keys_database_url)

    def write(self, data_dir: Path) -> None:
        """Write DIR/stack.json in one step, so that a reader sees all of it or none."""
        draft = data_dir / f"{STACK_FILE}.new"
        draft.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
        draft.replace(data_dir / STACK_FILE)


def load_stack(data_dir: Path) -> Stack:
    """Read the record of the stack that serves a folder.

    Args:
        data_dir: The folder given to `medlemsflyt dev --data`.

    Raises:
        UserError: When no stack serves it, or the record can't be read.
    """
    path = data_dir / STACK_FILE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Stack(**{name: found[name] for name in Stack.__dataclass_fields__ if name in found})
    except FileNotFoundError:
        raise UserError(
            f"No stack is running on {data_dir}: start one with "
            f"`medlemsflyt dev --data {data_dir}`."
        ) from None
    except (OSError, ValueError, TypeError) as error:
        raise UserError(
            f"{path} can't be read ({error}): stop the stack and start it again with "
            f"`medlemsflyt dev --data {data_dir}`."
        ) from error


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment.

    Args:
        environ: The variables; the process's own when left out.

    Raises:
        UserError: Naming the variable that is missing or wrong.
    """
    variables = given(os.environ if environ is None else environ)
    environment = _choice(variables, "MEDLEMSFLYT_ENVIRONMENT", Environment.DEVELOPMENT)
    return Settings(
        temporal=_temporal(variables, environment),
        environment=environment,
        log_format=_choice(
            variables,
            "MEDLEMSFLYT_LOG",
            LogFormat.CONSOLE if sys.stderr.isatty() else LogFormat.JSON,
        ),
        database_url=_database_url(variables, environment),
        transaction_pooling=_choice(variables, "DATABASE_POOLING", Pooling.SESSION)
        is Pooling.TRANSACTION,
        smtp=_smtp(variables, environment),
        caseworker_email=_own(
            variables, "MEDLEMSFLYT_CASEWORKER_EMAIL", "caseworkers@example.org", environment
        ),
        insurance_email=_own(
            variables, "MEDLEMSFLYT_INSURANCE_EMAIL", "insurance@example.org", environment
        ),
        ui_url=_own(variables, "MEDLEMSFLYT_UI_URL", DEFAULT_UI_URL, environment).rstrip("/"),
        union=_union(variables, environment),
        allow_synthetic_ids=_synthetic_ids(variables, environment),
        list_folder=_folder(variables, "MEDLEMSFLYT_LIST_FOLDER"),
        build_id=_build_id(variables, environment),
        promote=_switch(
            variables, "MEDLEMSFLYT_PROMOTE", environment is not Environment.PRODUCTION
        ),
        rules_url=_rules_url(variables),
        keys=_keys(variables, environment),
        plain_clients=_switch(
            variables, "MEDLEMSFLYT_PLAIN_CLIENTS", environment is not Environment.PRODUCTION
        ),
        signing_key_file=_folder(variables, "MEDLEMSFLYT_SIGNING_KEY_FILE"),
        believed_keys_file=_folder(variables, "MEDLEMSFLYT_BELIEVED_KEYS_FILE"),
        require_signed_actor=_switch(
            variables,
            "MEDLEMSFLYT_REQUIRE_SIGNED_ACTOR",
            environment is Environment.PRODUCTION,
        ),
        gateway=gateway_settings(variables, production=environment is Environment.PRODUCTION),
    )


def resolve_settings(data_dir: Path | None, environ: Mapping[str, str] | None = None) -> Settings:
    """Settings of a command with `--data DIR`: the stack's addresses before the environment's.

    Args:
        data_dir: What `--data` said. Without it, the stack on `.medlemsflyt` is used if one runs
            there, and else the environment.
        environ: The variables; the process's own when left out.

    Raises:
        UserError: When the named folder is served by no stack, or a variable is wrong.
    """
    settings = load_settings(environ)
    if data_dir is None:
        if not (DEFAULT_DATA_DIR / STACK_FILE).exists():
            return settings
        data_dir = DEFAULT_DATA_DIR
    stack = load_stack(data_dir)
    return replace(
        settings,
        temporal=ClientConnectConfig(target_host=stack.temporal_address, namespace=stack.namespace),
        database_url=stack.database_url,
        transaction_pooling=False,
        ui_url=stack.ui_url,
        keys=stack.keys,
        allow_synthetic_ids=settings.allow_synthetic_ids
        or (stack.allow_synthetic_ids and settings.environment is not Environment.PRODUCTION),
    )


def _keys(variables: Mapping[str, str], environment: Environment) -> KeySettings | None:
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
    if not url.startswith(("postgresql://", "postgres://")) or not _is_readable(url):
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
        if EXAMPLE_PASSWORD in _passwords(keys.database_url):
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


def _rules_url(variables: Mapping[str, str]) -> str:
    url = variables.get("MEDLEMSFLYT_RULES_URL", DEFAULT_RULES_URL)
    if url != DEFAULT_RULES_URL and not url.startswith(("http://", "https://")):
        raise UserError(
            "MEDLEMSFLYT_RULES_URL must begin with http:// or https://: it says where "
            "docs/rules.md is shown."
        )
    return url


def _temporal(variables: Mapping[str, str], environment: Environment) -> ClientConnectConfig:
    try:
        config = ClientConfig.load_client_connect_config(override_env_vars=dict(variables))
    except (RuntimeError, OSError) as error:
        raise UserError(
            f"Temporal's settings (TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE, TEMPORAL_*) can't be "
            f"read: {error}."
        ) from error
    config.setdefault("target_host", DEFAULT_TEMPORAL_ADDRESS)
    config.setdefault("namespace", DEFAULT_NAMESPACE)
    if environment is Environment.PRODUCTION:
        require_protected_temporal(config)
    return config


def _database_url(variables: Mapping[str, str], environment: Environment) -> str | None:
    url = variables.get("DATABASE_URL")
    if url is not None and not url.startswith(("postgresql://", "postgres://")):
        raise UserError(
            "DATABASE_URL must begin with postgresql://, as in "
            "postgresql://user:password@host:5432/medlemsflyt."
        )
    if url is not None and not _is_readable(url):
        # The reason stays unsaid: it may quote a piece of the password.
        raise UserError(
            "DATABASE_URL can't be read: see to its port and brackets, and write what is special "
            "in the password as %2F for a slash, %40 for an @, %23 for a #."
        )
    if url is None:
        return None
    url = with_secrets(url, variables)
    if environment is Environment.PRODUCTION:
        if EXAMPLE_PASSWORD in _passwords(url):
            raise UserError(
                "DATABASE_URL has the password that everybody knows from docker-compose.yml, which "
                "production refuses: give the database's user another one, and set "
                "DATABASE_PASSWORD to it, best by a file of the secrets' folder."
            )
        require_protected_database(url, variables)
    return url


def _is_readable(url: str) -> bool:
    """Tell whether a database's URL has a port that is one; of several hosts the driver tells."""
    try:
        parts = urlsplit(url)
        port = None if "," in parts.netloc else parts.port
    except ValueError:
        return False
    return port != 0


def _passwords(url: str) -> set[str]:
    """Return what stands in a database's URL as a password, before the host or after the `?`."""
    parts = urlsplit(url)
    return {unquote(parts.password or ""), *parse_qs(parts.query).get("password", ())}


def _smtp(variables: Mapping[str, str], environment: Environment) -> SmtpSettings | None:
    host = variables.get("SMTP_HOST")
    if host is None:
        return None
    tls = _choice(variables, "SMTP_TLS", SmtpTls.NONE)
    username, password = variables.get("SMTP_USERNAME"), variables.get("SMTP_PASSWORD")
    if (username is None) != (password is None):
        raise UserError("SMTP_USERNAME and SMTP_PASSWORD belong together: set both, or neither.")
    if username is not None and tls is SmtpTls.NONE:
        raise UserError(
            "SMTP_USERNAME needs a protected connection: set SMTP_TLS to starttls or tls."
        )
    port = variables.get("SMTP_PORT", str(_SMTP_PORTS[tls]))
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise UserError(f"SMTP_PORT must be a port number from 1 to 65535, not {port!r}.")
    sender = variables.get("SMTP_FROM")
    if sender is None:
        raise UserError("SMTP_FROM is not set: give the address that messages come from.")
    if parseaddr(sender) != ("", sender):
        raise UserError("SMTP_FROM must be an address alone, as in post@example.org.")
    shown = variables.get("SMTP_FROM_NAME")
    if shown is not None and not shown.isprintable():
        raise UserError("SMTP_FROM_NAME must be one line of text.")
    found = SmtpSettings(host, int(port), tls, sender, username, password, shown)
    if environment is Environment.PRODUCTION:
        _refuse_examples(found)
    return found


def _refuse_examples(smtp: SmtpSettings) -> None:
    """Refuse what is meant for a developer's machine: letters name people, and must arrive.

    Raises:
        UserError: Naming the variable and what to set it to.
    """
    host = smtp.host.strip("[]").rstrip(".").lower()
    if host == MAIL_CATCHER:
        raise UserError(
            f"SMTP_HOST={smtp.host} is the catcher of docker-compose.yml, which delivers to "
            "nobody and which production refuses: name the union's mail server."
        )
    if smtp.tls is SmtpTls.NONE and not is_this_machine(host):
        raise UserError(
            "SMTP_TLS=none would send letters in the clear, which production refuses for any host "
            "but this machine: set SMTP_TLS to starttls or tls."
        )
    if smtp.sender == EXAMPLE_SENDER:
        raise UserError(
            f"SMTP_FROM={EXAMPLE_SENDER} is the example of docker-compose.yml, which production "
            "refuses: give the union's own address."
        )


def _choice(variables: Mapping[str, str], name: str, default: Choice) -> Choice:
    value = variables.get(name, default)
    try:
        return type(default)(value)
    except ValueError:
        allowed = ", ".join(type(default))
        raise UserError(f"{name} must be one of {allowed}, not {value!r}.") from None


def _union(variables: Mapping[str, str], environment: Environment) -> UnionSettings:
    """Return the union as letters present it; what has no default may be left unsaid."""
    found: dict[str, Any] = {
        field: _said(variables, f"MEDLEMSFLYT_UNION_{field.upper()}")
        if default is None
        else _own(variables, f"MEDLEMSFLYT_UNION_{field.upper()}", default, environment)
        for field, default in asdict(UnionSettings()).items()
    }
    return UnionSettings(**found)


def _said(variables: Mapping[str, str], name: str) -> str | None:
    """Return what letters say if it is set.

    Raises:
        UserError: a letter can't say it.
    """
    value = variables.get(name)
    if value is None:
        return None
    if not value.isprintable():
        raise UserError(f"{name} must be one line of text.")
    if name.endswith("_URL") and not re.fullmatch(r"https?://[^\s<>]+", value):
        raise UserError(f"{name} must be an address that begins with https://, not {value!r}.")
    return value


def _own(
    variables: Mapping[str, str], name: str, development: str, environment: Environment
) -> str:
    """A value with a harmless default on a developer's machine, and none in production."""
    value = variables.get(name)
    if value is not None:
        return value
    if environment is Environment.PRODUCTION:
        raise UserError(f"{name} is not set: production has no default for it.")
    return development


def _folder(variables: Mapping[str, str], name: str) -> Path | None:
    value = variables.get(name)
    if value is None:
        return None
    folder = Path(value)
    if not folder.is_absolute():
        raise UserError(f"{name} must be a path from the root, not {value!r}.")
    return folder


def _synthetic_ids(variables: Mapping[str, str], environment: Environment) -> bool:
    allowed = _switch(variables, "MEDLEMSFLYT_ALLOW_SYNTHETIC_IDS", False)
    if allowed and environment is Environment.PRODUCTION:
        raise UserError(
            "MEDLEMSFLYT_ALLOW_SYNTHETIC_IDS=1 is refused in production, where a test person must "
            "never become a member: unset it."
        )
    return allowed


def _switch(variables: Mapping[str, str], name: str, default: bool) -> bool:
    value = variables.get(name, str(int(default)))
    if value not in {"0", "1"}:
        raise UserError(f"{name} must be 0 or 1, not {value!r}.")
    return value == "1"


def _build_id(variables: Mapping[str, str], environment: Environment) -> str:
    production = environment is Environment.PRODUCTION
    value = variables.get("MEDLEMSFLYT_BUILD_ID") or (
        code_build() if production else DEVELOPMENT_BUILD
    )
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,100}", value):
        raise UserError(
            "MEDLEMSFLYT_BUILD_ID takes up to 100 letters, digits, dots, dashes and underscores, "
            f"not {value!r}."
        )
    return value
