"""The insurance office by the books: its file of a month, and its answer to it."""

from datetime import date
from io import BytesIO
from pathlib import Path

import asyncpg
import openpyxl
import pytest

from activities import audit
from activities.database.pool import load_queries
from activities.insurance.answers import take_answer
from activities.insurance.filing import NotMade, make_file, was_made
from activities.privacy.erasing import forget_office_files
from schemas.dues.terms import Span
from schemas.shared.vocabulary import Category, Outcome
from tests.builders import BOOK
from tests.dues.lives import becomes, ends, life
from tests.dues.making import joins
from workers.cli.insurance.files import csv_file, xlsx_file

AUDIT = load_queries(Path(audit.__file__).with_name("sql") / "queries.sql")
OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)
TODAY = date(2026, 12, 10)
ORGNR = "999999999"
SINCE = date(2026, 10, 1)


def covered(*notices, start=NOVEMBER, stop=None, **more):
    """Return the facts of somebody whose package is charged for from November 2026 on."""
    return life(*notices, since=SINCE, premiums=(Span(valid_from=start, valid_to=stop),), **more)


@pytest.fixture
async def members(persistence, pool):
    """One of each: open, hidden, a student since December, dead, without the package, reserved."""
    found = {
        "open": await joins(persistence, covered()),
        "hidden": await joins(persistence, covered(hidden=True)),
        "student": await joins(persistence, covered(becomes(DECEMBER, Category.STUDENT))),
        "dead": await joins(persistence, covered(ends(date(2026, 11, 14), Outcome.DECEASED))),
        "without": await joins(persistence, life(since=SINCE)),
        "reserved": await joins(persistence, life(since=SINCE)),
    }
    await pool.execute(
        "UPDATE memberships SET insurance_status = 'reserved', reserved_from = '2026-11-05' "
        "WHERE membership_id = $1",
        found["reserved"],
    )
    return found


async def numbers(pool, members):
    """Return each member's number."""
    rows = await pool.fetch("SELECT membership_id, member_number FROM memberships")
    by_id = {row["membership_id"]: row["member_number"] for row in rows}
    return {name: by_id[membership] for name, membership in members.items()}


async def filed(pool, first, today=TODAY, book=BOOK):
    """Make a month's file, and return what each member is told of in it."""
    async with pool.acquire() as connection, connection.transaction():
        file, report = await make_file(connection, first, book, today)
    told: dict[str, list[str]] = {}
    for line in file.lines:
        until = line.until_on or ""
        told.setdefault(line.membership_id, []).append(f"{line.change} {line.from_on}..{until}")
    return file, report, told


