"""Merging two people who are one, and undoing it: one decision, nothing rewritten (ADR 39)."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries
from activities.secrecy.words import words_of
from activities.shared.rulebook import RulebookReader
from schemas.persons.merging import DoubleCharge, Living, MergePlan, MergeRefused, which_goes_on
from schemas.shared.calendar import first_of_month

Connection = asyncpg.pool.PoolConnectionProxy

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


@dataclass(frozen=True)
class MergeOrder:
    """Which two people are one, as a caseworker says.

    Attributes:
        person: by their own id or a membership's; who the two are from then on.
        other: likewise.
        keep: of two living memberships the one that goes on.
    """

    person: str
    other: str
    keep: str | None
    today: date


async def plan_merge(connection: Connection, order: MergeOrder) -> MergePlan:
    """Return what a merge would do, or the merge that has been made.

    Raises:
        MergeRefused: it can't be, for this reason.

    Source: N9.
    """
    person = await _whose(connection, order.person)
    other = await _whose(connection, order.other)
    if person == other:
        return await _made_before(connection, order)
    both = [person, other]
    ids = {row["person_id"]: row["national_id"] async for row in _lock(connection, both)}
    living = tuple(
        [
            Living.model_validate(dict(row))
            async for row in _SQL.list_living(connection, person_ids=both, today=order.today)
        ]
    )
    dead = [row["person_id"] async for row in _SQL.list_dead(connection, person_ids=both)]
    if dead and living:
        raise MergeRefused(
            f"{dead[0]} is recorded as dead, and {living[0].membership_id} goes on: undo the one, "
            "or record the death of the other (L7)"
        )
    goes_on, ends = which_goes_on(living, order.keep)
    theirs = await _memberships(connection, person)
    moved = await _memberships(connection, other)
    lives = goes_on or next(iter(living), None)
    stays = moved if lives is not None and lives.person_id == other else theirs
    rulebook = await RulebookReader(allow_synthetic_ids=False).current(connection)
    undo_days = rulebook.policies_on(order.today).merge_undo_days
    return MergePlan(
        person_id=person,
        merged_id=other,
        moved=tuple(moved),
        goes_on=goes_on.membership_id if goes_on else None,
        ends=ends.membership_id if ends else None,
        quiet=goes_on is not None and goes_on.hidden,
        two_national_ids=None not in ids.values() and len(set(ids.values())) == 2,
        double_charges=await _double(
            connection,
            stays,
            moved if stays is theirs else theirs,
            order.today,
            goes_on=lives is not None,
        ),
        undo_until=order.today + timedelta(days=undo_days),
    )


async def merge(
    connection: Connection, order: MergeOrder, *, caseworker: str, reason: str
) -> MergePlan:
    """Merge two people in the caller's transaction; what has been merged is answered as it was.

    Terms and ledger stay as they are. What was charged twice is given back by the next dues run
    (``corrections_due``). A living membership that is to end is told by the caller.

    Raises:
        MergeRefused: see ``plan_merge``.
    """
    plan = await plan_merge(connection, order)
    if plan.merge_id is not None:
        return plan
    ids = {
        row["person_id"]: row["national_id"]
        async for row in _lock(connection, [plan.person_id, plan.merged_id])
    }
    both = [plan.person_id, plan.merged_id]
    await _SQL.drop_members(connection, person_ids=both)
    merge_id = await _SQL.write_merge(
        connection,
        person_id=plan.person_id,
        merged_id=plan.merged_id,
        goes_on=plan.goes_on,
        ends=plan.ends,
        took_national_id=ids[plan.person_id] is None and ids[plan.merged_id] is not None,
        today=order.today,
        caseworker=caseworker,
        reason=await words_of(connection).seal(
            reason,
            next(iter(plan.moved), None),
            "merges.reason",
            {
                "person_id": plan.person_id,
                "merged_id": plan.merged_id,
                "decided_on": order.today,
            },
        ),
        undo_until=plan.undo_until,
        double_charges=[double.model_dump(mode="json") for double in plan.double_charges],
    )
    await _SQL.keep_members(connection, person_ids=both)
    await _SQL.use_money(connection, membership_ids=list(plan.moved), today=order.today)
    return plan.model_copy(update={"merge_id": merge_id})


async def unmerge(
    connection: Connection, wanted: str, *, today: date, caseworker: str, reason: str
) -> MergePlan:
    """Undo the latest merge of a person or a membership, in the caller's transaction.

    Raises:
        MergeRefused: there is none that holds, or the time to undo it is over.

    Source: N9.
    """
    found = [dict(row) async for row in _SQL.find_merges_of(connection, wanted=wanted)]
    if not found:
        raise MergeRefused(f"no merge of {wanted} holds")
    made = MergePlan.model_validate(found[0])
    if today > made.undo_until:
        raise MergeRefused(f"the merge could be undone until {made.undo_until}")
    both = [made.person_id, made.merged_id]
    async for _ in _lock(connection, both):
        pass
    await _SQL.drop_members(connection, person_ids=both)
    theirs = [each for person in both for each in await _memberships(connection, person)]
    why = await words_of(connection).seal(
        reason, next(iter(theirs), None), "merge_undoings.reason", {"merge_id": made.merge_id}
    )
    await _SQL.undo_merge(
        connection, merge_id=made.merge_id, today=today, caseworker=caseworker, reason=why
    )
    await _SQL.keep_members(connection, person_ids=both)
    await _SQL.part_money(connection, membership_ids=theirs, today=today)
    return made


async def is_to_end(connection: Connection, membership_id: str) -> bool:
    """Tell whether a merge that holds says that a membership ends. Source: N9."""
    found: bool = await _SQL.is_to_end(connection, membership_id=membership_id)
    return found


async def _whose(connection: Connection, wanted: str) -> str:
    found: str | None = await _SQL.find_whose(connection, wanted=wanted)
    if found is None:
        raise MergeRefused(f"nobody is known under {wanted}")
    return found


async def _made_before(connection: Connection, order: MergeOrder) -> MergePlan:
    async for row in _SQL.find_merges_of(connection, wanted=order.other):
        if row["person_id"] == await _whose(connection, order.person):
            return MergePlan.model_validate(dict(row))
    raise MergeRefused(f"{order.person} and {order.other} are one person already")


async def _memberships(connection: Connection, person_id: str) -> list[str]:
    rows = _SQL.list_memberships(connection, person_id=person_id)
    return [row["membership_id"] async for row in rows]


async def _double(
    connection: Connection, kept: list[str], given_back: list[str], today: date, *, goes_on: bool
) -> tuple[DoubleCharge, ...]:
    rows = _SQL.find_double_charges(
        connection,
        kept=kept,
        given_back=given_back,
        goes_on=goes_on,
        month=first_of_month(today),
    )
    return tuple([DoubleCharge.model_validate(dict(row)) async for row in rows])


def _lock(connection: Connection, both: list[str]) -> Any:
    return _SQL.lock_people(connection, person_ids=both)
