"""What would become of a register if it were carried over: nothing of it is written.

The lines are checked and priced in other processes where there are many; what they share with each
other and with those who are here is looked up page by page.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import NamedTuple

import asyncpg

from activities.register.carrying import differs, find_imported
from activities.register.checking import Page, in_order, only_once
from activities.register.reading import Register
from activities.register.taken import find_taken
from schemas.pricing.rulebook import NotInForce, Rulebook
from schemas.register.checking import Checked, checked
from schemas.register.columns import MEMBERS
from schemas.register.comparison import ComparedCharge, ComparedTotal, added, compared, summed
from schemas.register.rehearsed import RehearsedImport
from schemas.register.rows import RegisterFault

CHANGED = "has been carried over, and its lines said something else then: send what has changed"

LISTED = 1_000
"""Faults and differences in an answer; the files that are asked for have all of them."""

Connection = asyncpg.pool.PoolConnectionProxy


class Looked(NamedTuple):
    """A member of a page as it was looked at: with what it would be charged.

    Attributes:
        known: it has been carried over before.
    """

    found: Checked
    charges: list[ComparedCharge]
    known: bool = False


@dataclass
class Sinks:
    """Where all faults and charges go, one by one."""

    fault: Callable[[RegisterFault], object] = lambda _: None
    charge: Callable[[ComparedCharge], object] = lambda _: None


@dataclass
class _Sums:
    """What has been looked at until now."""

    members: int = 0
    good: int = 0
    known: int = 0
    compared: int = 0
    differing: int = 0
    owed_ore: int = 0
    credit_ore: int = 0
    faults: list[RegisterFault] = field(default_factory=list)
    more_faults: int = 0
    differences: list[ComparedCharge] = field(default_factory=list)
    more_differences: int = 0
    totals: list[ComparedTotal] = field(default_factory=list)


def look_at(page: Page, *, rulebook: Rulebook, month: date, on: date) -> list[Looked]:
    """Return a page's members, checked and priced."""
    return [_looked(checked(raw, rulebook, month), rulebook, month, on) for raw in page]


def _looked(found: Checked, rulebook: Rulebook, month: date, on: date) -> Looked:
    if found.member is None:
        return Looked(found, [])
    try:
        return Looked(found, compared(found.member, found.line, rulebook, month, on))
    except (NotInForce, ValueError, ArithmeticError) as error:
        reason = str(error) if isinstance(error, NotInForce) else type(error).__name__
        return Looked(_with(found, "category", f"can't be priced: {reason}"), [])


def _with(found: Checked, column: str, says: str, stood: str = "") -> Checked:
    fault = RegisterFault(table=MEMBERS, line=found.line, column=column, stood=stood, says=says)
    return Checked(found.line, found.number, None, (*found.faults, fault))


async def rehearse(
    connection: Connection,
    register: Register,
    rulebook: Rulebook,
    month: date,
    on: date,
    *,
    many: bool = False,
    sinks: Sinks | None = None,
    progress: Callable[[int, int], None] = lambda _members, _faulty: None,
) -> RehearsedImport:
    """Return what would become of a register.

    Args:
        connection: to look up who and what is here already.
        register: open, and not gone through yet.
        rulebook: as it is.
        month: the first day of the first month that would be charged here.
        on: the business date.
        many: whether it is worth it to work in several processes.
        sinks: get every fault and charge.
        progress: told how many members have been looked at, and how many are faulty.

    Raises:
        WrongFile: a table is not what is asked for.
    """
    sums, sinks = _Sums(), sinks or Sinks()
    work = partial(look_at, rulebook=rulebook, month=month, on=on)
    async for page in in_order(register, work, many=many):
        own = [Looked(only_once(register, one.found), one.charges) for one in page]
        for one in await _not_here(connection, own):
            _count(sums, sinks, one)
        progress(sums.members, sums.members - sums.good - sums.known)
    for fault in register.of_nobody():
        _note(sums, sinks, fault)
    return _answer(sums, month)


def _count(sums: _Sums, sinks: Sinks, one: Looked) -> None:
    sums.members += 1
    for fault in one.found.faults:
        _note(sums, sinks, fault)
    member = one.found.member
    sums.known += one.known and member is not None
    if member is None or one.known:
        return
    sums.good += 1
    owed = member.besides_ore + sum(bill.open_ore for bill in member.invoices)
    sums.owed_ore += max(owed, 0)
    sums.credit_ore += max(-owed, 0)
    sums.totals = added(sums.totals, summed(one.charges))
    sums.compared += any(charge.theirs_ore is not None for charge in one.charges)
    others = [charge for charge in one.charges if charge.differs]
    sums.differing += bool(others)
    for charge in one.charges:
        sinks.charge(charge)
    room = LISTED - len(sums.differences)
    sums.differences += others[:room]
    sums.more_differences += len(others[room:])


def _note(sums: _Sums, sinks: Sinks, fault: RegisterFault) -> None:
    sinks.fault(fault)
    if len(sums.faults) < LISTED:
        sums.faults.append(fault)
    else:
        sums.more_faults += 1


def _answer(sums: _Sums, month: date) -> RehearsedImport:
    return RehearsedImport(
        month=f"{month:%Y-%m}",
        members=sums.members,
        good=sums.good,
        known=sums.known,
        faulty=sums.members - sums.good - sums.known,
        faults=tuple(sums.faults),
        more_faults=sums.more_faults,
        totals=tuple(sums.totals),
        compared=sums.compared,
        differing=sums.differing,
        differences=tuple(sums.differences),
        more_differences=sums.more_differences,
        owed_ore=sums.owed_ore,
        credit_ore=sums.credit_ore,
    )


async def _not_here(connection: Connection, page: Sequence[Looked]) -> list[Looked]:
    """Return a page's members, with what is told of those who share something with one here."""
    good = {at: one.found.member for at, one in enumerate(page) if one.found.member is not None}
    if not good:
        return list(page)
    result = list(page)
    before = await find_imported(connection, good.values())
    for at, member in list(good.items()):
        if member.number in before:
            del good[at]
            found = result[at].found
            if differs(member, before[member.number]):
                found = _with(found, "number", CHANGED, member.number)
            result[at] = Looked(found, [], known=True)
    taken = await find_taken(connection, list(good.values()))
    for at, member in good.items():
        found = result[at].found
        for one in taken.get(member.number, []):
            found = _with(found, one.column, one.says, one.value)
        if found.faults:
            result[at] = Looked(found, [])
    return result
