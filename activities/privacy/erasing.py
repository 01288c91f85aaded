"""Erasing somebody in PostgreSQL: what it is of, what stands in the way, what goes."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from activities.database.pool import load_queries
from activities.privacy.holdings import count_of, places_of_people
from activities.secrecy.words import words_of
from activities.shared.tasks import Connection
from schemas.names import PERSON_PREFIX, erasure_id
from schemas.pricing.rulebook import Policies
from schemas.privacy.erasure import (
    DueErasures,
    ErasureLook,
    ErasureOpening,
    ErasurePlan,
    ErasureStep,
    Explained,
    Obstacle,
    RetentionStep,
    Standing,
)
from schemas.privacy.fates import Fate, fate_of
from schemas.shared.calendar import months_earlier

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

PAGE = 200
"""Of whoever is due: so many child workflows are begun before more are looked for."""


async def open_erasure(connection: Connection, opening: ErasureOpening) -> ErasureLook:
    """Note an erasure, or look at it again: whoever it is of may have applied once more.

    Args:
        connection: in a transaction of the caller's.
        opening: idempotent by its ``erasure_id``.
    """
    found = await _SQL.read_erasure(connection, erasure_id=opening.erasure_id)
    if found is not None and found["erased_on"] is not None:
        return await look_at(connection, opening.erasure_id, opening.today)
    more = await _memberships_of(connection, opening.whose)
    if found is None and not more:
        return ErasureLook(known=False)
    await _SQL.open_erasure(
        connection,
        erasure_id=opening.erasure_id,
        basis=opening.basis,
        requested_by=opening.requested_by,
        today=opening.today,
    )
    await _SQL.add_to_erasure(connection, erasure_id=opening.erasure_id, memberships=more)
    return await look_at(connection, opening.erasure_id, opening.today)


async def plan_erasure(
    connection: Connection, whose: str, policies: Policies, today: date
) -> ErasurePlan | None:
    """Return what erasing somebody would do today, or None: there is nobody to erase.

    Args:
        connection: nothing is written.
        whose: a person's id, or a membership's.
        policies: in force today.
        today: the business date.

    Source: R4.
    """
    memberships = await _memberships_of(connection, whose)
    if not memberships:
        return None
    people = await _SQL.people_to_erase(connection, memberships=memberships)
    counts: dict[Fate, dict[str, int]] = {fate: {} for fate in Fate}
    for place in await places_of_people(connection):
        rows = await count_of(connection, place, memberships, people)
        if rows:
            counts[fate_of(place.table)][place.table] = rows
    return ErasurePlan(
        whose=whose,
        on=today,
        memberships=tuple(memberships),
        person=bool(people),
        obstacles=tuple(
            [
                await _explained(connection, one)
                for one in await find_obstacles(connection, memberships, today)
            ]
        ),
        erased=counts[Fate.ERASED],
        pseudonymised=counts[Fate.PSEUDONYMISED],
        kept=counts[Fate.KEPT],
        kept_until=await _SQL.kept_until(
            connection, memberships=memberships, years=policies.books_kept_years
        ),
    )


async def find_obstacles(
    connection: Connection, memberships: Sequence[str], today: date
) -> tuple[Standing, ...]:
    """Return what keeps memberships from being erased on a day. Source: R4."""
    found = _SQL.find_obstacles(connection, memberships=list(memberships), today=today)
    return tuple([Standing.model_validate(dict(row)) async for row in found])


async def erase_rows(connection: Connection, step: ErasureStep) -> dict[str, int]:
    """Erase what an erasure is of; return how many rows by table.

    Idempotent by the erasure: done again it returns what went the first time.

    Raises:
        asyncpg.RestrictViolationError: something has come to stand in the way.

    Source: R4.
    """
    counts = await _SQL.erase(connection, erasure_id=step.erasure_id, today=step.today)
    gone: dict[str, int] = json.loads(counts)
    return gone


async def order_partner_letters(connection: Connection, step: ErasureStep) -> int:
    """Order the letters to whoever was told of somebody; return how many are new.

    Idempotent by (membership, key): letters of their own to the insurance office and each branch.
    The gate decides whether each may go (GDPR art. 19).
    """
    return int(
        await _SQL.order_partner_letters(connection, erasure_id=step.erasure_id, today=step.today)
    )


async def erase_unless_held(connection: Connection, step: ErasureStep) -> ErasureLook:
    """Erase all rows, or say what has come to stand in the way.

    Args:
        connection: in a transaction of the caller's.
        step: of an erasure that was opened.
    """
    look = await look_at(connection, step.erasure_id, step.today)
    if look.erased or look.obstacles:
        return look
    await erase_rows(connection, step)
    return look.model_copy(update={"erased": True})


async def due_erasures(
    connection: Connection, step: RetentionStep, policies: Policies
) -> DueErasures:
    """Return whoever has been kept for as long as may be. Source: R4."""
    found = _SQL.find_due_erasures(
        connection,
        rejected_until=months_earlier(step.today, policies.rejected_kept_months),
        ended_before=date(step.today.year - policies.ended_kept_years, 1, 1),
        after=step.after,
        most=PAGE,
    )
    return DueErasures(memberships=tuple([row["membership_id"] async for row in found]))


async def unended_erasures(connection: Connection, before: date) -> tuple[str, ...]:
    """Return the erasures of which all rows went before a day, and that are not certified."""
    found = _SQL.find_unended_erasures(connection, before_day=before, most=PAGE)
    return tuple([row["erasure_id"] async for row in found])


async def forget_accesses(connection: Connection, policies: Policies, today: date) -> int:
    """Forget who looked at what long ago; return of how many looks. Source: R4."""
    first = date(today.year - policies.access_log_kept_years, 1, 1)
    return int(await _SQL.forget_accesses(connection, before_day=first))


async def forget_office_files(connection: Connection, policies: Policies, today: date) -> None:
    """Forget what the insurance office was sent, once the accounts need it no more.

    That a file was made stays known, with its sums and its hash. Again: nothing. Source: R4.
    """
    first = date(today.year - policies.books_kept_years, 1, 1)
    await _SQL.forget_office_files(connection, before_day=first)


class HoldOrder(NamedTuple):
    """That a membership is not erased before a day.

    Attributes:
        until: the first day without it; the day itself ends an earlier hold.
    """

    membership_id: str
    until: date
    reason: str
    decided_by: str
    today: date


class NotHeld(Exception):
    """Nothing is held; the text says why, without personal data."""


async def hold_erasure(connection: Connection, order: HoldOrder) -> None:
    """Keep a membership from being erased before a day, or end an earlier hold.

    Raises:
        NotHeld: there is no such membership, it is erased, or the day has passed.

    Source: R4.
    """
    if order.until < order.today:
        raise NotHeld(f"{order.until} has passed")
    if not await _SQL.may_be_held(connection, membership_id=order.membership_id):
        raise NotHeld(f"{order.membership_id} is no membership, or is erased")
    await _SQL.hold_erasure(
        connection,
        membership_id=order.membership_id,
        until_on=order.until,
        reason=await words_of(connection).seal(
            order.reason,
            order.membership_id,
            "erasure_holds.reason",
            {
                "membership_id": order.membership_id,
                "decided_on": order.today,
                "until_on": order.until,
            },
        ),
        decided_by=order.decided_by,
        today=order.today,
    )


async def person_of(connection: Connection, wanted: str) -> str | None:
    """Return whose a membership is, or the person themselves; None: nobody's."""
    people = [row["person_id"] async for row in _SQL.read_whole_person(connection, wanted=wanted)]
    return people[0] if people else None


