"""`medlemsflyt dev --require-signed`: taken is what came through the gateway."""

import json
import subprocess
import urllib.request
import uuid
from pathlib import Path
from typing import Any

from tests.devstack import Dev, free_offset
from tests.life import application
from workers.gateway.identity import kept
from workers.gateway.identity.provider import signed
from workers.gateway.settings import DEFAULT_AUDIENCE
from workers.stack.extra import temporal_program

APPROVAL = {"decision": "approve", "caseworker": "ola"}


def posted(url: str, body: object, token: str) -> Any:
    """Send something through the gateway."""
    request = urllib.request.Request(
        url,
        json.dumps(body).encode(),
        {
            "authorization": f"Bearer {token}",
            "content-type": "application/json",
            "idempotency-key": str(uuid.uuid4()),
        },
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer) | {"at": answer.headers["location"]}


def updated(record: dict[str, Any], member: str, name: str, said: object) -> str:
    """Send an update past the gateway; return what its sender is told."""
    done = subprocess.run(
        [
            *(temporal_program(), "workflow", "update", "execute", "-w", member, "--name", name),
            *("--input", json.dumps(said), "--address", record["temporal_address"]),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode != 0, done.stdout
    return done.stderr


async def test_what_nobody_has_signed_is_told_nothing(tmp_path: Path) -> None:
    """Whether the membership could take it or not: the same words; through the gateway it does."""
    dev = Dev(tmp_path / "data", await free_offset(), "--require-signed")
    record = await dev.start()
    try:
        door = record["gateway_url"]
        identity = kept.load(dev.folder / kept.FILE)

        def token(role: str) -> str:
            about = {"sub": f"{role}:kari", "name": "kari", "roles": [role]}
            return signed(identity, f"{door}{kept.PATH}", DEFAULT_AUDIENCE, about)

        begun = posted(f"{door}/api/v1/memberships", application(), token("system"))
        member = begun["at"].rpartition("/")[2]
        taken = updated(record, member, "decide_application", APPROVAL)
        not_taken = updated(record, member, "resign", {"received_on": "2026-11-22"})
        for says in (taken, not_taken):
            assert "is not signed: send it through the gateway" in " ".join(says.split())
        approved = posted(
            f"{door}/api/v1/memberships/{member}/messages/decide_application",
            APPROVAL,
            token("caseworker"),
        )
        assert approved["applied"] is True
    finally:
        await dev.stop()
        dev.end()
