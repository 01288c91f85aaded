"""Refunds: from the request to the bank's word, and which entry of the bank is which of them."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pydantic import computed_field

from schemas.payments.entries import SetAside
from schemas.payments.payers import Alike, like_names
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
        end_to_end: what whoever told the bank to pay has called it, if anything.
        name: at the other end, if the bank says it.
        booked_on: its day.
        own_words: it says just what our own instruction does.
        unclear: it may be an entry that the books have.
        charged: it is a fee by the bank's code or words.
        too_much: it is said to be nothing, and is too much to be a fee.
    """

    position: int
    debit: bool
    amount_ore: int
    account: str | None
    references: str
    end_to_end: str | None = None
    name: str | None = None
    booked_on: date | None = None
    own_words: bool = False
    unclear: bool = False
    charged: bool = False
    too_much: bool = False


@dataclass(frozen=True, slots=True)
class Awaited:
    """A refund of which the bank has not told: that it is paid, or that it comes back.

    Attributes:
        stands: it has not been given up.
    """

    refund_id: str
    amount_ore: int
    account: str | None
    receiver: str | None = None
    approved_on: date = date.min
    instructed_on: date | None = None
    stands: bool = True
    to_pay: bool = True
    may_return: bool = False


@dataclass(frozen=True, slots=True)
class Explained:
    """What an entry is found to be.

    Attributes:
        refund_id: the refund that it is.
        may_be: the refunds that somebody may say it is.
    """

    aside: SetAside
    refund_id: str | None = None
    may_be: tuple[str, ...] = ()


def explain_entries(
    entries: Sequence[Unexplained], awaited: Sequence[Awaited]
) -> dict[int, Explained]:
    """Return what entries of a file are, by their places; of the others nothing is known.

    Args:
        entries: in the file's order.
        awaited: the oldest first.

    Source: P8.
    """
    out = [one for one in entries if one.debit]
    to_pay = [one for one in awaited if one.to_pay]
    paid = _matched(out, to_pay)
    back = _matched(
        [one for one in entries if not one.debit], [one for one in awaited if one.may_return]
    )
    left = [one for one in to_pay if one.refund_id not in set(paid.values())]
    found = _asked_about([one for one in out if one.position not in paid], left)
    found |= {at: Explained(SetAside.REFUND, refund_id) for at, refund_id in paid.items()}
    return found | {at: Explained(SetAside.RETURNED, refund_id) for at, refund_id in back.items()}


def _asked_about(out: list[Unexplained], left: list[Awaited]) -> dict[int, Explained]:
    """Return the debits that somebody looks at: they may be refunds, or are too much for a fee."""
    found: dict[int, Explained] = {}
    for entry in out:
        may_be = tuple(one.refund_id for one in left if _may_be(entry, one))
        if entry.too_much or may_be:
            found[entry.position] = Explained(SetAside.OUTGOING, may_be=may_be)
    return found


def _may_be(entry: Unexplained, refund: Awaited) -> bool:
    """Tell whether a debit of which no rule tells may be a refund by somebody's word."""
    return (
        refund.stands
        and refund.amount_ore == entry.amount_ore
        and not (entry.unclear or (entry.charged and not entry.too_much))
        and _is_since(entry, refund.approved_on)
        and entry.account in {None, refund.account}
        and like_names(entry.name, refund.receiver) is not Alike.OTHER
    )


def _matched(entries: list[Unexplained], awaited: list[Awaited]) -> dict[int, str]:
    """Return which entry is which refund: by its id, by amount and account, by the amount alone.

    An amount alone tells only where nothing else is told that says otherwise, and as many entries
    have it as refunds. What the books may have already is told by nothing but the id.
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
    """What stands goes before what was given up: the bank has paid the one that came after it."""
    yield from _in_turn(
        [one for one in entries if one.account is not None and _says_no_other(one)],
        sorted(awaited, key=lambda one: not one.stands),
        _has_account,
    )


def _has_account(entry: Unexplained, refund: Awaited) -> bool:
    same = (entry.amount_ore, entry.account) == (refund.amount_ore, refund.account)
    # Whoever pays by hand in the bank does so once it is approved.
    return same and _is_since(entry, refund.approved_on)


def _by_amount(entries: list[Unexplained], awaited: list[Awaited]) -> Iterator[tuple[int, str]]:
    """Whom the bank names comes first, so that whom it does not name takes no other's."""
    told = [one for one in awaited if one.stands]
    bare = [one for one in entries if any(_has_amount(one, each) for each in told)]
    asked = Counter(one.amount_ore for one in told if any(_has_amount(each, one) for each in bare))
    had = Counter(one.amount_ore for one in bare)
    clear = [one for one in bare if had[one.amount_ore] == asked[one.amount_ore]]
    in_order = sorted(clear, key=lambda one: (one.name is None, one.booked_on or date.min))
    yield from _in_turn([one for one in in_order if _says_no_other(one)], told, _has_amount)


def _has_amount(entry: Unexplained, refund: Awaited) -> bool:
    """Tell whether an entry has a refund's amount, and nothing that makes it another's."""
    return (
        entry.amount_ore == refund.amount_ore
        and entry.account is None
        and entry.end_to_end is None
        and not entry.charged
        and (_is_told(entry, refund) or (entry.debit and entry.own_words))
        # What comes back may name us, as who had paid.
        and not (entry.debit and like_names(entry.name, refund.receiver) is Alike.OTHER)
    )


def _is_told(entry: Unexplained, refund: Awaited) -> bool:
    return refund.instructed_on is not None and _is_since(entry, refund.instructed_on)


def _is_since(entry: Unexplained, day: date) -> bool:
    return entry.booked_on is not None and entry.booked_on >= day


def _says_no_other(entry: Unexplained) -> bool:
    """Tell whether neither the books nor the bank's reference may make it another one."""
    return not entry.unclear and not any(is_refund_id(one) for one in entry.references.split())


def is_refund_id(word: str) -> bool:
    """Tell whether a reference is in the form of a refund's id."""
    return len(word) == 17 and word[0] == "R" and set(word[1:]) <= set("0123456789ABCDEF")


def _in_turn(
    entries: list[Unexplained],
    awaited: list[Awaited],
    fits: Callable[[Unexplained, Awaited], bool],
) -> Iterator[tuple[int, str]]:
    """Give each entry the first refund left that fits it."""
    left = list(awaited)
    for entry in entries:
        same = next((one for one in left if fits(entry, one)), None)
        if same is not None:
            left.remove(same)
            yield entry.position, same.refund_id
