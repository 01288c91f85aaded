"""Going through a register: each member checked by itself, and against those before it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import date
from itertools import islice
from typing import TypeVar

from activities.pricing.planning import FEW, processes
from activities.register.reading import Register
from activities.shared.processes import cores
from schemas.pricing.rulebook import Rulebook
from schemas.register.checking import Checked, checked
from schemas.register.columns import MEMBERS
from schemas.register.rows import RawMember, RegisterFault

PAGE = 500
"""Members handed to another process at a time: a fraction of a second's work."""

Page = tuple[RawMember, ...]
Worked = TypeVar("Worked")


def look_through(register: Register, rulebook: Rulebook, month: date) -> Iterator[Checked]:
    """Yield every member of a register, or all that is wrong with it.

    Args:
        register: open, and not gone through yet.
        rulebook: as it is.
        month: the first day of the first month that is charged here.

    Raises:
        WrongFile: a table is not what is asked for.
    """
    for raw in register.members():
        yield only_once(register, checked(raw, rulebook, month))


def only_once(register: Register, found: Checked) -> Checked:
    """Return a member, or that it shares with one before what belongs to one alone.

    Source: N8, P1.
    """
    told = [*found.faults, *_shared(register, found)]
    return replace(found, member=None, faults=tuple(told)) if told else found


def _shared(register: Register, found: Checked) -> Iterator[RegisterFault]:
    line, member = found.line, found.member
    own = [("number", found.number, register.owned(found.number, line))]
    if member is not None:
        values = [("national_id", member.national_id)] if member.national_id else []
        for bill in member.invoices:
            values += [("kid", bill.kid), ("invoice", bill.invoice)]
        own += [(kind, value, register.once(kind, value, line)) for kind, value in values]
    for kind, value, earlier in own:
        if earlier is not None:
            yield RegisterFault(
                table=MEMBERS,
                line=line,
                column=kind,
                stood=value,
                says=f"stands with the member in line {earlier} too: it belongs to one alone",
            )


async def in_order(
    register: Register, work: Callable[[Page], Worked], *, many: bool
) -> AsyncIterator[Worked]:
    """Yield what becomes of a register's pages, in their order, worked out on all cores.

    Args:
        register: open, and not gone through yet.
        work: what is done with a page, in another process where there are many.
        many: whether it is worth it to start others.
    """
    loop = asyncio.get_running_loop()
    with processes(FEW if many else 0) as pool:
        under_way: deque[asyncio.Future[Worked]] = deque()
        members = register.members()
        while page := tuple(islice(members, PAGE)):
            under_way.append(loop.run_in_executor(pool, work, page))
            if len(under_way) > 2 * cores():
                yield await under_way.popleft()
        while under_way:
            yield await under_way.popleft()
