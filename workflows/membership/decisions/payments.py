"""Money that arrives: on the first invoice, or in suspense with a caseworker's task."""

from dataclasses import replace

from schemas.membership.decision import Payment, PaymentReceipt
from schemas.membership.messages.payments import RecordPayment
from schemas.membership.state import InvoiceState
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
    """Return the step that a payment leads to.

    The record knows the first invoice only. Where persistence, which knows all, has found that
    the money goes elsewhere, the step is made again with that.

    Source: P3, A20.
    """
    if message.reference in record.payments:
        raise Refused("reference: this payment has been recorded before")
    check_past("paid_on", message.paid_on, now)
    letters = Letters.of(record)
    paid = record.model_copy(
        update={"payments": (*record.payments, message.reference), "weighed": None}
    )
    first = record.first_invoice
    goes_to = _goes_to(record, message)
    settles = first is not None and goes_to == first.number
    if not goes_to:
        letters.task("payment_in_suspense")
    elif settles and record.payroll.awaits_payment and record.leaving is not None:
        # Nobody is asked for the months that are left, unless the resignation is withdrawn.
        stopped = Payroll(status=PayrollStatus.STOPPED, payers=record.payroll.payers)
        paid = paid.model_copy(update={"payroll": stopped})
    elif settles and record.payroll.awaits_payment:
        asked = requested(now).model_copy(update={"payers": record.payroll.payers})
        paid = paid.model_copy(update={"payroll": asked})
        letters.employer(Template.PAYROLL_START, terms=charged(record.terms, now.today))
    return Step(
        record=paid,
        event=Event.PAYMENT_RECORDED,
        says=f"{message.amount_ore} øre received, {_where(goes_to, settles)}",
        rules=("P3",),
        decided_by="payer",
        letters=letters.done(),
        payment=Payment(
            reference=message.reference,
            amount_ore=message.amount_ore,
            paid_on=message.paid_on,
            kid=message.kid,
            goes_to=goes_to,
        ),
    )


def _goes_to(record: MembershipRecord, message: RecordPayment) -> str:
    """Return the number of the invoice that money pays, or nothing when it is in suspense."""
    if record.weighed is not None:
        return record.weighed.invoice_number or ""
    first = record.first_invoice
    return first.number if first is not None and _settles(first, message) else ""


def _where(goes_to: str, settles: bool) -> str:
    if settles:
        return "on the first invoice"
    return f"on invoice {goes_to}" if goes_to else "in suspense: no open invoice fits"


def _settles(invoice: InvoiceState, message: RecordPayment) -> bool:
    """Tell whether money is exactly what the invoice it names, or the only open one, still asks.

    Part, double and unknown payments go to suspense and a caseworker. Source: P3.
    """
    return (
        message.kid in {None, invoice.kid}
        and message.amount_ore == invoice.total_ore - invoice.paid_ore
    )


def with_payment(step: Step, receipt: PaymentReceipt) -> Step:
    """Return the step with what persistence made of its payment.

    Raises:
        Refused: the reference stands in the books already.
    """
    if receipt.conflict:
        raise Refused("reference: another payment has been recorded under it")
    if receipt.known:
        raise Refused("reference: this payment has been recorded before")
    invoice = step.record.first_invoice
    if invoice is None or not receipt.allocated:
        return step
    if receipt.invoice_number not in {None, invoice.number}:
        return step
    paid = {"paid_ore": receipt.paid_ore, "status": InvoiceStatus.PAID}
    updated = invoice.model_copy(update=paid)
    return replace(step, record=step.record.model_copy(update={"first_invoice": updated}))


ANSWERS: Answers = {RecordPayment: record_payment}
"""Which decision answers which message."""
