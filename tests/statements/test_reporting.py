"""What the tax authority is told, what it is told anew, and of whom it is told nothing (X3)."""

import io
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import xmlschema

from activities.statements import reporting
from activities.statements.reporting import NotReported
from schemas.statements.deliveries import Delivery, Sender
from tests.builders import national_id
from tests.persons.making import change_person
from tests.statements.making import (
    YEAR,
    allocates,
    is_deducted,
    lives,
    member,
    one_person,
    pays,
    report,
    year_end,
)
from workers.cli.statements.authority_file import write_delivery

SCHEMA = xmlschema.XMLSchema(Path(__file__).with_name("fagforeningskontingent.xsd"))
SENDER = Sender(orgnr="999999999", name="Lederne", email="post@example.org")
NOVEMBER = date(2024, 11, 5)
MARCH = date(2025, 3, 10)


def read(content: bytes) -> Any:
    """Return what a file says, once it is what its schema asks."""
    said: Any = SCHEMA.to_dict(io.BytesIO(content))
    return said["leveranse"]


async def deliver(pool: asyncpg.Pool, today: date) -> dict[str, int] | None:
    """Make the next delivery; return what its file says of whom, in whole kroner."""
    async with pool.acquire() as connection:
        async with connection.transaction():
            made = await reporting.make_delivery(connection, YEAR, SENDER, today=today, by="Berit")
        if made is None:
            return None
        files = [io.BytesIO(), io.BytesIO()]
        for file in files:
            await write_delivery(file, made, reporting.lines_of(connection, made))
    first, again = (file.getvalue() for file in files)
    assert first == again, "written again, it is the same file"
    found = read(first)
    lines = {
        line["oppgaveeier"]["foedselsnummer"]: line["beloep"] for line in found.get("oppgave", [])
    }
    assert found["oppgaveoppsummering"] == {
        "antallOppgaver": len(lines),
        "sumBeloep": sum(lines.values()),
    }
    assert found["oppgavegiversLeveranseReferanse"] == f"kontingent-2024-{made.number}"
    return lines


async def number_of(pool: asyncpg.Pool, membership_id: str) -> str:
    """Return a member's national id."""
    number: str = await pool.fetchval(
        "SELECT national_id FROM people JOIN memberships USING (person_id)"
        " WHERE membership_id = $1",
        membership_id,
    )
    return number


async def objects(pool: asyncpg.Pool, membership_id: str, year: int, *, so: bool = True) -> bool:
    """Let somebody object, or withdraw that."""
    async with pool.acquire() as connection, connection.transaction():
        return await reporting.object_to_report(
            connection, membership_id, from_year=year, objects=so, today=MARCH, by="Berit"
        )


async def test_the_latest_wish_holds_for_all_its_years(pool, persistence):
    """What is said of a year on is noted where something else was said of a later one (X3)."""
    who = await member(persistence, pool)
    said = (
        # From which year on, whether she objects, whether that is news; then 2023 to 2027.
        (2024, True, True, "-xxxx"),
        (2026, False, True, "-xx--"),
        (2025, True, True, "-xxxx"),
        (2025, True, False, "-xxxx"),
        (2023, False, True, "-----"),
        (2026, True, True, "---xx"),
        (2024, False, True, "-----"),
    )
    for year, so, new, then in said:
        assert await objects(pool, who, year, so=so) is new, (year, so)
        held = [
            await pool.fetch("SELECT FROM tax_objectors($1)", year) for year in range(2023, 2028)
        ]
        assert "".join("x" if one else "-" for one in held) == then, (year, so)


async def test_the_first_file_holds_what_was_paid_straight(pool, persistence, statements):
    """Whole kroner of who works, has a number and does not object; nothing of employers (X3)."""
    names = ("paid", "both", "deducted", "no number", "objects", "student", "little", "unpaid")
    who = {name: await member(persistence, pool) for name in names}
    await change_person(pool, who["no number"], national_id=None)
    await lives(pool, who["student"], date(2024, 1, 1), ("student.year", date(2024, 1, 1), None))
    for name, ore in (("paid", 49499), ("both", 49500), ("no number", 49500), ("objects", 49500)):
        await pays(pool, who[name], ore, NOVEMBER)
    await pays(pool, who["student"], 30000, NOVEMBER)
    await pays(pool, who["little"], 99, NOVEMBER)
    for name in ("both", "deducted"):
        await is_deducted(pool, who[name], date(2024, 12, 1), 49500)
    assert await objects(pool, who["objects"], 2024)
    await year_end(statements)
    found = await report(statements)
    # 494.99 + 4 * 495.00 + 300.00 + 0.99 paid straight, of which 494.99 + 495.00 + 0.99 are told.
    straight = 49499 + 3 * 49500 + 30000 + 99
    assert (found.direct_ore, found.paid_ore) == (straight, straight + 2 * 49500)
    assert found.reported_ore == 49499 + 49500 + 99
    moved = await pool.fetchval(
        "SELECT (SELECT sum(amount_ore) FROM allocations)"
        " + (SELECT sum(deducted_ore) FROM deductions)"
    )
    assert found.paid_ore == moved, "reported, deducted and not reported are all that was paid"
    assert (found.objecting, found.without_national_id, found.without_deduction) == (1, 1, 1)
    assert await deliver(pool, MARCH) == {
        await number_of(pool, who["paid"]): 494,
        await number_of(pool, who["both"]): 495,
    }
    assert await deliver(pool, MARCH) is None, "all has been told"
    told = await pool.fetch("SELECT membership_id, audience FROM disclosures")
    assert {tuple(row) for row in told} == {
        (who["paid"], "tax_authority"),
        (who["both"], "tax_authority"),
    }


