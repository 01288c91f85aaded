"""Money that arrives: on the first invoice, or in suspense with a task."""

import json
from datetime import date
from typing import Any

import pytest

from schemas.membership.decision import PaymentReceipt
from schemas.payments.allocation import Allocation
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
from tests.membership.decisions.lives import resigns
from workflows.membership.decisions.dispatch import answer
from workflows.membership.decisions.payments import allocated
from workflows.membership.decisions.step import Refused
from workflows.membership.record import MembershipRecord
from workflows.membership.recording import confirmed, decision_of

TASK = (Audience.CASEWORKERS, Template.CASEWORKER_TASK)
START = (Audience.EMPLOYER, Template.PAYROLL_START)


def letters_of(step):
    """Who gets which letters."""
    return [(one.audience, one.template) for one in step.letters]


def stood(step, **receipt):
    """The step as it stands in the books, by default as persistence would allocate it."""
    found = receipt_for(step)
    if receipt:
        given = {"paid_ore": 0, "known": False, "allocated": False, **receipt}
        found = found.model_copy(update={"payment": PaymentReceipt(**given)})
    return confirmed(step, found)


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
    step = stood(answer(member(), payment(ore, **kid), moment()))
    first = step.record.first_invoice
    assert first.paid_ore == (49500 if paid else 0)
    assert first.status is (InvoiceStatus.PAID if paid else InvoiceStatus.ISSUED)
    assert letters_of(step) == ([] if paid else [TASK])
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
    step = stood(answer(paid, payment(49500, reference="B-2"), moment()))
    assert letters_of(step) == [TASK]
    assert step.record.first_invoice.paid_ore == 49500


@pytest.mark.parametrize("who", ["apprentice", None], ids=["no-invoice", "before-approval"])
def test_money_nobody_asked_for_is_kept(who):
    """Money is never turned away: it waits in suspense for a caseworker (P3)."""
    record = member(PEOPLE[who]) if who else received()
    step = stood(answer(record, payment(49500), moment()))
    assert letters_of(step) == [TASK]
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
    with pytest.raises(Refused, match=reason):
        stood(step, **receipt)


def test_the_employer_is_asked_after_the_first_payment():
    """With A20's flag the request follows the money, and the clock of A34 starts then."""
    waiting = member(book=FIRST_PAYMENT)
    assert waiting.payroll.awaits_payment
    day = date(2026, 12, 3)
    step = stood(answer(waiting, payment(49500, paid_on=day), moment(day)))
    assert step.record.payroll.status is PayrollStatus.REQUESTED
    assert step.record.payroll.requested_on == day
    assert not step.record.payroll.awaits_payment
    assert letters_of(step) == [START]
    assert step.rules == ("P3", "A20")


@pytest.mark.parametrize("ore", [49400, 49600])
def test_part_of_the_first_payment_asks_no_employer(ore):
    """Only a paid invoice sets the request going (A20)."""
    step = stood(answer(member(book=FIRST_PAYMENT), payment(ore), moment()))
    assert step.record.payroll.awaits_payment
    assert letters_of(step) == [TASK]


@pytest.mark.parametrize(
    "form",
    [application(hidden=True), application(employment=None), PEOPLE["student"]],
    ids=["S30-hidden", "A28-no-employer", "student"],
)
def test_some_payments_never_ask_an_employer(form):
    """Hidden, without an employer, or with a yearly fee: money changes nothing (A20, A23)."""
    record = member(form, book=FIRST_PAYMENT)
    assert not record.payroll.awaits_payment
    step = stood(answer(record, payment(record.first_invoice.total_ore), moment()))
    assert step.letters == ()
    assert step.record.payroll.status is PayrollStatus.NOT_APPLICABLE


def test_a_payment_changes_no_terms():
    """What is owed does not depend on what was paid."""
    record = member()
    assert answered(record, payment(49500)).terms == record.terms
    assert answered(record, payment(49500)).member_since == TODAY


def resigning():
    """A member who resigns while the employer waits to be asked for the first payment."""
    return answered(member(book=FIRST_PAYMENT), resigns(TODAY))


FIRST, LATER = f"{MEMBER_NUMBER}-1", f"{MEMBER_NUMBER}-7"

