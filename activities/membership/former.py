"""Looking up the earlier memberships of somebody who applies, for the caseworkers."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
from pydantic import TypeAdapter

from activities.database.pool import load_queries
from activities.payments.paid_months import count_paid_months
from activities.persons.rows import email_key_of
from schemas.dues.terms import Term
from schemas.membership.application import Applicant
from schemas.membership.returning import Former, coverage, last_situation
from schemas.membership.situation import Facts, ending
from schemas.persons.folding import name_key
from schemas.pricing.rulebook import Rulebook
from schemas.shared.calendar import day_before
from schemas.shared.vocabulary import Outcome, Stage

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")
_TERMS = TypeAdapter(tuple[Term, ...])

Connection = asyncpg.pool.PoolConnectionProxy


async def find_former(
    connection: Connection,
    membership_id: str,
    person: Applicant,
    rulebook: Rulebook,
    today: date,
) -> Former | None:
    """Return what is known of an applicant's earlier memberships.

    Args:
        connection: within the caller's transaction.
        membership_id: of the application itself.
        person: who applies.
        rulebook: by which what they were charged was planned.
        today: the business date.

    Returns:
        None: nobody who certainly is the same person has been a member, or is one whose end
        nobody knows: that application is a duplicate.
    """
    found = _SQL.find_former(
        connection,
        membership_id=membership_id,
        national_id=person.national_id,
        name_key=name_key(person.name),
        birth_date=person.birth_date,
        email_key=email_key_of(person),
        today=today,
    )
    rows = [row async for row in found]
    former = _former(rows, rulebook, today) if rows else None
    if former is None:
        return None
    ids = [row["membership_id"] for row in rows]
    paid, _, _ = await count_paid_months(connection, ids, rulebook, today)
    return former.model_copy(update={"paid_months": paid})


def _former(rows: Sequence[Mapping[str, Any]], rulebook: Rulebook, today: date) -> Former | None:
    lives = [Facts.model_validate_json(row["facts"]) for row in rows]
    ends = [ending(facts) for facts in lives]
    if any(end is None for end in ends):
        return None
    # The one that goes on is the one to speak of, else the one that ended last.
    number = max(range(len(rows)), key=lambda n: (_goes_on(rows[n]), rows[n]["member_since"]))
    row, facts, end = rows[number], lives[number], ends[number]
    assert end is not None, "checked above"
    covers = coverage(
        [(life, _TERMS.validate_json(r["terms"])) for life, r in zip(lives, rows, strict=True)],
        rulebook,
    )
    # Of each person once: the rows may be of two who have not been merged.
    owed = {row["person_id"]: (row["owed_ore"], row["owed_months"]) for row in rows}
    return Former(
        membership_id=row["membership_id"],
        member_number=row["member_number"],
        outcome=row["outcome"],
        last_on=day_before(end.effective_on),
        resigned_on=end.reported_on if _goes_on(row) else None,
        member_since=rows[0]["member_since"],
        situation=last_situation(facts, rulebook, today),
        owed_ore=sum(ore for ore, _ in owed.values()),
        owed_months=sum(months for _, months in owed.values()),
        covered_until=covers.until,
        yearly_until=covers.yearly_until,
        thanked=any(r["thanked"] for r in rows),
        died=any(r["outcome"] == Outcome.DECEASED for r in rows),
    )


def _goes_on(row: Mapping[str, Any]) -> bool:
    return bool(row["stage"] != Stage.ENDED)
