"""What is kept of a record with each decision: all that no other row tells (ADR 101)."""

from schemas.membership.stored import packed
from schemas.payments.allocation import Allocation
from workflows.membership.decisions.step import Moment, Step

TOLD_BY_ROWS = frozenset(
    {
        "membership_id",
        "received_at",
        "rulebook",
        "possible_duplicates",
        "duplicates_on",
        "former",
        "member_number",
        "postponed",
        "first_invoice",
        "payments",
        "facts_kept",
        "log",
        "stamps",
        "applied",
        "rejected",
        "rejected_count",
        "rejected_seen",
        "letters_wait",
        "sheds_memo",
        "version",
    }
)
"""What is not kept with a decision: rows tell it, or it belongs to one run."""


def kept_of(step: Step, now: Moment) -> str:
    """Return what is kept with a decision of the record it leads to."""
    logged = step.logged(now.at)
    return packed(logged.model_dump_json(exclude=set(TOLD_BY_ROWS), exclude_defaults=True))


def kept_where(step: Step, now: Moment) -> dict[Allocation, str] | None:
    """Return the same where the money of a decision goes elsewhere than the step is for."""
    other = {place: there for place, there in step.outcomes.items() if there.record != step.record}
    return {place: kept_of(there, now) for place, there in other.items()} or None
