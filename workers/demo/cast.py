"""Who joins in the demo, what happens to them, and where the rules say they end.

Amounts in the promises are written out by hand from domain.md, never computed by the rules
they check. All national ids are synthetic (month + 80).
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from typing import Any

EMPLOYER = {"employer_orgnr": "974760673", "employer_name": "Eksempel AS", "position": "Formann"}

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Send:
    """Somebody tells the membership something, by a real signal."""

    message: str
    data: Json


@dataclass(frozen=True)
class Days:
    """Time passes."""

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
class Promise:
    """Where the rules say somebody ends.

    Attributes:
        terms: (kind, øre, cadence, payer) of every term, past, present and future, in the order
            ``state`` lists them.
        spans: (from, until) of every term; empty when the cast does not know the dates.
        decisions: (date, event) of every decision after the approval; empty, likewise.
        silence: from when until when (excluded) nobody outside may get a letter.
        first_invoice_ore: None when nothing is invoiced.
        audiences: everybody who got a letter; nobody else may have got one.
    """

    stage: str
    outcome: str | None = None
    terms: tuple[tuple[str, int, str, str], ...] = ()
    spans: tuple[tuple[str, str | None], ...] = ()
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


def application(name: str, birth_date: str, national_id: str | None, **changes: Any) -> Json:
    """Return an application with top-level fields replaced; None leaves one out."""
    first = name.split(maxsplit=1)[0].lower()
    form: dict[str, Any] = {
        "applicant": {
            "name": name,
            "birth_date": birth_date,
            "national_id": national_id,
            "email": f"{first}@example.org",
            "phone": "+4791234567",
            "address": {"line1": "Storgata 1", "postcode": "0155", "city": "Oslo"},
            "language": "nb",
        },
        "category": "ordinary",
        "employment": {**EMPLOYER, "position_percent": "100"},
        "consents": {"terms": True},
    }
    form |= deepcopy(changes)
    return {key: value for key, value in form.items() if value is not None}


def approve(**changes: Any) -> Send:
    """Return a caseworker's yes."""
    return Send("decide_application", {"decision": "approve", "caseworker": "ola", **changes})


MEMBER, CASEWORKERS, INSURER, EMPLOYERS, BRANCH = (
    "member",
    "caseworkers",
    "insurance_office",
    "employer",
    "branch",
)
EVERYBODY = frozenset({MEMBER, CASEWORKERS, INSURER, EMPLOYERS, BRANCH})
NO_RESERVATION = Days(31)
"""The window of 30 days passes (A21)."""


