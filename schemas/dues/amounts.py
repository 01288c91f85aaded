"""What a member pays: each amount in integer øre (G3)."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import assert_never

from schemas.dues.terms import InvoiceLine, Term
from schemas.pricing.rulebook import DuesRates, LocalRate, Policies, Rulebook, in_force
from schemas.shared.calendar import birthday, first_of_month
from schemas.shared.vocabulary import Cadence, Category, LineKind, Payer

SOURCES: dict[Category, tuple[str, ...]] = {
    Category.ORDINARY: ("S1", "S2", "S5", "S22"),
    Category.STUDENT: ("S12",),
    Category.APPRENTICE: ("S14",),
    Category.EARLY_PENSIONER: ("S21",),
    Category.PENSIONER: ("S18",),
}
"""The rules that set each category's central dues."""

TEN_KRONER_ORE = 1000
MONTHS = 12


@dataclass(frozen=True)
class DuesFacts:
    """What the dues of one member depend on.

    Attributes:
        position_percent: summed over the employments (A5); None when unknown or not working.
        branch: code of the local branch, None when unknown or hidden (S33).
    """

    category: Category
    birth_date: date
    position_percent: Decimal | None = None
    hidden: bool = False
    branch: str | None = None


def ceil10(ore: Decimal) -> int:
    """Round up to the next ten kroner: 297.00 becomes 300, 300.00 stays. Source: S12, S18."""
    return int((ore / TEN_KRONER_ORE).to_integral_value(ROUND_CEILING)) * TEN_KRONER_ORE


def _part(rates: DuesRates, percent: Decimal, policies: Policies) -> int:
    """Return a part of full monthly central dues. Source: S5, S21, A1, A2."""
    part = rates.full_central_ore * percent / 100
    if policies.round_half_and_quarter:
        return ceil10(part)
    return int(part.to_integral_value(ROUND_HALF_UP))


def yearly_fee(rates: DuesRates, percent: Decimal) -> int:
    """Return a part of full yearly central dues, up to the next ten. Source: S12, S18, A1."""
    return ceil10(rates.full_central_ore * MONTHS * percent / 100)


def has_half_dues(facts: DuesFacts, rates: DuesRates, policies: Policies, on: date) -> bool:
    """Tell whether somebody who works has the right to half dues. Source: S5, S22, A5, A15."""
    if facts.position_percent is None or facts.position_percent == 0:
        return False
    past_retirement = birthday(facts.birth_date, policies.retirement_age) <= on
    if past_retirement and not policies.half_past_67:
        return False
    return facts.position_percent <= rates.half_at_most_percent


def central_dues(facts: DuesFacts, rulebook: Rulebook, on: date) -> tuple[int, Cadence]:
    """Return the central dues on a day: øre per cadence.

    Args:
        facts: about the member.
        rulebook: with rates and policies in force on the day.
        on: the day.

    Raises:
        NotInForce: the rulebook says nothing for that day.

    Source: S1, S2, S5, S12, S14, S18, S21, S22.
    """
    rates, policies = in_force(rulebook.dues, on), rulebook.policies_on(on)
    match facts.category:
        case Category.ORDINARY if has_half_dues(facts, rates, policies, on):
            return _part(rates, rates.half_percent, policies), Cadence.MONTHLY
        case Category.ORDINARY:
            return rates.full_central_ore, Cadence.MONTHLY
        case Category.STUDENT:
            return yearly_fee(rates, rates.student_percent), Cadence.YEARLY
        case Category.APPRENTICE:
            return 0, Cadence.MONTHLY
        case Category.EARLY_PENSIONER:
            return _part(rates, rates.quarter_percent, policies), Cadence.MONTHLY
        case Category.PENSIONER:
            return yearly_fee(rates, rates.pensioner_percent), Cadence.YEARLY
        case _:
            assert_never(facts.category)


def local_dues(facts: DuesFacts, rulebook: Rulebook, on: date) -> int | None:
    """Return the local dues on a day in øre a month, or None where there are none.

    Raises:
        NotInForce: the rulebook, or the branch, says nothing for that day.

    Source: S3, S4, S33, A3, A8, A11.
    """
    if facts.hidden or facts.branch is None or facts.category is not Category.ORDINARY:
        return None
    branch = rulebook.branch(facts.branch)
    if branch is None:
        return None
    rate: LocalRate = in_force(branch.rates, on)
    half = has_half_dues(facts, in_force(rulebook.dues, on), rulebook.policies_on(on), on)
    if half and rate.halves:
        return int((Decimal(rate.local_ore) / 2).to_integral_value(ROUND_HALF_UP))
    return rate.local_ore


def dues_terms(facts: DuesFacts, rulebook: Rulebook, on: date) -> tuple[Term, ...]:
    """Return the terms of somebody who becomes a member on a day: paid directly, open-ended.

    They hold from the first of the month, which is billed whole. Source: S26, A19.
    """
    start = first_of_month(on)
    amount, cadence = central_dues(facts, rulebook, on)
    # A pensioner pays for the remaining months of the first year, a student the whole fee (A13).
    prorated = facts.category is Category.PENSIONER
    terms = [_direct(LineKind.CENTRAL_DUES, amount, cadence, start, prorated=prorated)]
    local = local_dues(facts, rulebook, on)
    if local is not None:
        terms.append(_direct(LineKind.LOCAL_DUES, local, Cadence.MONTHLY, start))
    return tuple(terms)


def _direct(
    kind: LineKind, amount_ore: int, cadence: Cadence, start: date, *, prorated: bool = False
) -> Term:
    return Term(
        kind=kind,
        amount_ore=amount_ore,
        cadence=cadence,
        payer=Payer.DIRECT,
        valid_from=start,
        prorated=prorated,
    )


def first_invoice_lines(
    terms: tuple[Term, ...], category: Category, on: date
) -> tuple[InvoiceLine, ...]:
    """Return the lines of the first invoice: one month, or the year's fee.

    A pensioner who joins during the year pays the remaining months, this one included; a
    student the whole fee. Nothing is invoiced where nothing is charged.

    Source: S26, A13, A18, A19.
    """
    return tuple(
        InvoiceLine(kind=term.kind, amount_ore=_first_amount(term, category, on))
        for term in terms
        if term.amount_ore and term.valid_from <= on
    )


def _first_amount(term: Term, category: Category, on: date) -> int:
    if term.cadence is Cadence.YEARLY and category is Category.PENSIONER:
        remaining = MONTHS + 1 - on.month
        # Whole kroner of 600 split evenly; any other fee is rounded down, for the member.
        return term.amount_ore * remaining // MONTHS
    return term.amount_ore
