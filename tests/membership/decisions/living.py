"""A membership that is driven by the real decisions, and what must hold after each of its steps."""

import os
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from schemas.dues.plan import deducts
from schemas.dues.terms import Term
from schemas.membership.application import Application, Consents
from schemas.membership.decision import Decision, DeliveryReport, Letter
from schemas.membership.eligibility import faults_in
from schemas.membership.messages import MESSAGES
from schemas.membership.messages.review import ApplicantCorrection
from schemas.membership.returning import Former, coverage, last_situation
from schemas.membership.situation import first_month_of
from schemas.pricing.rulebook import Branch, LocalRate
from schemas.shared.base import Inbound
from schemas.shared.calendar import day_before, month_after, months_before
from schemas.shared.vocabulary import (
    Audience,
    Cadence,
    Category,
    Event,
    InsuranceStatus,
    LineKind,
    Outcome,
    Payer,
    PayrollStatus,
    PensionKind,
    Stage,
    Template,
    WaiverKind,
    WaiverShare,
)
from tests.builders import (
    BERGEN,
    BOOK,
    MEMBER_NUMBER,
    OSLO,
    PEOPLE,
    TODAY,
    application,
    employment,
    moment,
    national_id,
    placed,
    rates,
    rulebook,
    stand,
)
from tests.pages import page_of
from workers.cli.shared.rule_titles import titles
from workflows.membership.attributes import changed_attributes
from workflows.membership.awaiting import awaiting
from workflows.membership.deadlines import REOPENING, deadlines
from workflows.membership.decisions import dispatch
from workflows.membership.decisions.step import Moment, Refused, Step
from workflows.membership.explanation import explain
from workflows.membership.record import MembershipRecord
from workflows.membership.recording import decision_of
from workflows.membership.state import state_of

_MEMBER = {Stage.ONBOARDING, Stage.ACTIVE, Stage.ON_LEAVE, Stage.ENDED}

NEXT_STAGES: dict[Stage, set[Stage]] = {
    Stage.UNDER_REVIEW: {Stage.UNDER_REVIEW, Stage.AWAITING_INFORMATION, *_MEMBER}
    - {Stage.ON_LEAVE},
    Stage.AWAITING_INFORMATION: {Stage.UNDER_REVIEW, Stage.AWAITING_INFORMATION, *_MEMBER}
    - {Stage.ON_LEAVE},
    Stage.ONBOARDING: _MEMBER,
    Stage.ACTIVE: _MEMBER - {Stage.ONBOARDING},
    Stage.ON_LEAVE: _MEMBER,
    Stage.ENDED: _MEMBER,
}
"""A member does not become an applicant again, and an end is an end unless it is undone (L9)."""

NOT_FOR_HIDDEN = {Audience.EMPLOYER, Audience.BRANCH, Audience.RECRUITER}


def drawn(lives: int) -> settings:
    """Return how many lives a property is tried on: so many, and ``make lives`` many more."""
    times = int(os.environ.get("MEDLEMSFLYT_LIVES", "1"))
    return settings(deadline=None, max_examples=lives * times)


@dataclass(frozen=True)
class Said:
    """One message, its dates counted from the day it is sent: ``{"effective_on": -20}``."""

    name: str
    dates: dict[str, int] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)

    def on(self, day: date) -> Inbound:
        """Return the message as it is sent on a day."""
        dated = {name: day + timedelta(days=offset) for name, offset in self.dates.items()}
        if "first_period" in dated:
            dated["first_period"] = f"{dated['first_period']:%Y-%m}"  # type: ignore[assignment]
        return MESSAGES[self.name].model_validate({**dated, **self.more})


@dataclass(frozen=True)
class Post:
    """The letters that wait go out; ``fate`` is a field of ``DeliveryReport``."""

    fate: str = "sent"


