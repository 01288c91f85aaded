"""What stands in histories that somebody wrote, and which runs are deleted for it (ADR 75)."""

from collections.abc import Iterator

from pydantic import BaseModel

from schemas.shared.base import Contract
from schemas.shared.messages import Message

TELLING = frozenset(
    {
        "additional_information",
        "applicant",
        "basis",
        "consent_how",
        "consent_words",
        "documentation",
        "evidence",
        "guardian_consent",
        "information",
        "position",
        "proof",
        "reason",
        "school",
        "union",
    }
)
"""The fields of messages that say who somebody is, or hold what people write in their own words."""


class RunsToDelete(Contract):
    """Runs of a workflow that hold what somebody wrote: to be deleted once another has gone on."""

    workflow_id: str
    run_ids: tuple[str, ...]


def tells(message: Message) -> bool:
    """Tell whether a message says who somebody is, or something in words of its sender's own."""
    return any(_told(message))


def _told(model: BaseModel) -> Iterator[bool]:
    for name in type(model).model_fields:
        value = getattr(model, name)
        if name in TELLING and value is not None:
            yield True
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, BaseModel):
                yield from _told(part)
