"""What one membership knows of itself. Small, versioned, and readable by later code."""

from datetime import date
from functools import lru_cache
from typing import Any, Literal

from pydantic import AwareDatetime, field_serializer, model_validator

from schemas.access.stamps import UsedStamp
from schemas.access.update_ids import as_sent
from schemas.dues.plan import plan_rates, plan_terms
from schemas.dues.terms import PayerChange, Span, Term
from schemas.membership.decision import Applied, DuplicateCandidate
from schemas.membership.form import Form
from schemas.membership.history import SameLife, history_of
from schemas.membership.notices import AnyNotice, Beginning, EndNotice, LeaveNotice
from schemas.membership.returning import Former
from schemas.membership.situation import Facts, Situation, effective_notices
from schemas.membership.state import (
    ExplanationLine,
    InsuranceState,
    InvoiceState,
    PayrollState,
    Rejected,
)
from schemas.persons.likeness import Likeness
from schemas.pricing.rulebook import NotInForce, Rulebook
from schemas.shared.base import Contract, Day
from schemas.shared.vocabulary import (
    Category,
    Event,
    InsuranceStatus,
    LineKind,
    Outcome,
    PayrollStatus,
    Stage,
)

RECORD_VERSION = 4
"""1 is a run that began before renewals; 2 carried the whole application; 3 left no letters to
the next run. Raise it when the record changes in a way that older code can't follow."""

RENEWAL_VERSION = 2
"""The first version with the present reasons to renew; raise it, to the next version of the record,
when they change."""

KEPT_UPDATES = 100
"""About 20 kB in what a run hands over; the database knows those before them."""

BEGINNINGS = frozenset({Event.APPLICATION_APPROVED, Event.MEMBERSHIP_IMPORTED})
"""By what somebody becomes a member here: it is never left out of what is carried."""


SHOWN_DUPLICATES = 5
"""On the page, and of a member kept; the surest come first, and the database finds the others."""


class Review(Contract):
    """How the caseworker's review stands.

    Attributes:
        since: when the caseworkers' turn, or the applicant's, began.
        asked: the applicant has been asked a question, while awaiting information.
    """

    since: AwareDatetime
    reminded: bool = False
    escalated: bool = False
    asked: bool = False

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        """Read what older code kept: the question itself."""
        old = isinstance(value, dict) and "question" in value
        return {**value, "asked": value["question"] is not None} if old else value


class EarlierWindow(Contract):
    """A window, or a cover, that a time without the package has put an end to. Source: A21, A39.

    Attributes:
        opened_on: from when a form counts that came back in time.
        in_time_until: the last day for such a form; None: the office took the member in.
    """

    opened_on: Day
    in_time_until: Day | None = None


class Insurance(InsuranceState):
    """The insurance track.

    Attributes:
        since: when the window opened, or when its notice last came back.
        opened_on: when the package became possible, if later than the membership (S17).
        noticed_on: the proof that the member was told of the right to reserve (A21).
        premiums: the months the package is paid for.
        guardian: a guardian's consent is recorded, of a minor (A38).
        form_asked_on: the day the member last asked for the reservation form (S10).
        interrupted: the cover as it was before a break ended it, until another window opens (A39).
        earlier: the windows before such breaks: a form that came in one counts for it (A21).
    """

    since: AwareDatetime | None = None
    opened_on: Day | None = None
    noticed_on: Day | None = None
    premiums: tuple[Span, ...] = ()
    guardian: bool = False
    form_asked_on: Day | None = None
    interrupted: "Insurance | None" = None
    earlier: tuple[EarlierWindow, ...] = ()


class Payroll(PayrollState):
    """The payroll track.

    Attributes:
        awaits_payment: the request waits for the first payment (A20).
        requested_at: when the employer was asked.
        reminded: the employer has been reminded (A34).
        unanswered: the employer's time has passed; the request stays open (A34).
        payers: when deduction began and ended, in order of time.
    """

    awaits_payment: bool = False
    requested_at: AwareDatetime | None = None
    reminded: bool = False
    unanswered: bool = False
    payers: tuple[PayerChange, ...] = ()


