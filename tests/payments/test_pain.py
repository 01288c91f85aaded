"""The file that tells the bank what to pay out, by ISO 20022's own schema.

``pain.001.001.03.xsd`` is the message's schema as ISO 20022 publishes it, free of charge and for
anybody's use.
"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import xmlschema
from defusedxml.ElementTree import fromstring

from activities.payments.pain import NAMESPACE, Order, Payer, payment_file
from tests.payments.refunding import THEIRS, UNION

SCHEMA = xmlschema.XMLSchema(Path(__file__).with_name("pain.001.001.03.xsd"))

TODAY, PAY_ON = date(2026, 12, 24), date(2026, 12, 28)
FIRST = Order("R00000000000000A1", 49500, THEIRS, "Kari <Nordmann> & Ødegård")
SECOND = Order("R00000000000000B2", 5, "12345678903", "Boet etter Ola")


def written(*orders: Order, payer: Payer = UNION) -> bytes:
    """A file of 24 December."""
    return payment_file(orders, payer, message_id="REFUNDS-20261224-1", today=TODAY, pay_on=PAY_ON)


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


def test_no_name_spoils_the_file():
    """What XML has no place for is left out; everybody else is paid."""
    content = written(FIRST, replace(SECOND, receiver="\x01Kari\ufffe \ud800Nordmann"))
    SCHEMA.validate(content.decode())
    assert b"<Nm>Kari Nordmann</Nm>" in content


def test_it_says_what_the_bank_needs_and_no_more():
    """Sums, a bank day, accounts as BBAN, our id on each; no word of membership."""
    content = written(FIRST, SECOND)
    root = fromstring(content)

    def texts(path: str) -> list[str | None]:
        return [found.text for found in root.iterfind(f".//{{{NAMESPACE}}}{path}")]

    assert texts("NbOfTxs") == ["2", "2"]
    assert texts("CtrlSum") == ["495.05", "495.05"]
    assert texts("ReqdExctnDt") == ["2026-12-28"]
    assert texts("BtchBookg") == ["false"]
    assert texts("EndToEndId") == [FIRST.refund_id, SECOND.refund_id]
    assert texts("InstdAmt") == ["495.00", "0.05"]
    assert {one.get("Ccy") for one in root.iterfind(f".//{{{NAMESPACE}}}InstdAmt")} == {"NOK"}
    assert [one for one in texts("Cd") if one != "CUST"] == ["BBAN"] * 3
    assert texts("Ustrd") == ["Tilbakebetaling"] * 2
    assert not any(word in content.decode().lower() for word in ("medlem", "kontingent", "member"))
    assert written(FIRST, SECOND) == content
