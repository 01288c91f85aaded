"""The file that tells the bank what to pay out, by ISO 20022's own schema.

``pain.001.001.03.xsd`` is the message's schema as ISO 20022 publishes it, free of charge and for
anybody's use.
"""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import xmlschema
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from activities.payments.bank_letters import in_bank_letters
from activities.payments.pain import NAMESPACE, TEXT, Order, Payer, payment_file
from tests.payments.refunding import THEIRS, UNION

SCHEMA = xmlschema.XMLSchema(Path(__file__).with_name("pain.001.001.03.xsd"))

TODAY = date(2026, 12, 24)
FIRST = Order("R00000000000000A1", 49500, THEIRS, "Kari <Nordmann> & Ødegård")
SECOND = Order("R00000000000000B2", 5, "12345678903", "Boet etter Ola")


LETTERS = re.compile(r"[A-Za-z0-9ÆØÅæøå/?:().,'+ -]+")
"""What Norwegian banks take in a text."""


def written(*orders: Order, payer: Payer = UNION, today: date = TODAY) -> bytes:
    """A file of a day."""
    return payment_file(orders, payer, message_id="REFUNDS-20261224-1", today=today)


def texts(content: bytes, path: str) -> list[str]:
    """What stands at a path of a file."""
    found = fromstring(content).iterfind(f".//{{*}}{path.replace('/', '/{*}')}")
    return [one.text or "" for one in found]


@pytest.mark.parametrize(
    ("orders", "payer"),
    [
        ((FIRST,), UNION),
        ((FIRST, SECOND), Payer("Å" * 200, "999999999", "12345678903", "DNBANOKK")),
    ],
    ids=["one", "two, and a bank with a name"],
)
def test_the_schema_takes_it(orders, payer):
    """What ISO 20022 publishes finds no fault."""
    SCHEMA.validate(written(*orders, payer=payer).decode())


# What somebody is called, and what the bank reads.
NAMES = {
    "Kari Ødegård Æsøy": "Kari Ødegård Æsøy",
    "Kari <Nordmann> & Ødegård": "Kari (Nordmann) + Ødegård",
    # The ring is a character of its own; so is what no letter of ours has.
    "A\u030age Bø\u0308g": "Åge Bøg",
    "José Muñoz-Łuć Weiß": "Jose Munoz-Luc Weiss",
    "Щукин Юрий": "Shchukin Yuriy",
    "Ελένη": "Eleni",
    "北京": "BeiJing",
    "Kari \U0001f600 Nordmann": "Kari Nordmann",
    "Kari\u200bAnne\u00a0Moe": "KariAnne Moe",
    "Kari\r\n\tNordmann\x7f\x85": "Kari Nordmann",
    "\x01Kari\ufffe \ud800Nordmann": "Kari Nordmann",
    "O’Brien – “Bo” [x] a_b; c@d": "O'Brien - Bo (x) a-b, c d",
    "//:-Kari//Anne": "Kari/Anne",
    "\U0001f600": "Mottaker",
    "\u0301\u0302": "Mottaker",
    "...": "Mottaker",
    "": "Mottaker",
    # Four letters for one: cut after it, not before.
    "Щ" * 70: ("Shch" * 18)[:70],
    "å" * 71: "å" * 70,
    "x" * 69 + " y": "x" * 69,
}


@pytest.mark.parametrize(("name", "read"), NAMES.items(), ids=map(ascii, NAMES))
def test_no_name_spoils_the_file(name, read):
    """A bank refuses all of a file for one letter it does not take, and for an empty name."""
    content = written(FIRST, replace(SECOND, receiver=name, text=name or None))
    SCHEMA.validate(content.decode())
    assert texts(content, "Cdtr/Nm")[1] == read
    said = texts(content, "Ustrd")[1]
    assert LETTERS.fullmatch(said)
    assert (said == TEXT) == (read == "Mottaker")


