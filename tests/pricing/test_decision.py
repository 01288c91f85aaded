"""What one membership makes of new prices: who is told, and when nothing is.

520 in place of 495 from January, the premium 210 in place of 200: half of 520 is 260.
"""

from datetime import date
from decimal import Decimal

import pytest

from schemas.dues.plan import plan_terms
from schemas.membership.messages.pricing import Reprice
from schemas.membership.situation import Facts
from schemas.pricing.repricing import holding
from schemas.pricing.rulebook import Policies
from schemas.shared.base import Inbound
from schemas.shared.vocabulary import Audience, Event, LineKind, Template
from tests.builders import (
    BOOK,
    PEOPLE,
    PREMIUM,
    member,
    moment,
    rates,
    receipt_for,
    rulebook,
)
from tests.membership.decisions.lives import NOW, insured, states_of_life, until
from workflows.membership.causes import Causes
from workflows.membership.decisions.dispatch import answer, needs_fresh_rulebook
from workflows.membership.recording import decision_of, recorded

START, JANUARY = date(2027, 5, 1), date(2027, 1, 1)
DEARER = rulebook(
    rates=[rates("495"), rates("520", START)],
    premiums=[PREMIUM, PREMIUM.model_copy(update={"valid_from": START, "premium_ore": 21000})],
).model_copy(update={"version": "1" * 64})
MESSAGE: Inbound = Reprice(rulebook=DEARER.version)
STATES = states_of_life()

MEMBER = (Audience.MEMBER, Template.DUES_CHANGED)
EMPLOYER = (Audience.EMPLOYER, Template.PAYROLL_CHANGE)

# Who is written to in each state, and what is charged then: central dues and premium, in øre.
TOLD = {
    # The leave is over by then.
    "on leave": ([MEMBER], START, {"central_dues": 52000, "insurance_premium": 21000}),
    # S30: nothing to the employer.
    "hidden": ([MEMBER], START, {"central_dues": 52000, "insurance_premium": 21000}),
    "hiding in progress": (
        [MEMBER],
        START,
        {"central_dues": 52000, "insurance_premium": 21000},
    ),
    # The membership ends before the new prices begin.
    "leaving": ([], START, {}),
    # 52000 / 4 = 13000 (S21).
    "early pensioner": ([MEMBER], START, {"central_dues": 13000, "insurance_premium": 21000}),
    # ceil10(52000 * 12 * 10 %) = 63000 (S18), with the next year's invoice (A26).
    "pensioner": ([MEMBER], date(2028, 1, 1), {"central_dues": 63000}),
    "working past 67": ([MEMBER, EMPLOYER], START, {"central_dues": 52000}),
    # ceil10(52000 * 12 * 5 %) = 32000 (S12, A26).
    "student asked": ([MEMBER], date(2028, 1, 1), {"central_dues": 32000}),
    # S14: free, and no premium.
    "apprenticeship over": ([], START, {"central_dues": 0}),
}


@pytest.mark.parametrize("state", TOLD)
def test_who_is_told_of_new_prices(state):
    """The member of the new amounts from their month on, and an employer that deducts then."""
    letters, month, charged = TOLD[state]
    record = STATES[state].model_copy(update={"rulebook": DEARER})
    step = answer(record, MESSAGE, moment(NOW))
    assert [(letter.audience, letter.template) for letter in step.letters] == letters
    terms = {str(term.kind): term.amount_ore for term in holding(step.record.terms, month)}
    assert {kind: terms.get(kind) for kind in charged} == charged
    for letter in step.letters:
        assert letter.figures["valid_from"] == month.isoformat()
        figures = letter.figures["terms"]
        assert isinstance(figures, list)
        assert {line["kind"]: line["amount_ore"] for line in figures} == terms
    assert step.empty == (record.terms == step.record.terms)
    assert step.event is Event.REPRICED


@pytest.mark.parametrize("state", TOLD)
def test_a_new_price_is_taken_up_in_silence(state):
    """The amounts are others at once, and no later decision writes of it: the repricing has."""
    record = STATES[state].with_prices(DEARER)
    assert record.book is DEARER
    assert record.terms == plan_terms(record.facts, DEARER)
    assert (record.terms != STATES[state].terms) == bool(TOLD[state][0])
    step = answer(record, MESSAGE, moment(NOW))
    assert (step.empty, step.letters) == (True, ())


HALF_FOR_ALL = rulebook(
    rates=[
        rates("495"),
        rates("520", START).model_copy(update={"half_at_most_percent": Decimal(100)}),
    ],
    premiums=[PREMIUM],
).model_copy(update={"version": "2" * 64})