@dataclass
class Life:
    """A membership that is driven, with everything that was ever ordered for it."""

    record: MembershipRecord
    day: date = TODAY
    letters: list[Letter] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    invoices: int = 0
    posted: int = 0
    onboarded: bool = False
    told_to_deduct: bool = False

    def take(self, step: Step, now: Moment) -> None:
        """Let a step stand, and check what must hold after each."""
        before = self.record
        decision = decision_of(step, before, now)
        assert Decision.model_validate_json(decision.model_dump_json()) == decision
        self.record, step = stand(step, now), placed(step)
        if self.record.stage is Stage.ENDED:
            # Its workflow keeps who has left within hearing (L9).
            lingers = self.record.open_until is not None
            self.record = self.record.model_copy(update={"lingers": lingers})
        self.letters += step.letters
        self.invoices += step.invoice is not None
        assert self.record.stage in NEXT_STAGES[before.stage]
        assert self.record.decisions == before.decisions + 1
        assert step.says
        assert step.rules
        assert set(step.rules) <= titles().keys()
        if self.record.hidden:
            audiences = {letter.audience for letter in step.letters}
            assert not NOT_FOR_HIDDEN & audiences, "ordered for somebody who may not know"
        if step.event not in {Event.INFORMATION_SUPPLIED, Event.MEMBERSHIP_REOPENED}:
            check_past(before, self.record, now, step.given_back_from)
        self.hear_as_employer(step)
        assert self.record.stage is not Stage.ONBOARDING or not self.onboarded, "onboarded twice"
        self.onboarded = self.onboarded or self.record.stage is Stage.ACTIVE
        self.check()

    def hear_as_employer(self, step: Step) -> None:
        """Follow what the employer has said, and what it or the next is told upon that (L6, A5)."""
        if step.event in {Event.PAYROLL_REFUSED, Event.PAYROLL_STOPPED}:
            self.told_to_deduct = False
        if step.event is Event.PAYROLL_ACCEPTED:
            self.told_to_deduct = True
        told = [letter.template for letter in step.letters]
        if Template.PAYROLL_STOP in told and Template.PAYROLL_START in told:
            assert told.index(Template.PAYROLL_STOP) < told.index(Template.PAYROLL_START)
        if Template.PAYROLL_STOP in told:
            self.told_to_deduct = False
        if Template.PAYROLL_START in told:
            self.told_to_deduct = True

    def check(self) -> None:
        """Check the record, and everything that is shown of it."""
        record = self.record
        check_terms(record)
        keys = [letter.key for letter in self.letters]
        assert len(keys) == len(set(keys)), "a letter would overwrite another"
        assert self.invoices == (record.first_invoice is not None)
        if record.hidden:
            assert record.branch is None
            assert not record.payroll.awaits_payment
            assert record.payroll.status not in {PayrollStatus.ACTIVE, PayrollStatus.REQUESTED}
        check_payroll(record, self.day)
        check_insurance(record)
        if record.stage is Stage.ENDED:
            assert {deadline.name for deadline in deadlines(record)} <= {REOPENING}
            assert {wait.what for wait in awaiting(record)} <= {"record_death"}
        read = MembershipRecord.model_validate_json(record.model_dump_json())
        assert read == record
        state_of(record)
        page_of(record)
        changed_attributes(record, {})
        assert all(self.refusals), "a refusal without a reason"
        explained = explain(record).lines
        assert all(line.rules for line in explained)
        assert {rule for line in explained for rule in line.rules} <= titles().keys()

    def check_settled(self) -> None:
        """Check that all that has become true was acted upon, once deadlines are dealt with."""
        record = self.record
        if record.present is None or record.stage is Stage.ENDED:
            return
        now = record.situation_on(self.day)
        if record.hiding is not None:
            assert now.hidden, "on the way into hiding, and not hidden"
            now = now.model_copy(update={"hidden": False})
        assert record.present == now
        assert (record.category, record.branch, record.hidden) == (
            now.category,
            now.branch,
            now.hidden,
        )
        assert (record.stage is Stage.ON_LEAVE) == now.on_leave
        assert record.leaving is None or self.day < record.leaving.effective_on
        if now.deducting is None:
            assert record.payroll.status not in {PayrollStatus.ACTIVE, PayrollStatus.REQUESTED}
        if record.leaving is not None:
            return
        asked = record.payroll.status in {PayrollStatus.ACTIVE, PayrollStatus.REQUESTED}
        assert asked == self.told_to_deduct, "the employer has been told otherwise"
        active = record.payroll.status is PayrollStatus.ACTIVE
        assert active == deducts(record.facts, record.book, self.day), "says otherwise than terms"

    def pass_days(self, days: int) -> None:
        """Let days pass; deadlines come first, as in the workflow."""
        self.day += timedelta(days=days)
        self.meet_deadlines()

    def meet_deadlines(self) -> None:
        """Deal with every deadline that has passed."""
        now = moment(self.day)
        for _ in range(30):
            due = [d for d in deadlines(self.record) if d.due_at <= now.at]
            if not due:
                self.check_settled()
                return
            step = dispatch.AFTER[due[0].name](self.record, now)
            if step.empty:
                self.record = step.record
            else:
                self.take(step, now)
            still = [d for d in deadlines(self.record) if d.due_at <= now.at]
            assert due[0] not in still, f"{due[0].name} does not go away by its own decision"
        raise AssertionError("deadlines without end")

    def send(self, message: Inbound) -> bool:
        """Send a message; return whether it was applied."""
        now = moment(self.day)
        before = self.record
        try:
            step = dispatch.answer(self.record, message, now)
        except Refused as refused:
            self.refusals.append(str(refused))
            assert self.record is before
            return False
        self.take(step, now)
        self.meet_deadlines()
        return True

    def report(self, report: DeliveryReport) -> None:
        """Hear what became of letters."""
        self.record = dispatch.delivered(self.record, report, moment(self.day))
        step = dispatch.bounced(self.record, report)
        if step is not None:
            self.take(step, moment(self.day))
        self.check()
        self.meet_deadlines()

    def post(self, post: Post) -> None:
        """Let the letters that wait meet their fate."""
        keys = tuple(letter.key for letter in self.letters[self.posted :])
        self.posted = len(self.letters)
        self.report(DeliveryReport.model_validate({post.fate: keys}))

    def happen(self, happening: list[tuple[int, Any]]) -> None:
        """Let one thing after the other happen."""
        self.check()
        for days, what in happening:
            self.pass_days(days)
            match what:
                case DeliveryReport():
                    self.report(what)
                case Post():
                    self.post(what)
                case Said():
                    self.send(what.on(self.day))
                case _:
                    self.send(what)


