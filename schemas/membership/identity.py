"""National ids (N1): eleven digits, two check digits, a birth date."""

from datetime import date

FIRST_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
SECOND_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
FIRST_REMAINDERS = frozenset({0, 1, 2, 3})
"""Numbers issued from 2032 may leave any of these for the first check digit; today's leave 0."""

D_NUMBER_DAY = 40
SYNTHETIC_MONTH = 80


def _remainder(number: str, weights: tuple[int, ...]) -> int:
    return sum(int(d) * w for d, w in zip(number, weights, strict=False)) % 11


def is_national_id(number: str, *, synthetic: bool) -> bool:
    """Tell whether eleven digits are a national id or D-number.

    Args:
        number: as entered.
        synthetic: accept test numbers (month + 80), which production never does.

    python-stdnum's check is not used: it reads the wall clock, and takes hospitals' H-numbers.

    Source: N1.
    """
    if len(number) != 11 or not (number.isascii() and number.isdecimal()):
        return False
    if is_synthetic(number) and not synthetic:
        return False
    return (
        _day_and_month(number) is not None
        and _remainder(number, FIRST_WEIGHTS) in FIRST_REMAINDERS
        and _remainder(number, SECOND_WEIGHTS) == 0
    )


def is_synthetic(number: str) -> bool:
    """Tell whether a number is a test number: its month is raised by 80."""
    return int(number[2:4]) > SYNTHETIC_MONTH


def is_d_number(number: str) -> bool:
    """Tell whether a number is a D-number, which a national id may replace."""
    return int(number[:2]) > D_NUMBER_DAY


def _day_and_month(number: str) -> tuple[int, int] | None:
    day, month = int(number[:2]), int(number[2:4])
    day -= D_NUMBER_DAY if day > D_NUMBER_DAY else 0
    month -= SYNTHETIC_MONTH if month > SYNTHETIC_MONTH else 0
    try:
        # A leap year: the century, and so whether 29 February existed, is not decided here.
        date(2000, month, day)
    except ValueError:
        return None
    return day, month


def agrees_with_birth_date(number: str, born: date) -> bool:
    """Tell whether a national id carries a birth date's day, month and two-digit year.

    The century is left out: from 2032 the individual number no longer tells it.
    """
    return _day_and_month(number) == (born.day, born.month) and int(number[4:6]) == born.year % 100


def read_alike(one: date, other: date) -> bool:
    """Tell whether two birth dates stand in a national id alike: whole centuries apart."""
    return (one.day, one.month, one.year % 100) == (other.day, other.month, other.year % 100)
