"""How a membership outlives its histories: one run ends, the next goes on from its record.

A membership lasts for decades; the history of a run is replayed whole and must stay short. So a
run ends in favour of the next when nothing is under way and there is a reason to, and hands over
its record and nothing else. The reasons belong to ``RENEWAL_VERSION``: a run that began under an
older one may have lived on where this code would end it, and ``workflow.patched`` knows.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NoReturn

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.workflow import ContinueAsNewVersioningBehavior

from schemas.secrecy.contracts import RunsToDelete
from schemas.secrecy.marks import RENEWS
from schemas.shared.vocabulary import Stage
from workflows.membership.record import (
    BEGINNINGS,
    RECORD_VERSION,
    RENEWAL_VERSION,
    SHOWN_DUPLICATES,
    MembershipRecord,
)
from workflows.shared import options

KEPT_LINES = 50
"""What is carried of each list that grows with every message; the database has all of it."""

JOINING = frozenset(
    {Stage.RECEIVED, Stage.UNDER_REVIEW, Stage.AWAITING_INFORMATION, Stage.ONBOARDING}
)
"""What comes before the settled life of a member: its end closes a run."""


class NewerRecord(Exception):
    """The record was carried over by newer code than this; a newer worker must read it."""


def is_continued() -> bool:
    """Tell whether this run was started by the one before it, with a record.

    Whoever starts a workflow with a cron schedule or a retry policy makes the server start further
    runs, with the first one's argument: those are starts like any other.
    """
    info = workflow.info()
    return bool(info.continued_run_id) and info.attempt == 1 and not info.cron_schedule


def this_run(record: MembershipRecord) -> RunsToDelete | None:
    """Return the run that a message has come to, and so stands in; None: it is never renewed."""
    if record.version < RENEWAL_VERSION:
        return None
    info = workflow.info()
    return RunsToDelete(workflow_id=info.workflow_id, run_ids=(info.run_id,))


def started_runs() -> RunsToDelete:
    """Return the runs that began with what another system sent: two where a limit was lifted."""
    info = workflow.info()
    both = dict.fromkeys((info.first_execution_run_id, info.run_id))
    return RunsToDelete(workflow_id=info.workflow_id, run_ids=tuple(both))


def version_begun() -> int:
    """Return the version of the record of a run that begins; asked in its first task only.

    Workers had no builds before there were renewals, and history keeps who did a task. A patch
    would cost two events and meet a fault of the SDK: replay hears of a patch in the first task
    before anything else, and then takes signals of unknown names in another order than before.
    """
    version = workflow.info().get_current_deployment_version()
    return RECORD_VERSION if version is not None and version.deployment_name else 1


def resumed(carried: RawValue | None, early: MembershipRecord) -> MembershipRecord:
    """Return the record that the run before carried over.

    Args:
        carried: the argument of a continued run.
        early: the record so far: messages may have been rejected before ``run`` began.

    Raises:
        NewerRecord: and like every failure to read it fails the workflow task, not the membership.
    """
    data = carried.payload.data if carried is not None else b""
    version = json.loads(data)["version"]
    if version > RECORD_VERSION:
        raise NewerRecord(f"record version {version}; this code reads up to {RECORD_VERSION}")
    record = MembershipRecord.model_validate_json(data)
    return record.model_copy(
        update={
            "version": RECORD_VERSION,
            "rejected": (*record.rejected, *early.rejected)[-KEPT_LINES:],
            "rejected_count": record.rejected_count + early.rejected_count,
        }
    )


def carried(record: MembershipRecord) -> MembershipRecord:
    """Return what the next run is told: of what grows for ever only the latest, and the approval.

    The approval says since when and by whom somebody is a member (``explain``).
    """
    older, latest = record.log[:-KEPT_LINES], record.log[-KEPT_LINES:]
    approval = tuple(line for line in older if line.about in BEGINNINGS)
    return record.model_copy(
        update={
            "log": (*approval, *latest),
            "rejected": record.rejected[-KEPT_LINES:],
            "payments": record.payments[-KEPT_LINES:],
            "possible_duplicates": record.possible_duplicates[:SHOWN_DUPLICATES],
            "asks_about_work": True,
            "version": RECORD_VERSION,
        }
    )


class Renewal:
    """Tells one run when to end, and ends it.

    Attributes:
        hands_over: the run holds what somebody wrote and is noted to be deleted: another goes on as
            soon as nothing is under way (ADR 75).

    Args:
        heard_plain: tells whether something stands in the history that a run of ours encrypts.
    """

    def __init__(self, heard_plain: Callable[[], bool] = lambda: False) -> None:
        """Begin with the run, in its first task."""
        self._heard_plain = heard_plain
        self._begun_at_event = _event()
        self._year_ends_at = workflow.now() + options.RENEW_AFTER
        self._joining = not is_continued()
        self._lived_on_at_event: int | None = None
        self.hands_over = False

    def resume(self, record: MembershipRecord) -> None:
        """Take note of the stage in which a continued run begins."""
        self._joining = record.stage in JOINING

    def due(self, record: MembershipRecord) -> bool:
        """Tell whether this run should end once nothing is under way.

        Never in a run's first task: two versions that each found the other newer would otherwise
        pass a membership to and fro without end.
        """
        return self._may_end() and (self._due_by_itself(record) or self._heard_plain())

    def _may_end(self) -> bool:
        elsewhere = _event() not in {self._begun_at_event, self._lived_on_at_event}
        return elsewhere and not workflow.info().cron_schedule

    def _due_by_itself(self, record: MembershipRecord) -> bool:
        info = workflow.info()
        return (
            self.hands_over
            or (self._joining and record.stage not in JOINING)
            or workflow.now() >= self._year_ends_at
            or _event() > options.RENEW_AFTER_EVENTS
            or info.is_continue_as_new_suggested()
            or info.is_target_worker_deployment_version_changed()
        )

    def moments(self, record: MembershipRecord) -> Iterator[tuple[datetime, str]]:
        """Yield when to look again if nothing else happens; runs of old have no such timer."""
        # What was heard in plain text moves no timer: a run may have begun before it was a reason.
        due = self._may_end() and self._due_by_itself(record)
        if record.version >= RENEWAL_VERSION and not due:
            yield self._year_ends_at, "the run is a year old"

    def renew(self, record: MembershipRecord) -> None:
        """End this run in favour of the next; return only where older code lived on."""
        here = _event()
        mark = self._mark(record)
        if mark is not None and not workflow.patched(f"{mark}-{here}"):
            self._lived_on_at_event = here
            return
        _continue_from(record)

    def _mark(self, record: MembershipRecord) -> str | None:
        """Return what a history is marked by where one of older code would have gone on here.

        What a run heard in plain text is a reason only where histories are encrypted: a run may
        have begun before they were.
        """
        if record.version < RENEWAL_VERSION:
            return "renewal"
        return None if self._due_by_itself(record) else "covered"


def _event() -> int:
    """How long the history is: the same at each task whenever it is replayed."""
    return workflow.info().get_current_history_length()


def _continue_from(record: MembershipRecord) -> NoReturn:
    handed_over = workflow.payload_converter().to_payload(carried(record))
    handed_over.metadata[RENEWS] = b"1"
    workflow.continue_as_new(
        RawValue(handed_over),
        # With none at all the server hands over that of the start.
        memo={"shed": None} if record.sheds_memo else None,
        initial_versioning_behavior=ContinueAsNewVersioningBehavior.AUTO_UPGRADE,
    )
