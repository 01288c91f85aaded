"""The line about a member that an employer gets."""

import csv
import io
from dataclasses import replace
from datetime import date

import pytest

from activities.letters.cases import Addressee, LetterContext
from activities.letters.payroll_notice import payroll_csv
from schemas.deduction.list_file import ASKED, harmless, headings_of
from schemas.shared.vocabulary import Language, Stage, Template
from tests.letters.making import SYNTHETIC_ID, TERMS, TODAY

PERSON = Addressee(
    name="=HYPERLINK(1)",
    birth_date=date(1986, 4, 12),
    national_id="01" + SYNTHETIC_ID[2:],
    email="kari@example.org",
    phone=None,
    address=(),
    language=Language.EN,
)
CASE = LetterContext(
    membership_id="membership-1",
    stage=Stage.ACTIVE,
    outcome=None,
    hidden=False,
    hiding=False,
    member_number="00012345",
    member_since=TODAY,
    person=PERSON,
    employer_orgnr=None,
    branch=None,
    recruiter_email=None,
    may_tell_recruiter=False,
)


def rows(content: bytes) -> list[list[str]]:
    """The file as a spreadsheet set to Norwegian reads it."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


@pytest.mark.parametrize(
    ("template", "code"),
    [
        (Template.PAYROLL_START, "START"),
        (Template.PAYROLL_REMINDER, "START"),
        (Template.PAYROLL_CHANGE, "CHANGE"),
        (Template.PAYROLL_STOP, "STOP"),
    ],
)
def test_one_line_with_the_columns_of_the_list(template: Template, code: str) -> None:
    """D2: the same columns every time; ids are text with their leading zeros."""
    header, line = rows(payroll_csv(template, CASE, TERMS))
    assert header == headings_of(ASKED)
    assert line == [
        "00012345",
        PERSON.national_id,
        "'=HYPERLINK(1)",
        "495,00",
        "45,00",
        "0,00",
        "540,00",
        code,
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " ="])
def test_no_value_is_a_formula(start: str) -> None:
    """D2: values that begin like a formula are neutralised, others left alone."""
    assert harmless(f"{start}1").startswith("'")
    assert harmless("Ola-Kari = 1") == "Ola-Kari = 1"


def test_only_a_stop_goes_without_a_national_id() -> None:
    """N3: the gate holds such a letter, and the file refuses as well; a STOP can't wait."""
    unknown = replace(CASE, person=replace(PERSON, national_id=None))
    for template in (Template.PAYROLL_START, Template.PAYROLL_REMINDER, Template.PAYROLL_CHANGE):
        with pytest.raises(ValueError, match="numbers"):
            payroll_csv(template, unknown, TERMS)
    _, line = rows(payroll_csv(Template.PAYROLL_STOP, unknown, TERMS))
    assert line[:2] == ["00012345", ""]
