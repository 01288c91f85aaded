"""What the demo is made of: people, what happens to them, and where the rules say they end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

Json = Mapping[str, Any]

CENTRAL, LOCAL, PREMIUM = "central_dues", "local_dues", "insurance_premium"
MONTHLY, YEARLY, DIRECT, PAYROLL = "monthly", "yearly", "direct", "payroll"

MEMBER, CASEWORKERS, INSURER, EMPLOYERS, BRANCH = (
    "member",
    "caseworkers",
    "insurance_office",
    "employer",
    "branch",
)
EVERYBODY = frozenset({MEMBER, CASEWORKERS, INSURER, EMPLOYERS, BRANCH})


@dataclass(frozen=True)
class Send:
    """Somebody tells the membership something, by a real signal."""

    message: str
    data: Json


@dataclass(frozen=True)
class Days:
    """Time passes, until noon of the day so many days later."""

    count: int


@dataclass(frozen=True)
class Until:
    """Time passes, until noon of a day."""

    day: date


@dataclass(frozen=True)
class PayFirstInvoice:
    """The bank reports the first invoice's whole sum, with its KID."""


@dataclass(frozen=True)
class AcceptPayroll:
    """The employer accepts, from the month after next."""


Scene = Send | Days | Until | PayFirstInvoice | AcceptPayroll


@dataclass(frozen=True)
class Due:
    """What somebody pays, and how, from a month until another one (excluded).

    Attributes:
        ends: None for what has no end yet.
    """

    kind: str
    ore: int
    cadence: str
    payer: str
    begins: date
    ends: date | None = None


@dataclass(frozen=True)
class Promise:
    """Where the rules say somebody ends.

    Attributes:
        dues: past, present and future ones, in any order.
        decisions: (date, event) of every decision after the approval, in order.
        silence: from when until when (excluded) nobody outside may get a letter.
        first_invoice_ore: None when nothing is invoiced.
        audiences: everybody who got a letter; nobody else may have got one.
    """

    stage: str
    outcome: str | None = None
    dues: tuple[Due, ...] = ()
    decisions: tuple[tuple[date, str], ...] = ()
    silence: tuple[date, date] | None = None
    first_invoice_ore: int | None = None
    insurance: str = "not_applicable"
    payroll: str = "not_applicable"
    audiences: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Person:
    """One member of the cast.

    Attributes:
        captions: what a picture of the life says about its dates.
    """

    name: str
    role: str
    application: Json
    scenes: tuple[Scene, ...]
    promise: Promise
    captions: tuple[tuple[date, str], ...] = ()
