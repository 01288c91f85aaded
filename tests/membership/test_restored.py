"""After a restore no number is given twice, and none at all before somebody says what it was."""

import pytest

from activities.dues.charging import open_run
from activities.membership.activities import Persistence
from activities.membership.restores import note_restore
from activities.shared.errors import DecisionConflict, NumbersHeld
from activities.shared.rulebook import RulebookReader
from schemas.dues.contracts import DuesOpening
from schemas.payments.kid import invoice_kid
from tests.membership.making import KARI, OLA, TODAY, approval, decision, intake, make_member


@pytest.fixture
def persistence(pool):
    """The activities on a database of their own."""
    return Persistence(pool, allow_synthetic_ids=True)


async def test_a_database_that_has_lost_decisions_gives_no_number(pool, persistence):
    """A workflow that knows more stops numbers, and nothing else, until a restore is noted."""
    await make_member(persistence)
    await persistence.receive_application(intake(OLA, name="Ola Nordmann", email="ola@example.org"))
    with pytest.raises(DecisionConflict, match="decision 9 does not follow decision 2"):
        await persistence.record_decision(decision(9))
    with pytest.raises(NumbersHeld, match="medlemsflyt restored"):
        await persistence.record_decision(approval(OLA))
    assert (await persistence.record_decision(decision(3))).recorded, "gives no number"
    async with pool.acquire() as at:
        book = await RulebookReader(allow_synthetic_ids=True).current(at)
        opening = DuesOpening(period="2026-12", today=TODAY, page_size=100)
        with pytest.raises(NumbersHeld):
            await open_run(at, book, opening)
        async with at.transaction():
            assert await note_restore(at, TODAY, numbers=100, serials=10) == (102, 11)
        await open_run(at, book, opening)
    receipt = await persistence.record_decision(approval(OLA))
    assert receipt.member_number == "00000103"
    assert receipt.invoice is not None
    assert receipt.invoice.kid == invoice_kid("00000103", 12)


async def test_a_second_restore_goes_further(pool, persistence):
    """Each passes over as many again, whatever the one before it passed over."""
    await make_member(persistence, KARI)
    async with pool.acquire() as at, at.transaction():
        assert await note_restore(at, TODAY, numbers=100, serials=10) == (101, 11)
        assert await note_restore(at, TODAY, numbers=100, serials=10) == (201, 21)
