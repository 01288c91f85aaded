"""Writes what the bank is to pay out: ISO 20022 pain.001.001.03, as Norwegian banks take it.

Source: the public schema of ISO 20022; its use in Norway by the guideline of Bits: one payment
information for a day, NOK, accounts as BBAN, texts in the letters that banks take.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from activities.payments.bank_letters import in_bank_letters
from schemas.shared.amounts import in_kroner
from schemas.shared.calendar import bank_day_from

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"

TEXT = "Tilbakebetaling"
"""What the receiver reads; who pays stands beside it."""

NAMELESS = "Mottaker"
"""Who receives it, where no letter of the name can be told to a bank: the account decides."""

MAX_NAME, MAX_TEXT = 70, 140
"""Characters that banks carry of a name, and of a text to the receiver."""


@dataclass(frozen=True)
class Payer:
    """Whose account is charged.

    Attributes:
        name, orgnr, account: the union's.
        bic: of its bank; None: the bank knows its own.
    """

    name: str
    orgnr: str
    account: str
    bic: str | None = None


@dataclass(frozen=True)
class Order:
    """One amount to pay out.

    Attributes:
        refund_id: comes back with the bank's debit.
        text: what the receiver reads; None: that it is a refund.
    """

    refund_id: str
    amount_ore: int
    account: str
    receiver: str
    text: str | None = None


def payment_file(orders: Sequence[Order], payer: Payer, *, message_id: str, today: date) -> bytes:
    """Return the file as the bank takes it, to be carried out on the first bank day from today.

    Args:
        orders: at least one.
        payer: us.
        message_id: what the file is called; the bank refuses a second one of that name.
        today: the business date.

    Raises:
        ValueError: there is no order; a file of none is refused by the bank.
    """
    if not orders:
        raise ValueError("a file of payments without one")
    root = Element("Document", xmlns=NAMESPACE)
    initiation = SubElement(root, "CstmrCdtTrfInitn")
    header = SubElement(initiation, "GrpHdr")
    _texts(header, [("MsgId", message_id), ("CreDtTm", f"{today}T00:00:00")])
    _sums(header, orders)
    _party(SubElement(header, "InitgPty"), payer)
    _payments(SubElement(initiation, "PmtInf"), orders, payer, message_id, bank_day_from(today))
    indent(root)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _texts(parent: Element, texts: Iterable[tuple[str, object]]) -> None:
    for name, value in texts:
        SubElement(parent, name).text = str(value)


def _within(parent: Element, *path: str) -> Element:
    for name in path:
        parent = SubElement(parent, name)
    return parent


def _sums(parent: Element, orders: Sequence[Order]) -> None:
    total = sum(order.amount_ore for order in orders)
    _texts(parent, [("NbOfTxs", len(orders)), ("CtrlSum", in_kroner(total))])


def _party(parent: Element, payer: Payer) -> None:
    _texts(parent, [("Nm", in_bank_letters(payer.name, MAX_NAME, payer.orgnr))])
    other = _within(parent, "Id", "OrgId", "Othr")
    _texts(other, [("Id", payer.orgnr)])
    _texts(_within(other, "SchmeNm"), [("Cd", "CUST")])


def _account(parent: Element, number: str) -> None:
    other = _within(parent, "Id", "Othr")
    _texts(other, [("Id", number)])
    _texts(_within(other, "SchmeNm"), [("Cd", "BBAN")])


def _payments(
    parent: Element, orders: Sequence[Order], payer: Payer, message_id: str, pay_on: date
) -> None:
    _texts(parent, [("PmtInfId", f"{message_id}-1"), ("PmtMtd", "TRF"), ("BtchBookg", "false")])
    _sums(parent, orders)
    _texts(parent, [("ReqdExctnDt", pay_on)])
    _party(SubElement(parent, "Dbtr"), payer)
    ours = SubElement(parent, "DbtrAcct")
    _account(ours, payer.account)
    _texts(ours, [("Ccy", "NOK")])
    bank = _within(parent, "DbtrAgt", "FinInstnId")
    if payer.bic is None:
        _texts(_within(bank, "Othr"), [("Id", "NOTPROVIDED")])
    else:
        _texts(bank, [("BIC", payer.bic)])
    for order in orders:
        _payment(SubElement(parent, "CdtTrfTxInf"), order)


def _payment(parent: Element, order: Order) -> None:
    ids = SubElement(parent, "PmtId")
    _texts(ids, [("InstrId", order.refund_id), ("EndToEndId", order.refund_id)])
    amount = SubElement(SubElement(parent, "Amt"), "InstdAmt", Ccy="NOK")
    amount.text = in_kroner(order.amount_ore)
    name = in_bank_letters(order.receiver, MAX_NAME, NAMELESS)
    _texts(SubElement(parent, "Cdtr"), [("Nm", name)])
    _account(SubElement(parent, "CdtrAcct"), order.account)
    _texts(
        SubElement(parent, "RmtInf"),
        [("Ustrd", in_bank_letters(order.text or TEXT, MAX_TEXT, TEXT))],
    )
