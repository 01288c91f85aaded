"""The application: what another system sends to start a membership.

Field rules live here, since they need nothing but the field. Rules that need today's date or
the rulebook live in ``schemas.membership.eligibility``.
"""

import re
from decimal import Decimal
from typing import Annotated

import phonenumbers
from pydantic import (
    AfterValidator,
    BeforeValidator,
    EmailStr,
    Field,
    GetCoreSchemaHandler,
    GetPydanticSchema,
    StringConstraints,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema
from stdnum.no import orgnr as stdnum_orgnr

from schemas.shared.base import Day, Flag, Inbound, Line, Prose, ShortLine, none_is
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
"""The percentage of one position; what counts is the sum over the employments (A5)."""

EmploymentId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,36}$")]
"""What tells one of somebody's employments from another: 1, 2, …, or the sender's own opaque id."""

HOME = "NO"

UNREACHABLE = "email is required, or a postal address in its place"


def _country(text: str) -> str:
    # Where people live: all of ISO 3166-1 but the uninhabited.
    if text not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("is no country; write it as two letters, such as SE")
    return text


Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$"), AfterValidator(_country)]

POSTCODE_ABROAD = r"^(?!NO?-?[0-9]{4}$)([0-9]{3} [0-9]{2}|[A-Za-z0-9 -]*[A-Za-z][A-Za-z0-9 -]*)$"
"""What can't be a mistyped Norwegian postcode: with letters, or in groups as in Sweden."""

Postcode = ShortLine
"""As it is written in its country: some have letters, and some countries have none."""

BranchCode = ShortLine


class Address(Inbound):
    """A postal address, in Norway unless it names another country or has a postcode of one."""

    care_of: Line | None = None
    """At whose home or office post is taken."""
    line1: Line
    """Street and number, or box."""
    line2: Line | None = None
    """A second line."""
    postcode: Postcode | None = None
    """Four digits in Norway, where it is required; abroad as it is written there."""
    city: Line
    """Post town."""
    country: Country | None = None
    """ISO 3166-1 alpha-2. Left out it is Norway, or not known beside a postcode from abroad, such
    as `411 05`; letters by post need it.
    """

    @model_validator(mode="before")
    @classmethod
    def _is_at_home_unless_it_can_not_be(cls, sent: object) -> object:
        if not isinstance(sent, dict) or "country" in sent:
            return sent
        postcode = sent.get("postcode")
        abroad = isinstance(postcode, str) and re.match(POSTCODE_ABROAD, postcode)
        return sent if abroad else sent | {"country": HOME}

    @model_validator(mode="after")
    def _has_a_norwegian_postcode(self) -> "Address":
        if self.country == HOME and not re.fullmatch(r"[0-9]{4}", self.postcode or ""):
            raise ValueError("postcode must be four digits in Norway; name the country if abroad")
        if self.country is None and not re.match(POSTCODE_ABROAD, self.postcode or ""):
            raise ValueError("country must be named where the postcode doesn't say it is abroad")
        return self


class Applicant(Inbound):
    """The person who applies."""

    name: Line
    """Full name."""
    birth_date: Day
    """A member is at least 15."""
    national_id: NationalId | None = None
    """Fødselsnummer or D-number with valid check digits that agrees with the birth date; may follow
    later.
    """
    email: Email | None = None
    """Where letters go. Without it they go by post, and the address is required."""
    phone: Phone | None = None
    """In E.164. A number without a country code is read as Norwegian."""
    address: Address | None = None
    """Postal address."""
    language: Annotated[Language, BeforeValidator(none_is(Language.NB), Language | None)] = (
        Language.NB
    )
    """Language of letters to the member: Bokmål, Nynorsk or English."""

    @model_validator(mode="after")
    def _is_reached(self) -> "Applicant":
        if self.email is None and self.address is None:
            raise ValueError(UNREACHABLE)
        if self.email is None and self.address is not None and self.address.country is None:
            raise ValueError("address.country is required, since letters go by post")
        return self