class Hiding(Contract):
    """A membership that is about to be hidden: employer and branch are told that it leaves first.

    Attributes:
        letters: the keys of the letters that must still go out, or come back, before.
        told: they have.
    """

    letters: tuple[str, ...]
    told: bool = False


class Asked(Contract):
    """A question the member has been asked, once.

    Attributes:
        about: what it was about, with the date it depends on.
    """

    about: str
    at: AwareDatetime


class ReportedDeath(Contract):
    """A death that was reported and waits to be confirmed.

    Attributes:
        subject: who reported it, where the message was stamped.
        number: of the decision that kept it; older code did not say.
    """

    died_on: Day
    caseworker: str
    at: AwareDatetime
    subject: str | None = None
    number: int | None = None


class Asker(Contract):
    """Who has asked for something that two people decide.

    Attributes:
        subject: who that is, where the message was stamped.
        system: another system sent it, and who told that is not known: it is no person.
    """

    name: str
    subject: str | None = None
    system: bool = False


class SecondPerson(Contract):
    """What one person has asked for, and another must say again (R6).

    Attributes:
        message: its name.
        said: what tells it from other messages of its name.
        number: of the decision by which it is kept.
    """

    message: str
    said: str
    by: Asker
    number: int
    at: AwareDatetime
    on: Day


class Ended(Contract):
    """What stood when the membership ended, to be taken up again if that is undone.

    Attributes:
        number: of the notice that ended it.
        deducted: the employer deducted, or had been asked to.
    """

    number: int
    insurance: InsuranceStatus
    reservation_deadline: Day | None = None
    deducted: bool = False


class PossibleDuplicate(Contract):
    """Another application or membership that may be the same person's: for caseworkers only."""

    membership_id: str
    certain: bool
    stage: Stage
    member_number: str | None = None
    outcome: Outcome | None = None
    likeness: Likeness | None = None


def found_alike(kin: tuple[DuplicateCandidate, ...], today: date) -> dict[str, object]:
    """Return what a record is told of who may be the same person, as of a day. Source: N8."""
    found = tuple(PossibleDuplicate.model_validate(one.model_dump()) for one in kin)
    return {"possible_duplicates": found, "duplicates_on": today}


class Postponed(Contract):
    """What fell due and could not be decided.

    Attributes:
        names: of the deadlines that wait, or of what waits like one.
        again_at: when all of them are tried again; a message brings it forward.
        told: what the caseworkers have been told of, until it has been decided.
    """

    names: tuple[str, ...] = ()
    again_at: AwareDatetime | None = None
    told: tuple[str, ...] = ()


