"""An application as far as rules need it: nobody is named by it, reached, or quoted.

It has the attributes of ``schemas.membership.application.Application``, so that a rule takes
either; where only that matters which has been given, that alone is left.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import Field, model_validator

from schemas.membership.application import Application
from schemas.shared.base import Contract, Day
from schemas.shared.vocabulary import Category, PensionKind

GIVEN = {"has_national_id": "national_id", "has_email": "email", "has_address": "address"}
"""What is left of the fields of a person: whether there is such a thing."""


def _given(value: Any, fields: Mapping[str, str]) -> Any:
    """Read what older code kept: the things themselves."""
    if not isinstance(value, Mapping):
        return value
    return {
        **value,
        **{flag: bool(value[name]) for flag, name in fields.items() if name in value},
    }


class FormApplicant(Contract):
    """Who applies, as far as rules need it.

    Attributes:
        has_national_id: it is known, is valid, and agrees with the birth date.
    """

    birth_date: Day
    has_national_id: bool = False
    has_email: bool = False
    has_address: bool = False

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        return _given(value, GIVEN)


class FormEmployment(Contract):
    """Where somebody works."""

    employer_orgnr: str | None = None
    employer_name: str | None = None
    position_percent: Decimal = Decimal(100)


class FormEnd(Contract):
    """A study or an apprenticeship: its last day."""

    ends_on: Day


class FormPension(Contract):
    """The pension that is drawn, and since when."""

    kind: PensionKind
    from_on: Day

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        """Read it as an application has it."""
        old = isinstance(value, Mapping) and "from" in value
        return {**value, "from_on": value["from"]} if old else value


class FormTransfer(Contract):
    """What is brought along from another union, which is not named (L10)."""

    member_since: Day | None = None
    paid_months: int | None = None
    insured_until: Day | None = None


class FormConsents(Contract):
    """What was agreed to.

    Attributes:
        guardian: a minor's guardian has consented (A38).
    """

    terms: bool
    tell_recruiter: bool = False
    has_guardian: bool = False

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        return _given(value, {"has_guardian": "guardian"})


class Form(Contract):
    """An application as far as rules need it, with the present jobs and flags.

    Attributes:
        is_recruited: somebody is named who recruited the applicant.
    """

    applicant: FormApplicant
    category: Category
    employment: FormEmployment | None = None
    other_employments: tuple[FormEmployment, ...] = ()
    study: FormEnd | None = None
    apprenticeship: FormEnd | None = None
    pension: FormPension | None = None
    transfer_from: FormTransfer | None = Field(default=None, exclude_if=lambda told: told is None)
    hidden: bool = False
    insurance_reservation: bool = False
    is_recruited: bool = False
    consents: FormConsents

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        return _given(value, {"is_recruited": "recruited_by"})

    @classmethod
    def of(cls, application: Application) -> "Form":
        """Return what rules need of an application."""
        return cls.model_validate(application.model_dump(mode="json"))


AnyForm = Application | Form
"""What rules are asked about: the application itself where it comes in, else what is kept of it."""
