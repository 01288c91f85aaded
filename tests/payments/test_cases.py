"""Files in the shape of real ones: each comes to what a person would make of it."""

import pytest

from activities.payments.suspense import NotPossible, list_suspense, take_in
from tests.payments.making import CASES, TODAY, Money, bring, camt, ocr, stands

# What a file comes to: payments, their øre, reversals, set aside and passed over, with the reasons.
FILES = {
    "good.txt": (1, 49500, 0, []),
    "danske-day1.xml": (1, 49500, 0, []),
    "fee-noref.xml": (1, 49500, 0, ["fee"]),
    "pdng.xml": (1, 49500, 0, ["not_booked"]),
    "two-ntrydtls.xml": (2, 99000, 0, []),
    # 500.00 EUR at 11.40 are the 5,700.00 NOK that were booked.
    "txamt-eur.xml": (1, 570000, 0, []),
    "iso88591.xml": (1, 49500, 0, []),
    "refund-out.xml": (0, 0, 0, ["outgoing"]),
    "who-paid.xml": (1, 49500, 0, []),
    "avtalegiro.txt": (1, 49500, 0, ["mandate"]),
    "bom.txt": (1, 49500, 0, []),
    "ocr-2025.txt": (1, 49500, 0, []),
}


@pytest.mark.parametrize(("name", "comes_to"), FILES.items(), ids=FILES)
async def test_a_file_comes_to(pool, name, comes_to):
    """P5: what is money is booked, and what is not is said by the entry."""
    report = await bring(pool, (CASES / name).read_bytes())
    assert report.outcome == "applied"
    aside = [str(one.reason) for one in report.aside]
    assert (report.payments, report.amount_ore, report.reversals, aside) == comes_to
    found = await stands(pool)
    fees = found["balances"].get("bank_charges", 0)
    assert found["balances"].get("bank", 0) == comes_to[1] - fees
    assert fees == (4500 if name == "fee-noref.xml" else 0)
    assert report.set_aside + report.passed_over + report.charges == len(aside)


@pytest.mark.parametrize("turned", [False, True], ids=["in order", "turned"])
@pytest.mark.parametrize(
    "names", [("danske-day1.xml", "danske-day2.xml"), ("ocr-2025.txt", "ocr-2026.txt")]
)
async def test_one_reference_for_two_payments(pool, names, turned):
    """P4: another day, another payment, whatever the bank calls it; the same file adds nothing."""
    files = [(CASES / name).read_bytes() for name in names]
    for content in reversed(files) if turned else files:
        report = await bring(pool, content)
        assert (report.payments, report.known) == (1, 0)
    assert (await stands(pool))["balances"]["bank"] == 2 * 49500
    for content in files:
        assert (await bring(pool, content + b"\r\n")).known == 1
    assert (await stands(pool))["balances"]["bank"] == 2 * 49500


async def test_who_paid_is_shown(pool):
    """P6: name, account, text and every number in it, to whoever must place the money."""
    await bring(pool, (CASES / "who-paid.xml").read_bytes())
    async with pool.acquire() as connection:
        [left] = await list_suspense(connection)
    assert (left.payer, left.account) == ("Kari Nordmann", "15030123456")
    assert (left.text, left.numbers) == ("Kontingent desember, medlem 00000007", "00000007")
    assert not any("Kari" in row["says"] for row in await pool.fetch("SELECT says FROM tasks"))


async def test_what_nobody_can_tell_waits_for_a_person(pool):
    """The same words in two messages of one day, under no reference: taken in, or left (P4)."""
    first = (CASES / "danske-day1.xml").read_bytes()
    second = first.replace(b"<MsgId>M1", b"<MsgId>M2")
    await bring(pool, first)
    report = await bring(pool, second)
    assert (report.payments, report.known, report.set_aside) == (0, 0, 1)
    # A third telling asks nobody again.
    assert (await bring(pool, second + b" ")).set_aside == 0
    [task] = await pool.fetch("SELECT key FROM tasks WHERE kind = 'set_aside'")
    reference = task["key"].removeprefix("entry/")
    async with pool.acquire() as connection, connection.transaction():
        assert await take_in(connection, reference, today=TODAY, by="ola") == 49500
    async with pool.acquire() as connection, connection.transaction():
        with pytest.raises(NotPossible, match="waits to be taken in"):
            await take_in(connection, reference, today=TODAY, by="ola")
    found = await stands(pool)
    assert (found["balances"]["bank"], len(found["tasks"])) == (2 * 49500, 2)
    assert (await bring(pool, second + b"  ")).known == 1


async def test_another_format_and_a_statement_add_nothing(pool):
    """P4: OCR giro, the notice and the statement of one day tell of one payment."""
    money = Money("1000000010000016", 49500)
    notice = camt(money)
    statement = notice.replace(b"camt.054", b"camt.053").replace(b"Ntfctn", b"Stmt")
    reports = [await bring(pool, content) for content in (ocr(money), notice, statement)]
    assert [one.payments for one in reports] == [1, 0, 0]
    assert [one.known for one in reports] == [0, 1, 1]
