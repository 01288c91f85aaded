"""Reads everything that is held on a person, from whichever tables there are.

Which tables hold something of somebody is asked of PostgreSQL: those with the id of a membership or
a person, and those that refer to their rows. So a table that is new is not forgotten.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from activities.database.pool import load_queries
from activities.secrecy.words import words_of
from activities.shared.tasks import Connection
from schemas.privacy.held import Held
from schemas.privacy.places import BY_WHAT, DERIVED, NOBODYS, TITLES

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

_OWN = {"by_membership": "membership_id = ANY($1)", "by_person": "person_id = ANY($2)"}


class Place(NamedTuple):
    """A table, and the condition by which its rows are somebody's.

    Attributes:
        condition: SQL about ``held``; $1 are membership ids, $2 ids of people.
    """

    table: str
    condition: str


async def held_on(connection: Connection, wanted: str, today: date) -> Held | None:
    """Return everything that is held on a person, or None: nobody is known under that id.

    Args:
        connection: in a transaction of its own, so that all is of one moment.
        wanted: a person's id, or that of a membership or an application of theirs.
        today: the business date.
    """
    people = [row["person_id"] async for row in _SQL.read_whole_person(connection, wanted=wanted)]
    if not people:
        return None
    found = _SQL.read_memberships_of(connection, persons=people)
    memberships = tuple([row["membership_id"] async for row in found])
    places = {place.table: place for place in await places_of_people(connection)}
    tables = {
        table: await _rows(connection, places[table], memberships, people) for table in TITLES
    }
    return Held(
        person_id=people[0],
        on=today,
        memberships=memberships,
        tables={table: rows for table, rows in tables.items() if rows},
    )


async def places_of_people(connection: Connection) -> list[Place]:
    """Return every table that holds something of somebody, but for those that are nobody's."""
    own = {row["name"]: _own(row) async for row in _SQL.read_tables(connection)}
    conditions: dict[str, list[str]] = defaultdict(list)
    for table, condition in own.items():
        if condition:
            conditions[table] = [condition.format("held")]
    async for row in _SQL.read_references(connection):
        if not own[row["name"]] and own[row["refers_to"]]:
            conditions[row["name"]].append(
                _refers(row["refers_to"], row["columns"], row["referred"], own[row["refers_to"]])
            )
    for table, (column, other, referred) in BY_WHAT.items():
        conditions[table].append(_refers(other, [column], [referred], own[other]))
    return [
        Place(table, " OR ".join(found))
        for table, found in sorted(conditions.items())
        if table not in NOBODYS
    ]


def _own(row: Mapping[str, Any]) -> str:
    """Return by which ids of its own a table's rows are somebody's; empty: it holds none."""
    return " OR ".join(f"{{0}}.{condition}" for key, condition in _OWN.items() if row[key])


def _refers(other: str, columns: list[str], referred: list[str], condition: str) -> str:
    pairs = " AND ".join(
        f"held.{_quoted(own)} = other.{_quoted(theirs)}"
        for own, theirs in zip(columns, referred, strict=True)
    )
    whose = condition.format("other")
    return f"EXISTS (SELECT FROM {_quoted(other)} AS other WHERE {pairs} AND ({whose}))"


def _quoted(name: str) -> str:
    """Return a name of the catalog as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


async def _rows(
    connection: Connection, place: Place, memberships: tuple[str, ...], people: list[str]
) -> tuple[dict[str, Any], ...]:
    # The casts give both a type where a condition asks for one of them only.
    query = f"""
        WITH whose AS (SELECT $1::text[], $2::text[])
        SELECT to_jsonb(held) - $3::text[] AS content FROM {_quoted(place.table)} AS held
        WHERE {place.condition} ORDER BY to_jsonb(held)::text
    """  # noqa: S608 - names are the catalog's own, quoted
    rows = await connection.fetch(query, list(memberships), people, sorted(DERIVED))
    words = words_of(connection)
    return tuple([await words.row_shown(place.table, row["content"]) for row in rows])


async def count_of(
    connection: Connection, place: Place, memberships: Sequence[str], people: Sequence[str]
) -> int:
    """Return how many rows of a table are of some memberships and people."""
    query = f"""
        WITH whose AS (SELECT $1::text[], $2::text[])
        SELECT count(*) FROM {_quoted(place.table)} AS held WHERE {place.condition}
    """  # noqa: S608 - names are the catalog's own, quoted
    rows: int = await connection.fetchval(query, list(memberships), list(people))
    return rows