async def test_the_files_of_three_months(members, pool):
    """In, out, reserved, back-dated, each once; the sums are those of the terms (M21, A21)."""
    file, report, told = await filed(pool, NOVEMBER)
    assert told == {
        members["open"]: ["in 2026-11-01.."],
        members["hidden"]: ["in 2026-11-01.."],
        members["student"]: ["in 2026-11-01.."],
        # S6, L7: died on the 13th; the 14th is the first day without.
        members["dead"]: ["in 2026-11-01..2026-11-13"],
        members["reserved"]: ["reserved 2026-11-05.."],
    }
    # Four are charged 200.00 for November: the month of the death is charged whole.
    assert (report.members, report.premium_ore) == (4, 80000)
    charged = await pool.fetchval(
        "SELECT sum(coalesce(amount_ore, rate_in(rate, '2026-11-01'))) FROM terms "
        "WHERE kind = 'insurance_premium' AND superseded_by IS NULL "
        "AND valid @> '2026-11-01'::date"
    )
    assert charged == report.premium_ore
    again, known, _ = await filed(pool, NOVEMBER, date(2027, 5, 1))
    assert (again, known.file_id, known.made_now) == (file, report.file_id, False)

    _, december, told = await filed(pool, DECEMBER)
    assert told == {members["student"]: ["out 2026-12-01.."]}  # S8
    # Whoever is charged was told of, and the reverse; a word that got lost is found.
    assert await untold(pool) == {}
    known = await pool.fetchval(
        "DELETE FROM insurance_told WHERE membership_id = $1 RETURNING told", members["open"]
    )
    assert set(await untold(pool)) == {members["open"]}
    for name in ("open", "without"):
        await pool.execute(
            "INSERT INTO insurance_told VALUES ($1, '2026-11-01', $2)", members[name], known
        )
    assert set(await untold(pool)) == {members["without"]}
    await pool.execute("DELETE FROM insurance_told WHERE membership_id = $1", members["without"])
    assert (december.members, december.premium_ore) == (2, 40000)

    # Known in January: the hidden one died on 20 November.
    await pool.execute(
        "UPDATE memberships SET facts = $1::text::jsonb WHERE membership_id = $2",
        covered(ends(date(2026, 11, 20), Outcome.DECEASED), hidden=True).model_dump_json(),
        members["hidden"],
    )
    _, _, told = await filed(pool, date(2027, 1, 1), date(2027, 1, 20))
    assert told == {members["hidden"]: ["out 2026-11-20.."]}

    with pytest.raises(NotMade, match="2027-01 is made already"):
        await filed(pool, OCTOBER)
    with pytest.raises(NotMade, match="has not begun"):
        await filed(pool, date(2027, 3, 1), date(2027, 2, 28))

    logged = await pool.fetch(
        "SELECT membership_id, key, basis FROM disclosures WHERE audience = 'insurance_office'"
    )
    keys = sorted((row["membership_id"], row["key"]) for row in logged)
    assert len(keys) == 7
    assert (members["without"], "insurance-file-2026-11") not in keys
    assert (members["hidden"], "insurance-file-2027-01") in keys
    assert all("9(2)(a)" in row["basis"] for row in logged)


async def untold(pool):
    """Return what the audit finds of what the office was told: whom, and what is wrong."""
    async with pool.acquire() as connection:
        found = AUDIT.find_told(connection, most=10)
        return {row["membership_id"]: row["says"] async for row in found}


