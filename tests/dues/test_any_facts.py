"""Any facts: what must hold of the terms whatever somebody's life was like (invariants 3, 6)."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.dues.payers import joined
from schemas.dues.plan import plan_terms
from schemas.dues.terms import Span, Term
from schemas.membership.notices import MAIN, AnyNotice
from schemas.membership.situation import (
    Facts,
    charged_from,
    first_month_of,
    last_month,
    situation_on,
)
from schemas.pricing.rulebook import LocalRate, Rulebook
from schemas.shared.calendar import months_before
from schemas.shared.vocabulary import (
    Cadence,
    Category,
    LineKind,
    Outcome,
    Payer,
    PensionKind,
    WaiverKind,
    WaiverShare,
)
from tests.builders import ALWAYS, BERGEN, BOOK, OSLO, PREMIUM, rates, rulebook
from tests.dues.lives import A, B, becomes, draws, ends, hides, job, leave, life, no, works, yes

NAV = "889640782"
FIRST = date(2026, 1, 1)
HORIZON = 60
"""Months that are looked at one by one, from January 2026 on."""


def after(days: int) -> date:
    """Return a day, counted from the first."""
    return FIRST + timedelta(days=days)


days = st.integers(0, 1200).map(after) | st.integers(0, 39).map(
    lambda count: months_before(FIRST, -count)
)
"""Any day of three years, and often the first of a month."""

percents = st.sampled_from([None, "0", "20", "50", "50.01", "100"])
branches = st.sampled_from([None, None, "OSLO", "BERGEN"])

notices: st.SearchStrategy[AnyNotice] = st.one_of(
    st.builds(works, days, percents, st.sampled_from([None, A, B]), branches),
    st.builds(
        works,
        days,
        percents,
        st.sampled_from([None, A, B]),
        job=st.sampled_from([MAIN, "2", "3"]),
        deducts=st.sampled_from([None, None, True, False]),
    ),
    st.builds(becomes, days, st.sampled_from(Category)),
    st.builds(draws, days, st.sampled_from(["0", "40", "80"]), st.sampled_from(PensionKind)),
    st.builds(hides, days, st.booleans(), branches),
    st.builds(
        lambda day, length, kind, share, nav: leave(
            day, day + timedelta(days=length), waiver=kind, share=share, deductor=nav
        ),
        days,
        st.integers(0, 200),
        st.sampled_from([WaiverKind.LEAVE, *WaiverKind]),
        st.sampled_from([None, None, *WaiverShare]),
        st.sampled_from([None, NAV, NAV]),
    ),
    st.builds(ends, days, st.sampled_from([Outcome.RESIGNED, Outcome.DECEASED])),
)

whole_months = st.integers(0, 39).map(lambda count: months_before(FIRST, -count))
covers = st.lists(st.integers(0, 39), max_size=4, unique=True).map(
    lambda found: tuple(
        Span(
            valid_from=months_before(FIRST, -start),
            valid_to=None if end is None else months_before(FIRST, -end),
        )
        for start, end in zip(sorted(found)[::2], [*sorted(found)[1::2], None], strict=False)
    )
)
words = st.lists(
    st.builds(
        lambda word, month, employer, early: word(
            month, employer, month - timedelta(days=early) if early else None
        ),
        st.sampled_from([yes, yes, no]),
        whole_months,
        st.sampled_from([A, A, B, None, NAV]),
        st.sampled_from([0, 1, 10, 60]),
    ),
    max_size=4,
).map(tuple)

books = st.sampled_from(
    [
        BOOK,
        rulebook(half_past_67=True, back_months=1, dues_without_work="as_before"),
        rulebook(
            rates=[rates("495"), rates("520", date(2027, 3, 1)), rates("501", date(2027, 9, 15))],
            premiums=[PREMIUM, PREMIUM.model_copy(update={"valid_from": date(2027, 6, 1)})],
            branches=[
                OSLO.model_copy(
                    update={
                        "rates": (
                            *OSLO.rates,
                            LocalRate(valid_from=date(2027, 2, 1), local_ore=6000, halves=True),
                        )
                    }
                ),
                BERGEN,
            ],
        ),
    ]
)


@st.composite
def lives(draw: st.DrawFn, *, distinct: bool = False, recorded: bool = True) -> Facts:
    """Draw somebody's facts.

    Args:
        distinct: no two notices of one kind for one day.
        recorded: notices may come before or long after they are true.
    """
    since = draw(st.integers(0, 200).map(after))
    # Of some an earlier membership covers the first months (invariant 10).
    covered = draw(st.sampled_from([None, None, 1, 3, 8]))
    found = draw(
        st.lists(notices, max_size=7, unique_by=(lambda n: (n.kind, n.effective_on)))
        if distinct
        else st.lists(notices, max_size=7)
    )
    found = [n for n in found if n.effective_on >= since]
    if recorded:
        late = draw(
            st.lists(
                st.sampled_from([0, 0, 30, 100, 200, -20]), min_size=len(found), max_size=len(found)
            )
        )
        found = [
            n.model_copy(update={"recorded_on": max(since, n.effective_on + timedelta(days=delay))})
            for n, delay in zip(found, late, strict=True)
        ]
    return life(
        *found,
        category=draw(st.sampled_from(Category)),
        born=draw(st.dates(date(1957, 1, 1), date(1968, 12, 31)) | st.just(date(1960, 2, 29))),
        since=since,
        percent=draw(percents.filter(lambda percent: percent != "0")),
        employer=draw(st.sampled_from([A, A, B, None])),
        hidden=draw(st.booleans()),
        branch=draw(branches),
        further=draw(st.sampled_from([(), (), (job("2", "40"),), (job("2", "50.01", A),)])),
        premiums=draw(covers),
        payers=draw(words),
    ).model_copy(update={"charged_from": covered and months_before(since, -covered)})


def charges(terms: tuple[Term, ...], month: date) -> dict[LineKind, Term]:
    """Return the terms that hold in a month, without their dates."""
    running = [
        t for t in terms if t.valid_from <= month and (t.valid_to is None or month < t.valid_to)
    ]
    assert len({t.kind for t in running}) == len(running), f"overlap in {month}"
    return {t.kind: t.model_copy(update={"valid_from": ALWAYS, "valid_to": None}) for t in running}


def months() -> list[date]:
    """Return the months that are looked at."""
    return [months_before(FIRST, -count) for count in range(HORIZON)]


@settings(deadline=None, max_examples=150)
@given(lives(), books)
def test_every_month_has_one_set_of_terms_and_one_payer(facts, book):
    """No gap, no overlap, whole months, half-open, one payer a month (invariants 3 and 10)."""
    terms = plan_terms(facts, book)
    start, end = first_month_of(facts, book), last_month(facts, book)
    assert terms == tuple(joined(terms)), "sorted, and neighbours made one"
    for term in terms:
        assert term.valid_from.day == 1
        assert term.valid_from >= start
        assert term.valid_to is None or (term.valid_to.day == 1 and term.valid_from < term.valid_to)
        assert end is None or (term.valid_to is not None and term.valid_to <= end)
        assert term.amount_ore >= 0
    for month in months():
        running = charges(terms, month)
        if month < start or (end is not None and month >= end):
            assert not running, f"charged in {month}"
            continue
        assert LineKind.CENTRAL_DUES in running, f"gap in {month}"
        monthly = {t.payer for t in running.values() if t.cadence is Cadence.MONTHLY}
        assert len(monthly) <= 1, f"two payers in {month}"
        yearly = {t.payer for t in running.values() if t.cadence is not Cadence.MONTHLY}
        assert yearly <= {Payer.DIRECT}


@settings(deadline=None, max_examples=100)
@given(lives(), books)
def test_every_month_is_charged_by_what_holds_on_its_first_day(facts, book):
    """Hidden: direct and no branch. Nobody at work: direct. Student: no premium (S8, S33, A23)."""
    terms = plan_terms(facts, book)
    for month in months():
        running = charges(terms, month)
        # The first month stands as it was invoiced at the approval (S26, A12).
        if not running or month <= facts.since:
            continue
        now = situation_on(facts, book, max(month, facts.since), known_for=month)
        if now.hidden or now.deducting is None:
            assert {t.payer for t in running.values()} == {Payer.DIRECT}
        if now.hidden or now.category is not Category.ORDINARY:
            assert LineKind.LOCAL_DUES not in running
        if now.category is Category.STUDENT:
            assert LineKind.INSURANCE_PREMIUM not in running
        if now.on_leave and now.share is None and now.waiver is None:
            assert running[LineKind.CENTRAL_DUES].amount_ore == 0
        if now.on_leave and now.category is Category.ORDINARY:
            assert running[LineKind.CENTRAL_DUES].amount_ore <= 13000  # a quarter of 520 at most


@settings(deadline=None, max_examples=100)
@given(lives(distinct=True), books, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(facts, book, random):
    """The same notices in any order give the same terms (L1, invariant 6)."""
    shuffled = list(facts.notices)
    random.shuffle(shuffled)
    renumbered = tuple(n.model_copy(update={"number": i}) for i, n in enumerate(shuffled, 3))
    again = facts.model_copy(update={"notices": renumbered})
    assert plan_terms(again, book) == plan_terms(facts, book)


@settings(deadline=None, max_examples=150)
@given(lives(), notices, st.integers(-50, 500), books)
def test_a_notice_never_reaches_further_back_than_three_months(facts, notice, delay, book):
    """What is learned on a day leaves every month before as it was planned; not a death (A31)."""
    if notice.kind == "record_death":
        return
    recorded = max(facts.since, notice.effective_on + timedelta(days=delay))
    number = max((n.number for n in facts.notices), default=2) + 1
    new = notice.model_copy(
        update={
            "number": number,
            "recorded_on": recorded,
            "effective_on": max(notice.effective_on, facts.since),
        }
    )
    earlier = plan_terms(facts, book)
    informed = facts.model_copy(update={"notices": (*facts.notices, new)})
    later = plan_terms(informed, book)
    for month in months():
        if month < charged_from(new, book):
            assert charges(later, month) == charges(earlier, month)


@settings(deadline=None, max_examples=50)
@given(lives(), days, st.integers(0, 900), books)
def test_nothing_is_owed_after_a_death_whenever_it_is_told(facts, died, delay, book):
    """The sum is that of a death told on its day (A31)."""
    others = [n for n in facts.notices if n.kind not in {"resign", "record_death"}]
    over = max(died, facts.since)
    death = ends(over, Outcome.DECEASED, recorded=over + timedelta(days=delay))
    told = death.model_copy(update={"number": 99})
    late = facts.model_copy(update={"notices": (*others, told)})
    in_time = told.model_copy(update={"recorded_on": over})
    early = facts.model_copy(update={"notices": (*others, in_time)})
    assert plan_terms(late, book) == plan_terms(early, book)


@settings(deadline=None, max_examples=100)
@given(lives(recorded=False), st.lists(st.integers(0, 89), min_size=7, max_size=7), books)
def test_within_three_months_late_is_as_good_as_early(facts, delays, book):
    """The sum billed is the same as if all had been known in time (L1, A31)."""
    if book.policies[0].back_months < 3:
        return
    late = tuple(
        n.model_copy(update={"recorded_on": n.effective_on + timedelta(days=delay)})
        for n, delay in zip(facts.notices, delays, strict=False)
    )
    # 89 days on, the month after the notice's own is at most three months back.
    assert plan_terms(facts.model_copy(update={"notices": late}), book) == plan_terms(facts, book)


@settings(deadline=None, max_examples=100)
@given(lives())
def test_a_change_far_ahead_leaves_everything_before_it_alone(facts):
    """Another price, policy or premium from 2029 on moves no month before 2029 (invariant 3)."""
    far = date(2029, 1, 1)
    (policies,) = BOOK.policies
    later = policies.model_copy(
        update={"valid_from": far, "half_past_67": True, "retirement_age": 70, "back_months": 0}
    )
    book = BOOK.model_copy(
        update={
            "dues": (*BOOK.dues, rates("600", far)),
            "premiums": (PREMIUM, PREMIUM.model_copy(update={"valid_from": far, "premium_ore": 1})),
            "policies": (policies, later),
        }
    )
    before, after_it = plan_terms(facts, BOOK), plan_terms(facts, book)
    for month in months():
        if month < far and all(n.recorded_on < far for n in facts.notices):
            assert charges(before, month) == charges(after_it, month)


@settings(deadline=None, max_examples=50)
@given(lives(), books)
def test_planning_forgets_nothing_in_json(facts, book):
    """Facts and rulebook survive the history of a workflow (invariant 6)."""
    read = Facts.model_validate_json(facts.model_dump_json())
    assert read == facts
    assert plan_terms(read, Rulebook.model_validate_json(book.model_dump_json())) == plan_terms(
        facts, book
    )


def test_the_horizon_lies_behind_every_drawn_day():
    """Else a fault at the end of a life would not be seen."""
    assert after(1200) < months()[-1]
