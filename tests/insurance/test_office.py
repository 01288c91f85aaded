"""The insurance office by the books: its file of a month, and its answer to it."""

from datetime import date
from io import BytesIO
from pathlib import Path

import asyncpg
import openpyxl
import pytest

from activities import audit
from activities.database.pool import load_queries
from activities.insurance.filing import NotMade, was_made
from activities.privacy.erasing import forget_office_files
from schemas.dues.terms import Span
from schemas.shared.vocabulary import Outcome
from tests.builders import BOOK
from tests.dues.lives import ends, life
from tests.dues.making import joins
from tests.insurance.making import (
    COLUMNS,
    DECEMBER,
    HEADS,
    NOVEMBER,
    OCTOBER,
    TURNED,
    covered,
    filed,
    numbers,
)
from workers.cli.insurance.files import csv_file, xlsx_file

AUDIT = load_queries(Path(audit.__file__).with_name("sql") / "queries.sql")
ORGNR = "999999999"


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
