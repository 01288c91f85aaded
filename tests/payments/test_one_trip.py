"""A payment in one trip: it is allocated once, and only what fits that place is written."""

import pytest

from activities.payments.suspense import allocate
from schemas.payments.allocation import Allocation, AllocationReason, payment_in_words
from schemas.shared.vocabulary import Outcome, Stage
from tests.dues.test_ledger import UNBOOKED
from tests.membership.making import TODAY, decision, payment, standing
from tests.payments.making import Money, bring, camt, counted, payer, reported, stands

ONE = 49500
TASK = ["caseworker_task"]
START = ["payroll_start"]


@pytest.fixture
async def kari(pool, persistence):
    """A member who owes 495.00 for each of three months; the first stands for the approval's."""
    return await payer(pool, persistence, "2026-10", "2026-11", "2026-12")


async def written(pool, number):
    """What stands of a decision: its letters, its rules and what its sender was answered."""
    row = await pool.fetchrow(
        "SELECT rules, applied, ARRAY(SELECT template FROM letters"
        " WHERE letters.membership_id = decisions.membership_id AND decision = number) AS letters"
        " FROM decisions WHERE number = $1",
        number,
    )
    return row["letters"], row["rules"], row["applied"]["answer"]["says"]


# A KID is an invoice's serial; 9 has a right check digit and no invoice, 0 is none. What is
# reported of 495.00 owed three times; then the place, the reason, the invoice and the letters.
# How many more it pays, and what of it is in suspense: 495.01 - 495.00 = 0.01.
TABLE = {
    "the first, by its KID": (1, 49500, "first_invoice", "kid", 1, 0, 0, START),
    "the first, as the oldest": (0, 49500, "first_invoice", "oldest", 1, 0, 0, START),
    "the first, by a KID without an invoice": (9, 49500, "first_invoice", "oldest", 1, 0, 0, START),
    "a later one": (3, 49500, "invoice", "kid", 3, 0, 0, []),
    "part": (3, 20000, "suspense", "part", None, 0, 20000, TASK),
    "part of the oldest": (0, 20000, "suspense", "part", None, 0, 20000, TASK),
    "over": (2, 49501, "invoice", "over", 2, 0, 1, []),
    "two in one": (0, 99000, "first_invoice", "oldest", 1, 1, 0, START),
    # 1,500.00 - 2 x 495.00 = 510.00, and 495.00 of that are the third's
    "what is left is the first's": (3, 150000, "first_invoice", "oldest", 1, 2, 1500, START),
    "all with the first's KID": (1, 150000, "first_invoice", "over", 1, 2, 1500, START),
    "an unknown KID": ("12344", 49500, "suspense", "foreign_kid", None, 0, 49500, TASK),
}


@pytest.mark.parametrize(
    ("kid", "ore", "place", "reason", "serial", "others", "left", "letters"),
    TABLE.values(),
    ids=TABLE,
)
async def test_only_what_fits_is_written(
    pool, persistence, kari, kid, ore, place, reason, serial, others, left, letters
):
    """The receipt says where the money went, and so do the letters, the rules and the answer."""
    named = kid if isinstance(kid, str) else kari.kid(kid) if kid else None
    told = reported(3, kari, payment("B-1", ore, named))
    receipt = (await persistence.record_decision(told)).payment
    assert (receipt.went_to, receipt.reason) == (place, reason)
    number = f"{kari.number}-{serial}" if serial else None
    assert (receipt.invoice_number, receipt.allocated) == (number, serial is not None)
    assert (receipt.others, receipt.left_ore) == (others, left if serial else 0)
    assert not receipt.otherwise
    rules = ["P3", "A20"] if place == "first_invoice" else ["P3"]
    says = payment_in_words(
        ore, receipt.went_to, number, receipt.reason, others=others, left_ore=receipt.left_ore
    )
    assert await written(pool, 3) == (letters, rules, says)
    assert await pool.fetch(UNBOOKED) == []
    assert (await stands(pool))["suspense"] == {"B-1": left}


def test_where_money_went_in_words():
    """All that it pays, what is left of it, and why, in one sentence."""
    went, over = Allocation.INVOICE, AllocationReason.OVER
    assert payment_in_words(150000, went, "7-2", over, others=2, left_ore=1500) == (
        "150000 øre received, on invoice 7-2 and 2 more, 1500 øre in suspense: it is more than the "
        "invoice asks"
    )
    assert payment_in_words(49500, Allocation.FIRST_INVOICE, reason=AllocationReason.KID) == (
        "49500 øre received, on the first invoice: exactly what it asks"
    )


async def test_a_second_trip_changes_nothing(pool, persistence, kari):
    """A retried activity is answered with the first receipt, whatever was paid meanwhile."""
    told = reported(3, kari, payment("B-1", ONE, None))
    first = await persistence.record_decision(told)
    before = await counted(pool)
    await persistence.record_decision(reported(4, kari, payment("B-2", ONE, None)))
    assert await persistence.record_decision(told) == first
    assert (await counted(pool))["payments"] == before["payments"] + 1


async def test_what_is_paid_twice_pays_the_oldest(pool, persistence, kari):
    """Under another reference; under the same one nothing is recorded at all."""
    money = payment("B-1", ONE, kari.kids[2])
    await persistence.record_decision(reported(3, kari, money))
    again = await persistence.record_decision(reported(4, kari, money))
    assert (again.recorded, again.payment.known, again.payment.conflict) == (False, True, False)
    places = []
    for number in (4, 5, 6):
        double = payment(f"B-{number}", ONE, kari.kids[2])
        receipt = (await persistence.record_decision(reported(number, kari, double))).payment
        places.append((receipt.went_to, receipt.reason, (await written(pool, number))[0]))
    assert places == [
        ("first_invoice", "oldest", START),
        ("invoice", "oldest", []),
        ("suspense", "paid", TASK),
    ]


