"""What was found of one part of a deployment."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How it is with a part: well, to be looked at before real members come, or broken."""

    WELL = "well"
    LOOK = "look"
    BROKEN = "broken"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        part: what it belongs to, such as ``Temporal``.
        says: what is the case; names no person.
        mend: what to do; None: nothing.
    """

    part: str
    verdict: Verdict
    says: str
    mend: str | None = None


def well(part: str, says: str) -> Finding:
    """Return what is as it should be."""
    return Finding(part, Verdict.WELL, says)


def look(part: str, says: str, mend: str) -> Finding:
    """Return what works, and is not to stay so where real members are."""
    return Finding(part, Verdict.LOOK, says, mend)


def broken(part: str, says: str, mend: str) -> Finding:
    """Return what does not work."""
    return Finding(part, Verdict.BROKEN, says, mend)