def test_another_rate_is_told_of_and_recorded():
    """All work gives half dues from then on (S5): 52000 / 2, with letters, once it is told to."""
    before = STATES["hidden"]
    record = before.with_prices(HALF_FOR_ALL)
    assert record.terms == before.terms, "nothing is planned unsaid"
    step = answer(record, MESSAGE, moment(NOW))
    assert [(letter.audience, letter.template) for letter in step.letters] == [MEMBER]
    central = [t for t in holding(step.record.terms, START) if t.kind is LineKind.CENTRAL_DUES]
    assert [term.amount_ore for term in central] == [26000]


def test_terms_that_are_kept_otherwise_are_written_anew():
    """The same amounts by other rates: recorded, and nobody is written to (M8)."""
    record = STATES["change ahead"]
    step = answer(record, Reprice(rulebook="0f" * 32, anew=True), moment(NOW))
    assert (step.empty, step.letters) == (False, ())
    assert step.event is Event.REPRICED


def test_nothing_changes_and_nothing_is_recorded():
    """The same rulebook, or one that touches nobody: an empty step (invariant 6)."""
    record = STATES["change ahead"]
    again = answer(record, Reprice(rulebook="0f" * 32), moment(NOW))
    assert again.empty
    assert again.letters == ()
    assert again.record == record


def test_a_second_telling_is_empty():
    """What has been taken up once is not taken up again."""
    record = STATES["working past 67"].model_copy(update={"rulebook": DEARER})
    step = answer(record, MESSAGE, moment(NOW))
    after = recorded(step, receipt_for(step), moment(NOW))
    assert answer(after, MESSAGE, moment(NOW)).empty


def test_facts_of_an_older_version_are_handed_in_without_a_letter():
    """A record that never handed in its facts records once, and writes to nobody."""
    record = STATES["change ahead"].model_copy(update={"facts_kept": False})
    step = answer(record, Reprice(rulebook="0f" * 32), moment(NOW))
    assert not step.empty
    assert step.letters == ()
    decision = decision_of(step, record, moment(NOW))
    assert isinstance(decision.facts, Facts)
    assert decision.terms is None
    after = recorded(step, receipt_for(step), moment(NOW))
    assert answer(after, Reprice(rulebook="0f" * 32), moment(NOW)).empty


def test_only_an_unknown_version_is_read():
    """The rulebook is read anew for a version that is not the membership's own."""
    record = STATES["hidden"]
    assert needs_fresh_rulebook(record, Reprice(rulebook="0f" * 32))
    known = record.book.model_copy(update={"version": "0f" * 32})
    record = record.model_copy(update={"rulebook": known})
    assert not needs_fresh_rulebook(record, Reprice(rulebook="0f" * 32))


def test_an_amount_of_a_branch_that_reaches_back():
    """Told on 10 February of 60.00 from January; the employer's CHANGE is of March (A40, M8)."""
    oslo = BOOK.branches[0]
    dearer = oslo.rates[0].model_copy(update={"valid_from": JANUARY, "local_ore": 6000})
    branches = (oslo.model_copy(update={"rates": (*oslo.rates, dearer)}),)
    deducted = until(insured(branch="OSLO"), NOW)
    book = BOOK.model_copy(update={"branches": branches, "version": "2" * 64})
    step = answer(deducted.model_copy(update={"rulebook": book}), MESSAGE, moment(NOW))
    assert [(letter.audience, letter.template) for letter in step.letters] == [MEMBER, EMPLOYER]
    assert [letter.figures["valid_from"] for letter in step.letters] == ["2027-01-01", "2027-03-01"]
    local = [term for term in step.record.terms if term.kind is LineKind.LOCAL_DUES]
    assert [(term.valid_from, term.amount_ore) for term in local] == [
        (date(2026, 11, 1), 5000),
        (date(2026, 12, 1), 5000),  # through the employer
        (JANUARY, 6000),
    ]


def test_another_policy_explains_itself():
    """The amount names what was decided, and the rule that it answers (A8, G4)."""
    later = Policies(valid_from=START, apprentice_local_dues="full", notice_months=2)
    book = BOOK.model_copy(update={"policies": (*BOOK.policies, later)})
    record = member(PEOPLE["apprentice"], branch="OSLO").model_copy(update={"rulebook": book})
    priced = record.replanned()
    [term] = [t for t in priced.terms if t.valid_from == START]
    [cause], _ = Causes(priced).of(term)
    assert (cause.fact, cause.effective_on) == ("policy", START)
    assert cause.says == "another policy: notice_months 2 (A29), apprentice_local_dues full (A8)"


def test_a_new_price_explains_itself():
    """The amount names the price that made it so: a year's fee that of the year before (A26)."""
    for state, begins in (("working past 67", START), ("pensioner", date(2028, 1, 1))):
        record = STATES[state].model_copy(update={"rulebook": DEARER})
        priced = answer(record, MESSAGE, moment(NOW)).record
        [term] = [t for t in priced.terms if t.valid_from == begins]
        [cause], _ = Causes(priced).of(term)
        assert (cause.fact, cause.effective_on) == ("price", START), state