def former_of(record: MembershipRecord, day: date) -> Former:
    """Return what persistence knows of a membership that has ended, on a day."""
    assert record.leaving is not None, "has not left"
    assert record.member_number is not None, "never was a member"
    covers = coverage([(record.facts, record.terms)], record.book)
    return Former(
        membership_id=record.membership_id,
        member_number=record.member_number,
        outcome=record.outcome,
        last_on=day_before(record.leaving.effective_on),
        member_since=record.since,
        situation=last_situation(record.facts, record.book, day),
        covered_until=covers.until,
        yearly_until=covers.yearly_until,
        died=record.outcome is Outcome.DECEASED,
    )


def check_once(first: MembershipRecord, second: MembershipRecord) -> None:
    """Check invariant 10: of two memberships of a person each month, and fee, is of one only."""
    ends = {term.valid_to for term in first.terms}
    assert None not in ends, "open after the end"
    charged_until = max((end for end in ends if end), default=date.min)
    begins = min((term.valid_from for term in second.terms), default=date.max)
    assert charged_until <= begins, "a month is charged twice"
    years = {
        day_before(term.valid_to).year
        for term in first.terms
        if term.cadence is Cadence.YEARLY and term.valid_to
    }
    for term in second.terms:
        if term.cadence is Cadence.YEARLY and term.amount_ore:
            assert term.valid_from.year not in years, "a fee is charged twice for a year"


