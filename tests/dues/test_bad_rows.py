"""One row that the database refuses stops nobody else's month (invariant 9)."""

from datetime import date
from functools import partial

import asyncpg
import pytest

from activities.dues.charging import rehearse
from activities.shared.quarantine import in_halves
from activities.shared.rulebook import RulebookReader
from schemas.dues.contracts import DuesOpening
from schemas.shared.vocabulary import Cadence
from tests.dues.making import DECEMBER, charge, charged, joins, replanned, term
from tests.dues.spoiling import (
    Spoil,
    clear_away,
    take_entry,
    take_kid,
    take_number,
    unguarded,
    use_up_serials,
)

MOST = 2**63 - 1
TAKEN = "a number or a line that must be its own is taken already"

SPOILT: dict[str, tuple[Spoil, str]] = {
    "a taken invoice number": (take_number, f"{TAKEN} (23505 invoices_pkey)"),
    "a taken KID": (take_kid, f"{TAKEN} (23505 invoices_kid_key)"),
    "a taken entry": (
        partial(take_entry, month=DECEMBER),
        f"{TAKEN} (23505 entries_unbuilt_one_per_charge)",
    ),
    "the last serial": (
        use_up_serials,
        "a rule of the table does not allow it (23514 invoices_serial_check)",
    ),
}


async def set_terms(pool, members, amount_ore):
    """Give the terms of members an amount, as no decision would."""
    async with unguarded(pool) as connection:
        await connection.execute(
            "UPDATE terms SET amount_ore = $2"
            " WHERE membership_id = ANY ($1) AND superseded_by IS NULL",
            members,
            amount_ore,
        )


async def rehearsal(pool, period):
    """Return what the command would say with --dry-run."""
    async with pool.acquire() as connection:
        rulebook = await RulebookReader(allow_synthetic_ids=False).current(connection)
        opening = DuesOpening(period=period, today=date.fromisoformat(f"{period}-02"))
        return await rehearse(connection, rulebook, opening)


async def tasks_of(pool, kind="dues_quarantine"):
    """Return the tasks of a kind: whom each is about, and whether it is open."""
    rows = await pool.fetch(
        "SELECT membership_id, closed_on IS NULL AS open FROM tasks WHERE kind = $1", kind
    )
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("what", SPOILT)
async def test_the_neighbours_are_charged(pool, persistence, dues, what):
    """Of seven members the fourth is set aside with a reason and a task; mended, it is charged."""
    spoil, reason = SPOILT[what]
    members = [await joins(persistence, terms=(term(),)) for _ in range(7)]
    bad = members[3]
    await spoil(pool, bad)
    for _ in range(2):
        report, [page] = await charge(dues, "2026-12")
        assert [(held.membership_id, held.reason) for held in report.quarantined] == [(bad, reason)]
        assert (report.charges, report.members, page.quarantined) == (6, 6, 1)
        assert await tasks_of(pool) == [(bad, True)]
    says = await pool.fetchval("SELECT says FROM tasks")
    assert says == (
        f"Could not be charged for 2026-12: {reason}. Put that right, and run the month again."
    )
    await clear_away(pool, bad)
    report, [page] = await charge(dues, "2026-12")
    assert (report.quarantined, page.charges, page.invoices) == ((), 1, 1)
    assert await tasks_of(pool) == [(bad, False)]
    for member in members:
        assert await charged(pool, member, DECEMBER) == {"central_dues": 49500}
    report, [page] = await charge(dues, "2026-12")
    assert (report.charges, page.charges) == (7, 0)


YEARLY = term(cadence=Cadence.YEARLY, valid_from=DECEMBER, prorated=True)

