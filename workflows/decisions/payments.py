"""Money that arrives: on the first invoice, or in suspense with a caseworker's task."""

from dataclasses import replace

from schemas.decision import Payment, PaymentReceipt
from schemas.messages import RecordPayment
from schemas.state import InvoiceState
from schemas.vocabulary import Event, InvoiceStatus, PayrollStatus, Template
from workflows.decisions.onboarding import requested
from workflows.decisions.step import Letters, Moment, Refused, Step, charged, check_past
from workflows.record import MembershipRecord, Payroll


def record_payment(record: MembershipRecord, message: RecordPayment, now: Moment) -> Step:
    """Return the step that a payment leads to. Source: section 4, A20."""
    if message.reference in record.payments:
        raise Refused("reference: this payment has been recorded before")
    check_past("paid_on", message.paid_on, now)
    letters = Letters.of(record)
    paid = record.model_copy(update={"payments": (*record.payments, message.reference)})
    settles = _settles(record.first_invoice, message)
    if not settles:
        letters.task("payment_in_suspense")
    elif record.payroll.awaits_payment and record.leaving is not None:
        # Nobody is asked for the months that are left, unless the resignation is withdrawn.
        stopped = Payroll(status=PayrollStatus.STOPPED, payers=record.payroll.payers)
        paid = paid.model_copy(update={"payroll": stopped})
    elif record.payroll.awaits_payment:
        asked = requested(now).model_copy(update={"payers": record.payroll.payers})
        paid = paid.model_copy(update={"payroll": asked})
        letters.employer(Template.PAYROLL_START, terms=charged(record.terms, now.today))
    where = "on the first invoice" if settles else "in suspense: no open invoice fits"
    return Step(
        record=paid,
        event=Event.PAYMENT_RECORDED,
        says=f"{message.amount_ore} øre received, {where}",
        rules=("section 4",),
        decided_by="payer",
        letters=letters.done(),
        payment=Payment(
            reference=message.reference,
            amount_ore=message.amount_ore,
            paid_on=message.paid_on,
            kid=message.kid,
        ),
    )


def _settles(invoice: InvoiceState | None, message: RecordPayment) -> bool:
    """Tell whether money is exactly what the invoice it names, or the only open one, still asks.

    Part, double and unknown payments go to suspense and a caseworker. Source: section 4.
    """
    return (
        invoice is not None
        and message.kid in {None, invoice.kid}
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
    paid = {"paid_ore": receipt.paid_ore, "status": InvoiceStatus.PAID}
    updated = invoice.model_copy(update=paid)
    return replace(step, record=step.record.model_copy(update={"first_invoice": updated}))