def check_terms(record: MembershipRecord) -> None:
    """Check invariant 3: whole months, one set of terms and one payer for each of them."""
    if record.member_since is None:
        assert record.terms == ()
        return
    first = first_month_of(record.facts, record.book)
    if record.terms == ():
        # Nothing is owed after a death, also of who had died before the approval (A31).
        died = any(
            notice.kind == "record_death" and notice.reported_on < record.since
            for notice in record.notices
        )
        assert died or record.charged_from == first, "charged nothing"
        assert record.leaving is not None, "charged nothing, and goes on"
        return
    for term in record.terms:
        assert term.valid_from.day == 1
        assert term.valid_to is None or (term.valid_to.day == 1 and term.valid_from < term.valid_to)
        assert record.leaving is None or term.valid_to is not None, "open after the end"
    central = [term for term in record.terms if term.kind is LineKind.CENTRAL_DUES]
    end = central[-1].valid_to
    assert (end is None) == (record.leaving is None)
    edges = {first}
    edges |= {t.valid_from for t in record.terms}
    edges |= {t.valid_to for t in record.terms if t.valid_to}
    for edge in edges:
        for day in (edge, month_after(edge)):
            if end is None or day < end:
                check_month([t for t in record.terms if in_month(t, day)])


def check_past(
    before: MembershipRecord, after: MembershipRecord, now: Moment, given_back_from: date | None
) -> None:
    """Check that what was charged longer ago than A31 allows stands, or comes back whole."""
    if before.member_since is None:
        return
    limit = months_before(now.today, after.book.policies_on(now.today).back_months)
    edges = {term.valid_from for term in (*before.terms, *after.terms)}
    edges |= {term.valid_to for term in (*before.terms, *after.terms) if term.valid_to}
    for month in (edge for edge in edges if edge < limit):
        was, is_now = _charged(before, month), _charged(after, month)
        if given_back_from is None or month < given_back_from:
            assert was == is_now, f"{month} is too long ago"
        else:
            assert is_now <= was, f"another amount in {month}"


def _charged(record: MembershipRecord, month: date) -> set[tuple[object, ...]]:
    terms = [term for term in record.terms if in_month(term, month)]
    return {(term.kind, term.amount_ore, term.cadence, term.payer) for term in terms}


def in_month(term: Term, day: date) -> bool:
    """Tell whether a term holds in the month of a day."""
    return term.valid_from <= day and (term.valid_to is None or day < term.valid_to)


def check_month(running: list[Term]) -> None:
    """Check that one month's terms go together."""
    kinds = [term.kind for term in running]
    assert len(kinds) == len(set(kinds)), "overlap"
    assert LineKind.CENTRAL_DUES in kinds, "gap"
    assert len({t.payer for t in running if t.cadence is Cadence.MONTHLY}) <= 1, "two payers"


def check_payroll(record: MembershipRecord, day: date) -> None:
    """Check that nobody is deducted who has not been agreed upon (A20, A23, D7)."""
    status = record.payroll.status
    if status in {PayrollStatus.ACTIVE, PayrollStatus.STOPPED} or record.stage is Stage.ENDED:
        return
    coming = [t for t in record.terms if t.valid_to is None or t.valid_to > month_after(day)]
    assert not [t for t in coming if t.payer is Payer.PAYROLL], f"deducted while {status}"


