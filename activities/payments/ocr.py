"""OCR giro: lines of 80 characters, checked against the counts and totals they end with.

Of what stands between them one record that can't be used keeps no other out; counts and sums say
whether all the money was read. Mandates of AvtaleGiro in the same transmission are no money:
``activities.direct_debit.mandates`` takes them in.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from netsgiro import TransactionType

from activities.payments.ocr_items import (
    KINDS,
    AmountItem1,
    AmountItem2,
    AmountItem3,
    amount_in,
)
from activities.payments.ocr_lines import lines_of
from activities.payments.transactions import (
    BankTransaction,
    Faults,
    Payer,
    unusable_amount,
    unusable_day,
)
from schemas.payments.entries import SetAside
from schemas.payments.kid import kid_in
from schemas.payments.numbers import numbers_in

OCR, AVTALEGIRO, WHOLE = "09", "21", "00"
_ITEMS: dict[str, Callable[[str], AmountItem1 | AmountItem2 | AmountItem3]] = {
    "30": AmountItem1.from_string,
    "31": AmountItem2.from_string,
    "32": AmountItem3.from_string,
}
_REVERSALS = frozenset(
    {TransactionType.REVERSING_WITH_KID.value, TransactionType.REVERSING_WITH_TEXT.value}
)
_END = re.compile(r"NY\d{4}8[89](\d{8})(\d{8})([\d ]{17})", re.ASCII)
_START = re.compile(r"NY000010.{8}(?P<transmission>\d{7})", re.ASCII)
_ASSIGNMENT = re.compile(
    r"NY(?P<service>\d{2})(?P<kind>\d{2})20.{9}(?P<number>\d{7})(?P<account>\d{11})", re.ASCII
)
_MANDATE = re.compile(r"NY21..70.{8}(?P<kid>.{25})", re.ASCII)
_OF_MANDATES = "24"
"""The kind of an assignment of AvtaleGiro; all others are ours, come back."""
ASK_AGAIN = "ask the bank to send the file again"


@dataclass
class _Sum:
    """What has been read since a start record: compared with what its end record says."""

    transactions: int = 0
    records: int = 1
    net_ore: int = 0
    gross_ore: int = 0

    def add(self, other: "_Sum") -> None:
        self.transactions += other.transactions
        self.records += other.records
        self.net_ore += other.net_ore
        self.gross_ore += other.gross_ore


@dataclass(frozen=True)
class _Assignment:
    """Payments of one account, or what another service has sent."""

    service: str
    number: str
    ours: bool


@dataclass
class _Item:
    """A payment under way: its records follow each other."""

    where: str
    first: AmountItem1
    second: AmountItem2 | None = None
    text: str | None = None


class _Reader:
    """Goes through the records of one file, knowing which may come next."""

    def __init__(self, account: str, today: date, faults: Faults) -> None:
        self._account = account
        self._today = today
        self._faults = faults
        self._transmission: str | None = None
        self._assignment: _Assignment | None = None
        self._item: _Item | None = None
        self._only_counted = False
        self._whole = _Sum()
        self._part = _Sum()
        self._entries = 0
        self._assignments = 0
        self._ours = 0
        self._ended = False

    def take(self, where: str, line: str) -> Iterator[BankTransaction]:
        """Read one line; yield what it completes, or what it is that can't be used."""
        record = line[6:8] if line.startswith("NY") else ""
        if record not in {"31", "32"}:
            yield from self._complete()
            self._only_counted = False
        match record:
            case "10":
                self._start(where, line)
            case "89":
                self._end(where, line)
            case _ if self._transmission is None and not line.startswith("NY"):
                self._faults.hint(where, "it stands outside a transmission, and is no record")
            case _ if self._transmission is None:
                self._faults.add(where, f"it stands outside a transmission; {ASK_AGAIN}")
            case "20":
                yield from self._start_assignment(where, line)
            case "88":
                self._end_assignment(where, line)
            case _ if self._assignment is None:
                self._faults.add(where, f"it stands outside an assignment; {ASK_AGAIN}")
            case _:
                self._part.records += 1
                yield from self._in_assignment(where, record, line)

    def _in_assignment(self, where: str, record: str, line: str) -> Iterator[BankTransaction]:
        assignment = self._assignment
        if assignment is None or assignment.service not in {OCR, AVTALEGIRO}:
            return
        if assignment.service == AVTALEGIRO:
            yield from self._mandate(where, line, ours=assignment.ours)
        elif (read := _ITEMS.get(record)) is None:
            yield self._unreadable(where, _why(line), line)
        else:
            try:
                yield from self._items(where, line, read(line))
            except ValueError:
                # Its text would quote the line.
                yield self._unreadable(where, _why(line), line, self._counted(record, line))

    def _mandate(self, where: str, line: str, *, ours: bool) -> Iterator[BankTransaction]:
        """Set a mandate aside; the other records of a mandate only add to it."""
        mandate = _MANDATE.match(line)
        if mandate is None:
            return
        self._part.transactions += 1
        if ours:
            kid = kid_in(mandate["kid"])
            yield self._aside(where, SetAside.MANDATE, None, line, kid=kid)

    def _items(
        self, where: str, line: str, record: AmountItem1 | AmountItem2 | AmountItem3
    ) -> Iterator[BankTransaction]:
        match record:
            case AmountItem1():
                self._count(-record.amount_ore if record.sign == "-" else record.amount_ore)
                self._item = _Item(where, record)
            case _ if self._only_counted:
                return
            case _ if self._item is None or self._item.first.number != record.number:
                yield self._unreadable(where, "its amount item 1 is missing", line)
            case AmountItem2():
                self._item.second = record
            case AmountItem3():
                texts = (self._item.text, record.text)
                self._item.text = " ".join(text for text in texts if text) or None

    def _counted(self, record: str, line: str) -> int | None:
        """Count a payment of which no more than the amount can be read; return its øre."""
        ore = amount_in(line) if record == "30" else None
        if ore is None:
            return None
        self._count(ore)
        self._only_counted = True
        return abs(ore)

    def _count(self, ore: int) -> None:
        self._part.transactions += 1
        self._part.gross_ore += abs(ore)
        self._part.net_ore += ore

    def _complete(self) -> Iterator[BankTransaction]:
        """Yield the payment under way, now that no more of it comes."""
        item, self._item = self._item, None
        if item is not None and self._assignment is not None and self._assignment.ours:
            yield self._transaction(item, self._assignment)

    def _transaction(self, item: _Item, assignment: _Assignment) -> BankTransaction:
        first, second = item.first, item.second
        kid = first.kid and kid_in(first.kid)
        archive = second.archive if second else None
        kids = ([kid or first.kid] if first.kid else []) + numbers_in(item.text or "")
        reversal = first.sign == "-" or first.kind in _REVERSALS
        aside = self._unusable(first)
        self._entries += 1
        return BankTransaction(
            where=item.where,
            reference=f"{self._transmission}-{assignment.number}-{first.number:07d}",
            amount_ore=first.amount_ore,
            paid_on=first.nets_date,
            kid=kid,
            reversal=reversal,
            debit=reversal,
            entry=self._entries,
            channel="ocr",
            message=f"{self._transmission}-{assignment.number}",
            bank_reference=archive and archive.lstrip("0"),
            own=archive is not None,
            references=f"{first.number}",
            payer=Payer(
                account=second.account if second else None,
                text=item.text,
                kids=" ".join(dict.fromkeys(kids)) or None,
            ),
            aside=aside and aside[0],
            says=aside and aside[1],
        )

    def _unusable(self, first: AmountItem1) -> tuple[SetAside, str] | None:
        if first.nets_date is None:
            return SetAside.UNREADABLE, "it has no date that can be right"
        if first.kind not in KINDS:
            return SetAside.UNREADABLE, "its kind of transaction is not known"
        amount = unusable_amount(first.amount_ore)
        return amount or unusable_day(first.nets_date, self._today)

    def _unreadable(
        self, where: str, says: str, line: str, ore: int | None = None
    ) -> BankTransaction:
        self._faults.hint(where, says)
        return replace(self._aside(where, SetAside.UNREADABLE, says, line), amount_ore=ore)

    def _aside(
        self, where: str, reason: SetAside, says: str | None, line: str, *, kid: str | None = None
    ) -> BankTransaction:
        self._entries += 1
        return BankTransaction(
            where=where,
            reference=None,
            amount_ore=None,
            paid_on=None,
            kid=kid,
            entry=self._entries,
            channel="ocr",
            aside=reason,
            says=says,
            told=f"{self._transmission} {line}",
        )

    def _start(self, where: str, line: str) -> None:
        if self._transmission is not None:
            self._faults.add(where, f"the transmission before it has no end; {ASK_AGAIN}")
        found = _START.match(line)
        self._transmission, self._whole = found["transmission"] if found else "", _Sum()
        self._assignment, self._ended = None, False

    def _start_assignment(self, where: str, line: str) -> Iterator[BankTransaction]:
        if self._assignment is not None:
            self._faults.add(where, f"the assignment before it has no end; {ASK_AGAIN}")
        found = _ASSIGNMENT.match(line)
        service = found["service"] if found else line[2:4]
        if found is not None and service == AVTALEGIRO and found["kind"] != _OF_MANDATES:
            service = f"{service}/{found['kind']}"
        ours = found is not None and found["account"] == self._account
        self._part = _Sum()
        self._assignment = _Assignment(service, found["number"] if found else "", ours)
        self._assignments += 1
        self._ours += ours
        if not ours:
            yield self._aside(where, SetAside.OTHER_ACCOUNT, "see account_number", line)
        elif service not in {OCR, AVTALEGIRO}:
            yield self._aside(where, SetAside.SERVICE, f"service {service}", line)

    def _end_assignment(self, where: str, line: str) -> None:
        if self._assignment is None:
            self._faults.add(where, f"an assignment ends that did not begin; {ASK_AGAIN}")
            return
        self._part.records += 1
        told = self._told(where, line)
        if told is not None and self._assignment.service not in {OCR, AVTALEGIRO}:
            # What such an assignment counts is known to itself alone.
            self._part.transactions, self._part.net_ore = told.transactions, told.net_ore
            self._part.gross_ore = told.net_ore
        self._compare(where, "assignment", self._part, told)
        self._whole.add(self._part)
        self._assignment = None

    def _end(self, where: str, line: str) -> None:
        if self._assignment is not None:
            self._faults.add(where, f"the assignment before it has no end; {ASK_AGAIN}")
        self._whole.records += 1
        self._compare(where, "transmission", self._whole, self._told(where, line))
        self._transmission, self._ended = None, True

    def _told(self, where: str, line: str) -> _Sum | None:
        found = _END.match(line)
        if found is None:
            self._faults.add(where, f"its counts and its sum can't be read; {ASK_AGAIN}")
            return None
        transactions, records, total = (int(part.strip() or "0") for part in found.groups())
        return _Sum(transactions, records, total, total)

    def _compare(self, where: str, what: str, seen: _Sum, told: _Sum | None) -> None:
        if told is None:
            return
        for name, counted, said in (
            ("transactions", seen.transactions, told.transactions),
            ("records", seen.records, told.records),
        ):
            if counted != said:
                says = f"the {what} has {counted} {name}, not {said}"
                self._faults.add(where, f"{says}; {ASK_AGAIN}")
        # Whether reversals are taken off the total is not the same everywhere.
        if told.net_ore not in {abs(seen.net_ore), seen.gross_ore}:
            says = f"the {what} sums to {seen.net_ore} øre, not {told.net_ore}"
            self._faults.add(where, f"{says}; {ASK_AGAIN}")

    def finish(self) -> Iterator[BankTransaction]:
        """Note what is missing once there are no more lines."""
        yield from self._complete()
        if self._transmission is not None or not self._ended:
            self._faults.add("", f"it ends before its transmission end: cut off; {ASK_AGAIN}")
        elif self._assignments and not self._ours:
            self._faults.add("", "it is for another account than ours: see account_number")


