"""Claims out (P9): each invoice once, in time, taken back when it is not owed, or given back."""

from datetime import date

import netsgiro
import pytest

from activities.arrears.agreements import make_plan, withdraw_plan
from activities.direct_debit.claims import Creditor, make_claims, read_claim_file
from activities.dues.activities import Dues
from activities.payments.suspense import allocate
from schemas.direct_debit.contracts import ClaimDay, ClaimReport
from schemas.names import direct_debit_run_id
from tests.builders import BOOK
from tests.direct_debit.making import mandates, told
from tests.dues.making import charge
from tests.letters.making import end_membership
from tests.payments.making import ACCOUNT, Money, bring, ocr, payer

US = Creditor(sender="55555555", account=ACCOUNT)
SIGNED, ISSUED, CLAIMED = date(2026, 12, 1), date(2026, 12, 2), date(2026, 12, 3)
DUE = date(2026, 12, 16)


async def claim(pool, day=CLAIMED, us=US):
    """Make a day's claims, as the run does."""
    order = ClaimDay(today=day, batch=direct_debit_run_id(day))
    async with pool.acquire() as connection:
        return await make_claims(connection, order, BOOK, us)


async def sign(pool, *payers, kind=1, on=SIGNED, transmission="0000011"):
    """Have the bank tell of mandates."""
    records = [told(one.kid(1), kind, number=at) for at, one in enumerate(payers, 1)]
    await bring(pool, mandates(*records, on=on, transmission=transmission), today=on)


@pytest.fixture
async def kari(pool, persistence):
    """A member with a mandate, and an invoice of November before and of December after it."""
    one = await payer(pool, persistence, "2026-11")
    await sign(pool, one)
    await charge(Dues(pool), "2026-12", today=ISSUED)
    return one


async def told_bank(pool, day):
    """What a day's file tells: the kind, KID, øre and due date of each."""
    async with pool.acquire() as connection:
        file = await read_claim_file(connection, day)
    parsed = netsgiro.parse(file.content.decode("iso-8859-1"))
    return [
        (int(assignment.type), one.kid, one.amount_in_cents, one.date)
        for assignment in parsed.assignments
        for one in assignment.transactions
    ]


async def letters(pool):
    """The letters that ask for what is not collected, and why."""
    rows = await pool.fetch("SELECT * FROM letters WHERE template = 'direct_debit_returned'")
    return [(row["figures"]["reason"], row["figures"]["pay_by"], row["batch"]) for row in rows]


async def test_an_invoice_is_claimed_once(pool, kari):
    """P9: what came before the mandate asked to be paid; what came after is claimed, once."""
    report = await claim(pool)
    assert (report.claims, report.amount_ore, report.cancellations) == (1, 49500, 0)
    assert await told_bank(pool, CLAIMED) == [(0, kari.kid(2), 49500, DUE)]
    assert await claim(pool) == report
    assert await claim(pool, date(2026, 12, 4)) == ClaimReport(today=date(2026, 12, 4))
    debited = "SELECT number, debited_on(number) AS day FROM invoices ORDER BY serial"
    assert [row["day"] for row in await pool.fetch(debited)] == [None, DUE]
    # Collected on the day: nothing is asked of anybody.
    await bring(pool, ocr(Money(kari.kid(2), 49500, on=DUE)), today=date(2026, 12, 17))
    assert await claim(pool, date(2026, 12, 22)) == ClaimReport(today=date(2026, 12, 22))
    assert await letters(pool) == []


@pytest.mark.usefixtures("kari")
async def test_a_file_that_is_late_claims_for_the_first_day_it_can(pool):
    """P9: made on Monday 14, taken on Tuesday 15 and due 4 days later, Saturday 19: Monday 21."""
    await claim(pool, date(2026, 12, 14))
    [(_, _, _, due)] = await told_bank(pool, date(2026, 12, 14))
    assert due == date(2026, 12, 21)


