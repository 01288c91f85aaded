"""Refunds: from the request to the bank's word, and which entry of the bank is which of them."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pydantic import computed_field

from schemas.payments.entries import SetAside
from schemas.shared.base import Contract


class RefundState(StrEnum):
    """How far a refund has come."""

    ASKED = "asked"
    APPROVED = "approved"
    INSTRUCTED = "instructed"
    PAID = "paid"
    RETURNED = "returned"
    REFUSED = "refused"


class Refund(Contract):
    """What is to be paid out; who receives it is secret.

    Attributes:
        account: of the receiver, 11 digits; None: it is asked for.
        message_id: of the file that tells the bank; None: told by hand, or not yet.
        paid_entry: the bank's debit.
        released_on: it will not be paid, by whom and why.
    """

    refund_id: str
    membership_id: str | None
    amount_ore: int
    reason: str
    requested_on: date
    requested_by: str
    account: str | None = None
    receiver: str | None = None
    account_by: str | None = None
    approved_on: date | None = None
    approved_by: str | None = None
    instructed_on: date | None = None
    message_id: str | None = None
    paid_on: date | None = None
    paid_entry: str | None = None
    returned_on: date | None = None
    released_on: date | None = None
    released_by: str | None = None
    released_why: str | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def state(self) -> RefundState:
        """How far it has come."""
        if self.released_on is not None:
            return RefundState.RETURNED if self.instructed_on else RefundState.REFUSED
        steps = (
            (self.paid_on, RefundState.PAID),
            (self.instructed_on, RefundState.INSTRUCTED),
            (self.approved_on, RefundState.APPROVED),
        )
        return next((state for on, state in steps if on is not None), RefundState.ASKED)


@dataclass(frozen=True, slots=True)
class Unexplained:
    """An entry of the bank that may be a refund.

    Attributes:
        position: its place in the file.
        debit: it left; else it came back.
        account: at the other end, if the bank says it.
        references: all that the bank calls it.
        unclear: it may be an entry that the books have.
        too_much: it is said to be nothing, and is too much to be a fee.
    """

    position: int
    debit: bool
    amount_ore: int
    account: str | None
    references: str
    unclear: bool = False
    too_much: bool = False


@dataclass(frozen=True, slots=True)
class Awaited:
    """A refund of which the bank has not told: that it is paid, or that it comes back."""

    refund_id: str
    amount_ore: int
    account: str | None
    to_pay: bool = True
    may_return: bool = False


@dataclass(frozen=True, slots=True)
class Explained:
    """What an entry is found to be."""

    aside: SetAside
    refund_id: str | None = None


def explain_entries(
    entries: Sequence[Unexplained], awaited: Sequence[Awaited]
) -> dict[int, Explained]:
    """Return what entries of a file are, by their places; of the others nothing is known.

    Args:
        entries: in the file's order.
        awaited: the oldest first.

    Source: P8.
    """
    paid = _matched([one for one in entries if one.debit], [one for one in awaited if one.to_pay])
    back = _matched(
        [one for one in entries if not one.debit], [one for one in awaited if one.may_return]
    )
    found = {
        one.position: Explained(SetAside.OUTGOING)
        for one in entries
        if one.too_much and one.position not in paid
    }
    found |= {at: Explained(SetAside.REFUND, refund_id) for at, refund_id in paid.items()}
    return found | {at: Explained(SetAside.RETURNED, refund_id) for at, refund_id in back.items()}


def _matched(entries: list[Unexplained], awaited: list[Awaited]) -> dict[int, str]:
    """Return which entry is which refund: by its id, by amount and account, by the amount alone.

    An amount alone tells only where the bank names no account, and as many entries have it as
    refunds. What the books may have already is told by nothing but the id.
    """
    found: dict[int, str] = {}
    for rule in (_by_id, _by_account, _by_amount):
        taken = set(found.values())
        left = [one for one in awaited if one.refund_id not in taken]
        found |= dict(rule([one for one in entries if one.position not in found], left))
    return found


def _by_id(entries: list[Unexplained], awaited: list[Awaited]) -> Iterator[tuple[int, str]]:
    open_ids = {one.refund_id: one.amount_ore for one in awaited}
    for entry in entries:
        for word in entry.references.split():
            if open_ids.get(word) == entry.amount_ore:
                del open_ids[word]
                yield entry.position, word
                break


def _by_account(entries: list[Unexplained], awaited: list[Awaited]) -> Iterator[tuple[int, str]]:
    yield from _in_turn(
        [one for one in entries if one.account is not None and _says_no_other(one)],
        awaited,
        lambda one: (one.amount_ore, one.account),
    )


def _by_amount(entries: list[Unexplained], awaited: list[Awaited]) -> Iterator[tuple[int, str]]:
    bare = [one for one in entries if one.account is None and _says_no_other(one)]
    asked = Counter(one.amount_ore for one in awaited)
    had = Counter(one.amount_ore for one in entries if one.account is None)
    clear = [one for one in bare if had[one.amount_ore] == asked[one.amount_ore]]
    yield from _in_turn(clear, awaited, lambda one: one.amount_ore)


def _says_no_other(entry: Unexplained) -> bool:
    """Tell whether neither the books nor the bank's reference may make it another one."""
    return not entry.unclear and not any(is_refund_id(one) for one in entry.references.split())


def is_refund_id(word: str) -> bool:
    """Tell whether a reference is in the form of a refund's id."""
    return len(word) == 17 and word[0] == "R" and set(word[1:]) <= set("0123456789ABCDEF")


def _in_turn(
    entries: list[Unexplained],
    awaited: list[Awaited],
    key: Callable[[Unexplained | Awaited], object],
) -> Iterator[tuple[int, str]]:
    """Give each entry the oldest refund left that has its key."""
    left = list(awaited)
    for entry in entries:
        same = next((one for one in left if key(one) == key(entry)), None)
        if same is not None:
            left.remove(same)
            yield entry.position, same.refund_id