class Employment(Inbound):
    """Where the applicant works; the employer is asked for payroll deduction unless hidden."""

    employer_orgnr: Orgnr | None = None
    """Organisation number with a valid check digit (MOD11). Without it dues are invoiced to the
    member.
    """
    employer_name: Line | None = None
    """Name of the employer."""
    position: Line | None = None
    """Job title."""
    position_percent: Percent = Decimal(100)
    """Of this position, above 0, at most three decimals; best as text. The sum over all employments
    counts: 50 or less gives the right to half dues.
    """


class Study(Inbound):
    """A student's course of study."""

    school: Line
    """Name of the school."""
    ends_on: Day
    """The day the studies end; not in the past."""


class Apprenticeship(Inbound):
    """An apprentice's contract."""

    ends_on: Day
    """The day the apprenticeship ends; not in the past."""


class Pension(Inbound):
    """The pension a pensioner draws, and since when."""

    kind: PensionKind
    """The pension that is drawn."""
    from_on: Day = Field(alias="from")
    """Since when; not in the future. AFP and old age from 62, disability from 18."""


class GuardianConsent(Inbound):
    """That a guardian lets a minor into the insurance package (A38)."""

    name: Line
    """Who the guardian is."""
    on: Day
    """The day it was given; not in the future."""
    how: Line
    """How: signed, by telephone, in a meeting."""


Months = Annotated[int, Field(ge=0, le=1200)]
"""More than a hundred years of months is a typing error."""


class TransferFrom(Inbound):
    """What somebody brings along from another union (L10)."""

    union: Line
    """Name of that union."""
    member_since: Day | None = None
    """Since when the applicant is a member there; not in the future."""
    paid_months: Months | None = None
    """How many months of full dues are paid there."""
    insured_until: Day | None = None
    """The last day of a group insurance there that goes on here; left out: there is none."""


class Consents(Inbound):
    """What the applicant has agreed to."""

    terms: bool
    """The terms of membership; without them the application is invalid."""
    tell_recruiter: Flag = False
    """Whether the recruiter may learn of the approval."""
    guardian: GuardianConsent | None = None
    """For applicants under 18: without it they are not insured, and pay no premium."""


def _none_is_nothing(listed: type, read: GetCoreSchemaHandler) -> CoreSchema:
    """Return how a list is read that Temporal's own programs write as null when it is empty."""
    nullable = core_schema.nullable_schema(read(listed))
    return core_schema.no_info_after_validator_function(lambda jobs: jobs or (), nullable)


class Application(Inbound):
    """The one argument of the ``Membership`` workflow."""

    applicant: Applicant
    """The person who applies."""
    category: Category
    """The kind of member applied for. A student gives ``study``, an apprentice ``apprenticeship``,
    a pensioner of either kind ``pension``; nobody else does.
    """
    employment: Employment | None = None
    """Where the applicant works; leave it out for somebody who does not."""
    other_employments: Annotated[
        tuple[Employment, ...],
        # Not before the validation: what stands in a list would be read as Python, and refused.
        GetPydanticSchema(_none_is_nothing),
    ] = Field(default=(), exclude_if=lambda jobs: not jobs)
    """Where the applicant works beside it. The first employer with a number is asked to deduct."""
    study: Study | None = None
    """For category student only."""
    apprenticeship: Apprenticeship | None = None
    """For category apprentice only."""
    pension: Pension | None = None
    """For categories early_pensioner (under 67) and pensioner (from 67) only."""
    transfer_from: TransferFrom | None = Field(default=None, exclude_if=lambda told: told is None)
    """What the applicant brings along from another union."""
    hidden: bool = False
    """The employer must never learn of the membership."""
    insurance_reservation: Flag = False
    """The applicant reserves against the insurance package at once."""
    recruited_by: Line | None = None
    """Who recruited the applicant."""
    additional_information: Prose | None = None
    """For the caseworker."""
    newsletter: Flag = False
    """Whether the newsletter is wanted."""
    consents: Consents
    """What the applicant has agreed to."""
