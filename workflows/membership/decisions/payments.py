"""Money that arrives: on an invoice, or in suspense with a caseworker's task."""

from dataclasses import replace

from schemas.membership.decision import Payment, PaymentReceipt
from schemas.membership.messages.payments import RecordPayment
from schemas.membership.state import InvoiceState
from schemas.payments.allocation import Allocation, payment_in_words
from schemas.shared.vocabulary import Event, InvoiceStatus, PayrollStatus, Template
from workflows.membership.decisions.onboarding import requested
from workflows.membership.decisions.step import (
    Answers,
    Letters,
    Moment,
    Refused,
    Step,
    charged,
    check_past,
)
from workflows.membership.record import MembershipRecord, Payroll


def record_payment(record: MembershipRecord, message: RecordPayment, now: Moment) -> Step:
    """Return the step that a payment leads to, with what else follows wherever it goes.

    Only persistence knows all invoices: it allocates, records what fits, and says where.

    Source: P3, A20.
    """
    if message.reference in record.payments:
        raise Refused("reference: this payment has been recorded before")
    check_past("paid_on", message.paid_on, now)
    first = record.first_invoice
    in_suspense = Step(
        record=record.model_copy(update={"payments": (*record.payments, message.reference)}),
        event=Event.PAYMENT_RECORDED,
        says=payment_in_words(message.amount_ore, Allocation.SUSPENSE),
        rules=("P3",),
        decided_by="payer",
        letters=Letters.of(record).to_caseworkers("payment_in_suspense").done(),
        payment=Payment(
            reference=message.reference,
            amount_ore=message.amount_ore,
            paid_on=message.paid_on,
            kid=message.kid,
            goes_to="",
            first_invoice=first.number if first is not None else None,
        ),
    )
    placed = replace(in_suspense, letters=())
    return replace(
        in_suspense,
        outcomes={
            Allocation.FIRST_INVOICE: _first_invoice_settled(placed, now),
            Allocation.INVOICE: placed,
            Allocation.RETURNED: placed,
        },
    )


def _first_invoice_settled(step: Step, now: Moment) -> Step:
    """Return the step with what has waited for the first invoice to be settled. Source: A20."""
    record = step.record
    if not record.payroll.awaits_payment:
        return step
    payers = record.payroll.payers
    if record.leaving is not None:
        # Nobody is asked for the months that are left, unless the resignation is withdrawn.
        stopped = Payroll(status=PayrollStatus.STOPPED, payers=payers)
        return replace(step, record=record.model_copy(update={"payroll": stopped}))
    asked = requested(now).model_copy(update={"payers": payers})
    letters = Letters.of(record).payer(
        record.present_situation, Template.PAYROLL_START, terms=charged(record.terms, now.today)
    )
    return replace(
        step,
        record=record.model_copy(update={"payroll": asked}),
        rules=(*step.rules, "A20"),
        letters=letters.done(),
    )


def allocated(step: Step, receipt: PaymentReceipt) -> Step:
    """Return the step as it is where its payment went: for that one place alone."""
    payment, went_to = step.payment, _went_to(step.record.first_invoice, receipt)
    assert payment is not None, "asked where a payment went, of a step without one"
    number = receipt.invoice_number
    return replace(
        step.outcomes.get(went_to, step),
        says=receipt.in_words(payment.amount_ore, went_to),
        payment=payment.model_copy(update={"goes_to": number or ""}),
        outcomes={},
    )


def _went_to(first: InvoiceState | None, receipt: PaymentReceipt) -> Allocation:
    """Return where a payment went; an older worker named the invoice at most."""
    if receipt.went_to is not None:
        return receipt.went_to
    if not receipt.allocated:
        return Allocation.SUSPENSE
    is_first = first is not None and receipt.invoice_number in {None, first.number}
    return Allocation.FIRST_INVOICE if is_first else Allocation.INVOICE


def with_payment(step: Step, receipt: PaymentReceipt) -> Step:
    """Return the step with what persistence made of its payment.

    Raises:
        Refused: the reference stands in the books already.
    """
    if receipt.conflict:
        raise Refused("reference: another payment has been recorded under it")
    if receipt.known:
        raise Refused("reference: this payment has been recorded before")
    step, first = allocated(step, receipt), step.record.first_invoice
    settles = _went_to(first, receipt) is Allocation.FIRST_INVOICE
    if first is None or not (settles or receipt.invoice_number == first.number):
        return step
    status = InvoiceStatus.PAID if settles else first.status
    paid = first.model_copy(update={"paid_ore": receipt.paid_ore, "status": status})
    return replace(step, record=step.record.model_copy(update={"first_invoice": paid}))


ANSWERS: Answers = {RecordPayment: record_payment}
"""Which decision answers which message."""