def _why(line: str) -> str:
    """Return why a line is no record, without what stands in it."""
    if len(line) != 80:
        return f"it has {len(line)} characters, not 80"
    if not line.startswith("NY"):
        return "it does not begin with NY"
    if line[6:8] not in _ITEMS:
        return "OCR giro has no such type of record"
    return f"not a right amount item {int(line[6:8]) - 29} record: a field is out of place"


def read_ocr(
    content: bytes, account: str, today: date, faults: Faults
) -> Iterator[BankTransaction]:
    """Yield the transactions of an OCR giro file in the bank's order.

    Args:
        content: ISO-8859-1.
        account: ours, 11 digits.
        today: the business date.
        faults: gets what is wrong with the file as a whole; while it is empty at the end, its
            counts and sums hold.

    Source: P5.
    """
    reader, copied = _Reader(account, today, faults), _copied(content)
    for number, line in lines_of(content):
        if number in copied:
            continue
        yield from reader.take(f"line {number}", line)
    yield from reader.finish()


def _copied(content: bytes) -> set[int]:
    """Return the lines of each transmission that stands in the file before, word for word.

    Somebody has joined a file with itself: it is the same money. Numbers of transmissions come
    round, so another one of the same number is another one.
    """
    copied: set[int] = set()
    if content.count(b"NY000010") == 1:
        return copied
    seen: set[bytes] = set()
    began, words = 0, hashlib.sha256()
    for number, line in lines_of(content):
        if line.startswith("NY000010"):
            began, words = number, hashlib.sha256()
        words.update(line.encode())
        if line.startswith("NY") and line[6:8] == "89":
            if words.digest() in seen:
                copied.update(range(began, number + 1))
            seen.add(words.digest())
    return copied
