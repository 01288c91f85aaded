"""What somebody means who types into the one field of the search."""

import re
from contextlib import suppress
from datetime import date
from enum import StrEnum

import phonenumbers

from schemas.letters.addresses import email_key
from schemas.payments.numbers import is_invoice_kid, numbers_in
from schemas.persons.folding import name_parts
from schemas.shared.base import EARLIEST_DATE, LATEST_DATE, Contract

LONGEST = 200
"""Characters of what is typed: nothing that is looked for is longer."""

MOST_WORDS = 6


class Kind(StrEnum):
    """What somebody is looked for by; the access log keeps this and never the text."""

    NAME = "name"
    EMPLOYER = "employer"
    BIRTH_DATE = "birth_date"
    NATIONAL_ID = "national_id"
    MEMBER_NUMBER = "member_number"
    PHONE = "phone"
    EMAIL = "email"
    KID = "kid"
    INVOICE = "invoice"


class Wanted(Contract):
    """What is looked for: whoever fits one of these is found.

    Attributes:
        words: parts of a name, in plain letters, each perhaps the beginning of one: of a person,
            born on one of ``birth_dates`` if there are any, or of an employer if there are none.
        birth_dates: more than one where the century was left out.
        invoices: KIDs and numbers of invoices, as they may be written.
    """

    words: tuple[str, ...] = ()
    birth_dates: tuple[date, ...] = ()
    national_id: str | None = None
    member_number: str | None = None
    phone: str | None = None
    email: str | None = None
    kid: str | None = None
    invoices: tuple[str, ...] = ()
    orgnr: str | None = None

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What is looked for by."""
        found = {
            Kind.NAME: self.words,
            Kind.EMPLOYER: self.orgnr or (self.words and not self.birth_dates),
            Kind.BIRTH_DATE: self.birth_dates,
            Kind.NATIONAL_ID: self.national_id,
            Kind.MEMBER_NUMBER: self.member_number,
            Kind.PHONE: self.phone,
            Kind.EMAIL: self.email,
            Kind.KID: self.kid,
            Kind.INVOICE: self.invoices,
        }
        return tuple(kind for kind, given in found.items() if given)


_DAY = re.compile(r"(?<![0-9])([0-3]?[0-9])[./]([01]?[0-9])[./]((?:19|20)?[0-9]{2})(?![0-9])")
_ISO = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})-([01][0-9])-([0-3][0-9])(?![0-9])")
_GAPS = re.compile(r"[\s.\u00a0\u202f]+")
_NUMBER = re.compile(r"\+?[0-9]+")
_WORD = re.compile(r"[a-z0-9]{2,}")
"""By one letter alone half of all would be found."""
_SERIES = re.compile(r"[0-9]{4,8}-[0-9]{1,9}")


def understood(text: str) -> Wanted | None:
    """Return what a text looks for; None: for nothing that could be found.

    Args:
        text: as it was typed, of any length; no more than ``LONGEST`` characters are read.
    """
    text = " ".join(text[:LONGEST].split())
    if "@" in text:
        return Wanted(email=email_key(text)) if " " not in text else None
    text, days = _without_days(text)
    if not text:
        return Wanted(birth_dates=days) if days else None
    bare = _GAPS.sub("", text)
    if _NUMBER.fullmatch(bare):
        return None if days else _number(bare)
    if _SERIES.fullmatch(bare):
        return None if days else Wanted(invoices=tuple(numbers_in(bare)) or (bare,))
    words = tuple(part for part in name_parts(text) if _WORD.fullmatch(part))
    return Wanted(words=words[:MOST_WORDS], birth_dates=days) if words else None


def _without_days(text: str) -> tuple[str, tuple[date, ...]]:
    """Return a text without the dates in it, and these."""
    days = [day for match in _DAY.findall(text) for day in _days(*match)]
    days += [
        day for year, month, number in _ISO.findall(text) for day in _days(number, month, year)
    ]
    if not days:
        return text, ()
    left = _ISO.sub(" ", _DAY.sub(" ", text))
    return " ".join(left.split()), tuple(days)


def _days(day: str, month: str, year: str) -> list[date]:
    """Return the days that may be meant: without a century either of two."""
    years = [year] if len(year) == len("1986") else [f"19{year}", f"20{year}"]
    found = []
    for each in years:
        with suppress(ValueError):
            found.append(date(int(each), int(month), int(day)))
    return [each for each in found if EARLIEST_DATE <= each <= LATEST_DATE]


def _number(digits: str) -> Wanted | None:
    """Return all that a number may be."""
    if digits.startswith("+"):
        phone = _phone(digits)
        return Wanted(phone=phone) if phone else None
    match len(digits):
        case 11:
            return Wanted(national_id=digits, kid=digits)
        case 9:
            return Wanted(orgnr=digits, kid=digits)
        case 8:
            days = _days(digits[:2], digits[2:4], digits[4:])
            return Wanted(member_number=digits, phone=_phone(digits), birth_dates=tuple(days))
        case 6:
            days = _days(digits[:2], digits[2:4], digits[4:])
            return Wanted(member_number=digits.zfill(8), birth_dates=tuple(days))
        case length if length < 8:
            return Wanted(member_number=digits.zfill(8))
        case length if length <= 25:
            return Wanted(kid=digits, phone=None if is_invoice_kid(digits) else _phone(digits))
        case _:
            return None


def _phone(digits: str) -> str | None:
    with suppress(phonenumbers.NumberParseException):
        number = phonenumbers.parse(digits, "NO")
        if phonenumbers.is_possible_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None
