"""A register tried out: who is here already, what stands there twice, and what it comes to."""

import csv
import stat
import uuid
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from activities.membership.activities import Persistence
from activities.register.private_files import csv_table
from activities.register.reading import open_register
from activities.register.rehearsal import LISTED, Sinks, rehearse
from activities.register.taken import Taken, find_taken
from schemas.payments.kid import with_mod10
from schemas.register.comparison import ComparedCharge
from schemas.register.rehearsed import RehearsedImport
from schemas.register.rows import RegisterFault
from schemas.shared.vocabulary import Category, LineKind
from tests.builders import BOOK, BORN, national_id
from tests.dues.making import joins
from tests.register.carried import carry
from tests.register.making import BILL, JOB, MONTH, ORDINARY, csv_text, folder, looked_at, raw

TODAY = date(2026, 12, 10)

KARI = ORDINARY | {
    "number": "T-1",
    "national_id": national_id(BORN, 900),
    "email": "tried.out@example.org",
}
"""Nobody in the database of all tests has anything of hers, and no number of hers is one here."""

NOBODY = KARI | {"national_id": "", "email": "", "payer": "direct"}
"""Somebody whom only a number and a name tell from others."""

KARIS_JOB = JOB | {"member": "T-1"}

KARIS_BILL = BILL | {
    "member": "T-1",
    "invoice": "T-1/11",
    "kid": with_mod10("987000000000017"),
}


@pytest.fixture
def tried(shared_pool, tmp_path):
    """Try out a register of some members, jobs and bills."""

    async def go(
        *members: dict[str, str],
        jobs: tuple[dict[str, str], ...] = (KARIS_JOB,),
        bills: tuple[dict[str, str], ...] = (KARIS_BILL,),
        sinks: Sinks | None = None,
    ) -> RehearsedImport:
        tables = {"members": members, "employments": jobs, "invoices": bills}
        told = {name: csv_text(*rows) for name, rows in tables.items() if rows}
        path = folder(tmp_path / f"r-{uuid.uuid4()}", **told)
        async with shared_pool.acquire() as connection:
            with open_register(path) as register:
                return await rehearse(connection, register, BOOK, MONTH, TODAY, sinks=sinks)

    return go


def told(found: RehearsedImport) -> list[tuple[int, str | None]]:
    """Return in which lines something is wrong, and under which heading."""
    return [(fault.line, fault.column) for fault in found.faults]


async def test_the_good_are_summed_and_the_faulty_listed(tried):
    """A register of two good members, one with two faults, and a job of nobody's."""
    found = await tried(
        KARI | {"charged_central": "495,00", "charged_premium": "199"},
        NOBODY | {"number": "T-2", "insurance": "reserved", "insurance_from": ""},
        NOBODY | {"number": "T-3", "category": "x", "joined_on": ""},
        jobs=(KARIS_JOB, JOB | {"member": "T-4"}),
    )
    assert (found.members, found.good, found.faulty) == (3, 2, 1)
    assert told(found) == [(4, "category"), (4, "joined_on"), (3, "member")]
    # Two with 495 to the centre and 50 to Oslo, one with the package; there 495 and 199.
    assert [(t.kind, t.members, t.ours_ore, t.theirs_ore) for t in found.totals] == [
        (LineKind.CENTRAL_DUES, 2, 99000, 49500),
        (LineKind.LOCAL_DUES, 2, 10000, 0),
        (LineKind.INSURANCE_PREMIUM, 1, 20000, 19900),
    ]
    assert (found.compared, found.differing, len(found.differences)) == (1, 1, 1)
    # 495 less 95 are open.
    assert (found.owed_ore, found.credit_ore) == (40000, 0)


async def test_what_belongs_to_one_alone_is_found_in_another_line(tried):
    """A member number, a national id and a KID that a member before has as well."""
    found = await tried(
        KARI,
        NOBODY | {"number": "t-1"},
        KARI | {"number": "T-5", "payer": "direct"},
        bills=(KARIS_BILL, KARIS_BILL | {"member": "T-5", "invoice": "T-5/11"}),
    )
    # The second takes the first one's rows along, which its own number is at fault for.
    assert (2, "number") not in told(found)
    assert {(3, "number"), (4, "national_id"), (4, "kid")} <= set(told(found))
    assert found.good == 1


async def test_who_is_here_already_is_not_carried_over_again(tried, shared_pool):
    """By name, birth date and e-mail address, or by a number, KID or invoice that is given."""
    membership_id = await joins(Persistence(shared_pool, allow_synthetic_ids=True))
    async with shared_pool.acquire() as connection:
        row = await connection.fetchrow(
            "SELECT name, birth_date, email, member_number, kid, number FROM memberships"
            " JOIN people USING (person_id) JOIN invoices USING (membership_id)"
            " WHERE membership_id = $1",
            membership_id,
        )
    them = NOBODY | {"name": row["name"], "email": row["email"]}
    found = await tried(
        them | {"birth_date": row["birth_date"].isoformat(), "number": "T-1"},
        NOBODY | {"number": row["member_number"]},
        NOBODY | {"number": "T-3"},
        bills=(KARIS_BILL | {"member": "T-3", "kid": row["kid"], "invoice": row["number"]},),
        jobs=(JOB | {"member": "T-3"},),
    )
    assert sorted(told(found)) == [(2, "number"), (3, "number"), (4, "invoice"), (4, "kid")]
    assert found.good == 0


