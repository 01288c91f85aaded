"""What is certified of an erasure: what went, what stays and until when. It names nobody."""

import json
from collections.abc import Mapping
from datetime import date

from schemas.privacy.erasure import Basis
from schemas.privacy.fates import OUTSIDE, STAYS
from schemas.shared.base import PublishedModel


class StillKept(PublishedModel):
    """Rows that stay of a table."""

    rows: int
    """How many."""
    because: str
    """Why."""


class Certificate(PublishedModel):
    """A certificate of erasure: opaque ids, days and counts."""

    erasure_id: str
    """Which erasure it is of."""
    memberships: tuple[str, ...]
    """Ids of the memberships and applications that are nobody's any more."""
    basis: Basis
    """Why it was done."""
    requested_by: str
    """Who asked for it."""
    requested_on: date
    """When."""
    erased_on: date
    """When it was done."""
    erased: dict[str, int]
    """Rows that went, or lost what made them somebody's, by table."""
    runs_deleted: int
    """Histories that were deleted in Temporal."""
    keys_destroyed: int
    """Data keys without which copies of histories can't be read."""
    kept: dict[str, StillKept]
    """What stays, by table, under ids that are nobody's."""
    kept_until: date | None
    """The last day for which the accounts need it; null: nothing is left for them."""
    elsewhere: dict[str, str]
    """Where copies may still stand, and until when."""


def kept_of(rows: Mapping[str, int]) -> dict[str, StillKept]:
    """Return what is said of the tables of which rows stay."""
    return {
        table: StillKept(rows=count, because=STAYS[table].because)
        for table, count in rows.items()
        if count
    }


def elsewhere() -> dict[str, str]:
    """Return what is said of copies outside the tables."""
    return dict(OUTSIDE)


def written(certificate: Certificate) -> str:
    """Return the bytes that are signed, as text: always the same for the same certificate."""
    content = certificate.model_dump(mode="json")
    return json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
