"""For whom money in suspense may be: who is proposed, in which order, and why (P6).

Nothing is allocated by it: a person decides, as an exact KID does by itself.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from schemas.persons.folding import name_parts
from schemas.persons.likeness import Sign
from schemas.persons.names import compare_names
from schemas.shared.base import Contract


class Ground(StrEnum):
    """Why money may be somebody's."""

    KID = "kid"
    INVOICE_NUMBER = "invoice_number"
    MEMBER_NUMBER = "member_number"
    MISTYPED_KID = "mistyped_kid"
    ACCOUNT = "account"
    NAME = "name"
    EARLIER_NAME = "earlier_name"
    NAME_ALIKE = "name_alike"
    INITIALS = "initials"
    ONE_INVOICE = "one_invoice"
    ALL_OWED = "all_owed"
    LIST_KID = "list_kid"
    LIST_NUMBER = "list_number"
    EMPLOYER_NUMBER = "employer_number"
    EMPLOYER_NAME = "employer_name"
    LIST_TOTAL = "list_total"


WEIGHTS = {
    Ground.KID: 100,
    Ground.LIST_KID: 100,
    Ground.INVOICE_NUMBER: 90,
    Ground.LIST_NUMBER: 90,
    Ground.MEMBER_NUMBER: 80,
    Ground.EMPLOYER_NUMBER: 70,
    Ground.MISTYPED_KID: 60,
    Ground.ACCOUNT: 50,
    Ground.NAME: 40,
    Ground.EMPLOYER_NAME: 40,
    Ground.EARLIER_NAME: 35,
    Ground.NAME_ALIKE: 25,
    Ground.INITIALS: 20,
    Ground.LIST_TOTAL: 15,
    Ground.ONE_INVOICE: 10,
    Ground.ALL_OWED: 9,
}
"""What a ground weighs: it orders what is proposed, and decides nothing."""

_NUMBERS = frozenset(
    {
        Ground.KID,
        Ground.INVOICE_NUMBER,
        Ground.MEMBER_NUMBER,
        Ground.MISTYPED_KID,
        Ground.LIST_KID,
        Ground.LIST_NUMBER,
    }
)
"""Of these the strongest alone counts: a KID holds its member's number."""

_AMOUNTS = frozenset({Ground.ONE_INVOICE, Ground.ALL_OWED, Ground.LIST_TOTAL})
"""Too many owe the same for an amount to say who has paid it; a list's is its own."""

MOST = 5
"""Proposals of one payment: more is no help."""

IN_WORDS = {
    Ground.KID: "the KID of invoice {told} stands with it",
    Ground.INVOICE_NUMBER: "the invoice number {told} stands with it",
    Ground.MEMBER_NUMBER: "the member number stands with it",
    Ground.MISTYPED_KID: "what stands with it looks like a KID of this member",
    Ground.ACCOUNT: "this member has paid from this account before",
    Ground.NAME: "the name is the payer's",
    Ground.EARLIER_NAME: "a name from before is the payer's",
    Ground.NAME_ALIKE: "the name is like the payer's",
    Ground.INITIALS: "the name fits the payer's initials",
    Ground.ONE_INVOICE: "it is what invoice {told} asks",
    Ground.ALL_OWED: "it is all that is owed",
    Ground.LIST_KID: "the list's KID {told} stands with it",
    Ground.LIST_NUMBER: "the list's number {told} stands with it",
    Ground.EMPLOYER_NUMBER: "the employer's organisation number stands with it",
    Ground.EMPLOYER_NAME: "the employer's name is the payer's",
    Ground.LIST_TOTAL: "it is what is left to pay of the list",
}


@dataclass(frozen=True, slots=True)
class Paid:
    """Money in suspense, as far as it says who it is from."""

    amount_ore: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Debtor:
    """A member, or an employer's list, that money may be for.

    Attributes:
        key: the membership's id, or the list's number.
        number: the member's, or the list's.
        names: the present one first, then those from before.
        found: by what it was looked up, with what stood there.
        open: number and øre of each open invoice, the oldest first; of a list what may be left: of
            what was asked for, and of what the employer has reported.
        ended: the membership.
        is_list: it is an employer's list.
    """

    key: str
    number: str
    names: tuple[str, ...] = ()
    found: tuple[tuple[Ground, str], ...] = ()
    open: tuple[tuple[str, int], ...] = ()
    ended: bool = False
    is_list: bool = False


class Proposal(Contract):
    """Somebody whom a payment may be for.

    Attributes:
        membership_id: None: it is a list.
        number: the member's, or the list's.
        name: who that is.
        reasons: why, the strongest first.
        invoices: that are open, the oldest first, five at most.
        pays: the one of them that it is for, if that is told.
        ended: the membership.
    """

    membership_id: str | None
    number: str
    name: str
    grounds: tuple[Ground, ...]
    reasons: tuple[str, ...]
    invoices: tuple[str, ...] = ()
    pays: str | None = None
    ended: bool = False


def propose(paid: Paid, debtors: Iterable[Debtor]) -> tuple[Proposal, ...]:
    """Return for whom money may be, the likeliest first.

    Args:
        paid: the money.
        debtors: whoever anything leads to.

    Source: P6.
    """
    weighed = []
    debtors = list(debtors)
    alone = _only_total(paid, debtors)
    for debtor in debtors:
        grounds = _grounds(paid, debtor)
        if set(grounds) <= _AMOUNTS and debtor.key != alone:
            continue
        weighed.append((-_weight(grounds), debtor.ended, debtor.number, debtor, grounds))
    weighed.sort(key=lambda one: one[:3])
    return tuple(_proposal(debtor, grounds) for *_, debtor, grounds in weighed[:MOST])