class MembershipRecord(Contract):
    """The whole state of one membership: replaced at every step, never changed in place.

    Attributes:
        application: what rules need of it; older code kept all of it, and it is read as if it had
            not.
        duplicates_on: the day on which ``possible_duplicates`` were looked for; older code did
            not say.
        former: what is known of the person's earlier memberships, for caseworkers only.
        died_as: the membership of the person that a death was recorded of since, as an approval
            has found; for caseworkers only.
        first_member_since: the first day of the person's first membership; None: of this one.
        charged_from: the first month that is charged, where an earlier one covers the approval's.
        fee_until: the first month that no yearly fee was paid for under an earlier one.
        version: 1 in runs that were started before there was a life after onboarding.
        beginning: what the approval was given for; with ``notices`` the facts of a life.
        present: the situation as it was last acted upon.
        reached: every change until this day has been acted upon.
        onboarded: the onboarding is over; it does not come back.
        asks_about_work: older code did not ask where an employer or work is missing.
        reported_death: waits to be confirmed.
        keeps_report: and does so until it is decided, however the membership ends meanwhile.
        ended: what stood when it ended; None too where older code ended it.
        open_until: the last day on which a membership that has ended can be reopened (L9).
        lingers: it has ended, and its workflow takes messages until then.
        hears_late: and facts of the time before its end among them; older code did not.
        open_for_corrections: and as long as those reach its last month; older code did not wait.
        pays_by: as the member has chosen it (P9).
        payments: the references already recorded, in order.
        charged_elsewhere: what the person was charged for the first month under another membership.
        facts_kept: the database knows the facts: a decision of this build has been recorded.
        decisions: how many decisions stand in the log; the next one's number is one more.
        second_persons: what one person has asked for and another must say again (R6).
        stamps: those of signed messages that have come and not expired: each counts once.
        applied: the latest updates that were applied, ``KEPT_UPDATES`` of them: sent again under
            its id one is answered as it was then.
        rejected: the latest messages that were not applied; ``rejected_count`` counts all, and
            ``rejected_seen`` how many of them a caseworker has marked as seen.
        letters_wait: the run before has left letters for this one to send.
        sheds_memo: whoever started it sent a memo, which comes along with every renewal.
    """

    version: int = 1
    membership_id: str
    received_at: AwareDatetime
    review: Review
    stage: Stage = Stage.RECEIVED
    outcome: Outcome | None = None
    application: Form | None = None
    rulebook: Rulebook | None = None
    faults: tuple[str, ...] = ()
    possible_duplicates: tuple[PossibleDuplicate, ...] = ()
    duplicates_on: Day | None = None
    former: Former | None = None
    died_as: str | None = None
    category: Category | None = None
    branch: str | None = None
    member_number: str | None = None
    member_since: Day | None = None
    first_member_since: Day | None = None
    charged_from: Day | None = None
    fee_until: Day | None = None
    beginning: Beginning | None = None
    notices: tuple[AnyNotice, ...] = ()
    present: Situation | None = None
    reached: Day | None = None
    onboarded: bool = False
    asks_about_work: bool = False
    reported_death: ReportedDeath | None = None
    keeps_report: bool = False
    ended: Ended | None = None
    open_until: Day | None = None
    lingers: bool = False
    hears_late: bool = False
    open_for_corrections: bool = False
    hiding: Hiding | None = None
    asked: tuple[Asked, ...] = ()
    postponed: Postponed = Postponed()
    terms: tuple[Term, ...] = ()
    insurance: Insurance = Insurance()
    first_invoice: InvoiceState | None = None
    payroll: Payroll = Payroll()
    pays_by: Literal["invoice", "avtalegiro"] | None = None
    payments: tuple[str, ...] = ()
    charged_elsewhere: tuple[LineKind, ...] = ()
    facts_kept: bool = False
    decisions: int = 0
    log: tuple[ExplanationLine, ...] = ()
    second_persons: tuple[SecondPerson, ...] = ()
    stamps: tuple[UsedStamp, ...] = ()
    applied: tuple[Applied, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    rejected_count: int = 0
    rejected_seen: int = 0
    letters_wait: bool = False
    sheds_memo: bool = False

    @field_serializer("rulebook", when_used="json")
    def _compact(self, rulebook: Rulebook | None) -> dict[str, Any] | None:
        """Leave out what is so by default: that never becomes another, histories rely on it."""
        if rulebook is None:
            return None
        return rulebook.model_dump(mode="json", exclude_defaults=True)

    @property
    def form(self) -> Form:
        """What rules need of the application; only asked for once it has been read."""
        assert self.application is not None, "asked for the application before it was read"
        return self.application

    @property
    def book(self) -> Rulebook:
        """The rulebook; only asked for once it has been read."""
        assert self.rulebook is not None, "asked for the rulebook before it was read"
        return self.rulebook

    @property
    def hidden(self) -> bool:
        """Whether the employer must never learn of the membership (S30)."""
        return self.application is not None and self.application.hidden

    @property
    def asked_to_hide(self) -> bool:
        """Whether a wish to be hidden was answered that is not in effect yet (invariant 12)."""
        if self.beginning is None or self.hidden:
            return False
        reached = self.reached or self.since
        return self.situation_on(reached).hidden or any(
            notice.kind == "set_hidden" and notice.hidden and notice.effective_on > reached
            for notice in effective_notices(self.notices)
        )

    @property
    def birth_date(self) -> date:
        """The member's birth date."""
        return self.form.applicant.birth_date

    @property
    def since(self) -> date:
        """The day of approval; only asked for of a member."""
        assert self.member_since is not None, "asked since when, of somebody not a member"
        return self.member_since

    @property
    def recorded_as_dead(self) -> bool:
        """Whether it is known that the person is recorded as dead, as something else (L7)."""
        return self.died_as is not None or (self.former is not None and self.former.died)

    @property
    def settled(self) -> bool:
        """Whether nothing of the onboarding is open any more (design: stages)."""
        insured = self.insurance.status is not InsuranceStatus.WINDOW_OPEN
        asked = self.payroll.status is PayrollStatus.REQUESTED and not self.payroll.unanswered
        return insured and not asked and not self.payroll.awaits_payment

    @property
    def facts(self) -> Facts:
        """What the terms depend on; only asked for of a member."""
        assert self.beginning is not None, "asked for the facts of somebody not a member"
        # Each part has been checked already; to check a long life anew costs more than to plan it.
        return Facts.model_construct(
            birth_date=self.birth_date,
            since=self.since,
            beginning=self.beginning,
            notices=self.notices,
            premiums=self.insurance.premiums,
            payers=self.payroll.payers,
            charged_from=self.charged_from,
            fee_until=self.fee_until,
        )

    @property
    def other_deductors(self) -> frozenset[str]:
        """The organisation numbers of those who deduct, or did, in place of an employer. A36."""
        told = (notice for notice in self.notices if isinstance(notice, LeaveNotice))
        return frozenset(notice.deductor for notice in told if notice.deductor is not None)

    @property
    def present_situation(self) -> Situation:
        """The situation as it was last acted upon; only asked for of a member."""
        assert self.present is not None, "asked for the situation of somebody not a member"
        return self.present

    @property
    def leaving(self) -> EndNotice | None:
        """The notice that ends the membership, once there is one."""
        return history_of(self.facts).ending if self.beginning is not None else None

    def situation_on(self, day: date) -> Situation:
        """Return what holds on a day, as far as is known."""
        facts = self.facts
        return history_of(facts).situation_on(facts, self.book, max(day, self.since))

    def applied_under(self, update_id: str) -> Applied | None:
        """Return the update that was applied under what was chosen as its id, or None."""
        chosen = as_sent(update_id)
        return next((one for one in self.applied if as_sent(one.update_id) == chosen), None)

    def asked_at(self, about: str) -> Asked | None:
        """Return when a question was asked, or None."""
        return next((asked for asked in self.asked if asked.about == about), None)

    def replanned(self) -> "MembershipRecord":
        """Return the record with its terms computed anew from its facts.

        Once they are written, a trigger (``mark_for_reassessment``) marks the membership if a month
        may have been charged by the old ones; the next dues run charges the difference (A31).
        """
        facts = self.facts
        life = SameLife(facts, self.book, facts.premiums, facts.payers)
        return self.model_copy(update={"terms": _planned(life)})

    def with_prices(self, rulebook: Rulebook) -> "MembershipRecord":
        """Return the record with another rulebook.

        Where nothing but prices is another, its terms are at once what they come to: whoever they
        concern hears of it from the repricing. By other rates nothing is planned unsaid.
        """
        record = self.model_copy(update={"rulebook": rulebook})
        if self.rulebook is None or self.beginning is None:
            return record
        facts = self.facts
        try:
            same = plan_rates(facts, self.rulebook) == plan_rates(facts, rulebook)
            known = self.replanned().terms == self.terms
            return record.replanned() if same and known else record
        except NotInForce:
            return record

    def insured(self, **changes: Any) -> "MembershipRecord":
        """Return the record with its insurance track changed and its terms planned anew."""
        insurance = self.insurance.model_copy(update=changes)
        return self.model_copy(update={"insurance": insurance}).replanned()

    def deducted(self, **changes: Any) -> "MembershipRecord":
        """Return the record with its payroll track changed and its terms planned anew."""
        payroll = self.payroll.model_copy(update=changes)
        return self.model_copy(update={"payroll": payroll}).replanned()


@lru_cache(maxsize=16)
def _planned(life: SameLife) -> tuple[Term, ...]:
    """Plan a life once, however often something else of the record becomes another."""
    assert life.rulebook is not None, "planned by no rules"
    return plan_terms(life.facts, life.rulebook)
