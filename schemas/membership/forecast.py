"""The ``forecast`` query: what will happen by itself, as others may rely on reading it."""

from schemas.membership.state import Awaiting
from schemas.shared.base import Day, Ore, PublishedModel
from schemas.shared.vocabulary import (
    Audience,
    Cadence,
    Category,
    Event,
    InsuranceStatus,
    LineKind,
    Outcome,
    Payer,
    PayrollStatus,
    Stage,
    Template,
)


class ForecastLetter(PublishedModel):
    """A letter that a step will order."""

    audience: Audience
    """Who it is for."""
    template: Template
    """Which letter."""
    forwarded: bool = False
    """By way of the caseworkers, who decide its words."""


class ForecastStep(PublishedModel):
    """Something that will happen by itself, and what holds after it."""

    on: Day
    """The day."""
    age: int
    """The member's age on that day."""
    event: Event
    """What a decision in the log will call it."""
    says: str
    """What happens, in a sentence."""
    rules: tuple[str, ...]
    """The rules it rests on."""
    stage: Stage
    """The stage after it."""
    outcome: Outcome | None = None
    """How it ended; null while it goes on."""
    category: Category | None
    """The kind of member after it."""
    insurance: InsuranceStatus
    """Where the insurance package stands after it."""
    payroll: PayrollStatus
    """Where the payroll deduction stands after it."""
    letters: tuple[ForecastLetter, ...] = ()
    """The letters it orders."""


class ForecastDues(PublishedModel):
    """A charge that will hold for a span of days."""

    kind: LineKind
    """What is charged for."""
    amount_ore: Ore
    """In øre, per cadence; 0 states that nothing is charged."""
    cadence: Cadence
    """How often."""
    a_year_ore: Ore
    """The same for twelve months, in øre."""
    payer: Payer
    """Through whom."""
    valid_from: Day
    """The first day it holds, not before the forecast begins."""
    valid_to: Day
    """The first day it no longer holds, or that the forecast no longer covers."""
    rules: tuple[str, ...]
    """The rules that set the amount."""


class ForecastCover(PublishedModel):
    """One coverage of the insurance package and the span it will hold for."""

    coverage: str
    """Its name."""
    valid_from: Day
    """The first day of cover, perhaps in the past."""
    valid_to: Day
    """The first day without it."""


class Forecast(PublishedModel):
    """The answer of the ``forecast`` query: what will happen if nobody else does anything."""

    membership_id: str
    """The workflow id."""
    as_of: Day
    """The day from which it looks ahead: the last on which the membership woke."""
    until: Day | None = None
    """The first day it no longer covers: the 80th birthday, at least five years ahead. Null where
    there is nothing to foresee.
    """
    stage: Stage
    """How far it has come now."""
    category: Category | None = None
    """The kind of member now."""
    assumes: str
    """What it takes for granted."""
    steps: tuple[ForecastStep, ...] = ()
    """What happens by itself, in order of time."""
    dues: tuple[ForecastDues, ...] = ()
    """What is charged, by kind and in order of time."""
    cover: tuple[ForecastCover, ...] = ()
    """The coverages of the insurance package."""
    awaiting: tuple[Awaiting, ...] = ()
    """Who is waited for still when all that has happened."""
    note: str | None = None
    """Why there is nothing more to foresee, in a sentence."""