async def test_a_later_file_holds_what_has_changed(pool, persistence, statements):
    """Another amount, one taken back, a number that came and one that was wrong; nobody else."""
    names = ("stays", "taken back", "less", "late", "number comes", "number changes", "objects")
    who = {name: await member(persistence, pool) for name in names}
    await change_person(pool, who["number comes"], national_id=None)
    paid = {
        name: await pays(pool, one, 40000, NOVEMBER) for name, one in who.items() if name != "late"
    }
    await year_end(statements)
    first = await deliver(pool, MARCH)
    assert first is not None
    assert len(first) == 5
    await report(statements)
    assert await pool.fetchval("SELECT count(*) FROM tasks WHERE key LIKE 'tax-report/%'") == 0

    before = await number_of(pool, who["number changes"])
    for name in ("number comes", "number changes"):
        await change_person(
            pool, who[name], national_id=national_id(date(1986, 4, 12), 100 + len(name))
        )
    await allocates(pool, paid["taken back"], who["taken back"], -40000, MARCH)
    await allocates(pool, paid["less"], who["less"], -10000, MARCH)
    await pays(pool, who["late"], 49500, date(2024, 12, 31))
    await year_end(statements, today=MARCH)
    await objects(pool, who["objects"], 2024)
    await report(statements, today=MARCH)
    task = await pool.fetchrow("SELECT says, closed_on FROM tasks WHERE key = 'tax-report/2024/2'")
    assert "`medlemsflyt tax-report 2024 --xml FILE`" in task["says"]
    assert task["closed_on"] is None
    assert await deliver(pool, MARCH) == {
        await number_of(pool, who["taken back"]): 0,
        await number_of(pool, who["less"]): 300,
        await number_of(pool, who["late"]): 495,
        await number_of(pool, who["number comes"]): 400,
        before: 0,
        await number_of(pool, who["number changes"]): 400,
        # Taken back from the day it was said on, before there is another statement.
        await number_of(pool, who["objects"]): 0,
    }
    assert (
        await pool.fetchval("SELECT closed_on FROM tasks WHERE key = 'tax-report/2024/2'") == MARCH
    )
    assert await deliver(pool, MARCH) is None

    found = await year_end(statements, today=date(2025, 4, 10))
    assert (found.corrections, found.letters) == (1, 1), "the statement says so with the next run"
    assert await deliver(pool, MARCH) is None
    await objects(pool, who["objects"], 2024, so=False)
    await year_end(statements, today=date(2025, 5, 10))
    assert await deliver(pool, date(2025, 5, 10)) == {await number_of(pool, who["objects"]): 400}


async def test_an_objection_is_a_person_s(pool, persistence):
    """It holds from its year on, whatever memberships and merges; the latest word holds (X3)."""
    one, other = await member(persistence, pool), await member(persistence, pool)
    assert await objects(pool, one, 2024)
    assert not await objects(pool, one, 2025), "that was so before"
    assert not await objects(pool, other, 2024, so=False), "there is nothing to withdraw"
    assert await objects(pool, one, 2026, so=False)
    held = {
        year: len(await pool.fetch("SELECT * FROM tax_objectors($1)", year))
        for year in (2023, 2024, 2025, 2026)
    }
    assert held == {2023: 0, 2024: 1, 2025: 1, 2026: 0}
    goes, stays = [
        await pool.fetchval("SELECT person_id FROM memberships WHERE membership_id = $1", each)
        for each in (one, other)
    ]
    await one_person(pool, other, one)
    await pool.execute(
        "UPDATE people SET merged_into = $2, merged_on = '2025-01-01' WHERE person_id = $1",
        goes,
        stays,
    )
    assert await pool.fetchval("SELECT * FROM tax_objectors(2024)") == stays
    for who, year, says in (
        ("membership-00000000-0000-4000-8000-000000000000", 2024, "there is no such member"),
        (other, 2027, "from-year: at most 2026"),
    ):
        with pytest.raises(NotReported, match=says):
            await objects(pool, who, year)


async def test_a_year_without_statements_has_nothing_to_tell(pool):
    """It is said which command makes them."""
    async with pool.acquire() as connection:
        with pytest.raises(
            NotReported, match="2024 has no statements: make them with `medlemsflyt"
        ):
            await reporting.still_to_tell(connection, YEAR)


async def test_the_file_holds_any_name():
    """Marks of XML, what XML can't hold and a name too long for its field: still a valid file."""
    names = ["Åse <b>&amp; Ø]]>", "\x0bKari\x00\ufffe", "N" * 130, "=1+1", "李 小龍 𠮷"]
    total = 7 * len(names)
    delivery = Delivery(
        year=YEAR,
        number=3,
        sender=SENDER.model_copy(update={"name": "Lederne & Co <AS>"}),
        line_count=len(names),
        total_kroner=total,
        made_on=MARCH,
        made_by="Berit",
    )

    async def lines():
        for name in names:
            yield {"national_id": "12848600006", "name": name, "kroner": 7}

    file = io.BytesIO()
    await write_delivery(file, delivery, lines())
    found = read(file.getvalue())
    written = [line["oppgaveeier"]["navn"] for line in found["oppgave"]]
    assert written == [names[0], "Kari", "N" * 100, *names[3:]]
    assert found["oppgavegiver"]["organisasjonsnavn"] == "Lederne & Co <AS>"
    assert found["oppgaveoppsummering"]["sumBeloep"] == total
