"""Which activities of a workflow keep failing, and why: nothing else shows it to who waits."""

from dataclasses import dataclass

from temporalio.api.failure.v1 import Failure
from temporalio.client import WorkflowExecutionDescription
from temporalio.converter import DataConverter
from temporalio.exceptions import FailureError

OFTEN = 4
"""Attempts, some seconds after the first: what has failed so often needs somebody to look."""


@dataclass(frozen=True)
class FailingActivity:
    """An activity that is tried again and again.

    Attributes:
        reason: of its last attempt, the innermost one; our failures carry no values. One that
            says nothing, since all it said were values, is named by its type.
    """

    name: str
    attempt: int
    reason: str

    @property
    def says(self) -> str:
        """What is the matter, in a sentence that stays the same from one attempt to the next."""
        return f"{self.name} keeps failing: {self.reason}"


async def failing_activities(described: WorkflowExecutionDescription) -> list[FailingActivity]:
    """Return the pending activities of a workflow that have failed often."""
    return [
        FailingActivity(
            pending.activity_type.name,
            pending.attempt,
            await reason_of(described.data_converter, pending.last_failure),
        )
        for pending in described.raw_description.pending_activities
        if pending.attempt >= OFTEN and pending.HasField("last_failure")
    ]


async def reason_of(converter: DataConverter, failure: Failure) -> str:
    """Return what the cause of all causes says, or its type where it says nothing."""
    read = Failure()
    read.CopyFrom(failure)
    error = await converter.decode_failure(read)
    while isinstance(error.__cause__, FailureError):
        error = error.__cause__
    said = error.failure if isinstance(error, FailureError) else None
    return said.message or said.application_failure_info.type if said is not None else str(error)
