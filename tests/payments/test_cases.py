"""Files in the shape of real ones: each comes to what a person would make of it."""

from datetime import date

import asyncpg
import pytest

from activities.payments.forgetting import forget_payers
from activities.payments.suspense import NotPossible, list_suspense, take_in
from activities.payments.task_payers import payers_of
from schemas.pricing.rulebook import Policies
from tests.payments.making import CASES, TODAY, Money, bring, camt, ocr, payer, stands

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


async def test_one_number_for_two_transmissions(pool):
    """P4: joined in one file they are two payments, and each once however often it stands there."""
    first, second = ((CASES / f"ocr-{year}.txt").read_bytes() for year in (2025, 2026))
    report = await bring(pool, first + second + first)
    assert (report.outcome, report.payments, report.known) == ("applied", 2, 0)
    assert (await bring(pool, second)).known == 1
    assert (await stands(pool))["balances"]["bank"] == 2 * 49500


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
    """P6: name, account, text and every number in it, to whoever must place the money.

    Told a second time, the payment stands beside itself in no task.
    """
    content = (CASES / "who-paid.xml").read_bytes()
    assert [(await bring(pool, content + end)).known for end in (b"", b"\n")] == [0, 1]
    async with pool.acquire() as connection:
        [left] = await list_suspense(connection)
        [task] = (
            await payers_of(connection, [await pool.fetchval("SELECT task_id FROM tasks")])
        ).values()
    assert (
        task.about
        == "Kari Nordmann · 15030123456 · Kontingent desember, medlem 00000007 · 00000007"
    )
    assert (left.payer, left.account) == ("Kari Nordmann", "15030123456")
    assert (left.text, left.numbers) == ("Kontingent desember, medlem 00000007", "00000007")
    assert not any("Kari" in row["says"] for row in await pool.fetch("SELECT says FROM tasks"))


async def test_who_paid_can_be_forgotten(pool, persistence):
    """P6: of a member, and of long ago once it is placed; the file again still adds nothing."""
    kari, ola = await payer(pool, persistence), await payer(pool, persistence)
    content = (CASES / "who-paid.xml").read_text()
    text = "<Ustrd>Kontingent desember, medlem 00000007</Ustrd>"
    paid = [
        content.replace(text, f"<Strd><CdtrRefInf><Ref>{one.kids[0]}</Ref></CdtrRefInf></Strd>")
        for one in (kari, ola)
    ]
    for number, one in enumerate((content, *paid)):
        await bring(pool, one.replace(">P1<", f">P{number}<").encode())
    told = "SELECT count(*) FROM bank_entries WHERE payer_name IS NOT NULL"
    year = Policies(valid_from=date(1970, 1, 1), payer_kept_years=1)
    async with pool.acquire() as connection, connection.transaction():
        # 2026 is kept to the end of 2027, and who must still be placed is kept.
        for today, whose, left in (
            (date(2027, 12, 31), [], 3),
            (date(2027, 12, 31), [kari.membership_id], 2),
            (date(2028, 1, 1), [], 1),
        ):
            await forget_payers(connection, year, today=today, membership_ids=whose)
            assert await connection.fetchval(told) == left
    report = await bring(pool, paid[0].encode() + b" ")
    assert (report.payments, report.known, report.set_aside) == (0, 1, 0)
    for change in ("amount_ore = 1", "payer_name = 'x'", "payer_name = NULL, kid = '2'"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await pool.execute(f"UPDATE bank_entries SET {change}")


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
    """P4: OCR giro, the notice and the statement of one day tell of the same two payments."""
    money = (Money("1000000010000016", 49500), Money("1000000010000024", 24750, 2, "K2"))
    notice = camt(*money, Money(None, 700, key="K3"))
    statement = notice.replace(b"camt.054", b"camt.053").replace(b"Ntfctn", b"Stmt")
    reports = [await bring(pool, content) for content in (ocr(*money), notice, statement)]
    assert [one.payments for one in reports] == [2, 1, 0]
    assert [one.known for one in reports] == [0, 2, 3]
    assert (await stands(pool))["balances"]["bank"] == 49500 + 24750 + 700


# What OCR giro and a notice tell of one day, and what is booked, known and set aside of the second.
A, B = "1000000010000016", "1000000010000024"
TOLD_TWICE = {
    "one payment each, and nobody": ([(A, 1)], [(A, "K1")], (0, 0, 1)),
    "each tells of another one too": ([(A, 1), (B, 2)], [(A, "K1"), (None, "K2")], (1, 0, 1)),
    "the second tells all of the first": ([(A, 1), (B, 2)], [(B, "K1"), (A, "K2")], (0, 2, 0)),
    "two of one, and one": ([(A, 1), (A, 2)], [(A, "K1")], (0, 0, 1)),
    "one, and two of one": ([(A, 1)], [(A, "K1"), (A, "K2")], (1, 0, 1)),
    "they call another one the same": (
        [(A, 1, "900000001"), (B, 2, "900000002")],
        [(A, "900000007"), (B, "900000002")],
        (0, 1, 1),
    ),
}


@pytest.mark.parametrize("turned", [False, True], ids=["OCR first", "camt first"])
@pytest.mark.parametrize(("first", "second", "comes_to"), TOLD_TWICE.values(), ids=TOLD_TWICE)
async def test_what_two_sources_tell_once_each(pool, first, second, comes_to, turned):
    """P4: equal in KID, amount and day: once for sure, or waiting for a person who sees both."""
    told = [Money(kid, 49500, n, "", *archive) for kid, n, *archive in first]
    noted = [Money(kid, 49500, key=key) for kid, key in second]
    files = [ocr(*told), camt(*noted)]
    before = await bring(pool, files[turned])
    after = await bring(pool, files[not turned])
    assert before.payments == len(second if turned else first)
    if len(first) == len(second) and None not in dict(second):
        assert (after.payments, after.known, after.set_aside) == comes_to
    # Whatever waits can be taken in: no order loses any of it, and none is counted that is known.
    assert after.payments + after.known + after.set_aside == len(first if turned else second)
    waiting = await pool.fetch("SELECT key, says FROM tasks WHERE kind = 'set_aside'")
    assert len(waiting) == after.set_aside
    async with pool.acquire() as connection, connection.transaction():
        for task in waiting:
            assert "once more, or a second payment" in task["says"]
            reference = task["key"].removeprefix("entry/")
            await take_in(connection, reference, today=TODAY, by="ola")
    booked = (len(first) + len(second) - after.known) * 49500
    assert (await stands(pool))["balances"]["bank"] == booked
