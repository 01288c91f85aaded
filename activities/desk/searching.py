"""Looking for members by whatever a caller knows of them."""

from datetime import date
from pathlib import Path

from activities.database.pool import load_queries
from activities.shared.tasks import Connection
from schemas.desk.searching import Kind, Wanted
from schemas.shared.base import Contract
from schemas.shared.vocabulary import Category, Outcome, Stage

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


ENOUGH = 1_000
"""Of a name that more have, so many are looked at: whoever looks is asked to say more."""

ALL = 1_000_000
"""A branch's own are sorted out of all of them."""


class Hit(Contract):
    """A membership that was found, with what tells people apart.

    Attributes:
        kinds: by which of the things that were looked for.
        name: as the birth date None where an application could not be read.
    """

    membership_id: str
    kinds: tuple[Kind, ...]
    member_number: str | None
    stage: Stage
    outcome: Outcome | None
    category: Category | None
    hidden: bool
    branch: str | None
    employer_name: str | None
    received_on: date
    member_since: date | None
    name: str | None
    birth_date: date | None
    city: str | None
    postcode: str | None


class Found(Contract):
    """What a search found.

    Attributes:
        hits: the first of them, present members first.
        total: how many there are; ``ENOUGH`` where there may be more.
    """

    hits: tuple[Hit, ...]
    total: int


async def find_members(
    connection: Connection, wanted: Wanted, *, own_branch: str | None, most: int
) -> Found:
    """Return who fits what is looked for.

    Args:
        connection: of any kind; nothing is written.
        wanted: what is looked for.
        own_branch: only its members who are not hidden; None: everybody.
        most: so many at most.
    """
    async with connection.transaction():
        await _SQL.plan_anew(connection)
        return await _found(connection, wanted, own_branch, most)


def _beginnings(words: tuple[str, ...]) -> str | None:
    """Return the query for names in which parts begin so.

    Each word is quoted, and cast rather than parsed: PostgreSQL's parser would take ``7e8f`` for a
    number and a word after it.
    """
    return " & ".join(f"'{word}':*" for word in words) or None


async def _found(
    connection: Connection, wanted: Wanted, own_branch: str | None, most: int
) -> Found:
    year, _, number = wanted.invoices[0].partition("-") if wanted.invoices else ("", "", "")
    in_series = len(year) == len("2026")
    rows = [
        row
        async for row in _SQL.find_members(
            connection,
            enough=ENOUGH if own_branch is None else ALL,
            words=_beginnings(wanted.words),
            birth_dates=list(wanted.birth_dates),
            national_id=wanted.national_id,
            phone=wanted.phone,
            email=wanted.email,
            member_number=wanted.member_number,
            kid=wanted.kid,
            invoices=list(wanted.invoices),
            year=int(year) if in_series else None,
            series_no=int(number) if in_series else None,
            orgnr=wanted.orgnr,
            own_branch=own_branch,
            most=most,
        )
    ]
    return Found(
        hits=tuple(Hit.model_validate(dict(row)) for row in rows),
        total=rows[0]["hits"] if rows else 0,
    )
