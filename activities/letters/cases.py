"""What the letters of one membership are written from: read in one go, under one lock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from activities.letters.conditions import GateFacts
from activities.letters.wording import country_name
from schemas.shared.vocabulary import Audience, InsuranceStatus, Language, Outcome, Stage


@dataclass(frozen=True)
class Addressee:
    """Who a membership is about.

    Attributes:
        email: None when letters go by post.
        address: the lines of the postal address within its country; empty when unknown.
        country: ISO 3166-1 alpha-2; None at home.
    """

    name: str
    birth_date: date
    national_id: str | None
    email: str | None
    phone: str | None
    address: tuple[str, ...]
    language: Language
    country: str | None = None

    def address_in(self, language: Language) -> tuple[str, ...]:
        """Return the lines of the postal address; the country in capitals, as the last one."""
        if self.country is None:
            return self.address
        return (*self.address, country_name(self.country, language).upper())


@dataclass(frozen=True)
class Contact:
    """An employer or a branch: its number or code, and where it takes mail.

    Attributes:
        folder: of an employer whose lists go to a folder, that folder's name.
        password: of an employer whose lists go by mail, what they are locked with.
        agreement: that an employer deducts by, of ``agreed_on``; None: none is known.
    """

    code: str
    name: str | None
    email: str | None
    folder: str | None = None
    password: str | None = field(default=None, repr=False)
    agreement: str | None = None
    agreed_on: date | None = None


@dataclass(frozen=True)
class LetterContext:
    """A membership as its letters see it.

    Attributes:
        hiding: a wish to be hidden has been answered, and is not in effect yet.
        person: None when the application could not be read.
        at_work: the member's address is at an employer's own domain; asked of the hidden only.
        dead: the person is recorded as dead, as whatever they were or applied for (L7).
        employer_orgnr: of who may deduct at present: the employer, or NAV in its place.
        branch: the present branch's code.
        recruiter_email: None when the recruiter was not found among the members.
        transferred_from: the union the member comes over from, where one is named (L10).
        consented_on: when the member accepted deduction, with the terms (D4).
    """

    membership_id: str
    stage: Stage
    outcome: Outcome | None
    hidden: bool
    hiding: bool
    member_number: str | None
    member_since: date | None
    person: Addressee | None
    employer_orgnr: str | None
    branch: str | None
    recruiter_email: str | None
    may_tell_recruiter: bool
    at_work: bool = False
    transferred_from: str | None = None
    dead: bool = False
    consented_on: date | None = None

    @property
    def closed(self) -> bool:
        """Whether outsiders must not know, or soon must not."""
        return self.hidden or self.hiding


@dataclass(frozen=True)
class ContactHistory:
    """What an employer or branch has had to do with a membership, as a letter to it sees it.

    Attributes:
        told: it has been told of the membership before, or has answered for it.
        overtaken: it has been left, or has said no, since the letter was ordered; of a recruiter,
            that the member has asked to be hidden since.
        asked_on: when the last request to it went out; None: not yet, or it is no employer.
    """

    told: bool = False
    overtaken: bool = False
    asked_on: date | None = None


@dataclass(frozen=True)
class InvoiceFacts:
    """An invoice as it was issued, and what is open of it; amounts in øre.

    Attributes:
        number: the member's own, by which everything here knows it.
        series_number: of the year's series (P10); None: it came from another system.
        period_from: the first day of what it is for: the month, or the rest of the year.
        total_ore: less than nothing: it is a credit note.
        open_ore: None: nothing has been paid of it.
        lines: kind, amount and cadence of each.
        corrections: what a line of kind correction is the sum of.
        redirected: the month that an employer did not deduct, in place of lines.
        recovered: the payment that was paid back and then taken back, in place of lines (P8).
        yearly: it is for a yearly fee (S12, S18).
        paid_out: no invoice follows that a credit note could pay (A37).
        debited_on: when the bank collects it by AvtaleGiro; None: the member pays it (P9).
        offers_mandate: something is to be paid, no mandate stands, and more invoices follow (P9).
    """

    number: str
    kid: str
    period_from: date
    issued_on: date
    due_on: date
    total_ore: int
    lines: tuple[Mapping[str, Any], ...] = ()
    yearly: bool = False
    open_ore: int | None = None
    corrections: tuple[Mapping[str, Any], ...] = ()
    redirected: tuple[Mapping[str, Any], ...] = ()
    recovered: tuple[Mapping[str, Any], ...] = ()
    series_number: str | None = None
    paid_out: bool = False
    debited_on: date | None = None
    offers_mandate: bool = False

    @property
    def shown(self) -> str:
        """The number that the member reads. Source: P10."""
        return self.series_number or self.number

    @property
    def credit(self) -> bool:
        """Whether it gives money back."""
        return self.total_ore < 0

    @property
    def to_pay_ore(self) -> int:
        """What the member is to pay; nothing of a credit note."""
        return max(self.total_ore if self.open_ore is None else self.open_ore, 0)

    @property
    def settled_ore(self) -> int:
        """How much of it has been paid, or set off, already."""
        return max(self.total_ore, 0) - self.to_pay_ore


@dataclass(frozen=True)
class MergeFacts:
    """What became of a membership that its member had twice (N9).

    Attributes:
        goes_on: the number of the one that goes on.
        doubles: what was charged on both and comes back: kind, month and amount of each.
    """

    goes_on: str
    doubles: tuple[Mapping[str, Any], ...] = ()

    @property
    def credit_ore(self) -> int:
        """What comes back altogether."""
        return sum(double["amount_ore"] for double in self.doubles)


@dataclass(frozen=True)
class OpenLetter:
    """A letter that is still to be sent.

    Attributes:
        attempts: how often it was marked as going out; tells this attempt from another's.
        message_id: the left part of the Message-ID.
        sent_on: the day an earlier attempt dated it, which a second copy must repeat.
        forwarded: the caseworkers get it, to pass it on in words of their own.
        employer: who a letter to an employer is for, past or present.
        branch: who a letter to a branch is for.
        dealings: of that employer or branch.
        batch: the run that ordered it for many members at once; None: a decision did.
        settled: what it asks for has been paid, or placed, since.
        refusals: how often in a row the mail server did not take it.
        refused_at: when that began.
        unanswered: how often it was handed over whole and nobody answered.
        reference: the first one's, of a letter that is sent again.
        first_sent_on: when that one went out; None: it never has.
        too_early: it is not to be tried yet; ``note`` says why.
        awaits_turn: an earlier one to the same audience, on which it builds, is still to be sent.
        decided_at: when the decision that called for it was made, or the day a run did begins.
        answer_days: how long an employer has to answer it, where it asks for deduction.
    """

    key: str
    template: str
    audience: str
    figures: Mapping[str, Any]
    status: str
    attempts: int
    message_id: str
    sent_on: date | None
    decided_at: datetime
    forwarded: bool = False
    employer: Contact | None = None
    branch: Contact | None = None
    dealings: ContactHistory = ContactHistory()
    batch: str | None = None
    settled: bool = False
    refusals: int = 0
    unanswered: int = 0
    reference: str | None = None
    refused_at: datetime | None = None
    too_early: bool = False
    awaits_turn: bool = False
    note: str | None = None
    answer_days: int | None = None
    first_sent_on: date | None = None


NO_COVER = frozenset({InsuranceStatus.ENDED, InsuranceStatus.RESERVED})
"""What the insurance office is still told of somebody who has left."""


def circumstances(case: LetterContext, letter: OpenLetter, today: date) -> GateFacts:
    """Return what the gate knows of a letter. ``today`` is the business date."""
    return GateFacts(
        stage=case.stage,
        outcome=case.outcome,
        hidden=case.hidden,
        hiding=case.hiding,
        at_work=case.at_work,
        dead=case.dead,
        attached=_attached(case, letter),
        told=letter.dealings.told,
        overtaken=letter.dealings.overtaken,
        asked_on=letter.dealings.asked_on,
        has_national_id=case.person is not None and case.person.national_id is not None,
        may_tell_recruiter=case.may_tell_recruiter,
        ends_cover=letter.figures.get("status") in NO_COVER,
        settled=letter.settled,
        today=today,
    )


def _attached(case: LetterContext, letter: OpenLetter) -> bool:
    """Tell whether the employer or branch a letter is for is the member's present one."""
    if letter.audience == Audience.EMPLOYER:
        return letter.employer is not None and letter.employer.code == case.employer_orgnr
    return letter.branch is not None and letter.branch.code == case.branch
