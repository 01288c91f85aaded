"""Who was struck off and has paid since applies anew, and a caseworker decides (A30)."""

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
from schemas.pricing.rulebook import Rulebook

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

REPORT_IDS = uuid.UUID("6f1f8f0e-5f0c-4f57-9b0b-6f3a3a1f7f6e")
"""Under this name space the old membership and the payment name the new membership."""


def new_membership_id(membership_id: str, paid_by: str) -> str:
    """Return the id of the membership somebody comes back to: the same however often asked."""
    return names.membership_id(uuid.uuid5(REPORT_IDS, f"{membership_id}/{paid_by}"))


async def open_reinstatements(connection: Connection, today: date) -> int:
    """Note who comes back, each with a caseworker's task; return how many are new."""
    async with connection.transaction():
        rows = [row async for row in _SQL.open_reinstatements(connection)]
        for row in rows:
            new = new_membership_id(row["membership_id"], row["paid_by"])
            await _SQL.add_reinstatement(
                connection, new_membership_id=new, today=today, **dict(row)
            )
            await open_task(
                connection,
                key=f"reinstatement/{row['membership_id']}",
                kind="reinstatement",
                says=f"{row['membership_id']} was struck off and has paid all of it. The "
                f"application is made again as {new}: look whether it still holds, and decide.",
                today=today,
                membership_id=row["membership_id"],
            )
    return len(rows)


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
