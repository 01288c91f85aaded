"""Money that arrives: on the first invoice, or in suspense with a task."""

from datetime import date
from typing import Any

import pytest

from schemas.membership.decision import PaymentReceipt
from schemas.payments.kid import invoice_kid
from schemas.shared.vocabulary import Audience, InvoiceStatus, PayrollStatus, Template
from tests.builders import (
    MEMBER_NUMBER,
    PEOPLE,
    TODAY,
    answered,
    application,
    member,
    moment,
    payment,
    receipt_for,
    received,
    rulebook,
)
from workflows.membership.decisions.dispatch import answer
from workflows.membership.decisions.step import Refused
from workflows.membership.recording import recorded

FIRST_PAYMENT = rulebook(payroll_needs_first_payment=True)
ANOTHER_KID = invoice_kid(MEMBER_NUMBER, 2)


@pytest.mark.parametrize(
    ("ore", "kid", "paid"),
    [
        pytest.param(49500, {}, True, id="exact"),
        pytest.param(49500, {"kid": None}, True, id="no-KID-the-only-open-invoice"),
        pytest.param(49400, {}, False, id="part"),
        pytest.param(49600, {}, False, id="over"),
        pytest.param(99000, {}, False, id="double"),
        pytest.param(49500, {"kid": ANOTHER_KID}, False, id="another-KID"),
        pytest.param(100, {"kid": None}, False, id="no-KID-another-amount"),
    ],
)
def test_where_money_goes(ore, kid, paid):
    """Exact KID or the oldest open invoice; all else to suspense with a task (P3)."""
    step = answer(member(), payment(ore, **kid), moment())
    after = recorded(step, receipt_for(step), moment())
    assert after.first_invoice.paid_ore == (49500 if paid else 0)
    assert after.first_invoice.status is (InvoiceStatus.PAID if paid else InvoiceStatus.ISSUED)
    assert [(one.audience, one.template) for one in step.letters] == (
        [] if paid else [(Audience.CASEWORKERS, Template.CASEWORKER_TASK)]
    )
    assert (step.payment.amount_ore, step.payment.reference) == (ore, "B-1")
    assert ("in suspense" in step.says) is not paid


def test_the_same_payment_counts_once():
    """The reference is the key: sent again it is refused, nothing is paid twice (invariant 6)."""
    paid = answered(member(), payment(49500))
    with pytest.raises(Refused, match="reference: this payment has been recorded before"):
        answer(paid, payment(49500), moment())


def test_a_second_payment_of_a_paid_invoice():
    """Paid twice under two references: the second one is in suspense (P3)."""
    paid = answered(member(), payment(49500))
    step = answer(paid, payment(49500, reference="B-2"), moment())
    assert [one.template for one in step.letters] == [Template.CASEWORKER_TASK]
    assert recorded(step, receipt_for(step), moment()).first_invoice.paid_ore == 49500


@pytest.mark.parametrize("who", ["apprentice", None], ids=["no-invoice", "before-approval"])
def test_money_nobody_asked_for_is_kept(who):
    """Money is never turned away: it waits in suspense for a caseworker (P3)."""
    record = member(PEOPLE[who]) if who else received()
    step = answer(record, payment(49500), moment())
    assert [one.template for one in step.letters] == [Template.CASEWORKER_TASK]
    assert step.record.payments == ("B-1",)
    assert step.record.stage is record.stage


def test_a_payment_of_tomorrow_is_refused():
    """The bank reports what has happened."""
    with pytest.raises(Refused, match="paid_on: lies in the future"):
        answer(member(), payment(49500, paid_on=date(2026, 11, 23)), moment())


@pytest.mark.parametrize(
    ("receipt", "reason"),
    [
        ({"known": True}, "this payment has been recorded before"),
        ({"known": True, "conflict": True}, "another payment has been recorded under it"),
    ],
)
def test_a_reference_in_other_books(receipt: dict[str, Any], reason):
    """Persistence knows all references: a known one changes nothing (invariant 6)."""
    step = answer(member(), payment(49500), moment())
    found = PaymentReceipt(**{"paid_ore": 0, "known": False, "allocated": False, **receipt})
    answer_of_persistence = receipt_for(step).model_copy(update={"payment": found})
    with pytest.raises(Refused, match=reason):
        recorded(step, answer_of_persistence, moment())


def test_the_employer_is_asked_after_the_first_payment():
    """With A20's flag the request follows the money, and the clock of A34 starts then."""
    waiting = member(book=FIRST_PAYMENT)
    assert waiting.payroll.awaits_payment
    day = date(2026, 12, 3)
    step = answer(waiting, payment(49500, paid_on=day), moment(day))
    assert step.record.payroll.status is PayrollStatus.REQUESTED
    assert step.record.payroll.requested_on == day
    assert not step.record.payroll.awaits_payment
    assert [(one.audience, one.template) for one in step.letters] == [
        (Audience.EMPLOYER, Template.PAYROLL_START)
    ]


@pytest.mark.parametrize("ore", [49400, 49600])
def test_part_of_the_first_payment_asks_no_employer(ore):
    """Only a paid invoice sets the request going (A20)."""
    step = answer(member(book=FIRST_PAYMENT), payment(ore), moment())
    assert step.record.payroll.awaits_payment
    assert Template.PAYROLL_START not in {one.template for one in step.letters}


@pytest.mark.parametrize(
    "form",
    [application(hidden=True), application(employment=None), PEOPLE["student"]],
    ids=["S30-hidden", "A28-no-employer", "student"],
)
def test_some_payments_never_ask_an_employer(form):
    """Hidden, without an employer, or with a yearly fee: money changes nothing (A20, A23)."""
    record = member(form, book=FIRST_PAYMENT)
    assert not record.payroll.awaits_payment
    step = answer(record, payment(record.first_invoice.total_ore), moment())
    assert step.letters == ()
    assert step.record.payroll.status is PayrollStatus.NOT_APPLICABLE


def test_a_payment_changes_no_terms():
    """What is owed does not depend on what was paid."""
    record = member()
    assert answered(record, payment(49500)).terms == record.terms
    assert answered(record, payment(49500)).member_since == TODAY
