"""One invoice that can't be pursued stops nobody else's reminders (invariant 9)."""

from datetime import date, timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.arrears import pursuing
from activities.arrears.activities import Arrears
from activities.shared.rulebook import RulebookReader
from schemas.arrears.contracts import ArrearsDay
from tests.arrears.making import everybody, letters, owe, pursue
from tests.dues.spoiling import unguarded
from tests.letters.making import make_membership

DUE = date(2027, 3, 1)
TODAY = DUE + timedelta(days=14)
MOST = 2**63 - 1


@pytest.fixture
def arrears(pool, client):
    """The room."""
    return Arrears(pool, client)


async def absurd_invoice(pool, member):
    """An invoice of all the money there is."""
    number = await owe(pool, member, DUE)
    async with unguarded(pool) as connection:
        await connection.execute(
            "UPDATE invoices SET total_ore = $2 WHERE number = $1", number, MOST
        )


async def overflowing_allocations(pool, member):
    """An invoice that has been paid more than there can be, so that its balance can't be told."""
    number = await owe(pool, member, DUE)
    async with unguarded(pool) as connection:
        for serial in (1, 2):
            await connection.execute(
                "INSERT INTO allocations (reference, serial, invoice_number, amount_ore,"
                " allocated_on, allocated_by) VALUES ($1, $2, $1, $3, $4, 'kid')",
                number,
                serial,
                MOST,
                DUE,
            )


SPOILT = {
    "an absurd invoice": (absurd_invoice, "an amount that can't be meant"),
    "a balance that overflows": (
        overflowing_allocations,
        "an amount or a number is too large (22003)",
    ),
}


@pytest.mark.parametrize("what", SPOILT)
async def test_the_neighbours_are_reminded(pool, arrears, what):
    """Of five who owe one is set aside with a task; run, report and rehearsal go on."""
    spoil, reason = SPOILT[what]
    members = [await make_membership(pool, stage="active") for _ in range(5)]
    bad, *others = members
    await spoil(pool, bad)
    for member in others:
        await owe(pool, member, DUE)
    async with pool.acquire() as connection:
        rulebook = await RulebookReader(allow_synthetic_ids=False).current(connection)
        rehearsed = await pursuing.rehearse(connection, ArrearsDay(today=TODAY), rulebook)
    counts = await pursue(arrears, TODAY)
    for found in (rehearsed.counts, counts):
        assert (found.first_reminder, found.quarantined, found.owed_ore) == (4, 1, 4 * 49500)
    assert await letters(pool) == sorted((member, "reminder_first") for member in others)
    assert await ActivityEnvironment().run(arrears.report_arrears_to_members, everybody(TODAY)) == 0
    await pursue(arrears, TODAY)
    tasks = await pool.fetch("SELECT kind, membership_id, says FROM tasks")
    assert [tuple(row) for row in tasks] == [
        (
            "arrears_quarantine",
            bad,
            f"What is overdue could not be pursued: {reason}. Nobody was written to.",
        )
    ]