PEOPLE = (
    Person(
        name="Kari Nordmann",
        role="full-time, through payroll",
        application=application("Kari Nordmann", "1986-04-12", "12848600197"),
        scenes=(
            Days(1),
            approve(branch="OSLO"),
            PayFirstInvoice(),
            Days(6),
            AcceptPayroll(),
            NO_RESERVATION,
        ),
        promise=Promise(
            stage="active",
            # S2 495.00, OSLO's own 50.00 (S3), S7 200.00; first month direct (S26), then payroll.
            terms=(
                ("central_dues", 49500, "monthly", "direct"),
                ("central_dues", 49500, "monthly", "payroll"),
                ("insurance_premium", 20000, "monthly", "payroll"),
                ("local_dues", 5000, "monthly", "direct"),
                ("local_dues", 5000, "monthly", "payroll"),
            ),
            first_invoice_ore=54500,
            insurance="covered",
            payroll="active",
            audiences=EVERYBODY,
        ),
    ),
    Person(
        name="Per Halvorsen",
        role="half-time, reserves",
        application=application(
            "Per Halvorsen",
            "1979-11-03",
            "03917900158",
            employment={**EMPLOYER, "position_percent": "50"},
        ),
        scenes=(
            approve(),
            Days(10),
            Send("reserve_insurance", {"received_on": "today"}),
            AcceptPayroll(),
            Days(1),
        ),
        promise=Promise(
            stage="active",
            # S5: 495.00 / 2 = 247.50, and 50.0 % still counts as half. No premium (A21).
            # A15: there is no half past 67, as he can read today.
            terms=(
                ("central_dues", 24750, "monthly", "direct"),
                ("central_dues", 24750, "monthly", "payroll"),
                ("central_dues", 49500, "monthly", "payroll"),
            ),
            first_invoice_ore=24750,
            insurance="reserved",
            payroll="active",
            audiences=frozenset({MEMBER, CASEWORKERS, INSURER, EMPLOYERS}),
        ),
    ),
    Person(
        name="Nora Skjold",
        role="hidden member",
        application=application("Nora Skjold", "1991-02-20", "20829100143", hidden=True),
        scenes=(approve(), NO_RESERVATION, Days(1)),
        promise=Promise(
            stage="active",
            # S2 495.00, no local dues (S33), S7 200.00, all direct (A23).
            terms=(
                ("central_dues", 49500, "monthly", "direct"),
                ("insurance_premium", 20000, "monthly", "direct"),
            ),
            first_invoice_ore=49500,
            insurance="covered",
            # S30: nothing to the employer, nothing to a branch.
            audiences=frozenset({MEMBER, CASEWORKERS, INSURER}),
        ),
    ),
    Person(
        name="Siri Student",
        role="student",
        application=application(
            "Siri Student",
            "2004-08-15",
            "15880450120",
            category="student",
            employment=None,
            study={"school": "Universitetet i Bergen", "ends_on": "2029-06-15"},
        ),
        scenes=(approve(), Days(1)),
        promise=Promise(
            stage="active",
            # S12: 5 % of 5,940 is 297, up to the next ten: 300.00 a year. S8: no package.
            terms=(("central_dues", 30000, "yearly", "direct"),),
            first_invoice_ore=30000,
            audiences=frozenset({MEMBER, CASEWORKERS}),
        ),
    ),
    Person(
        name="Lars Lærling",
        role="apprentice",
        application=application(
            "Lars Lærling",
            "2008-05-30",
            "30850850190",
            category="apprentice",
            apprenticeship={"ends_on": "2028-07-31"},
        ),
        scenes=(approve(), Days(1)),
        promise=Promise(
            stage="active",
            # S14: free. A7: the package is opt-in, so the office hears of him (S9).
            terms=(("central_dues", 0, "monthly", "direct"),),
            audiences=frozenset({MEMBER, CASEWORKERS, INSURER}),
        ),
    ),
    Person(
        name="Eva Tidlig",
        role="early pensioner",
        application=application(
            "Eva Tidlig",
            "1962-06-01",
            "01866200137",
            category="early_pensioner",
            employment=None,
            pension={"kind": "afp", "from": "2025-07-01"},
        ),
        scenes=(approve(), NO_RESERVATION, Days(1)),
        promise=Promise(
            stage="active",
            # S21: a quarter of 495.00 is 123.75, unrounded (A2). S20: the package stays open.
            # S18: from 67 10 % of 5,940.00, 594.00, up to the next ten: 600.00 a year.
            terms=(
                ("central_dues", 12375, "monthly", "direct"),
                ("central_dues", 60000, "yearly", "direct"),
                ("insurance_premium", 20000, "monthly", "direct"),
            ),
            first_invoice_ore=12375,
            insurance="covered",
            audiences=frozenset({MEMBER, CASEWORKERS, INSURER}),
        ),
    ),
    Person(
        name="Tor Avslag",
        role="refused",
        application=application("Tor Avslag", "1975-03-09", None),
        scenes=(
            Send(
                "decide_application",
                {
                    "decision": "reject",
                    "caseworker": "ola",
                    "reason": "Stillingen er utenfor forbundets område",
                },
            ),
        ),
        promise=Promise(
            stage="ended", outcome="rejected", audiences=frozenset({MEMBER, CASEWORKERS})
        ),
    ),
    Person(
        name="Ole Ung",
        role="application with faults",
        # Below 15 (section 7), the terms not accepted, and a pension he cannot have.
        application=application(
            "Ole Ung",
            "2014-01-01",
            None,
            employment=None,
            pension={"kind": "afp", "from": "2026-01-01"},
            consents={"terms": False},
        ),
        scenes=(),
        promise=Promise(
            stage="ended", outcome="invalid", audiences=frozenset({MEMBER, CASEWORKERS})
        ),
    ),
)
