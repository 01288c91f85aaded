"""What was so before a membership ended and is told after it: the charges follow, nothing else."""

from schemas.pricing.differences import first_difference
from schemas.shared.vocabulary import Event
from workflows.membership.decisions.step import Letters, Step
from workflows.membership.record import MembershipRecord


def told_late(
    record: MembershipRecord,
    informed: MembershipRecord,
    event: Event,
    says: str,
    rules: tuple[str, ...],
    decided_by: str,
    reason: str | None = None,
) -> Step:
    """Return the step that a fact from before the end leads to, once the membership is over.

    The next dues run charges the difference; nobody is told to begin, change or stop anything. Of
    whoever has come back a caseworker sees whether the new membership knows it too.

    Args:
        record: as the membership ended.
        informed: with the fact, planned anew.
        says: what was told.
        decided_by: who told it.

    Source: L1, L9, A31.
    """
    changed = first_difference(record.terms, informed.terms)
    then = f"charges change from {changed}" if changed else "no charge changes"
    return Step(
        record=informed,
        event=event,
        says=f"{says}, told after the membership had ended; {then}",
        rules=tuple(dict.fromkeys([*rules, "L1", "L9", "A31"])),
        decided_by=decided_by,
        reason=reason,
        letters=Letters.of(record).to_caseworkers("told_late").done(),
        priced=True,
    )
