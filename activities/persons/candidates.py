"""Who may be the same person: looked up by what two people would share, then compared by rule.

What is found is for caseworkers. Nothing of it is answered to whoever applied (ADR 9).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from activities.database.pool import load_queries
from activities.shared.tasks import Connection
from schemas.letters.addresses import email_key
from schemas.membership.application import Applicant
from schemas.membership.decision import DuplicateCandidate
from schemas.persons.likeness import Certainty, Likeness
from schemas.persons.matching import Particulars, liken

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

MAX_CANDIDATES = 20
"""More would be an e-mail address that a whole office shares; the surest are named."""


def particulars_of_applicant(applicant: Applicant) -> Particulars:
    """Return what an application says of the person, to compare by."""
    plain = applicant.model_dump(mode="json")
    return particulars_of_row(
        {
            "birth_date": applicant.birth_date,
            "national_id": applicant.national_id,
            "names": [applicant.name],
            "emails": [plain["email"]],
            "phones": [plain["phone"]],
            "addresses": [plain["address"]],
        }
    )


def particulars_of_row(row: Mapping[str, Any]) -> Particulars:
    """Return what ``particulars_of`` has gathered of a person, to compare by."""
    return Particulars(
        birth_date=row["birth_date"],
        national_id=row["national_id"],
        names=tuple(row["names"]),
        emails=_known(row["emails"]),
        phones=_known(row["phones"]),
        addresses=tuple(
            (place["line1"], place.get("postcode") or "") for place in _known(row["addresses"])
        ),
    )


async def find_candidates(
    connection: Connection, particulars: Particulars, *, whose: str
) -> tuple[DuplicateCandidate, ...]:
    """Return the applications, memberships and former memberships that may be the same person's.

    Args:
        connection: of the caller.
        particulars: what is known of the person.
        whose: the id of the person that is asked about, whose own memberships are no candidates.

    Returns:
        The surest first, and the living before the former. Source: N8.
    """
    rows = _SQL.find_alike(
        connection,
        person_id=whose,
        birth_date=particulars.birth_date,
        national_id=particulars.national_id,
        email_keys=[email_key(email) for email in particulars.emails],
        phones=list(particulars.phones),
    )
    likenesses: dict[str, Likeness | None] = {}
    found = []
    async for row in rows:
        person = row["person_id"]
        if person not in likenesses:
            likenesses[person] = liken(particulars, particulars_of_row(row))
        likeness = likenesses[person]
        if likeness is not None:
            found.append(_candidate(row, likeness))
    order = list(Certainty)
    found.sort(key=lambda candidate: order.index(_certainty(candidate)))
    return tuple(found[:MAX_CANDIDATES])


def _candidate(row: Mapping[str, Any], likeness: Likeness) -> DuplicateCandidate:
    return DuplicateCandidate(
        membership_id=row["membership_id"],
        stage=row["stage"],
        outcome=row["outcome"],
        member_number=row["member_number"],
        certain=likeness.certainty is Certainty.CERTAIN,
        likeness=likeness,
    )


def _certainty(candidate: DuplicateCandidate) -> Certainty:
    assert candidate.likeness is not None, "found without saying why"
    return candidate.likeness.certainty


def _known(values: list[Any] | None) -> tuple[Any, ...]:
    return tuple(value for value in values or () if value)
