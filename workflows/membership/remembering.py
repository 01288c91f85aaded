"""An update counts once: what is kept of it, and its answer when it comes again."""

from schemas.access.update_ids import why_taken
from schemas.membership.decision import Applied
from schemas.membership.messages import Answer
from schemas.shared.vocabulary import Stage
from workflows.shared.inbox import Item, UpdateIdTaken


def remembered(item: Item[Answer], stage: Stage, says: str) -> Applied | None:
    """Return what is kept of an update that is applied; None of a signal."""
    if item.update_id is None:
        return None
    answer = Answer(applied=True, stage=stage, says=says)
    return Applied(update_id=item.update_id, name=item.name, answer=answer)


def answer_again(applied: Applied, name: str, update_id: str) -> Answer:
    """Return the answer to an update that was applied before.

    Raises:
        UpdateIdTaken: it was another message, said something else, or was somebody else's.
    """
    taken = why_taken(update_id, applied.update_id, name, applied.name)
    if taken is not None:
        raise UpdateIdTaken(taken)
    return applied.answer
