"""A30 as a table, with its arithmetic: what the ladder is compared with is right itself."""

from datetime import date
from typing import Any

import pytest

from schemas.pricing.rulebook import Policies
from tests.arrears.oracle import (
    Arrears,
    ArrearsStep,
    OverdueInvoice,
    months_of,
    months_passed,
    owed_months,
    steps_due,
)

POLICIES = Policies(valid_from=date(1970, 1, 1))
FIRST, SECOND = ArrearsStep.FIRST_REMINDER, ArrearsStep.SECOND_REMINDER
TASK, WARN, STRIKE = ArrearsStep.CASEWORKER, ArrearsStep.WARNING, ArrearsStep.STRUCK_OFF
SUSPENSE = ArrearsStep.SUSPENSE
MARCH = date(2027, 3, 1)


def invoice(
    due_on: date = MARCH, number: str = "a", covers: int = 1, **taken: Any
) -> OverdueInvoice:
    """An invoice of 495 kr, and when which steps were taken about it."""
    return OverdueInvoice(
        number=number,
        due_on=due_on,
        open_ore=49500,
        covers_months=covers,
        taken={ArrearsStep(step): on for step, on in taken.items()},
    )


def due(today: date, *invoices: OverdueInvoice, **facts: object) -> set[ArrearsStep]:
    """The steps that are due, whatever the invoice."""
    arrears = Arrears.model_validate({"invoices": invoices, **facts})
    return {step for _, step in steps_due(arrears, POLICIES, today)}


REMINDERS = [
    # due 1 March: 14 days later is the 15th, 28 days later the 29th
    (date(2027, 3, 14), {}, set()),
    (date(2027, 3, 15), {}, {FIRST}),
    (date(2027, 3, 16), {"first_reminder": date(2027, 3, 15)}, set()),
    (date(2027, 3, 28), {"first_reminder": date(2027, 3, 15)}, set()),
    (date(2027, 3, 29), {"first_reminder": date(2027, 3, 15)}, {SECOND}),
    # a first one that was late, on the 25th, moves the second one: 25 + 14 is 8 April
    (date(2027, 3, 29), {"first_reminder": date(2027, 3, 25)}, set()),
    (date(2027, 4, 7), {"first_reminder": date(2027, 3, 25)}, set()),
    (date(2027, 4, 8), {"first_reminder": date(2027, 3, 25)}, {SECOND}),
    # after a pause of the runs the first one comes first
    (date(2027, 4, 20), {}, {FIRST}),
    (
        date(2027, 6, 1),
        {"first_reminder": date(2027, 3, 15), "second_reminder": date(2027, 3, 29)},
        set(),
    ),
]


@pytest.mark.parametrize(("today", "taken", "steps"), REMINDERS)
def test_reminders(today, taken, steps):
    """At 14 and at 28 days past due, 14 days apart, each once."""
    assert due(today, invoice(**taken)) == steps


MONTHS = [
    # a month's invoice counts one, however old
    (1, date(2027, 1, 1), date(2027, 1, 2), 1),
    (1, date(2027, 1, 1), date(2028, 1, 2), 1),
    # a yearly fee counts the months since it was due, at most 12
    (12, date(2027, 1, 15), date(2027, 2, 14), 0),
    (12, date(2027, 1, 15), date(2027, 2, 15), 1),
    (12, date(2027, 1, 15), date(2027, 5, 15), 4),
    (12, date(2027, 1, 15), date(2029, 1, 15), 12),
    # 31 January to 1 March: one month and a day; to 28 February: none yet
    (12, date(2027, 1, 31), date(2027, 2, 28), 0),
    (12, date(2027, 1, 31), date(2027, 3, 1), 1),
    # a quarter's: at most 3
    (3, date(2027, 1, 15), date(2027, 12, 15), 3),
]


@pytest.mark.parametrize(("covers", "due_on", "today", "months"), MONTHS)
def test_months_owed(covers, due_on, today, months):
    """What an invoice adds to the months that are owed."""
    assert months_of(invoice(due_on, covers=covers), today) == months


def test_months_add_up():
    """Two months of dues and 4 months of a yearly fee: 1 + 1 + 4 = 6."""
    owed = Arrears(
        invoices=(invoice(), invoice(number="b"), invoice(date(2027, 1, 15), "c", covers=12))
    )
    assert owed_months(owed, date(2027, 5, 15)) == 6
    assert months_passed(date(2027, 5, 15), date(2027, 5, 15)) == 0


def paid(open_ore: int, asked_ore: int = 49500, covers: int = 1, due_on: date = MARCH) -> Any:
    """An invoice of which so much is open still."""
    return OverdueInvoice(
        number="a", due_on=due_on, open_ore=open_ore, asked_ore=asked_ore, covers_months=covers
    )


JANUARY = date(2027, 1, 15)
NET = [
    # 5 x 495.00 = 2,475.00, less 1,485.00: 990.00 are two months
    ([paid(49500)] * 5, 148500, 2),
    ([paid(0)] * 3 + [paid(49500)] * 2, 0, 2),
    # 15.00 short each time: 75.00 in all, part of one month and not five
    ([paid(1500)] * 5, 0, 1),
    # 495.00 and four times 15.00: 555.00 are more than one month
    ([paid(49500)] + [paid(1500)] * 4, 0, 2),
    # 4 x 495.00 less 0.01 are still more than three
    ([paid(49500)] * 4, 1, 4),
    ([paid(49500)] * 4, 49500, 3),
    # 600.00 for the year, 300.00 paid: six months are and four have passed since 15 January
    ([paid(30000, 60000, 12, JANUARY)], 0, 0),
    ([paid(60000, 60000, 12, JANUARY)], 30000, 0),
    ([paid(60000, 60000, 12, JANUARY)], 10000, 2),
    ([paid(60000, 60000, 12, JANUARY)], 0, 4),
]


