"""The whole set of a member's terms, computed anew from the facts at every decision.

Nothing is patched: whatever order the facts arrive in, the same facts give the same terms.
"""

from datetime import date

from schemas.rulebook import Rulebook
from schemas.rules.dues import DuesFacts, dues_terms
from schemas.rules.insurance import premium_term
from schemas.rules.payers import joined, pay_from
from schemas.terms import PayerChange, Span, Term


def plan_terms(
    dues: DuesFacts,
    since: date,
    premiums: tuple[Span, ...],
    payers: tuple[PayerChange, ...],
    rulebook: Rulebook,
) -> tuple[Term, ...]:
    """Return who pays what, how, from when.

    Args:
        dues: what the dues depend on.
        since: the day of approval; its month is billed whole and directly (S26, A19).
        premiums: the months the insurance package is paid for.
        payers: in order of time; before the first one the member pays directly.
        rulebook: with amounts in force on each of these days.

    Raises:
        NotInForce: the rulebook says nothing for one of the days.

    Source: S2-S7, S26, A18-A21.
    """
    cover = (premium_term(dues.birth_date, rulebook, span) for span in premiums)
    terms = (*dues_terms(dues, rulebook, since), *(term for term in cover if term is not None))
    for change in payers:
        terms = pay_from(terms, change.payer, change.starts_on)
    return tuple(joined(terms))
