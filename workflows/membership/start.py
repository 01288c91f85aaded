"""What a membership makes of the way it was started: its id, its limits, what was planted on it.

Another system chooses the workflow id and may send search attributes, a memo and timeouts along.
An id can hold a name or a national id and would stand in logs, letters, tables and addresses; a
timeout would end a member's life without a word. A run timeout is lifted before anything else; what
can't be put right ends as invalid, under an id of ours, and its application is kept for the
caseworkers; what was planted is taken away.
"""

import json
from base64 import b64decode, b64encode
from datetime import timedelta
from typing import Any, NoReturn

from pydantic import ValidationError
from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue, SearchAttributeUpdate
from temporalio.workflow import ContinueAsNewVersioningBehavior

from schemas.access.stamps import ACTOR_KEY, SIGNATURE_KEY
from schemas.membership.decision import Intake
from schemas.names import SHOWN, WorkflowType, is_own_id, membership_id
from workflows.membership.record import MembershipRecord
from workflows.membership.renewal import is_continued, resumed
from workflows.shared.search_attributes import ATTRIBUTES

WRONG_ID = f"the workflow id must be {SHOWN[WorkflowType.MEMBERSHIP]}: start again under such a one"
LIMITED = "a membership lasts for life: start again without a timeout or a schedule"

FOR_LIFE = timedelta(days=36_500)
"""The longest that the server takes, for each run anew. None at all can't be asked for."""

_LIFTED = "lifted"
_STAMP = "stamp"

_IMPORTED = b'{"imported":'

REBUILD = b'{"rebuild": true}'
"""The argument that starts a membership which goes on from what PostgreSQL has of it."""

CARRIED_OVER = 1
"""The one decision in the log of a member who is carried over from another system."""


def is_ours(workflow_id: str) -> bool:
    """Tell whether an id has the form of a membership's, which can hold nothing about anybody."""
    return is_own_id(WorkflowType.MEMBERSHIP, workflow_id)


def faults_of_start() -> tuple[str, ...]:
    """Return what is wrong with how this workflow was started."""
    info = workflow.info()
    faults = () if is_ours(info.workflow_id) else (WRONG_ID,)
    limited = info.execution_timeout or info.cron_schedule or _is_short(info.run_timeout)
    return (*faults, LIMITED) if limited else faults


def can_lift_limit() -> bool:
    """Tell whether a run that begins has a limit which its next run need not have.

    A run that goes on from another is given its timeout anew, and no cron schedule.

    Histories from before there was this have no mark of it. Asked for in the first task, where a
    mark may come before signals of that task (``version_begun``): only if there were none.
    """
    info = workflow.info()
    limited = _is_short(info.run_timeout) or bool(info.cron_schedule)
    bound = info.execution_timeout or is_continued()
    return limited and not bound and workflow.patched("limit-lifted")


def _is_short(timeout: timedelta | None) -> bool:
    return timeout is not None and timedelta() < timeout < FOR_LIFE


def lift_limit(application: RawValue | None) -> NoReturn:
    """Go on in a run that lasts, with what this one was started with."""
    payload = application.payload if application is not None else Payload()
    stamp = {
        name: b64encode(payload.metadata[name]).decode()
        for name in (ACTOR_KEY, SIGNATURE_KEY)
        if name in payload.metadata
    }
    workflow.continue_as_new(
        {_LIFTED: b64encode(payload.data).decode(), **({_STAMP: stamp} if stamp else {})},
        run_timeout=FOR_LIFE,
        initial_versioning_behavior=ContinueAsNewVersioningBehavior.AUTO_UPGRADE,
    )


def as_started(argument: RawValue | None) -> RawValue | None:
    """Return what a membership was started with, where its limit was lifted first.

    Args:
        argument: of a run that goes on from another: nobody else can send it.

    Returns:
        None for a record: that membership has long begun.
    """
    found = json.loads(argument.payload.data if argument is not None else b"")
    if _LIFTED not in found:
        return None
    stamp = {name: b64decode(value) for name, value in found.get(_STAMP, {}).items()}
    return RawValue(Payload(metadata=stamp, data=b64decode(found[_LIFTED])))


def bringing(record: MembershipRecord) -> bytes:
    """Return the argument that starts a membership with its record, as JSON."""
    return _IMPORTED + record.model_dump_json().encode() + b"}"


def brought(argument: RawValue | None, early: MembershipRecord) -> MembershipRecord | None:
    """Return the record that a membership was started with; None: an application, or anything else.

    Nobody gains by sending one. Whatever the membership decides is recorded as decision 2 of rows
    that must be there, and whoever has such rows and no more has a workflow already.

    Args:
        argument: of the start.
        early: the record so far; the record of another membership is none of its.

    Raises:
        NewerRecord: newer code wrote it.
    """
    data = argument.payload.data if argument is not None else b""
    if not data.startswith(_IMPORTED):
        return None
    try:
        record = resumed(RawValue(Payload(data=data[len(_IMPORTED) : -1])), early)
    except (ValidationError, ValueError, KeyError, TypeError):
        return None
    same = record.membership_id == early.membership_id and record.decisions == CARRIED_OVER
    return record if same and record.member_number is not None else None


def is_rebuilt(argument: RawValue | None) -> bool:
    """Tell whether a membership was started to go on from what PostgreSQL has of it.

    Nobody gains by sending that: what there is goes on as it stands, and no two run under one id.
    """
    data = argument.payload.data if argument is not None else b""
    return b"".join(data.split()) == b"".join(REBUILD.split())


def wrongly_started(kept: Intake, text: str) -> Intake:
    """Return what is kept of a wrongly started application: nothing of it is acted upon."""
    faults = faults_of_start()
    if not faults:
        return kept
    ours = is_ours(kept.membership_id)
    return kept.model_copy(
        update={
            "membership_id": kept.membership_id if ours else membership_id(workflow.uuid4()),
            "application": None,
            "text": text,
            "faults": (*faults, *kept.faults),
            "letters": (),
            "stamp": None,
        }
    )


def remove_foreign_attributes() -> None:
    """Unset foreign search attributes and the memo of the start; an ordinary one has none.

    The server's own stay, also the one of them that a client may set: the SDK drops what is said
    of it, and an upsert of nothing fails the task.
    """
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
