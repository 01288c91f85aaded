"""The two records of a payment in OCR giro, of which a file has a hundred thousand.

``netsgiro`` takes 60 microseconds for each, most of them for its dates; these read the same, and
tests hold them against it.
"""

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple, Self

from netsgiro import TransactionType

_KINDS = frozenset(kind.value for kind in TransactionType)

_ITEM_1 = re.compile(
    r"NY09(?P<kind>\d{2})30(?P<number>\d{7})(?P<nets_date>\d{6})\d{10}(?P<sign>[-0])"
    r"(?P<amount>\d{17})(?P<kid>[\d ]{25})0{6}"
)
_ITEM_2 = re.compile(
    r"NY09(?P<kind>\d{2})31(?P<number>\d{7})\d{10}(?P<archive>\d{9}).{7}(?P<bank_date>\d{6})\d{11}0{22}"
)


class AmountItem1(NamedTuple):
    """What is paid, and for what: ``kid`` is None where there is none."""

    kind: int
    number: int
    nets_date: date
    sign: str
    amount_ore: int
    kid: str | None

    @classmethod
    def from_string(cls, line: str) -> Self:
        """Read a line.

        Raises:
            ValueError: it is none, or holds an impossible date or kind.
        """
        found = _matched(_ITEM_1, line)
        return cls(
            kind=_kind(found["kind"]),
            number=int(found["number"]),
            nets_date=_day(found["nets_date"]),
            sign=found["sign"],
            amount_ore=int(found["amount"]),
            kid=found["kid"].strip() or None,
        )


class AmountItem2(NamedTuple):
    """What the bank calls it: its archive reference."""

    number: int
    archive: str

    @classmethod
    def from_string(cls, line: str) -> Self:
        """Read a line.

        Raises:
            ValueError: it is none, or holds an impossible date or kind.
        """
        found = _matched(_ITEM_2, line)
        _kind(found["kind"])
        if found["bank_date"] != "000000":
            _day(found["bank_date"])
        return cls(number=int(found["number"]), archive=found["archive"])


def _matched(pattern: re.Pattern[str], line: str) -> re.Match[str]:
    found = pattern.fullmatch(line)
    if found is None:
        raise ValueError("not such a record")
    return found


def _kind(digits: str) -> int:
    kind = int(digits)
    if kind not in _KINDS:
        raise ValueError("no kind of transaction")
    return kind


@lru_cache(maxsize=64)
def _day(digits: str) -> date:
    """Return the day of DDMMYY; from 69 on years are of the century before, as C has it."""
    year = int(digits[4:])
    return date(year + (1900 if year >= 69 else 2000), int(digits[2:4]), int(digits[:2]))
