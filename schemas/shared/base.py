"""The two kinds of contract model, and the field types they share."""

import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)


class Inbound(BaseModel):
    """What enters from outside: strict, and every unknown field is a fault.

    The text behind a field is its description in the published schemas.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        serialize_by_alias=True,
        use_attribute_docstrings=True,
    )


class Contract(BaseModel):
    """What our own parts hand each other: an older reader ignores a newer field."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class PublishedModel(Contract):
    """What others read: the text behind a field is its description in the published schemas."""

    model_config = ConfigDict(use_attribute_docstrings=True)


EARLIEST_DATE = date(1900, 1, 1)
LATEST_DATE = date(2200, 12, 31)
"""Beyond these a date is a typing error, and arithmetic on it could overflow."""

MAX_ORE = 10**11
"""One thousand million kroner: more is a typing error, and it still fits a bigint."""


def none_is(default: object) -> Callable[[object], object]:
    """Return what reads null as a field that is left out; only where that harms nobody.

    Temporal's own programs write an empty list as null, and others write so what they do not know.
    """
    return lambda value: default if value is None else value


Flag = Annotated[bool, BeforeValidator(none_is(False), bool | None)]
"""What is not so unless somebody says it; null does not. For what harms nobody if it is not so."""


def _printable(text: str) -> str:
    """Return ``text`` in NFC; refuse what neither PostgreSQL nor a letter can hold."""
    if any(unicodedata.category(char) in {"Cc", "Cs"} and char not in "\n\t\r" for char in text):
        raise ValueError("holds control characters")
    return unicodedata.normalize("NFC", text)


def _one_line(text: str) -> str:
    """Refuse line breaks: a name or address must not smuggle a header into a letter."""
    if any(char in text for char in "\r\n\t\u2028\u2029"):
        raise ValueError("must stand on one line")
    return text


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_printable),
    AfterValidator(_one_line),
]
"""One line of text of 1 to 200 characters, trimmed, NFC."""

ShortLine = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=20),
    AfterValidator(_printable),
    AfterValidator(_one_line),
]
"""One line of 1 to 20 characters: a code of somebody else's."""

Prose = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4000),
    AfterValidator(_printable),
]
"""Free text of 1 to 4,000 characters, trimmed, NFC."""


def _calendar_date(value: object) -> object:
    """Read ``YYYY-MM-DD`` and no other text: pydantic takes digits for seconds since 1970."""
    if not isinstance(value, str):
        return value
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        with suppress(ValueError):
            return date.fromisoformat(value)
    raise ValueError("must be a date, YYYY-MM-DD")


Day = Annotated[date, Field(ge=EARLIEST_DATE, le=LATEST_DATE), BeforeValidator(_calendar_date)]
"""A calendar date in Europe/Oslo."""

Ore = Annotated[int, Field(ge=-MAX_ORE, le=MAX_ORE)]
"""An amount of money in integer øre; a credit is negative."""

MemberNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]{8}$")]
"""A member number: eight digits."""

Month = Annotated[str, StringConstraints(pattern=r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$")]
"""A calendar month, ``YYYY-MM``."""
