"""Who pays what, how, from when: the whole set of terms, computed anew from the facts."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.rules.calendar import month_after
from schemas.rules.dues import DuesFacts
from schemas.rules.payers import joined, pay_from
from schemas.rules.plan import plan_terms
from schemas.terms import PayerChange, Span, Term
from schemas.vocabulary import Cadence, Category, LineKind, Payer
from tests.builders import BOOK, BORN, TODAY

PAYROLL, DIRECT = Payer.PAYROLL, Payer.DIRECT
CENTRAL, LOCAL, PREMIUM = (
    LineKind.CENTRAL_DUES,
    LineKind.LOCAL_DUES,
    LineKind.INSURANCE_PREMIUM,
)


def month(number: int) -> date:
    """Return the first of a month, counted from January 2026."""
    return date(2026 + (number - 1) // 12, (number - 1) % 12 + 1, 1)


def term(
    start: int,
    end: int | None = None,
    *,
    kind: LineKind = CENTRAL,
    ore: int = 49500,
    payer: Payer = DIRECT,
    cadence: Cadence = Cadence.MONTHLY,
) -> Term:
    """Return a term between two months."""
    return Term(
        kind=kind,
        amount_ore=ore,
        cadence=cadence,
        payer=payer,
        valid_from=month(start),
        valid_to=None if end is None else month(end),
    )


def shown(terms) -> list[tuple[str, str, int, int | None]]:
    """Return (kind, payer, first month, month after the last) of each term."""
    return [
        (t.kind, t.payer, number_of(t.valid_from), t.valid_to and number_of(t.valid_to))
        for t in terms
    ]


def number_of(day: date) -> int:
    """Return a month's number, counted from January 2026."""
    assert day.day == 1, "terms hold for whole months"
    return (day.year - 2026) * 12 + day.month


FACTS = DuesFacts(Category.ORDINARY, BORN, Decimal(100), branch="OSLO")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param([], [(CENTRAL, DIRECT, 11, None)], id="direct-until-told"),
        pytest.param(
            [(13, PAYROLL)],
            [(CENTRAL, DIRECT, 11, 13), (CENTRAL, PAYROLL, 13, None)],
            id="A20-from-the-first-pay-run",
        ),
        pytest.param(
            [(13, PAYROLL), (15, DIRECT)],
            [(CENTRAL, DIRECT, 11, 13), (CENTRAL, PAYROLL, 13, 15), (CENTRAL, DIRECT, 15, None)],
            id="stopped",
        ),
        pytest.param(
            [(13, PAYROLL), (15, DIRECT), (17, PAYROLL)],
            [
                (CENTRAL, DIRECT, 11, 13),
                (CENTRAL, PAYROLL, 13, 15),
                (CENTRAL, DIRECT, 15, 17),
                (CENTRAL, PAYROLL, 17, None),
            ],
            id="stopped-and-started-again",
        ),
        pytest.param(
            [(13, PAYROLL), (13, DIRECT)],
            [(CENTRAL, DIRECT, 11, None)],
            id="stopped-before-it-began",
        ),
        pytest.param(
            [(13, PAYROLL), (15, DIRECT), (14, PAYROLL)],
            [(CENTRAL, DIRECT, 11, 13), (CENTRAL, PAYROLL, 13, None)],
            id="started-again-before-the-stop",
        ),
        pytest.param([(11, PAYROLL)], [(CENTRAL, PAYROLL, 11, None)], id="from-the-beginning"),
    ],
)
def test_payer_switches(changes, expected):
    """The latest word about a month decides who pays it (A20, A34, section 5)."""
    payers = tuple(PayerChange(starts_on=month(n), payer=payer) for n, payer in changes)
    facts = DuesFacts(Category.ORDINARY, BORN, Decimal(100))
    assert shown(plan_terms(facts, TODAY, (), payers, BOOK)) == expected


def test_every_monthly_charge_changes_payer_and_no_yearly_one():
    """Local dues and premium go with the central dues; a yearly fee stays direct (section 5)."""
    terms = [
        term(11),
        term(11, kind=LOCAL, ore=5000),
        term(12, kind=PREMIUM, ore=20000),
        term(11, kind=LineKind.CORRECTION, cadence=Cadence.YEARLY),
    ]
    assert shown(pay_from(terms, PAYROLL, month(13))) == [
        (CENTRAL, DIRECT, 11, 13),
        (CENTRAL, PAYROLL, 13, None),
        (LineKind.CORRECTION, DIRECT, 11, None),
        (PREMIUM, DIRECT, 12, 13),
        (PREMIUM, PAYROLL, 13, None),
        (LOCAL, DIRECT, 11, 13),
        (LOCAL, PAYROLL, 13, None),
    ]


