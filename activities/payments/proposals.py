"""For whom payments in suspense may be: whoever their numbers, accounts and names lead to (P6).

Looked up for many payments at once, each lead by an index; compared by a pure function.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries
from activities.payments.suspense import NotPossible, Suspended, stream_suspense
from schemas.payments.numbers import leads_of
from schemas.payments.proposals import (
    Debtor,
    Ground,
    Paid,
    Proposal,
    named_alike,
    names_in,
    propose,
)
from schemas.persons.folding import name_parts

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection

AT_ONCE = 200
"""Payments that are looked up together."""

MEMBERS_OF_AN_ACCOUNT = 4
"""A family may pay from one account; more members than that pay from a bank's or an employer's."""

Found = defaultdict[str, defaultdict[str, list[tuple[Ground, str]]]]
"""By payment and debtor, why."""


async def proposals_for(
    connection: Connection, payments: Sequence[Suspended]
) -> dict[str, tuple[Proposal, ...]]:
    """Return for whom each of some payments may be, the likeliest first.

    Args:
        connection: of any kind; nothing is written.
        payments: in suspense, at most some hundreds.

    Source: P6.
    """
    paid = {each.reference: _paid(each) for each in payments}
    found: Found = defaultdict(lambda: defaultdict(list))
    numbers = list(_number_leads(payments))
    for row in await _rows(
        _SQL.find_debtors(connection, **_columns(numbers), most=MEMBERS_OF_AN_ACCOUNT)
    ):
        found[row["reference"]][row["membership_id"]].append((Ground(row["ground"]), row["told"]))
    names = list(_name_leads(paid))
    columns = dict(zip(("references", "surnames", "initials"), _turned(names), strict=True))
    for row in await _rows(_SQL.find_names(connection, **columns)):
        if named_alike(paid[row["reference"]].names, (row["name"], *row["earlier"])):
            _ = found[row["reference"]][row["membership_id"]]
    members = await _members(connection, found)
    lists = await _lists(connection, payments, numbers)
    return {
        reference: propose(one, [*_found(members, found[reference]), *lists[reference]])
        for reference, one in paid.items()
    }


async def with_proposals(
    connection: Connection, payments: AsyncIterator[Suspended]
) -> AsyncIterator[Suspended]:
    """Yield payments in their order, with for whom they may be. Source: P6."""
    waiting: list[Suspended] = []
    async for one in payments:
        waiting.append(one)
        if len(waiting) == AT_ONCE:
            for each in await _proposed(connection, waiting):
                yield each
            waiting = []
    for each in await _proposed(connection, waiting):
        yield each


async def _proposed(connection: Connection, payments: list[Suspended]) -> list[Suspended]:
    left = [one for one in payments if one.suspense_ore > 0]
    found = await proposals_for(connection, left) if left else {}
    return [one.model_copy(update={"proposals": found.get(one.reference, ())}) for one in payments]


async def proposal_of(connection: Connection, reference: str, place: int) -> Proposal:
    """Return a proposal for a payment, by its place in the list of them.

    Raises:
        NotPossible: nothing is in suspense of the payment, or there is no such proposal.
    """
    payments = [each async for each in stream_suspense(connection, only=[reference])]
    if not payments:
        raise NotPossible(f"nothing is in suspense of payment {reference}")
    found = (await proposals_for(connection, payments))[reference]
    if not 1 <= place <= len(found):
        raise NotPossible(f"there is no proposal {place} for payment {reference}")
    return found[place - 1]


async def _rows(found: Any) -> list[Mapping[str, Any]]:
    return [row async for row in found]


def _paid(payment: Suspended) -> Paid:
    return Paid(payment.suspense_ore, names_in(payment.payer) if payment.payer else ())


def _number_leads(payments: Iterable[Suspended]) -> Iterator[tuple[str, str, str]]:
    """Yield reference, kind and value of each number that leads somewhere."""
    for one in payments:
        told = [*(one.numbers or "").split(), *([one.kid] if one.kid else [])]
        leads = leads_of(list(dict.fromkeys(told)))
        for kind, values in (
            ("number", leads.exact),
            (Ground.MEMBER_NUMBER, leads.members),
            (Ground.MISTYPED_KID, leads.mistyped),
            (Ground.EMPLOYER_NUMBER, leads.employers),
            ("account", tuple((one.account or "").split(" / ")) if one.account else ()),
        ):
            yield from ((one.reference, kind, value) for value in values)


def _name_leads(paid: Mapping[str, Paid]) -> Iterator[tuple[str, str, str]]:
    """Yield reference, a part of the payer's name, and the first letters of them all."""
    for reference, one in paid.items():
        parts = dict.fromkeys(part for name in one.names for part in name_parts(name))
        initials = "".join(dict.fromkeys(part[0] for part in parts))
        yield from ((reference, part, initials) for part in parts if len(part) > 1)


def _turned(rows: Sequence[tuple[str, str, str]]) -> tuple[list[str], list[str], list[str]]:
    """Return rows of three as three columns."""
    first, second, third = zip(*rows, strict=True) if rows else ((), (), ())
    return list(first), list(second), list(third)


def _columns(rows: Sequence[tuple[str, str, str]]) -> dict[str, list[str]]:
    return dict(zip(("references", "kinds", "told"), _turned(rows), strict=True))


async def _members(connection: Connection, found: Found) -> dict[str, Mapping[str, Any]]:
    ids = sorted({member for each in found.values() for member in each})
    rows = await _rows(_SQL.read_debtors(connection, membership_ids=ids))
    return {row["membership_id"]: row for row in rows}


def _found(
    members: Mapping[str, Mapping[str, Any]], found: Mapping[str, list[tuple[Ground, str]]]
) -> Iterator[Debtor]:
    for member, grounds in found.items():
        if (row := members.get(member)) is not None:
            yield Debtor(
                key=member,
                number=row["number"],
                names=tuple(row["names"]),
                found=tuple(grounds),
                open=tuple(zip(row["numbers"], row["ores"], strict=True)),
                ended=row["ended"],
            )


async def _lists(
    connection: Connection,
    payments: Sequence[Suspended],
    numbers: Sequence[tuple[str, str, str]],
) -> defaultdict[str, list[Debtor]]:
    """Return the employers' lists that each payment may be for."""
    leads = [*numbers, *((one.reference, "amount", str(one.suspense_ore)) for one in payments)]
    leads += [(one.reference, "firm", name_parts(one.payer)[0]) for one in payments if one.payer]
    rows: defaultdict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in await _rows(_SQL.find_lists(connection, **_columns(leads))):
        rows[row["reference"], row["number"]].append(row)
    found: defaultdict[str, list[Debtor]] = defaultdict(list)
    for (reference, number), own in rows.items():
        found[reference].append(_list(number, own))
    return found


def _list(number: str, own: Sequence[Mapping[str, Any]]) -> Debtor:
    asked = [ore for ore in (own[0]["left_ore"], own[0]["said_ore"]) if ore]
    return Debtor(
        key=number,
        number=number,
        names=(own[0]["name"],) if own[0]["name"] else (),
        found=tuple((Ground(row["ground"]), row["told"]) for row in own if row["ground"]),
        open=tuple((number, ore) for ore in dict.fromkeys(asked)),
        is_list=True,
    )
