"""What is held on a person, as the person reads it."""

from datetime import date

from activities.privacy.readable import page_of
from schemas.privacy.held import Held
from schemas.privacy.labels import LABELS, TECHNICAL
from schemas.privacy.places import DERIVED, TITLES

HELD = Held(
    person_id="person-1",
    on=date(2027, 3, 1),
    memberships=("membership-1",),
    tables={
        "people": ({"person_id": "person-1", "name": "Kari <b>Å</b>", "phone": None},),
        "invoices": ({"total_ore": -24750, "due_on": "2027-03-20", "membership_id": "m"},),
        "memberships": ({"hidden": True, "facts": {"birth_date": "1987-06-18"}},),
    },
)


async def test_every_column_is_named(shared_pool):
    """A member reads no name of a column; whoever adds one names it, or says it only joins."""
    rows = await shared_pool.fetch(
        "SELECT DISTINCT attname::text FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid"
        " WHERE relname = ANY($1) AND relnamespace = 'public'::regnamespace"
        " AND attnum > 0 AND NOT attisdropped",
        list(TITLES),
    )
    columns = {row["attname"] for row in rows}
    assert columns == (set(LABELS) | TECHNICAL | DERIVED) & columns
    assert set(LABELS) | TECHNICAL <= columns
    assert not set(LABELS) & TECHNICAL


def test_the_page_is_read_without_us():
    """Money and days as in letters, yes and no, what somebody wrote as text, no identifiers."""
    page = page_of(HELD)
    assert "Kari &lt;b&gt;Å&lt;/b&gt;" in page
    assert "\u2212247,50\u00a0kr" in page
    assert "20.\u00a0mars\u00a02027" in page
    assert "<dt>Skjult medlem</dt><dd>ja</dd>" in page
    assert "birth_date&#34;: &#34;1987-06-18" in page
    assert "membership_id" not in page
    assert "Lest 1.\u00a0mars\u00a02027: 3 opplysninger" in page
    assert "http" not in page
