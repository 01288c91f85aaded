"""Writes people for tests whose memberships nobody applied for."""

from typing import Any

import asyncpg

from schemas.names import person_id

Database = asyncpg.Pool | asyncpg.Connection | asyncpg.pool.PoolConnectionProxy

SOMEBODY = {
    "name": "Kari Nordmann",
    "birth_date": "1986-04-12",
    "national_id": None,
    "email": "kari@example.org",
    "phone": None,
    "address": None,
    "language": "nb",
}


async def add_person(
    database: Database,
    membership_id: str,
    *,
    tell_recruiter: Any = False,
    **person: Any,
) -> str:
    """Write the person whose membership is to be written next, and return who that is."""
    known = SOMEBODY | person
    email = known["email"]
    known |= {"name_key": known["name"].lower(), "email_key": email and email.lower()}
    who = person_id(membership_id)
    await database.execute(
        "INSERT INTO people SELECT * FROM jsonb_populate_record(NULL::people, $1)",
        {"person_id": who, **known},
    )
    await database.execute(
        "INSERT INTO consents (person_id, kind, given, stated_on, how)"
        " VALUES ($1, 'tell_recruiter', $2, '2026-11-22', 'application')",
        who,
        tell_recruiter,
    )
    return who


async def change_person(database: Database, membership_id: str, **person: Any) -> None:
    """Let other things be true of a membership's person."""
    columns = ", ".join(f"{column} = new.{column}" for column in person)
    await database.execute(
        f"UPDATE people SET {columns} FROM jsonb_populate_record(NULL::people, $2) AS new"
        " WHERE people.person_id ="
        " (SELECT person_id FROM memberships WHERE membership_id = $1)",
        membership_id,
        person,
    )
