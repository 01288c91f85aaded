"""Any order of messages and deadlines over any applicant: what must hold whatever happens."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from schemas.membership.decision import DeliveryReport
from schemas.membership.messages.review import (
    ApplicantCorrection,
    SupplyInformation,
    WithdrawApplication,
)
from schemas.shared.base import Inbound
from schemas.shared.vocabulary import Category
from tests.builders import (
    TODAY,
    decide,
    enroll,
    moment,
    notice,
    payment,
    payroll,
    received,
    reserve,
)
from tests.membership.decisions.living import NOT_FOR_HIDDEN, Life, applicants, books, drawn
from workflows.membership.decisions import dispatch
from workflows.membership.decisions.step import Refused

near_days = st.integers(-20, 200).map(lambda days: TODAY + timedelta(days=days))
periods = st.none() | near_days.map(lambda day: f"{day:%Y-%m}")

messages: st.SearchStrategy[Inbound] = st.one_of(
    st.builds(
        decide,
        st.sampled_from(["approve"] * 4 + ["reject", "request_information"]),
        category=st.none() | st.sampled_from(Category),
        branch=st.sampled_from([None, None, "OSLO", "BERGEN", "NOWHERE"]),
    ),
    st.builds(decide),
    st.builds(
        SupplyInformation,
        information=st.just("Se vedlagt"),
        applicant=st.none()
        | st.builds(
            ApplicantCorrection,
            birth_date=st.dates(date(1950, 1, 1), date(2011, 1, 1)),
            national_id=st.none(),
        ),
    ),
    st.builds(WithdrawApplication),
    st.builds(notice, st.sampled_from(["delivered", "bounced"]), near_days),
    st.builds(reserve, near_days),
    st.builds(enroll, near_days),
    st.builds(
        payment,
        st.sampled_from([49500, 24750, 54500, 100]),
        reference=st.sampled_from(["B-1", "B-2", "B-3"]),
    ),
    st.builds(payroll, st.sampled_from(["accepted", "refused", "stopped"]), periods),
)
reports = st.sampled_from(
    [
        DeliveryReport(sent=("0002-welcome", "0002-first_invoice")),
        DeliveryReport(bounced=("0002-welcome",)),
    ]
)
happenings = st.lists(
    st.tuples(st.sampled_from([0, 0, 1, 5, 20, 45]), messages | reports), min_size=1, max_size=12
)


@drawn(80)
@given(applicants(), books, happenings)
def test_whatever_happens_the_invariants_hold(form, book, happening):
    """A step or a refusal, terms without gap or overlap, stages forward only (invariants 3, 5)."""
    Life(received(form, book=book)).happen(happening)


@drawn(50)
@given(applicants(), books, happenings)
def test_a_member_whatever_happens(form, book, happening):
    """The same from an approval on, where there is more to go wrong (invariants 3, 5)."""
    life = Life(received(form, book=book))
    assert life.send(decide(category=Category.ORDINARY)), "an ordinary member of any age may be"
    life.happen(happening)


@drawn(50)
@given(applicants(hidden=True), books, happenings)
def test_nothing_of_a_hidden_member_is_ordered(form, book, happening):
    """No letter for employer, branch or recruiter, no deduction (S30, S33, A27, invariant 4)."""
    life = Life(received(form, book=book))
    life.send(decide(category=Category.ORDINARY))
    life.happen(happening)
    assert not NOT_FOR_HIDDEN & {letter.audience for letter in life.letters}
    assert life.record.branch is None


@drawn(50)
@given(applicants(), happenings, messages)
def test_the_same_message_twice_is_harmless(form, happening, message):
    """The second one is refused, or changes no terms and issues no invoice (invariant 6)."""
    life = Life(received(form))
    life.send(decide(category=Category.ORDINARY))
    life.happen(happening)
    if not life.send(message):
        return
    terms, invoices, payments = life.record.terms, life.invoices, life.record.payments
    life.send(message)
    assert (life.record.terms, life.invoices, life.record.payments) == (terms, invoices, payments)


@drawn(50)
@given(applicants(), happenings)
def test_answering_changes_nothing_by_itself(form, happening):
    """A step is only proposed: the record it was made from stays as it was (style: pure rules)."""
    record = received(form)
    before = record.model_dump_json()
    for days, what in happening:
        if isinstance(what, DeliveryReport):
            continue
        try:
            dispatch.answer(record, what, moment(TODAY + timedelta(days=days)))
        except Refused:
            continue
    assert record.model_dump_json() == before
