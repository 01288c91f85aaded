"""What a membership decided, and what persistence and notifications report back.

A decision is recorded in one transaction under the key (membership id, number). It names
letters by template and figures only: who they go to is looked up where they are sent, so that
a workflow's history holds no address.
"""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, Field, JsonValue

from schemas.access.stamps import Stamp
from schemas.dues.terms import InvoiceLine, Span, Term
from schemas.membership.application import Application
from schemas.membership.form import Form
from schemas.membership.messages import Answer
from schemas.membership.notices import Employer
from schemas.membership.returning import Former
from schemas.membership.situation import Facts
from schemas.payments.allocation import Allocation, AllocationReason, payment_in_words
from schemas.persons.likeness import Likeness
from schemas.pricing.rulebook import Rulebook
from schemas.secrecy.contracts import RunsToDelete
from schemas.shared.base import Contract, Day
from schemas.shared.vocabulary import (
    Audience,
    Category,
    Event,
    InsuranceStatus,
    LineKind,
    Outcome,
    Stage,
    Template,
)


class Intake(Contract):
    """An application as it arrived.

    Attributes:
        application: None when the text could not be read as one.
        text: what was sent, ASCII-escaped JSON or the start of what it was instead.
        faults: why it could not be read; empty when it could.
        letters: what to send unless the application breaks a rule.
        run_id: the run that was started; another run under the same id is told so.
        stamp: who started it, as it was signed; None: it does not say.
        runs: those that hold the application; None: an older workflow lives on in them.

    Keeping it is decision number 1 of the membership, ``application_received``.
    """

    membership_id: str
    received_at: AwareDatetime
    received_on: Day
    application: Application | None
    text: str
    faults: tuple[str, ...] = ()
    letters: tuple["Letter", ...] = ()
    run_id: str = ""
    stamp: Stamp | None = None
    runs: RunsToDelete | None = None


class DuplicateCandidate(Contract):
    """Another application, a membership or a former one, that may be the same person's.

    Attributes:
        certain: same national id, or same name, birth date and e-mail address. A certain one
            that is a member stops the approval; others are shown to the caseworker.
        outcome: how a former membership ended.
        likeness: in what the two people are alike. An older worker did not say.
    """

    membership_id: str
    stage: Stage
    member_number: str | None
    certain: bool
    outcome: Outcome | None = None
    likeness: Likeness | None = None

    @property
    def in_words(self) -> str:
        """How sure it is and what matched, in words that name nobody."""
        alike = self.likeness
        sure = f"{alike.certainty}, alike in {alike.in_words}" if alike is not None else "certain"
        return f"perhaps the same person: {self.membership_id} ({sure})"


class IntakeReceipt(Contract):
    """What persistence knows of a new application.

    Attributes:
        faults: every rule the application breaks (``schemas.membership.eligibility``).
        taken: the id was used before, by another run or for another application: nothing
            was kept, and what stands there stays as it is.
        kept_as: the id it was kept under; older code did not say.
        former: what is known of the applicant's earlier memberships; None: certainly a former
            member is nobody who applies, or it was older code.
        started_by: the name of who started it, by a stamp that holds; None: nobody says.
        hands_over: the runs that hold the application are noted to be deleted, and the membership
            is to go on in another; older code did not note them.
        overtaken: it was ``taken`` by this same application, which has been kept before: the
            membership goes on from there. Older code takes it for another's.
    """

    rulebook: Rulebook
    kin: tuple[DuplicateCandidate, ...] = ()
    faults: tuple[str, ...] = ()
    taken: bool = False
    kept_as: str = ""
    former: Former | None = None
    started_by: str | None = None
    hands_over: bool = False
    overtaken: bool = False


class Letter(Contract):
    """One letter that a decision calls for.

    Attributes:
        key: unique within the membership; the same key is never sent twice.
        employer: who a letter to an employer is for; None: the present employer.
        forwarded: the caseworkers get it in place of its audience, to pass it on in their words.
        figures: what the template needs beside the person: amounts in øre, ISO dates, reasons.
    """

    key: str
    template: Template
    audience: Audience
    employer: Employer | None = None
    forwarded: bool = False
    figures: dict[str, str | int | bool | list[dict[str, str | int]] | None] = Field(
        default_factory=dict
    )


class InvoiceOrder(Contract):
    """An invoice to issue. Persistence allots the number and the KID."""

    period_from: Day
    lines: tuple[InvoiceLine, ...]
    issued_on: Day
    due_on: Day

    @property
    def total_ore(self) -> int:
        """The sum of the lines, in øre."""
        return sum(line.amount_ore for line in self.lines)


class PaymentOutcome(Contract):
    """What a decision calls for where its payment goes to one place, in place of its own."""

    rules: tuple[str, ...]
    letters: tuple[Letter, ...] = ()


