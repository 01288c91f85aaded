"""What a cell of a register says, and how it is written: dates, kroner, yes and no, words, ids.

A cell is text, whatever it was in a spreadsheet; one that is empty says nothing.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Any

from schemas.deduction.list_file import amount_ore, harmless, kroner
from schemas.shared.cells import NumberText
from schemas.shared.vocabulary import (
    Cadence,
    Category,
    InsuranceStatus,
    Language,
    Payer,
    PensionKind,
    WaiverKind,
    WaiverShare,
)

MAX_CELL = 300
"""Characters: more than anything that a column takes."""


class NotReadable(ValueError):
    """A cell does not say what its column is for; the text says what to write."""


@dataclass(frozen=True)
class CellKind:
    """A way to write a value in a cell.

    Attributes:
        says: what to write, for the reference and for whoever wrote something else.
        read: what a cell says that is not empty.
        write: the text of a value.
        number: a spreadsheet may take it for a number.
    """

    says: str
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str
    number: bool = False


def tidied(cell: str) -> str:
    """Return what was meant by a cell: composed, without the apostrophe that kept it a text."""
    text = unicodedata.normalize("NFC", cell).replace("\N{NO-BREAK SPACE}", " ").strip()
    text = text[1:] if _is_quoted(text) else text
    return text if type(cell) is str else type(cell)(text)


def kept(text: str) -> str:
    """Return a text as a cell that no spreadsheet takes for a formula; ``tidied`` undoes it."""
    return f"'{text}" if _is_quoted(text) else harmless(text)


def _is_quoted(text: str) -> bool:
    """Tell whether the apostrophe before a text is there to keep it one."""
    rest = text[1:]
    return text[:1] == "'" and (rest[:1] == "'" or rest[:1].isdecimal() or harmless(rest) != rest)


_DAY = re.compile(r"([0-9]{1,2})[.]([0-9]{1,2})[.]([0-9]{4})")
_MONTH = re.compile(r"(?:([0-9]{4})-([0-9]{1,2})|([0-9]{1,2})[./]([0-9]{4}))")


def _day(text: str) -> date:
    says = "write a date, as 2027-01-31 or 31.01.2027"
    local = _DAY.fullmatch(text)
    with suppress(ValueError):
        if local is not None:
            day, month, year = map(int, local.groups())
            return date(year, month, day)
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    raise NotReadable(says)


def _month(text: str) -> date:
    read = _MONTH.fullmatch(text)
    if read is not None:
        year, month = int(read[1] or read[4]), int(read[2] or read[3])
        with suppress(ValueError):
            return date(year, month, 1)
    with suppress(NotReadable):
        return _day(text).replace(day=1)
    raise NotReadable("write a month, as 2027-01 or 01.2027")


def _amount(text: str) -> int:
    ore = amount_ore(text)
    if ore is None:
        raise NotReadable("write kroner with at most two decimals, as 495,00")
    return ore


_PERCENT = re.compile(r"([0-9]{1,3}(?:[.,][0-9]{1,12})?) ?%?")


def _percent(text: str) -> Decimal:
    read = _PERCENT.fullmatch(text)
    if read is None:
        raise NotReadable("write a percentage with at most three decimals, as 50 or 37,5")
    # A spreadsheet's own noise, such as 37.50000000001, lies beyond what a percentage has.
    percent = Decimal(read[1].replace(",", ".")).quantize(Decimal("0.001")).normalize()
    if 0 < percent < 1:
        raise NotReadable("write 50 for half a position: this is less than one percent")
    return percent


def _percent_text(percent: Decimal) -> str:
    return f"{percent.normalize():f}".replace(".", ",")


def _whole(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise NotReadable("write a whole number")
    return int(text)


_YES = frozenset({"yes", "ja", "true", "1", "x", "sann"})
_NO = frozenset({"no", "nei", "false", "0", "usann"})


def _flag(text: str) -> bool:
    word = text.casefold()
    if word in _YES or word in _NO:
        return word in _YES
    raise NotReadable("write yes or no")


_NORWEGIAN: Mapping[str, StrEnum] = {
    "yrkesaktiv": Category.ORDINARY,
    "lærling": Category.APPRENTICE,
    "tidligpensjonist": Category.EARLY_PENSIONER,
    "pensjonist": Category.PENSIONER,
    "lønnstrekk": Payer.PAYROLL,
    "trekk": Payer.PAYROLL,
    "faktura": Payer.DIRECT,
    "uføre": PensionKind.DISABILITY,
    "alderspensjon": PensionKind.OLD_AGE,
    "permisjon": WaiverKind.LEAVE,
    "arbeidsledig": WaiverKind.UNEMPLOYED,
    "permittert": WaiverKind.LAID_OFF,
    "måned": Cadence.MONTHLY,
    "kvartal": Cadence.QUARTERLY,
    "år": Cadence.YEARLY,
    "reservert": InsuranceStatus.RESERVED,
    "dekket": InsuranceStatus.COVERED,
}
"""Words of old systems that can only mean one of ours."""


def _word(kind: type[StrEnum], text: str) -> StrEnum:
    word = re.sub(r"[\s_-]+", "_", text.casefold())
    known = _NORWEGIAN.get(word)
    if isinstance(known, kind):
        return known
    with suppress(ValueError):
        return kind(word)
    raise NotReadable(f"write one of {', '.join(kind)}")


def _digits(length: int | None, says: str, text: str) -> str:
    digits = re.sub(r"[\s.]", "", text)
    if not (digits.isascii() and digits.isdecimal()):
        raise NotReadable(says)
    return digits if length is None else digits.zfill(length)


def _as_typed(says: str, text: str) -> str:
    """Return digits that no spreadsheet has taken for a number: it rounds long ones."""
    if isinstance(text, NumberText):
        raise NotReadable(f"{says}; the cell is a number, and long ones are rounded: make the "
                          "column one of text and fill it in anew")  # fmt: skip
    return _digits(None, says, text)


def _postcode(text: str) -> str:
    # A spreadsheet drops the zero of 0155; codes abroad are not that short.
    short = text.isascii() and text.isdecimal() and len(text) == 3
    return text.zfill(4) if short else text


TEXT = CellKind("text", str, kept)
DAY = CellKind("a date: 2027-01-31 or 31.01.2027", _day, date.isoformat)
MONTH = CellKind("a month: 2027-01 or 01.2027", _month, lambda day: f"{day:%Y-%m}")
AMOUNT = CellKind("kroner: 495,00", _amount, kroner, number=True)
PERCENT = CellKind("a percentage: 50 or 37,5", _percent, _percent_text, number=True)
WHOLE = CellKind("a whole number", _whole, number=True)
FLAG = CellKind("yes or no", _flag, lambda so: "yes" if so else "no")
NATIONAL_ID = CellKind("11 digits", partial(_digits, 11, "write eleven digits"))
ORGNR = CellKind("9 digits", partial(_digits, 9, "write nine digits"))
KID = CellKind("2 to 25 digits, as text", partial(_as_typed, "write 2 to 25 digits"))
POSTCODE = CellKind("text", _postcode, kept)

WORDS = (Category, Payer, PensionKind, WaiverKind, WaiverShare, Cadence, Language, InsuranceStatus)


def words_of(kind: type[StrEnum]) -> CellKind:
    """Return the cells of a closed list of words."""
    return CellKind(", ".join(kind), partial(_word, kind))
