"""The insurance office's answer, line by line against our books (M22)."""

import asyncio
from datetime import date
from io import BytesIO

import openpyxl
import pytest

from activities.insurance.answers import take_answer
from schemas.insurance.answer import AnswerLine, Expected, Matter, Standing, differences
from tests.builders import BOOK
from tests.dues.making import joins
from tests.insurance.making import (
    COLUMNS,
    DECEMBER,
    HEADS,
    NOVEMBER,
    TODAY,
    TURNED,
    covered,
    filed,
    numbers,
)

NUMBER_SAYS = "Medlemsnummer can't be read: write the member's number as in our file, as 00001234"


async def answered(pool, text, today=TODAY):
    """Take an answer, and return what became of it, and the open tasks by whom they are about."""
    async with pool.acquire() as connection, connection.transaction():
        report = await take_answer(
            connection,
            name="svar.csv",
            content=text if isinstance(text, bytes) else text.encode("utf-8-sig"),
            rulebook=BOOK,
            today=today,
        )
    rows = await pool.fetch(
        "SELECT key, membership_id, says FROM tasks WHERE kind = 'insurance_answer' "
        "AND closed_on IS NULL ORDER BY key"
    )
    return report, {(row["key"].split("/")[1], row["membership_id"]) for row in rows}


async def test_an_answer_is_reconciled(members, pool):
    """Each difference is one task, and over once an answer agrees (M22, invariant 5)."""
    await filed(pool, NOVEMBER)
    number = await numbers(pool, members)
    bare = number["open"].lstrip("0")  # a spreadsheet drops the zeros in front
    lines = [
        f"{bare};DEKKET;JA;NEI;ja;200,00",
        f'="{number["hidden"]}";Dekket;x;x;x;199.99999999999997',
        f"{number['student']};Dekket;JA;JA;JA;150",
        f"{number['without']};inn;JA;JA;JA;200,00",
        "99999999;DEKKET;JA;JA;JA;200",
        f"{number['reserved']};Reservert;NEI;NEI;NEI;0",
        "Sum;;;;;750",
    ]
    first = HEADS + "\r\n".join([COLUMNS, *lines])
    report, tasks = await answered(pool, first)
    assert report.outcome == "applied", report
    assert tasks == {
        ("cover", members["open"]),
        ("premium", members["student"]),
        ("unknown", members["without"]),
        ("unknown", None),
        ("missing", members["dead"]),
    }
    assert (report.lines, report.differences) == (
        6,
        {"cover": 1, "premium": 1, "unknown": 2, "missing": 1},
    )
    again, same = await answered(pool, first, date(2026, 12, 20))
    assert (again.taken_before, same) == (True, tasks)

    # Anew, with a stranger left and the rest as our books have it; a number of theirs, too.
    head = f"{COLUMNS};Fødselsdato;Polisenummer"
    lines = [
        f"{number['open']};DEKKET;JA;JA;JA;200,00;12.04.1986;P-77",
        f"{number['hidden']};DEKKET;JA;JA;JA;200,00;1986-04-12;",
        f"{number['student']};DEKKET;JA;JA;JA;200,00;31514;",
        f"{number['dead']};DEKKET;JA;JA;JA;200,00;11.04.1986;",
        "99999999;DEKKET;JA;JA;JA;200;;",
    ]
    report, tasks = await answered(pool, HEADS + "\r\n".join([head, *lines]))
    assert tasks == {("unknown", None), ("birth_date", members["dead"])}
    assert (report.agreed, report.numbers) == (4, 1)
    # The next file goes by the office's number, and says which it was.
    file, _, _ = await filed(pool, DECEMBER)
    (line,) = [one for one in file.lines if one.membership_id == members["open"]]
    assert (line.change, line.number, line.former_number) == ("corrected", "P-77", number["open"])
    december = (
        HEADS.replace("11", "12")
        + f"{COLUMNS}\r\n"
        + "\r\n".join(["p-77;DEKKET;JA;JA;JA;200,00", f"{number['hidden']};DEKKET;JA;JA;JA;200,00"])
    )
    report, tasks = await answered(pool, december)
    assert (report.differences, tasks) == ({}, set())
    # And what has come back is open again.
    report, tasks = await answered(pool, december.replace("p-77;DEKKET", "p-77;UT"))
    assert tasks == {("missing", members["open"])}
    report, _ = await answered(pool, first + "\r\n")
    assert report.reasons == ("the answer on 2026-12 has been taken: 2026-11 is before it",)


