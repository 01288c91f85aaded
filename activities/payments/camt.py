"""ISO 20022 camt.054, versions .02 and .08: the bank's notice of what came in, entry by entry."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from activities.payments.transactions import BankTransaction, Faults, FileRefused, archive_name

VERSIONS = ("02", "08")
_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.054.001."
_AMOUNT = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,2}0{0,3})?")
_ENCODING = re.compile(rb"""^<\?xml[^>]*encoding\s*=\s*["']([^"']*)["']""")
MAX_DECLARATION_BYTES = 1024
"""Bytes of a file in which its encoding is declared."""

MAX_ELEMENTS = 100_000
"""Beside entries and transactions that have been read: more would fill the memory."""

MAX_CHARACTERS = 45
"""Of a reference: the standard's 35, and the place in an entry."""

ASK_AGAIN = "ask the bank to send the file again"


@dataclass
class _Transaction:
    """One ``TxDtls`` as it stands; None where the entry speaks for it."""

    reference: str | None
    amount: Element | None
    direction: str | None
    kid: str | None


@dataclass
class _Entry:
    """What an ``Ntry`` says of all its transactions."""

    where: str
    reference: str | None
    amount_ore: int
    debit: bool
    reversal: bool
    paid_on: date


class _Reader:
    """Puts entries and transactions together as the parser meets their ends."""

    def __init__(self, account: str, today: date, faults: Faults) -> None:
        self._account = account
        self._today = today
        self._faults = faults
        self._entries = 0
        self._notices = 0
        self._forget()

    def _forget(self) -> None:
        """Begin the next entry."""
        self._entry: _Entry | None = None
        self._opened = False
        self._first: _Transaction | None = None
        self._position = 0
        self._sum_ore = 0

    def account(self, element: Element) -> None:
        """Check whose account a notice is for."""
        self._notices += 1
        number = _text(element, "Id/IBAN") or _text(element, "Id/Othr/Id") or ""
        number = re.sub(r"[\s.]", "", number)
        if number.startswith("NO") and len(number) == 15:
            number = number[4:]
        if number != self._account:
            self._faults.add(
                f"notice {self._notices}",
                "it is for another account than ours: see account_number, or ask the bank",
            )

    def transaction(self, entry: Element, element: Element) -> Iterator[BankTransaction]:
        """Take one transaction; the first is kept until it is known whether it is the only one."""
        self.open(entry)
        strd = [
            reference
            for found in element.findall("{*}RmtInf/{*}Strd/{*}CdtrRefInf/{*}Ref")
            if (reference := (found.text or "").strip())
        ]
        read = _Transaction(
            reference=_text(element, "Refs/AcctSvcrRef"),
            amount=_first(element, "Amt", "AmtDtls/TxAmt/Amt"),
            direction=_text(element, "CdtDbtInd"),
            # One payment of several invoices is not ours to take apart.
            kid=strd[0] if len(set(strd)) == 1 else None,
        )
        self._position += 1
        if self._position == 1:
            self._first = read
            return
        if self._first is not None:
            yield from self._bank_transaction(self._first, 1, many=True)
            self._first = None
        yield from self._bank_transaction(read, self._position, many=True)

    def entry(self, element: Element) -> Iterator[BankTransaction]:
        """Take the end of an entry: its sum, and its only transaction if it has but one."""
        self.open(element)
        entry = self._entry
        if entry is not None:
            only = self._first or (
                _Transaction(None, None, None, None) if self._position == 0 else None
            )
            if only is not None:
                yield from self._bank_transaction(only, 1, many=False)
            elif abs(self._sum_ore) != entry.amount_ore:
                says = f"its transactions sum to {abs(self._sum_ore)} øre, not {entry.amount_ore}"
                self._faults.add(entry.where, f"{says}; {ASK_AGAIN}")
            self._batch(entry.where, element)
        self._forget()

    def _batch(self, where: str, element: Element) -> None:
        told = _text(element, "NtryDtls/Btch/NbOfTxs")
        if told is not None and self._position and told != str(self._position):
            self._faults.add(
                where, f"it has {self._position} transactions, and says otherwise; {ASK_AGAIN}"
            )

    def summary(self, element: Element) -> tuple[str | None, str | None]:
        """Return how many entries a notice says it has, and what they sum to."""
        return _text(element, "TtlNtries/NbOfNtries"), _text(element, "TtlNtries/Sum")

    def open(self, element: Element) -> None:
        """Read what an entry says of all its transactions, once."""
        if self._opened:
            return
        self._opened = True
        self._entries += 1
        where = f"entry {self._entries}"
        ore = self._ore(where, element.find("{*}Amt"))
        paid_on = self._day(where, element)
        status = _text(element, "Sts/Cd") or _text(element, "Sts") or "none"
        direction = _text(element, "CdtDbtInd")
        if status != "BOOK":
            self._faults.add(
                where, "it is not booked yet; only booked entries (BOOK) are taken: wait for them"
            )
        if direction not in {"CRDT", "DBIT"}:
            self._faults.add(where, f"it is neither a credit nor a debit; {ASK_AGAIN}")
        if ore is None or paid_on is None:
            return
        self._entry = _Entry(
            where=where,
            reference=_text(element, "AcctSvcrRef"),
            amount_ore=ore,
            debit=direction == "DBIT",
            reversal=_text(element, "RvslInd") in {"true", "1"},
            paid_on=paid_on,
        )

    def _ore(self, where: str, element: Element | None) -> int | None:
        """Return an amount in øre, or note why it is none."""
        if element is None:
            self._faults.add(where, f"it has no amount; {ASK_AGAIN}")
            return None
        if element.get("Ccy") != "NOK":
            self._faults.add(where, "it is not in NOK: book it by hand")
            return None
        text = (element.text or "").strip()
        if not _AMOUNT.fullmatch(text):
            self._faults.add(where, f"its amount is no number of kroner and øre; {ASK_AGAIN}")
            return None
        value = _in_ore(text)
        return value if self._faults.amount(where, value) else None

    def _day(self, where: str, element: Element) -> date | None:
        text = next(
            (
                found
                for path in ("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm")
                if (found := _text(element, path))
            ),
            "",
        )
        try:
            day = date.fromisoformat(text[:10])
        except ValueError:
            self._faults.add(where, f"it has no date that can be right; {ASK_AGAIN}")
            return None
        return day if self._faults.day(where, day, self._today) else None

    def _bank_transaction(
        self, read: _Transaction, position: int, *, many: bool
    ) -> Iterator[BankTransaction]:
        entry = self._entry
        if entry is None:
            return
        where = f"{entry.where}, transaction {position}" if many else entry.where
        if read.amount is None and many:
            self._faults.add(where, f"it has no amount of its own; {ASK_AGAIN}")
            return
        ore = entry.amount_ore if read.amount is None else self._ore(where, read.amount)
        reference = _key(read, entry, position, many=many)
        if reference is None:
            self._faults.add(where, f"the bank's reference (AcctSvcrRef) is missing; {ASK_AGAIN}")
        elif len(reference) > MAX_CHARACTERS or not reference.isprintable():
            self._faults.add(where, f"the bank's reference is none of 35 characters; {ASK_AGAIN}")
            return
        if ore is None or reference is None:
            return
        debit = entry.debit if read.direction is None else read.direction == "DBIT"
        self._sum_ore += -ore if debit else ore
        if not many and ore != entry.amount_ore:
            says = f"its transaction is of {ore} øre, not {entry.amount_ore}"
            self._faults.add(where, f"{says}; {ASK_AGAIN}")
        # What comes back of something we had paid is no payment of an invoice.
        ours = entry.reversal and not debit
        kid = read.kid if read.kid and re.fullmatch(r"[0-9]{2,25}", read.kid) and not ours else None
        yield BankTransaction(
            where=where,
            reference=f"{reference}/reversed" if debit else reference,
            amount_ore=ore,
            paid_on=entry.paid_on,
            kid=kid,
            reversal=debit,
            takes_back=reference if debit else None,
            name=archive_name(reference, kid, ore, reversal=debit),
        )

    def count(self, told: tuple[str | None, str | None], entries: int, total_ore: int) -> None:
        """Compare what a notice said of itself with what it had."""
        where, (number, total) = f"notice {self._notices}", told
        if number is not None and number != str(entries):
            self._faults.add(where, f"it has {entries} entries, and says otherwise; {ASK_AGAIN}")
        if total is not None and (not _AMOUNT.fullmatch(total) or _in_ore(total) != total_ore):
            self._faults.add(
                where, f"its entries sum to {total_ore} øre, not to its total; {ASK_AGAIN}"
            )

    @property
    def current_ore(self) -> int:
        """The amount of the entry under way."""
        return self._entry.amount_ore if self._entry else 0

    def finish(self) -> None:
        """Note what is missing once the document is over."""
        if self._notices == 0:
            self._faults.add("", f"it names no account; {ASK_AGAIN}")