async def _explained(connection: Connection, standing: Standing) -> Explained:
    """Return what stands in the way, a hold with why it was given."""
    explained = Explained(**standing.model_dump())
    if standing.obstacle is not Obstacle.HOLD:
        return explained
    row = await _SQL.read_hold(connection, membership_id=standing.membership_id)
    why = await words_of(connection).shown(row["reason"], "erasure_holds.reason", row)
    return explained.model_copy(update={"reason": why})


async def memberships_known(connection: Connection, wanted: str) -> tuple[str, ...]:
    """Return the memberships of a person, by their id or that of one; none: nobody is known."""
    people = [row["person_id"] async for row in _SQL.read_whole_person(connection, wanted=wanted)]
    found = _SQL.read_memberships_of(connection, persons=people)
    return tuple([row["membership_id"] async for row in found])


async def _memberships_of(connection: Connection, whose: str) -> list[str]:
    """Return what an erasure would be of: what is erased, or another one's, is not."""
    person = whose.startswith(PERSON_PREFIX)
    whole = _SQL.read_whole_person(connection, wanted=whose)
    people = [row["person_id"] async for row in whole] if person else []
    theirs = _SQL.read_memberships_to_erase(
        connection, persons=people, membership_id=whose, erasure_id=erasure_id(whose)
    )
    return [row["membership_id"] async for row in theirs]


async def look_at(connection: Connection, erasure: str, today: date) -> ErasureLook:
    """Return how an erasure that was opened stands on a day."""
    found = await _SQL.read_erasure(connection, erasure_id=erasure)
    assert found is not None, "an erasure that nobody asked for"
    erased = found["erased_on"] is not None
    its = _SQL.memberships_of_erasure(connection, erasure_id=erasure)
    memberships = tuple([row["membership_id"] async for row in its])
    obstacles = () if erased else await find_obstacles(connection, memberships, today)
    days = [one.until_on for one in obstacles if one.until_on is not None]
    return ErasureLook(
        known=True,
        memberships=memberships,
        obstacles=obstacles,
        again_on=min(days, default=None),
        erased=erased,
    )
