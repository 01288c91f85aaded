"""Mandates in (P9): who has told the bank to pay, in whatever order its files arrive."""

from datetime import date, timedelta

import netsgiro
import pytest

from activities.direct_debit.mandates import mandates_in_order, read_mandates
from activities.payments.ocr_lines import lines_of
from schemas.direct_debit.mandates import MandateAside, MandatesTaken, Told, payer_of
from tests.direct_debit.making import mandates, told
from tests.payments.making import ACCOUNT, CASES, TODAY, bring, payer

KID = "1000000060000013"
PAYERS = [
    (KID, "100000006"),
    (f"         {KID}", "100000006"),
    # The check digit of 100000006000001 is 3.
    ("1000000060000014", None),
    # A KID of type 2 is a deduction list's; 9 digits are no KID of ours.
    ("2000000060000012", None),
    ("100000006", None),
    ("", None),
    ("1000000060000013" + "0" * 9, None),
]


@pytest.mark.parametrize(("kid", "fixed"), PAYERS)
def test_the_fixed_part_of_a_kid(kid, fixed):
    """ADR 59: type and member number, of a KID whose check digit is right."""
    assert payer_of(kid) == fixed


READ = {
    told(KID): (Told.CHANGED, True, None),
    told(KID, 0, notice="N"): (Told.ACTIVE, False, None),
    told(f"000000000{KID}"): (Told.CHANGED, True, None),
    told(KID, 2): (Told.ENDED, True, None),
    told("1234"): (Told.CHANGED, True, MandateAside.WRONG_KID),
    told(""): (Told.CHANGED, True, MandateAside.WRONG_KID),
    told(KID, 3): (None, None, MandateAside.UNREADABLE),
    told(KID, notice="X"): (None, None, MandateAside.UNREADABLE),
    told("12345O0060000013"): (None, None, MandateAside.UNREADABLE),
    told(KID)[:42]: (Told.CHANGED, True, None),
}


@pytest.mark.parametrize(("record", "comes_to"), READ.items())
def test_a_record(record, comes_to):
    """P9: each is read by itself, or set aside by itself."""
    [read] = read_mandates(lines_of(mandates(record)), ACCOUNT)
    assert (read.told, read.wants_notice, read.aside) == comes_to


def test_of_another_account_nothing_is_taken():
    """P5: a bank sends the files of all its customer's accounts together."""
    lines = list(lines_of(mandates(told(KID), account="15030123456")))
    assert list(read_mandates(lines, ACCOUNT)) == []


def test_the_made_files_are_the_banks():
    """What the tests write reads the same with the library that knows the layout."""
    parsed = netsgiro.parse(mandates(told(KID, 0), told(KID, 2, number=2)).decode("iso-8859-1"))
    [assignment] = parsed.assignments
    assert [(int(one.registration_type), one.kid) for one in assignment.transactions] == [
        (0, KID),
        (2, KID),
    ]


async def standing(pool):
    """The payers with a mandate, and since when."""
    async with pool.acquire() as connection:
        return {one.payer: one.since async for one in mandates_in_order(connection, None, 100)}


async def test_mandates_beside_a_payment(pool):
    """P9: the case's payment is booked and its mandate set aside with a task: nobody has it."""
    report = await bring(pool, (CASES / "avtalegiro.txt").read_bytes())
    assert (report.payments, report.set_aside) == (1, 0)
    assert report.mandates == MandatesTaken(told=1, aside=1)
    [says] = [row["says"] for row in await pool.fetch("SELECT * FROM tasks WHERE kind = 'mandate'")]
    assert "no member of the number" in says
    assert await standing(pool) == {}


async def test_a_mandate_begins_and_ends(pool, persistence):
    """P9: by any KID of the member, once however often it is told; the last record of a file."""
    one = await payer(pool, persistence)
    kid, fixed = one.kid(1), one.kid(1)[:9]
    begun = await bring(pool, mandates(told(kid), on=TODAY - timedelta(days=3)))
    assert begun.mandates == MandatesTaken(told=1, begun=1)
    again = mandates(told(one.kid(7), notice="N"), transmission="0000012")
    assert (await bring(pool, again)).mandates == MandatesTaken(told=1)
    assert await standing(pool) == {fixed: TODAY}
    both = mandates(told(kid), told(kid, 2, number=2), transmission="0000013")
    assert (await bring(pool, both)).mandates == MandatesTaken(told=2, ended=1)
    # The same file again says what it said, and changes nothing.
    assert (await bring(pool, both)).mandates == MandatesTaken(told=2, ended=1)
    assert await standing(pool) == {}
    later = TODAY + timedelta(days=5)
    back = mandates(told(kid), on=later, transmission="0000014")
    assert (await bring(pool, back, today=later)).mandates.begun == 1
    assert await standing(pool) == {fixed: later}


@pytest.mark.parametrize("turned", [False, True], ids=["in order", "turned"])
async def test_files_in_any_order(pool, persistence, turned):
    """P9: the bank's day decides: what is older than what is known changes nothing."""
    first, second = await payer(pool, persistence), await payer(pool, persistence)
    kids = [one.kid(1) for one in (first, second)]
    day = date(2026, 12, 1)
    files = [
        mandates(*(told(kid, number=at) for at, kid in enumerate(kids, 1)), on=day),
        # A list of all: the second stands in it no more.
        mandates(told(kids[0], 0), on=day + timedelta(days=1), transmission="0000012"),
    ]
    for content in reversed(files) if turned else files:
        await bring(pool, content)
    assert set(await standing(pool)) == {kids[0][:9]}


async def test_a_list_that_can_not_be_read_whole_ends_nobodys(pool, persistence):
    """P9: whoever stands in the line that is out of place has a mandate still."""
    one = await payer(pool, persistence)
    await bring(pool, mandates(told(one.kid(1))))
    other = await payer(pool, persistence)
    listed = mandates(told(other.kid(1), 0), told(one.kid(1), 0, notice="?", number=2))
    report = await bring(pool, listed)
    assert report.mandates == MandatesTaken(told=2, begun=1, aside=1)
    assert set(await standing(pool)) == {one.kid(1)[:9], other.kid(1)[:9]}


async def test_an_empty_list_and_one_whose_counts_do_not_hold(pool, persistence):
    """P5, P9: no records end nothing; a file that miscounts is refused whole."""
    one = await payer(pool, persistence)
    await bring(pool, mandates(told(one.kid(1))))
    assert (await bring(pool, mandates())).mandates == MandatesTaken()
    wrong = mandates(told(one.kid(1), 2)).replace(b"NY21248800000001", b"NY21248800000002")
    assert (await bring(pool, wrong)).outcome == "refused"
    assert set(await standing(pool)) == {one.kid(1)[:9]}


DAYS = [(date(2026, 12, 10), date(2026, 12, 10)), (None, TODAY), (date(2027, 1, 5), TODAY)]


@pytest.mark.parametrize(("sent", "day"), DAYS, ids=["said", "not said", "to come"])
async def test_the_day_of_a_transmission(pool, persistence, sent, day):
    """P9: as the bank says it, where it says one that can be."""
    one = await payer(pool, persistence)
    await bring(pool, mandates(told(one.kid(1)), on=sent))
    assert await pool.fetchval("SELECT reported_on FROM mandates") == day
