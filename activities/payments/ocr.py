"""OCR giro: lines of 80 characters, checked against the counts and totals they end with.

``netsgiro`` knows the layout of all records but the two of a payment. Their order, numbers, counts
and totals, and whose account it is, are checked here: it takes them as they come.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from netsgiro import ServiceCode, TransactionType, records

from activities.payments.ocr_items import AmountItem1, AmountItem2
from activities.payments.transactions import BankTransaction, Faults, archive_name

_Record = records.Record | AmountItem1 | AmountItem2

_RECORDS: dict[str, tuple[str, Callable[[str], _Record]]] = {
    "10": ("transmission start", records.TransmissionStart.from_string),
    "20": ("assignment start", records.AssignmentStart.from_string),
    "30": ("amount item 1", AmountItem1.from_string),
    "31": ("amount item 2", AmountItem2.from_string),
    "32": ("amount item 3", records.TransactionAmountItem3.from_string),
    "88": ("assignment end", records.AssignmentEnd.from_string),
    "89": ("transmission end", records.TransmissionEnd.from_string),
}
_REVERSALS = frozenset(
    {TransactionType.REVERSING_WITH_KID.value, TransactionType.REVERSING_WITH_TEXT.value}
)
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


class _Reader:
    """Goes through the records of one file, knowing which may come next."""

    def __init__(self, account: str, today: date, faults: Faults) -> None:
        self._account = account
        self._today = today
        self._faults = faults
        self._transmission: records.TransmissionStart | None = None
        self._assignment: records.AssignmentStart | None = None
        self._item: AmountItem1 | None = None
        self._whole = _Sum()
        self._part = _Sum()
        self._ended = False

    def take(self, where: str, line: str) -> BankTransaction | None:
        """Read one line; return the transaction it completes, if it does."""
        found = self._record(where, line)
        if found is None:
            return None
        if self._ended:
            self._faults.add(where, f"it follows the end of the transmission; {ASK_AGAIN}")
            return None
        match found:
            case records.TransmissionStart():
                self._start(where, found)
            case records.TransmissionEnd():
                self._end(where, found)
            case _ if self._transmission is None:
                self._faults.add(where, f"it comes before the transmission start; {ASK_AGAIN}")
            case records.AssignmentStart():
                self._start_assignment(where, found)
            case _ if self._assignment is None:
                self._faults.add(where, f"it stands outside an assignment; {ASK_AGAIN}")
            case records.AssignmentEnd():
                self._end_assignment(where, found)
            case _:
                self._part.records += 1
                return self._transaction(where, found)
        return None

    def _record(self, where: str, line: str) -> _Record | None:
        if len(line) != 80:
            self._faults.add(where, f"it has {len(line)} characters, not 80; {ASK_AGAIN}")
            return None
        if not line.startswith("NY"):
            self._faults.add(where, f"it does not begin with NY; {ASK_AGAIN}")
            return None
        if line[2:4] == f"{ServiceCode.AVTALEGIRO:02d}":
            self._faults.add(where, "it is of AvtaleGiro; only OCR giro is booked here")
            return None
        what, read = _RECORDS.get(line[6:8], ("", None))
        if read is None:
            self._faults.add(where, f"OCR giro has no such type of record; {ASK_AGAIN}")
            return None
        try:
            return read(line)
        except ValueError:
            # Its text would quote the line.
            says = f"not a right {what} record: a field out of place or an impossible date"
            self._faults.add(where, f"{says}; {ASK_AGAIN}")
            return None

    def _start(self, where: str, record: records.TransmissionStart) -> None:
        if self._transmission is not None:
            self._faults.add(where, f"a second transmission start; {ASK_AGAIN}")
        self._transmission = record

    def _start_assignment(self, where: str, record: records.AssignmentStart) -> None:
        self._expect_no_item(where)
        if self._assignment is not None:
            self._faults.add(where, f"the assignment before it has no end; {ASK_AGAIN}")
        if record.assignment_account != self._account:
            self._faults.add(
                where, "it is for another account than ours: see account_number, or ask the bank"
            )
        self._assignment, self._part = record, _Sum()

    def _transaction(self, where: str, record: _Record) -> BankTransaction | None:
        if isinstance(record, AmountItem1):
            self._expect_no_item(where)
            self._item = record
            self._count(record)
        elif isinstance(record, AmountItem2):
            item, self._item = self._item, None
            if item is None or item.number != record.number:
                self._faults.add(where, f"its amount item 1 is missing; {ASK_AGAIN}")
                return None
            return self._bank_transaction(where, item, record)
        return None

    def _count(self, item: AmountItem1) -> None:
        self._part.transactions += 1
        self._part.gross_ore += item.amount_ore
        self._part.net_ore += -item.amount_ore if item.sign == "-" else item.amount_ore

    def _bank_transaction(
        self,
        where: str,
        item: AmountItem1,
        second: AmountItem2,
    ) -> BankTransaction | None:
        right = self._faults.amount(where, item.amount_ore)
        right &= self._faults.day(where, item.nets_date, self._today)
        if item.kid is not None and not item.kid.isdecimal():
            self._faults.add(where, f"its KID has a gap in it; {ASK_AGAIN}")
            right = False
        if not right or self._transmission is None or self._assignment is None:
            return None
        reversal = item.sign == "-" or item.kind in _REVERSALS
        whole, part = self._transmission.transmission_number, self._assignment.assignment_number
        return BankTransaction(
            where=where,
            reference=f"{whole}-{part}-{item.number:07d}",
            amount_ore=item.amount_ore,
            paid_on=item.nets_date,
            kid=item.kid,
            reversal=reversal,
            name=archive_name(second.archive, item.kid, item.amount_ore, reversal=reversal),
        )

    def _expect_no_item(self, where: str) -> None:
        if self._item is not None:
            self._faults.add(where, f"the amount item 2 before it is missing; {ASK_AGAIN}")
            self._item = None

    def _end_assignment(self, where: str, record: records.AssignmentEnd) -> None:
        self._expect_no_item(where)
        self._part.records += 1
        self._compare(where, "assignment", self._part, record)
        self._whole.add(self._part)
        self._assignment = None

    def _end(self, where: str, record: records.TransmissionEnd) -> None:
        if self._assignment is not None:
            self._faults.add(where, f"the assignment before it has no end; {ASK_AGAIN}")
        self._whole.records += 1
        self._compare(where, "transmission", self._whole, record)
        self._ended = True

    def _compare(
        self,
        where: str,
        what: str,
        seen: _Sum,
        record: records.AssignmentEnd | records.TransmissionEnd,
    ) -> None:
        for name, counted, told in (
            ("transactions", seen.transactions, record.num_transactions),
            ("records", seen.records, record.num_records),
        ):
            if counted != told:
                says = f"the {what} has {counted} {name}, not {told}"
                self._faults.add(where, f"{says}; {ASK_AGAIN}")
        # Whether reversals are taken off the total is not the same everywhere.
        if record.total_amount not in {abs(seen.net_ore), seen.gross_ore}:
            says = f"the {what} sums to {seen.net_ore} øre, not {record.total_amount}"
            self._faults.add(where, f"{says}; {ASK_AGAIN}")

    def finish(self) -> None:
        """Note what is missing once there are no more lines."""
        if not self._ended:
            self._faults.add("", f"it ends before its transmission end: cut off; {ASK_AGAIN}")


def read_ocr(
    content: bytes, account: str, today: date, faults: Faults
) -> Iterator[BankTransaction]:
    """Yield the transactions of an OCR giro file in the bank's order.

    Args:
        content: ISO-8859-1.
        account: ours, 11 digits.
        today: the business date.
        faults: gets what is wrong; while it is empty at the end, all was right.

    Source: P5.
    """
    reader = _Reader(account, today, faults)
    for number, line in enumerate(_lines(content), start=1):
        transaction = reader.take(f"line {number}", line)
        if transaction is not None:
            yield transaction
    reader.finish()


def _lines(content: bytes) -> Iterator[str]:
    """Yield line by line without a second copy of the file; empty lines at the end don't count."""
    end = len(content.rstrip())
    start = 0
    while start < end:
        stop = content.find(b"\n", start, end)
        stop = end if stop < 0 else stop
        yield content[start:stop].decode("iso-8859-1").removesuffix("\r")
        start = stop + 1
