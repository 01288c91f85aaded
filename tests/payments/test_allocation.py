"""Where money goes (P3): one rule for files of both formats."""

from datetime import date

import asyncpg
import pytest

from schemas.shared.vocabulary import Outcome, Stage
from tests.dues.test_ledger import UNBOOKED
from tests.membership.making import decision, payment, standing
from tests.payments.making import Money, bring, camt, ocr, payer, stands

ONE = 49500


@pytest.fixture
async def kari(pool, persistence):
    """A member who owes 495.00 for each of three months."""
    return await payer(pool, persistence, "2026-10", "2026-11", "2026-12")


async def left_open(pool, member):
    """What is open of each invoice, the oldest first."""
    rows = await pool.fetch(
        "SELECT open_ore FROM invoice_balances WHERE membership_id = $1 ORDER BY serial",
        member.membership_id,
    )
    return [row["open_ore"] for row in rows]


# What comes in, in the bank's order, as (KID, øre); then what is open of the three invoices of
# 495.00, and what is in suspense of each payment. A KID is an invoice's serial; 9 has a right
# check digit and no invoice.
TABLE = {
    "exact": ([(2, 49500)], [49500, 0, 49500], [0]),
    "part": ([(2, 20000)], [49500, 49500, 49500], [20000]),
    # 495.01 - 495.00 = 0.01, which is not what the oldest asks.
    "more": ([(2, 49501)], [49500, 0, 49500], [1]),
    # The second finds its own paid, and pays the oldest.
    "double": ([(2, 49500), (2, 49500)], [0, 0, 49500], [0, 0]),
    # The part fits nothing; what comes after it is still exactly what is asked.
    "part, then exact": ([(2, 20000), (2, 49500)], [49500, 0, 49500], [20000, 0]),
    # 200.00 + 300.00 = 500.00: 495.00 of the oldest, 5.00 left of the second.
    "two parts make a whole": ([(2, 20000), (2, 30000)], [0, 49500, 49500], [0, 500]),
    "no such invoice: the oldest": ([(9, 49500)], [0, 49500, 49500], [0]),
    "no such invoice, another amount": ([(9, 20000)], [49500, 49500, 49500], [20000]),
    "the oldest, one after the other": ([(9, 49500)] * 4, [0, 0, 0], [0, 0, 0, 49500]),
    # The second names the oldest; the first has paid it, or pays the next one.
    "the oldest, then by name": ([(9, 49500), (1, 49500)], [0, 0, 49500], [0, 0]),
    "by name, then the oldest": ([(1, 49500), (9, 49500)], [0, 0, 49500], [0, 0]),
    "no KID": ([(None, 49500)], [49500, 49500, 49500], [49500]),
    # A30: a standing order goes on with the first invoice's KID.
    "two invoices in one": ([(1, 99000)], [0, 0, 49500], [0]),
    "all in one": ([(3, 148500)], [0, 0, 0], [0]),
    # 2,000.00 - 3 x 495.00 = 515.00, an overpayment.
    "more than all": ([(2, 200000)], [0, 0, 0], [51500]),
    # Two within a few days: the second pays November, which is overdue; the third is asked about.
    "twice too often": ([(1, 49500)] * 3, [0, 0, 49500], [0, 0, 49500]),
}


@pytest.mark.parametrize("form", [ocr, camt])
@pytest.mark.parametrize(("money", "open_ore", "suspense"), TABLE.values(), ids=TABLE.keys())
async def test_where_money_goes(pool, kari, form, money, open_ore, suspense):
    """P3: the invoice it names, then the oldest; what is less than a whole one waits."""
    brought = [
        Money(kari.kid(serial) if serial else None, ore, number=n, key=f"K{n}")
        for n, (serial, ore) in enumerate(money, start=1)
    ]
    report = await bring(pool, form(*brought))
    assert (report.outcome, report.payments) == ("applied", len(money))
    assert await left_open(pool, kari) == open_ore
    kept = await pool.fetch(
        "SELECT suspense_ore FROM payment_balances ORDER BY right(reference, 1)"
    )
    assert [row["suspense_ore"] for row in kept] == suspense
    tasks = await pool.fetchval("SELECT count(*) FROM tasks WHERE kind = 'suspense'")
    waiting = sum(ore > 0 for ore in suspense)
    untouched = sum(left == ore for left, (_, ore) in zip(suspense, money, strict=True))
    assert (report.suspended, report.allocated) == (waiting, len(money) - untouched)
    assert tasks == waiting
    assert await pool.fetch(UNBOOKED) == []
    assert sum((await stands(pool))["balances"].values()) == 0


@pytest.mark.parametrize(
    "kid", ["1000000010000099", "12344", "2000000010000018", "7" * 25], ids=str
)
async def test_what_names_nothing_of_ours_is_kept(pool, kari, kid):
    """A wrong check digit or another's KID: in suspense, nobody's, with a task."""
    await bring(pool, camt(Money(kid, ONE)))
    assert await left_open(pool, kari) == [ONE] * 3
    row = await pool.fetchrow("SELECT membership_id, suspense_ore FROM payment_balances")
    assert tuple(row) == (None, ONE)
    says = await pool.fetchval("SELECT says FROM tasks WHERE key = 'suspense/K1'")
    assert says.startswith("Payment K1 is in suspense: nothing of ours has its KID")


