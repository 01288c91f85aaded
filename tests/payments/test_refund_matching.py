"""Which debit of the bank is which refund, and which credit brings one back (P8)."""

import pytest

from schemas.payments.entries import SetAside
from schemas.payments.refunds import Awaited, Unexplained, explain_entries

A, B, C = (f"R{letter * 16}" for letter in "ABC")


def out(position, ore=100, account=None, references="", **more):
    """An entry that left."""
    return Unexplained(position, debit=True, amount_ore=ore, account=account,
                       references=references, **more)  # fmt: skip


def back(position, **more):
    """An entry that came back."""
    return Unexplained(position, **({"debit": False, "amount_ore": 100, "account": None,
                                     "references": ""} | more))  # fmt: skip


def waits(refund_id, ore=100, account="1", **more):
    """A refund that is on its way."""
    return Awaited(refund_id, ore, account, **more)


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
    assert {at: one.refund_id for at, one in found.items()} == comes_to
    kinds = {one.position: SetAside.REFUND if one.debit else SetAside.RETURNED for one in entries}
    assert all(one.aside is kinds[at] for at, one in found.items())


def test_what_is_too_much_for_a_fee_is_asked_about():
    """Unless it is a refund."""
    found = explain_entries([out(1, too_much=True), out(2, 7, too_much=True)], [waits(A)])
    assert [found[1].aside, found[2].aside] == [SetAside.REFUND, SetAside.OUTGOING]
