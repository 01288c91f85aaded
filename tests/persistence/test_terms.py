"""Whatever set of terms a decision states: it keeps invariant 3, or nothing of it is recorded."""

import itertools
import uuid
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.persistence.errors import DatabaseRefused
from schemas.rules.payers import pay_from
from schemas.terms import Term
from schemas.vocabulary import Cadence, LineKind, Payer
from tests.persistence.making import approval, decision, intake, term

FIRST = date(2026, 1, 1)
MONTHS = [date(2026 + m // 12, m % 12 + 1, 1) for m in range(8)]
ENDLESS = date(9999, 12, 31)


@st.composite
def any_term(draw) -> Term:
    """A term over a span of a few months, so that two of them often meet."""
    begins, ends = sorted(
        draw(st.lists(st.sampled_from(MONTHS), min_size=2, max_size=2, unique=True))
    )
    return Term(
        kind=draw(st.sampled_from([LineKind.CENTRAL_DUES, LineKind.INSURANCE_PREMIUM])),
        amount_ore=draw(st.sampled_from([0, 49500])),
        cadence=draw(st.sampled_from([Cadence.MONTHLY, Cadence.YEARLY])),
        payer=draw(st.sampled_from(Payer)),
        valid_from=begins,
        valid_to=draw(st.sampled_from([ends, None])),
    )


def overlap(one: Term, other: Term) -> bool:
    """Whether two terms hold in some month together."""
    return one.valid_from < (other.valid_to or ENDLESS) and other.valid_from < (
        one.valid_to or ENDLESS
    )


def keeps_invariant_3(terms: frozenset[Term]) -> bool:
    """The invariant in plain words, without a database: no overlap, one payer, no gap."""
    for one, other in itertools.combinations(terms, 2):
        if overlap(one, other) and one.kind == other.kind:
            return False
        monthly = one.cadence is other.cadence is Cadence.MONTHLY
        if overlap(one, other) and monthly and one.payer != other.payer:
            return False
    central = sorted(
        (t for t in terms if t.kind is LineKind.CENTRAL_DUES), key=lambda t: t.valid_from
    )
    return all(one.valid_to == other.valid_from for one, other in itertools.pairwise(central))


async def held(pool, membership_id) -> set[Term]:
    """The terms in force, as the database has them."""
    rows = await pool.fetch(
        """
        SELECT kind, amount_ore, cadence, payer, lower(valid) AS valid_from,
               upper(valid) AS valid_to
        FROM terms WHERE membership_id = $1 AND superseded_by IS NULL
        """,
        membership_id,
    )
    return {Term(**row) for row in rows}


async def member(persistence) -> str:
    """A new member of a name of their own, with one open term."""
    membership_id = f"membership-{uuid.uuid4()}"
    await persistence.receive_application(
        intake(membership_id, name=membership_id, email=f"{membership_id}@example.org")
    )
    await persistence.record_decision(
        approval(membership_id, invoice=None, terms=(term(valid_from=FIRST),), letters=())
    )
    return membership_id


SLOW = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    # The database is shared by the examples on purpose: each has a member of its own.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@SLOW
@given(sets=st.lists(st.frozensets(any_term(), max_size=4), min_size=1, max_size=3))
async def test_any_terms_keep_the_invariant_or_are_refused(persistence, pool, sets):
    """A set is recorded exactly when it keeps invariant 3; a refused one changes nothing."""
    membership_id = await member(persistence)
    number, standing_terms = 3, {term(valid_from=FIRST)}
    for terms in sets:
        try:
            await persistence.record_decision(decision(number, membership_id, terms=tuple(terms)))
        except DatabaseRefused:
            assert not keeps_invariant_3(terms)
        else:
            assert keeps_invariant_3(terms)
            number, standing_terms = number + 1, set(terms)
        assert await held(pool, membership_id) == standing_terms


@SLOW
@given(
    changes=st.lists(
        st.tuples(st.sampled_from(MONTHS), st.sampled_from(Payer)), min_size=1, max_size=4
    )
)
async def test_change_of_payer_is_always_recorded(persistence, pool, changes):
    """Payers that change from any month on, in any order, never wedge a membership."""
    membership_id = await member(persistence)
    terms: tuple[Term, ...] = (
        term(valid_from=FIRST),
        term(20000, kind=LineKind.INSURANCE_PREMIUM, valid_from=MONTHS[2]),
    )
    for number, (month, payer) in enumerate(changes, start=3):
        terms = pay_from(terms, payer, month)
        await persistence.record_decision(decision(number, membership_id, terms=terms))
        assert await held(pool, membership_id) == set(terms)
