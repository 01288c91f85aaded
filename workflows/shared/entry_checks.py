"""What is refused when it comes in, though the contract reads it back from older histories."""

from temporalio import workflow

from schemas.shared.base import Inbound
from schemas.shared.texts import faults_in_texts


def refused_at_the_door(message: Inbound) -> str | None:
    """Return why a message's texts can't be taken, or None; of an update, before it is history."""
    return "; ".join(faults_in_texts(message)) or None


def refused_as_signal(message: Inbound) -> str | None:
    """Return why a signal's texts can't be taken, or None; one of old is taken as it was then.

    The patch costs an event, and only where there is something to refuse: a run without such a
    text has none.
    """
    reason = refused_at_the_door(message)
    here = workflow.info().get_current_history_length()
    return reason if reason and workflow.patched(f"texts-{here}") else None
