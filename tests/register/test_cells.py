"""What people and spreadsheets write in cells, and what it is read as."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.register import cells
from schemas.register.cells import NotReadable, kept, tidied
from schemas.register.columns import TABLES
from schemas.register.member import has_check_digit
from schemas.shared.cells import NumberText
from schemas.shared.vocabulary import Category, Payer

CATEGORY, PAYER = cells.words_of(Category), cells.words_of(Payer)

READ = [
    (cells.DAY, "2027-01-31", date(2027, 1, 31)),
    (cells.DAY, "31.01.2027", date(2027, 1, 31)),
    (cells.DAY, "1.2.2027", date(2027, 2, 1)),
    (cells.MONTH, "2027-01", date(2027, 1, 1)),
    (cells.MONTH, "01.2027", date(2027, 1, 1)),
    (cells.MONTH, "2027-01-31", date(2027, 1, 1)),
    (cells.AMOUNT, "495,00", 49500),
    (cells.AMOUNT, "1 234,5", 123450),
    (cells.AMOUNT, "-20.00", -2000),
    (cells.AMOUNT, "495", 49500),
    (cells.PERCENT, "37,5 %", Decimal("37.5")),
    (cells.PERCENT, "50.010", Decimal("50.01")),
    (cells.PERCENT, "37.50000000001", Decimal("37.5")),
    (cells.FLAG, "Ja", True),
    (cells.FLAG, "false", False),
    (CATEGORY, "Ordinary", Category.ORDINARY),
    (CATEGORY, "early pensioner", Category.EARLY_PENSIONER),
    (CATEGORY, "Lærling", Category.APPRENTICE),
    (PAYER, "lønnstrekk", Payer.PAYROLL),
    (cells.NATIONAL_ID, "2058612345", "02058612345"),
    (cells.ORGNR, "974 760 673", "974760673"),
    (cells.POSTCODE, "155", "0155"),
    (cells.POSTCODE, "411 05", "411 05"),
    (cells.KID, "0012344", "0012344"),
]


@pytest.mark.parametrize(("kind", "text", "value"), READ)
def test_a_cell_is_read_as_it_was_meant(kind, text, value):
    """Norwegian and plain ways of writing are read, and what a spreadsheet dropped is put back."""
    assert kind.read(text) == value


UNREADABLE = [
    (cells.DAY, "45678"),
    (cells.DAY, "31.02.2027"),
    (cells.DAY, "01/02/2027"),
    (cells.DAY, "31.01.27"),
    (cells.MONTH, "januar"),
    (cells.AMOUNT, "1.234"),
    (cells.AMOUNT, "halvparten"),
    (cells.PERCENT, "half"),
    (cells.PERCENT, "0,5"),
    (cells.FLAG, "kanskje"),
    (CATEGORY, "lønnstrekk"),
    (cells.NATIONAL_ID, "1,28E+10"),
    (cells.KID, "12 34x"),
    (cells.KID, NumberText("1000047110000070")),
]


@pytest.mark.parametrize(("kind", "text"), UNREADABLE)
def test_what_can_be_read_in_two_ways_is_not_read(kind, text):
    """A day that could be another, a serial number, a KID that was rounded: somebody is asked."""
    with pytest.raises(NotReadable):
        kind.read(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("  Kari\N{NO-BREAK SPACE}", "Kari"),
        ("A\N{COMBINING RING ABOVE}se", "Åse"),
        ("'+4791234567", "+4791234567"),
        ("'0155", "0155"),
        ("'t Hooft", "'t Hooft"),
    ],
)
def test_what_stands_around_a_text_is_no_part_of_it(text, meant):
    """Spaces, and the apostrophe that keeps a number or a formula a text."""
    assert tidied(text) == meant


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z", "Co"]), max_size=12))
def test_a_text_comes_back_from_its_cell(text):
    """No spreadsheet takes a name for a formula, and whatever it is, it is read as it was."""
    text = tidied(text)
    while tidied(text) != text:
        text = tidied(text)
    assert tidied(kept(text)) == text


def test_every_column_says_what_stands_in_it():
    """The reference is made of the models, and leaves no column without a sentence."""
    assert all(column.says for table in TABLES for column in table.columns)


@pytest.mark.parametrize(
    ("kid", "is_right"),
    # 4x2 + 3x3 + 2x4 + 1x5 = 30, and 3 more make 33; of 1248 they are 41, and 3 more make 44.
    [("12344", True), ("12343", True), ("12345", False), ("12483", True), ("12485", False)],
)
def test_the_check_digit_of_a_kid(kid, is_right):
    """P1: by MOD10 or by MOD11: 1234 is 12344 by the one and 12343 by the other."""
    assert has_check_digit(kid) is is_right
