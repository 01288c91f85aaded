"""A register written out: what is read of it again is what was written, cell by cell."""

import stat
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.membership.activities import Persistence
from activities.register.exporting import export, first_month_elsewhere
from activities.register.reading import open_register
from activities.register.writing import register_file
from schemas.register.cells import tidied
from schemas.register.checking import Checked, checked
from schemas.register.columns import TABLES, row_of
from schemas.register.facts import facts_of
from schemas.register.kept import Kept, exported
from schemas.register.member import RegisterMember
from schemas.shared.vocabulary import Category, Event
from tests.builders import BOOK, EMPLOYER_ORGNR
from tests.dues.making import joins
from tests.register.making import BILL, JOB, MONTH, member

TODAY = date(2026, 12, 10)

RETIRED: dict[str, Any] = {
    "jobs": (), "payer": "direct", "national_id": "", "insurance": "not_applicable",
    "insurance_from": "",
}  # fmt: skip

MEMBERS: dict[str, dict[str, Any]] = {
    "deducted": {},
    "of two employers": {
        "jobs": (JOB, JOB | {"employer_orgnr": "889640782", "position_percent": "12,5"}),
        "deducted_by": "889640782",
    },
    "hidden": {"hidden": "yes", "payer": "direct"},
    "reserved": {"insurance": "reserved", "insurance_from": "", "reserved_on": "2024-02-03"},
    "in the window": {
        "insurance": "window_open", "insurance_from": "", "reservation_deadline": "2027-01-05",
    },
    "on leave": {"leave": "leave", "leave_from": "2026-10-01", "leave_until": "2027-03-31",
                 "payer": "direct"},
    "laid off": {"leave": "laid_off", "leave_share": "quarter", "leave_from": "2026-11-01",
                 "leave_until": "2027-02-28", "payer": "direct"},
    "about to leave": {"leaves_on": "2027-02-28"},
    "about to begin": {
        "jobs": (JOB, JOB | {"employer_orgnr": "889640782", "from_on": "2027-03-01"}),
    },
    "student": RETIRED | {"category": "student", "ends_on": "2028-06-30"},
    "apprentice": RETIRED | {"category": "apprentice", "ends_on": "2028-06-30"},
    "early pensioner": RETIRED | {"category": "early_pensioner", "birth_date": "1962-04-12",
                                  "pension": "afp"},
    "pensioner": RETIRED | {"category": "pensioner", "birth_date": "1950-04-12",
                            "pension": "old_age", "insurance": "ended",
                            "fee_through": "2027-12"},
    "at work with a pension": {"pension": "afp", "paid_months": "40"},
    "in debt": {"bills": (BILL,), "balance": "400,00"},
    "in credit": {"balance": "-120,50"},
}  # fmt: skip


def kept_as(one: RegisterMember) -> Kept:
    """Return a member as the database has it once it has been carried over."""
    own = ("name", "national_id", "email", "phone", "care_of", "line1", "line2", "postcode",
           "city", "country", "language")  # fmt: skip
    return Kept(
        member_number=str(one.member_number),
        member_since=one.joined_on,
        person={column: getattr(one, column) for column in own},
        facts=facts_of(one, BOOK, MONTH, TODAY),
        named={job.employer_orgnr: (job.employer_name, job.position) for job in one.employments},
        told_insurance=one.insurance,
        told_insurance_on=one.insurance_on,
        balance_ore=one.balance_ore or 0,
        invoices=one.invoices,
    )


def as_kept(one: RegisterMember) -> RegisterMember:
    """Return a member with all told that is left out: it comes back as it counts."""
    number = one.member_number
    charged = {name: None for name in type(one).model_fields if name.startswith("charged_")}
    belonging = {
        table: tuple(row.model_copy(update={"member": number}) for row in getattr(one, table))
        for table in ("employments", "invoices")
    }
    told = {"number": number, "balance_ore": one.balance_ore or 0, "deducted_by": one.deductor}
    return one.model_copy(update=told | charged | belonging)


@pytest.mark.parametrize("name", MEMBERS)
def test_what_is_carried_over_comes_back(name):
    """The facts that a member's rows tell are enough to write the rows anew."""
    one = member(**MEMBERS[name])
    again = exported(kept_as(one), BOOK, MONTH, TODAY)
    assert again is not None
    assert again.coming_changes == 0
    assert as_kept(again.member) == as_kept(one)


SINCE = [
    # A21: 30 days from the 20th of December.
    (Event.INSURANCE_NOTICE_RECORDED, date(2026, 12, 20), "window_open", date(2027, 1, 19)),
    (Event.INSURANCE_RESERVED, date(2026, 12, 5), "reserved", date(2026, 12, 5)),
    (Event.INSURANCE_ENDED, date(2026, 12, 5), "ended", None),
    # Nothing was decided or told: the window opens, 30 days from today.
    (None, None, "window_open", date(2027, 1, 9)),
]


@pytest.mark.parametrize(("event", "on", "status", "day"), SINCE)
def test_what_was_decided_of_the_package_here_is_what_is_told(event, on, status, day):
    """The last decision has the last word over what a register or an application said."""
    kept = kept_as(member(insurance="reserved", insurance_from=""))
    told = kept.told_insurance if event else None
    here = replace(kept, insurance_event=event, insurance_on=on, told_insurance=told)
    found = exported(here, BOOK, MONTH, TODAY)
    assert found is not None
    assert (found.member.insurance, found.member.insurance_on) == (status, day)


