"""Who was struck off and has paid since: taken up again by policy, else applies anew (A30)."""

import uuid
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg

from activities.arrears.pursuing import Connection
from activities.database.pool import load_queries
from activities.shared.tasks import open_task
from schemas import names
from schemas.membership.application import Application
from schemas.membership.returning import application_anew
from schemas.membership.situation import Facts
from schemas.pricing.rulebook import Policies, Rulebook

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

REPORT_IDS = uuid.UUID("6f1f8f0e-5f0c-4f57-9b0b-6f3a3a1f7f6e")
"""Under this name space the old membership and the payment name the new membership."""


def new_membership_id(membership_id: str, struck_off_by: int, paid_by: str) -> str:
    """Return the id of the membership somebody comes back to: the same however often asked."""
    known_by = f"{membership_id}/{struck_off_by}/{paid_by}"
    return names.membership_id(uuid.uuid5(REPORT_IDS, known_by))


async def open_reinstatements(connection: Connection, today: date, policies: Policies) -> int:
    """Note who comes back; return how many are new.

    A membership that can be taken up again is, where the policy says so; else the application is
    made anew, and a caseworker's task with it.
    """
    async with connection.transaction():
        rows = [row async for row in _SQL.open_reinstatements(connection)]
        for row in rows:
            membership, struck_off_by = row["membership_id"], row["struck_off_by"]
            listens = row["open_until"] is not None and row["open_until"] >= today
            again = policies.reinstate_on_payment and listens
            new = membership
            if not again:
                new = new_membership_id(membership, struck_off_by, row["paid_by"])
                key = f"reinstatement/{membership}/{struck_off_by}"
                await _open_task(connection, key, membership, new, today)
            await _SQL.add_reinstatement(
                connection,
                membership_id=membership,
                struck_off_by=struck_off_by,
                new_membership_id=new,
                paid_by=row["paid_by"],
                today=today,
            )
            await _SQL.close_late(connection, membership_id=membership, today=today)
    return len(rows)


async def _open_task(
    connection: Connection, key: str, membership: str, new: str, today: date
) -> None:
    await open_task(
        connection,
        key=key,
        kind="reinstatement",
        says=f"{membership} was struck off and has paid all of it. The application is made again "
        f"as {new}: look whether it still holds, and decide.",
        today=today,
        membership_id=membership,
    )


async def to_be_reopened(pool: asyncpg.Pool, today: date) -> list[str]:
    """Return the memberships that are to be taken up again and have not been."""
    async with pool.acquire() as connection:
        rows = _SQL.list_to_be_reopened(connection, today=today)
        return [row["membership_id"] async for row in rows]


async def unstarted(
    pool: asyncpg.Pool, rulebook: Rulebook, today: date
) -> list[tuple[str, dict[str, object]]]:
    """Return the new memberships that have not been received, each with its application.

    It says what was known last, and not what was so when the person first applied.
    """
    async with pool.acquire() as connection:
        rows = [row async for row in _SQL.list_unstarted(connection)]
    return [(row["new_membership_id"], _application(row, rulebook, today)) for row in rows]


def _application(row: Mapping[str, Any], rulebook: Rulebook, today: date) -> dict[str, object]:
    form = Application.model_validate_json(row["application"])
    if row["facts"] is not None:  # an older version kept none
        facts = Facts.model_validate_json(row["facts"])
        form = application_anew(form, facts, rulebook, today)
    return form.model_dump(mode="json")
