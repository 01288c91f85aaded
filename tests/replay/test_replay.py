"""Recorded histories keep replaying: running memberships survive every new version of the code.

To add a history for a new story: ``MEDLEMSFLYT_RECORD=1 make test ARGS=tests/replay``. It writes
only what is missing; a story that goes through several runs leaves one file for each. A history
that no longer replays is never recorded anew: the change that broke it needs ``workflow.patched``
or a new version.
"""

import json
import os
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from tests.replay.mutated import MutatedMembership
from tests.replay.stories import STORIES
from tests.runs import runs_of
from workers.workflows import CONVERTER
from workflows.membership.workflow import Membership
from workflows.shared.sandbox import sandboxed_runner
from workflows.shared.tolerance import ToleranceInterceptor

HISTORIES = Path(__file__).parent / "histories"
CORPUS = sorted(HISTORIES.glob("*.json"))


def replayer(cls: type = Membership) -> Replayer:
    """Return a replayer set up exactly as the worker is."""
    return Replayer(
        workflows=[cls],
        workflow_runner=sandboxed_runner(),
        interceptors=[ToleranceInterceptor()],
        data_converter=CONVERTER,
    )


def history_of(path: Path) -> WorkflowHistory:
    """Return a recorded history."""
    return WorkflowHistory.from_json(f"membership-{path.stem}", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", STORIES)
async def test_every_story_plays_and_its_history_replays(apply, name):
    """What the present code does can be replayed by the present code."""
    life = await STORIES[name](apply)
    for number, history in enumerate(await runs_of(life.handle, life.skipper.client), start=1):
        await replayer().replay_workflow(history)
        if os.environ.get("MEDLEMSFLYT_RECORD"):
            record(
                history, HISTORIES / (f"{name}.json" if number == 1 else f"{name}-{number}.json")
            )
    recorded = HISTORIES / f"{name}.json"
    assert recorded.exists(), f"no history of {name} is recorded; see the docstring of this file"


def record(history: WorkflowHistory, path: Path) -> None:
    """Write a history down unless one stands there already."""
    if not path.exists():
        content = json.dumps(json.loads(history.to_json()), indent=1, ensure_ascii=False)
        path.write_text(content + "\n", encoding="utf-8")


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
async def test_recorded_histories_still_replay(path):
    """A change that breaks running memberships is caught here."""
    await replayer().replay_workflow(history_of(path))


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
async def test_a_mutation_is_caught(path):
    """The corpus has teeth: a workflow that does one thing more fails to replay."""
    with pytest.raises(workflow.NondeterminismError):
        await replayer(MutatedMembership).replay_workflow(history_of(path))
