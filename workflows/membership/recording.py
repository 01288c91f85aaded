"""From a step to the decision persistence records, and from its receipt back to the record."""

from dataclasses import replace

from schemas.membership.corrections import told_anew
from schemas.membership.decision import (
    Applied,
    Decision,
    DecisionReceipt,
    InsuranceStanding,
    Letter,
    MembershipRow,
    Payment,
    PaymentOutcome,
)
from schemas.membership.situation import without_names
from schemas.membership.state import InvoiceState
from schemas.shared.vocabulary import InvoiceStatus
from workflows.membership.coming_cover import coming_premiums
from workflows.membership.decisions.payments import with_payment
from workflows.membership.decisions.step import Moment, Refused, Step
from workflows.membership.keeping import kept_of, kept_where
from workflows.membership.record import MembershipRecord, found_alike


class AppliedBefore(Exception):
    """An update was applied long ago, in a run before this one.

    Args:
        applied: what was, and what its sender was answered.
    """

    def __init__(self, applied: Applied) -> None:
        super().__init__(f"{applied.name} was applied under this update id")
        self.applied = applied


def decision_of(
    step: Step, before: MembershipRecord, now: Moment, applies: Applied | None = None
) -> Decision:
    """Return the decision to record: only what differs from the record before it."""
    after = step.record
    return Decision(
        membership_id=before.membership_id,
        number=before.decisions + 1,
        event=step.event,
        decided_at=now.at,
        decided_on=now.today,
        decided_by=step.decided_by,
        reason=step.reason,
        rules=step.rules,
        standing=standing_of(after, step.letters, now),
        rulebook_version=before.book.version if step.priced else None,
        terms=after.terms if after.terms != before.terms else None,
        invoice=step.invoice,
        payment=_payment(step),
        form=after.application if step.corrected else None,
        supplied=step.supplied,
        letters=step.letters,
        facts=without_names(after.facts) if after.beginning is not None else None,
        applies=applies,
        given_back_from=step.given_back_from,
        omits=before.charged_elsewhere if step.invoice is not None else None,
        despite_death=before.recorded_as_dead or None,
        says=step.says,
        message=step.message,
        pays_by=step.pays_by,
        approves=step.approves,
        consent=step.consent,
        kept=kept_of(step, now),
        kept_where=kept_where(step, now),
    )


def standing_of(
    record: MembershipRecord, letters: tuple[Letter, ...], now: Moment
) -> MembershipRow:
    """Return a membership's row as it is by its record, with the letters that go out."""
    return MembershipRow(
        stage=record.stage,
        outcome=record.outcome,
        category=record.category,
        hidden=record.hidden,
        hiding=record.asked_to_hide,
        branch=record.branch,
        member_since=record.member_since,
        open_until=record.open_until,
        deductor_orgnr=record.present.deductor if record.present is not None else None,
        coming_premiums=coming_premiums(record, letters, now),
        insurance=InsuranceStanding(
            status=record.insurance.status,
            covered_from=record.insurance.covered_from,
            reserved_from=record.insurance.reserved_from,
        ),
    )


def _payment(step: Step) -> Payment | None:
    """Return the payment of a step with what the decision calls for wherever it goes."""
    if step.payment is None or not step.outcomes:
        return step.payment
    outcomes = {
        place: PaymentOutcome(rules=there.rules, letters=there.letters)
        for place, there in step.outcomes.items()
    }
    return step.payment.model_copy(update={"outcomes": outcomes})


def confirmed(step: Step, receipt: DecisionReceipt) -> Step:
    """Return a step as it stands in the books.

    Raises:
        AppliedBefore: under the id of its update something stands already.
        Refused: the books do not bear the decision out, or the payment had been recorded before, in
            another membership's books.
    """
    if receipt.repeats is not None:
        raise AppliedBefore(receipt.repeats)
    if receipt.refused is not None:
        raise Refused(receipt.refused)
    if receipt.changed is not None and step.supplied is not None:
        step = replace(step, says=told_anew(step.says, step.supplied, receipt.changed))
    return with_payment(step, receipt.payment) if receipt.payment is not None else step


def recorded(step: Step, receipt: DecisionReceipt, now: Moment) -> MembershipRecord:
    """Return the record of a confirmed step, with the identities persistence allotted."""
    record = step.logged(now.at)
    number = receipt.member_number or record.member_number
    return record.model_copy(
        update={
            "member_number": number,
            "former": receipt.former if receipt.sought else record.former,
            **({} if receipt.kin is None else found_alike(receipt.kin, now.today)),
            "first_invoice": _invoice(step, receipt),
            "facts_kept": record.beginning is not None,
        }
    )


def _invoice(step: Step, receipt: DecisionReceipt) -> InvoiceState | None:
    if step.invoice is None or receipt.invoice is None:
        return step.record.first_invoice
    return InvoiceState(
        number=receipt.invoice.number,
        kid=receipt.invoice.kid,
        total_ore=step.invoice.total_ore,
        issued_on=step.invoice.issued_on,
        due_on=step.invoice.due_on,
        status=InvoiceStatus.ISSUED,
        lines=step.invoice.lines,
    )