async def test_with_nothing_open_it_waits(pool, persistence, kari):
    """All is paid: money without a KID is for a caseworker to place."""
    for number in (3, 4, 5, 6):
        receipt = await persistence.record_decision(
            reported(number, kari, payment(f"B-{number}", ONE, None))
        )
    assert (receipt.payment.went_to, receipt.payment.reason) == ("suspense", "none_open")
    assert [(await written(pool, number))[0] for number in (3, 4, 5, 6)] == [START, [], [], TASK]


FILED = {
    "the first": (1, ONE, "first_invoice", "kid", START),
    "a later one": (2, ONE, "invoice", "kid", []),
    "suspense": (2, 100, "suspense", "part", TASK),
}


@pytest.mark.parametrize(("serial", "ore", "place", "reason", "letters"), FILED.values(), ids=FILED)
async def test_what_a_file_has_booked_is_said_as_it_is(
    pool, persistence, kari, serial, ore, place, reason, letters
):
    """The file allocated it before: the report moves nothing, and is written down once."""
    await bring(pool, camt(Money(kari.kid(serial), ore, key="K1", on=TODAY)))
    before = await counted(pool)
    told = payment("K1", ore, kari.kid(serial))
    receipt = (await persistence.record_decision(reported(3, kari, told))).payment
    assert (receipt.known, receipt.went_to, receipt.reason) == (False, place, reason)
    assert (await written(pool, 3))[0] == letters
    assert {**await counted(pool), "payment_reports": 0} == {**before, "payment_reports": 0}
    assert (await persistence.record_decision(reported(4, kari, told))).payment.known


async def test_what_a_caseworker_placed_is_said_as_it_is(pool, persistence, kari):
    """Part of the first invoice by hand settles nothing, and starts nothing (A20)."""
    await bring(pool, camt(Money(kari.kids[0], 20000, key="K1", on=TODAY)))
    async with pool.acquire() as connection, connection.transaction():
        await allocate(connection, "K1", f"{kari.number}-1", today=TODAY, by="ola")
    told = payment("K1", 20000, kari.kids[0])
    receipt = (await persistence.record_decision(reported(3, kari, told))).payment
    assert (receipt.went_to, receipt.reason, receipt.paid_ore) == ("invoice", "by_hand", 20000)
    assert (await written(pool, 3))[0] == []


async def test_what_the_bank_took_back_is_in_no_suspense(pool, persistence, kari):
    """Booked and reversed by files before it is reported: there is nothing to place."""
    for back in (False, True):
        await bring(pool, camt(Money(kari.kids[1], ONE, key="K1", on=TODAY, reversal=back)))
    told = payment("K1", ONE, kari.kids[1])
    receipt = (await persistence.record_decision(reported(3, kari, told))).payment
    assert (receipt.went_to, receipt.reason) == ("returned", None)
    assert (await written(pool, 3))[0] == []


async def test_money_after_the_end_is_placed_and_looked_at(pool, persistence, kari):
    """It pays what is still owed, and the caseworkers' list has it as late."""
    over = standing(Stage.ENDED, outcome=Outcome.RESIGNED)
    await persistence.record_decision(decision(3, kari.membership_id, standing=over))
    told = reported(4, kari, payment("B-1", ONE, kari.kids[1]))
    late = told.model_copy(update={"standing": over})
    receipt = (await persistence.record_decision(late)).payment
    assert (receipt.went_to, receipt.reason) == ("invoice", "kid")
    assert (await written(pool, 4))[0] == []
    assert (await stands(pool))["tasks"] == {"late/B-1"}


@pytest.mark.parametrize("serial", [1, 3, None], ids=["the first", "a later one", "suspense"])
async def test_a_decision_for_one_place_is_held_to_it(pool, persistence, kari, serial):
    """An older workflow decides for one place; for another nothing is written, and it is told."""
    money = payment("B-1", ONE if serial else 100, kari.kid(serial or 1))
    right = f"{kari.number}-{serial}" if serial else ""
    wrong = "" if serial else f"{kari.number}-1"
    before = await counted(pool)
    told = await persistence.record_decision(for_one_place(kari, money, wrong))
    assert (told.recorded, told.payment.otherwise) == (False, True)
    assert (told.payment.invoice_number or "") == right
    assert await counted(pool) == before
    again = await persistence.record_decision(for_one_place(kari, money, right))
    assert (again.recorded, again.payment.allocated) == (True, serial is not None)
    assert (await written(pool, 3))[:2] == (TASK, ["P3"])


def for_one_place(member, money, goes_to):
    """A decision as workflows made it before they knew outcomes."""
    told = reported(3, member, money)
    payment_of_old = money.model_copy(update={"goes_to": goes_to})
    return told.model_copy(update={"payment": payment_of_old})


@pytest.mark.parametrize(
    ("kid", "reason"),
    [
        pytest.param("12344", "nothing of ours has its KID, or the check digit is wrong", id="no"),
        pytest.param(None, "it is less than the invoice asks", id="none"),
    ],
)
async def test_the_task_says_why_as_well(pool, persistence, kari, kid, reason):
    """Kari owes three months: that nothing of hers is open would send a caseworker astray."""
    await persistence.record_decision(reported(3, kari, payment("B-1", 700, kid)))
    says = await pool.fetchval("SELECT says FROM tasks WHERE key = 'suspense/B-1'")
    assert says == f"Payment B-1 is in suspense: {reason}. Allocate it or refund it."