WAITING = """
SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (
    SELECT oid FROM pg_database WHERE datname = current_database()))
"""


async def test_one_answer_is_taken_in_after_the_other(members, pool):  # noqa: ARG001 - of the file
    """Two given in at once could wait for each other for ever, each with a task of the other's."""
    await filed(pool, NOVEMBER)
    ours, theirs = (f"{HEADS}{COLUMNS}\r\n9999999{n};DEKKET;JA;JA;JA;200\r\n" for n in (1, 2))
    async with pool.acquire() as connection, connection.transaction():
        await take_answer(
            connection, name="a.csv", content=ours.encode("utf-8-sig"), rulebook=BOOK, today=TODAY
        )
        other = asyncio.create_task(answered(pool, theirs))
        async with asyncio.timeout(30):
            while not await pool.fetchval(WAITING):
                assert not other.done()
    report, tasks = await other
    assert (report.outcome, ("unknown", None) in tasks) == ("applied", True)


WITH_NUMBERS = f"{HEADS}{COLUMNS};Fødselsdato;Polisenummer\r\n"


def line(number, theirs="", born=""):
    """Return a line of an answer, of somebody with all coverages."""
    return f"{number};DEKKET;JA;JA;JA;200,00;{born};{theirs}\r\n"


async def told_as(pool, membership, first=DECEMBER, today=TODAY):
    """Return by which numbers a month's file names a member."""
    file, _, _ = await filed(pool, first, today)
    return {one.number for one in file.lines if one.membership_id == membership}


async def test_a_number_of_the_offices_is_one_members(members, pool):
    """Another's number is not kept, and is a task; what is corrected the same day holds (M22)."""
    await filed(pool, NOVEMBER)
    number = await numbers(pool, members)
    others = WITH_NUMBERS + "".join(line(number[one]) for one in ("student", "dead"))
    report, tasks = await answered(
        pool, others + line(number["open"], number["hidden"]) + line(number["hidden"], "P-1")
    )
    assert (report.outcome, report.numbers) == ("applied", 1)
    assert tasks == {("number", members["open"])}
    # P-1 was the hidden one's when this file came; an answer that says it again finds it free.
    text = others + line(number["open"], "P-1") + line(number["hidden"], "P-2")
    report, tasks = await answered(pool, text)
    assert (report.numbers, tasks) == (1, {("number", members["open"])})
    report, tasks = await answered(pool, f"{text}\r\n")
    assert (report.numbers, tasks) == (1, set())
    report, _ = await answered(pool, f"{text}\r\n\r\n")
    assert report.numbers == 0  # said again, and no news
    assert await told_as(pool, members["open"]) == {"P-1"}
    assert await told_as(pool, members["hidden"]) == {"P-2"}


async def test_a_line_is_of_whom_the_office_knows_by_its_number(members, persistence, pool):
    """A number of the office's that we give somebody later: first theirs, then a task (M22)."""
    await filed(pool, NOVEMBER)
    number = await numbers(pool, members)
    others = "".join(line(number[one]) for one in ("student", "dead", "hidden"))
    next_one = f"{max(int(one) for one in number.values() if one) + 1:08}"
    await answered(pool, WITH_NUMBERS + others + line(number["open"], next_one))
    assert await told_as(pool, members["open"]) == {next_one}

    newcomer = await joins(persistence, covered(start=date(2027, 1, 1)))
    assert (await numbers(pool, {"newcomer": newcomer}))["newcomer"] == next_one
    december = WITH_NUMBERS.replace("11", "12") + line(number["hidden"])
    report, tasks = await answered(pool, december + line(next_one))
    assert (report.differences, tasks) == ({}, set())

    january, january_file = december.replace("2026-12", "2027-01"), date(2027, 1, 1)
    assert await told_as(pool, newcomer, january_file, january_file) == {next_one}
    _, tasks = await answered(pool, january + line(next_one))
    assert tasks == {("which", None)}
    # Once the office has a number for the newcomer, the other one alone is left with theirs.
    await pool.execute(
        "INSERT INTO insurance_numbers SELECT $1, min(file_id), '2027-01-31', 'N-1' "
        "FROM insurance_answers",
        newcomer,
    )
    february = january_file.replace(month=2)
    assert await told_as(pool, newcomer, february, february) == {"N-1"}
    text = january.replace("2027-01", "2027-02") + line("N-1")
    report, _ = await answered(pool, text + line(next_one))
    assert report.differences == {}


