"""How a member wishes to pay what no employer deducts."""

from schemas.membership.messages.payments import ChoosePayment
from schemas.shared.vocabulary import Event, PayrollStatus, Template
from workflows.membership.decisions.step import Answers, Letters, Moment, Refused, Step
from workflows.membership.record import MembershipRecord

WAYS = {"invoice": "by invoice", "avtalegiro": "by AvtaleGiro"}


def choose_payment(record: MembershipRecord, message: ChoosePayment, _now: Moment) -> Step:
    """Return the step that keeps a choice, and tells the member what to do about it.

    Payroll deduction goes on as it is: the choice is about what is paid directly.

    Source: P9.
    """
    if message.by == "efaktura":
        raise Refused(
            "by: eFaktura is not sent yet; choose avtalegiro, which is signed in the bank, or "
            "invoice"
        )
    deducted = record.payroll.status is PayrollStatus.ACTIVE
    first = record.first_invoice
    letters = Letters.of(record).member(
        Template.PAYMENT_CHOSEN,
        by=message.by,
        deducted=deducted,
        kid=first.kid if first is not None else None,
    )
    says = f"the member pays what is not deducted {WAYS[message.by]}"
    if message.by == "avtalegiro":
        says += ", from when the bank tells of the mandate"
    return Step(
        record=record.model_copy(update={"pays_by": message.by}),
        event=Event.PAYMENT_CHOSEN,
        says=f"{says}; the employer deducts as before" if deducted else says,
        rules=("P9",),
        decided_by="member",
        letters=letters.done(),
        pays_by=message.by,
    )


ANSWERS: Answers = {ChoosePayment: choose_payment}
"""Which decision answers which message."""
