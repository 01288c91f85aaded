"""The same money in any number of files is booked once; what the bank takes back is owed again."""

import asyncio

import pytest

from activities.payments.entries import know_again
from tests.dues.test_ledger import UNBOOKED
from tests.membership.making import decision, payment
from tests.payments.making import (
    PAID,
    Money,
    bring,
    camt,
    camt_batch,
    camt_of,
    counted,
    ocr,
    payer,
    stands,
)
from tests.payments.test_allocation import LIST_KID, make_list

ONE = 49500


@pytest.fixture
async def kari(pool, persistence):
    """A member who owes 495.00 for each of two months."""
    return await payer(pool, persistence, "2026-10", "2026-11")


async def test_the_same_file_is_one_file(pool, kari):
    """Sent again it is answered with what it came to then, and changes nothing (P4)."""
    content = ocr(Money(kari.kids[0], ONE), Money(kari.kids[0], ONE, 2))
    first = await bring(pool, content)
    before = await counted(pool)
    assert await bring(pool, content) == first
    assert await counted(pool) == before


async def test_a_resend_with_more_in_it_adds_only_that(pool, kari):
    """Known by transmission, assignment and transaction number, whatever else the file has."""
    await bring(pool, ocr(Money(kari.kids[0], ONE)))
    report = await bring(pool, ocr(Money(kari.kids[0], ONE), Money(kari.kids[1], ONE, 2)))
    assert (report.payments, report.known, report.allocated) == (1, 1, 1)
    assert (await stands(pool))["balances"]["bank"] == 2 * ONE


@pytest.mark.parametrize("other", [{"transmission": "0000002"}, {"assignment": "0000002"}])
async def test_the_same_number_elsewhere_is_another_payment(pool, kari, other):
    """A transaction number counts within its assignment, and that within its transmission."""
    await bring(pool, ocr(Money(kari.kids[0], ONE)))
    report = await bring(pool, ocr(Money(kari.kids[1], ONE), **other))
    assert (report.payments, report.known) == (1, 0)


@pytest.mark.parametrize("turned", [False, True], ids=["OCR first", "camt first"])
async def test_both_formats_bring_one_payment(pool, kari, turned):
    """OCR's archive reference is camt's AcctSvcrRef: with KID and amount it is the same money."""
    ours = [
        Money(kari.kids[0], ONE, 1, "900000001", "900000001"),
        Money(kari.kids[1], ONE, 2, "77", "000000077"),
    ]
    files = [ocr(*ours), camt(*ours)]
    if turned:
        files.reverse()
    first, second = [await bring(pool, file) for file in files]
    assert (first.payments, second.payments, second.known) == (2, 0, 2)
    found = await stands(pool)
    assert found["balances"]["bank"] == 2 * ONE
    assert list(found["suspense"].values()) == [0, 0]
    # Each again, in another file: still known.
    for file in (ocr(*ours[1:]), camt(*ours[1:])):
        assert (await bring(pool, file)).known == 1


async def test_equal_payments_are_told_apart(pool, kari):
    """Two transactions of one file that look alike are two."""
    same = [Money(kari.kids[0], ONE, number, archive="000000077") for number in (1, 2)]
    report = await bring(pool, ocr(*same))
    assert (report.payments, report.allocated) == (2, 2)
    # The other format names one of them; a second one of that name would be the other.
    assert (await bring(pool, camt(Money(kari.kids[0], ONE, key="77")))).known == 1


async def test_a_reference_with_other_content_is_other_money(pool, kari):
    """A bank may call everything the same: another amount or KID is another payment (P4)."""
    await bring(pool, camt(Money(kari.kids[0], ONE)))
    for n, other in enumerate((Money(kari.kids[0], ONE + 1), Money(kari.kids[1], ONE)), 1):
        report = await bring(pool, camt(other))
        assert (report.payments, report.known, report.set_aside) == (1, 0, 0)
        assert (await stands(pool))["balances"]["bank"] == (n + 1) * ONE + 1


