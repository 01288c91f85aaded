"""Master keys in HashiCorp Vault or OpenBao: the Transit engine, by the library ``hvac``."""

import asyncio
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection
from typing import Any

import hvac
import requests
from hvac.exceptions import (
    Forbidden,
    InvalidPath,
    InvalidRequest,
    RateLimitExceeded,
    Unauthorized,
    VaultDown,
    VaultError,
    VaultNotInitialized,
)

from activities.secrecy.errors import KeysUnavailable, Unreadable
from activities.secrecy.masters import MasterKeys, Wrapped

TIMEOUT_SECONDS = 3
"""A Vault that is slower is down: whoever waits for a key waits with a patience of its own."""

BROKEN = ("message authentication failed", "invalid ciphertext")
"""What Vault says of a cipher text that no version of the key opens."""

LET_IN = (
    "give MEDLEMSFLYT_VAULT_TOKEN a token that is valid and whose policy allows it "
    "(docs/for-operators.md, Keys)"
)
NAMED_KEY = (
    "see the mount and the name in MEDLEMSFLYT_MASTER_KEY; where the key itself is lost, put Vault "
    "back from its backup (docs/runbook.md, Master key)"
)
UNSEAL = "unseal Vault (docs/runbook.md, Master key)"
OTHERWISE = "see MEDLEMSFLYT_VAULT_URL, and Vault's log"
REMEDIES: tuple[tuple[type[Exception], str], ...] = (
    (Unauthorized, LET_IN),
    (Forbidden, LET_IN),
    (VaultDown, UNSEAL),
    (VaultNotInitialized, UNSEAL),
    (RateLimitExceeded, "raise the quota that Vault sets this token, or wait"),
    (InvalidPath, NAMED_KEY),
    (InvalidRequest, NAMED_KEY),
    (requests.exceptions.SSLError, "see MEDLEMSFLYT_VAULT_CA_FILE, and Vault's certificate"),
    (requests.ConnectionError, "start Vault, or see MEDLEMSFLYT_VAULT_URL and the network"),
)
"""What to do, by what the library raises; the first that fits."""


class VaultTransit(MasterKeys):
    """A key of Vault's Transit engine, which wraps and never leaves Vault.

    Args:
        address: such as ``https://vault.example.org:8200``.
        token: whose policy allows ``update`` on encrypt, decrypt and rewrap of the key, and
            ``read`` on the key; for a rotation ``update`` on its ``rotate``.
        mount: where the engine is.
        name: the key's.
        ca_file: of the authority that signed Vault's certificate; None: the system's.
        namespace: of Vault, where it has any.
        timeout: seconds.
    """

    def __init__(
        self,
        address: str,
        token: str,
        mount: str,
        name: str,
        *,
        ca_file: str | None = None,
        namespace: str | None = None,
        timeout: int = TIMEOUT_SECONDS,
    ) -> None:
        self._key = {"name": name, "mount_point": mount}
        self._label = f"vault:{mount}/{name}"
        self._client = hvac.Client(
            url=address,
            token=token,
            namespace=namespace,
            verify=ca_file or True,
            timeout=timeout,
            allow_redirects=False,
        )

    async def newest(self) -> str:
        """Return the label of the key's latest version."""
        return self._version(await self._ask("latest_version", lambda t: t.read_key(**self._key)))

    async def wrap(self, data: bytes) -> Wrapped:
        """Have Vault encrypt data by the latest version."""
        plain = b64encode(data).decode()
        return self._wrapped(
            await self._ask("ciphertext", lambda t: t.encrypt_data(plaintext=plain, **self._key))
        )

    async def unwrap(self, wrapped: Wrapped) -> bytes:
        """Have Vault decrypt it."""
        hidden = self._ours(wrapped)
        return b64decode(
            await self._ask("plaintext", lambda t: t.decrypt_data(ciphertext=hidden, **self._key))
        )

    async def rewrap(self, wrapped: Wrapped) -> Wrapped:
        """Have Vault put it under the latest version; the key in it is not shown to us."""
        hidden = self._ours(wrapped)
        return self._wrapped(
            await self._ask("ciphertext", lambda t: t.rewrap_data(ciphertext=hidden, **self._key))
        )

    async def add(self) -> str:
        """Rotate the key: older versions go on decrypting."""
        await self._ask(None, lambda t: t.rotate_key(**self._key))
        return await self.newest()

    async def retire(self, in_use: Collection[str]) -> None:
        """Forget nothing: Vault's operator sets its ``min_decryption_version``."""

    def _version(self, number: str) -> str:
        return f"{self._label}:v{number}"

    def _wrapped(self, ciphertext: str) -> Wrapped:
        # vault:v3:…
        return Wrapped(ciphertext.encode(), self._version(ciphertext.split(":")[1].lstrip("v")))

    def _ours(self, wrapped: Wrapped) -> str:
        if not wrapped.master.startswith(f"{self._label}:"):
            raise KeysUnavailable(
                f"{self._label} is not the master key {wrapped.master}, which wraps a data key: "
                "set MEDLEMSFLYT_MASTER_KEY to that one (docs/runbook.md, Master key)"
            )
        return wrapped.data.decode()

    async def _ask(self, wanted: str | None, call: Callable[[Any], Any]) -> str:
        """Ask Vault for something; the library waits for the answer, so it does in a thread.

        Args:
            wanted: what of the answer; None: that it was taken.
            call: given the engine.
        """
        try:
            answer = await asyncio.to_thread(call, self._client.secrets.transit)
            return str(answer["data"][wanted]) if wanted is not None else ""
        except InvalidRequest as error:
            if any(words in str(error) for words in BROKEN):
                raise Unreadable("Vault can't open what was wrapped") from None
            raise KeysUnavailable(self._says(error)) from None
        except (VaultError, requests.RequestException, LookupError, TypeError) as error:
            raise KeysUnavailable(self._says(error)) from None

    def _says(self, error: Exception) -> str:
        """Return what stands in the way, in Vault's words, none of them ours, and what to do."""
        words = ", ".join(getattr(error, "errors", None) or ()) or type(error).__name__
        said = " ".join(words.split())  # Vault breaks its lines
        remedy = next((what for kind, what in REMEDIES if isinstance(error, kind)), OTHERWISE)
        return f"{self._label} does not answer as it should ({said}): {remedy}"
