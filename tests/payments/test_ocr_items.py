"""The records of a payment are read as ``netsgiro`` reads them; more of them are readable here."""

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
    """What is read here of a line, of what the library reads; None: it is refused."""
    try:
        if line[6:8] == "30":
            return tuple(AmountItem1.from_string(line))
        second = AmountItem2.from_string(line)
    except ValueError:
        return None
    return (second.number, (second.archive or "").strip().rjust(9, "0"))


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
    """Digits, gaps and garbage anywhere: the same fields, wherever the library reads any."""
    for place, character in changes:
        line = line[:place] + character + line[place + 1 :]
    read = as_the_library(line)
    assert read is None or as_we(line) == read


@given(
    st.sampled_from([FIRST, SECOND]), st.integers(0, 99), st.from_regex(r"[0-9]{6}", fullmatch=True)
)
def test_kinds_and_days_are_the_library_s(line, kind, day):
    """Kinds and days that are right are the library's; years count from 1969."""
    at = 15 if line is FIRST else 41
    line = line[:4] + f"{kind:02d}" + line[6:at] + day + line[at + 6 :]
    read = as_the_library(line)
    assert read is None or as_we(line) == read


def test_the_issuer_of_a_card_and_blanks_are_read():
    """Types 18 to 21 name an issuer behind the KID; fillers may be blanks (P5)."""
    assert as_we(FIRST[:74] + "02" + "0000") == as_we(FIRST) == as_we(FIRST[:74] + " " * 6)
