"""KIDs as others read them: of an employer's list, and whether a check digit is right (P1)."""

from stdnum import luhn

from schemas.payments.kid import with_mod10


def list_kid(payer_number: str, serial: int) -> str:
    """The KID of a deduction list: type 2, payer (8), serial (6), check digit."""
    return with_mod10(f"2{payer_number}{serial:06d}")


def is_valid_kid(kid: str) -> bool:
    """Whether the last digit is the MOD10 check digit of the others."""
    return bool(luhn.is_valid(kid))
