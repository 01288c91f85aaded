"""How a membership stands whose run is gone: by the rows that outlive it, or by its tombstone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from activities.database.pool import load_queries
from activities.shared.tasks import Connection
from schemas.dues.terms import TermState
from schemas.membership.state import (
    Explanation,
    ExplanationLine,
    InsuranceState,
    MembershipState,
)
from schemas.shared.calendar import start_of
from schemas.shared.vocabulary import Event, InsuranceStatus, Stage

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")
_TERMS = TypeAdapter(tuple[TermState, ...])

_UNSAID = {Event.APPLICATION_RECEIVED: "the application was received"}
"""What is said of a decision whose row says nothing."""

GONE = "is erased, and takes no messages: nobody is known under it any more"


async def kept_state(connection: Connection, membership_id: str) -> MembershipState | None:
    """Return how a membership stands that has ended, or None: it goes on, or there is none.

    What stood in its histories alone, such as messages that were not applied, is gone with them.
    """
    row = await _SQL.read_kept(connection, membership_id=membership_id)
    if row is None:
        return None
    erased = row["erased_on"] is not None
    return MembershipState(
        membership_id=membership_id,
        stage=Stage.ENDED,
        outcome=row["outcome"],
        open_until=row["open_until"],
        category=row["category"],
        hidden=row["hidden"],
        branch=None if erased else row["branch"],
        member_number=None if erased else row["member_number"],
        member_since=None if erased else row["member_since"],
        faults=tuple(row["faults"] or ()),
        terms=() if erased else _TERMS.validate_json(row["terms"]),
        insurance=InsuranceState(
            status=InsuranceStatus(row["insurance_status"] or InsuranceStatus.NOT_APPLICABLE),
            covered_from=row["covered_from"],
            reserved_from=row["reserved_from"],
        ),
        erased_on=row["erased_on"],
        erasure=row["erasure_id"] if erased else None,
    )


async def kept_explanation(connection: Connection, membership_id: str) -> Explanation | None:
    """Return what was decided about a membership that has ended; of an erased one, that it is."""
    row = await _SQL.read_kept(connection, membership_id=membership_id)
    if row is None:
        return None
    if row["erased_on"] is not None:
        return Explanation(lines=(_erased(row),))
    found = _SQL.read_kept_decisions(connection, membership_id=membership_id)
    return Explanation(lines=tuple([line_of(one) async for one in found]))


def _erased(row: Mapping[str, Any]) -> ExplanationLine:
    return ExplanationLine(
        about="erasure",
        says=f"erased on {row['erased_on']}; its certificate is {row['erasure_id']}",
        rules=("R4",),
        decided_by=row["requested_by"],
        at=start_of(row["erased_on"]),
    )


def line_of(row: Mapping[str, Any]) -> ExplanationLine:
    """Return a decision of the log as a line of its explanation."""
    return ExplanationLine(
        about=row["event"],
        says=row["says"] or _UNSAID.get(row["event"]) or row["event"].replace("_", " "),
        rules=tuple(row["rules"]),
        decided_by=row["decided_by"],
        at=row["decided_at"],
        message=row["message"],
    )
