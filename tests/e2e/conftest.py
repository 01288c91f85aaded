"""A running `medlemsflyt dev` that the tests of the UI, the README and foreign clients share."""

import json
import sys
import urllib.request
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.devstack import Dev, free_offset

ROOT = Path(__file__).parents[2]

Json = dict[str, Any]


@dataclass(frozen=True)
class RunningStack:
    """A stack as other systems see it: by its addresses, in plain HTTP.

    Attributes:
        dev: the command, and its processes.
        record: the content of stack.json.
    """

    dev: Dev
    record: Json

    @property
    def folder(self) -> Path:
        """What ``--data`` says."""
        return self.dev.folder

    def post(self, path: str, body: Json) -> Json:
        """Post to Temporal's HTTP API, below a namespace's workflows."""
        request = urllib.request.Request(
            f"{self.record['http_url']}/api/v1/namespaces/default/workflows/{path}",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            found: Json = json.load(answer)
        return found

    def start(self, membership_id: str, application: Json) -> None:
        """Start a membership as another system does."""
        self.post(
            membership_id,
            {
                "workflowType": {"name": "Membership"},
                "taskQueue": {"name": "membership"},
                "input": [application],
                "requestId": membership_id,
            },
        )

    def state(self, membership_id: str) -> Json:
        """Ask a membership for its state."""
        answer = self.post(f"{membership_id}/query/state", {})
        (found,) = answer["queryResult"]
        return dict(found)

    def rejected(self, membership_id: str) -> int:
        """Return how many messages were not applied; this API says null for an empty list."""
        return len(self.state(membership_id)["rejected_messages"] or ())


def leave_open(folder: Path) -> None:
    """Make a folder of a stack with files that everybody may read."""
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "lock").touch()
    for name in ("logs", "temporal"):
        (folder / name).mkdir()
        (folder / name).chmod(0o755)
    for name in ("lock", "logs/migrate.log", "temporal/kept.db"):
        (folder / name).touch()
        (folder / name).chmod(0o644)


@pytest.fixture(scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningStack]:
    """The whole stack in processes of its own, by the command a person types.

    In a folder that an earlier version left open.
    """
    folder = tmp_path_factory.mktemp("stack") / "data"
    leave_open(folder)
    dev = Dev(folder, await free_offset(), "--time-skipping")
    try:
        yield RunningStack(dev, await dev.start())
    finally:  # also when it did not come up in time
        dev.end()


@pytest.fixture
def checkout(tmp_path: Path, stack: RunningStack) -> Path:
    """A folder that looks like this checkout while `make dev` runs in it."""
    for name in ("docs", "schemas", "workflows", "activities", "workers"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / ".venv").symlink_to(Path(sys.executable).parents[1])
    (tmp_path / ".medlemsflyt").symlink_to(stack.folder)
    return tmp_path
