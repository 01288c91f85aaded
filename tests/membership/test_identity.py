"""National ids and KIDs: the vectors of N1 and P1."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.membership import identity
from schemas.membership.identity import agrees_with_birth_date, is_national_id, is_synthetic
from schemas.payments.kid import invoice_kid, with_mod10
from tests.builders import national_id
from tests.kids import is_valid_kid

BY_2032_ONLY = ["02013299903", "30108299939"]
BY_BOTH = ["02013299997", "02013299806", "30108299920"]


@pytest.mark.parametrize("number", [*BY_2032_ONLY, *BY_BOTH])
@pytest.mark.parametrize("synthetic", [False, True])
def test_numbers_of_the_2032_rule_are_valid(number, synthetic):
    """From 2032 the first check digit may leave a remainder of 0 to 3 (N1)."""
    assert is_national_id(number, synthetic=synthetic)


@pytest.mark.parametrize("number", BY_2032_ONLY)
def test_numbers_of_2032_only_are_not_valid_by_the_old_rule(number, monkeypatch):
    """These vectors are what the 2032 rule adds: by remainder 0 alone they fail (N1)."""
    monkeypatch.setattr(identity, "FIRST_REMAINDERS", frozenset({0}))
    assert not is_national_id(number, synthetic=False)


@pytest.mark.parametrize("number", BY_BOTH)
def test_numbers_of_both_rules_are_valid_by_the_old_one(number, monkeypatch):
    """A number of today stays valid (N1)."""
    monkeypatch.setattr(identity, "FIRST_REMAINDERS", frozenset({0}))
    assert is_national_id(number, synthetic=False)


def test_a_d_number_is_valid_and_carries_its_birth_date():
    """A D-number has its day raised by 40 (N1)."""
    born = date(1986, 4, 12)
    number = national_id(born, day_plus=40)
    assert number.startswith("5284")
    assert is_national_id(number, synthetic=True)
    assert agrees_with_birth_date(number, born)
    assert not agrees_with_birth_date(number, date(1986, 4, 13))


@pytest.mark.parametrize(
    ("synthetic", "valid"), [(True, True), (False, False)], ids=["allowed", "production"]
)
def test_synthetic_numbers_only_when_allowed(synthetic, valid):
    """Test numbers (month + 80) count only where they are switched on (N2)."""
    number = national_id(date(1986, 4, 12))
    assert is_synthetic(number)
    assert is_national_id(number, synthetic=synthetic) is valid


@pytest.mark.parametrize(
    "number",
    [
        "",
        "0201329999",
        "020132999970",
        "0201329999x",
        "02013299998",  # the second check digit is wrong
        "02013299917",  # the first leaves 10
        "00000000000",
        "00013299900",  # day 0
        "32013200000",  # day 32
        "02133299999",  # month 13
        "02613299902",  # month 61
        "99999999999",
        "٠٢٠١٣٢٩٩٩٩٧",  # the digits of another script
        "020132 99997",
        " 2013299997",
        "-2013299997",
    ],
)
def test_what_is_no_national_id(number):
    """Eleven plain digits, a possible day and month, two right check digits (N1)."""
    assert not is_national_id(number, synthetic=True)


def test_a_hospitals_number_is_no_national_id():
    """H-numbers (month + 40) identify patients, not persons (N1)."""
    number = national_id(date(1986, 4, 12), month_plus=40)
    assert number.startswith("1244")
    assert not is_national_id(number, synthetic=True)


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.integers(0, 900), st.integers(0, 10))
def test_one_changed_digit_is_noticed(born, individual, place):
    """Two check digits catch a mistyped digit, and nothing but the birth date must agree."""
    number = national_id(born, individual)
    assert is_national_id(number, synthetic=True)
    assert agrees_with_birth_date(number, born)
    other = str((int(number[place]) + 1) % 10)
    wrong = number[:place] + other + number[place + 1 :]
    # The 2032 rule lets some first check digits pass; the second one then fails unless it is
    # itself the changed one's: a single change is always caught.
    assert not is_national_id(wrong, synthetic=True)


@pytest.mark.parametrize(
    ("born", "agrees"),
    [
        (date(1932, 1, 2), True),
        (date(2032, 1, 2), True),  # the century is not told from 2032 on
        (date(1932, 1, 3), False),
        (date(1932, 2, 2), False),
        (date(1933, 1, 2), False),
    ],
)
def test_a_number_agrees_with_a_birth_date(born, agrees):
    """Day, month and two-digit year must agree; the century can't be told (N7)."""
    assert agrees_with_birth_date("02013299997", born) is agrees


def test_the_birth_date_of_a_leap_day():
    """29 February is a possible day whatever the century (A32)."""
    assert agrees_with_birth_date(national_id(date(2000, 2, 29)), date(2000, 2, 29))


# KID ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("digits", "kid"), [("1234", "12344"), ("0", "00"), ("00012345", "000123455")]
)
def test_mod10(digits, kid):
    """MOD10 is Luhn: 1234 becomes 12344 (P1)."""
    # 1234: 4x2=8, 3, 2x2=4, 1 make 16, and 4 more make 20.
    # 00012345: 5x2=10 is 1, 4, 3x2=6, 2, 1x2=2 make 15, and 5 more make 20.
    assert with_mod10(digits) == kid
    assert is_valid_kid(kid)


@pytest.mark.parametrize(
    ("number", "serial", "kid"),
    [
        # 1 00012345 000001 c: from the right 1x2=2, 5, 4x2... counted by with_mod10.
        ("00012345", 1, with_mod10("100012345000001")),
        ("99999999", 999_999, with_mod10("199999999999999")),
        ("00000000", 1, with_mod10("100000000000001")),
    ],
)
def test_an_invoice_kid_has_a_fixed_form(number, serial, kid):
    """type(1) member(8) serial(6) check(1), always 16 digits (P1)."""
    assert invoice_kid(number, serial) == kid
    assert len(kid) == 16
    assert is_valid_kid(kid)


@pytest.mark.parametrize(
    ("number", "serial"),
    [
        ("1234567", 1),
        ("123456789", 1),
        ("1234567x", 1),
        ("", 1),
        ("00012345", 0),
        ("00012345", -1),
        ("00012345", 1_000_000),
    ],
)
def test_what_does_not_fit_a_kid_is_refused(number, serial):
    """A part that does not fit its place never makes a KID of another length (P1)."""
    with pytest.raises(ValueError, match="digits"):
        invoice_kid(number, serial)


@given(st.integers(0, 99_999_999), st.integers(1, 999_999))
def test_invoice_kids_are_distinct_and_valid(number, serial):
    """Member and serial can be read back: two invoices never share a KID (P1)."""
    kid = invoice_kid(f"{number:08d}", serial)
    assert is_valid_kid(kid)
    assert (int(kid[1:9]), int(kid[9:15])) == (number, serial)
