"""Any order of messages and deadlines over any applicant: what must hold whatever happens."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.application import Application, Consents
from schemas.base import Inbound
from schemas.decision import Decision, DeliveryReport, Letter
from schemas.messages import ApplicantCorrection, SupplyInformation, WithdrawApplication
from schemas.rules.calendar import month_after
from schemas.rules.eligibility import faults_in
from schemas.terms import Term
from schemas.vocabulary import Audience, Cadence, Category, LineKind, Payer, Stage
from tests.builders import (
    BOOK,
    PEOPLE,
    TODAY,
    application,
    decide,
    employment,
    enroll,
    moment,
    national_id,
    notice,
    payment,
    payroll,
    received,
    reserve,
    rulebook,
    stand,
)
from workflows.decisions import dispatch
from workflows.decisions.step import Moment, Refused, Step
from workflows.page import page_of
from workflows.record import MembershipRecord
from workflows.recording import decision_of
from workflows.view import changed_attributes, explain, state_of
from workflows.waits import deadlines

NEXT_STAGES: dict[Stage, set[Stage]] = {
    Stage.UNDER_REVIEW: {
        Stage.UNDER_REVIEW,
        Stage.AWAITING_INFORMATION,
        Stage.ONBOARDING,
        Stage.ACTIVE,
        Stage.ENDED,
    },
    Stage.AWAITING_INFORMATION: {
        Stage.AWAITING_INFORMATION,
        Stage.UNDER_REVIEW,
        Stage.ONBOARDING,
        Stage.ACTIVE,
        Stage.ENDED,
    },
    Stage.ONBOARDING: {Stage.ONBOARDING, Stage.ACTIVE},
    Stage.ACTIVE: {Stage.ACTIVE},
    Stage.ENDED: {Stage.ENDED},
}
"""A member does not become an applicant again, and an end is an end."""

NOT_FOR_HIDDEN = {Audience.EMPLOYER, Audience.BRANCH, Audience.RECRUITER}


@dataclass
class Life:
    """A membership that is driven, with everything that was ever ordered for it."""

    record: MembershipRecord
    day: date = TODAY
    letters: list[Letter] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    invoices: int = 0

    def take(self, step: Step, now: Moment) -> None:
        """Let a step stand, and check what must hold after each."""
        before = self.record
        decision = decision_of(step, before, now)
        assert Decision.model_validate_json(decision.model_dump_json()) == decision
        self.record = stand(step, now)
        self.letters += step.letters
        self.invoices += step.invoice is not None
        assert self.record.stage in NEXT_STAGES[before.stage]
        assert self.record.decisions == before.decisions + 1
        self.check()

    def check(self) -> None:
        """Check the record, and everything that is shown of it."""
        check_terms(self.record)
        keys = [letter.key for letter in self.letters]
        assert len(keys) == len(set(keys)), "a letter would overwrite another"
        assert self.invoices == (self.record.first_invoice is not None)
        if self.record.hidden:
            assert not NOT_FOR_HIDDEN & {letter.audience for letter in self.letters}
            assert {t.payer for t in self.record.terms} <= {Payer.DIRECT}
        read = MembershipRecord.model_validate_json(self.record.model_dump_json())
        assert read == self.record
        state_of(self.record)
        page_of(self.record)
        changed_attributes(self.record, {})
        assert all(self.refusals), "a refusal without a reason"
        assert all(line.rules for line in explain(self.record).lines)

    def pass_days(self, days: int) -> None:
        """Let days pass; deadlines come first, as in the workflow."""
        self.day += timedelta(days=days)
        now = moment(self.day)
        for _ in range(20):
            due = [d for d in deadlines(self.record) if d.due_at <= now.at]
            if not due:
                return
            self.take(dispatch.AFTER[due[0].name](self.record, now), now)
        raise AssertionError("a deadline does not go away by its own decision")

    def send(self, message: Inbound) -> bool:
        """Send a message; return whether it was applied."""
        now = moment(self.day)
        try:
            step = dispatch.answer(self.record, message, now)
        except Refused as refused:
            self.refusals.append(str(refused))
            return False
        self.take(step, now)
        return True

    def report(self, report: DeliveryReport) -> None:
        """Hear what became of letters."""
        self.record = dispatch.delivered(self.record, report, moment(self.day))
        step = dispatch.bounced(self.record, report)
        if step is not None:
            self.take(step, moment(self.day))
        self.check()


def check_terms(record: MembershipRecord) -> None:
    """Check invariant 3: whole months, one set of terms and one payer for each of them."""
    if record.member_since is None:
        assert record.terms == ()
        return
    for term in record.terms:
        assert term.valid_from.day == 1
        assert term.valid_to is None or (term.valid_to.day == 1 and term.valid_from < term.valid_to)
    edges = {t.valid_from for t in record.terms} | {t.valid_to for t in record.terms if t.valid_to}
    for edge in edges:
        for day in (edge, month_after(edge)):
            check_month([t for t in record.terms if in_month(t, day)])


def in_month(term: Term, day: date) -> bool:
    """Tell whether a term holds in the month of a day."""
    return term.valid_from <= day and (term.valid_to is None or day < term.valid_to)


def check_month(running: list[Term]) -> None:
    """Check that one month's terms go together."""
    kinds = [term.kind for term in running]
    assert len(kinds) == len(set(kinds)), "overlap"
    assert LineKind.CENTRAL_DUES in kinds, "gap"
    assert len({t.payer for t in running if t.cadence is Cadence.MONTHLY}) <= 1, "two payers"


