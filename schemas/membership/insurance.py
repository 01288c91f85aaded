"""The insurance package: who may have it, until when, and what a reservation does."""

from collections.abc import Iterable
from datetime import date, timedelta

from schemas.dues.terms import Span
from schemas.pricing.rulebook import Coverage, NotInForce, Rulebook
from schemas.shared.calendar import first_of_month, month_after
from schemas.shared.vocabulary import Category, InsuranceStatus

INSURANCE_PACKAGE = "insurance_package"
"""The benefit that gives a category access to the package (S6, S8, S19, S20)."""


def may_be_covered(category: Category) -> bool:
    """Tell whether somebody who is in the package may stay in it.

    Only a student may not. A pensioner keeps what is left of it until the last coverage ends by
    age (A17): turning 67 alone takes no insurance away.

    Source: S8, S20, A17.
    """
    return category is not Category.STUDENT


def coverage_ends(coverage: Coverage, born: date, rulebook: Rulebook) -> date:
    """Return the first day a coverage no longer holds. Source: A17, A32."""
    turns = rulebook.turns(born, coverage.ends_at_age)
    return turns if coverage.ends == "birthday" else date(turns.year + 1, 1, 1)


def coverages_end(born: date, rulebook: Rulebook) -> dict[str, date]:
    """Return the first day that each coverage no longer holds, by its name. Source: A17.

    An age holds from its row's day on: whoever is older by then loses the coverage that day, and
    what has ended does not come back by a later row.
    """
    found: dict[str, date] = {}
    for coverage in rulebook.coverages:
        ended = found.get(coverage.name)
        if ended is None or coverage.valid_from < ended:
            found[coverage.name] = max(coverage_ends(coverage, born, rulebook), coverage.valid_from)
    return found


def coverages_on(born: date, rulebook: Rulebook, on: date) -> list[str]:
    """Return the names of the coverages that have not ended by age on a day. Source: A17."""
    return [name for name, ends in coverages_end(born, rulebook).items() if on < ends]


def coverages_until(born: date, rulebook: Rulebook, on: date) -> list[dict[str, str]]:
    """Return the coverages that have not ended on a day, each with its last day, for a letter.

    Source: A17.
    """
    return [
        {"name": name, "until": (ends - timedelta(days=1)).isoformat()}
        for name, ends in coverages_end(born, rulebook).items()
        if on < ends
    ]


def package_ends(born: date, rulebook: Rulebook) -> date:
    """Return the first day without any coverage left; the premium ends then. Source: A17.

    Raises:
        NotInForce: the rulebook names no coverage.
    """
    if not rulebook.coverages:
        raise NotInForce("the rulebook says nothing of what the package covers")
    return max(coverages_end(born, rulebook).values())


def is_eligible(category: Category, born: date, rulebook: Rulebook, on: date) -> bool:
    """Tell whether the package is open to somebody on a day. Source: S6, S8, S19, S20, A17."""
    entitled = INSURANCE_PACKAGE in rulebook.benefits_of(category, on)
    if category is Category.APPRENTICE:
        entitled = rulebook.policies_on(on).apprentice_insurance != "excluded"
    return entitled and on < package_ends(born, rulebook)


def comes_of_age(born: date, rulebook: Rulebook, on: date) -> date:
    """Return the day from which nobody else must consent, by the policy of a day. Source: A38."""
    return rulebook.turns(born, rulebook.policies_on(on).guardian_until_age)


def needs_guardian(born: date, rulebook: Rulebook, on: date) -> bool:
    """Tell whether somebody is insured by a guardian's consent only. Source: A38."""
    return on < comes_of_age(born, rulebook, on)


def initial_status(
    category: Category,
    born: date,
    rulebook: Rulebook,
    *,
    reserved: bool,
    on: date,
    guardian: bool = False,
) -> InsuranceStatus:
    """Return where a new member's insurance begins.

    Args:
        reserved: the application carried a reservation (S10).
        on: the day of approval.
        guardian: a guardian's consent is recorded.

    Source: S6, S8, S10, A7, A38.
    """
    opt_in = (
        category is Category.APPRENTICE
        and rulebook.policies_on(on).apprentice_insurance == "opt_in"
    )
    if opt_in or not is_eligible(category, born, rulebook, on):
        return InsuranceStatus.NOT_APPLICABLE
    if reserved:
        return InsuranceStatus.RESERVED
    if needs_guardian(born, rulebook, on) and not guardian:
        return InsuranceStatus.NOT_APPLICABLE
    return InsuranceStatus.WINDOW_OPEN


def reservation_deadline(noticed_on: date, rulebook: Rulebook) -> date:
    """Return the last day of the reservation window. Source: A21."""
    return noticed_on + timedelta(days=rulebook.policies_on(noticed_on).window_days)


def premium_span(born: date, rulebook: Rulebook, span: Span) -> Span | None:
    """Return the months of a span of cover that are paid for, or None when none is left.

    The premium ends with the last coverage at the latest.

    Source: S7, A17, A18.
    """
    last = first_of_month(package_ends(born, rulebook))
    ends = last if span.valid_to is None else min(span.valid_to, last)
    if ends <= span.valid_from:
        return None
    return Span(valid_from=span.valid_from, valid_to=ends)


def first_premium_month(covered_from: date) -> date:
    """Return the first month a cover is paid for: a month that is covered whole.

    A day inside a month is covered free of charge: nobody pays for days without cover.

    Source: A18, A21.
    """
    whole = first_of_month(covered_from) == covered_from
    return covered_from if whole else month_after(covered_from)


def reserved_from(received_on: date, deadline: date | None, start: date) -> date:
    """Return the day a reservation takes effect.

    Args:
        received_on: when the form came back.
        deadline: the last day of the window; None while it has no end.
        start: the day the membership began.

    Source: A21: within the window from the start; later at the end of the month received.
    """
    within = deadline is None or received_on <= deadline
    return start if within else month_after(received_on)


def cut(spans: Iterable[Span], end: date) -> tuple[Span, ...]:
    """Return the months that are still paid for when cover ends on a day (excluded).

    The month of that day is not covered whole, so it is not paid for either. Source: A21.
    """
    end = first_of_month(end)
    return tuple(
        span.model_copy(update={"valid_to": min(end, span.valid_to or end)})
        for span in spans
        if span.valid_from < end
    )


def covered_on(spans: Iterable[Span], begins: date) -> tuple[Span, ...]:
    """Return the spans of cover with an open one added, not before the last one ends."""
    earlier = tuple(spans)
    start = max([begins, *(span.valid_to for span in earlier if span.valid_to)])
    return (*earlier, Span(valid_from=start))
