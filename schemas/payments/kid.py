"""KID, the customer identification of a Norwegian payment (P1)."""

import re

from stdnum import luhn

INVOICE = "1"
"""The KID type of an invoice to a member."""

KID_DIGITS = 16


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


def kid_in(reference: str) -> str | None:
    """Return the KID that stands where one does, blanks in it or not; None: it is none.

    It may be called so (``KID: 1000…``), set in groups with points, or filled up with noughts.
    """
    digits = re.sub(r"[\s.]|^\s*KID[:.]?", "", reference, flags=re.IGNORECASE)
    if not re.fullmatch(r"[0-9]{2,25}", digits):
        return None
    own = digits.lstrip("0")
    is_filled_up = len(digits) > len(own) == KID_DIGITS and luhn.is_valid(own)
    return own if is_filled_up else digits
