"""The recorded histories: how they are written down, read back and replayed. See README.md."""

import json
import os
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHandle, WorkflowHistory
from temporalio.worker import Interceptor, Replayer

from tests.runs import runs_of
from workers.workflows import CONVERTER
from workflows.deduction.report import DeductionReport
from workflows.deduction.settlement import DeductionSettlement
from workflows.dues.run import DuesRun
from workflows.events.delivery import EventDelivery
from workflows.letters.mailing import Mailing
from workflows.membership.workflow import Membership
from workflows.pricing.repricing import Repricing
from workflows.privacy.erasure import Erasure
from workflows.shared.sandbox import sandboxed_runner
from workflows.shared.tolerance import ToleranceInterceptor

HISTORIES = Path(__file__).parent / "histories"
CORPUS = sorted(HISTORIES.glob("*.json"))

RECORDED = (
    Membership,
    DeductionSettlement,
    DeductionReport,
    DuesRun,
    Erasure,
    EventDelivery,
    Mailing,
    Repricing,
)
"""Every workflow of which a history is recorded."""


def replayer(*classes: type, mutations: Sequence[Interceptor] = ()) -> Replayer:
    """Return a replayer set up exactly as the worker is.

    Args:
        classes: what to replay with; all that is recorded, as it is, unless told otherwise.
        mutations: what else comes between the histories and the workflows.
    """
    return Replayer(
        workflows=classes or RECORDED,
        workflow_runner=sandboxed_runner(),
        interceptors=[*mutations, ToleranceInterceptor()],
        data_converter=CONVERTER,
    )


def history_of(path: Path) -> WorkflowHistory:
    """Return a recorded history, under the id it was recorded with."""
    content = json.loads(path.read_text(encoding="utf-8"))
    started = content["events"][0]["workflowExecutionStartedEventAttributes"]
    return WorkflowHistory.from_json(started["workflowId"], content)


async def failures(replayer: Replayer, paths: Iterable[Path]) -> Mapping[str, Exception]:
    """Return why histories do not replay, by the id of each one's run."""

    async def histories() -> AsyncIterator[WorkflowHistory]:
        for path in paths:
            yield history_of(path)

    found = await replayer.replay_workflows(histories(), raise_on_replay_failure=False)
    return found.replay_failures


def is_recording() -> bool:
    """Tell whether stories without a history are to leave one."""
    return bool(os.environ.get("MEDLEMSFLYT_RECORD"))


async def replays(handle: WorkflowHandle[Any, Any], client: Client, name: str) -> None:
    """Replay all runs of a workflow that has just been played; record them if that is wanted."""
    for number, history in enumerate(await runs_of(handle, client), start=1):
        await replayer().replay_workflow(history)
        if is_recording():
            record(
                history, HISTORIES / (f"{name}.json" if number == 1 else f"{name}-{number}.json")
            )
    recorded = HISTORIES / f"{name}.json"
    assert recorded.exists(), f"no history of {name} is recorded; see README.md"


def record(history: WorkflowHistory, path: Path) -> None:
    """Write a history down unless one stands there already."""
    if not path.exists():
        content = json.dumps(anonymous(json.loads(history.to_json())), indent=1, ensure_ascii=False)
        path.write_text(content + "\n", encoding="utf-8")


def anonymous(content: Any) -> Any:
    """Return a history without what it says of the machine it was recorded on."""
    if isinstance(content, list):
        return [anonymous(one) for one in content]
    if not isinstance(content, dict):
        return content
    kept = {name: anonymous(value) for name, value in content.items() if name != "stackTrace"}
    return {**kept, "identity": "1@worker"} if "identity" in kept else kept
