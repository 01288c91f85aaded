"""Which debit of the bank is which refund, and which credit brings one back (P8)."""

from datetime import date, timedelta

import pytest

from schemas.payments.entries import SetAside
from schemas.payments.refunds import Awaited, Unexplained, explain_entries

DAY = date(2026, 12, 1)
BEFORE = DAY - timedelta(1)
A, B, C = (f"R{letter * 16}" for letter in "ABC")


def out(position, ore=100, account=None, references="", **more):
    """An entry that left."""
    return Unexplained(position, **({"debit": True, "amount_ore": ore, "account": account,
                                     "references": references,
                                     "booked_on": DAY} | more))  # fmt: skip


def back(position, **more):
    """An entry that came back."""
    return Unexplained(position, **({"debit": False, "amount_ore": 100, "account": None,
                                     "references": "", "booked_on": DAY} | more))  # fmt: skip


def waits(refund_id, ore=100, account="1", **more):
    """A refund that is on its way."""
    return Awaited(**({"refund_id": refund_id, "amount_ore": ore, "account": account,
                       "receiver": "Kari Nordmann", "approved_on": BEFORE,
                       "instructed_on": DAY} | more))  # fmt: skip


CASES = {
    "by its id": ([out(1, references=f"{B} x")], [waits(A), waits(B)], {1: B}),
    "by its id, whatever the account": ([out(1, 100, "9", B)], [waits(A), waits(B)], {1: B}),
    "its id with another amount": ([out(1, 99, None, A)], [waits(A), waits(B, 99)], {}),
    "an id that is none of these": ([out(1, references=C)], [waits(A)], {}),
    "one id twice": ([out(1, references=A), out(2, references=A)], [waits(A)], {1: A}),
    "by amount and account": ([out(1, 100, "2")], [waits(A), waits(B, account="2")], {1: B}),
    "another account": ([out(1, 100, "9")], [waits(A)], {}),
    "two equal ones to one account": (
        [out(1, 100, "1"), out(2, 100, "1")], [waits(A), waits(B)], {1: A, 2: B}),
    "by the amount alone": ([out(1)], [waits(A), waits(B, 200)], {1: A}),
    "two of the amount, two debits": ([out(1), out(2)], [waits(A), waits(B)], {1: A, 2: B}),
    "two of the amount, one debit": ([out(1)], [waits(A), waits(B)], {}),
    "one of the amount, two debits": ([out(1), out(2)], [waits(A)], {}),
    "what an id has taken counts for nobody else": (
        [out(1), out(2, references=A)], [waits(A), waits(B)], {1: B, 2: A}),
    "another's id, by the amount": ([out(1, end_to_end="F-3321")], [waits(A)], {}),
    "another's id, to its account": ([out(1, 100, "1", end_to_end="F-3321")], [waits(A)], {1: A}),
    "not told, by the amount": ([out(1)], [waits(A, instructed_on=None)], {}),
    "not told, paid by hand to its account": (
        [out(1, 100, "1", booked_on=BEFORE)], [waits(A, instructed_on=None)], {1: A}),
    "to its account before it is approved": (
        [out(1, 100, "1", booked_on=BEFORE)], [waits(A, approved_on=DAY)], {}),
    "by the amount, before it is told": ([out(1, booked_on=BEFORE)], [waits(A)], {}),
    "in our own words, before it is told": (
        [out(1, booked_on=BEFORE, own_words=True)], [waits(A)], {1: A}),
    "in our own words, paid by hand": (
        [out(1, own_words=True)], [waits(A, instructed_on=None)], {1: A}),
    "in our own words, with another's id": (
        [out(1, own_words=True, end_to_end="F-3321")], [waits(A)], {}),
    "of no day": ([out(1, booked_on=None)], [waits(A)], {}),
    "what left before counts for nobody": ([out(1, booked_on=BEFORE), out(2)], [waits(A)], {2: A}),
    "to a firm": ([out(1, name="Kontorrekvisita AS")], [waits(A)], {}),
    "to its receiver, in capitals": ([out(1, name="NORDMANN KARI")], [waits(A)], {1: A}),
    "whom the bank names goes first": (
        [out(1), out(2, name="Ola Hansen")], [waits(B, receiver="Ola Hansen"), waits(A)],
        {1: A, 2: B}),
    "the one after what was given up, by account": (
        [out(1, 100, "1")], [waits(A, stands=False), waits(B)], {1: B}),
    "the one after what was given up, by the amount": (
        [out(1)], [waits(A, stands=False), waits(B)], {1: B}),
    "what was given up is paid all the same": (
        [out(1, 100, "1")], [waits(A, stands=False)], {1: A}),
    "both are paid": (
        [out(1, 100, "1"), out(2, 100, "1")], [waits(A, stands=False), waits(B)], {1: B, 2: A}),
    "what was given up, by the amount": ([out(1)], [waits(A, stands=False)], {}),
    "a fee by its name, with the id": ([out(1, references=A, charged=True)], [waits(A)], {1: A}),
    "a fee by its name, to its account": ([out(1, 100, "1", charged=True)], [waits(A)], {1: A}),
    "a fee by its name, by the amount": ([out(1, charged=True)], [waits(A)], {}),
    "it comes back in our own name": (
        [back(1, name="Lederne")], [waits(A, to_pay=False, may_return=True)], {1: A}),
    "it may be known": ([out(1, unclear=True)], [waits(A)], {}),
    "it may be known, and has the id": ([out(1, references=A, unclear=True)], [waits(A)], {1: A}),
    "it is paid": ([out(1)], [waits(A, to_pay=False)], {}),
    "nothing waits": ([out(1)], [], {}),
    "it comes back": ([back(1, references=A)], [waits(A, to_pay=False, may_return=True)], {1: A}),
    "it can't come back": ([back(1, references=A)], [waits(A)], {}),
    "out and back": (
        [back(1, references=A), out(2, references=A)], [waits(A, may_return=True)], {1: A, 2: A}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_an_entry_is(case):
    """By id, by amount and account, by the amount where there is no choice; else it is asked."""
    entries, awaited, comes_to = case
    found = explain_entries(entries, awaited)
    told = {at: one for at, one in found.items() if one.refund_id is not None}
    assert {at: one.refund_id for at, one in told.items()} == comes_to
    kinds = {one.position: SetAside.REFUND if one.debit else SetAside.RETURNED for one in entries}
    assert all(one.aside is kinds[at] for at, one in told.items())
    assert all(one.aside is SetAside.OUTGOING for at, one in found.items() if at not in told)


def test_what_is_too_much_for_a_fee_is_asked_about():
    """Unless it is a refund."""
    found = explain_entries([out(1, too_much=True), out(2, 7, too_much=True)], [waits(A)])
    assert [found[1].aside, found[2].aside] == [SetAside.REFUND, SetAside.OUTGOING]


MAY_BE = {
    "one of two": ([out(1)], [waits(A), waits(B)], (A, B)),
    "not told": ([out(1)], [waits(A, instructed_on=None)], (A,)),
    "another's id": ([out(1, end_to_end="F-3321")], [waits(A), waits(B, 99)], (A,)),
    "before it is approved": ([out(1, booked_on=date(2026, 10, 1))], [waits(A)], None),
    "to a firm": ([out(1, name="Kontorrekvisita AS")], [waits(A)], None),
    "to another account": ([out(1, 100, "9")], [waits(A)], None),
    "given up": ([out(1)], [waits(A, stands=False)], None),
    "a fee by its name": ([out(1, charged=True)], [waits(A)], None),
    "too much for a fee": ([out(1, charged=True, too_much=True)], [waits(A)], (A,)),
    "it may be known": ([out(1, unclear=True)], [waits(A)], None),
}


@pytest.mark.parametrize(("entries", "awaited", "may_be"), MAY_BE.values(), ids=MAY_BE)
def test_what_nothing_tells_is_asked_about(entries, awaited, may_be):
    """Somebody is told which refunds it may be; of what can't be one nothing is said."""
    found = explain_entries(entries, awaited).get(1)
    assert (found.may_be if found else None) == may_be
