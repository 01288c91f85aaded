"""The rulebook: amounts, percentages, policies and benefits, each with the date it holds from.

Read from PostgreSQL once per decision, so that a workflow's history holds what was used. A list
of dated entries is sorted by ``valid_from``; the entry in force on a day is the last one that
had begun by then.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Literal, Protocol, TypeVar

from schemas.shared.base import Contract, Day, Ore
from schemas.shared.vocabulary import Category


class Dated(Protocol):
    """Anything that holds from a day on."""

    @property
    def valid_from(self) -> date:
        """The first day it holds."""


Entry = TypeVar("Entry", bound=Dated)


class NotInForce(LookupError):
    """No entry of the rulebook holds on the day asked for."""


def in_force(entries: Sequence[Entry], on: date) -> Entry:
    """Return the entry that holds on a day.

    Args:
        entries: sorted by ``valid_from``.
        on: the day.

    Raises:
        NotInForce: the first entry begins later, or there is none.
    """
    found = [entry for entry in entries if entry.valid_from <= on]
    if not found:
        raise NotInForce(f"the rulebook says nothing for {on}")
    return found[-1]


class DuesRates(Contract):
    """What central dues are made of (S2, S5, S12, S18, S21)."""

    valid_from: Day
    full_central_ore: Ore
    half_percent: Decimal
    quarter_percent: Decimal
    student_percent: Decimal
    pensioner_percent: Decimal
    half_at_most_percent: Decimal


class PremiumRate(Contract):
    """The monthly price of the insurance package (S7)."""

    valid_from: Day
    premium_ore: Ore


class Coverage(Contract):
    """One part of the insurance package and the age it ends at (A17)."""

    valid_from: Day
    name: str
    ends_at_age: int
    ends: Literal["birthday", "end_of_year"]


class LocalRate(Contract):
    """A branch's own dues (S4), and whether half dues halve them (A3)."""

    valid_from: Day
    local_ore: Ore
    halves: bool


class Branch(Contract):
    """A local branch or company group."""

    code: str
    name: str
    rates: tuple[LocalRate, ...]


class Benefits(Contract):
    """What a category of member is entitled to (B1)."""

    valid_from: Day
    category: Category
    names: tuple[str, ...]


class Policies(Contract):
    """Our readings where the source is silent (A and a number). Each is one row of configuration.

    Attributes:
        round_half_and_quarter: round half and quarter dues up to the next ten kroner (A2).
        apprentice_insurance: how an apprentice comes to the package (A7).
        half_past_67: whether 50 % or less gives half dues past 67 (A15).
        premium_at_once: charge the premium from the first invoice on (A18).
        payroll_needs_first_payment: wait for the first payment before asking (A20).
        window_days: days to make a reservation, from the proof of notice (A21).
        reminder_working_days, escalation_working_days: of a review (A33).
        lapse_days: an unanswered question ends the application (A33).
        payroll_reminder_days, payroll_timeout_days: of an unanswered request (A34).
        payment_days: from issue to due date, then on to a bank day (A35).
        lowest_age: below it an application is refused (N6).
        retirement_age: S18, S21, S22.
        afp_age: AFP is possible from this age (L3).
        back_months: charges are corrected at most so many months back (A31).
        change_ahead_years: a change further ahead is taken for a typing error.
        pension_question_months: asked so long before the retirement age (A14).
        study_question_days: asked so long before a study or an apprenticeship ends (S17, A9).
        notice_months: whole months from a resignation's own to the end (A29).
        struck_off_months: struck off when owing more months than this (A30).
        first_reminder_days, second_reminder_days: past the due date (A30).
        arrears_task_months: owing so many months is a caseworker's matter (A30).
        warning_days: from the warning to the striking off (A30).
        report_due_day: of the month after, for an employer's return (D5).
    """

    valid_from: Day
    round_half_and_quarter: bool = False
    apprentice_insurance: Literal["opt_in", "opt_out", "excluded"] = "opt_in"
    half_past_67: bool = False
    premium_at_once: bool = False
    payroll_needs_first_payment: bool = False
    window_days: int = 30
    reminder_working_days: int = 3
    escalation_working_days: int = 10
    lapse_days: int = 30
    payroll_reminder_days: int = 14
    payroll_timeout_days: int = 30
    payment_days: int = 14
    lowest_age: int = 15
    retirement_age: int = 67
    afp_age: int = 62
    back_months: int = 3
    change_ahead_years: int = 5
    pension_question_months: int = 3
    study_question_days: int = 90
    notice_months: int = 1
    struck_off_months: int = 3
    first_reminder_days: int = 14
    second_reminder_days: int = 28
    arrears_task_months: int = 2
    warning_days: int = 14
    report_due_day: int = 15


class Rulebook(Contract):
    """Everything the rules need, as it stood when it was read.

    Attributes:
        version: a content hash; a decision made by an older version is not recorded but
            made again with the new one.
        allow_synthetic_ids: test numbers (month + 80) count as national ids.
    """

    version: str
    allow_synthetic_ids: bool = False
    dues: tuple[DuesRates, ...]
    premiums: tuple[PremiumRate, ...]
    coverages: tuple[Coverage, ...]
    branches: tuple[Branch, ...] = ()
    benefits: tuple[Benefits, ...]
    policies: tuple[Policies, ...]

    def policies_on(self, on: date) -> Policies:
        """Return the policies in force on a day."""
        return in_force(self.policies, on)

    def branch(self, code: str) -> Branch | None:
        """Return a branch by its code, or None."""
        return next((branch for branch in self.branches if branch.code == code), None)

    def benefits_of(self, category: Category, on: date) -> tuple[str, ...]:
        """Return the names of what a category is entitled to on a day."""
        return in_force([b for b in self.benefits if b.category is category], on).names