ABSURD = {
    "the largest there is": (term(), MOST),
    "two that overflow together": (term(), MOST // 2 + 1),
    "an øre too much": (term(), 100_000_001),
    # A December of the year is a twelfth, and is worked out by way of more than there is.
    "a part of a year's": (YEARLY, MOST),
}


@pytest.mark.parametrize("what", ABSURD)
async def test_an_amount_that_cannot_be_meant_is_asked_about(pool, persistence, dues, what):
    """Nobody is billed a million kroner; what is owed at most is charged, and the others are."""
    planned, ore = ABSURD[what]
    bad = [await joins(persistence, terms=(planned,)) for _ in range(2)]
    await set_terms(pool, bad, ore)
    most = await joins(persistence, terms=(term(100_000_000),))
    others = [await joins(persistence, terms=(term(),)) for _ in range(3)]
    reasons = dict.fromkeys(bad, "a term with an amount that can't be meant")
    rehearsed = await rehearsal(pool, "2026-12")
    assert {held.membership_id: held.reason for held in rehearsed.quarantined} == reasons
    report, [page] = await charge(dues, "2026-12")
    assert {held.membership_id: held.reason for held in report.quarantined} == reasons
    assert (page.charges, report.amount_ore) == (4, 100_000_000 + 3 * 49500)
    assert (rehearsed.charges, rehearsed.amount_ore) == (report.charges, report.amount_ore)
    assert sorted(await tasks_of(pool)) == sorted((member, True) for member in bad)
    await set_terms(pool, bad, 49500)
    report, [page] = await charge(dues, "2026-12")
    assert (report.quarantined, page.charges) == ((), 2)
    assert sorted(await tasks_of(pool)) == sorted((member, False) for member in bad)
    # Of a yearly fee that begins in December one month of twelve: 49500 / 12 = 4125.
    for member in bad:
        owed = 4125 if planned is YEARLY else 49500
        assert await charged(pool, member, DECEMBER) == {"central_dues": owed}
    for member in others:
        assert await charged(pool, member, DECEMBER) == {"central_dues": 49500}
    assert await charged(pool, most, DECEMBER) == {"central_dues": 100_000_000}


async def test_a_correction_beyond_the_type_is_asked_about(pool, persistence, dues):
    """The terms were put far too high after November: December names the member, and goes on."""
    members = [await joins(persistence, terms=(term(),)) for _ in range(4)]
    await charge(dues, "2026-11")
    await persistence.record_decision(replanned(members[0], 3, term(50000)))
    await set_terms(pool, members[:1], MOST)
    rehearsed = await rehearsal(pool, "2026-12")
    report, _ = await charge(dues, "2026-12")
    for told in (rehearsed, report):
        [held] = told.quarantined
        assert (held.membership_id, told.members) == (members[0], 3)
        assert "an amount that can't be meant" in held.reason
    await set_terms(pool, members[:1], 50000)
    await charge(dues, "2026-12")
    # December, and what November lacked: 50000 - 49500.
    owed = {"central_dues": 50000, "correction": 500}
    assert await charged(pool, members[0], DECEMBER) == owed


async def test_a_task_that_was_closed_too_early_is_opened_again(pool, persistence, dues):
    """Whoever closed it is told once more: the member has still not been charged."""
    bad = await joins(persistence, terms=(term(),))
    await take_number(pool, bad)
    await charge(dues, "2026-12")
    await pool.execute("UPDATE tasks SET closed_on = '2026-12-03', closed_by = 'ola'")
    await charge(dues, "2026-12")
    assert await tasks_of(pool) == [(bad, True)]


async def test_many_bad_rows_are_all_found(pool, persistence, dues):
    """Every other one of a page is set aside, and every other one is charged."""
    members = [await joins(persistence, terms=(term(),)) for _ in range(12)]
    for member in members[::2]:
        await take_entry(pool, member, DECEMBER)
    report, _ = await charge(dues, "2026-12")
    assert {held.membership_id for held in report.quarantined} == set(members[::2])
    assert report.charges == 6


async def test_sums_beyond_the_type_are_told(pool, persistence, dues):
    """What stands in the books, however absurd, stops neither a run nor its report."""
    members = [await joins(persistence, terms=(term(),)) for _ in range(3)]
    report, _ = await charge(dues, "2026-12")
    async with unguarded(pool) as connection:
        await connection.execute("UPDATE charges SET amount_ore = $1", MOST)
    report, _ = await charge(dues, "2026-12")
    # What was charged and what is due differ, and no change of terms explains it.
    assert {held.membership_id for held in report.quarantined} == set(members)
    assert report.amount_ore == 3 * MOST


async def test_a_payer_that_nobody_knows_is_nobody_else(pool, persistence, dues):
    """A third kind of payer is not charged as if it were an employer: it waits, with a reason."""
    fund, other = [await joins(persistence, terms=(term(),)) for _ in range(2)]
    await pool.execute("ALTER TABLE terms DROP CONSTRAINT terms_payer_check")
    async with unguarded(pool) as connection:
        await connection.execute(
            "UPDATE terms SET payer = 'fund', employer_orgnr = '974760673'"
            " WHERE membership_id = $1",
            fund,
        )
    expected = [(fund, "nobody knows the payer fund")]
    rehearsed = await rehearsal(pool, "2026-12")
    assert [(held.membership_id, held.reason) for held in rehearsed.quarantined] == expected
    report, [page] = await charge(dues, "2026-12")
    assert [(held.membership_id, held.reason) for held in report.quarantined] == expected
    assert (page.charges, page.quarantined) == (1, 1)
    assert await charged(pool, other, DECEMBER) == {"central_dues": 49500}
    assert await charged(pool, fund, DECEMBER) == {}
    asked = await pool.fetch("SELECT debit FROM entries WHERE membership_id = $1", fund)
    assert asked == []


async def test_what_cannot_even_be_sent_is_the_fault_of_no_member(pool):
    """A wrong value of our own statement sets nobody aside; one of a row sets that row aside."""
    set_aside = []

    async def send(numbers):
        await pool.fetchval("SELECT $1::bigint[]", [number * 2**62 for number in numbers])

    async def quarantine(number, _error):
        set_aside.append(number)

    with pytest.raises(asyncpg.DataError):
        await in_halves(range(4), send, quarantine)
    assert set_aside == []
    await in_halves([0, 1, 2], send, quarantine)
    assert set_aside == [2]