@pytest.mark.usefixtures("members")
async def test_a_file_is_forgotten_once_the_accounts_need_it_no_more(pool):
    """Numbers and birth dates, five years after the year's end; that it was made stays."""
    await filed(pool, NOVEMBER)
    kept = "SELECT count(content), count(report) FROM insurance_files"
    for today, left in ((date(2031, 12, 31), 1), (date(2032, 1, 1), 0), (date(2032, 1, 2), 0)):
        async with pool.acquire() as connection, connection.transaction():
            await forget_office_files(connection, BOOK.policies_on(today), today)
        assert tuple(await pool.fetchrow(kept)) == (left, 1)
    with pytest.raises(NotMade, match="is forgotten"):
        await filed(pool, NOVEMBER)
    async with pool.acquire() as connection:
        assert await was_made(connection, NOVEMBER)
    for change in ("SET content = 'x'", "SET made_on = made_on - 1"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await pool.execute(f"UPDATE insurance_files {change}")


async def test_what_leaves_and_nothing_else(members, pool):
    """Numbers, birth dates, covers: no name, employer, branch or sign of hiding (R3)."""
    file, _, _ = await filed(pool, NOVEMBER)
    content = csv_file(file, ORGNR)
    rows = content.decode("utf-8-sig").splitlines()
    at = rows.index("") + 1
    assert rows[at] == (
        '"Medlemsnummer";"Fødselsdato";"Endring";"Fra";"Til og med";"Liv";"Uføre";'
        '"Kritisk sykdom";"Premie per måned";"Tilbakedatert";"Tidligere nummer"'
    )
    number = await numbers(pool, members)
    own = [row for row in rows[at + 1 :] if number["hidden"] in row]
    opened = [row for row in rows[at + 1 :] if number["open"] in row]
    assert own == [
        f'"{number["hidden"]}";"1986-04-12";"INN";"2026-11-01";"";"JA";"JA";"JA";"200,00";"NEI";""'
    ]
    # Nothing but the number tells a hidden member from an open one.
    assert own[0].replace(number["hidden"], "") == opened[0].replace(number["open"], "")
    heads = dict(row.replace('"', "").split(";") for row in rows[: at - 1])
    assert heads == {
        "Forbundets organisasjonsnummer": ORGNR,
        "Periode": "2026-11",
        "Laget": "2026-12-10",
        "Dekkede medlemmer": "4",
        "Forventet premie": "800,00",
        "Dekkede medlemmer: Liv": "4",
        "Dekkede medlemmer: Uføre": "4",
        "Dekkede medlemmer: Kritisk sykdom": "4",
        "Forventet premie: Liv + Uføre + Kritisk sykdom": "800,00",
        "Antall linjer": "5",
    }
    for secret in (members["hidden"], "skjult", "hidden", "974760673", "ordinary", "Eksempel"):
        assert secret not in content.decode()
    book = xlsx_file(file, ORGNR)
    assert xlsx_file(file, ORGNR) == book
    cells = [[cell.value for cell in row] for row in openpyxl.load_workbook(BytesIO(book)).active]
    assert cells[at][0] == "Medlemsnummer"
    assert cells[at + 1][8] == 200
    assert cells[at + 1][0] == number["open"]


HEADS = "Periode;2026-11\r\n\r\n"
NUMBER_SAYS = "Medlemsnummer can't be read: write the member's number as in our file, as 00001234"
COLUMNS = "Medlemsnummer;Status;Liv;Uføre;Kritisk sykdom;Premie per måned"

TURNED = "Status;Medlemsnummer;Liv;Uføre;Kritisk sykdom;Premie per måned"


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


async def test_by_hand(command, persistence, tmp_path):
    """Tried first, made once, written for its owner only, and never over another file."""
    # Long ago, so that the months have begun whenever this is tried.
    since = date(2020, 1, 1)
    facts = life(since=since, premiums=(Span(valid_from=date(2020, 2, 1)),))
    await joins(persistence, facts)
    tried = await command("insurance-file", "2020-02", "--dry-run")
    assert "would be made: 1 line (1 in)." in tried.out
    path = tmp_path / "forsikring.csv"
    made = await command("insurance-file", "2020-02", "--csv", str(path), "--json")
    assert (made.json["made_now"], made.json["premium_ore"]) == (True, 20000)
    assert path.stat().st_mode & 0o777 == 0o600
    again = await command(
        "insurance-file", "2020-02", "--csv", str(path), "--xlsx", str(tmp_path / "a.xlsx")
    )
    assert "In all 1 member and 200.00 kr." in again.out
    other = await command("insurance-file", "2020-03", "--csv", str(path))
    assert (other.code, "name a new one" in other.err) == (2, True)
    wrong = await command("insurance-file", "2020-13")
    assert "2020-13 is no month" in wrong.err
    early = await command("insurance-file", "2020-01")
    assert "the file of 2020-03 is made already" in early.err
    answer = tmp_path / "svar.csv"
    heads = HEADS.replace("2026-11", "2020-02")
    answer.write_text(heads + TURNED + "\nhm;1;JA;JA;JA;200,00", "utf-8")
    refused = await command("insurance-answer", str(answer))
    assert 'cell A4: Status can\'t be read: write DEKKET or IKKE DEKKET (there stood "hm")' in (
        refused.err
    )
    answer.write_text(heads + COLUMNS + "\n99999998;DEKKET;JA;JA;JA;200,00", "utf-8")
    taken = await command("insurance-answer", str(answer), "--dry-run")
    assert "Would be taken: the answer on 2020-02, 1 line." in taken.out
    assert (await command("insurance-answer", str(answer), "--json")).json["outcome"] == "applied"