def _in_ore(kroner: str) -> int:
    """Return øre for kroner as ``_AMOUNT`` has them."""
    whole, _, part = kroner.partition(".")
    return int(whole) * 100 + int(part[:2].ljust(2, "0"))


def _key(read: _Transaction, entry: _Entry, position: int, *, many: bool) -> str | None:
    """Return the business key: the transaction's own reference, else the entry's and its place.

    Banks also repeat the entry's in each of its transactions: that is not one of their own.
    """
    if read.reference and not (many and read.reference == entry.reference):
        return read.reference
    if entry.reference is None:
        return None
    return f"{entry.reference}/{position}" if many else entry.reference


def _text(element: Element, path: str) -> str | None:
    """Return the trimmed text at a path of local names, or None."""
    text = element.findtext("/".join(f"{{*}}{name}" for name in path.split("/")))
    return text.strip() or None if text is not None else None


def _first(element: Element, *paths: str) -> Element | None:
    for path in paths:
        found = element.find("/".join(f"{{*}}{name}" for name in path.split("/")))
        if found is not None:
            return found
    return None


def read_camt(
    content: bytes, account: str, today: date, faults: Faults
) -> Iterator[BankTransaction]:
    """Yield the payments of a camt.054 file in the bank's order.

    Args:
        content: XML in UTF-8, without a document type.
        account: ours, 11 digits.
        today: the business date.
        faults: gets what is wrong; while it is empty at the end, all was right.

    Raises:
        FileRefused: it can't be read to its end.

    Source: P5.
    """
    encoding = _ENCODING.match(content[:MAX_DECLARATION_BYTES])
    if encoding and encoding[1].lower() not in {b"utf-8", b"utf8", b"us-ascii", b"ascii"}:
        faults.add("", "its encoding is not UTF-8: ask the bank for a file in UTF-8")
        faults.check()
    reader = _Reader(account, today, faults)
    try:
        yield from _walk(content, reader, faults)
    except DefusedXmlException:
        faults.add("", "it declares a document type or entities, which no notice of a bank has")
    except ParseError as error:
        line = error.position[0]
        faults.add(f"line {line}", f"it is not well-formed XML: cut off, or changed; {ASK_AGAIN}")
    except (LookupError, ValueError):
        faults.add("", f"it can't be read as XML; {ASK_AGAIN}")
    else:
        reader.finish()
    faults.check()