@pytest.mark.parametrize(("invoices", "in_hand_ore", "months"), NET)
def test_months_are_owed_net_of_what_was_paid(invoices, in_hand_ore, months):
    """A30: as many months as the sum that is owed is for, whatever was paid with which KID."""
    owed = Arrears(invoices=tuple(invoices), in_hand_ore=in_hand_ore)
    assert owed_months(owed, date(2027, 5, 15)) == months


def test_what_money_in_hand_pays_is_not_reminded_of():
    """495.00 of two invoices: the oldest is as good as paid, the other one is asked for."""
    invoices = (invoice(number="old"), invoice(number="new"))
    found = steps_due(Arrears(invoices=invoices, in_hand_ore=49500), POLICIES, date(2027, 3, 20))
    assert found == (("new", FIRST),)


REMINDED: dict[str, Any] = {"first_reminder": MARCH, "second_reminder": MARCH}
WARNED: dict[str, Any] = {**REMINDED, "caseworker": MARCH, "warning": date(2027, 6, 1)}


def months(count: int, **taken: Any) -> tuple[OverdueInvoice, ...]:
    """So many unpaid months."""
    return tuple(invoice(number=str(number), **taken) for number in range(count))


MEMBERS = [
    # one month: reminders only; two: a caseworker; three: the warning; more: struck off
    (date(2027, 6, 15), months(1, **REMINDED), set()),
    (date(2027, 6, 15), months(2, **REMINDED), {TASK}),
    (date(2027, 6, 15), months(2, **REMINDED, caseworker=MARCH), set()),
    (date(2027, 6, 15), months(3, **REMINDED, caseworker=MARCH), {WARN}),
    (date(2027, 6, 15), months(3, **WARNED), set()),
    (date(2027, 6, 15), months(4, **REMINDED, caseworker=MARCH), {WARN}),
    # warned on 1 June: 14 days later is the 15th
    (date(2027, 6, 14), months(4, **WARNED), set()),
    (date(2027, 6, 15), months(4, **WARNED), {STRIKE}),
    (date(2027, 7, 1), months(4, **WARNED, struck_off=date(2027, 6, 15)), {STRIKE}),
    # a warning holds while one of the invoices it was about is unpaid
    (date(2027, 6, 15), (*months(1, **WARNED), *months(3, **REMINDED)), {STRIKE}),
    # a yearly fee alone, due 1 March: 2 months on 1 May, 3 on 1 June, 4 on 1 July
    (date(2027, 4, 30), (invoice(covers=12, **REMINDED),), set()),
    (date(2027, 5, 1), (invoice(covers=12, **REMINDED),), {TASK}),
    (date(2027, 6, 1), (invoice(covers=12, **REMINDED, caseworker=MARCH),), {WARN}),
    (date(2027, 6, 30), (invoice(covers=12, **WARNED),), set()),
    (date(2027, 7, 1), (invoice(covers=12, **WARNED),), {STRIKE}),
]


@pytest.mark.parametrize(("today", "invoices", "steps"), MEMBERS)
def test_about_the_member(today, invoices, steps):
    """A caseworker at 2 months, a warning at 3, struck off above that and after the warning."""
    assert due(today, *invoices) == steps


def test_a_step_about_the_member_is_taken_for_every_invoice():
    """So that it is not taken again when the oldest of them is paid."""
    found = steps_due(Arrears(invoices=months(2, **REMINDED)), POLICIES, date(2027, 6, 15))
    assert found == (("0", TASK), ("1", TASK))


@pytest.mark.parametrize(
    ("in_hand_ore", "steps"),
    # four months of 495.00 are 1,980.00; 1,979.99 is more than three, 1,485.00 is not
    [
        (0, {STRIKE}),
        (1, {STRIKE}),
        (49499, {STRIKE}),
        (49500, set()),
        (197999, set()),
        (198000, {SUSPENSE}),
        (300000, {SUSPENSE}),
    ],
)
def test_who_has_paid_enough_is_not_asked(in_hand_ore, steps):
    """Money in suspense, or a credit, is a caseworker's to place; nobody is struck off."""
    assert due(date(2027, 7, 1), *months(4, **WARNED), in_hand_ore=in_hand_ore) == steps


def test_money_in_suspense_is_one_task():
    """Found again the next day, it is the same matter."""
    taken = months(1, **REMINDED, suspense=MARCH)
    assert due(date(2027, 7, 1), *taken, in_hand_ore=49500) == set()


def test_who_has_left_still_owes():
    """A29: reminded, and a caseworker's matter; there is nothing to be struck off from."""
    assert due(date(2027, 7, 1), *months(4, **WARNED), member=False) == set()
    assert due(date(2027, 7, 1), *months(4), member=False) == {FIRST, TASK}


def test_nothing_is_asked_of_the_dead():
    """M17: all automatic mail stops; what is owed is for the estate's letter."""
    assert due(date(2027, 7, 1), *months(4, **WARNED), deceased=True) == set()
    assert due(date(2027, 7, 1)) == set()
