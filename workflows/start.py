"""What a membership makes of the way it was started: its id, its limits, what was planted on it.

Another system chooses the workflow id and may send search attributes, a memo and timeouts along.
An id can hold a name or a national id and would stand in logs, letters, tables and addresses; a
timeout would end a member's life without a word. So one that was started so ends as invalid,
under an id of ours, and its application is kept for the caseworkers; what was planted is taken
away.
"""

from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeUpdate

from schemas.decision import Intake
from schemas.workflow_ids import SHOWN, is_own_id
from workflows.renewal import ATTRIBUTES

WRONG_ID = f"the workflow id must be {SHOWN['Membership']}: start again under such a one"
LIMITED = "a membership lasts for life: start again without an execution or run timeout"


def is_ours(workflow_id: str) -> bool:
    """Tell whether an id has the form of a membership's, which can hold nothing about anybody."""
    return is_own_id("Membership", workflow_id)


def faults_of_start() -> tuple[str, ...]:
    """Return what is wrong with how this workflow was started."""
    info = workflow.info()
    faults = () if is_ours(info.workflow_id) else (WRONG_ID,)
    return (*faults, LIMITED) if info.execution_timeout or info.run_timeout else faults


def wrongly_started(kept: Intake, text: str) -> Intake:
    """Return what is kept of a wrongly started application: nothing of it is acted upon."""
    faults = faults_of_start()
    if not faults:
        return kept
    ours = is_ours(kept.membership_id)
    return kept.model_copy(
        update={
            "membership_id": kept.membership_id if ours else f"membership-{workflow.uuid4()}",
            "application": None,
            "text": text,
            "faults": (*faults, *kept.faults),
            "letters": (),
        }
    )


def take_away_what_was_planted() -> None:
    """Unset foreign search attributes and the memo of the start; an ordinary one has none."""
    info = workflow.info()
    own = {key.name for key in ATTRIBUTES}
    foreign: list[SearchAttributeUpdate[Any]] = [
        pair.key.value_unset()
        for pair in info.typed_search_attributes
        if pair.key.name not in own and not pair.key.name.startswith(("Temporal", "BuildId"))
    ]
    if foreign:
        workflow.upsert_search_attributes(foreign)
    if info.raw_memo:
        workflow.upsert_memo(dict.fromkeys(info.raw_memo))
