"""Files of a register: every way in which people save them, and those that are refused whole."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from activities.register.reading import Register, open_register
from activities.shared.wrong_file import WrongFile
from schemas.register.rows import RawMember
from tests.register.making import BILL, JOB, ORDINARY, csv_text, folder, looked_at, workbook

OTHER = ORDINARY | {"number": "815", "name": "Åse Ødegård", "national_id": "", "email": "å@øy.no"}
MEMBERS = csv_text(ORDINARY, OTHER)
JOBS = csv_text(JOB | {"member": "0815"}, JOB, JOB | {"position": "Leder"})
BILLS = csv_text(BILL)


def read(path: Path) -> list[RawMember]:
    """Return the members of a file, as they stand there."""
    with open_register(path) as register:
        return list(register.members())


def test_what_belongs_to_a_member_finds_it(tmp_path):
    """In whatever order the tables are, and with or without zeros in front of the number."""
    path = folder(tmp_path / "r", members=MEMBERS, employments=JOBS, invoices=BILLS)
    kari, ase = read(path)
    assert [job.line for job in kari.employments] == [3, 4]
    assert [job.line for job in ase.employments] == [2]
    assert (kari.row.line, len(kari.invoices), len(ase.invoices)) == (2, 1, 0)
    assert looked_at(kari).member is not None
    assert looked_at(kari).member == looked_at(read(path)[0]).member


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_every_way_of_saving_a_csv_is_read(tmp_path, encoding, separator):
    """Names are what they were, whatever a spreadsheet made of the text around them."""
    text = csv_text(ORDINARY, OTHER, separator=separator)
    (_, ase) = read(folder(tmp_path / "r", encoding, members=text))
    member = looked_at(ase._replace(row=ase.row)).number, ase.row.cells[1]
    assert member == ("815", "Åse Ødegård")


def test_a_csv_of_the_members_alone_is_a_register(tmp_path):
    """Without employments and invoices, and with its columns in any order and case."""
    file = tmp_path / "medlemmer.csv"
    turned = {name.upper().replace("_", " "): cell for name, cell in reversed(ORDINARY.items())}
    file.write_text(csv_text(turned | {"PAYER": "direct"}))
    (kari,) = read(file)
    found = looked_at(kari)
    assert found.member is not None
    assert (found.member.name, found.member.employments) == ("Kari Nordmann", ())


def test_a_workbook_is_read_as_it_is_typed(tmp_path):
    """Numbers without their zeros, dates as dates, a percentage as one: all are what was meant."""
    own = ORDINARY | {"national_id": "", "birth_date": "", "postcode": "", "balance": ""}
    values = own | {"number": 4711, "birth_date": date(1986, 4, 12), "postcode": 155}
    values |= {"balance": 247.5, "hidden": False}
    work = JOB | {"member": "00004711", "employer_orgnr": 974760673, "position_percent": 0.5}
    path = workbook(
        tmp_path / "r.xlsx",
        Innhold=[["Merk", "dette"]],
        Members=[list(values), list(values.values())],
        employments=[list(work), list(work.values())],
    )
    book = openpyxl.load_workbook(path)
    book["employments"].cell(2, list(work).index("position_percent") + 1).number_format = "0 %"
    book.save(path)
    (kari,) = read(path)
    member = looked_at(kari).member
    assert member is not None
    assert member.member_number == "00004711"
    assert member.birth_date == date(1986, 4, 12)
    assert (member.postcode, member.balance_ore, member.hidden) == ("0155", 24750, False)
    (job,) = member.employments
    assert (job.employer_orgnr, job.position_percent) == ("974760673", Decimal(50))


def test_a_kid_that_a_spreadsheet_took_for_a_number_is_asked_about(tmp_path):
    """It is rounded to fifteen digits, and may lack zeros: the check digit alone doesn't tell."""
    bill = BILL | {"kid": int(BILL["kid"])}
    path = workbook(
        tmp_path / "r.xlsx",
        members=[list(ORDINARY), list(ORDINARY.values())],
        employments=[list(JOB), list(JOB.values())],
        invoices=[list(bill), list(bill.values())],
    )
    (kari,) = read(path)
    (fault,) = looked_at(kari).faults
    assert (fault.column, "column one of text" in fault.says) == ("kid", True)


REFUSED = {
    "nothing": ("", "line 1 must hold the headings"),
    "no headings": ("4711\r\n", "line 1 must hold the headings"),
    "a column that is not ours": (
        csv_text(ORDINARY | {"e-mail": "x"}), "the heading of column 16 is not known: did"),
    "a column twice": (
        MEMBERS.replace("branch;", "name;", 1), "the column name stands there twice"),
    "a column too few": (
        MEMBERS.replace("name;", "position;", 1), "the heading of column 2 is not known"),
    "a required one too few": (
        MEMBERS.replace("joined_on;", "leave_from;", 1), "the column joined_on is missing"),
    "more cells than headings": (MEMBERS.rstrip() + ";x\r\n", "line 3 has more cells"),
    "a cell without end": (MEMBERS + '"Ola', "a quotation mark is not closed"),
    "a cell of a novel": (MEMBERS + "x" * 301, "more than 300 characters"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_none_is_refused_whole(tmp_path, name):
    """With what to do about it, and nothing of what stands in it."""
    text, says = REFUSED[name]
    path = folder(tmp_path / "r", members=text)
    with pytest.raises(WrongFile, match=says) as refused:
        read(path)
    assert "Nordmann" not in str(refused.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "locked by a password"),
        (b"PK\x03\x04" + b"\0" * 600, "can't be read"),
        (b"number;name\r\n\x81\x8d;x\r\n", "can't be read as text"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path, content, says):
    """Locked, broken, or in an encoding that nobody knows."""
    file = tmp_path / "register"
    file.write_bytes(content)
    with pytest.raises(WrongFile, match=says):
        read(file)


def test_a_folder_without_members_is_no_register(tmp_path):
    """The other tables say whose a row is, and that is all."""
    with pytest.raises(WrongFile, match=r"no members\.csv"):
        read(folder(tmp_path / "r", employments=JOBS))
    with pytest.raises(WrongFile, match="no sheet members"):
        read(workbook(tmp_path / "r.xlsx", employments=[list(JOB)]))


def noted(register: Register) -> list[int | None]:
    """Go through a register, and return where each number stood before."""
    return [register.owned(one.row.cells[0], one.row.line) for one in register.members()]


def test_what_stands_there_twice_or_belongs_to_nobody_is_found(tmp_path):
    """A number that is another's already, and rows of members who are not there."""
    path = folder(
        tmp_path / "r",
        members=csv_text(ORDINARY, OTHER, OTHER | {"number": "00815"}),
        employments=csv_text(JOB, JOB | {"member": "816"}),
        invoices=csv_text(BILL | {"member": "ukjent"}),
    )
    with open_register(path) as register:
        assert noted(register) == [None, None, 3]
        nobodys = [(fault.table, fault.line, fault.stood) for fault in register.of_nobody()]
    assert nobodys == [("employments", 3, "816"), ("invoices", 2, "ukjent")]
