"""What takes two people: nobody approves what they have asked for, whatever the matter."""

import json

import asyncpg
import pytest

from schemas.access.second_person import BY_TWO, ByTwo, Matter
from schemas.pricing.rulebook import Policies

PEOPLE = [
    (("Kari Moe", None), ("Kari Moe", None), False),
    (("Kari Moe", None), (" kari  MOE.", None), False),
    (("Kari Moe", None), ("Kari Moe", "idp|1"), False),
    (("Kari Moe", "idp|1"), ("Per Li", "idp|1"), False),
    (("Kari Moe", "idp|1"), ("Kari Moe", "idp|2"), True),
    (("Kari Moe", None), ("Per Li", "idp|2"), True),
]
"""Who asks, who approves, each with who they are for ever where a key says so; and whether."""


async def test_the_table_is_whole(shared_pool: asyncpg.Pool) -> None:
    """Each constraint that tells two people apart, and each policy of four eyes, stands in it."""
    found = await shared_pool.fetch(
        "SELECT conrelid::regclass::text AS name, conname::text FROM pg_constraint"
        " WHERE contype = 'c' AND pg_get_constraintdef(oid) ~ 'same_(hands|person)'"
    )
    assert {tuple(row) for row in found} == {(by.table, by.constraint) for by in BY_TWO.values()}
    policies = {name for name in Policies.model_fields if name.startswith("four_eyes_")}
    named = {by.policy for by in BY_TWO.values() if by.policy is not None}
    assert named == policies - {"four_eyes_days"}
    assert set(BY_TWO) == set(Matter)


def rows(by: ByTwo, asker: tuple[str, str | None], approver: tuple[str, str | None]) -> list[str]:
    """Return a row for each of whoever has asked: that one is the asker, others are somebody."""
    found = []
    for asking in by.askers:
        others: tuple[str, str | None] = ("Anne Vik", "idp|9")
        said = dict.fromkeys(by.askers, others)
        said |= {asking: asker, by.approver: approver}
        row: dict[str, str | None] = {column: name for column, (name, _) in said.items()}
        row |= {f"{column}_subject": subject for column, (_, subject) in said.items()}
        found.append(json.dumps(row))
    return found


@pytest.mark.parametrize("matter", Matter)
async def test_nobody_approves_their_own(shared_pool: asyncpg.Pool, matter: Matter) -> None:
    """By the database itself: whatever a command or a worker believes."""
    by = BY_TWO[matter]
    says = await shared_pool.fetchval(
        "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint"
        " WHERE conname = $1 AND conrelid = $2::text::regclass AND convalidated",
        by.constraint,
        by.table,
    )
    for asker, approver, allowed in PEOPLE:
        for row in rows(by, asker, approver):
            holds = await shared_pool.fetchval(
                f"SELECT {says} FROM jsonb_populate_record(NULL::{by.table}, $1::text::jsonb)",
                row,
            )
            assert holds is allowed, (asker, approver, row)
