"""By what right an employer deducts: an agreement with it, and the member's own consent. D4."""

from datetime import date
from enum import StrEnum


class Agreement(StrEnum):
    """What an employer and the union have agreed on."""

    COLLECTIVE = "collective"
    DEDUCTION = "deduction"


_WORDS = {
    Agreement.COLLECTIVE: "collective agreement",
    Agreement.DEDUCTION: "deduction agreement",
}


def rests_on(
    basis: str, agreement: str | None, agreed_on: date | None, consented_on: date | None
) -> str:
    """Return the basis of a disclosure with what the deduction rests on, and since when.

    Args:
        basis: by the law.
        agreement: with the employer, one of ``Agreement``; None: none is known.
        agreed_on: its date.
        consented_on: when the member accepted deduction in writing.

    Source: D4.
    """
    parts = [basis]
    if agreement is not None and agreed_on is not None:
        parts.append(f"{_WORDS[Agreement(agreement)]} of {agreed_on}")
    if consented_on is not None:
        parts.append(f"written consent of {consented_on}")
    return "; ".join(parts)
