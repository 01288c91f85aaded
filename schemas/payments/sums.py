"""Which entries of nobody are sums: as much as another source tells of that day one by one (P4).

The two come in any order, and in any number of files: both are looked for as the books stand after
each.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Literal

from schemas.payments.identity import STATEMENTS

MANY = 12
"""Messages of a day that are added up in every way; of more each by itself, and all together."""


@dataclass(frozen=True, slots=True)
class Bare:
    """An entry of which nobody says who has paid it.

    Attributes:
        key: its place in what arrives, or the payment's reference.
        channel: which kind of message tells of it.
        name: what the bank calls it; others may be called so.
    """

    key: str
    channel: str
    booked_on: date
    amount_ore: int
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """What a message tells payment by payment, or an entry of it.

    Attributes:
        first: one of the payments, which names them to people.
        level: an entry; a message; or what no message of its source had told before, in a message.
        name: what the bank calls an entry.
    """

    channel: str
    booked_on: date
    amount_ore: int
    count: int
    first: str
    level: Literal["entry", "message", "first"]
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """What ``count`` payments, ``first`` among them, are as much as."""

    count: int
    first: str


def sums_among(bare: Sequence[Bare], parts: Sequence[Parts]) -> dict[str, Sum]:
    """Return which entries are as much as what other sources tell of their day, by their keys.

    A sum is that of an entry, of a message or of several; all of a day's entries of nobody may be
    it together. One payment by itself is a sum in a statement alone, which tells of OCR giro by its
    sums. What the same source tells is a sum of what it calls the same.

    Source: P4.
    """
    found: dict[str, Sum] = {}
    days: dict[tuple[date, str], list[Bare]] = defaultdict(list)
    for one in bare:
        days[one.booked_on, one.channel].append(one)
    for (day, channel), ones in days.items():
        told = [each for each in parts if each.booked_on == day]
        sums = _sums([each for each in told if each.channel != channel], channel)
        for one in ones:
            same = _called_the_same(one, told)
            if same is not None or one.amount_ore in sums:
                found[one.key] = same or sums[one.amount_ore]
        rest = [one for one in ones if one.key not in found]
        together = sums.get(sum(one.amount_ore for one in rest))
        if len(rest) > 1 and together is not None:
            found |= {one.key: together for one in rest}
    return found


def _called_the_same(one: Bare, told: Sequence[Parts]) -> Sum | None:
    for each in told:
        is_it = each.level == "entry" and each.name is not None and each.name == one.name
        if is_it and each.channel == one.channel and each.amount_ore == one.amount_ore:
            return Sum(each.count, each.first)
    return None


def _sums(told: Sequence[Parts], channel: str) -> Mapping[int, Sum]:
    """Return what the payments of a day come to: the plainest sum of each amount."""
    sums: dict[int, Sum] = {}
    by_channel: dict[str, list[Parts]] = defaultdict(list)
    for each in sorted(told, key=lambda one: (one.count, one.first)):
        if each.count > 1 or (channel == STATEMENTS and each.level != "entry"):
            sums.setdefault(each.amount_ore, Sum(each.count, each.first))
        if each.level == "first":
            by_channel[each.channel].append(each)
    for messages in by_channel.values():
        for several in _several(messages):
            count = sum(each.count for each in several)
            ore = sum(each.amount_ore for each in several)
            sums.setdefault(ore, Sum(count, min(each.first for each in several)))
    return sums


def _several(messages: Sequence[Parts]) -> Iterator[Sequence[Parts]]:
    if len(messages) > MANY:
        yield messages
        return
    for number in range(2, len(messages) + 1):
        yield from combinations(messages, number)
