"""KID, the customer identification of a Norwegian payment (P1)."""

from stdnum import luhn

INVOICE = "1"
"""The KID type of an invoice to a member."""

DEDUCTION_LIST = "2"
"""The KID type of a deduction list to an employer."""


def with_mod10(digits: str) -> str:
    """Return ``digits`` followed by their MOD10 (Luhn) check digit: 1234 becomes 12344."""
    return digits + luhn.calc_check_digit(digits)


def invoice_kid(member_number: str, serial: int) -> str:
    """Return the 16-digit KID of a member's invoice.

    Args:
        member_number: 8 digits.
        serial: 1 to 999999, the invoice's number within the membership.

    Raises:
        ValueError: a part does not fit its place.

    Source: P1, type(1) member(8) serial(6) check(1).
    """
    if len(member_number) != 8 or not member_number.isdecimal():
        raise ValueError("a member number has 8 digits")
    if not 1 <= serial <= 999_999:
        raise ValueError("an invoice serial has at most 6 digits")
    return with_mod10(f"{INVOICE}{member_number}{serial:06d}")


def list_kid(payer_number: str, serial: int) -> str:
    """Return the 16-digit KID of an employer's deduction list.

    Args:
        payer_number: 8 digits.
        serial: 1 to 999999, the list's number among the employer's.

    Raises:
        ValueError: a part does not fit its place.

    Source: P1, type(1) payer(8) serial(6) check(1).
    """
    if len(payer_number) != 8 or not payer_number.isdecimal():
        raise ValueError("a payer number has 8 digits")
    if not 1 <= serial <= 999_999:
        raise ValueError("a list's serial has at most 6 digits")
    return with_mod10(f"{DEDUCTION_LIST}{payer_number}{serial:06d}")


def is_valid_kid(kid: str) -> bool:
    """Tell whether the last digit is the MOD10 check digit of the others."""
    return kid.isdecimal() and 2 <= len(kid) <= 25 and luhn.is_valid(kid)