def check_insurance(record: MembershipRecord) -> None:
    """Check that the track and the months that are paid for agree (S6, S8, A17, A21)."""
    insurance = record.insurance
    open_ended = [span for span in insurance.premiums if span.valid_to is None]
    assert len(open_ended) <= 1
    for earlier, later in zip(insurance.premiums, insurance.premiums[1:], strict=False):
        assert earlier.valid_to is not None
        assert earlier.valid_to <= later.valid_from
    match insurance.status:
        case InsuranceStatus.COVERED:
            assert insurance.covered_from is not None
            assert open_ended
            assert insurance.reserved_from is None
        case InsuranceStatus.RESERVED:
            assert insurance.reserved_from is not None
            assert not open_ended
        case InsuranceStatus.WINDOW_OPEN:
            assert insurance.covered_from is None
            assert insurance.reserved_from is None
    if record.category is Category.STUDENT and record.stage is not Stage.ENDED:
        ended = {InsuranceStatus.NOT_APPLICABLE, InsuranceStatus.ENDED}
        assert insurance.status in ended


NEW = Branch(
    code="NEW",
    name="Ny avdeling",
    rates=(LocalRate(valid_from=date(2027, 2, 1), local_ore=3000, halves=False),),
)
"""A branch that is founded on the way."""

# What may happen ------------------------------------------------------------------------------

offsets = st.sampled_from([0, 0, -1, 1, -10, 10, -30, 31, -60, 75, -120, 200])
past = st.sampled_from([0, 0, -1, -10, -30, -60, -120])
EMPLOYERS = ["974760673", "312345676"]
percents = st.sampled_from([None, "0", "20", "50", "50.01", "100"])
branches = st.sampled_from([None, None, "OSLO", "BERGEN", "NEW", "NOWHERE"])


def said(
    name: str,
    dates: dict[str, st.SearchStrategy[int]] | None = None,
    **more: st.SearchStrategy[Any],
) -> st.SearchStrategy[Said]:
    """Return a strategy of one message; fields that are None are left out."""
    return st.builds(
        lambda when, what: Said(
            name, when, {field: value for field, value in what.items() if value is not None}
        ),
        st.fixed_dictionaries(dates or {}),
        st.fixed_dictionaries(more),
    )


def _decimal(strategy: st.SearchStrategy[str | None]) -> st.SearchStrategy[Any]:
    return strategy.map(lambda text: None if text is None else Decimal(text))


jobs = said(
    "change_employment",
    {"effective_on": offsets},
    employer_orgnr=st.sampled_from([None, *EMPLOYERS]),
    employer_name=st.sampled_from([None, "Fjord Drift AS"]),
    position_percent=_decimal(percents),
    branch=branches,
).filter(lambda found: bool(found.more))
categories = said(
    "change_category", {"effective_on": offsets}, category=st.sampled_from(Category)
) | said(
    "change_category",
    {"effective_on": offsets, "ends_on": st.sampled_from([0, 30, 400])},
    category=st.sampled_from([Category.STUDENT, Category.APPRENTICE]),
).filter(lambda found: found.dates["ends_on"] >= found.dates["effective_on"])
pensions = said(
    "report_pension",
    {"from_on": offsets},
    kind=st.sampled_from(PensionKind),
    working_percent=_decimal(percents),
)
hidings = said(
    "set_hidden",
    {"effective_on": offsets},
    hidden=st.booleans(),
    consent=st.sampled_from([None, True, True, False]),
    branch=branches,
)
leaves = said(
    "grant_leave",
    {"from_on": offsets, "until_on": offsets},
    caseworker=st.just("ola"),
    kind=st.sampled_from([None, None, *WaiverKind]),
    share=st.sampled_from([None, None, *WaiverShare]),
    documentation=st.sampled_from([None, "Sak 12", "Sak 12"]),
).filter(lambda found: found.dates["from_on"] <= found.dates["until_on"])
further = said(
    "change_employment",
    {"effective_on": offsets},
    employment=st.sampled_from(["1", "2", "new"]),
    employer_orgnr=st.sampled_from([None, *EMPLOYERS]),
    position_percent=_decimal(percents),
    deducts=st.sampled_from([None, None, True, False]),
) | said(
    "change_employment",
    {"effective_on": st.sampled_from([0, -30, 20]), "until_on": st.sampled_from([20, 75, 200])},
    employment=st.sampled_from(["2", "new"]),
    employer_orgnr=st.sampled_from(EMPLOYERS),
    position_percent=_decimal(st.sampled_from(["20", "50.01"])),
)
further = further.filter(lambda found: found.more.keys() != {"employment"})
in_any_order: st.SearchStrategy[Said] = st.one_of(jobs, categories, pensions, hidings, leaves)
"""What can be reported of a life, in any order: nothing depends on what was known by then."""
changes: st.SearchStrategy[Said] = st.one_of(in_any_order, further)
"""What can be reported of a life. Which employment is meant depends on those that are known."""