def test_what_is_charged_here_is_what_is_to_be_compared_there():
    """It says what the month comes to: 495 and 50 to Oslo, and 200 for the package."""
    again = exported(kept_as(member()), BOOK, MONTH, TODAY)
    assert again is not None
    charged = again.member
    assert (
        charged.charged_central_ore,
        charged.charged_local_ore,
        charged.charged_premium_ore,
    ) == (
        49500,
        5000,
        20000,
    )


def test_who_has_left_by_the_month_is_no_member_of_it():
    """The last day was in the month before; one day later would still count."""
    kept = kept_as(member(leaves_on="2027-01-01"))
    assert exported(kept, BOOK, MONTH, TODAY) is not None
    notices = tuple(n.model_copy(update={"effective_on": MONTH}) for n in kept.facts.notices)
    left = replace(kept, facts=kept.facts.model_copy(update={"notices": notices}))
    assert exported(left, BOOK, MONTH, TODAY) is None


def test_a_change_to_come_without_a_column_is_counted():
    """Somebody is to do it by hand: nothing is lost in silence."""
    kept = kept_as(member(leave="leave", leave_from="2027-05-01", leave_until="2027-06-30"))
    (leave,) = kept.facts.notices
    later = leave.model_copy(
        update={"number": 2, "effective_on": date(2027, 9, 1), "until_on": date(2027, 10, 31)}
    )
    both = kept.facts.model_copy(update={"notices": (leave, later)})
    found = exported(replace(kept, facts=both), BOOK, MONTH, TODAY)
    assert found is not None
    assert (found.member.leave_from, found.coming_changes) == (date(2027, 5, 1), 1)


NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20
)


@given(name=NAMES, percent=st.decimals("0.001", "100", places=3), ore=st.integers(-(10**9), 10**9))
def test_any_name_amount_and_percentage_is_read_as_it_was_written(name, percent, ore):
    """Quotes, signs that spreadsheets take for formulas, thousandths and debts."""
    own = member()
    job = own.employments[0].model_copy(update={"position_percent": percent, "position": name})
    told = own.model_copy(update={"balance_ore": ore, "employments": (job,), "payer": own.payer})
    rows = [row_of(job, TABLES[1]), row_of(told, TABLES[0])]
    cells = {c.name: cell for c, cell in zip(TABLES[1].columns, rows[0], strict=True)}
    position = TABLES[1].columns[3]
    assert Decimal(cells["position_percent"].replace(",", ".")) == percent
    assert position.kind.read(tidied(cells["position"])) == tidied(name)
    balance = {c.name: (c, cell) for c, cell in zip(TABLES[0].columns, rows[1], strict=True)}
    column, cell = balance["balance"]
    assert column.kind.read(tidied(cell)) == ore


@pytest.mark.parametrize("name", ["register", "register.xlsx"])
def test_a_file_is_read_as_the_members_that_were_written(tmp_path, name):
    """A workbook and a folder of CSV alike, for their owner's eyes only, the same bytes again."""
    path = tmp_path / name
    members = [
        as_kept(member(**changes)).model_copy(update={"number": f"{place:08}"})
        for place, changes in enumerate(MEMBERS.values(), 1)
    ]
    members = [as_kept(one) for one in members]
    contents = []
    for _ in range(2):
        with register_file(path) as write:
            for one in members:
                for table, rows in zip(
                    TABLES, ((one,), one.employments, one.invoices), strict=True
                ):
                    for row in rows:
                        write(table.name, row_of(row, table))
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        contents.append([file.read_bytes() for file in files])
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert contents[0] == contents[1]
    with open_register(path) as register:
        found: list[Checked] = [checked(raw, BOOK, MONTH) for raw in register.members()]
    assert [one.faults for one in found] == [()] * len(members)
    assert [one.member for one in found] == members


async def test_members_of_the_database_are_written(shared_pool, tmp_path):
    """Who has joined stands there once, with what is owed, the employer and the dues."""
    persistence = Persistence(shared_pool, allow_synthetic_ids=True)
    membership_id = await joins(persistence)
    path = tmp_path / "register"
    async with shared_pool.acquire() as connection, connection.transaction():
        number = await connection.fetchval(
            "SELECT member_number FROM memberships WHERE membership_id = $1", membership_id
        )
        month = await first_month_elsewhere(connection, TODAY)
        with register_file(path) as write:
            report = await export(connection, BOOK, month, TODAY, write)
    with open_register(path) as register:
        found = {raw.row.cells[0]: checked(raw, BOOK, month).member for raw in register.members()}
    assert (report.members, report.month) == (len(found), f"{month:%Y-%m}")
    own = found[number]
    assert own is not None
    assert (own.name, own.category) == (membership_id, Category.ORDINARY)
    assert [job.employer_orgnr for job in own.employments] == [EMPLOYER_ORGNR]
    # The first invoice has not been paid.
    assert [bill.open_ore for bill in own.invoices] == [own.balance_ore]


async def test_the_command_writes_either_form(cli, shared_pool, tmp_path):
    """A workbook, or a folder of CSV; where it can't be written nothing is left half done."""
    await joins(Persistence(shared_pool, allow_synthetic_ids=True))
    for name in ("register", "register.xlsx"):
        ran = await cli("export", "--out", str(tmp_path / name), "--json")
        assert ran.code == 0, ran.out
        assert ran.json["members"] > 0
    ran = await cli("export", "--out", str(tmp_path / "nowhere" / "register.xlsx"))
    assert (ran.code, "Nothing was written" in ran.err) == (2, True)