@pytest.mark.usefixtures("kari")
async def test_no_claim_past_the_due_date(pool):
    """P9: the letter said it would be collected; now it asks to be paid, within 14 days."""
    report = await claim(pool, date(2026, 12, 17))
    assert (report.claims, report.not_claimed) == (0, 1)
    day = "direct-debit-2026-12-17"
    assert await letters(pool) == [("not_claimed", "2026-12-31", day)]
    assert (await claim(pool, date(2026, 12, 17))).not_claimed == 0


async def test_what_was_paid_by_hand_is_cancelled(pool, kari):
    """P9: the bank is told the next day not to collect it; nobody pays twice."""
    await claim(pool)
    await bring(pool, ocr(Money(kari.kid(2), 49500, on=date(2026, 12, 4))), today=date(2026, 12, 4))
    report = await claim(pool, date(2026, 12, 4))
    assert (report.cancellations, report.cancelled) == (1, 0)
    assert await told_bank(pool, date(2026, 12, 4)) == [(36, kari.kid(2), 49500, DUE)]
    assert (await claim(pool, date(2026, 12, 7))).cancellations == 0


async def test_what_was_paid_in_part_is_asked_for(pool, kari):
    """P9: the claim of the whole is cancelled, and the member asked to pay the rest."""
    await claim(pool)
    paid = date(2026, 12, 4)
    await bring(pool, ocr(Money(kari.kid(2), 9500, on=paid)), today=paid)
    # Part of an invoice waits in suspense (P3); somebody places it.
    number = await pool.fetchval("SELECT number FROM invoices WHERE kid = $1", kari.kid(2))
    reference = await pool.fetchval("SELECT reference FROM payments")
    async with pool.acquire() as connection, connection.transaction():
        await allocate(connection, reference, number, today=paid, by="ola")
    report = await claim(pool, paid)
    assert (report.cancellations, report.cancelled) == (1, 1)
    assert [reason for reason, _, _ in await letters(pool)] == ["cancelled"]


@pytest.mark.usefixtures("kari")
async def test_nothing_is_claimed_under_a_number_that_is_not_known(pool):
    """P9: a task asks for it until it is set; then what there is time for is claimed."""
    asked = "SELECT count(*) FROM tasks WHERE kind = 'claims_without_sender' AND closed_on IS NULL"
    unknown = Creditor(sender=None, account=ACCOUNT)
    report = await claim(pool, us=unknown)
    assert (report.claims, report.file_id, await pool.fetchval(asked)) == (0, None, 1)
    assert (await claim(pool)).claims == 1
    assert await pool.fetchval(asked) == 0


async def test_too_late_to_cancel(pool, kari):
    """P9: Tuesday's file is taken on Wednesday, when it is due: a task says what will come."""
    await claim(pool)
    paid = date(2026, 12, 14)
    await bring(pool, ocr(Money(kari.kid(2), 49500, on=paid)), today=date(2026, 12, 15))
    report = await claim(pool, date(2026, 12, 15))
    assert (report.cancellations, report.too_late) == (0, 1)
    [says] = [row[0] for row in await pool.fetch("SELECT says FROM tasks WHERE kind LIKE 'claim%'")]
    assert "495.00 kr" in says
    assert "2026-12-16" in says


async def test_a_refused_claim_goes_back(pool, kari):
    """P9: nothing has come five days after it was due: the member gets a letter, once."""
    await claim(pool)
    assert (await claim(pool, date(2026, 12, 21))).refused == 0
    assert (await claim(pool, date(2026, 12, 22))).refused == 1
    assert (await claim(pool, date(2026, 12, 23))).refused == 0
    assert [reason for reason, _, _ in await letters(pool)] == ["refused"]
    number = await pool.fetchval("SELECT number FROM invoices WHERE kid = $1", kari.kid(2))
    assert await pool.fetchval("SELECT debited_on($1)", number) is None


