"""The mail server that takes our messages: the variables SMTP_*."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from enum import StrEnum

from workers.doors import is_this_machine
from workers.errors import UserError
from workers.settings.values import Environment, choice

MAIL_CATCHER = "mail"
"""The service of docker-compose.yml that keeps every mail and delivers none."""
EXAMPLE_SENDER = "post@example.org"


class SmtpTls(StrEnum):
    """How the connection to the mail server is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


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


def smtp_settings(variables: Mapping[str, str], environment: Environment) -> SmtpSettings | None:
    """Return how to send mail; None: no server is named.

    Raises:
        UserError: naming the variable and what to set it to.
    """
    host = variables.get("SMTP_HOST")
    if host is None:
        return None
    tls = choice(variables, "SMTP_TLS", SmtpTls.NONE)
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