withdrawals = said(
    "withdraw_change",
    {"effective_on": offsets},
    change=st.sampled_from(
        [
            "change_employment",
            "change_category",
            "report_pension",
            "set_hidden",
            "grant_leave",
            "resign",
        ]
    ),
)
departures = st.one_of(
    said("resign", {"received_on": past}),
    said("resign", {"received_on": past}),
    said(
        "report_arrears",
        {"as_of": past},
        owed_ore=st.just(198000),
        owed_months=st.sampled_from([1, 3, 4]),
    ),
    said(
        "record_death",
        {"died_on": past},
        caseworker=st.sampled_from(["ola", "kari"]),
        member_number=st.sampled_from([None, MEMBER_NUMBER, MEMBER_NUMBER]),
    ),
    said("reopen", caseworker=st.just("ola"), reason=st.just("Feil person")),
)
onboarding = st.one_of(
    said(
        "record_insurance_notice",
        {"on": past},
        outcome=st.sampled_from(["delivered", "bounced"]),
    ),
    said("request_reservation_form"),
    said("request_erasure", requested_by=st.just("dpo")),
    said("choose_payment", by=st.sampled_from(["invoice", "avtalegiro", "efaktura"])),
    said("reserve_insurance", {"received_on": past}),
    said("enroll_insurance", {"from_on": offsets}),
    said(
        "record_payment",
        {"paid_on": past},
        amount_ore=st.sampled_from([49500, 24750, 54500, 100]),
        reference=st.sampled_from(["B-1", "B-2", "B-3"]),
    ),
)
corrections = said(
    "supply_information",
    information=st.just("Se vedlagt"),
    applicant=st.builds(
        ApplicantCorrection,
        birth_date=st.dates(date(1950, 1, 1), date(1999, 1, 1))
        | st.dates(date(1959, 6, 1), date(1961, 12, 31)),
        national_id=st.none(),
    ),
)
answers = said(
    "answer_payroll_request",
    answer=st.sampled_from(["accepted", "accepted", "refused", "stopped"]),
) | said(
    "answer_payroll_request",
    {"first_period": offsets},
    answer=st.sampled_from(["accepted", "accepted", "stopped"]),
)
posts = st.builds(Post, st.sampled_from(["sent", "sent", "sent", "bounced", "suppressed", "held"]))

gaps = st.sampled_from([0, 0, 0, 1, 5, 20, 45, 120, 400])


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
        changes["birth_date"] = draw(
            st.dates(date(1950, 1, 1), date(2011, 1, 1))
            | st.dates(date(1959, 6, 1), date(1961, 12, 31))
            | st.just(date(1960, 2, 29))
        )
    born = changes.get("birth_date", usual.applicant.birth_date)
    changes["national_id"] = draw(st.sampled_from([None, national_id(born)]))
    form = application(category, **changes)
    assert faults_in(form, BOOK, TODAY) == ()
    return form


books = st.builds(
    rulebook,
    rates=st.sampled_from(
        [(rates("495"),), (rates("495"), rates("520", date(2027, 3, 1)))],
    ),
    premium_at_once=st.booleans(),
    payroll_needs_first_payment=st.sampled_from([False, False, True]),
    half_past_67=st.booleans(),
    apprentice_insurance=st.sampled_from(["opt_in", "opt_out", "excluded"]),
    window_days=st.sampled_from([0, 10, 30]),
    branches=st.just((OSLO, BERGEN, NEW)),
)