async def test_a_mandate_that_ends(pool, kari):
    """P9: before the claim and after it: the invoice goes back, and the next asks to be paid."""
    await claim(pool)
    await sign(pool, kari, kind=2, on=date(2026, 12, 4), transmission="0000012")
    report = await claim(pool, date(2026, 12, 4))
    assert (report.cancellations, report.cancelled) == (1, 1)
    await charge(Dues(pool), "2027-01", today=date(2027, 1, 4))
    assert (await claim(pool, date(2027, 1, 5))).claims == 0
    assert await pool.fetchval("SELECT debited_on(max(number)) FROM invoices") is None


async def test_a_mandate_that_ends_before_the_claim(pool, kari):
    """P9: the letter has said that it is collected: another one says that it is not."""
    await sign(pool, kari, kind=2, on=CLAIMED, transmission="0000012")
    report = await claim(pool)
    assert (report.claims, report.not_claimed) == (0, 1)


@pytest.mark.parametrize("outcome", ["deceased", "resigned", "struck_off"])
async def test_who_has_died_or_left(pool, kari, outcome):
    """P9, L7: no claim is made, and the one that was made is cancelled."""
    await claim(pool)
    await end_membership(pool, kari.membership_id, outcome)
    report = await claim(pool, date(2026, 12, 4))
    assert (report.claims, report.cancellations) == (0, 1)


@pytest.mark.usefixtures("kari")
async def test_a_hidden_member_is_claimed_as_any(pool):
    """P9, S30: the bank learns what it must; nobody else is told anything."""
    await pool.execute("UPDATE memberships SET hidden = true")
    assert (await claim(pool)).claims == 1
    assert await pool.fetchval("SELECT count(*) FROM letters WHERE audience <> 'member'") == 0


async def test_a_plan_given_up_after_the_due_date(pool, kari):
    """P9: collected on the first day that the bank takes, and no letter asks for it."""
    await claim(pool)
    late, policies = date(2026, 12, 22), BOOK.policies_on(CLAIMED)
    member = kari.membership_id
    async with pool.acquire() as connection, connection.transaction():
        await make_plan(
            connection, member, policies, first_on=date(2027, 2, 1), months=3, today=CLAIMED,
            by="ola", reason="avtalt",
        )  # fmt: skip
    assert (await claim(pool, date(2026, 12, 4))).cancellations == 1
    # What a plan asks for waits for its end.
    assert await claim(pool, late) == ClaimReport(today=late)
    async with pool.acquire() as connection, connection.transaction():
        await withdraw_plan(connection, member, today=late, by="ola", reason="angret")
    assert (await claim(pool, date(2026, 12, 23))).claims == 1
    [(kind, kid, _, due)] = await told_bank(pool, date(2026, 12, 23))
    assert (kind, kid, due) == (0, kari.kid(2), date(2027, 1, 4))
    assert await letters(pool) == []
    number = await pool.fetchval("SELECT number FROM invoices WHERE kid = $1", kari.kid(2))
    assert await pool.fetchval("SELECT debited_on($1)", number) == due
    assert (await claim(pool, date(2026, 12, 24))).claims == 0


async def test_who_chooses_invoices_has_them(pool, kari):
    """P9: a choice after the mandate stands against it; a later mandate is another choice."""
    await claim(pool)
    choose = (
        "INSERT INTO payment_choices SELECT membership_id, max(number), 'invoice', $2 "
        "FROM decisions WHERE membership_id = $1 GROUP BY membership_id"
    )
    await pool.execute(choose, kari.membership_id, date(2026, 12, 4))
    assert (await claim(pool, date(2026, 12, 4))).cancelled == 1
    await sign(pool, kari, kind=2, on=date(2026, 12, 7), transmission="0000012")
    await sign(pool, kari, on=date(2026, 12, 8), transmission="0000013")
    await charge(Dues(pool), "2027-01", today=date(2027, 1, 4))
    assert (await claim(pool, date(2027, 1, 5))).claims == 1
