"""A file is booked batch by batch: where it is cut, or broken off, changes nothing in the books."""

import asyncio
import uuid

import asyncpg
import pytest
from temporalio.testing import ActivityEnvironment

from activities.database.pool import open_pool
from activities.membership.activities import Persistence
from activities.payments import booking
from activities.payments.activities import Bank
from activities.shared.files import keep_file
from schemas.payments.contracts import BankFile
from tests.arrears.making import owe
from tests.dues.test_ledger import UNBOOKED
from tests.payments.making import (
    ACCOUNT,
    PAID,
    TODAY,
    Money,
    Payer,
    bring,
    camt,
    camt_of,
    counted,
    payer,
    stands,
)

ONE = 49500
PATIENCE_SECONDS = 60

ROWS = {
    "payments": "reference, membership_id, amount_ore, kid, reverses",
    "allocations": "reference, serial, invoice_number, amount_ore, allocated_on, allocated_by",
    "entries": "booked_on, source, membership_id, reference, debit, credit, amount_ore",
    "tasks": "key, kind, says, membership_id, opened_on, closed_on, settled",
    # Without the identity: each database has a key of its own for it.
    "bank_entries": "position, place, amount_ore, kid, reference, aside, nth",
    "awaited_reversals": "reference, takes_back, kid, amount_ore",
    "payments_in_suspense": "reference, membership_id",
    "payment_reports": "reference, membership_id",
}


MISPLACED = (
    "SELECT reference FROM payments WHERE membership_id IS DISTINCT FROM membership_of_kid(kid)"
)
"""A batch asks for all its KIDs at once what the function answers for one."""


async def rows(pool: asyncpg.Pool) -> dict[str, list[tuple[str, ...]]]:
    """Everything that an import has written, without the order it was written in."""
    return {
        table: sorted(
            tuple(map(str, row)) for row in await pool.fetch(f"SELECT {columns} FROM {table}")
        )
        for table, columns in ROWS.items()
    }


async def union(pool: asyncpg.Pool, count: int = 3) -> list[Payer]:
    """Members who owe 495.00 for each of two months, under the same ids in every database."""
    persistence = Persistence(pool, allow_synthetic_ids=True)
    ids = [f"membership-00000000-0000-4000-8000-{n:012d}" for n in range(count)]
    return [await payer(pool, persistence, "2026-10", "2026-11", membership_id=one) for one in ids]


def mixed(payers: list[Payer]) -> bytes:
    """Money of three members and of nobody, mixed: doubles, parts, sums, reversals, a wrong KID."""
    one, two, three = payers
    wanted = [
        (one.kids[1], 2 * ONE, False),
        (two.kids[0], ONE, False),
        (three.kids[0], 20000, False),
        (None, ONE, False),
        (two.kids[0], ONE, False),
        (one.kids[0], ONE, False),
        ("12344", ONE, False),
        (three.kid(9), 29500, False),
        (three.kids[1], ONE, True),
        (three.kids[1], ONE, False),
        (two.kids[1], 3 * ONE, False),
    ]
    money = [
        Money(kid, ore, key=f"K{n}", on=TODAY, reversal=back)
        for n, (kid, ore, back) in enumerate(wanted)
    ]
    # Of money without a KID the bank says what it takes back.
    return camt(*money, Money(None, ONE, key="K3", on=TODAY, reversal=True))


async def test_where_a_file_is_cut_changes_no_row(postgres, migrated, monkeypatch):
    """A person's money is booked at once, so that each payment pays what it pays otherwise."""
    found = []
    for size in (1, 1000):
        monkeypatch.setattr(booking, "BATCH", size)
        url = await postgres.create_database(f"cut_{size}", template=migrated)
        async with await open_pool(url, size=4) as pool:
            report = await bring(pool, mixed(await union(pool)))
            assert (await pool.fetch(UNBOOKED)) == []
            assert await pool.fetch(MISPLACED) == []
            found.append((report, await rows(pool)))
    assert found[0] == found[1]
    report = found[0][0]
    # In suspense: the double, the wrong KID, what two have paid too much. The third member's 200.00
    # and 295.00 pay October together; what pays November is taken back.
    assert (report.payments, report.reversals, report.allocated, report.suspended) == (10, 2, 6, 4)


async def test_a_kid_of_another_system_names_its_invoice(pool):
    """It was carried over with the invoice (L11): a batch looks there first, as ever."""
    one, *_ = await union(pool, 1)
    number = await owe(pool, one.membership_id, PAID, kid="7700000000000014")
    report = await bring(pool, camt(Money("7700000000000014", ONE)))
    assert (report.allocated, await pool.fetch(MISPLACED)) == (1, [])
    assert await pool.fetchval("SELECT invoice_number FROM allocations") == number


class BrokenOff(BaseException):
    """The worker is gone."""


