"""Reading what a workflow was started with, and turning the receipt into a record."""

from datetime import datetime, timedelta

from pydantic import ValidationError
from temporalio.common import RawValue

from schemas.access.roles import may_start
from schemas.access.stamps import START, BadStamp, Signed, fitting
from schemas.membership.application import Application
from schemas.membership.decision import Intake, IntakeReceipt
from schemas.membership.form import Form
from schemas.membership.state import ExplanationLine
from schemas.names import WorkflowType
from schemas.pricing.policies import AccessPolicies
from schemas.secrecy.contracts import RunsToDelete
from schemas.secrecy.marks import CLOSED, is_unreadable
from schemas.shared.calendar import oslo_date
from schemas.shared.faults import faults_of
from schemas.shared.vocabulary import Event, Outcome, Stage, Template
from workflows.membership.decisions.review import ended
from workflows.membership.decisions.step import Letters
from workflows.membership.record import RENEWAL_VERSION, MembershipRecord, Review, found_alike

MAX_TEXT = 20_000
"""Characters kept of what could not be read: enough to see what it was."""


def read(
    raw: RawValue | None,
    argument_fault: str | None,
    record: MembershipRecord,
    at: datetime,
    runs: RunsToDelete,
) -> Intake:
    """Return what a workflow was started with, readable or not.

    Args:
        raw: the first payload, or None when there was none.
        argument_fault: what was wrong with the number of arguments, or None.
        record: of the membership, still empty.
        at: when it arrived.
        runs: that were started with it, the first one first.
    """
    application, faults = (
        (None, (f"the start {argument_fault}",)) if argument_fault else _parsed(raw)
    )
    letters = Letters.of(record).member(Template.APPLICATION_RECEIVED).to_caseworkers("review")
    return Intake(
        membership_id=record.membership_id,
        received_at=at,
        received_on=oslo_date(at),
        application=application,
        text="" if application else text_of(raw),
        faults=faults,
        letters=letters.done() if application else (),
        run_id=runs.run_ids[0],
        runs=runs if record.version >= RENEWAL_VERSION else None,
    )


def stamped(intake: Intake, raw: RawValue | None, namespace: str) -> Intake:
    """Return what a workflow was started with, with who says to have started it.

    One whose stamp does not fit, or who may not, has started nothing.
    """
    try:
        signed = _signed(intake, raw, namespace)
    except BadStamp as why:
        faults = (f"the application: {why}", *intake.faults)
        return intake.model_copy(
            update={"application": None, "text": text_of(raw), "faults": faults, "letters": ()}
        )
    return intake if signed is None else intake.model_copy(update={"stamp": signed.stamp})


def _signed(intake: Intake, raw: RawValue | None, namespace: str) -> Signed | None:
    """Return who says to have started a workflow.

    Raises:
        BadStamp: the stamp does not fit, or whose it is may not.
    """
    if raw is None:
        return None
    signed = fitting(
        raw.payload.metadata,
        raw.payload.data,
        namespace=namespace,
        workflow_id=intake.membership_id,
        message=START,
        now=intake.received_at,
        valid_for=timedelta(hours=AccessPolicies().stamp_valid_hours),
    )
    if signed is not None and not may_start(signed.claims.roles, WorkflowType.MEMBERSHIP):
        raise BadStamp("may not be sent by who has stamped it: see the table of roles")
    return signed


def text_of(raw: RawValue | None) -> str:
    """Return what was sent, as far as it is kept, ASCII-escaped."""
    return ascii((raw.payload.data if raw is not None else b"")[:MAX_TEXT])[2:-1]


def _parsed(raw: RawValue | None) -> tuple[Application | None, tuple[str, ...]]:
    if raw is not None and is_unreadable(raw.payload.metadata):
        return None, (f"the application {CLOSED}",)
    data = raw.payload.data if raw is not None else b""
    if not data:
        return None, ("the application is missing: the start takes exactly one JSON object",)
    try:
        return Application.model_validate_json(data), ()
    except ValidationError as error:
        return None, tuple(faults_of(error))
    except Exception as error:  # noqa: BLE001 - a fault in a validator of ours fails no task
        return None, (f"the application can't be read ({type(error).__name__})",)


def received(record: MembershipRecord, intake: Intake, receipt: IntakeReceipt) -> MembershipRecord:
    """Return the record of an application that has been kept: under review, unless faulty."""
    faults = (*intake.faults, *receipt.faults)
    form = intake.application
    line = ExplanationLine(
        about=Event.APPLICATION_RECEIVED,
        says="the application was received",
        rules=("S29",),
        decided_by=receipt.started_by or "applicant",
        at=intake.received_at,
        confidential=False,
    )
    return record.model_copy(
        update={
            "stage": record.stage if faults else Stage.UNDER_REVIEW,
            "application": Form.of(form) if form else None,
            "category": form.category if form else None,
            "rulebook": receipt.rulebook,
            "faults": faults,
            **found_alike(receipt.kin, oslo_date(intake.received_at)),
            "former": receipt.former,
            "review": Review(since=intake.received_at),
            "decisions": 1,
            "log": (line,),
        }
    )


def taken(record: MembershipRecord) -> MembershipRecord:
    """Return the record of a start under an id that another application has used before.

    Nothing is kept under that id: the membership that has it is not disturbed.
    """
    fault = "the workflow id was used for another application: start with a new one"
    return ended(record, Outcome.INVALID).model_copy(update={"faults": (fault,)})


def unknown(record: MembershipRecord) -> MembershipRecord:
    """Return the record of a run that was started to go on, where there is nothing to go on from.

    Nothing is kept under its id: there is none, or it is erased.
    """
    fault = "no membership is stored under this id: an application starts one"
    return ended(record, Outcome.INVALID).model_copy(update={"faults": (fault,)})
