"""What made each amount is found in one walk, and is what leaving each fact out comes to."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.dues.payers import ChannelTimeline
from schemas.dues.plan import deducts
from schemas.shared.vocabulary import Payer
from tests.builders import BOOK, member
from tests.dues import simple
from tests.dues.lives import A, B, leave, life, no, works, yes
from tests.dues.test_any_facts import FIRST, books, lives, notices, words
from tests.membership.decisions.simple_causes import SimpleCauses
from workflows.membership import explanation
from workflows.membership.causes import Causes


def remembered(facts, book):
    """Return the record of a member with these facts, planned by a rulebook."""
    record = member()
    person = record.form.applicant.model_copy(update={"birth_date": facts.birth_date})
    return record.model_copy(
        update={
            "application": record.form.model_copy(update={"applicant": person}),
            "rulebook": book,
            "member_since": facts.since,
            "beginning": facts.beginning,
            "notices": facts.notices,
            "insurance": record.insurance.model_copy(update={"premiums": facts.premiums}),
            "payroll": record.payroll.model_copy(update={"payers": facts.payers}),
        }
    ).replanned()


@st.composite
def crowded(draw):
    """Draw a life of many facts within a few months, most of them learned of late."""
    facts = draw(lives())
    close = st.integers(0, draw(st.sampled_from([50, 100, 250])))
    found = []
    for number, notice in enumerate(draw(st.lists(notices, max_size=12)), 50):
        day = facts.since + timedelta(days=draw(close))
        update = {"number": number, "effective_on": day}
        if notice.kind == "grant_leave":
            update["until_on"] = day + timedelta(days=draw(st.sampled_from([0, 9, 40, 200])))
        late = draw(st.sampled_from([0, 0, 90, 120, 150, 200]))
        update["recorded_on"] = day + timedelta(days=late)
        found.append(notice.model_copy(update=update))
    payers = (*facts.payers, *draw(words))
    return facts.model_copy(update={"notices": (*facts.notices, *found), "payers": payers})


def explained(record):
    """Return the lines of ``explain`` about amounts, and what they are by the simple definition."""
    causes = SimpleCauses(record)
    others = record.other_deductors
    simply = tuple(explanation._amount(causes, term, others) for term in record.terms)
    return explanation.explain(record).lines[: len(record.terms)], simply


@settings(deadline=None, max_examples=200)
@given(lives() | crowded(), books)
def test_the_causes_are_those_of_leaving_each_fact_out(facts, book):
    """Every line of ``explain`` about an amount: facts, rules, who decided, and when."""
    found, simply = explained(remembered(facts, book))
    assert found == simply


@settings(deadline=None, max_examples=200)
@given(crowded(), books, st.lists(st.integers(0, 500), min_size=1, max_size=6))
def test_who_deducts_today_is_what_the_life_comes_to_by_then(facts, book, days):
    """On any day of a crowded life, looked up or gone through again (A20, A31)."""
    for count in days:
        day = FIRST + timedelta(days=count)
        if not simple.nav_deducts(facts, book, day):
            assert deducts(facts, book, day) == simple.simple_deducts(facts, book, day)


def test_a_break_that_is_charged_later_is_not_looked_up():
    """To B and back to A in March, learned so late that B counts for May and A from June (A31)."""
    facts = life(
        works(date(2026, 3, 2), employer=B, recorded=date(2026, 8, 3)),
        works(date(2026, 3, 3), employer=A, recorded=date(2026, 9, 1)),
        since=FIRST,
        payers=(yes(FIRST),),
    )
    # A's yes was given before the break of May.
    assert deducts(facts, BOOK, date(2026, 3, 10)) is False
    assert deducts(facts, BOOK, date(2026, 3, 1)) is True


def test_a_break_before_the_first_month_that_is_charged_is_looked_up_as_known_for_it():
    """A leave of January, told in April, ends the yes of a life that is charged from April (A31).

    By one month back it changes March's charges first, and before April none were made here.
    """
    (policies,) = BOOK.policies
    book = BOOK.model_copy(update={"policies": (policies.model_copy(update={"back_months": 1}),)})
    gone = leave(FIRST, FIRST, recorded=date(2026, 4, 1))
    facts = life(gone, since=FIRST, payers=(yes(FIRST),))
    facts = facts.model_copy(update={"charged_from": date(2026, 4, 1)})
    for day in (date(2026, 2, 2), date(2026, 3, 31), date(2026, 5, 4)):
        assert deducts(facts, book, day) is False


def test_a_day_nobody_would_have_looked_at_begins_no_deduction():
    """A late word of the move to B is first seen on the day of another late fact (A20, A31).

    B's yes was given on 10 April, after the move is first looked at on 5 April: without the
    notice of 5 April it is looked at on 1 May, and the yes from before no longer holds in June.
    """
    facts = life(
        works(date(2026, 3, 2), employer=B, recorded=date(2026, 8, 3)),  # charged from May
        works(date(2026, 4, 5), "100", recorded=date(2026, 9, 1)),  # charged from June
        works(date(2026, 5, 15), "40"),  # half from June
        since=FIRST,
        payers=(yes(FIRST), yes(date(2026, 5, 1), B, given=date(2026, 4, 10))),
    )
    record = remembered(facts, BOOK)
    (half,) = (term for term in record.terms if term.amount_ore == 24750)
    assert (half.valid_from, half.payer) == (date(2026, 6, 1), Payer.PAYROLL)
    causes, _ = Causes(record).of(half)
    assert [cause.says for cause in causes] == ["works 100 %", "works 40 %"]
    found, simply = explained(record)
    assert found == simply


def test_terms_older_than_the_rulebook_are_explained():
    """A month from which nothing is charged otherwise any more still has its answer."""
    facts = life(works(date(2026, 3, 2), "40"), since=FIRST)
    record = remembered(facts, BOOK)
    moved = record.terms[0].model_copy(
        update={"valid_from": date(2026, 10, 1), "valid_to": None, "amount_ore": 1}
    )
    ended = remembered(facts, BOOK).model_copy(update={"terms": (moved,)})
    found, simply = explained(ended)
    assert found == simply


@settings(deadline=None, max_examples=300)
@given(
    st.lists(
        st.builds(
            lambda word, month, employer, given: word(
                date(2026, month, 1), employer, date(2026, given, 10)
            ),
            st.sampled_from([yes, no]),
            st.integers(1, 12),
            st.sampled_from([A, B, None]),
            st.integers(1, 12),
        ),
        max_size=8,
    ),
    st.lists(st.sampled_from([A, B, None]), min_size=12, max_size=12),
    st.integers(0, 7),
)
def test_who_pays_is_the_latest_word_that_holds(heard, employers, left_out):
    """Each month anew from all words; and without one that is new in the month."""
    deduction, simply = ChannelTimeline(heard), simple.ChannelTimeline(tuple(heard))
    others = simple.ChannelTimeline((*heard[:left_out], *heard[left_out + 1 :]))
    for month, employer in enumerate(employers, 1):
        first = date(2026, month, 1)
        for one in (deduction, simply, others):
            one.set_employer(first, employer)
        payer = deduction.payer_of(first)
        assert payer == simply.payer_of(first)
        if left_out < len(heard) and heard[left_out].starts_on == first:
            assert deduction.payer_without(left_out) == others.payer_of(first)
        deduction.next_month()


def test_a_leave_is_not_over_for_who_is_paid_directly():
    """Were the leave not over nobody could deduct: the end of it is a cause of the payer."""
    facts = life(
        leave(date(2026, 3, 1), date(2026, 3, 31)),
        since=FIRST,
        payers=(yes(FIRST), yes(date(2026, 4, 1), given=date(2026, 4, 1))),
    )
    record = remembered(facts, BOOK)
    (term,) = (term for term in record.terms if term.valid_from == date(2026, 4, 1))
    assert term.payer is Payer.PAYROLL
    causes, _ = Causes(record).of(term)
    assert [cause.says for cause in causes] == ["back from the leave", "the employer deducts"]


@pytest.mark.parametrize("late", [0, 200])
def test_a_fact_among_hundreds_is_left_out_alone(late):
    """Of 300 facts of one month each is judged; those that change nothing by themselves are not."""
    notices = [
        works(
            FIRST + timedelta(days=40 + number % 15),
            "80",
            recorded=FIRST + timedelta(days=60 + late),
        )
        for number in range(300)
    ]
    half = works(FIRST + timedelta(days=57), "40", recorded=FIRST + timedelta(days=60 + late))
    record = remembered(life(*notices, half, since=FIRST), BOOK)
    (term,) = (term for term in record.terms if term.amount_ore == 24750)
    causes, _ = Causes(record).of(term)
    assert [cause.says for cause in causes] == ["works 40 %"]
