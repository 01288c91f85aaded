"""Mandates in (P9): who has told the bank to pay, in whatever order its files arrive."""

from datetime import date, timedelta

import netsgiro
import pytest

from activities.direct_debit.mandates import mandates_in_order, read_mandates
from activities.payments.ocr_lines import lines_of
from schemas.direct_debit.mandates import MandateAside, MandatesTaken, Told, payer_of
from schemas.payments.kid import with_mod10
from tests.direct_debit.making import mandates, together, told
from tests.payments.making import ACCOUNT, CASES, TODAY, Money, bring, ocr, payer

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


async def test_what_has_changed_ends_nobody_elses(pool, persistence):
    """P9: whoever is not told of has the mandate still, unless it is a list of all there are."""
    first, second = await payer(pool, persistence), await payer(pool, persistence)
    kids = [one.kid(1) for one in (first, second)]
    await bring(pool, mandates(*(told(kid, number=at) for at, kid in enumerate(kids, 1))))
    later = mandates(
        told(kids[0], 1, notice="N"), on=TODAY + timedelta(days=1), transmission="0000012"
    )
    await bring(pool, later)
    assert set(await standing(pool)) == {kid[:9] for kid in kids}


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


STRANGER = with_mod10("199999999" + "000001")
FORMS = {
    "as it is": lambda c: c,
    "line feeds": lambda c: c.replace(b"\r\n", b"\n"),
    "no ends of lines": lambda c: c.replace(b"\r\n", b""),
    "stripped": lambda c: b"\r\n".join(line.rstrip(b"0") for line in c.splitlines()),
    "blanks behind": lambda c: c.replace(b"\r\n", b"  \r\n"),
    "filled with blanks": lambda c: c.replace(b"0" * 38 + b"\r\n", b" " * 38 + b"\r\n"),
    "empty lines": lambda c: c.replace(b"\r\n", b"\r\n\r\n"),
    "a mark": lambda c: b"\xef\xbb\xbf" + c,
    "an end of file of DOS": lambda c: c + b"\x1a",
    "a line in front": lambda c: b"JOB 4711\r\n" + c,
    "a line behind": lambda c: c + b"EOF\r\n",
    "a KID to the left": lambda c: c.replace(
        b" " * 9 + STRANGER.encode(), STRANGER.encode() + b" " * 9
    ),
    "a KID filled with noughts": lambda c: c.replace(b" " * 9, b"0" * 9),
    "no number": lambda c: c.replace(b"NY2194700000001", b"NY219470       "),
    "no day": lambda c: c.replace(f"{TODAY:%d%m%y}".encode(), b"000000"),
    "another record beside it": lambda c: c.replace(
        b"NY2124880000000100000003", b"NY219471" + b"0" * 72 + b"\r\nNY2124880000000100000004"
    ).replace(b"NY0000890000000100000005", b"NY0000890000000100000006"),
}


@pytest.mark.parametrize("form", FORMS)
async def test_a_mandate_in_whatever_form_its_file_has(shared_pool, form):
    """P5, P9: it is counted and read, or set aside with a task; nothing is refused or lost."""
    content = FORMS[form](mandates(told(STRANGER)))
    report = await bring(shared_pool, content)
    assert (report.outcome, report.mandates) == ("applied", MandatesTaken(told=1, aside=1))
    [record] = read_mandates(lines_of(content), ACCOUNT)
    assert record.kid == (None if form == "no number" else STRANGER)


async def test_a_list_of_all_beside_what_has_changed(pool, persistence):
    """P9: each assignment is by itself; who stands in neither has no mandate any more."""
    people = [await payer(pool, persistence) for _ in range(3)]
    kids = [one.kid(1) for one in people]
    await bring(pool, mandates(*(told(kid, number=at) for at, kid in enumerate(kids, 1))))
    both = together(mandates(told(kids[0], 0)), mandates(told(kids[1], 1), transmission="0000012"))
    assert (await bring(pool, both)).mandates == MandatesTaken(told=2, ended=1)
    assert set(await standing(pool)) == {kids[0][:9], kids[1][:9]}


async def test_what_is_not_known_keeps_no_money_out(pool, persistence):
    """P5, P9: our claims come back beside payments, or a record of another kind: each is asked."""
    one = await payer(pool, persistence)
    odd = told(one.kid(1)).replace("NY219470", "NY210070")
    claims = mandates(told(one.kid(1))).replace(b"NY2124", b"NY2136")
    content = together(ocr(Money(None, 100)), claims, mandates(odd))
    report = await bring(pool, content)
    assert (report.payments, report.set_aside) == (1, 1)
    assert report.mandates == MandatesTaken(told=1, aside=1)
    assert await standing(pool) == {}
    kinds = [row["kind"] for row in await pool.fetch("SELECT kind FROM tasks ORDER BY kind")]
    assert kinds.count("mandate") == 1