class Payment(Contract):
    """Money reported by the bank, exactly as it was reported.

    Attributes:
        first_invoice: the number of the invoice that was issued at the approval, if there is one.
        outcomes: what the decision calls for by where its payment goes; what stands in the
            decision itself is for money in suspense. None: an older workflow, or one that was
            answered by an older worker, decides for one place alone, which ``goes_to`` names.
        goes_to: the number of the invoice the decision itself is for, empty for suspense. Without
            ``outcomes`` nothing is recorded where persistence allocates differently.
    """

    reference: str
    amount_ore: int
    paid_on: Day
    kid: str | None
    goes_to: str | None = None
    first_invoice: str | None = None
    outcomes: dict[Allocation, PaymentOutcome] | None = None

    @property
    def decided_for_one_place(self) -> bool:
        """Whether the decision is right only if the payment goes where ``goes_to`` says."""
        return self.outcomes is None and self.goes_to is not None


class InsuranceStanding(Contract):
    """How the insurance package stands for a member, and from when."""

    status: InsuranceStatus
    covered_from: Day | None = None
    reserved_from: Day | None = None


class MembershipRow(Contract):
    """The membership's row as it is after the decision.

    Attributes:
        hiding: it is not hidden yet, and a wish to be has been answered: nothing more leaves. None:
            an older worker does not say, and the row stays as it is.
        open_until: of a membership that has ended the last day on which it can be reopened.
        deductor_orgnr: who deducts at present in place of the employer (A36).
        coming_premiums: the months the insurance package will be paid for if nobody does anything,
            where those are others than the facts say: a window is open, or opens by itself (A21).
        insurance: how the package stands. None: an older worker does not say, and the row stays.
    """

    stage: Stage
    outcome: Outcome | None = None
    category: Category | None
    hidden: bool
    hiding: bool | None = None
    branch: str | None = None
    member_since: Day | None = None
    open_until: Day | None = None
    deductor_orgnr: str | None = None
    coming_premiums: tuple[Span, ...] | None = None
    insurance: InsuranceStanding | None = None


class Applied(Contract):
    """An update that was applied, and what its sender was answered."""

    update_id: str
    name: str
    answer: Answer


class ConsentGiven(Contract):
    """What a member has agreed to: on which day, how, and in which words. Source: A22."""

    kind: Literal["lift_hidden"]
    given_on: Day
    how: str
    words: str | None = None


class Decision(Contract):
    """One decision about one membership.

    Attributes:
        number: 1, 2, 3 … within the membership; with its id the business key.
        decided_on: the date in Europe/Oslo by the workflow's clock.
        decided_by: a caseworker's name, a role, or ``rule`` when nobody had to decide.
        rules: ids in docs/rules.md.
        rulebook_version: what the terms were computed with, or None when no amount or policy
            was used; a newer rulebook makes persistence answer ``rulebook`` instead.
        terms: the whole set as known now; None when unchanged.
        form: what rules need of the application, where that is another than before: the jobs and
            flags are written from it; None when unchanged.
        supplied: the fields of the application that were corrected, and nothing besides.
        corrected: the whole application after a correction, by an older worker.
        facts: what the terms were planned from, and nothing besides; None before the approval.
        applies: the update that it applies; None of a signal, a deadline or an older worker.
        given_back_from: the first month of which everything comes back that the terms no longer
            charge, however long ago it was; None: as far back as A31 allows.
        omits: what the first invoice leaves out, as the person was charged for it under another
            membership; None: an older worker leaves nothing out.
        says: what was decided, in a sentence that names nobody; None: an older worker did not say.
        message: the name of the message that it answers; None: a deadline, or an older worker.
        pays_by: how the member has chosen to pay what is not deducted (P9).
        despite_death: who decided knew that the person is recorded as dead (L7).
        stamp: who sent the message, as it was signed; None: it does not say.
        named: whom the message named as its caseworker, where its stamp says somebody else.
        approves: the number of the decision by which another person asked for this one (R6).
        consent: what the member has agreed to.
        runs: those that hold what somebody wrote; None: nothing was, or it was an older worker.
        kept: the record of the workflow as it is then, as far as no row tells it, packed
            (``schemas.membership.stored``); None: an older workflow, which takes nothing over.
        kept_where: the same where the decision's payment goes to another place than suspense.
    """

    membership_id: str
    number: int
    event: Event
    decided_at: AwareDatetime
    decided_on: Day
    decided_by: str
    reason: str | None = None
    rules: tuple[str, ...]
    standing: MembershipRow
    rulebook_version: str | None = None
    terms: tuple[Term, ...] | None = None
    invoice: InvoiceOrder | None = None
    payment: Payment | None = None
    form: Form | None = None
    supplied: dict[str, JsonValue] | None = None
    corrected: Application | None = None
    letters: tuple[Letter, ...] = ()
    facts: Facts | None = None
    applies: Applied | None = None
    given_back_from: Day | None = None
    omits: tuple[LineKind, ...] | None = None
    despite_death: bool | None = None
    says: str | None = None
    message: str | None = None
    pays_by: Literal["invoice", "avtalegiro"] | None = None
    stamp: Stamp | None = None
    named: str | None = None
    approves: int | None = None
    consent: ConsentGiven | None = None
    runs: RunsToDelete | None = None
    kept: str | None = None
    kept_where: dict[Allocation, str] | None = None

    @property
    def corrects(self) -> bool:
        """Whether it writes to the application."""
        return self.form is not None or self.corrected is not None