REASONS = {
    "less": (2, 20000, "Payment K1 is in suspense: it is less than the invoice asks"),
    "more": (
        2,
        60000,
        "Part of payment K1 is in suspense: what is left is less than the next invoice asks",
    ),
    "more than all": (
        2,
        150000,
        "Part of payment K1 is in suspense: it is more than the member owes",
    ),
    "none": (None, ONE, "Payment K1 is in suspense: it has no KID"),
}


@pytest.mark.parametrize(("serial", "ore", "says"), REASONS.values(), ids=REASONS.keys())
async def test_a_task_says_why(pool, kari, serial, ore, says):
    """The reference, the reason and what to do; nothing about the person."""
    await bring(pool, camt(Money(kari.kid(serial) if serial else None, ore)))
    said = await pool.fetchval("SELECT says FROM tasks WHERE key = 'suspense/K1'")
    assert said == f"{says}. Allocate it or refund it."


async def test_a_whole_list_is_paid_by_its_kid(pool, kari):
    """An employer's payment is for its list, whole, whatever it comes to: twice is twice."""
    await make_list(pool, kari)
    await bring(pool, ocr(Money(LIST_KID, 30000, 1), Money(LIST_KID, 900, 2)))
    paid = await pool.fetchval("SELECT sum(amount_ore) FROM allocations WHERE list_number = 'L-1'")
    assert paid == 30900
    balances = (await stands(pool))["balances"]
    assert (balances["bank"], balances["employers"]) == (30900, -30900)
    assert balances["suspense"] == 0
    assert await pool.fetch(UNBOOKED) == []


LIST_KID = "2000000010000018"


async def make_list(pool: asyncpg.Pool, member, number: str = "L-1"):
    """A deduction list of 495.00 for one member."""
    await pool.execute("INSERT INTO employers (orgnr) VALUES ('974760673') ON CONFLICT DO NOTHING")
    await pool.execute(
        "INSERT INTO deduction_lists (number, kid, employer_orgnr, serial, period_from, made_on,"
        " report_due_on, total_ore, line_count) VALUES ($2, $1, '974760673', 1, '2026-12-01',"
        " '2026-12-01', '2027-01-15', 49500, 1)",
        LIST_KID,
        number,
    )
    await pool.execute(
        "INSERT INTO deduction_lines VALUES ($2, $1, 49500, 0, 0, 49500, 'START')",
        member.membership_id,
        number,
    )


async def test_money_after_the_end_pays_and_is_looked_at(pool, persistence, kari):
    """Late: to the open invoice if it is exact, and a task either way."""
    over = standing(Stage.ENDED, outcome=Outcome.RESIGNED)
    await persistence.record_decision(decision(3, kari.membership_id, standing=over))
    await bring(pool, ocr(Money(kari.kids[0], ONE, 1), Money(kari.kids[1], 100, 2)))
    assert await left_open(pool, kari) == [0, ONE, ONE]
    assert (await stands(pool))["tasks"] == {
        "late/0000001-0000001-0000001",
        "suspense/0000001-0000001-0000002",
    }


async def test_a_reported_payment_goes_the_same_way(pool, persistence, kari):
    """`record_payment` reaches the same rule: a run's invoice by its KID, else the oldest."""
    for number, (kid, serial) in enumerate([(kari.kids[2], 3), (None, 1), (kari.kid(9), 2)], 3):
        receipt = await persistence.record_decision(
            decision(number, kari.membership_id, payment=payment(f"B-{number}", ONE, kid))
        )
        assert receipt.payment.invoice_number == f"{kari.number}-{serial}"
        assert (receipt.payment.allocated, receipt.payment.paid_ore) == (True, ONE)
    assert await left_open(pool, kari) == [0, 0, 0]
    assert await pool.fetch(UNBOOKED) == []


async def test_what_a_file_has_booked_is_adopted_once(pool, persistence, kari):
    """The membership that is told of it answers with its allocation; a second report is refused."""
    await bring(pool, camt(Money(kari.kids[0], ONE, on=date(2026, 11, 22))))
    told = payment("K1", ONE, kari.kids[0])
    first = await persistence.record_decision(decision(3, kari.membership_id, payment=told))
    assert (first.recorded, first.payment.allocated, first.payment.paid_ore) == (True, True, ONE)
    again = await persistence.record_decision(decision(3, kari.membership_id, payment=told))
    assert again == first
    second = await persistence.record_decision(decision(4, kari.membership_id, payment=told))
    assert (second.recorded, second.payment.known, second.payment.conflict) == (False, True, False)
    other = payment("K1", ONE + 1, kari.kids[0])
    wrong = await persistence.record_decision(decision(4, kari.membership_id, payment=other))
    assert (wrong.recorded, wrong.payment.conflict) == (False, True)
    assert await pool.fetchval("SELECT count(*) FROM payments") == 1
