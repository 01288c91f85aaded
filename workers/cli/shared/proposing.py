"""How proposals for money in suspense are printed."""

from collections.abc import Sequence

from schemas.payments.proposals import Proposal


def proposals_in_words(proposals: Sequence[Proposal]) -> list[str]:
    """Return a line for each proposal: its number, who that is, and why."""
    return [
        f"{place}. {'list ' if one.membership_id is None else ''}{one.number} {one.name}"
        f"{' (ended)' if one.ended else ''}: {', '.join(one.reasons)}"
        for place, one in enumerate(proposals, start=1)
    ]
