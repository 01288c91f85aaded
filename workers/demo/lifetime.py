"""One life from student at 20 to pensioner at 80: what happens, and what the rules promise.

She is born on New Year's Day and joins on the day the story begins, in the year she turns 20. Every
later date is written as (age, month, day). Amounts are written out by hand from docs/rules.md, like
those of the cast.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from workers.demo.dates import month_of
from workers.demo.forms import application, approve
from workers.demo.scenes import (
    CENTRAL,
    DIRECT,
    EVERYBODY,
    LOCAL,
    MONTHLY,
    PAYROLL,
    PREMIUM,
    YEARLY,
    Due,
    PayFirstInvoice,
    Person,
    Promise,
    Scene,
    Send,
    Until,
)

Age = tuple[int, int, int]
"""A day in the year somebody turns an age: (age, month, day)."""

JOINS_AT, LEAVES_US_AT = 20, 80

EKSEMPEL = {"employer_orgnr": "974760673", "employer_name": "Eksempel AS"}
FJORD = {"employer_orgnr": "312345676", "employer_name": "Fjord Drift AS"}


def _accepts(age: int, month: int) -> tuple[str, dict[str, Any]]:
    return "answer_payroll_request", {"answer": "accepted", "first_period": (age, month)}


STORY: tuple[tuple[Age, str, Mapping[str, Any]], ...] = (
    ((24, 5, 20), "change_category", {"category": "ordinary", "effective_on": (24, 7, 1)}),
    (
        (24, 5, 20),
        "change_employment",
        {"effective_on": (24, 7, 1), **EKSEMPEL, "position_percent": "100", "branch": "OSLO"},
    ),
    ((24, 7, 10), *_accepts(24, 8)),
    ((29, 4, 20), "change_employment", {"effective_on": (29, 5, 1), **FJORD, "branch": "BERGEN"}),
    ((29, 5, 10), *_accepts(29, 6)),
    ((32, 3, 1), "change_employment", {"effective_on": (32, 3, 1), "position_percent": "50"}),
    ((36, 9, 1), "change_employment", {"effective_on": (36, 9, 1), "position_percent": "100"}),
    ((42, 2, 1), "set_hidden", {"hidden": True, "effective_on": (42, 2, 1)}),
    ((43, 2, 1), "set_hidden", {"hidden": False, "effective_on": (43, 2, 1), "consent": True}),
    ((43, 2, 5), *_accepts(43, 3)),
    (
        (49, 8, 20),
        "grant_leave",
        {"from_on": (49, 9, 1), "until_on": (50, 6, 30), "caseworker": "ola"},
    ),
    ((50, 7, 5), *_accepts(50, 8)),
    ((62, 4, 20), "report_pension", {"kind": "afp", "from_on": (62, 5, 1)}),
)
"""What others tell her membership, and when."""

DUES: tuple[tuple[str, int, str, str, Age | None, Age | None], ...] = (
    # S12: 5 % of 12 x 495.00 = 5,940.00 is 297.00, up to the next ten: 300.00 a year.
    (CENTRAL, 30000, YEARLY, DIRECT, None, (24, 7, 1)),
    # S2: 495.00, directly until the employer deducts (A20), anew with each employer.
    (CENTRAL, 49500, MONTHLY, DIRECT, (24, 7, 1), (24, 8, 1)),
    (CENTRAL, 49500, MONTHLY, PAYROLL, (24, 8, 1), (29, 5, 1)),
    (CENTRAL, 49500, MONTHLY, DIRECT, (29, 5, 1), (29, 6, 1)),
    (CENTRAL, 49500, MONTHLY, PAYROLL, (29, 6, 1), (32, 3, 1)),
    # S5: 50.0 % is half: 495.00 / 2 = 247.50.
    (CENTRAL, 24750, MONTHLY, PAYROLL, (32, 3, 1), (36, 9, 1)),
    (CENTRAL, 49500, MONTHLY, PAYROLL, (36, 9, 1), (42, 2, 1)),
    # A23: a hidden member pays directly; the employer is asked again afterwards.
    (CENTRAL, 49500, MONTHLY, DIRECT, (42, 2, 1), (43, 3, 1)),
    (CENTRAL, 49500, MONTHLY, PAYROLL, (43, 3, 1), (49, 9, 1)),
    # L4: nothing while on leave.
    (CENTRAL, 0, MONTHLY, DIRECT, (49, 9, 1), (50, 7, 1)),
    (CENTRAL, 49500, MONTHLY, DIRECT, (50, 7, 1), (50, 8, 1)),
    (CENTRAL, 49500, MONTHLY, PAYROLL, (50, 8, 1), (62, 5, 1)),
    # S21: a quarter, 495.00 / 4 = 123.75, unrounded (A2).
    (CENTRAL, 12375, MONTHLY, DIRECT, (62, 5, 1), (67, 1, 1)),
    # S18: 10 % of 5,940.00 is 594.00, up to the next ten: 600.00 a year.
    (CENTRAL, 60000, YEARLY, DIRECT, (67, 1, 1), None),
    # S7: 200.00 once the window of 30 days from 1 July has passed (A21). A17: until the end of the
    # year of 67, the last coverage's.
    (PREMIUM, 20000, MONTHLY, PAYROLL, (24, 8, 1), (29, 5, 1)),
    (PREMIUM, 20000, MONTHLY, DIRECT, (29, 5, 1), (29, 6, 1)),
    (PREMIUM, 20000, MONTHLY, PAYROLL, (29, 6, 1), (42, 2, 1)),
    (PREMIUM, 20000, MONTHLY, DIRECT, (42, 2, 1), (43, 3, 1)),
    (PREMIUM, 20000, MONTHLY, PAYROLL, (43, 3, 1), (49, 9, 1)),
    (PREMIUM, 20000, MONTHLY, DIRECT, (49, 9, 1), (50, 8, 1)),
    (PREMIUM, 20000, MONTHLY, PAYROLL, (50, 8, 1), (62, 5, 1)),
    (PREMIUM, 20000, MONTHLY, DIRECT, (62, 5, 1), (68, 1, 1)),
    # S3, S4: OSLO 50.00, BERGEN 45.00, halved with half dues to 22.50 (A3). None while hidden
    # (S33), on leave, or as a pensioner (A11).
    (LOCAL, 5000, MONTHLY, DIRECT, (24, 7, 1), (24, 8, 1)),
    (LOCAL, 5000, MONTHLY, PAYROLL, (24, 8, 1), (29, 5, 1)),
    (LOCAL, 4500, MONTHLY, DIRECT, (29, 5, 1), (29, 6, 1)),
    (LOCAL, 4500, MONTHLY, PAYROLL, (29, 6, 1), (32, 3, 1)),
    (LOCAL, 2250, MONTHLY, PAYROLL, (32, 3, 1), (36, 9, 1)),
    (LOCAL, 4500, MONTHLY, PAYROLL, (36, 9, 1), (42, 2, 1)),
    (LOCAL, 4500, MONTHLY, DIRECT, (43, 2, 1), (43, 3, 1)),
    (LOCAL, 4500, MONTHLY, PAYROLL, (43, 3, 1), (49, 9, 1)),
    (LOCAL, 4500, MONTHLY, DIRECT, (50, 7, 1), (50, 8, 1)),
    (LOCAL, 4500, MONTHLY, PAYROLL, (50, 8, 1), (62, 5, 1)),
)
"""(kind, øre, cadence, payer, from, until) of every term; None: the month she joins, and open."""


@dataclass(frozen=True)
class Milestone:
    """One decision of her life, with the day the rules promise it for.

    Attributes:
        caption: what the picture says about it; None when it is not shown there.
    """

    on: Age
    event: str
    caption: str | None = None


MILESTONES: tuple[Milestone, ...] = (
    *(Milestone((age, 1, 1), "student_checked") for age in (21, 22, 23, 24)),
    # S17: asked 90 days before the study ends on 15 June: 17 March.
    Milestone((24, 3, 17), "study_end_asked"),
    Milestone((24, 5, 20), "change_recorded"),
    Milestone((24, 5, 20), "change_recorded"),
    Milestone((24, 7, 1), "change_took_effect", "Accepts the offer: first job, at Eksempel AS"),
    Milestone((24, 7, 10), "payroll_accepted"),
    Milestone((24, 8, 1), "insurance_covered", "Covered by the insurance package"),
    Milestone((29, 4, 20), "change_recorded"),
    Milestone((29, 5, 1), "change_took_effect", "Moves to Fjord Drift AS in Bergen"),
    Milestone((29, 5, 10), "payroll_accepted"),
    Milestone((32, 3, 1), "employment_changed", "Half-time: half dues"),
    Milestone((36, 9, 1), "employment_changed", "Full-time again"),
    # L5: the deduction is stopped before the flag takes effect.
    Milestone((42, 2, 1), "hiding_prepared"),
    Milestone((42, 2, 1), "hidden_changed", "Hidden: the employer must not know"),
    Milestone((43, 2, 1), "hidden_changed", "Open again, by her own consent"),
    Milestone((43, 2, 5), "payroll_accepted"),
    Milestone((49, 8, 20), "change_recorded"),
    Milestone((49, 9, 1), "change_took_effect", "Ten months of leave without dues"),
    Milestone((50, 7, 1), "change_took_effect", "Back from leave"),
    Milestone((50, 7, 5), "payroll_accepted"),
    # A17: disability cover ends at 60, critical illness at 67, life with the year of 67.
    Milestone((60, 1, 1), "coverage_ended", "Disability cover ends by age"),
    Milestone((62, 4, 20), "change_recorded"),
    Milestone((62, 5, 1), "change_took_effect", "AFP: a quarter of the dues"),
    Milestone((67, 1, 1), "retirement_age_reached", "67: a pensioner, by a timer alone"),
    Milestone((68, 1, 1), "coverage_ended", "The last insurance cover ends"),
)
"""Every decision after the approval, in order."""

HIDDEN: tuple[Age, Age] = ((42, 2, 2), (43, 2, 1))
"""From the day after the flag until it is lifted: not a word to employer or branch (S30, S33)."""


def ingrid(day: date) -> Person:
    """Return somebody who joins on a day as a student of 20, and everything her life will bring."""
    born = date(day.year - JOINS_AT, 1, 1)

    def on(when: Age) -> date:
        age, month, day_of_month = when
        return date(born.year + age, month, day_of_month)

    def written(value: object) -> object:
        if not isinstance(value, tuple):
            return value
        return f"{on((*value, 1)):%Y-%m}" if len(value) == 2 else str(on(value))

    scenes: list[Scene] = [approve(), PayFirstInvoice()]
    for when, message, data in STORY:
        scenes += [Until(on(when)), Send(message, {k: written(v) for k, v in data.items()})]
    scenes.append(Until(on((LEAVES_US_AT, 7, 1))))
    return Person(
        name="Ingrid Livsløp",
        role="a whole life",
        application=application(
            "Ingrid Livsløp",
            born,
            category="student",
            employment=None,
            study={"school": "Universitetet i Bergen", "ends_on": str(on((24, 6, 15)))},
        ),
        scenes=tuple(scenes),
        promise=Promise(
            stage="active",
            dues=tuple(
                Due(
                    kind,
                    ore,
                    cadence,
                    payer,
                    begins=on(first) if first else month_of(day),
                    ends=on(end) if end else None,
                )
                for kind, ore, cadence, payer, first, end in DUES
            ),
            decisions=(
                (day, "payment_recorded"),
                *((on(stone.on), stone.event) for stone in MILESTONES),
            ),
            silence=(on(HIDDEN[0]), on(HIDDEN[1])),
            first_invoice_ore=30000,
            insurance="ended",
            payroll="stopped",
            audiences=EVERYBODY,
        ),
        captions=tuple((on(s.on), s.caption) for s in MILESTONES if s.caption),
    )
