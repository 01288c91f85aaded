"""ISO 20022 camt.054 and camt.053: the bank's notices and statements, entry by entry.

Any version and any encoding that XML declares, with an envelope around it or not. One entry that
can't be used keeps no other out; a message is refused where its own counts, sums or balances do
not hold. camt.052 is not taken: all it says comes again, booked, in the others. Beside those it is
passed over, and any other kind of document is set aside.
"""

import re
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, iterparse

from activities.payments.bank_xml import mended_encoding, without_surroundings
from activities.payments.camt_copies import Copies, holds_several
from activities.payments.camt_entries import EntryReader
from activities.payments.camt_messages import ASK_AGAIN, Message, Pages, page_of, text_of
from activities.payments.transactions import BankTransaction, Faults, FileRefused
from schemas.payments.entries import SetAside

CHANNELS = {"camt.054": "camt054", "camt.053": "camt053"}
_NAMESPACE = re.compile(r"[a-z]{4}\.[0-9]{3}(?=\.[0-9]{3}\.[0-9]{2})")
_BODIES = {"BkToCstmrDbtCdtNtfctn": "camt.054", "BkToCstmrStmt": "camt.053"}
"""What stands in a document whose namespace says nothing, or is missing."""

_WITHIN_THE_DAY = "camt.052"
_INSTEAD = {
    _WITHIN_THE_DAY: "it is camt.052, a report within the day: all of it comes again, booked; give "
    "in the camt.054 or camt.053",
    "pain.002": "it is pain.002, the bank's answer to a file of refunds: give it in with "
    "refund-status",
    "pain.001": "it is pain.001, which the bank is told to pay by: it brings no money",
}
"""What to do with messages that are taken for one of these."""

MAX_ELEMENTS = 100_000
"""Beside entries and transactions that have been read: more would fill the memory."""

_HEEDED = frozenset({"GrpHdr", "Acct", "TxsSummry", "Bal", "TxDtls", "NtryDtls", "Ntry"})
_MESSAGES = frozenset({"Ntfctn", "Stmt"})


def read_camt(
    content: bytes, account: str, today: date, faults: Faults
) -> Iterator[BankTransaction]:
    """Yield the entries of a camt.054 or camt.053 file in the bank's order.

    Args:
        content: XML, without a document type.
        account: ours, 11 digits.
        today: the business date.
        faults: gets what is wrong with the file as a whole; while it is empty at the end, its
            counts and sums hold.

    Raises:
        FileRefused: it can't be read to its end.

    Source: P5.
    """
    reader = _Reader(account, today, faults)
    try:
        yield from reader.walk(without_surroundings(content))
    except DefusedXmlException:
        faults.add("", "it declares a document type or entities, which no notice of a bank has")
    except ParseError as error:
        line = error.position[0]
        faults.add(f"line {line}", f"it is not well-formed XML: cut off, or changed; {ASK_AGAIN}")
    except (LookupError, ValueError):
        faults.add("", f"it can't be read as XML in the encoding that it declares; {ASK_AGAIN}")
    else:
        reader.finish()
        yield from reader.others()
    faults.check()


def _instead_of(kind: str | None) -> str:
    """Return what to do with what is neither a notice nor a statement."""
    says = "it is not camt.054 or camt.053: ask the bank for one of these"
    return _INSTEAD.get(kind or "", says)


def _kind_of(element: Element) -> str | None:
    """Return the message that a document's namespace names, or None."""
    found = _NAMESPACE.search(element.tag.rpartition("}")[0])
    return found[0] if found else None


