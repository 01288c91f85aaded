"""After a restore no number is given twice, and none at all before somebody says what it was."""

import json

import pytest

from activities.dues.charging import open_run
from activities.membership.activities import Persistence
from activities.membership.restores import note_restore
from activities.shared.errors import DecisionConflict, NumbersHeld
from activities.shared.rulebook import RulebookReader
from schemas.dues.contracts import DuesOpening
from schemas.payments.kid import invoice_kid
from tests import clock
from tests.membership.making import KARI, OLA, TODAY, approval, decision, intake, make_member


@pytest.fixture
def persistence(pool):
    """The activities on a database of their own."""
    return Persistence(pool, allow_synthetic_ids=True)


async def passed(connection):
    """Note a restore, and return what it passes over: of members, serials, and the series."""
    found = await note_restore(connection, TODAY, numbers=100, serials=10, invoices=3)
    return found.last_member_number, found.last_serial, found.last_in_series


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
            assert (await passed(at)) == (102, 11, {2025: 106, 2026: 107})
        await open_run(at, book, opening)
    receipt = await persistence.record_decision(approval(OLA))
    assert receipt.member_number == "00000103"
    assert receipt.invoice is not None
    assert receipt.invoice.kid == invoice_kid("00000103", 12)


async def test_a_second_restore_goes_further(pool, persistence):
    """Each passes over as many again, whatever the one before it passed over."""
    await make_member(persistence, KARI)
    async with pool.acquire() as at, at.transaction():
        assert await passed(at) == (101, 11, {2025: 103, 2026: 104})
        assert await passed(at) == (201, 21, {2025: 206, 2026: 207})


async def test_the_command_says_where_numbers_go_on(command, persistence):
    """Far beyond what may have been lost, also in the union's series of this year and the last."""
    await make_member(persistence, KARI)
    said = (await command("restored")).out
    assert "Member numbers go on after 00100001, invoices of each member" in said
    assert "after 1001." in said
    # 100,000, and three for one membership, of which one had its number already.
    this_year = clock.today().year
    assert f"The union's invoices of {this_year - 1} go on after {this_year - 1}-" in said
    assert f"The union's invoices of {this_year} go on after {this_year}-" in said
    again = json.loads((await command("restored", "--json")).out)
    assert (again["last_member_number"], again["last_serial"]) == (200_001, 2001)
    assert min(again["last_in_series"].values()) >= 200_006
