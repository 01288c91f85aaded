"""What is wrong with a line of a return: which cell, and what to write instead. Source: D5, D9."""

from typing import NamedTuple

from schemas.deduction.words import reasons_to_say


class Fault(NamedTuple):
    """What the sender is told of a line.

    Attributes:
        column: whose cell it is, as ``COLUMNS`` names it.
        says: what is wrong, and what to do.
    """

    column: str
    says: str


FAULTS = {
    # The same for a stranger and for somebody whom the employer must not know of.
    "unknown_person": Fault("number", "is not a line of this list"),
    "amount_unreadable": Fault(
        "deducted",
        "Trukket can't be read as an amount: write kroner with at most two decimals, as 495,00",
    ),
    "amount_missing": Fault(
        "deducted",
        "Årsak is filled in but Trukket is not: write 0 if nothing was deducted",
    ),
    "amount_implausible": Fault(
        "deducted",
        "Trukket can't be meant, beside Sum, and is asked about before anything is booked: write "
        "kroner, not øre, as 495,00",
    ),
    "asked_unreadable": Fault("total", "Sum can't be read as an amount: leave it as it was"),
    "asked_changed": Fault("total", "Sum is not what we asked for: it is ours, leave it as it was"),
    "negative": Fault(
        "deducted",
        "Trukket is less than nothing, and so was not asked for: write what was deducted, or 0",
    ),
    "reason_unknown": Fault("reason", f"Årsak must be one of {reasons_to_say()}"),
    "reason_missing": Fault(
        "reason",
        f"Trukket is less than Sum: Årsak must say why, with one of {reasons_to_say()}",
    ),
    "contradicts": Fault(
        "deducted",
        "another line says something else of the same member: neither counts; write one line with "
        "what was deducted in all",
    ),
    "sum_differs": Fault(
        "deducted",
        "the typed sum is not what the lines above it come to: one of them may be wrong",
    ),
}