# What persistence answers; then what is said, who is written to, and what of 495.00 the record
# holds for paid on the first invoice. Each payment is of 495.00.
PLACES = {
    "the first by its KID": (
        {"allocated": True, "paid_ore": 49500, "invoice_number": FIRST},
        ("first_invoice", "kid"),
        "on the first invoice: exactly what it asks",
        ([], 49500),
    ),
    "the first as the oldest": (
        {"allocated": True, "paid_ore": 49500, "invoice_number": FIRST},
        ("first_invoice", "oldest"),
        "on the first invoice: the oldest that was open",
        ([], 49500),
    ),
    # 495.00 of which a caseworker has given 200.00 to the first invoice.
    "part of the first by hand": (
        {"allocated": True, "paid_ore": 20000, "invoice_number": FIRST},
        ("invoice", "by_hand"),
        f"on invoice {FIRST}: allocated by a caseworker",
        ([], 20000),
    ),
    "a later one": (
        {"allocated": True, "paid_ore": 49500, "invoice_number": LATER},
        ("invoice", "kid"),
        f"on invoice {LATER}: exactly what it asks",
        ([], 0),
    ),
    "less": (
        {},
        ("suspense", "part"),
        "in suspense: it is less than the invoice asks",
        ([TASK], 0),
    ),
    "more": (
        {},
        ("suspense", "over"),
        "in suspense: it is more than the invoice asks",
        ([TASK], 0),
    ),
    "double": (
        {"paid_ore": 49500},
        ("suspense", "paid"),
        "in suspense: the invoice it names is paid",
        ([TASK], 0),
    ),
    "another's KID": (
        {},
        ("suspense", "foreign_kid"),
        "in suspense: its KID names no invoice of this member",
        ([TASK], 0),
    ),
    "nothing open": (
        {},
        ("suspense", "none_open"),
        "in suspense: the member has no open invoice",
        ([TASK], 0),
    ),
    "taken back": ({}, ("returned", None), "and taken back or refunded since", ([], 0)),
}


@pytest.mark.parametrize(("receipt", "place", "says", "follows"), PLACES.values(), ids=PLACES)
def test_what_is_said_is_where_it_went(receipt, place, says, follows):
    """The receipt alone decides what the log, the letters and the record say (P3)."""
    went_to, reason = place
    step = stood(
        answer(member(), payment(49500), moment()), **receipt, went_to=went_to, reason=reason
    )
    assert step.says == f"49500 øre received, {says}"
    assert (letters_of(step), step.record.first_invoice.paid_ore) == follows
    settled = went_to == "first_invoice"
    assert (step.record.first_invoice.status is InvoiceStatus.PAID) is settled


@pytest.mark.parametrize(
    ("receipt", "place", "starts"),
    [
        ({"allocated": True, "paid_ore": 49500}, "on the first invoice", True),
        (
            {"allocated": True, "paid_ore": 49500, "invoice_number": FIRST},
            "on the first invoice",
            True,
        ),
        (
            {"allocated": True, "paid_ore": 49500, "invoice_number": LATER},
            f"on invoice {LATER}",
            False,
        ),
        ({}, "in suspense", False),
    ],
    ids=["before invoices were named", "the first", "a later one", "suspense"],
)
def test_an_older_worker_names_the_invoice_at_most(receipt, place, starts):
    """Its receipts stand in histories: they lead to what they led to then."""
    found = {"allocated": False, **receipt}
    step = stood(answer(member(book=FIRST_PAYMENT), payment(49500), moment()), **found)
    assert step.says == f"49500 øre received, {place}"
    assert (START in letters_of(step)) is starts
    assert (TASK in letters_of(step)) is (place == "in suspense")


@pytest.mark.parametrize("record", [received(), member(), member(book=FIRST_PAYMENT), resigning()])
def test_outcomes_differ_by_letters_and_rules_alone(record):
    """Else more than those would have to be told apart where the money is allocated."""
    step = answer(record, payment(49500), moment())
    assert set(step.outcomes) == set(Allocation) - {Allocation.SUSPENSE}
    plain = {"letters": (), "rules": (), "payment": None, "kept": None, "kept_where": None}
    decisions = [decision_of(one, record, moment()) for one in (step, *step.outcomes.values())]
    assert len({one.model_copy(update=plain).model_dump_json() for one in decisions}) == 1
    sent = decisions[0].payment.model_dump()
    assert (sent["goes_to"], sent["outcomes"]["invoice"]["letters"]) == ("", ())


def test_whoever_leaves_is_not_deducted_for_the_months_that_are_left():
    """The first payment of a member who has resigned asks no employer (A20, A29)."""
    step = stood(answer(resigning(), payment(49500), moment()))
    assert (letters_of(step), step.record.payroll.status) == ([], PayrollStatus.STOPPED)


def test_older_persistence_is_asked_again_for_the_one_place():
    """It knows no outcomes: the second decision is the one it knows, and for no other place."""
    record = member(book=FIRST_PAYMENT)
    step = answer(record, payment(49500), moment())
    answered_so = PaymentReceipt(
        paid_ore=49500, known=False, allocated=True, invoice_number=FIRST, otherwise=True
    )
    sent = decision_of(allocated(step, answered_so), record, moment())
    assert (sent.payment.goes_to, sent.payment.outcomes) == (FIRST, None)
    assert [one.template for one in sent.letters] == [Template.PAYROLL_START]


def test_what_a_record_of_old_held_of_a_payment_is_left_behind():
    """It was handed over with the database's last answer: that is read, and not kept."""
    record = member()
    receipt = PaymentReceipt(paid_ore=1, known=False, allocated=True, otherwise=True)
    handed_over = {**record.model_dump(mode="json"), "weighed": receipt.model_dump(mode="json")}
    assert MembershipRecord.model_validate_json(json.dumps(handed_over)) == record
