"""What a member pays: each amount in integer øre (G3)."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import assert_never

from schemas.dues.rates import MONTHS, NOTHING, Paid, Rate
from schemas.dues.terms import InvoiceLine, Term
from schemas.pricing.rulebook import Policies, Rulebook, in_force
from schemas.shared.calendar import first_of_month
from schemas.shared.vocabulary import Cadence, Category, LineKind, Payer

SOURCES: dict[Category, tuple[str, ...]] = {
    Category.ORDINARY: ("S1", "S2", "S5", "S22"),
    Category.STUDENT: ("S12",),
    Category.APPRENTICE: ("S14",),
    Category.EARLY_PENSIONER: ("S21",),
    Category.PENSIONER: ("S18",),
}
"""The rules that set each category's central dues."""

RULES_OF_KIND: dict[LineKind, tuple[str, ...]] = {
    LineKind.LOCAL_DUES: ("S3", "S4", "A3"),
    LineKind.INSURANCE_PREMIUM: ("S7", "A4", "A17", "A18"),
    LineKind.CORRECTION: ("A31",),
}
"""The rules that set what else is charged."""

LOCAL_IN_PARTS = frozenset({"central_and_local", "central_local_and_premium"})
PREMIUM_IN_PARTS = frozenset({"central_and_premium", "central_local_and_premium"})
"""What halves, quarters and yearly fees are parts of as well (A1)."""


@dataclass(frozen=True)
class DuesFacts:
    """What the dues of one member depend on.

    Attributes:
        position_percent: summed over the employments (A5); None when unknown or not working.
        largest_percent: of the largest employment; None when one is unknown.
        worked_before: the sum before all work ended, where it has.
        branch: code of the local branch, None when unknown or hidden (S33).
    """

    category: Category
    birth_date: date
    position_percent: Decimal | None = None
    largest_percent: Decimal | None = None
    worked_before: Decimal | None = None
    hidden: bool = False
    branch: str | None = None


def has_half_dues(facts: DuesFacts, rulebook: Rulebook, on: date) -> bool:
    """Tell whether somebody who works has the right to half dues. Source: S5, S22, A5, A15."""
    policies = rulebook.policies_on(on)
    counts = _counts(facts, policies)
    if facts.category is not Category.ORDINARY or not counts:
        return False
    past_retirement = rulebook.turns(facts.birth_date, policies.retirement_age) <= on
    if past_retirement and not policies.half_past_67:
        return False
    return counts <= in_force(rulebook.dues, on).half_at_most_percent


def _counts(facts: DuesFacts, policies: Policies) -> Decimal | None:
    """Return the percentage that decides; without work it decides nothing. Source: A5."""
    if facts.position_percent == 0:
        return facts.worked_before if policies.dues_without_work == "as_before" else None
    largest = policies.employments_count == "largest"
    return facts.largest_percent if largest and facts.largest_percent else facts.position_percent


def central_rate(facts: DuesFacts, rulebook: Rulebook, on: date) -> Rate:
    """Return what the central dues are charged by on a day.

    Raises:
        NotInForce: the rulebook says nothing for that day.

    Source: S1, S2, S5, S12, S14, S18, S21, S22, A1.
    """
    match facts.category:
        case Category.ORDINARY if has_half_dues(facts, rulebook, on):
            return _part_rate(Paid.HALF, facts, rulebook, on)
        case Category.ORDINARY:
            return Rate(Paid.FULL)
        case Category.STUDENT:
            return _part_rate(Paid.STUDENT, facts, rulebook, on)
        case Category.APPRENTICE:
            return NOTHING
        case Category.EARLY_PENSIONER:
            return _part_rate(Paid.QUARTER, facts, rulebook, on)
        case Category.PENSIONER:
            return _part_rate(Paid.PENSIONER, facts, rulebook, on)
        case _:
            assert_never(facts.category)


def _part_rate(paid: Paid, facts: DuesFacts, rulebook: Rulebook, on: date) -> Rate:
    """Return a rate that is a part of full dues, and of what else counts to them. Source: A1."""
    parts_of = rulebook.policies_on(on).parts_of
    branch = facts.branch if parts_of in LOCAL_IN_PARTS and not facts.hidden else None
    if branch is not None and rulebook.branch(branch) is None:
        branch = None
    return Rate(
        paid,
        branch=branch,
        of_local=branch is not None,
        of_premium=parts_of in PREMIUM_IN_PARTS,
    )


def central_dues(facts: DuesFacts, rulebook: Rulebook, on: date) -> tuple[int, Cadence]:
    """Return the central dues on a day: øre per cadence.

    Args:
        facts: about the member.
        rulebook: with rates and policies in force on the day.
        on: the day.

    Raises:
        NotInForce: the rulebook says nothing for that day.

    Source: as ``central_rate``.
    """
    due = Due(LineKind.CENTRAL_DUES, central_rate(facts, rulebook, on))
    return due.rate.amount_on(rulebook, on), due.cadence