@st.composite
def applicants(draw: st.DrawFn, hidden: bool | None = None) -> Application:
    """Draw somebody who may apply, with all that varies."""
    category = draw(st.sampled_from(Category))
    usual = next(form for form in PEOPLE.values() if form.category is category)
    jobs = st.none() | st.builds(
        employment,
        st.sampled_from(["100", "50", "50.01", "20"]),
        st.sampled_from(["974760673", None]),
    )
    changes: dict[str, Any] = {
        "employment": draw(jobs),
        "hidden": draw(st.booleans()) if hidden is None else hidden,
        "insurance_reservation": draw(st.booleans()),
        "recruited_by": draw(st.sampled_from([None, "Ola Nordmann"])),
        "consents": Consents(terms=True, tell_recruiter=draw(st.booleans())),
    }
    if category is Category.ORDINARY:
        changes["birth_date"] = draw(st.dates(date(1950, 1, 1), date(2011, 1, 1)))
    born = changes.get("birth_date", usual.applicant.birth_date)
    changes["national_id"] = draw(st.sampled_from([None, national_id(born)]))
    form = application(category, **changes)
    assert faults_in(form, BOOK, TODAY) == ()
    return form


books = st.builds(
    rulebook,
    premium_at_once=st.booleans(),
    payroll_needs_first_payment=st.booleans(),
    half_past_67=st.booleans(),
    apprentice_insurance=st.sampled_from(["opt_in", "opt_out", "excluded"]),
    window_days=st.sampled_from([0, 10, 30]),
)

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


def live(life: Life, happening: list[tuple[int, Any]]) -> None:
    """Let one thing after the other happen."""
    life.check()
    for days, what in happening:
        life.pass_days(days)
        if isinstance(what, DeliveryReport):
            life.report(what)
        else:
            life.send(what)


@settings(deadline=None, max_examples=80)
@given(applicants(), books, happenings)
def test_whatever_happens_the_invariants_hold(form, book, happening):
    """A step or a refusal, terms without gap or overlap, stages forward only (invariants 3, 5)."""
    live(Life(received(form, book=book)), happening)


@settings(deadline=None, max_examples=50)
@given(applicants(), books, happenings)
def test_a_member_whatever_happens(form, book, happening):
    """The same from an approval on, where there is more to go wrong (invariants 3, 5)."""
    life = Life(received(form, book=book))
    assert life.send(decide(category=Category.ORDINARY)), "an ordinary member of any age may be"
    live(life, happening)


@settings(deadline=None, max_examples=50)
@given(applicants(hidden=True), books, happenings)
def test_nothing_of_a_hidden_member_is_ordered(form, book, happening):
    """No letter for employer, branch or recruiter, no deduction (S30, S33, A27, invariant 4)."""
    life = Life(received(form, book=book))
    life.send(decide(category=Category.ORDINARY))
    live(life, happening)
    assert not NOT_FOR_HIDDEN & {letter.audience for letter in life.letters}
    assert life.record.branch is None


@settings(deadline=None, max_examples=50)
@given(applicants(), happenings, messages)
def test_the_same_message_twice_is_harmless(form, happening, message):
    """The second one is refused, or changes no terms and issues no invoice (invariant 6)."""
    life = Life(received(form))
    life.send(decide(category=Category.ORDINARY))
    live(life, happening)
    if not life.send(message):
        return
    terms, invoices, payments = life.record.terms, life.invoices, life.record.payments
    life.send(message)
    assert (life.record.terms, life.invoices, life.record.payments) == (terms, invoices, payments)


@settings(deadline=None, max_examples=50)
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