def _walk(content: bytes, reader: _Reader, faults: Faults) -> Iterator[BankTransaction]:
    """Go through the document, forgetting each transaction and entry once it is read."""
    path: list[Element] = []
    before: list[int] = []
    kept = 0
    told: tuple[str | None, str | None] = (None, None)
    entries = total_ore = 0
    events: Any = iterparse(BytesIO(content), events=("start", "end"), forbid_dtd=True)
    for event, element in events:
        name = element.tag.rpartition("}")[2]
        if event == "start":
            path.append(element)
            before.append(kept)
            kept += 1
            if len(path) == 1:
                _check_root(element, faults)
            if kept > MAX_ELEMENTS:
                faults.add("", "it has more elements in one place than any notice of a bank")
                faults.check()
            continue
        path.pop()
        begun_at = before.pop()
        names = [one.tag.rpartition("}")[2] for one in path[-3:]] if name in _HEEDED else []
        match name, names[-1:]:
            case "Acct", ["Ntfctn"]:
                reader.account(element)
            case "TxsSummry", ["Ntfctn"]:
                told = reader.summary(element)
            case "TxDtls", ["NtryDtls"]:
                yield from reader.transaction(path[-2], element)
                del path[-1][-1]
                kept = begun_at
            case "Ntry", ["Ntfctn"]:
                reader.open(element)
                entries, total_ore = entries + 1, total_ore + reader.current_ore
                yield from reader.entry(element)
                del path[-1][-1]
                kept = begun_at
            case "Ntfctn", _:
                reader.count(told, entries, total_ore)
                told, entries, total_ore = (None, None), 0, 0
            case _:
                pass


_HEEDED = frozenset({"Acct", "TxsSummry", "TxDtls", "Ntry", "Ntfctn"})


def _check_root(element: Element, faults: Faults) -> None:
    """Refuse a document of another kind before more of it is read."""
    if element.tag not in {f"{{{_NAMESPACE}{version}}}Document" for version in VERSIONS}:
        faults.add("", "it is not camt.054 of version .02 or .08: ask the bank for one of these")
        raise FileRefused(faults)