def test_the_limits_hold_after_the_letters_are_changed():
    """70 of a name, ours too, and 140 of a text; a name of no letter is the number of who pays."""
    content = written(
        replace(FIRST, text="Щ" * 140), payer=replace(UNION, name="Foreningen Щ" + "Ж" * 90)
    )
    SCHEMA.validate(content.decode())
    assert [len(one) for one in texts(content, "Ustrd")] == [140]
    assert {len(one) for one in texts(content, "InitgPty/Nm") + texts(content, "Dbtr/Nm")} == {70}
    assert texts(written(FIRST, payer=replace(UNION, name="☭")), "Dbtr/Nm") == [UNION.orgnr]


@given(st.text(max_size=200))
def test_whatever_somebody_is_called(name):
    """Always something, always short enough, in the banks' letters, and the same a second time."""
    told = in_bank_letters(name, 70, "Mottaker")
    assert LETTERS.fullmatch(told)
    assert 0 < len(told) <= 70
    assert told == told.strip()
    assert in_bank_letters(told, 70, "Mottaker") == told


@pytest.mark.parametrize("count", [1, 2, 1000])
def test_counts_and_sums_hold(count):
    """Of the group and of the payment, in øre: no amount passes through a binary fraction."""
    orders = [replace(FIRST, refund_id=f"R{n:016X}", amount_ore=10 * n + 7) for n in range(count)]
    content = written(*orders)
    total = sum(one.amount_ore for one in orders)
    for level in ("GrpHdr", "PmtInf"):
        assert texts(content, f"{level}/NbOfTxs") == [str(count)]
        assert texts(content, f"{level}/CtrlSum") == [f"{total // 100}.{total % 100:02d}"]
    assert len(texts(content, "CdtTrfTxInf/PmtId/EndToEndId")) == count


def test_there_is_no_file_of_nothing():
    """The bank would refuse it."""
    with pytest.raises(ValueError, match="without one"):
        written()


# The day a file is made, and the day it is carried out.
DAYS = {
    date(2026, 12, 14): date(2026, 12, 14),
    # A Saturday and a Sunday.
    date(2026, 12, 12): date(2026, 12, 14),
    date(2026, 12, 13): date(2026, 12, 14),
    # Christmas Eve, when banks settle nothing, to the Monday after Boxing Day.
    date(2026, 12, 24): date(2026, 12, 28),
    # Maundy Thursday, to the Tuesday after Easter.
    date(2026, 4, 2): date(2026, 4, 7),
    date(2026, 5, 1): date(2026, 5, 4),
    date(2026, 5, 14): date(2026, 5, 15),
    date(2026, 5, 17): date(2026, 5, 18),
    date(2026, 5, 25): date(2026, 5, 26),
    date(2027, 1, 1): date(2027, 1, 4),
}


@pytest.mark.parametrize(("made", "carried_out"), DAYS.items(), ids=map(str, DAYS))
def test_it_is_carried_out_on_a_bank_day(made, carried_out):
    """The first from the day it is made: a bank refuses another one, or chooses for itself."""
    assert texts(written(FIRST, today=made), "ReqdExctnDt") == [str(carried_out)]


def test_it_says_what_the_bank_needs_and_no_more():
    """Sums, a bank day, accounts as BBAN, our id on each; no word of membership."""
    content = written(FIRST, SECOND)
    assert texts(content, "NbOfTxs") == ["2", "2"]
    assert texts(content, "CtrlSum") == ["495.05", "495.05"]
    assert texts(content, "ReqdExctnDt") == ["2026-12-28"]
    assert texts(content, "BtchBookg") == ["false"]
    assert texts(content, "EndToEndId") == [FIRST.refund_id, SECOND.refund_id]
    assert texts(content, "InstdAmt") == ["495.00", "0.05"]
    amounts = fromstring(content).iterfind(f".//{{{NAMESPACE}}}InstdAmt")
    assert {one.get("Ccy") for one in amounts} == {"NOK"}
    assert [one for one in texts(content, "Cd") if one != "CUST"] == ["BBAN"] * 3
    assert texts(content, "Ustrd") == ["Tilbakebetaling"] * 2
    assert not any(word in content.decode().lower() for word in ("medlem", "kontingent", "member"))
    assert written(FIRST, SECOND) == content
