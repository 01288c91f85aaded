"""The application: what another system sends to start a membership.

Field rules live here, since they need nothing but the field. Rules that need today's date or
the rulebook live in ``schemas.membership.eligibility``.
"""

from decimal import Decimal
from typing import Annotated

import phonenumbers
from pydantic import AfterValidator, EmailStr, Field, StringConstraints
from stdnum.no import orgnr as stdnum_orgnr

from schemas.shared.base import Day, Inbound, Line, Prose
from schemas.shared.vocabulary import Category, Language, PensionKind


def _orgnr(text: str) -> str:
    if not stdnum_orgnr.is_valid(text):
        raise ValueError("is not a valid organisation number (9 digits, MOD11)")
    return str(stdnum_orgnr.compact(text))


def _phone(text: str) -> str:
    try:
        number = phonenumbers.parse(text, "NO")
    except phonenumbers.NumberParseException:
        raise ValueError("is not a phone number; write it as +4791234567") from None
    if not phonenumbers.is_possible_number(number):
        raise ValueError("is not a possible phone number; write it as +4791234567")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


Orgnr = Annotated[Line, AfterValidator(_orgnr)]
"""A Norwegian organisation number: 9 digits, MOD11 (N4)."""

Phone = Annotated[Line, AfterValidator(_phone)]
"""A phone number in E.164; a number without a country code is read as Norwegian."""

Email = Annotated[EmailStr, StringConstraints(max_length=254)]

NationalId = Annotated[str, StringConstraints(pattern=r"^[0-9]{11}$")]
"""Eleven digits. Whether they are a valid number is an eligibility rule (N1)."""

Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=6, decimal_places=3)]
"""A position percentage summed over the employments (A5)."""

BranchCode = Annotated[Line, StringConstraints(max_length=20)]


class Address(Inbound):
    """A Norwegian postal address."""

    line1: Line
    line2: Line | None = None
    postcode: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
    city: Line


class Applicant(Inbound):
    """The person who applies."""

    name: Line
    birth_date: Day
    national_id: NationalId | None = None
    email: Email
    phone: Phone | None = None
    address: Address | None = None
    language: Language = Language.NB


class Employment(Inbound):
    """Where the applicant works; the employer is asked for payroll deduction unless hidden."""

    employer_orgnr: Orgnr | None = None
    employer_name: Line | None = None
    position: Line | None = None
    position_percent: Percent = Decimal(100)


class Study(Inbound):
    """A student's course of study."""

    school: Line
    ends_on: Day


class Apprenticeship(Inbound):
    """An apprentice's contract."""

    ends_on: Day


class Pension(Inbound):
    """The pension a pensioner draws, and since when."""

    kind: PensionKind
    from_on: Day = Field(alias="from")


class Consents(Inbound):
    """What the applicant has agreed to."""

    terms: bool
    tell_recruiter: bool = False


class Application(Inbound):
    """The one argument of the ``Membership`` workflow."""

    applicant: Applicant
    category: Category
    employment: Employment | None = None
    study: Study | None = None
    apprenticeship: Apprenticeship | None = None
    pension: Pension | None = None
    hidden: bool = False
    insurance_reservation: bool = False
    recruited_by: Line | None = None
    additional_information: Prose | None = None
    newsletter: bool = False
    consents: Consents
