"""Numbers in what a payer wrote: a KID, an invoice's or a member's, however it is set (P6)."""

import re
from dataclasses import dataclass

from stdnum import luhn

from schemas.payments.kid import INVOICE, KID_DIGITS

_GAP = r"[ .\u00a0\u2009\u202f]{1,2}"
_RUN = re.compile(rf"(?<![0-9])[0-9]+(?:{_GAP}[0-9]+)*", re.ASCII)
_GAPS = re.compile(_GAP)
LEAST, MOST = 7, 25
"""Digits of what may be a number of ours: fewer are a date, a sum or a house."""

_HYPHEN = r" ?[-/\u2010-\u2015] ?"
_INVOICE = re.compile(rf"(?<![0-9])([0-9]{{8}}){_HYPHEN}([0-9]{{1,6}})(?![0-9])", re.ASCII)
_SERIES = re.compile(rf"(?<![0-9])(20[0-9]{{2}}){_HYPHEN}([0-9]{{1,9}})(?![0-9])", re.ASCII)
_INVOICE_SAID = re.compile(
    rf"(?:faktura|fakt|inv)[a-z]*[^0-9]{{0,12}}([0-9]{{1,7}}){_HYPHEN}([0-9]{{1,6}})(?![0-9])",
    re.ASCII | re.IGNORECASE,
)
_MEMBER_SAID = re.compile(
    r"\b(?:medl(?:em(?:s|snr|snummer|snummeret)?)?|member)[ .:#]{0,3}(?:nr|nummer|no|number)?"
    r"[ .:#]{0,3}([0-9]{1,7})(?![0-9])",
    re.ASCII | re.IGNORECASE,
)


def numbers_in(text: str) -> list[str]:
    """Return what may be a KID, an invoice's or a member's number in a text, each once.

    ``KID: 1 0000 0007 0000 016``, ``1000.0000.7000.0016``, ``faktura 00000007-3``, ``medlem 7``.
    """
    found = [f"{member}-{serial}" for member, serial in _INVOICE.findall(text)]
    # The number that a member reads: of the year's series (P10).
    found += [f"{year}-{number}" for year, number in _SERIES.findall(text)]
    said = _SERIES.sub(" ", text)
    found += [f"{int(one):08d}-{serial}" for one, serial in _INVOICE_SAID.findall(said)]
    said = _INVOICE_SAID.sub(" ", said)
    found += [f"{int(one):08d}" for one in _MEMBER_SAID.findall(said)]
    for run in _RUN.findall(_INVOICE.sub(" ", _SERIES.sub(" ", text))):
        found += _of_a_run(_GAPS.split(run))
    return list(dict.fromkeys(found))


def _of_a_run(parts: list[str]) -> list[str]:
    """Return the numbers in digits with gaps: those that are whole, and a KID set in groups."""
    whole = [part for part in parts if LEAST <= len(part) <= MOST]
    if len(parts) == 1:
        return whole
    kids = [kid for kid in _joined(parts, KID_DIGITS) if is_invoice_kid(kid)]
    together = "".join(parts)
    if kids or len(whole) == len(parts) or not LEAST <= len(together) <= MOST:
        return kids + [one for one in whole if not any(one in kid for kid in kids)]
    return [together, *whole]


def _joined(parts: list[str], digits: int) -> list[str]:
    """Return what neighbouring parts come to that has so many digits."""
    found = []
    for start in range(len(parts)):
        together = ""
        for part in parts[start:]:
            together += part
            if len(together) >= digits:
                break
        if len(together) == digits:
            found.append(together)
    return found


def is_invoice_kid(digits: str) -> bool:
    """Tell whether digits are a right KID of an invoice to a member. Source: P1."""
    return len(digits) == KID_DIGITS and digits.startswith(INVOICE) and luhn.is_valid(digits)


@dataclass(frozen=True, slots=True)
class Leads:
    """Where numbers lead to.

    Attributes:
        exact: what may be the KID or the number of an invoice or a list.
        members: member numbers that stand there.
        mistyped: member numbers in what looks like a KID and is none.
        employers: organisation numbers.
    """

    exact: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    mistyped: tuple[str, ...] = ()
    employers: tuple[str, ...] = ()


def leads_of(numbers: list[str]) -> Leads:
    """Return where numbers lead to that stood with a payment. Source: P1, P6."""
    members = [one for one in numbers if len(one) == 8]
    members += [one[:8] for one in numbers if one[8:9] == "-"]
    members += [one[1:9] for one in numbers if is_invoice_kid(one)]
    mistyped = [
        one[1:9]
        for one in numbers
        if one.startswith(INVOICE)
        and len(one) in {KID_DIGITS - 1, KID_DIGITS, KID_DIGITS + 1}
        and not is_invoice_kid(one)
    ]
    return Leads(
        exact=tuple(numbers),
        members=tuple(dict.fromkeys(members)),
        mistyped=tuple(dict.fromkeys(one for one in mistyped if one not in members)),
        employers=tuple(one for one in numbers if len(one) == 9),
    )
