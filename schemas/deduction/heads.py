"""What stands above the lines of a return, as spreadsheets make it: which list it is. Pure. D9."""

import re
from datetime import date, timedelta
from decimal import Decimal

from schemas.deduction.list_file import amount_ore
from schemas.deduction.words import composed

_ZERO = date(1899, 12, 30)
"""From which day a spreadsheet counts."""

_SERIALS = range(36_526, 73_051)
"""Days of this century."""

_MONTHS = {
    start: number
    for number, starts in enumerate(
        ("jan", "feb", "mar", "apr", "mai may", "jun", "jul", "aug", "sep", "okt oct", "nov",
         "des dec"), 1
    )
    for start in starts.split()
}  # fmt: skip

_KID_DIGITS = 16
_KEPT_DIGITS = 15
"""Of a number, by a spreadsheet; those behind are zeros."""


def tidied(text: str) -> str:
    """Return a cell above the lines without what a spreadsheet needs to keep it a text."""
    plain = composed(text).lstrip("'").strip()
    return re.sub(r"^([0-9]+)[.,]0+$", r"\1", plain)


def list_number_in(text: str) -> str | None:
    """Return a list's number, also with blanks, another dash or without its zeros in front."""
    plain = re.sub("[\N{EN DASH}\N{MINUS SIGN}\N{NON-BREAKING HYPHEN}]", "-", tidied(text))
    read = re.fullmatch(r"([0-9]{1,8}) ?- ?([1-9][0-9]{0,5})", plain)
    return f"{read[1].zfill(8)}-{read[2]}" if read is not None else None


def orgnr_in(text: str) -> str | None:
    """Return an organisation number, also as ``NO 974 760 673 MVA`` or with a name behind it."""
    plain = tidied(text).upper()
    short = re.fullmatch(r"([1-9])[.,]([0-9]{8})E\+?08", plain)
    if short is not None:
        return short[1] + short[2]
    read = re.fullmatch(
        r"(?:NO ?)?([0-9]{3}[ .]?[0-9]{3}[ .]?[0-9]{3})(?: ?MVA)?(?:[ ,]\D*)?", plain
    )
    return re.sub(r"\D", "", read[1]) if read is not None else None


def count_in(text: str) -> int | None:
    """Return a number of lines, also as ``4 stk``."""
    read = re.fullmatch(r"([0-9]{1,7})(?: ?[^\W\d]+\.?)?", tidied(text))
    return int(read[1]) if read is not None else None


def total_in(text: str) -> int | None:
    """Return a total in øre."""
    return amount_ore(tidied(text))


def month_in(text: str) -> str | None:
    """Return a month as ``YYYY-MM``, as it is or as what a spreadsheet made of it.

    ``2026-12``, ``2026-12-01``, ``01.12.2026``, ``12.2026``, ``des.26``, ``desember 2026`` and
    46357, the days since 1900, are December 2026. None for what could be two months.
    """
    plain = tidied(text).casefold()
    if plain.isdecimal() and len(plain) == 5 and int(plain) in _SERIALS:
        return f"{_ZERO + timedelta(days=int(plain)):%Y-%m}"
    read = re.fullmatch(r"([a-zæøå]{3})[a-zæøå]*[ .\-/]*([0-9]{4}|[0-9]{2})", plain)
    if read is not None and read[1] in _MONTHS:
        return _month(read[2], _MONTHS[read[1]])
    for pattern in (
        r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})(?:-[0-9]{1,2}(?:[ t].*)?)?",
        r"(?P<year>20[0-9]{2})[./]?(?P<month>[0-9]{2})",
        r"(?:[0-9]{1,2}\.)?(?P<month>[0-9]{1,2})[.\-/](?P<year>[0-9]{4})",
        # Of days and months with strokes the first day of a month tells which is which.
        r"0?1/(?P<month>[0-9]{1,2})/(?P<year>[0-9]{4})",
    ):
        read = re.fullmatch(pattern, plain)
        if read is not None:
            return _month(read["year"], int(read["month"]))
    return None


def _month(year: str, month: int) -> str | None:
    return f"{int(year) % 100 + 2000}-{month:02}" if 1 <= month <= 12 else None


def whole_kid_in(text: str) -> str | None:
    """Return a KID of which nothing is lost."""
    plain = re.sub(r"\s", "", tidied(text))
    return plain if re.fullmatch(rf"[0-9]{{{_KID_DIGITS}}}", plain) else None


def may_be_kid(text: str, kid: str) -> bool | None:
    """Tell whether a cell can be what a spreadsheet made of a KID; None if it says nothing.

    A number keeps 15 digits and has a zero for the last one. Shown short (``1,23457E+15``) too
    little is left of it to tell that it is another one.
    """
    plain = re.sub(r"\s", "", tidied(text))
    if re.fullmatch(rf"[0-9]{{{_KID_DIGITS}}}", plain):
        return plain == kid or plain in _shortened(kid, _KEPT_DIGITS)
    short = re.fullmatch(r"([0-9])(?:[.,]([0-9]{0,14}))?E\+?([0-9]{2})", plain.upper())
    if short is None:
        return False if re.fullmatch(r"[0-9]{10,}", plain) else None
    digits = (short[1] + (short[2] or "")).rstrip("0")
    # What is shown of 2000000010000012 may be 2E+15: zeros at the end are not shown.
    fits = int(short[3]) == len(kid) - 1 and any(
        digits == made.rstrip("0")
        for kept in range(max(1, len(digits)), _KEPT_DIGITS + 1)
        for made in _shortened(kid, kept)
    )
    return fits or None


def _shortened(kid: str, kept: int) -> set[str]:
    """Return a number of which so many digits are kept, the others cut off or rounded."""
    cut = kid[:kept] + "0" * (len(kid) - kept)
    scale = Decimal(10) ** (len(kid) - kept)
    return {cut, f"{int((Decimal(kid) / scale).to_integral_value() * scale)}"}
