"""What somebody here has already, so that a member of a register can't: looked up page by page."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from activities.database.pool import load_queries
from schemas.letters.addresses import email_key
from schemas.persons.folding import name_key
from schemas.register.member import RegisterMember

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

_SAYS: dict[str, str] = {
    "member": "is a member here already",
    "number": "its member number is another member's here",
    "invoice": "an invoice has that number already",
    "kid": "an invoice or a list has that KID already",
}
"""What each finding of ``find_taken`` means; whoever is a member has its own number."""

Connection = asyncpg.pool.PoolConnectionProxy


@dataclass(frozen=True)
class Taken:
    """Something of a member that is somebody's here; its text names nobody.

    Attributes:
        column: of the register, in which it stands.
        value: as it stands there.
    """

    column: str
    value: str
    says: str


async def find_taken(
    connection: Connection, members: Sequence[RegisterMember]
) -> dict[str, list[Taken]]:
    """Return all that is somebody's here already, by the number of the member who has it too.

    Source: N9, P1.
    """
    rows = _SQL.find_taken(
        connection,
        people=[
            {
                "number": member.number,
                "member_number": member.member_number,
                "national_id": member.national_id,
                "name_key": name_key(member.name),
                "birth_date": member.birth_date.isoformat(),
                "email_key": email_key(member.email) if member.email is not None else None,
            }
            for member in members
        ],
        invoices=[
            {"member": member.number, "number": bill.invoice, "kid": bill.kid}
            for member in members
            for bill in member.invoices
        ],
    )
    found: dict[str, list[Taken]] = defaultdict(list)
    for row in sorted([row async for row in rows], key=lambda row: [*_SAYS].index(row["what"])):
        told = found[row["number"]]
        column = "number" if row["what"] in {"member", "number"} else row["what"]
        # Found by more than one mark, somebody is told of once.
        if (column, row["value"]) not in {(one.column, one.value) for one in told}:
            whose = f" ({row['membership_id']})" if row["membership_id"] is not None else ""
            told.append(Taken(column, row["value"], _SAYS[row["what"]] + whose))
    return found
