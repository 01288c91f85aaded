"""The two records of a payment are read, and refused, as ``netsgiro`` would."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from netsgiro import records

from activities.payments.ocr_items import AmountItem1, AmountItem2

FIRST = (
    "NY091030" + "0000001" + "181226" + "0115100001" + "0" + f"{49500:017d}"
    f"{'1000000010000016':>25}" + "0" * 6
)
SECOND = "NY091031" + "0000001" + "0" * 10 + "900000001" + "0" * 7 + "181226" + "9" * 11 + "0" * 22


def as_the_library(line: str) -> tuple[object, ...] | None:
    """What the library reads of a line, of what is read here; None: it refuses it."""
    first = line[6:8] == "30"
    kind = records.TransactionAmountItem1 if first else records.TransactionAmountItem2
    try:
        read = kind.from_string(line)
    except ValueError:
        return None
    if not first:
        return (read.transaction_number, read.reference)
    return (
        int(read.transaction_type),
        read.transaction_number,
        read.nets_date,
        read.sign,
        read.amount,
        read.kid,
    )


def as_we(line: str) -> tuple[object, ...] | None:
    """What is read here of a line; None: it is refused."""
    kind = AmountItem1 if line[6:8] == "30" else AmountItem2
    try:
        return tuple(kind.from_string(line))
    except ValueError:
        return None


# The 18th of December 2026; 495.00; in the second the bank's archive reference.
@pytest.mark.parametrize(
    ("line", "read"),
    [
        (FIRST, (10, 1, date(2026, 12, 18), "0", 49500, "1000000010000016")),
        (SECOND, (1, "900000001")),
    ],
)
def test_a_payment_is_read(line, read):
    """Each field stands where the layout has it."""
    assert as_we(line) == read == as_the_library(line)


@given(
    st.sampled_from([FIRST, SECOND]),
    st.lists(st.tuples(st.integers(8, 79), st.sampled_from("0123456789 -xæ²")), max_size=4),
)
def test_whatever_stands_there_is_read_as_the_library_reads_it(line, changes):
    """Digits, gaps and garbage anywhere: the same fields, or refused by both."""
    for place, character in changes:
        line = line[:place] + character + line[place + 1 :]
    assert as_we(line) == as_the_library(line)


@given(
    st.sampled_from([FIRST, SECOND]), st.integers(0, 99), st.from_regex(r"[0-9]{6}", fullmatch=True)
)
def test_kinds_and_days_are_the_library_s(line, kind, day):
    """Kinds that do not exist and impossible days are refused; years count from 1969."""
    at = 15 if line is FIRST else 41
    line = line[:4] + f"{kind:02d}" + line[6:at] + day + line[at + 6 :]
    assert as_we(line) == as_the_library(line)