async def test_what_is_broken_off_goes_on(pool, monkeypatch):
    """Batches that were booked stand; tried again, the rest follows, and the report is the same."""
    monkeypatch.setattr(booking, "BATCH", 1)
    payers = await union(pool)
    content = mixed(payers)
    async with pool.acquire() as connection:
        file_id = await keep_file(
            connection, kind="payments", name="f", content=content, today=TODAY
        )
    file, beats = BankFile(file_id=file_id, today=TODAY), []

    def breaks_off() -> None:
        beats.append(1)
        if len(beats) == 4:  # The file is read, and two batches are booked.
            raise BrokenOff

    with pytest.raises(BrokenOff):
        await booking.book(pool, file, content, ACCOUNT, breaks_off)
    part = await counted(pool)
    assert 0 < part["payments"] < 11
    report = await bring(pool, content)
    assert (report.payments, report.reversals, report.known) == (10, 2, 0)
    assert (report.allocated, report.suspended) == (6, 4)
    assert await pool.fetch(UNBOOKED) == []
    before = await rows(pool)
    assert await bring(pool, content) == report
    assert await rows(pool) == before


async def test_who_needs_an_invoice_waits_for_its_batch_alone(pool, monkeypatch):
    """While somebody holds the second member's invoice, the first one's money is there already."""
    monkeypatch.setattr(booking, "BATCH", 1)
    one, two, _ = await union(pool)
    money = [Money(who.kids[0], ONE, key=f"K{n}") for n, who in enumerate((one, two))]
    async with pool.acquire() as holder:
        transaction = holder.transaction()
        await transaction.start()
        await holder.execute("SELECT FROM invoices WHERE kid = $1 FOR UPDATE", two.kids[0])
        under_way = asyncio.create_task(bring(pool, camt(*money)))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await pool.fetchval("SELECT count(*) FROM allocations") == 0:
                await asyncio.sleep(0.01)
        assert not under_way.done()
        await transaction.rollback()
        report = await under_way
    assert (report.payments, report.allocated) == (2, 2)


async def test_files_at_once_leave_each_other_a_connection(database_url):
    """Each file needs two: one after the other they find them, whoever else came first."""
    async with await open_pool(database_url, size=2) as pool:
        payers = await union(pool)
        files = [camt(Money(who.kids[0], ONE, key=f"K{n}")) for n, who in enumerate(payers)]
        async with asyncio.timeout(PATIENCE_SECONDS):
            await booked_at_once(pool, files)
        assert set((await stands(pool))["suspense"].values()) == {0}


async def booked_at_once(pool: asyncpg.Pool, files: list[bytes]) -> None:
    """Book files by the same worker, all at the same time."""
    bank = Bank(pool, None, account=ACCOUNT)  # type: ignore[arg-type]
    kept = []
    for content in files:
        async with pool.acquire() as connection:
            kept.append(
                await keep_file(connection, kind="payments", name="f", content=content, today=TODAY)
            )
    await asyncio.gather(
        *(
            ActivityEnvironment().run(bank.book_bank_file, BankFile(file_id=one, today=TODAY))
            for one in kept
        )
    )


async def test_another_report_under_the_reference_is_a_task(pool):
    """It came after the file was checked: the file's money is nobody's to throw away."""
    one, *_ = await union(pool)
    content = camt_of()
    async with pool.acquire() as connection:
        file_id = await keep_file(
            connection, kind="payments", name="f", content=content, today=TODAY
        )
        await connection.execute(
            "INSERT INTO payments (reference, membership_id, amount_ore, paid_on, kid)"
            " VALUES ('K1', $1, 100, $2, $3)",
            one.membership_id,
            TODAY,
            one.kids[0],
        )
        brought = {
            "place": "entry 1",
            "position": 1,
            "reference": "K1",
            "name": "K1",
            "membership_id": one.membership_id,
            "amount_ore": ONE,
            "paid_on": TODAY,
            "kid": one.kids[0],
            "reversal": False,
            "takes_back": None,
            "back_of": None,
            "debit": False,
            "entry": 1,
            "channel": "camt054",
            "message": "1 1",
            "bank_reference": "K1",
            "own": False,
            "bank_references": "",
            "payer_name": None,
            "payer_account": None,
            "payer_text": None,
            "payer_kids": None,
            "aside": None,
            "same_aside": None,
            "says": None,
            "identity": uuid.uuid4(),
            "nth": 1,
            "same_as": None,
            "sure": None,
            "stands": False,
            "bare": False,
        }
        work = booking.Import(connection, BankFile(file_id=file_id, today=TODAY), ACCOUNT)
        done = await work.book([brought])
    assert (done["known"], done["payments"]) == (1, 0)
    [task] = await pool.fetch("SELECT key, says FROM tasks")
    assert task["key"] == "unbooked/K1"
    assert "another payment has come under its reference" in task["says"]
