"""What a member pays: each amount in integer øre (G3)."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import assert_never

from schemas.dues.terms import InvoiceLine, Term
from schemas.pricing.rulebook import LocalRate, Policies, Rulebook, in_force
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

KRONE_ORE = 100
MONTHS = 12

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


def round_up(ore: Decimal, policies: Policies) -> int:
    """Round up to the next ten kroner: 297.00 becomes 300, 300.00 stays. Source: S12, S18."""
    step = policies.rounding_step_kroner * KRONE_ORE
    return int((ore / step).to_integral_value(ROUND_CEILING)) * step


def whole_dues(facts: DuesFacts, rulebook: Rulebook, on: date) -> int:
    """Return what halves, quarters and yearly fees are parts of, in øre a month. Source: A1."""
    parts_of = rulebook.policies_on(on).parts_of
    whole = in_force(rulebook.dues, on).full_central_ore
    branch = rulebook.branch(facts.branch) if facts.branch and not facts.hidden else None
    if parts_of in LOCAL_IN_PARTS and branch is not None:
        whole += in_force(branch.rates, on).local_ore
    if parts_of in PREMIUM_IN_PARTS:
        whole += in_force(rulebook.premiums, on).premium_ore
    return whole


def _part(whole_ore: int, percent: Decimal, policies: Policies) -> int:
    """Return a part of a month's dues. Source: S5, S21, A2."""
    part = whole_ore * percent / 100
    if policies.round_half_and_quarter:
        return round_up(part, policies)
    return int(part.to_integral_value(ROUND_HALF_UP))


def yearly_fee(whole_ore: int, percent: Decimal, policies: Policies) -> int:
    """Return a part of a year's dues, up to the next ten kroner. Source: S12, S18."""
    return round_up(whole_ore * MONTHS * percent / 100, policies)


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


def central_dues(facts: DuesFacts, rulebook: Rulebook, on: date) -> tuple[int, Cadence]:
    """Return the central dues on a day: øre per cadence.

    Args:
        facts: about the member.
        rulebook: with rates and policies in force on the day.
        on: the day.

    Raises:
        NotInForce: the rulebook says nothing for that day.

    Source: S1, S2, S5, S12, S14, S18, S21, S22, A1.
    """
    rates, policies = in_force(rulebook.dues, on), rulebook.policies_on(on)
    whole = whole_dues(facts, rulebook, on)
    match facts.category:
        case Category.ORDINARY if has_half_dues(facts, rulebook, on):
            return _part(whole, rates.half_percent, policies), Cadence.MONTHLY
        case Category.ORDINARY:
            return rates.full_central_ore, Cadence.MONTHLY
        case Category.STUDENT:
            return yearly_fee(whole, rates.student_percent, policies), Cadence.YEARLY
        case Category.APPRENTICE:
            return 0, Cadence.MONTHLY
        case Category.EARLY_PENSIONER:
            return _part(whole, rates.quarter_percent, policies), Cadence.MONTHLY
        case Category.PENSIONER:
            return yearly_fee(whole, rates.pensioner_percent, policies), Cadence.YEARLY
        case _:
            assert_never(facts.category)


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


def local_dues(facts: DuesFacts, rulebook: Rulebook, on: date) -> int | None:
    """Return the local dues on a day in øre a month, or None where there are none.

    Raises:
        NotInForce: the rulebook, or the branch, says nothing for that day.

    Source: S3, S4, S33, A3, A8, A11.
    """
    if facts.hidden or facts.branch is None:
        return None
    if not _pays_locally(facts.category, rulebook.policies_on(on)):
        return None
    branch = rulebook.branch(facts.branch)
    if branch is None:
        return None
    rate: LocalRate = in_force(branch.rates, on)
    if rate.halves and has_half_dues(facts, rulebook, on):
        return half_of(rate.local_ore)
    return rate.local_ore


def half_of(ore: int) -> int:
    """Return half of an amount, half an øre up. Source: A3, A4."""
    return int((Decimal(ore) / 2).to_integral_value(ROUND_HALF_UP))


def dues_terms(facts: DuesFacts, rulebook: Rulebook, on: date) -> tuple[Term, ...]:
    """Return the terms of somebody who becomes a member on a day: paid directly, open-ended.

    They hold from the first of the month, which is billed whole. Source: S26, A19.
    """
    start = first_of_month(on)
    amount, cadence = central_dues(facts, rulebook, on)
    prorated = _pays_for_months_left(facts.category, rulebook.policies_on(on))
    terms = [_direct(LineKind.CENTRAL_DUES, amount, cadence, start, prorated=prorated)]
    local = local_dues(facts, rulebook, on)
    if local is not None:
        terms.append(_direct(LineKind.LOCAL_DUES, local, Cadence.MONTHLY, start))
    return tuple(terms)


def waived_terms(
    facts: DuesFacts, rulebook: Rulebook, on: date, percent: Decimal
) -> tuple[Term, ...]:
    """Return the terms of somebody whose dues are waived, or reduced to a part of the full ones.

    Nobody pays more by it: who pays less already, or by the year, goes on as before. Local dues
    rest. Source: L4, A36.
    """
    start = first_of_month(on)
    if not percent:
        return (_direct(LineKind.CENTRAL_DUES, 0, Cadence.MONTHLY, start),)
    amount, _ = central_dues(facts, rulebook, on)
    part = _part(whole_dues(facts, rulebook, on), percent, rulebook.policies_on(on))
    return (_direct(LineKind.CENTRAL_DUES, min(part, amount), Cadence.MONTHLY, start),)


def _pays_for_months_left(category: Category, policies: Policies) -> bool:
    """Tell whether a yearly fee is paid in part in the year it begins. Source: A13."""
    match category:
        case Category.PENSIONER:
            return policies.pensioner_first_year == "months_left"
        case Category.STUDENT:
            return policies.student_first_year == "months_left"
        case _:
            return False


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
