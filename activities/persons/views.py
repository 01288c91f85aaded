"""A person as caseworkers see them: names, ways to be reached, memberships, who may be the same."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from activities.database.pool import load_queries
from activities.persons.candidates import find_candidates, particulars_of_row
from activities.shared.tasks import Connection
from schemas.membership.decision import DuplicateCandidate
from schemas.shared.base import Contract
from schemas.shared.vocabulary import Category, Outcome, Stage

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


class OwnMembership(Contract):
    """A membership of a person, or an application for one."""

    membership_id: str
    member_number: str | None
    stage: Stage
    outcome: Outcome | None
    category: Category | None
    hidden: bool
    member_since: date | None
    received_on: date


class PersonView(Contract):
    """All that is known of a person: for caseworkers only.

    Attributes:
        names: the present one first, then those from before, as with the other lists.
        owed_ore, owed_months: of all memberships, net, and months as the arrears count them.
        candidates: memberships of others who may be the same person.
    """

    person_id: str
    birth_date: date
    national_id: str | None
    names: tuple[str, ...]
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    addresses: tuple[dict[str, Any], ...]
    memberships: tuple[OwnMembership, ...]
    owed_ore: int
    owed_months: int
    candidates: tuple[DuplicateCandidate, ...]


async def count_candidates(connection: Connection, wanted: str) -> int:
    """Return how many memberships of others may be the same person's, as of now. Source: N8."""
    row: Mapping[str, Any] | None = await _SQL.find_person(connection, wanted=wanted)
    if row is None:
        return 0
    particulars = particulars_of_row(row)
    return len(await find_candidates(connection, particulars, whose=row["person_id"]))


async def view_person(connection: Connection, wanted: str, today: date) -> PersonView | None:
    """Return a person by their id or that of a membership of theirs, or None.

    Args:
        connection: of any kind; nothing is written.
        wanted: the id.
        today: the business date; arrears are counted by it.
    """
    row: Mapping[str, Any] | None = await _SQL.find_person(connection, wanted=wanted)
    if row is None:
        return None
    whose = row["person_id"]
    memberships = [
        OwnMembership.model_validate(dict(own))
        async for own in _SQL.list_memberships(connection, person_id=whose)
    ]
    lists = ("names", "emails", "phones", "addresses")
    owed = await _SQL.read_owed(connection, person_id=whose, today=today)
    return PersonView(
        **{**row, **{name: row[name] or () for name in lists}},
        memberships=tuple(memberships),
        owed_ore=owed["ore"],
        owed_months=owed["months"],
        candidates=await find_candidates(connection, particulars_of_row(row), whose=whose),
    )