def test_where_several_have_a_number_the_birth_date_tells():
    """Who it says is out is missing; without the date nobody is, and the line is named (M22)."""
    born = {"a": date(1986, 4, 12), "b": date(1990, 1, 2)}
    several = {
        "7": [
            Expected(membership_id=one, birth_date=born[one], coverages=("life",), premium_ore=1)
            for one in born
        ]
    }
    out = AnswerLine(line=4, number="7", standing=Standing.NOT_COVERED)
    (difference,) = differences(several, [out])
    assert (difference.matter, difference.membership_id) == (Matter.WHICH, None)
    found = differences(several, [out.model_copy(update={"birth_date": born["b"]})])
    assert {(one.matter, one.membership_id, one.line) for one in found} == {
        (Matter.MISSING, "b", 4),
        (Matter.MISSING, "a", None),
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEADS + COLUMNS + "\n1;DEKKET;JA;JA;kanskje;200,00",
         [("E4", "Kritisk sykdom can't be read: write JA or NEI", "kanskje")]),
        (HEADS + TURNED + "\nhm;1;JA;JA;JA;2,00000",
         [("A4", "Status can't be read: write DEKKET or IKKE DEKKET", "hm")]),
        (HEADS + COLUMNS + "\n;DEKKET;JA;JA;JA;-200,00",
         [("A4", NUMBER_SAYS, ""),
          ("F4", "Premie per måned can't be read: write kroner a month, as 200,00", "-200,00")]),
        (HEADS + COLUMNS + "\n1;UT;;;;0\n00000001;DEKKET;JA;JA;JA;0",
         [("A5", "the member of line 4 stands there again: leave one", "00000001")]),
        ("Periode;vinter\n\n" + COLUMNS, [("B1", "write the month, as 2026-12", "vinter")]),
    ],
    ids=["cover", "status", "number-and-premium", "twice", "month"],
)  # fmt: skip
async def test_a_wrong_cell_is_named(shared_pool, text, said):
    """The cell, what stood there, and what to write; and nothing of the file counts."""
    report, _ = await answered(shared_pool, text)
    assert report.outcome == "refused"
    assert [(fault.cell, fault.says, fault.stood) for fault in report.faults] == said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the file is empty"),
        ("%PDF-1.7", "is a PDF"),
        ("Navn;Beløp\nKari;200", "the row of headings is missing: it begins with Medlemsnummer"),
        (HEADS + "Medlemsnummer;Status;Liv", "cell D3: the heading Uføre and Kritisk sykdom and"),
        (COLUMNS + "\n1;UT;;;;0", "Periode is missing"),
        ("Periode;2001-01\n\n" + COLUMNS, "no file was made for 2001-01"),
        (HEADS + COLUMNS + ";Status", "cell G3: the heading Status stands there twice"),
    ],
)
async def test_a_wrong_file_is_refused(shared_pool, text, says):
    """With what to do; nothing of it is kept but the file."""
    report, _ = await answered(shared_pool, text.encode())
    assert report.outcome == "refused"
    assert says in report.reasons[0]


async def test_a_workbook_and_other_letters_are_read(members, pool):
    """Numbers as numbers, headings in decomposed letters and other spelling, Latin-1."""
    await filed(pool, NOVEMBER)
    number = await numbers(pool, members)
    book = openpyxl.Workbook()
    book.active.append(["Periode", date(2026, 11, 1)])
    book.active.append(["Medlemsnummer", "STATUS", "liv", "Ufo\u0308re".replace("o\u0308", "ø"),
                        "Kritisk  sykdom", "Premie per ma\u030aned"])  # fmt: skip
    book.active.append([int(number["open"]), "Dekket", "JA", "JA", "JA", 199.99999999999997])
    out = BytesIO()
    book.save(out)
    report, tasks = await answered(pool, out.getvalue())
    assert report.outcome == "applied", report
    assert ("missing", members["hidden"]) in tasks
    assert not [one for one in tasks if one[1] == members["open"]]
    latin = (HEADS + COLUMNS + f"\n{number['open']};DEKKET;JA;JA;JA;200,00\n").encode("cp1252")
    report, tasks = await answered(pool, latin)
    assert report.outcome == "applied"
