"""Signing what is posted, as Standard Webhooks has it, with secrets that stand outside.

Source: Standard Webhooks 1.0, https://github.com/standard-webhooks/standard-webhooks.
"""

import base64
import os
import re
from binascii import Error as NoBase64
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from standardwebhooks import Webhook

PREFIX = "whsec_"

REFERENCE = re.compile(r"env:(MEDLEMSFLYT_WEBHOOK_[A-Z0-9_]+)|file:(/.+)")
"""Where a secret is: no other variable can be named, so that none of ours signs anything."""

SIZES = range(24, 65)
"""Bytes of a secret, by the specification."""

MOST_READ = 1000
"""Bytes of a file: a secret has a hundred."""


class NoSecret(Exception):
    """There is no secret where one should be. The text says where, and nothing of what is there."""


def read_secret(reference: str, environ: Mapping[str, str] | None = None) -> str:
    """Return the secret that a reference names: ``whsec_`` and base64.

    Args:
        reference: ``file:/run/secrets/crm`` or ``env:MEDLEMSFLYT_WEBHOOK_CRM``.
        environ: the variables; the process's own when left out.

    Raises:
        NoSecret: nothing is there that could sign.
    """
    found = REFERENCE.fullmatch(reference)
    if found is None:
        raise NoSecret("a secret is env:MEDLEMSFLYT_WEBHOOK_… or file:/…, where it can be read")
    variable, path = found.groups()
    if variable:
        secret = (os.environ if environ is None else environ).get(variable, "")
    else:
        secret = _text_of(Path(path), reference)
    secret = secret.strip()
    if not secret:
        raise NoSecret(f"there is nothing at {reference}")
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (NoBase64, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or len(key) not in SIZES:
        raise NoSecret(f"at {reference} is no secret: {PREFIX} and base64 of 24 to 64 bytes")
    return secret


def _text_of(path: Path, reference: str) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MOST_READ).decode("ascii")
    except (OSError, ValueError):
        raise NoSecret(f"{reference} can't be read") from None


def signature(secrets: Iterable[str], message_id: str, at: datetime, body: str) -> str:
    """Return the header ``webhook-signature``: of each secret one, any of which suffices.

    Args:
        secrets: the present one, then the one before it where both hold.
        message_id: the header ``webhook-id``.
        at: aware; the header ``webhook-timestamp`` is its seconds.
        body: as it is posted.
    """
    return " ".join(Webhook(secret).sign(message_id, at, body) for secret in secrets)
