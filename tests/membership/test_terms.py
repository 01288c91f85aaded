"""Whatever set of terms a decision states: it keeps invariant 3, or nothing of it is recorded."""

import itertools
import uuid
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.shared.errors import DatabaseRefused
from schemas.dues.plan import plan_terms
from schemas.dues.terms import PayerChange, Span, Term
from schemas.membership.notices import (
    AnyNotice,
    Beginning,
    CategoryNotice,
    Employer,
    EmploymentNotice,
    EndNotice,
    HiddenNotice,
    LeaveNotice,
    PensionNotice,
)
from schemas.membership.situation import Facts
from schemas.shared.vocabulary import Cadence, Category, LineKind, Outcome, Payer, PensionKind
from tests.builders import BOOK
from tests.membership.making import approval, decision, intake, term

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
               upper(valid) AS valid_to, employer_orgnr, prorated
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


def notice(draw, number: int) -> AnyNotice:
    """One dated change, recorded whenever; its day is any day of any month."""
    day = draw(st.sampled_from(MONTHS)) + timedelta(days=draw(st.sampled_from([0, 14])))
    common = {
        "number": number,
        "effective_on": day,
        "recorded_on": draw(st.sampled_from(MONTHS)),
        "decided_by": "member",
    }
    match draw(st.integers(0, 5)):
        case 0:
            return LeaveNotice(**common, until_on=day + timedelta(days=draw(st.integers(0, 120))))
        case 1:
            return HiddenNotice(**common, hidden=draw(st.booleans()))
        case 2:
            return PensionNotice(**common, pension=PensionKind.DISABILITY)
        case 3:
            return CategoryNotice(**common, category=draw(st.sampled_from(list(Category)[:3])))
        case 4:
            end = {"outcome": Outcome.RESIGNED, "reported_on": day}
            return EndNotice(**common, **end, kind="resign")
        case _:
            return EmploymentNotice(
                **common,
                employer=draw(st.sampled_from([None, Employer(orgnr="312345676")])),
                position_percent=draw(st.sampled_from([None, Decimal(0), Decimal(50)])),
            )


@st.composite
def any_life(draw) -> list[Facts]:
    """A member's facts, growing by one notice or one answer of an employer at a time."""
    facts = Facts(
        birth_date=date(1986, 4, 12),
        since=FIRST,
        beginning=Beginning(
            category=Category.ORDINARY, employer=Employer(orgnr="974760673"), branch="OSLO"
        ),
        premiums=(Span(valid_from=MONTHS[2]),),
    )
    told = [facts]
    for number in range(3, 3 + draw(st.integers(1, 5))):
        if draw(st.booleans()):
            change = PayerChange(
                starts_on=draw(st.sampled_from(MONTHS[1:])), payer=draw(st.sampled_from(Payer))
            )
            facts = facts.model_copy(update={"payers": (*facts.payers, change)})
        else:
            facts = facts.model_copy(update={"notices": (*facts.notices, notice(draw, number))})
        told.append(facts)
    return told


@SLOW
@given(life=any_life())
async def test_the_plan_of_any_life_is_recorded(persistence, pool, life):
    """Whatever is reported, in whatever order, the terms it gives never wedge a membership."""
    membership_id = await member(persistence)
    for number, facts in enumerate(life, start=3):
        terms = plan_terms(facts, BOOK)
        await persistence.record_decision(decision(number, membership_id, terms=terms))
        assert await held(pool, membership_id) == set(terms)
