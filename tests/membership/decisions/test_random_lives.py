"""Random lives: everything a member, a caseworker, an employer and a bank may report, in any order.

What must hold after each step stands in ``living.Life``: one set of terms and one payer a month,
nothing ordered about a hidden member, no deadline that survives itself (invariants 3, 4, 5).
"""

from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from schemas.shared.vocabulary import Category, PayrollStatus, PensionKind, Stage
from tests.builders import application, decide, payroll, received
from tests.membership.decisions.lives import owes, resigns
from tests.membership.decisions.living import (
    Life,
    Post,
    Said,
    answers,
    applicants,
    books,
    changes,
    check_once,
    corrections,
    departures,
    drawn,
    former_of,
    gaps,
    in_any_order,
    onboarding,
    posts,
    withdrawals,
)

anything = st.one_of(*[changes] * 4, withdrawals, onboarding, answers, posts, corrections)
lives = st.lists(st.tuples(gaps, anything), min_size=1, max_size=14)
effective_notices = st.lists(st.tuples(gaps, departures | changes | answers | posts), max_size=4)


def approved(form, book, branch=None) -> Life:
    """Return the life of somebody who has just been approved."""
    life = Life(received(form, book=book))
    branch = None if form.hidden else branch
    assert life.send(decide(category=Category.ORDINARY, branch=branch)) or life.send(decide())
    return life


branch_codes = st.sampled_from([None, "OSLO", "BERGEN"])


@drawn(60)
@given(applicants(), books, branch_codes, lives, effective_notices)
def test_whatever_happens_in_a_life_the_invariants_hold(form, book, branch, happening, end):
    """A whole life by the real decisions, and its end (L1, invariants 3, 4, 5)."""
    life = approved(form, book, branch)
    life.happen(happening)
    life.happen(end)
    life.pass_days(400)


@drawn(30)
@given(applicants(), books, lives)
def test_a_life_in_its_own_category(form, book, happening):
    """The same for students, apprentices and pensioners as they applied (S12, S14, S18, S21)."""
    life = Life(received(form, book=book))
    life.send(decide())
    life.happen(happening)
    life.pass_days(400)


@drawn(30)
@given(applicants(), branch_codes, lives, changes | withdrawals | onboarding | answers | departures)
def test_a_message_twice_changes_nothing_more(form, branch, happening, message):
    """The second is refused, or leaves everything as it is (invariant 6)."""
    life = approved(form, received().book, branch)
    life.happen(happening)
    said = message.on(life.day)
    if not life.send(said):
        return
    before = life.record
    life.send(said)
    after = life.record
    assert (after.terms, after.present, after.notices) == (
        before.terms,
        before.present,
        before.notices,
    )
    assert (after.stage, after.payroll.status) == (before.stage, before.payroll.status)
    assert (after.insurance.status, after.payments) == (before.insurance.status, before.payments)


@drawn(60)
@given(
    applicants(),
    books,
    lives,
    st.booleans(),
    st.sampled_from([0, 0, 1, 5, 20, 40, 200]),
    st.sampled_from([None, None, Category.ORDINARY, Category.STUDENT]),
    lives,
)
def test_whoever_comes_back_is_charged_no_month_twice(
    form, book, happening, resigned, days, category, again
):
    """A life, its end, and the next one soon after: the invariants hold for both (invariant 10)."""
    first = Life(received(form, book=book))
    assert first.send(decide()) or first.send(decide(category=Category.ORDINARY))
    first.happen(happening)
    # Whoever is struck off leaves in the middle of a month, which is charged whole.
    first.send(resigns(first.day) if resigned else owes(4, first.day))
    first.pass_days(62 if resigned else 0)
    if first.record.stage is not Stage.ENDED:
        return
    day = first.record.leaving.effective_on + timedelta(days=days)
    known = former_of(first.record, day)
    second = Life(received(form, book=book, former=known, day=day), day=day)
    # As the application would be made anew: with the present jobs and flags.
    again_as = second.record.model_copy(update={"application": first.record.form})
    second = Life(again_as, day=day)
    back = decide(category=category, reason="Tilbake")
    assert second.send(back) or second.send(decide(category=Category.ORDINARY, reason="Tilbake"))
    check_once(first.record, second.record)
    assert second.record.first_member_since == first.record.since
    second.happen(again)
    check_once(first.record, second.record)


ASKED = frozenset({PayrollStatus.REQUESTED, PayrollStatus.ACTIVE})
"""The others tell apart only what was sent on the way: stopped, refused, never asked."""


def outcome(life: Life) -> dict[str, object]:
    """Return where a life stands, apart from what was sent on the way."""
    record, job = life.record, life.record.form.employment
    return {
        # Whether the onboarding was over for a moment depends on what was known then.
        "stage": Stage.ACTIVE if record.stage is Stage.ONBOARDING else record.stage,
        "terms": record.terms,
        "present": record.present,
        "hidden": record.hidden,
        "hiding": record.hiding is not None,
        "branch": record.branch,
        "insurance": record.insurance.status,
        "premiums": record.insurance.premiums,
        "payroll": record.payroll.status if record.payroll.status in ASKED else None,
        "job": job,
        "form": record.form.model_copy(update={"employment": None}),
        "notices": sorted((n.kind, n.effective_on) for n in record.notices),
    }


def tell(life: Life, notices: list[Said]) -> None:
    """Report one after the other; what was refused is said again, as its answer asks for.

    An early pensioner names the pension first: told the other way round, the member is told so.
    """
    while notices:
        refused = [said for said in notices if not life.send(said.on(life.day))]
        if refused == notices:
            return
        notices = refused


def test_a_category_that_was_refused_is_taken_once_the_pension_is_named() -> None:
    """Early pensioner and the pension on one day: either order leads to the same (L1, S21)."""
    category = Said("change_category", {"effective_on": 0}, {"category": Category.EARLY_PENSIONER})
    drawn = Said("report_pension", {"from_on": 0}, {"kind": PensionKind.AFP})
    outcomes = []
    for order in ([category, drawn], [drawn, category]):
        form = application(birth_date=date(1963, 5, 17))
        life = approved(form, received().book)
        life.pass_days(30)
        tell(life, order)
        outcomes.append(outcome(life))
        assert life.record.category is Category.EARLY_PENSIONER
        assert len(life.record.notices) == 2
    assert outcomes[0] == outcomes[1]


together = st.lists(
    in_any_order,
    min_size=2,
    max_size=4,
    unique_by=lambda said: (said.name, min(said.dates.items())),
)


@drawn(25)
@given(
    applicants(),
    books,
    branch_codes,
    st.sampled_from([None, "accepted", "refused"]),
    st.sampled_from([30, 100, 250]),
    together,
    st.data(),
)
def test_the_order_of_a_days_notices_does_not_matter(
    form, book, branch, answer, days, notices, data
):
    """Received on one day in any order: the same terms, situation and tracks (L1)."""
    start = approved(form, book, branch)
    start.post(Post())
    if answer and start.record.payroll.status is PayrollStatus.REQUESTED:
        start.send(payroll(answer))
    start.pass_days(days)
    order = data.draw(st.sampled_from(list(permutations(range(len(notices))))))
    outcomes = []
    for sequence in (range(len(notices)), order):
        life = replace(start, letters=list(start.letters), refusals=[])
        tell(life, [notices[place] for place in sequence])
        life.post(Post())
        life.meet_deadlines()
        outcomes.append(outcome(life))
    first, second = outcomes
    assert first == second
