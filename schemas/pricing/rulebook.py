"""The rulebook: amounts, percentages, policies and benefits, each with the date it holds from.

Read from PostgreSQL once per decision, so that a workflow's history holds what was used. A list
of dated entries is sorted by ``valid_from``; the entry in force on a day is the last one that
had begun by then.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, Protocol, TypeVar

from schemas.pricing.policies import (
    AccessPolicies,
    DuesPolicies,
    HelpPolicies,
    HiddenPolicies,
    InsurancePolicies,
    PaymentPolicies,
    ReviewPolicies,
    TimePolicies,
    WaiverPolicies,
    YearPolicies,
)
from schemas.shared.base import Contract, Day, Ore
from schemas.shared.calendar import birthday
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


class ChargedYear(Contract):
    """A year whose fees were charged before other prices were approved for it (A26).

    Attributes:
        year_from: its first day.
        charged_on: the day of the run that charged its fees.
        priced_on: a day on which the prices held that they were charged by.
    """

    year_from: Day
    charged_on: Day
    priced_on: Day


class Policies(
    DuesPolicies,
    WaiverPolicies,
    YearPolicies,
    InsurancePolicies,
    ReviewPolicies,
    HiddenPolicies,
    AccessPolicies,
    PaymentPolicies,
    HelpPolicies,
    TimePolicies,
):
    """Our readings where the source is silent (A and a number). Each is one row of configuration.

    The fields stand in ``schemas.pricing.policies``, by what they are about.
    """

    valid_from: Day


class Rulebook(Contract):
    """Everything the rules need, as it stood when it was read.

    Attributes:
        version: a content hash; a decision made by an older version is not recorded but
            made again with the new one.
        allow_synthetic_ids: test numbers (month + 80) count as national ids.
        charged_years: what has been charged for them stands (A26).
    """

    version: str
    allow_synthetic_ids: bool = False
    dues: tuple[DuesRates, ...]
    premiums: tuple[PremiumRate, ...]
    coverages: tuple[Coverage, ...]
    branches: tuple[Branch, ...] = ()
    benefits: tuple[Benefits, ...]
    policies: tuple[Policies, ...]
    charged_years: tuple[ChargedYear, ...] = ()

    def policies_on(self, on: date) -> Policies:
        """Return the policies in force on a day."""
        return in_force(self.policies, on)

    def turns(self, born: date, age: int) -> date:
        """Return the day somebody turns an age. Source: A32."""
        day = birthday(born, age)
        if (born.month, born.day) != (2, 29) or day.month == 2:
            return day
        eve = day - timedelta(days=1)
        # Whoever turned that age before any rule of ours began is as old as by the first one.
        by = self.policies_on(max(eve, self.policies[0].valid_from))
        return eve if by.leap_birthday == "february_28" else day

    def branch(self, code: str) -> Branch | None:
        """Return a branch by its code, or None."""
        return next((branch for branch in self.branches if branch.code == code), None)

    def benefits_of(self, category: Category, on: date) -> tuple[str, ...]:
        """Return the names of what a category is entitled to on a day."""
        return in_force([b for b in self.benefits if b.category is category], on).names
