"""Which money is the same money: by all that is said of it, whatever the bank calls it (P4)."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.payments import identity
from schemas.payments.identity import Sighting, identify

KARI = Sighting(
    key="P1",
    channel="camt054",
    message="M1 N1",
    booked_on=date(2026, 12, 10),
    identity="kari",
    name="Kari Nordmann",
    account="15030123456",
    text="kontingent",
)
OLA = replace(KARI, identity="ola", name="Ola Nordmann", account="15030654321")
NEW, KNOWN, UNCLEAR = "new", "known", "unclear"


def alike(booked, arrived, *, varies=False):
    """What becomes of one arrival where one payment is booked."""
    found = identify([replace(arrived, key="1")], [booked], varies=varies)
    if not found:
        return NEW
    return KNOWN if found[0].sure else UNCLEAR


other_message = replace(KARI, message="M2 N1")
statement = replace(KARI, channel="camt053", message="S1", identity="kari of a statement")
of_ocr = replace(KARI, channel="ocr", message="1-1", identity="o", name=None, text=None)
with_kid = replace(KARI, kid="1000000010000016")
# What is booked, what arrives, and what that is.
TABLE = {
    "the same message": (KARI, KARI, KNOWN),
    "another payer": (KARI, OLA, NEW),
    "another message": (KARI, other_message, UNCLEAR),
    "a copy by the bank's word": (KARI, replace(other_message, copy=True), KNOWN),
    "another day": (KARI, replace(KARI, booked_on=date(2026, 12, 11), identity="next"), NEW),
    "a reference of its own": (
        replace(KARI, bank_reference="A1", own=True),
        replace(other_message, bank_reference="A1", own=True),
        KNOWN,
    ),
    "a reference that others have as well": (
        replace(KARI, bank_reference="900"),
        replace(other_message, bank_reference="900", repeats=True),
        UNCLEAR,
    ),
    "a statement of what a notice told": (KARI, statement, KNOWN),
    "a statement of another payer": (OLA, statement, NEW),
    "a statement that overlaps": (statement, replace(statement, message="S2"), KNOWN),
    "OCR giro of what a notice told": (KARI, of_ocr, KNOWN),
    "OCR giro of another account": (OLA, of_ocr, NEW),
    "OCR giro of nobody": (replace(KARI, account=None), of_ocr, UNCLEAR),
    # Each source may tell of one of two: a KID, a day and an amount are no payer.
    "OCR giro with the KID alone": (
        replace(with_kid, account=None),
        replace(of_ocr, kid=with_kid.kid),
        UNCLEAR,
    ),
    "the KID and a payer": (with_kid, replace(of_ocr, kid=with_kid.kid), KNOWN),
    "the KID and another payer": (
        with_kid,
        replace(of_ocr, kid=with_kid.kid, account=OLA.account),
        NEW,
    ),
    "one payer, and two archive references": (
        replace(with_kid, bank_reference="900000001", own=True),
        replace(of_ocr, kid=with_kid.kid, bank_reference="900000002", own=True),
        UNCLEAR,
    ),
    "one payer, and a reference of another kind": (
        replace(with_kid, bank_reference="NO26-A-1", own=True),
        replace(of_ocr, kid=with_kid.kid, bank_reference="900000002", own=True),
        KNOWN,
    ),
    "nobody, and one reference": (
        replace(with_kid, account=None, bank_reference="900000001"),
        replace(of_ocr, kid=with_kid.kid, bank_reference="900000001", own=True),
        KNOWN,
    ),
    "an account as IBAN and as it is dialled": (
        replace(KARI, account="NO93 1503 01 23456"),
        replace(statement, account="1503.01.23456"),
        KNOWN,
    ),
    "a name in capitals, the surname first": (
        replace(KARI, account=None),
        replace(statement, name="NORDMANN, KARI", account=None),
        KNOWN,
    ),
    "a name that is cut off": (
        replace(KARI, name="Kari Anne Nordmann-Hansen", account=None),
        replace(statement, name="KARI ANNE NORDMANN-HAN", account=None),
        UNCLEAR,
    ),
    "one of two holders": (
        replace(KARI, account=None),
        replace(statement, name="Kari Nordmann, Ola Nordmann", account=None),
        UNCLEAR,
    ),
    "a fee in two sources": (
        replace(KARI, name=None, account=None, text="Gebyr", debit=True),
        replace(statement, name=None, account=None, text="gebyr", debit=True),
        KNOWN,
    ),
    "a text alone": (
        replace(KARI, name=None, account=None),
        replace(statement, name=None, account=None),
        UNCLEAR,
    ),
    "another text of nobody": (
        replace(KARI, name=None, account=None),
        replace(statement, name=None, account=None, text="gave"),
        NEW,
    ),
}


@pytest.mark.parametrize(("booked", "arrived", "is_"), TABLE.values(), ids=TABLE)
def test_one_payment_and_one_arrival(booked, arrived, is_):
    """Known, new, or for a person to tell."""
    assert alike(booked, arrived) == is_


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([KARI, OLA]), max_size=5),
    st.lists(st.sampled_from([KARI, OLA]), max_size=5),
    st.sampled_from(["camt054", "camt053", "ocr"]),
)
def test_each_payment_is_known_once(booked, arrived, channel):
    """Of n in the books and m in a file the smaller number is known, in any order and format."""
    kept = [replace(one, key=f"P{n}") for n, one in enumerate(booked)]
    came = [replace(one, key=str(n), channel=channel) for n, one in enumerate(arrived)]
    found = identify(came, kept, varies=True)
    assert all(one.sure for one in found)
    assert len({one.same_as for one in found}) == len({one.key for one in found}) == len(found)
    both = sum(min(booked.count(one), arrived.count(one)) for one in (KARI, OLA))
    assert len(found) == both


# How a hundred thousand payments of one sum and day may differ: by payer, reference, or not at all.
SORTS = {
    "accounts": lambda n: {"account": f"{n:011d}"},
    "names": lambda n: {"account": None, "name": f"Kari Nordmann{n}"},
    "one reference for all": lambda n: {"account": f"{n:011d}", "bank_reference": "900"},
    "references": lambda n: {"account": None, "bank_reference": f"A{n}", "own": True},
    "nothing": lambda _n: {"account": None, "name": None},
}


@pytest.mark.parametrize("told", SORTS.values(), ids=SORTS)
@pytest.mark.parametrize("turned", [False, True], ids=["in order", "turned"])
def test_no_payment_is_compared_with_each_other_one(told, turned, monkeypatch):
    """Told again by another source, twice as many are twice as much work, in whatever order."""
    compared = 0
    differ = identity.differ

    def counted(one, other):
        nonlocal compared
        compared += 1
        return differ(one, other)

    monkeypatch.setattr(identity, "differ", counted)
    counts = []
    for many in (100, 200):
        compared = 0
        booked = [replace(KARI, key=f"P{n}", identity=f"b{n}", **told(n)) for n in range(many)]
        arrived = [
            replace(KARI, key=str(n), identity=f"a{n}", channel="camt053", **told(n))
            for n in range(many)
        ]
        found = identify(arrived[::-1] if turned else arrived, booked, varies=False)
        assert len(found) == many
        counts.append(compared)
    assert counts[1] <= 2 * counts[0] <= 2 * 3 * 100
