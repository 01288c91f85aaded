"""A step: the record after a decision, and everything the decision calls for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

from schemas.access.stamps import Claims
from schemas.dues.terms import Term
from schemas.membership.decision import ConsentGiven, InvoiceOrder, Letter, Payment
from schemas.membership.notices import Employer
from schemas.membership.situation import Situation
from schemas.membership.state import ExplanationLine
from schemas.payments.allocation import Allocation
from schemas.shared.base import Inbound
from schemas.shared.calendar import oslo_date
from schemas.shared.messages import Message
from schemas.shared.vocabulary import Audience, Event, Stage, Template
from workflows.membership.record import MembershipRecord


class Refused(Exception):
    """A message does not apply; its text tells the sender why and what would.

    Args:
        says: the text.
        confidential: it tells who is hidden, and stands on no page.
    """

    def __init__(self, says: str, *, confidential: bool = False) -> None:
        super().__init__(says)
        self.confidential = confidential


@dataclass(frozen=True)
class Moment:
    """When a decision is made, by the workflow's clock, and who asks for it.

    Attributes:
        by: of a message that says who sent it.
        no_person: another system sent it: who told that is not known.
    """

    at: datetime
    by: Claims | None = None
    no_person: bool = False

    @property
    def today(self) -> date:
        """The date in Europe/Oslo."""
        return oslo_date(self.at)


@dataclass(frozen=True)
class Forwarded:
    """A message that a decision sends to another membership, before it is recorded.

    Attributes:
        membership_id: of the other one.
        message: what it is told.
    """

    membership_id: str
    message: Message


@dataclass(frozen=True)
class Step:
    """One decision that has been made but not yet recorded.

    Attributes:
        record: the membership as it will be.
        says: one sentence for the decision log and ``explain``.
        rules: ids in docs/rules.md.
        outcomes: of a payment, the step in its place once persistence has said where the money
            went; the step itself is for money in suspense.
        priced: amounts or policies were used, so an outdated rulebook makes it void.
        corrected: what rules need of the application changed, or what was supplied is to be kept.
        supplied: the corrected fields, for where the application is kept.
        given_back_from: the first month that A31 does not limit.
        empty: nothing is otherwise than before, and nothing is recorded.
        confidential: it has to do with hiding, and stands on no page
            (``workflows.membership.page``).
        forwards: what another membership of the person is told; it is not recorded unless that
            can be told.
        message: the name of the message it answers; None: a deadline, or a report.
        pays_by: how the member has chosen to pay what is not deducted.
        approves: the number of the decision by which somebody else asked for it (R6).
        consent: what the member has agreed to, to be kept.
    """

    record: MembershipRecord
    event: Event
    says: str
    rules: tuple[str, ...]
    decided_by: str = "rule"
    reason: str | None = None
    letters: tuple[Letter, ...] = ()
    invoice: InvoiceOrder | None = None
    payment: Payment | None = None
    outcomes: Mapping[Allocation, "Step"] = field(default_factory=dict)
    priced: bool = False
    corrected: bool = False
    supplied: dict[str, Any] | None = None
    given_back_from: date | None = None
    empty: bool = False
    confidential: bool = False
    forwards: Forwarded | None = None
    message: str | None = None
    pays_by: Literal["invoice", "avtalegiro"] | None = None
    approves: int | None = None
    consent: ConsentGiven | None = None

    def settled(self) -> "Step":
        """Return the step with the membership active when its onboarding has nothing open."""
        record = self.record
        if record.stage is Stage.ONBOARDING and record.settled:
            update = {"stage": Stage.ACTIVE, "onboarded": True}
            return replace(self, record=record.model_copy(update=update))
        return self

    def with_task(self, task: str, detail: str | None = None) -> "Step":
        """Return the step with one more task for the caseworkers."""
        letters = Letters(number=self.record.decisions + 1, written=list(self.letters))
        return replace(self, letters=letters.to_caseworkers(task, detail).done())

    def logged(self, at: datetime) -> MembershipRecord:
        """Return the record with this decision in its log."""
        line = ExplanationLine(
            about=self.event,
            says=self.says,
            rules=self.rules,
            decided_by=self.decided_by,
            at=at,
            confidential=self.confidential,
            message=self.message,
        )
        return self.record.model_copy(
            update={"log": (*self.record.log, line), "decisions": self.record.decisions + 1}
        )


Answers = Mapping[type[Inbound], Callable[[MembershipRecord, Any, Moment], Step]]
"""Which decision answers which message; each takes the message it stands beside."""


@dataclass
class Letters:
    """Collects the letters of one decision under keys that are unique within a membership."""

    number: int
    written: list[Letter] = field(default_factory=list)

    @classmethod
    def of(cls, record: MembershipRecord) -> "Letters":
        """Return an empty collection for the record's next decision."""
        return cls(number=record.decisions + 1)

    def add(
        self,
        audience: Audience,
        template: Template,
        *,
        employer: Employer | None = None,
        forwarded: bool = False,
        **figures: Any,
    ) -> "Letters":
        """Add one letter; a second of one template in a decision is told apart by its audience.

        Args:
            audience: who it is for.
            template: which letter.
            employer: the employer it is for, when that is not the present one.
            forwarded: the caseworkers get it and pass it on in their own words.
            figures: what it says.
        """
        key = f"{self.number:04d}-{template}"
        count = sum(written.template is template for written in self.written)
        letter = Letter(
            key=f"{key}-{count + 1}" if count else key,
            template=template,
            audience=audience,
            employer=employer,
            forwarded=forwarded,
            figures=figures,
        )
        self.written.append(letter)
        return self

    def member(self, template: Template, **figures: Any) -> "Letters":
        """Add a letter to the member."""
        return self.add(Audience.MEMBER, template, **figures)

    def quoting(self, template: Template, text: str | None, **figures: Any) -> "Letters":
        """Add a letter to the member that repeats what the decision was given as its reason.

        It names the decision alone: what people write stands in ``remarks`` (ADR 75).
        """
        quoted = {"reason": None} if text is None else {"quotes": self.number}
        return self.member(template, **quoted, **figures)

    def to_caseworkers(self, task: str, detail: str | None = None, **figures: Any) -> "Letters":
        """Add a task for the caseworkers."""
        figures = {"task": task, "detail": detail, **figures}
        return self.add(Audience.CASEWORKERS, Template.CASEWORKER_TASK, **figures)

    def employer(self, template: Template, **figures: Any) -> "Letters":
        """Add a letter to the employer."""
        return self.add(Audience.EMPLOYER, template, **figures)

    def payer(self, now: Situation, template: Template, **figures: Any) -> "Letters":
        """Add a letter to whoever deducts in a situation: the employer, or NAV. Source: A36."""
        return self.employer(template, **paid_by(now), **figures)

    def branch(self, template: Template, branch: str, **figures: Any) -> "Letters":
        """Add a letter to a local branch."""
        return self.add(Audience.BRANCH, template, branch=branch, **figures)

    def insurer(self, template: Template, **figures: Any) -> "Letters":
        """Add a letter to the insurance office."""
        return self.add(Audience.INSURANCE_OFFICE, template, **figures)

    def done(self) -> tuple[Letter, ...]:
        """Return the letters in the order they were added."""
        return tuple(self.written)


def paid_by(now: Situation, employer: Employer | None = None) -> dict[str, Any]:
    """Return to whom a letter on deduction goes, and that NAV deducts, where it does.

    Args:
        now: with who deducts.
        employer: named where that is not NAV; None: the present one.

    Source: A36.
    """
    other = now.other_deductor
    return {"employer": employer} if other is None else {"employer": other, "nav": True}


def check_past(field: str, day: date, now: Moment) -> None:
    """Refuse a date that has not come yet: somebody reports what has happened."""
    if day > now.today:
        raise Refused(f"{field}: lies in the future")


def charged(terms: tuple[Term, ...], on: date) -> list[dict[str, str | int]]:
    """Return what is charged in the month of a day, as figures for a letter."""
    return [
        {
            "kind": str(term.kind),
            "amount_ore": term.amount_ore,
            "cadence": str(term.cadence),
            "valid_from": term.valid_from.isoformat(),
        }
        for term in terms
        if term.valid_from <= on and (term.valid_to is None or on < term.valid_to)
    ]