async def test_another_sum_than_was_reported_is_asked_about(pool, persistence, kari):
    """One is wrong, or there are two: nothing is booked before a person has told."""
    told = payment("K1", ONE, kari.kids[0])
    await persistence.record_decision(decision(3, kari.membership_id, payment=told))
    report = await bring(pool, camt(Money(kari.kids[0], ONE + 1)))
    assert (report.payments, report.known, report.set_aside) == (0, 0, 1)
    assert [one.reason for one in report.aside] == ["unclear"]
    says = await pool.fetchval("SELECT says FROM tasks WHERE kind = 'set_aside'")
    assert "payment K1 once more, or a second payment" in says


async def test_a_file_after_a_report_knows_it(pool, persistence, kari):
    """What `record_payment` brought is not booked again by the bank's file."""
    told = payment("K1", ONE, kari.kids[0])
    await persistence.record_decision(decision(3, kari.membership_id, payment=told))
    report = await bring(pool, camt(Money(kari.kids[0], ONE)))
    assert (report.payments, report.known) == (0, 1)
    assert await pool.fetchval("SELECT count(*) FROM payment_reports") == 0


async def test_what_is_reported_while_its_file_is_read(pool, persistence, kari, monkeypatch):
    """Between the look at the books and the booking: it is that payment, and no second one."""
    told = payment("K1", ONE, kari.kids[0])

    async def look_and_hear(*given):
        await know_again(*given)
        await persistence.record_decision(decision(3, kari.membership_id, payment=told))

    monkeypatch.setattr("activities.payments.booking.know_again", look_and_hear)
    report = await bring(pool, camt(Money(kari.kids[0], ONE)))
    assert (report.payments, report.known) == (0, 1)
    assert (await stands(pool))["balances"]["bank"] == ONE


async def test_a_batch_counts_its_transactions(pool, kari):
    """Without references of their own they are the entry's and its place; with, their own."""
    money = [Money(kari.kids[0], ONE, key="A"), Money(kari.kids[1], ONE, key="B")]
    await bring(pool, camt_of(camt_batch("E1", *money)))
    assert set((await stands(pool))["suspense"]) == {"E1/1", "E1/2"}
    await bring(pool, camt_of(camt_batch("E2", *money, own_keys=True)))
    assert set((await stands(pool))["suspense"]) == {"E1/1", "E1/2", "A", "B"}


@pytest.mark.parametrize("form", [ocr, camt])
@pytest.mark.parametrize("turned", [False, True], ids=["payment first", "reversal first"])
async def test_what_is_taken_back_is_owed_again(pool, kari, form, turned):
    """Whichever comes first, the invoice is open, the bank has nothing, and a task says so."""
    paid = Money(kari.kids[0], ONE, 1)
    back = Money(kari.kids[0], ONE, 2, reversal=True)
    files = [form(paid), form(back)]
    if turned:
        files.reverse()
    for content in files:
        assert (await bring(pool, content)).outcome == "applied"
    found = await stands(pool)
    assert found["open"][kari.kids[0]] == ONE
    assert (found["balances"]["bank"], found["balances"]["suspense"]) == (0, 0)
    assert (set(found["suspense"].values()), found["awaited"]) == ({0}, 0)
    key = "K1/reversed" if form is camt else "0000001-0000001-0000002"
    assert found["tasks"] == {f"reversal/{key}"}
    assert await pool.fetch(UNBOOKED) == []
    before = await counted(pool)
    for content in files:
        assert (await bring(pool, content + b"\n")).known == 1
    assert await counted(pool) == before