class Forwarding(Contract):
    """What a signed message has told one membership to tell another of the person.

    Attributes:
        membership_id: the one that was told, by a message of this name with this stamp.
        to: the one that is told, by its own message.
    """

    membership_id: str
    message: str
    stamp: Stamp
    to: str
    told: str
    data: dict[str, JsonValue]


class SenderCheck(Contract):
    """A message that changes nothing, and what it says of who has sent it.

    Attributes:
        membership_id: to whom, by a message of this name.
        stamp: None: it does not say.
    """

    membership_id: str
    message: str
    stamp: Stamp | None = None


class IssuedInvoice(Contract):
    """The identity persistence gave an invoice."""

    number: str
    kid: str


class PaymentReceipt(Contract):
    """What became of a payment.

    Attributes:
        paid_ore: the sum received so far on the invoice.
        known: the reference had been recorded before: nothing was recorded.
        allocated: it went to an invoice of the membership, else to suspense.
        conflict: it is known, but with another amount, date, KID or membership: the bank's
            reports contradict each other.
        invoice_number: the invoice it went to. An older worker did not say: the first one.
        otherwise: it goes elsewhere than the one place the decision was made for: nothing was
            recorded. Only such decisions are answered so, and those with outcomes by older workers.
        went_to: where it went. An older worker did not say, but in effect by the fields above.
        reason: why there.
        others: how many other invoices it pays as well; left_ore: what is in suspense all the same.
    """

    paid_ore: int
    known: bool
    allocated: bool
    conflict: bool = False
    invoice_number: str | None = None
    otherwise: bool = False
    went_to: Allocation | None = None
    reason: AllocationReason | None = None
    others: int = 0
    left_ore: int = 0

    def in_words(self, amount_ore: int, went_to: Allocation) -> str:
        """Return the sentence about a payment of so many øre that went to a place."""
        return payment_in_words(
            amount_ore,
            went_to,
            self.invoice_number,
            self.reason,
            others=self.others,
            left_ore=self.left_ore,
        )


class DecisionReceipt(Contract):
    """What persistence made of a decision.

    Attributes:
        rulebook: set when the decision was made by an outdated rulebook: nothing was recorded.
        duplicate_of: set when the person is a member already: nothing was recorded.
        refused: why the books do not bear the decision out: nothing was recorded.
        repeats: what was applied under its update id before: nothing was recorded.
        died_as: why it is refused: the membership that the person is recorded as dead of.
        charged: of the first invoice's lines, those that the person was charged for under another
            membership: nothing was recorded.
        former: of an application that was corrected, what ``IntakeReceipt`` has; it holds only
            if it was ``sought``, which an older worker did not.
        kin: of such an application, who may be the same person by now; None: not looked for, or
            it was an older worker.
        changed: the names of the fields that a correction has changed; None: nothing was supplied,
            or it was an older worker.
        hands_over: as ``IntakeReceipt`` has it, of the decision's runs.
        overtaken: the log has another decision under this number, or later ones: nothing was
            recorded, and the membership has to take over what stands there. Only a workflow that
            can is told so.
    """

    rulebook: Rulebook | None = None
    duplicate_of: str | None = None
    refused: str | None = None
    died_as: str | None = None
    repeats: Applied | None = None
    charged: tuple[LineKind, ...] = ()
    member_number: str | None = None
    invoice: IssuedInvoice | None = None
    payment: PaymentReceipt | None = None
    former: Former | None = None
    kin: tuple[DuplicateCandidate, ...] | None = None
    sought: bool = False
    changed: tuple[str, ...] | None = None
    hands_over: bool = False
    overtaken: bool = False

    @property
    def recorded(self) -> bool:
        """Whether the decision stands in the log."""
        refused = self.payment is not None and (self.payment.known or self.payment.otherwise)
        if self.refused is not None or self.repeats is not None or refused or self.charged:
            return False
        return self.rulebook is None and self.duplicate_of is None and not self.overtaken


class Delivery(Contract):
    """An order to send a membership's pending letters.

    Attributes:
        today: the business date, from the workflow's clock.
    """

    membership_id: str
    today: date


class DeliveryReport(Contract):
    """What became of the pending letters, by letter key.

    Attributes:
        unanswered: they may have gone out, nobody knows, and they are not sent any more.
        templates: which letter each key is. An older worker did not say: a reader then has the
            keys alone.
    """

    sent: tuple[str, ...] = ()
    suppressed: tuple[str, ...] = ()
    bounced: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()
    templates: dict[str, str] = Field(default_factory=dict)

    def of(self, keys: tuple[str, ...], *templates: Template) -> tuple[str, ...]:
        """Return those of some letters that were written by one of the templates."""
        return tuple(key for key in keys if self._is_of(key, templates))

    def _is_of(self, key: str, templates: tuple[Template, ...]) -> bool:
        if key in self.templates:
            return self.templates[key] in templates
        # Only of an older worker's report: what was decided by it once is decided so again.
        return any(key.endswith(f"-{template}") for template in templates)