def _pays_locally(category: Category, policies: Policies) -> bool:
    """Tell whether a branch takes anything of a category. Source: S3, A8, A11."""
    match category:
        case Category.ORDINARY:
            return True
        case Category.APPRENTICE:
            return policies.apprentice_local_dues == "full"
        case Category.EARLY_PENSIONER:
            return policies.early_pensioner_local_dues == "full"
        case Category.STUDENT | Category.PENSIONER:
            return False
        case _:
            assert_never(category)


def local_rate(facts: DuesFacts, rulebook: Rulebook, on: date) -> Rate | None:
    """Return what the local dues are charged by on a day, or None where there are none.

    Raises:
        NotInForce: the rulebook says nothing for that day.

    Source: S3, S4, S33, A3, A8, A11.
    """
    if facts.hidden or facts.branch is None:
        return None
    if not _pays_locally(facts.category, rulebook.policies_on(on)):
        return None
    if rulebook.branch(facts.branch) is None:
        return None
    halved = has_half_dues(facts, rulebook, on)
    return Rate(Paid.LOCAL_HALF if halved else Paid.LOCAL, branch=facts.branch)


def local_dues(facts: DuesFacts, rulebook: Rulebook, on: date) -> int | None:
    """Return the local dues on a day in øre a month, or None where there are none.

    Raises:
        NotInForce: the rulebook, or the branch, says nothing for that day.

    Source: as ``local_rate``.
    """
    rate = local_rate(facts, rulebook, on)
    return None if rate is None else rate.amount_on(rulebook, on)


@dataclass(frozen=True, slots=True)
class Due:
    """What is charged in a month: what for, by which rate.

    Attributes:
        prorated: a yearly fee is charged for the remaining months in the year it begins (A13).
    """

    kind: LineKind
    rate: Rate
    prorated: bool = False

    @property
    def cadence(self) -> Cadence:
        """How often."""
        return Cadence.YEARLY if self.rate.yearly else Cadence.MONTHLY

    def directly(self, rulebook: Rulebook, on: date) -> Term:
        """Return it as a term from the month of a day on, paid directly and open-ended."""
        return Term(
            kind=self.kind,
            amount_ore=self.rate.amount_on(rulebook, on),
            cadence=self.cadence,
            payer=Payer.DIRECT,
            valid_from=first_of_month(on),
            prorated=self.prorated,
        )


def dues(facts: DuesFacts, rulebook: Rulebook, on: date) -> tuple[Due, ...]:
    """Return the dues that somebody is charged on a day: central, and local where there are any.

    Source: S3, A13, and those of ``central_rate`` and ``local_rate``.
    """
    prorated = _pays_for_months_left(facts.category, rulebook.policies_on(on))
    central = Due(LineKind.CENTRAL_DUES, central_rate(facts, rulebook, on), prorated)
    local = local_rate(facts, rulebook, on)
    return (central,) if local is None else (central, Due(LineKind.LOCAL_DUES, local))


def waived_dues(
    facts: DuesFacts, rulebook: Rulebook, on: date, percent: Decimal
) -> tuple[Due, ...]:
    """Return the dues of somebody whose dues are waived, or reduced to a part of the full ones.

    Nobody pays more by it: who pays less already, or by the year, goes on as before. Local dues
    rest. Source: L4, A36.
    """
    own = central_rate(facts, rulebook, on) if percent else NOTHING
    if own != NOTHING:
        own = replace(_part_rate(own.paid, facts, rulebook, on), waived=percent)
    return (Due(LineKind.CENTRAL_DUES, own),)


def dues_terms(facts: DuesFacts, rulebook: Rulebook, on: date) -> tuple[Term, ...]:
    """Return the terms of somebody who becomes a member on a day: paid directly, open-ended.

    They hold from the first of the month, which is billed whole. Source: S26, A19.
    """
    return tuple(due.directly(rulebook, on) for due in dues(facts, rulebook, on))


def _pays_for_months_left(category: Category, policies: Policies) -> bool:
    """Tell whether a yearly fee is paid in part in the year it begins. Source: A13."""
    match category:
        case Category.PENSIONER:
            return policies.pensioner_first_year == "months_left"
        case Category.STUDENT:
            return policies.student_first_year == "months_left"
        case _:
            return False


def first_invoice_lines(terms: tuple[Term, ...], on: date) -> tuple[InvoiceLine, ...]:
    """Return the lines of the first invoice: one month, or the year's fee.

    A pensioner who joins during the year pays the remaining months, the first one included; a
    student the whole fee. Nothing is invoiced where nothing is charged.

    Args:
        terms: of a new member.
        on: a day of the first month.

    Source: S26, A13, A18, A19.
    """
    return tuple(
        InvoiceLine(kind=term.kind, amount_ore=_first_amount(term, on))
        for term in terms
        if term.amount_ore and term.valid_from <= on
    )


def _first_amount(term: Term, on: date) -> int:
    if term.cadence is Cadence.YEARLY and term.prorated:
        remaining = MONTHS + 1 - on.month
        # Whole kroner of 600 split evenly; any other fee is rounded down, for the member.
        return term.amount_ore * remaining // MONTHS
    return term.amount_ore