def test_what_has_ended_keeps_its_payer():
    """A charge that ended by the day of the change was paid as it was."""
    assert shown(pay_from([term(11, 13)], PAYROLL, month(13))) == [(CENTRAL, DIRECT, 11, 13)]


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        pytest.param([], [], id="none"),
        pytest.param([term(11, 12), term(12)], [(11, None)], id="neighbours-become-one"),
        pytest.param([term(12), term(11, 12)], [(11, None)], id="in-any-order"),
        pytest.param([term(11, 12), term(12, 13), term(13, 14)], [(11, 14)], id="three"),
        pytest.param([term(11, 12), term(13)], [(11, 12), (13, None)], id="a-gap-stays"),
        pytest.param(
            [term(11, 12), term(12, payer=PAYROLL)], [(11, 12), (12, None)], id="another-payer"
        ),
        pytest.param([term(11, 12), term(12, ore=1)], [(11, 12), (12, None)], id="another-amount"),
        pytest.param(
            [term(11, 12), term(12, cadence=Cadence.YEARLY)],
            [(11, 12), (12, None)],
            id="another-cadence",
        ),
        pytest.param(
            [term(11, 12), term(12, kind=LOCAL)], [(11, 12), (12, None)], id="another-kind"
        ),
    ],
)
def test_joined(terms, expected):
    """Neighbours that differ in nothing but dates are one term."""
    found = [(number_of(t.valid_from), t.valid_to and number_of(t.valid_to)) for t in joined(terms)]
    assert found == expected


def test_the_first_premium_joins_the_dues():
    """Dues from the month of approval, the premium from its first whole month (A18, A19)."""
    terms = plan_terms(FACTS, TODAY, (Span(valid_from=month(13)),), (), BOOK)
    assert shown(terms) == [
        (CENTRAL, DIRECT, 11, None),
        (PREMIUM, DIRECT, 13, number_of(date(2054, 1, 1))),  # 67 in 2053 (A17)
        (LOCAL, DIRECT, 11, None),
    ]


def test_cover_that_is_taken_up_again_is_charged_again():
    """Reserved from March, in again from May: two premium terms (A21)."""
    spans = (Span(valid_from=month(13), valid_to=month(15)), Span(valid_from=month(17)))
    premiums = [t for t in plan_terms(FACTS, TODAY, spans, (), BOOK) if t.kind is PREMIUM]
    assert [number_of(t.valid_from) for t in premiums] == [13, 17]


months = st.integers(1, 60).map(month)
spans_of_cover = st.lists(st.integers(11, 60), max_size=4, unique=True).map(
    lambda numbers: tuple(
        Span(valid_from=month(start), valid_to=month(end) if end else None)
        for start, end in zip(sorted(numbers)[::2], [*sorted(numbers)[1::2], None], strict=False)
    )
)
payer_changes = st.lists(
    st.builds(PayerChange, starts_on=months, payer=st.sampled_from(Payer)), max_size=6
).map(tuple)
all_facts = st.builds(
    DuesFacts,
    category=st.sampled_from(Category),
    birth_date=st.dates(date(1930, 1, 1), date(2011, 1, 1)),
    position_percent=st.none() | st.decimals(0, 100, places=2),
    hidden=st.booleans(),
    branch=st.sampled_from([None, "OSLO", "BERGEN"]),
)
days_of_approval = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@settings(deadline=None, max_examples=150)
@given(all_facts, days_of_approval, spans_of_cover, payer_changes)
def test_every_month_has_one_set_of_terms_and_one_payer(facts, since, cover, payers):
    """No gap, no overlap, whole months, and one payer for all of a month (invariant 3)."""
    terms = plan_terms(facts, since, cover, payers, BOOK)
    start = since.replace(day=1)
    assert terms == tuple(joined(terms)), "sorted, and neighbours made one"
    for known in terms:
        assert known.valid_from.day == 1
        assert known.valid_to is None or known.valid_to.day == 1
        assert known.valid_to is None or known.valid_from < known.valid_to
    day = start
    for _ in range(72):
        running = [
            t for t in terms if t.valid_from <= day and not (t.valid_to and t.valid_to <= day)
        ]
        kinds = [t.kind for t in running]
        assert len(kinds) == len(set(kinds)), f"overlap in {day}"
        assert CENTRAL in kinds, f"gap in {day}"
        assert len({t.payer for t in running if t.cadence is Cadence.MONTHLY}) <= 1, f"payers {day}"
        assert all(t.payer is DIRECT for t in running if t.cadence is Cadence.YEARLY)
        day = month_after(day)
    assert all(t.valid_from >= start for t in terms if t.kind is not PREMIUM)


@settings(deadline=None, max_examples=50)
@given(all_facts, days_of_approval, spans_of_cover, payer_changes)
def test_planning_twice_gives_the_same(facts, since, cover, payers):
    """Nothing is patched: the same facts give the same terms (invariant 6)."""
    assert plan_terms(facts, since, cover, payers, BOOK) == plan_terms(
        facts, since, cover, payers, BOOK
    )