async def test_the_kid_of_an_employers_list_is_nobody_elses(shared_pool):
    """Dry run and import look it up by one query: money by that KID is the employer's."""
    bill = KARIS_BILL | {"kid": with_mod10("987000000000025")}
    one = looked_at(raw(jobs=(KARIS_JOB,), bills=(bill,), **KARI)).member
    assert one is not None
    async with shared_pool.acquire() as connection:
        undone = connection.transaction()
        await undone.start()
        await connection.execute("INSERT INTO employers (orgnr) VALUES ('999999999')")
        await connection.execute(
            "INSERT INTO deduction_lists (number, kid, employer_orgnr, serial, period_from,"
            " made_on, report_due_on, total_ore, line_count)"
            " VALUES ('T-1', $1, '999999999', 1, '2026-11-01', '2026-10-20', '2026-11-20', 1, 1)",
            bill["kid"],
        )
        taken = await find_taken(connection, [one])
        await undone.rollback()
    assert taken == {
        "T-1": [Taken("kid", bill["kid"], "an invoice or a list has that KID already")]
    }


async def test_who_has_been_carried_over_is_passed_over(tried, shared_pool):
    """By the same line; another one under the number is a fault, and tells what to do."""
    one: dict[str, Any] = KARI | {
        "number": "CARRIED-1",
        "national_id": "",
        "email": "carried1@example.org",
    }
    jobs = (KARIS_JOB | {"member": "CARRIED-1"},)
    first = looked_at(raw(jobs=jobs, **one)).member
    assert first is not None
    _, refused, _ = await carry(shared_pool, [first], month=MONTH)
    assert refused == []
    same = await tried(one, jobs=jobs, bills=())
    assert (same.known, same.good, same.faults) == (1, 0, ())
    other = await tried(one | {"category": "apprentice", "payer": "direct"}, jobs=jobs, bills=())
    assert (other.known, told(other)) == (0, [(2, "number")])


async def test_pages_that_are_worked_on_side_by_side_come_back_in_their_order(tried):
    """More members than a page holds: each line is told of once, from the top."""
    many = [NOBODY | {"number": f"T-{n}", "name": "" if n % 7 else "Kari"} for n in range(1, 600)]
    found = await tried(*many)
    # 7, 14, ... 595 have a name.
    assert (found.members, found.good) == (599, 85)
    assert told(found) == [(n + 1, "name") for n in range(1, 600) if n % 7]


async def test_every_fault_and_charge_goes_where_it_is_wanted(tried):
    """An answer lists a thousand of them and counts the rest; whoever asks is given all."""
    faults: list[RegisterFault] = []
    charges: list[ComparedCharge] = []
    nameless = [NOBODY | {"number": f"T-{n}", "name": ""} for n in range(2, LISTED + 4)]
    found = await tried(KARI, *nameless, sinks=Sinks(faults.append, charges.append))
    assert (len(found.faults), found.more_faults, len(faults)) == (LISTED, 2, LISTED + 2)
    assert [charge.category for charge in charges] == [Category.ORDINARY] * 3


def test_a_file_with_names_is_for_its_owner_alone(tmp_path):
    """Nobody else reads it, and one that breaks off is not there."""
    path = tmp_path / "faults.csv"
    with csv_table(path, ("table", "stood")) as write:
        write(["members", "Åse"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(path.read_text("utf-8-sig").splitlines(), delimiter=";")) == [
        ["table", "stood"],
        ["members", "Åse"],
    ]
    with pytest.raises(RuntimeError), csv_table(path, ("table",)):
        raise RuntimeError
    assert [file.name for file in tmp_path.iterdir()] == ["faults.csv"]


async def test_the_command_says_it_to_people_programs_and_files(cli, tmp_path):
    """Exit code 1 where something is wrong; the files have what the terminal has no room for."""
    path: Path = folder(
        tmp_path / "r",
        members=csv_text(
            NOBODY | {"charged_central": "247,50"},
            NOBODY | {"number": "T-2", "name": ""},
        ),
        employments=csv_text(KARIS_JOB),
    )
    ran = await cli("import", str(path), "--dry-run", "--out", str(tmp_path / "out"))
    assert ran.code == 1
    assert "members, line 3, name: is required: text." in ran.out
    assert "T-1, central dues: 495.00 here, 247.50 there: here full dues; there half" in ran.out
    assert "1 would be carried over, 0 were before, 1 can't be, with faults." in ran.out
    names = {file.name for file in (tmp_path / "out").iterdir()}
    assert names == {"faults.csv", "charges.csv", "totals.csv"}
    again = await cli("import", str(path), "--dry-run", "--json")
    assert (again.json["good"], again.json["faulty"], again.json["differing"]) == (1, 1, 1)
    missing = await cli("import", str(tmp_path / "none.csv"), "--dry-run")
    assert (missing.code, "Nothing was carried over" in missing.err) == (2, True)
