"""The records of a payment in OCR giro, of which a file has a hundred thousand.

``netsgiro`` takes 60 microseconds for each, most of them for its dates, and takes none whose
fillers are blanks or that names the issuer of a card; what it reads is read the same here, and
tests hold these against it.
"""

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple, Self

from netsgiro import TransactionType

KINDS = frozenset(kind.value for kind in TransactionType)

_ITEM_1 = re.compile(
    r"NY09(?P<kind>\d{2})30(?P<number>\d{7})(?P<nets_date>.{6}).{10}(?P<sign>[-0 ])"
    r"(?P<amount>\d{17})(?P<kid>.{25})[\d ]{2}(?:0{4}| {4})",
    re.ASCII,
)
_AMOUNT = re.compile(r"NY09..30.{23}(?P<sign>[-0 ])(?P<amount>\d{17})", re.ASCII)
_ITEM_2 = re.compile(
    r"NY09\d{2}31(?P<number>\d{7}).{10}(?P<archive>.{9}).{13}(?P<account>.{11})"
    r"(?:0{22}| {22})",
    re.ASCII,
)
_ITEM_3 = re.compile(r"NY09\d{2}32(?P<number>\d{7})(?P<text>.{40})(?:0{25}| {25})", re.ASCII)


class AmountItem1(NamedTuple):
    """What is paid, and for what.

    Attributes:
        nets_date: None where no date stands.
        kid: None where there is none.
    """

    kind: int
    number: int
    nets_date: date | None
    sign: str
    amount_ore: int
    kid: str | None

    @classmethod
    def from_string(cls, line: str) -> Self:
        """Read a line.

        Raises:
            ValueError: it is none.
        """
        found = _matched(_ITEM_1, line)
        return cls(
            kind=int(found["kind"]),
            number=int(found["number"]),
            nets_date=_day(found["nets_date"]),
            sign="-" if found["sign"] == "-" else "0",
            amount_ore=int(found["amount"]),
            kid=found["kid"].strip() or None,
        )


class AmountItem2(NamedTuple):
    """What the bank calls it, its archive reference, and whose account paid; None: not said."""

    number: int
    archive: str | None
    account: str | None

    @classmethod
    def from_string(cls, line: str) -> Self:
        """Read a line.

        Raises:
            ValueError: it is none.
        """
        found = _matched(_ITEM_2, line)
        return cls(int(found["number"]), _given(found["archive"]), _given(found["account"]))


class AmountItem3(NamedTuple):
    """What the payer has written."""

    number: int
    text: str | None

    @classmethod
    def from_string(cls, line: str) -> Self:
        """Read a line.

        Raises:
            ValueError: it is none.
        """
        found = _matched(_ITEM_3, line)
        return cls(int(found["number"]), found["text"].strip() or None)


def amount_in(line: str) -> int | None:
    """Return the øre of an amount item 1 of which something else can't be read, or None.

    Sums hold by it, so that one such record keeps no other out. Below nothing: taken back.
    """
    found = _AMOUNT.match(line)
    return None if found is None else int(found["amount"]) * (-1 if found["sign"] == "-" else 1)


def _matched(pattern: re.Pattern[str], line: str) -> re.Match[str]:
    found = pattern.fullmatch(line)
    if found is None:
        raise ValueError("not such a record")
    return found


def _given(field: str) -> str | None:
    """Return what stands in a field that noughts and blanks fill."""
    return field.strip() if field.strip("0 ") else None


@lru_cache(maxsize=64)
def _day(digits: str) -> date | None:
    """Return the day of DDMMYY; from 69 on years are of the century before, as C has it."""
    if not (digits.isdecimal() and digits.isascii()):
        return None
    year = int(digits[4:])
    try:
        return date(year + (1900 if year >= 69 else 2000), int(digits[2:4]), int(digits[:2]))
    except ValueError:
        return None