def _only_total(paid: Paid, debtors: Sequence[Debtor]) -> str | None:
    """Return the one list of which that much is left to pay, if it is one."""
    found = [
        each.key
        for each in debtors
        if each.is_list and any(ore == paid.amount_ore for _, ore in each.open)
    ]
    return found[0] if len(found) == 1 else None


def _grounds(paid: Paid, debtor: Debtor) -> dict[Ground, str]:
    """Return why money may be somebody's, each with what stood there."""
    found: dict[Ground, str] = {}
    for ground, told in debtor.found:
        found.setdefault(ground, told)
    named = _named(paid.names, debtor)
    if named is not None:
        found[named] = ""
    found |= _amounts(paid.amount_ore, debtor)
    return dict(sorted(found.items(), key=lambda one: -WEIGHTS[one[0]]))


def _weight(grounds: Iterable[Ground]) -> int:
    grounds = list(grounds)
    numbers = [WEIGHTS[each] for each in grounds if each in _NUMBERS]
    return max(numbers, default=0) + sum(WEIGHTS[each] for each in grounds if each not in _NUMBERS)


def _named(told: Sequence[str], debtor: Debtor) -> Ground | None:
    """Return what a payer's name has to do with somebody's."""
    if debtor.is_list:
        same = any(_one_firm(one, name) for one in told for name in debtor.names)
        return Ground.EMPLOYER_NAME if same else None
    return named_alike(told, debtor.names)


def named_alike(told: Sequence[str], names: Sequence[str]) -> Ground | None:
    """Return what a payer's name has to do with a person's.

    Args:
        told: as ``names_in`` reads what the bank tells.
        names: the present one first, then those from before.
    """
    found = {
        _ground_of(one, name, earlier=place > 0) for one in told for place, name in enumerate(names)
    }
    return max(
        (each for each in found if each is not None), key=lambda each: WEIGHTS[each], default=None
    )


_SAME_NAME = frozenset({Sign.NAME, Sign.NAME_LETTERS, Sign.NAME_ORDER})
_LIKE_NAME = frozenset({Sign.NAME_PARTS, Sign.NAME_TYPO, Sign.OTHER_MIDDLE_NAME})


def _ground_of(told: str, name: str, *, earlier: bool) -> Ground | None:
    sign = compare_names(told, name)
    if sign in _SAME_NAME:
        return Ground.EARLIER_NAME if earlier else Ground.NAME
    if fits_initials(told, name):
        return Ground.INITIALS
    return Ground.NAME_ALIKE if sign in _LIKE_NAME else None


def fits_initials(told: str, name: str) -> bool:
    """Tell whether ``K. Nordmann``, ``K A NORDMANN`` or ``Nordmann K`` is a way to write a name."""
    written, parts = list(name_parts(told)), list(name_parts(name))
    initials = [part for part in written if len(part) == 1]
    whole = [part for part in written if len(part) > 1]
    if not initials or not whole or len(parts) < 2 or parts[-1] not in whole:
        return False
    left = parts[:-1]
    for part in whole:
        if part == parts[-1]:
            continue
        if part not in left:
            return False
        left.remove(part)
    return bool(left) and initials[0] == left[0][0] and _begin(initials[1:], left[1:])


def _begin(initials: Sequence[str], parts: Sequence[str]) -> bool:
    """Tell whether initials are those of some parts, in their order; parts may be left out."""
    coming = iter(parts)
    return all(any(part[0] == initial for part in coming) for initial in initials)


_FORM = frozenset({"as", "asa", "ans", "da", "sa", "ba", "ks", "enk", "nuf", "iks", "kf"})


def _one_firm(told: str, name: str) -> bool:
    mine, theirs = (
        [part for part in name_parts(each) if part not in _FORM] for each in (told, name)
    )
    return bool(mine) and mine == theirs


def _amounts(ore: int, debtor: Debtor) -> dict[Ground, str]:
    """Return what an amount has to do with what is owed."""
    owed = sum(each for _, each in debtor.open)
    if debtor.is_list:
        return {Ground.LIST_TOTAL: ""} if any(each == ore for _, each in debtor.open) else {}
    for number, each in debtor.open:
        if each == ore:
            return {Ground.ONE_INVOICE: number}
    return {Ground.ALL_OWED: ""} if owed == ore and owed > 0 else {}


def _proposal(debtor: Debtor, grounds: dict[Ground, str]) -> Proposal:
    return Proposal(
        membership_id=None if debtor.is_list else debtor.key,
        number=debtor.number,
        name=debtor.names[0] if debtor.names else "",
        grounds=tuple(grounds),
        reasons=tuple(IN_WORDS[each].format(told=told) for each, told in grounds.items()),
        invoices=() if debtor.is_list else tuple(number for number, _ in debtor.open[:5]),
        pays=None if debtor.is_list else _pays(debtor, grounds),
        ended=debtor.ended,
    )


def _pays(debtor: Debtor, grounds: dict[Ground, str]) -> str | None:
    asked = {number for number, _ in debtor.open}
    told = (grounds.get(each) for each in (Ground.KID, Ground.INVOICE_NUMBER, Ground.ONE_INVOICE))
    return next((number for number in told if number in asked), None)


_BETWEEN = re.compile(r"\s*(?:,|/|&|\+|;|\bog\b|\beller\b|\band\b)\s*", re.IGNORECASE)


def names_in(name: str) -> tuple[str, ...]:
    """Return what a bank tells as a name, whole, and each of several holders of an account."""
    parts = [part for part in _BETWEEN.split(name) if part]
    found = [name, *(part for part in parts if len(parts) > 1)]
    if len(parts) == 2 and all(" " not in part for part in parts):
        found.append(" ".join(reversed(parts)))
    return tuple(dict.fromkeys(found))
