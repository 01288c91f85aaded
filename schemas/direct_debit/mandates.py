"""What the bank tells of mandates, and whose they are (P9)."""

import re
from enum import StrEnum
from typing import Final

from schemas.payments.kid import INVOICE, with_mod10
from schemas.shared.base import Contract

PAYER_DIGITS: Final = 9
"""Of a KID: its type and the member number, the same on all invoices of a member (ADR 59)."""


class Told(StrEnum):
    """What a record of the bank tells of a mandate.

    ``ACTIVE`` stands in a list of all there are, and whoever that leaves out has none any more.
    """

    ACTIVE = "active"
    CHANGED = "changed"
    ENDED = "ended"


class MandateAside(StrEnum):
    """Why what the bank tells of a mandate is set aside: the others of its file are taken in."""

    UNREADABLE = "unreadable"
    WRONG_KID = "wrong_kid"
    OTHER_KID = "other_kid"
    UNKNOWN_PAYER = "unknown_payer"


IN_WORDS: Final[dict[MandateAside, str]] = {
    MandateAside.UNREADABLE: (
        "it can't be read. Ask the bank for a list of all mandates: nobody's is ended by this file "
        "for not standing in it"
    ),
    MandateAside.WRONG_KID: "its KID is none of ours. Ask the bank whose it is",
    MandateAside.OTHER_KID: (
        "it is registered with a KID of another system, which claims of ours don't have. Ask the "
        "bank to exchange it; until then the member gets invoices to pay"
    ),
    MandateAside.UNKNOWN_PAYER: (
        "there is no member of the number in its KID. Ask the bank whose it is; no claim is made"
    ),
}
"""What a caseworker is told of it."""


class MandatesTaken(Contract):
    """What a file of the bank has changed of mandates.

    Attributes:
        told: records of mandates for our account.
        begun: mandates that there were not before.
        ended: those that there are no more.
        aside: records that are set aside, each with a task.
    """

    told: int = 0
    begun: int = 0
    ended: int = 0
    aside: int = 0


def payer_of(kid: str) -> str | None:
    """Return the fixed part of a KID of ours, which says who pays; None: it is none.

    Args:
        kid: as it stands in a file, blanks around it or not.

    Source: P1, P9.
    """
    digits = kid.strip()
    if re.fullmatch(rf"{INVOICE}[0-9]{{15}}", digits, re.ASCII) is None:
        return None
    return digits[:PAYER_DIGITS] if with_mod10(digits[:-1]) == digits else None