class _Reader:
    """Goes through a document, forgetting each transaction and entry once it is read."""

    def __init__(self, account: str, today: date, faults: Faults) -> None:
        self._account = account
        self._today = today
        self._faults = faults
        self._channel: str | None = None
        self._documents = 0
        self._others: list[tuple[int, str, str]] = []
        self._is_other = False
        self._head: Element | None = None
        self._messages = 0
        self._ours = 0
        self._message: Message | None = None
        self._pages = Pages(faults)
        self._copies = Copies()
        self._entry = EntryReader(today, faults)

    def walk(self, content: bytes) -> Iterator[BankTransaction]:
        """Yield what each element brings once its end is met."""
        self._copies.may_come = holds_several(content)
        path: list[Element] = []
        before: list[int] = []
        kept = 0
        source = BytesIO(content)
        parser = DefusedXMLParser(encoding=mended_encoding(content), forbid_dtd=True)
        events: Any = iterparse(source, events=("start", "end"), parser=parser)
        for event, element in events:
            name = element.tag.rpartition("}")[2]
            if event == "start":
                path.append(element)
                before.append(kept)
                kept += 1
                self._begin(name, element, kept, inside=len(path) > 1)
                continue
            path.pop()
            begun_at = before.pop()
            if name in _MESSAGES:
                self._end(element)
            if name not in _HEEDED or not path:
                continue
            if name in {"TxDtls", "Ntry"}:
                self._copies.heed(element)
            yield from self._take(name, element, path)
            if name in {"TxDtls", "Ntry"}:
                del path[-1][-1]
                kept = begun_at

    def _begin(self, name: str, element: Element, kept: int, *, inside: bool) -> None:
        """Heed where a document and its messages begin."""
        if name == "Document":
            self._documents += 1
            kind = _kind_of(element)
            if inside and kind is not None and kind not in CHANNELS:
                self._others.append((self._documents, kind, ""))
                self._is_other = True
                return
            self._is_other = False
            before, self._channel = self._channel, self._channel or self._channel_of(kind)
            self._check_one_kind(kind, before)
        elif name in _BODIES and self._channel is None:
            self._channel = CHANNELS[_BODIES[name]]
        elif name in _MESSAGES:
            self._messages += 1
            self._message = Message(self._messages, self._account)
        if kept > MAX_ELEMENTS:
            self._faults.add("", "it has more elements in one place than any notice of a bank")
            self._faults.check()

    def _check_one_kind(self, kind: str | None, before: str | None) -> None:
        """Refuse notices beside statements, which are read as two files (``wrappers``).

        What is told twice would count twice.
        """
        channel = CHANNELS.get(kind or "")
        if before is not None and channel not in {None, before}:
            self._faults.add(
                "",
                "it holds documents of camt.054 and of camt.053, which tell of the same money: "
                "give in each by itself",
            )
            raise FileRefused(self._faults)

    def _channel_of(self, kind: str | None) -> str | None:
        """Refuse a document of another kind before more of it is read; None: it does not say."""
        if kind is None or kind in CHANNELS:
            return CHANNELS.get(kind or "")
        self._faults.add("", _instead_of(kind))
        raise FileRefused(self._faults)

    def _take(self, name: str, element: Element, path: list[Element]) -> Iterator[BankTransaction]:
        above = path[-1].tag.rpartition("}")[2]
        message = self._message
        match name, above:
            case "GrpHdr", _:
                self._keep_head(element)
            case _ if message is None or self._channel is None:
                return
            case "Acct", ("Ntfctn" | "Stmt"):
                message.account(element)
            case (("TxsSummry" | "Bal"), ("Ntfctn" | "Stmt")):
                message.say(element)
            case "TxDtls", "NtryDtls":
                self._open(path[-2], path[-3])
                if message.ours:
                    yield from self._entry.transaction(element)
            case "NtryDtls", "Ntry":
                self._entry.details(element)
            case "Ntry", ("Ntfctn" | "Stmt"):
                self._open(element, path[-1])
                message.count(self._entry)
                self._copies.end_entry(message)
                if message.ours:
                    yield from self._entry.end(element)
                self._entry.forget()

    def _keep_head(self, element: Element) -> None:
        if self._is_other:
            self._others[-1] = (*self._others[-1][:2], text_of(element, "MsgId") or "")
        else:
            self._head = element

    def _open(self, entry: Element, around: Element) -> None:
        """Read what an entry says of all its transactions, once."""
        if not self._entry.opened:
            head = text_of(self._head, "MsgId") if self._head is not None else None
            sent = f"{head or ''} {text_of(around, 'Id') or ''}".strip()
            copied = text_of(around, "CpyDplctInd") is not None
            self._entry.open(entry, channel=self._channel or "", message=sent, copy=copied)

    def _end(self, element: Element) -> None:
        message, self._message = self._message, None
        if message is None:
            return
        self._ours += message.ours
        copied = text_of(element, "CpyDplctInd") is not None
        if self._copies.is_one(message, text_of(element, "Id"), says_so=copied):
            self._faults.copied += message.entries
        else:
            self._pages.add(message, page_of(element, self._head))

    def finish(self) -> None:
        """Note what is missing once the document is over."""
        if self._channel is None:
            self._faults.add("", _instead_of(self._others[0][1] if self._others else None))
        elif self._messages == 0:
            self._faults.add("", f"it names no account; {ASK_AGAIN}")
        elif self._ours == 0:
            self._faults.add("", "it is for another account than ours: see account_number")

    def others(self) -> Iterator[BankTransaction]:
        """Yield what documents of other kinds stand beside notices or statements."""
        for number, kind, called in self._others:
            yield BankTransaction(
                where=f"document {number}",
                reference=None,
                amount_ore=None,
                paid_on=None,
                channel=self._channel or "",
                aside=SetAside.NOT_BOOKED if kind == _WITHIN_THE_DAY else SetAside.SERVICE,
                says=_instead_of(kind),
                told=f"{kind} {called}",
            )
