"""A Vault on this machine: the calls of its Transit engine that we make, and its ways to refuse."""

import json
import secrets
import threading
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TOKEN = "s.a-token-of-nobody"
ANOTHER = "s.another-token-of-nobody"

REFUSALS = {
    "sealed": (503, {"errors": ["Vault is sealed"]}),
    "denied": (403, {"errors": ["1 error occurred:\n\t* permission denied\n\n"]}),
    "unknown key": (400, {"errors": ["encryption key not found"]}),
    "broken": (500, {"errors": ["internal error"]}),
    "limited": (429, {"errors": ["request path is rate limited"]}),
    "moved": (307, {}),
    "no JSON": (200, "<html>a proxy's page</html>"),
    "another answer": (200, {"data": {"else": 1}}),
    "no data": (200, {"warnings": None}),
}


class Vault:
    """What it knows, and in which state it is.

    Attributes:
        state: one of REFUSALS, ``slow``, or None: it answers.
        refuses: how many calls until it answers again; None: all.
        whom: the token of whom it answers so; None: everybody.
        asked: each call it has answered, as method and path.
    """

    def __init__(self) -> None:
        self.versions = [AESGCM(AESGCM.generate_key(256))]
        self.state: str | None = None
        self.refuses: int | None = None
        self.whom: str | None = None
        self.slow_seconds = 0.0
        self.asked: list[tuple[str, str]] = []
        self.url = ""

    def encrypted(self, data: bytes) -> str:
        """Encrypt by the latest version, in Vault's form."""
        nonce = secrets.token_bytes(12)
        hidden = nonce + self.versions[-1].encrypt(nonce, data, None)
        return f"vault:v{len(self.versions)}:{b64encode(hidden).decode()}"

    def decrypted(self, ciphertext: str) -> bytes:
        """Decrypt by the version that is named."""
        _, version, data = ciphertext.split(":")
        hidden = b64decode(data)
        return self.versions[int(version[1:]) - 1].decrypt(hidden[:12], hidden[12:], None)

    def answer(self, method: str, path: str, body: Any, token: str = TOKEN) -> tuple[int, Any]:
        """Answer a call as Vault does."""
        if self.state in REFUSALS and self.whom in {None, token}:
            refusal = REFUSALS[self.state]
            if self.refuses is not None:
                self.refuses -= 1
                self.state = self.state if self.refuses else None
            return refusal
        try:
            return self._transit(method, path, body)
        except (InvalidTag, ValueError, IndexError):
            return 400, {"errors": ["cipher: message authentication failed"]}

    def _transit(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        match method, path.removeprefix("/v1/transit/"):
            case "GET", "keys/members":
                return 200, {"data": {"latest_version": len(self.versions)}}
            case "POST" | "PUT", "keys/members/rotate":
                self.versions.append(AESGCM(AESGCM.generate_key(256)))
                return 204, None
            case "POST" | "PUT", "encrypt/members":
                return 200, {"data": {"ciphertext": self.encrypted(b64decode(body["plaintext"]))}}
            case "POST" | "PUT", "decrypt/members":
                plain = b64encode(self.decrypted(body["ciphertext"])).decode()
                return 200, {"data": {"plaintext": plain}}
            case "POST" | "PUT", "rewrap/members":
                again = self.encrypted(self.decrypted(body["ciphertext"]))
                return 200, {"data": {"ciphertext": again}}
            case _:
                return 404, {"errors": []}


@contextmanager
def running() -> Iterator[Vault]:
    """Run one until the end of the block."""
    vault = Vault()

    class Handler(BaseHTTPRequestHandler):
        def _take(self) -> None:
            if vault.state == "slow":
                time.sleep(vault.slow_seconds)
            length = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(length) or b"null")
            token = self.headers.get("X-Vault-Token")
            if token not in {TOKEN, ANOTHER}:
                code, said = REFUSALS["denied"]
            else:
                code, said = vault.answer(self.command, self.path, body, token)
            vault.asked.append((self.command, self.path))
            data = said.encode() if isinstance(said, str) else json.dumps(said).encode()
            self.send_response(code)
            if code == 307:
                self.send_header("Location", "http://127.0.0.1:9/v1/")
            if code != 204:
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if code != 204:
                self.wfile.write(data)

        do_GET = do_POST = do_PUT = _take  # noqa: N815 - the library's names

        def log_message(self, *_: Any) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    vault.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    try:
        yield vault
    finally:
        server.shutdown()
        server.server_close()
