"""Rows of a register: what is read of them, and what is wrong with them and where."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from schemas.register.columns import INVOICES, MEMBERS, row_of, table_of
from schemas.shared.vocabulary import LineKind, Payer
from tests.builders import national_id, rulebook
from tests.register.making import BILL, JOB, MONTH, ORDINARY, faults, looked_at, member, raw

HALF = JOB | {"position_percent": "40", "employer_orgnr": "889640782"}


def test_a_whole_member_is_read():
    """Dates, ids, the address and what belongs to it are what was meant."""
    kari = member(jobs=(JOB, HALF), bills=(BILL,), balance="300,00")
    assert kari.member_number == "00004711"
    assert kari.birth_date == date(1986, 4, 12)
    assert kari.phone == "+4791234567"
    assert kari.address is not None
    assert kari.address.country == "NO"
    assert [job.position_percent for job in kari.employments] == [Decimal(100), Decimal(40)]
    assert kari.deductor == JOB["employer_orgnr"]
    (bill,) = kari.invoices
    assert [(line.kind, line.amount_ore) for line in bill.lines] == [(LineKind.CENTRAL_DUES, 49500)]
    # 495 less the 95 that are paid; of the 300 that are owed that leaves 100 in credit.
    assert (bill.open_ore, kari.besides_ore) == (40000, -10000)


@pytest.mark.parametrize("number", ["M-17", "123456789", "0"])
def test_a_number_of_another_form_is_not_kept(number):
    """It ties the rows together, and a new one is given."""
    assert member(number=number, jobs=(JOB | {"member": number},)).member_number is None


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "no name": ({"name": ""}, MEMBERS, "name"),
    "a name that turns around": ({"name": "Kari \u202e nnamdroN"}, MEMBERS, "name"),
    "no such day": ({"birth_date": "31.02.1986"}, MEMBERS, "birth_date"),
    "a check digit": ({"national_id": "12048612345"}, MEMBERS, "national_id"),
    "of another day": ({"national_id": national_id(date(1990, 1, 1))}, MEMBERS, "national_id"),
    "a child": (
        {"birth_date": "2015-04-12", "national_id": "", "joined_on": "2026-01-01"},
        MEMBERS, "birth_date"),
    "no address of either kind": (
        {"email": "", "line1": "", "postcode": "", "city": ""}, MEMBERS, "email"),
    "half an address": ({"city": ""}, MEMBERS, "city"),
    "a postcode of five": ({"postcode": "01555"}, MEMBERS, "postcode"),
    "an e-mail address": ({"email": "kari at example"}, MEMBERS, "email"),
    "a category": ({"category": "gullmedlem"}, MEMBERS, "category"),
    "a branch": ({"branch": "ATLANTIS"}, MEMBERS, "branch"),
    "joined later": ({"joined_on": "2027-02-01"}, MEMBERS, "joined_on"),
    "has left": ({"leaves_on": "2026-11-30"}, MEMBERS, "leaves_on"),
    "covered since when": ({"insurance_from": ""}, MEMBERS, "insurance_from"),
    "reserved and covered": ({"reserved_on": "2020-01-01"}, MEMBERS, "reserved_on"),
    "a window without end": (
        {"insurance": "window_open", "insurance_from": ""}, MEMBERS, "reservation_deadline"),
    "a leave without end": ({"leave": "leave", "leave_from": "2026-10-01"}, MEMBERS, "leave_until"),
    "an end without a leave": ({"leave_until": "2026-10-01"}, MEMBERS, "leave"),
    "hidden and deducted": ({"hidden": "ja"}, MEMBERS, "payer"),
    "no employer to deduct": ({"jobs": ()}, MEMBERS, "payer"),
    "another employer deducts": ({"deducted_by": "889640782"}, MEMBERS, "deducted_by"),
    "the end of no study": ({"ends_on": "2028-06-30"}, MEMBERS, "ends_on"),
    "a fee by the month": ({"fee_through": "2027-12"}, MEMBERS, "fee_through"),
    "an employer's number": (
        {"jobs": (JOB | {"employer_orgnr": "974760674"},), "payer": "direct"},
        "employments", "employer_orgnr"),
    "more than all": (
        {"jobs": (JOB | {"position_percent": "150"},)}, "employments", "position_percent"),
    "a KID": ({"bills": (BILL | {"kid": "1000047110000072"},)}, INVOICES, "kid"),
    "paid whole": ({"bills": (BILL | {"paid": "495,00"},)}, INVOICES, "paid"),
    "for nothing": ({"bills": (BILL | {"central": ""},)}, INVOICES, "central"),
    "due before": ({"bills": (BILL | {"due_on": "2026-10-01"},)}, INVOICES, "due_on"),
    "of our month": ({"bills": (BILL | {"period": "2027-01"},)}, INVOICES, "period"),
    "warned at once": (
        {"bills": (BILL | {"warned_on": "2026-12-20"},)}, INVOICES, "warned_on"),
    "one month twice": (
        {"bills": (BILL, BILL | {"invoice": "F-2"})}, MEMBERS, "number"),
}  # fmt: skip
"""What is written, and in which table under which heading it is told."""


@pytest.mark.parametrize("name", WRONG)
def test_a_fault_is_told_by_its_cell(name):
    """Each fault keeps its member out, and names the table, the heading and what stood there."""
    changes, table, column = WRONG[name]
    assert faults(**changes) == [(table, column)]


def test_all_faults_of_a_member_are_told_at_once():
    """A file is put right in one go, not fault by fault."""
    found = looked_at(raw(birth_date="i fjor", category="x", bills=(BILL | {"due_on": "snart"},)))
    assert found.member is None
    assert [(fault.column, fault.stood) for fault in found.faults] == [
        ("birth_date", "i fjor"),
        ("category", "x"),
        ("due_on", "snart"),
    ]
    assert str(found.faults[0]) == (
        "members, line 2, birth_date: write a date, as 2027-01-31 or 31.01.2027 (stood: i fjor)"
    )


def test_a_synthetic_number_is_one_only_where_they_are_allowed():
    """Production refuses the test numbers that everything here is written with."""
    found = looked_at(raw(), book=rulebook(allow_synthetic_ids=False))
    assert [fault.column for fault in found.faults] == ["national_id"]


def test_a_row_comes_back_as_it_was_written():
    """What is written of a member is read as the same one; the plain words are ours."""
    kari = member(bills=(BILL,), phone="+47 912 34 567", hidden="nei", balance="-20")
    cells = row_of(kari, table_of(MEMBERS))
    written = dict(zip([c.name for c in table_of(MEMBERS).columns], cells, strict=True))
    again = member(bills=(BILL,), **written)
    assert again == kari
    assert written["phone"] == "'+4791234567"
    assert (written["hidden"], written["balance"], written["number"]) == ("no", "-20,00", "4711")
    assert written["birth_date"] == "1986-04-12" != ORDINARY["birth_date"]
    assert kari.payer is Payer.PAYROLL
    assert MONTH not in {kari.joined_on, kari.birth_date}
