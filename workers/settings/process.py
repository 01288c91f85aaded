"""All settings of a process, from the environment and from the record of a running stack."""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from temporalio.envconfig import ClientConnectConfig

from schemas.desk.languages import Language
from workers.builds import code_build
from workers.doors import is_this_machine
from workers.errors import UserError
from workers.gateway.settings import GatewaySettings, gateway_settings
from workers.given import given
from workers.logging import LogFormat
from workers.settings.database import Pooling, database_url
from workers.settings.keys import KeySettings, key_settings
from workers.settings.mail import SmtpSettings, smtp_settings
from workers.settings.stack import DEFAULT_DATA_DIR, STACK_FILE, load_stack
from workers.settings.temporal import temporal_settings
from workers.settings.union import UnionSettings, union_settings
from workers.settings.values import Environment, choice, listen, own, path, switch

DEFAULT_UI_URL = "http://localhost:8233"
DEFAULT_RULES_URL = "docs/rules.md"
"""From the root of the repository; an installation names where it shows the page."""
DEVELOPMENT_BUILD = "dev"
"""One for all the code on a developer's machine: what runs there always finds its worker."""


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
    ui_language: Language
    """In which the pages of memberships and settlements are drawn there."""
    union: UnionSettings
    allow_synthetic_ids: bool
    """Whether national ids with month + 80 (test persons) are accepted; never in production."""
    list_folder: Path | None
    """Where employers fetch their deduction lists, if anywhere."""
    build_id: str
    """Which build of the workflow code a workflows worker runs (ADR 12)."""
    deployment: str | None
    """The worker deployment that build is of, where Temporal's worker controller names it; it says
    which build is current then. None: our own."""
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
    health_listen: tuple[str, int] | None = None
    """Host and port of this process's own listener for operators; None: there is none."""
    traces_url: str | None = None
    """Where a collector takes traces, as OTLP over HTTP; None: nothing is traced."""
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


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment.

    Args:
        environ: The variables; the process's own when left out.

    Raises:
        UserError: Naming the variable that is missing or wrong.
    """
    variables = given(os.environ if environ is None else environ)
    environment = choice(variables, "MEDLEMSFLYT_ENVIRONMENT", Environment.DEVELOPMENT)
    return Settings(
        temporal=temporal_settings(variables, environment),
        environment=environment,
        log_format=choice(
            variables,
            "MEDLEMSFLYT_LOG",
            LogFormat.CONSOLE if sys.stderr.isatty() else LogFormat.JSON,
        ),
        database_url=database_url(variables, environment),
        transaction_pooling=choice(variables, "DATABASE_POOLING", Pooling.SESSION)
        is Pooling.TRANSACTION,
        smtp=smtp_settings(variables, environment),
        caseworker_email=own(
            variables, "MEDLEMSFLYT_CASEWORKER_EMAIL", "caseworkers@example.org", environment
        ),
        insurance_email=own(
            variables, "MEDLEMSFLYT_INSURANCE_EMAIL", "insurance@example.org", environment
        ),
        ui_url=own(variables, "MEDLEMSFLYT_UI_URL", DEFAULT_UI_URL, environment).rstrip("/"),
        ui_language=choice(variables, "MEDLEMSFLYT_UI_LANGUAGE", Language.NB),
        union=union_settings(variables, environment),
        allow_synthetic_ids=_synthetic_ids(variables, environment),
        list_folder=path(variables, "MEDLEMSFLYT_LIST_FOLDER"),
        build_id=_build_id(variables, environment),
        deployment=variables.get("TEMPORAL_DEPLOYMENT_NAME"),
        promote=switch(variables, "MEDLEMSFLYT_PROMOTE", environment is not Environment.PRODUCTION),
        rules_url=_rules_url(variables),
        keys=key_settings(variables, environment),
        plain_clients=switch(
            variables, "MEDLEMSFLYT_PLAIN_CLIENTS", environment is not Environment.PRODUCTION
        ),
        signing_key_file=path(variables, "MEDLEMSFLYT_SIGNING_KEY_FILE"),
        believed_keys_file=path(variables, "MEDLEMSFLYT_BELIEVED_KEYS_FILE"),
        require_signed_actor=switch(
            variables,
            "MEDLEMSFLYT_REQUIRE_SIGNED_ACTOR",
            environment is Environment.PRODUCTION,
        ),
        health_listen=listen(variables, "MEDLEMSFLYT_HEALTH_LISTEN"),
        traces_url=_traces_url(variables, environment),
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


def _rules_url(variables: Mapping[str, str]) -> str:
    url = variables.get("MEDLEMSFLYT_RULES_URL", DEFAULT_RULES_URL)
    if url != DEFAULT_RULES_URL and not url.startswith(("http://", "https://")):
        raise UserError(
            "MEDLEMSFLYT_RULES_URL must begin with http:// or https://: it says where "
            "docs/rules.md is shown."
        )
    return url


def _traces_url(variables: Mapping[str, str], environment: Environment) -> str | None:
    url = variables.get("MEDLEMSFLYT_TRACES_URL")
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UserError(
            "MEDLEMSFLYT_TRACES_URL must be the address of a collector, as in "
            "http://127.0.0.1:4318/v1/traces."
        )
    if (
        environment is Environment.PRODUCTION
        and parts.scheme != "https"
        and not is_this_machine(parts.hostname)
    ):
        raise UserError(
            "MEDLEMSFLYT_TRACES_URL would tell in the clear which memberships something happens "
            "to, which production refuses for any host but this machine: name it with https://."
        )
    return url


def _synthetic_ids(variables: Mapping[str, str], environment: Environment) -> bool:
    allowed = switch(variables, "MEDLEMSFLYT_ALLOW_SYNTHETIC_IDS", False)
    if allowed and environment is Environment.PRODUCTION:
        raise UserError(
            "MEDLEMSFLYT_ALLOW_SYNTHETIC_IDS=1 is refused in production, where a test person must "
            "never become a member: unset it."
        )
    return allowed


def _build_id(variables: Mapping[str, str], environment: Environment) -> str:
    production = environment is Environment.PRODUCTION
    value = (
        variables.get("MEDLEMSFLYT_BUILD_ID")
        or variables.get("TEMPORAL_WORKER_BUILD_ID")
        or (code_build() if production else DEVELOPMENT_BUILD)
    )
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,100}", value):
        raise UserError(
            "MEDLEMSFLYT_BUILD_ID takes up to 100 letters, digits, dots, dashes and underscores, "
            f"not {value!r}."
        )
    return value
