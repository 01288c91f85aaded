"""ISO 20022 pain.002: the bank's answer to a file of refunds, of any version.

In the first versions the payments stand under the message itself, later under their block; an
envelope may be around it. Source: the public schemas of ISO 20022.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import NoReturn
from xml.etree.ElementTree import Element, ParseError
from zoneinfo import ZoneInfo

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from activities.payments.bank_xml import mended_encoding, without_surroundings
from activities.payments.camt_messages import in_ore, ore_of, text_of, texts_of
from activities.payments.suspense import NotPossible
from schemas.payments.refund_status import ReportedPayment, Status, StatusReport

MAX_BYTES = 16 * 2**20
"""A report is held in memory as a whole; of a file of ours it has some hundred kB."""

MAX_TEXT = 140
"""Of the bank's own words."""

_KIND = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.[0-9]{3})\.[0-9]{3}\.[0-9]{2}\}")
_INSTEAD = {
    "camt.054": "it is camt.054: give it in with payments",
    "camt.053": "it is camt.053: give it in with payments",
    "pain.001": "it is pain.001, which the bank is told to pay by, and not the bank's answer",
}
_OSLO = ZoneInfo("Europe/Oslo")


def read_status_report(content: bytes) -> StatusReport:
    """Return what the bank says of a file of ours.

    Args:
        content: XML, without a document type.

    Raises:
        NotPossible: it is no such report, answers another kind of message, or its own counts do not
            hold.

    Source: P8.
    """
    root = _document(content)
    report = _only(root)
    original = report.find("{*}OrgnlGrpInfAndSts")
    if original is None:
        _refuse("it does not say which message it answers")
    kind = text_of(original, "OrgnlMsgNmId")
    if kind is not None and not kind.lower().startswith("pain.001"):
        _refuse("it answers another kind of message than a file of refunds, pain.001")
    blocks = report.findall("{*}OrgnlPmtInfAndSts")
    group = _status(original, "GrpSts")
    payments = tuple(_payments(report, blocks, group))
    _check_counts(original, payments)
    for block in blocks:
        _check_counts(block, tuple(_within(block, group)))
    return StatusReport(
        report_id=text_of(report, "GrpHdr/MsgId") or "",
        created_at=_moment(text_of(report, "GrpHdr/CreDtTm")),
        original_id=text_of(original, "OrgnlMsgId") or "",
        group=group,
        rest=_rest(blocks, group),
        payments=payments,
        count=_count(text_of(original, "OrgnlNbOfTxs")),
        total_ore=in_ore(text_of(original, "OrgnlCtrlSum") or ""),
    )


def _refuse(why: str) -> NoReturn:
    raise NotPossible(f"the file is refused: {why}")


def _document(content: bytes) -> Element:
    content = without_surroundings(content)
    if not content:
        _refuse("it is empty")
    if len(content) > MAX_BYTES:
        _refuse(f"it has more than {MAX_BYTES // 2**20} MB")
    try:
        mended = mended_encoding(content)
        text = content.decode(mended) if mended is not None else content
        root: Element = fromstring(text, forbid_dtd=True)
    except DefusedXmlException:
        _refuse("it declares a document type or entities, which no report of a bank has")
    except ParseError:
        _refuse("it is not well-formed XML: not the bank's status report, or cut off")
    except (LookupError, ValueError):
        _refuse("it can't be read as XML in the encoding that it declares")
    return root


def _only(root: Element) -> Element:
    """Return the only report of a document, whatever stands around it."""
    found = root.findall(".//{*}CstmrPmtStsRpt")
    if len(found) == 1:
        return found[0]
    if found:
        _refuse("it holds several reports: ask the bank for one in a file")
    kinds = {kind[1] for one in root.iter() if (kind := _KIND.match(str(one.tag)))}
    instead = next((says for kind, says in _INSTEAD.items() if kind in kinds), None)
    _refuse(instead or "it is not pain.002, the bank's answer to a file of refunds")


def _status(element: Element, name: str) -> Status:
    reasons = element.findall("{*}StsRsnInf")
    codes = [code for one in reasons for code in texts_of(one, "Rsn/Cd", "Rsn/Prtry")]
    words = [text for one in reasons for text in texts_of(one, "AddtlInf")]
    text = " ".join(" ".join(words).split())[:MAX_TEXT]
    return Status(
        code=(text_of(element, name) or "").upper() or None,
        reasons=tuple(dict.fromkeys(code.upper() for code in codes if _is_code(code))),
        text="".join(char for char in text if char.isprintable()) or None,
    )


def _is_code(text: str) -> bool:
    return text.isascii() and text.isalnum() and len(text) <= 8


def _inherited(own: Status, above: Status) -> Status:
    """Return a status with what stands above it, where it says nothing itself."""
    if own.says is None:
        return Status(above.code, own.reasons or above.reasons, own.text or above.text)
    return (
        own
        if own.reasons or own.says is not above.says
        else Status(own.code, above.reasons, own.text or above.text)
    )


def _payments(report: Element, blocks: list[Element], group: Status) -> Iterator[ReportedPayment]:
    yield from (_payment(one, f"payment {at}", group) for at, one in _numbered(report))
    for number, block in enumerate(blocks, start=1):
        for payment in _within(block, group):
            yield ReportedPayment(
                f"block {number}, {payment.where}", payment.ids, payment.status, payment.amount_ore
            )


def _within(block: Element, group: Status) -> Iterator[ReportedPayment]:
    above = _inherited(_status(block, "PmtInfSts"), group)
    yield from (_payment(one, f"payment {at}", above) for at, one in _numbered(block))


def _numbered(parent: Element) -> Iterator[tuple[int, Element]]:
    yield from enumerate(parent.findall("{*}TxInfAndSts"), start=1)


def _payment(element: Element, where: str, above: Status) -> ReportedPayment:
    ids = texts_of(element, "OrgnlEndToEndId", "OrgnlInstrId", "OrgnlTxId")
    amount = element.find("{*}OrgnlTxRef/{*}Amt/{*}InstdAmt")
    return ReportedPayment(
        where=where,
        ids=tuple(ids),
        status=_inherited(_status(element, "TxSts"), above),
        amount_ore=None if amount is None else ore_of(amount),
    )


def _rest(blocks: list[Element], group: Status) -> Status:
    """Return what holds for payments that are not named: of the only block, else of the file."""
    if len(blocks) == 1:
        return _inherited(_status(blocks[0], "PmtInfSts"), group)
    return group


def _check_counts(element: Element, payments: tuple[ReportedPayment, ...]) -> None:
    """Compare how many of a status there are to be with those that are named, if any are."""
    for told in element.findall("{*}NbOfTxsPerSts"):
        code, count = text_of(told, "DtldSts"), _count(text_of(told, "DtldNbOfTxs"))
        named = sum(payment.status.code == code for payment in payments)
        if count is not None and named > count:
            _refuse(f"it names {named} payments as {code}, and says that there are {count}")


def _count(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdecimal() else None


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=_OSLO)