async def test_what_was_double_takes_the_place(pool, kari):
    """Open again (P8), the invoice is paid by what names it and had paid another one since."""
    money = [Money(kari.kids[0], ONE, key=key) for key in ("K1", "K2", "K3")]
    await bring(pool, camt(*money))
    found = await stands(pool)
    assert [found["open"][kid] for kid in kari.kids] == [0, 0]
    assert found["tasks"] == {"suspense/K3"}
    for key, left in (("K1", [0, 0]), ("K2", [0, ONE])):
        await bring(pool, camt(Money(kari.kids[0], ONE, key=key, reversal=True)))
        found = await stands(pool)
        assert [found["open"][kid] for kid in kari.kids] == left
    assert found["suspense"] == {"K1": 0, "K2": 0, "K3": 0}
    assert found["tasks"] == {"reversal/K1/reversed", "reversal/K2/reversed"}
    assert await pool.fetch(UNBOOKED) == []


async def test_what_is_in_suspense_again_is_a_task_again(pool, kari):
    """P3: two parts paid the oldest; one of them is taken back, and the other one waits anew."""
    await bring(pool, camt(Money(kari.kids[0], 20000, key="K1")))
    await bring(pool, camt(Money(kari.kids[0], 29500, key="K2")))
    assert (await stands(pool))["tasks"] == set()
    await bring(pool, camt(Money(kari.kids[0], 20000, key="K1", reversal=True)))
    found = await stands(pool)
    assert found["open"][kari.kids[0]] == ONE
    assert found["tasks"] == {"reversal/K1/reversed", "suspense/K2"}
    assert await pool.fetch(UNBOOKED) == []


async def test_a_lists_money_is_taken_back(pool, kari):
    """An employer's payment that the bank takes back leaves its list unpaid."""
    await make_list(pool, kari)
    await bring(pool, camt(Money(LIST_KID, ONE)))
    await bring(pool, camt(Money(LIST_KID, ONE, reversal=True)))
    balances = (await stands(pool))["balances"]
    assert (balances["employers"], balances["bank"], balances["suspense"]) == (0, 0, 0)
    assert await pool.fetch(UNBOOKED) == []


async def test_a_reversal_of_what_never_came_waits(pool):
    """The bank's account is right at once, and a caseworker is asked."""
    await bring(pool, camt(Money(None, 700, key="X", reversal=True)))
    found = await stands(pool)
    assert (found["balances"]["bank"], found["awaited"]) == (-700, 1)
    assert found["tasks"] == {"reversal/X/reversed"}


async def test_a_reversal_of_another_amount_waits(pool, kari):
    """Part of a payment can't be taken back by rule: it stays paid, and a caseworker is asked."""
    await bring(pool, camt(Money(kari.kids[0], ONE)))
    await bring(pool, camt(Money(kari.kids[0], 100, reversal=True)))
    found = await stands(pool)
    assert (found["open"][kari.kids[0]], found["awaited"]) == (0, 1)
    assert found["tasks"] == {"reversal/K1/reversed"}


async def test_importers_and_reports_at_once(pool, persistence, kari):
    """Several files and reports with the same KIDs, all at the same time: each invoice once."""
    files = [
        camt(*(Money(kari.kids[n % 2], ONE, key=f"{k}-{n}") for n in order))
        for k, order in enumerate([range(20), range(19, -1, -1), range(20)])
    ]
    told = payment("0-0", ONE, kari.kids[0])
    both = camt(Money(kari.kids[0], ONE, key="0-0", on=PAID), Money(kari.kids[1], ONE, key="Z"))
    reports = await asyncio.gather(
        *(bring(pool, file) for file in (*files, both)),
        persistence.record_decision(decision(3, kari.membership_id, payment=told)),
        return_exceptions=True,
    )
    # A deadlock may end one of them: its activity is tried again.
    for content, report in zip((*files, both), reports, strict=False):
        if isinstance(report, Exception):
            await bring(pool, content)
    found = await stands(pool)
    assert list(found["open"].values()) == [0, 0]
    assert found["balances"]["bank"] == 61 * ONE
    assert sum(found["suspense"].values()) == 59 * ONE
    assert await pool.fetch(UNBOOKED) == []
