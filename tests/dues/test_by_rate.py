"""Random lives and prices: terms by rate are charged what terms by amount were, month by month."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.pricing.rulebook_change import write_change
from activities.shared.rulebook import RulebookReader
from schemas.dues.plan import plan_terms
from schemas.dues.terms import Term
from schemas.membership.situation import Facts
from schemas.pricing.contracts import PriceChange
from schemas.shared.calendar import months_before
from schemas.shared.vocabulary import Cadence
from tests.dues.making import joins
from tests.dues.test_any_facts import FIRST, HORIZON, lives

TODAY = date(2025, 12, 31)

changes = st.fixed_dictionaries(
    {
        "full_central_ore": st.integers(40_000, 60_000),
        "premium_ore": st.sampled_from([None, 20_000, 21_000, 19_999]),
        "half_percent": st.sampled_from([None, "50", "45.5"]),
        "student_percent": st.sampled_from([None, "5", "6"]),
        "branches": st.sampled_from(
            [
                [],
                [{"code": "OSLO", "local_ore": 6001, "halves": True}],
                [{"code": "BERGEN", "local_ore": 0}],
            ]
        ),
    }
)
histories = st.dictionaries(
    st.integers(1, HORIZON).map(lambda n: months_before(FIRST, -n)), changes, min_size=2, max_size=4
)


MONTHS = [months_before(FIRST, -count) for count in range(HORIZON + 24)]

Ledger = dict[str, dict[tuple[date, str], tuple[Any, ...]]]


async def ledger(connection: Any) -> Ledger:
    """What runs would charge each member, month by month."""
    found: Ledger = {}
    rows = await connection.fetch(
        "SELECT month, due.* FROM unnest($1::date[]) AS month, LATERAL terms_due(month) AS due",
        MONTHS,
    )
    for month, member, kind, *rest in map(tuple, rows):
        found.setdefault(member, {})[month, kind] = tuple(rest)
    return found


def charged_by(terms: Iterable[Term]) -> dict[tuple[date, str], tuple[Any, ...]]:
    """What terms say is charged, month by month: as people are shown them, fees as well."""
    terms = list(terms)
    return {
        (month, term.kind): (term.cadence, term.payer, ore)
        for month in MONTHS
        for term in terms
        if (ore := charged_in(term, month, terms))
    }


def charged_in(term: Term, month: date, terms: list[Term]) -> int:
    """What a term charges for a month: a year has one fee, in January or when it begins (A26)."""
    if not term.valid_from <= month < (term.valid_to or date.max):
        return 0
    january = month.replace(month=1)
    if term.cadence is Cadence.MONTHLY or month == january:
        return term.amount_ore
    paid = any(
        other.kind is term.kind
        and other.cadence is Cadence.YEARLY
        and other.valid_from < month
        and (other.valid_to or date.max) > january
        for other in terms
    )
    if paid or month != term.valid_from:
        return 0
    return term.amount_ore * (13 - month.month) // 12 if term.prorated else term.amount_ore


@given(people=st.lists(lives(), min_size=6, max_size=8), prices=histories)
@settings(max_examples=3, suppress_health_check=list(HealthCheck), deadline=None)
async def test_the_same_life_is_charged_the_same(pool, persistence, people: list[Facts], prices):
    """Planned before the prices changed, and by the amounts after: not an øre between them."""
    by_rate = [await joins(persistence, facts) for facts in people]
    async with pool.acquire() as connection:
        for month, change in sorted(prices.items()):
            async with connection.transaction():
                await write_change(
                    connection,
                    PriceChange.model_validate({"effective_on": month, **change}),
                    today=TODAY,
                    replace=True,
                )
        book = await RulebookReader(allow_synthetic_ids=True).current(connection)
    by_amount = [await joins(persistence, facts, terms=plan_terms(facts, book)) for facts in people]
    async with pool.acquire() as connection:
        found = await ledger(connection)
    for rated, amounts, facts in zip(by_rate, by_amount, people, strict=True):
        runs = found.get(rated, {})
        assert runs == found.get(amounts, {}), facts
        said = {key: (cadence, payer, ore) for key, (cadence, payer, _, ore) in runs.items()}
        assert said == charged_by(plan_terms(facts, book)), "what people are shown is charged"
