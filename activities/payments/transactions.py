"""What a file of the bank brings, whatever its format, and what is wrong with it."""

import re
from dataclasses import dataclass, field
from datetime import date

from schemas.payments.contracts import MAX_FAULTS, FileFault
from schemas.payments.entries import SetAside
from schemas.payments.numbers import is_invoice_kid
from schemas.shared.base import MAX_ORE

EARLIEST_BANK_DATE = date(2000, 1, 1)
"""Before this a date of the bank is a typing error."""


@dataclass(frozen=True, slots=True)
class Payer:
    """Who stands at the other end, as the bank tells it: secret.

    Attributes:
        name: as it stands there.
        account: 11 digits where it is Norwegian, else as it stands there.
        text: what they wrote, and what the bank wrote beside it.
        kids: every reference that stood where a KID does, or in the text, a blank between them.
    """

    name: str | None = None
    account: str | None = None
    text: str | None = None
    kids: str | None = None


NOBODY = Payer()


@dataclass(frozen=True, slots=True)
class BankTransaction:
    """One payment, reversal or other entry, as the bank reports it.

    Attributes:
        where: for people: the line, or the entry and transaction.
        reference: the bank's own name for it; others may have the same, and it may have none.
        amount_ore: more than nothing, of a reversal too; None where it can't be told.
        paid_on: the day it was booked; None where it can't be told.
        kid: digits, or None.
        reversal: the bank took money back.
        takes_back: the reference of what a reversal takes back, where the bank says it.
        debit: it left the account.
        returned: it came back of what we had paid out.
        entry: counts the entries of the file; a transaction is part of one.
        channel: which kind of file or message tells it.
        message: what its sender calls the message: a copy has the same.
        bank_reference: what the bank calls it, or the entry that it is part of.
        own: that is of this transaction alone, if the bank keeps to that.
        references: all else that tells it apart.
        end_to_end: what whoever told the bank to pay has called it.
        copy: the bank says that it has sent this before.
        payer: who stands at the other end.
        aside: why it is set aside; None: it is booked.
        says: what else is to be said of that.
        in_words: no more than a text of the bank says who has paid.
        told: what stands there of what can't be used: it tells it apart, and is not kept.
    """

    where: str
    reference: str | None
    amount_ore: int | None
    paid_on: date | None
    kid: str | None = None
    reversal: bool = False
    takes_back: str | None = None
    debit: bool = False
    returned: bool = False
    entry: int = 0
    channel: str = ""
    message: str = ""
    bank_reference: str | None = None
    own: bool = False
    references: str = ""
    end_to_end: str | None = None
    copy: bool = False
    payer: Payer = NOBODY
    aside: SetAside | None = None
    says: str | None = None
    in_words: bool = False
    told: str = ""

    @property
    def bare(self) -> bool:
        """A credit of which nothing says who has paid it or what for: it may be a sum of others."""
        numbers = (self.payer.kids or "").split()
        # A bank's words for a sum have numbers of its own.
        kids = [one for one in numbers if is_invoice_kid(one) or not self.in_words]
        told = self.kid or self.payer.name or self.payer.account or kids or self.end_to_end
        return not (self.debit or self.returned or self.aside or told or self.channel == "ocr")


def account_number(text: str) -> str:
    """Return an account number without blanks and points, a Norwegian IBAN without its head."""
    number = re.sub(r"[\s.]", "", text).upper()
    return number[4:] if number.startswith("NO") and len(number) == 15 else number


class FileRefused(Exception):
    """A file is refused whole; ``faults`` say why."""

    def __init__(self, faults: "Faults") -> None:
        super().__init__("the file is refused")
        self.faults = faults


@dataclass
class Faults:
    """Collects what is wrong with a file, up to what anybody reads at once.

    Attributes:
        more: there were others.
        retracted: entries of which what was told before does not hold.
        copied: entries of a message that stands in the file before.
        hints: what could not be read: where a count or a sum does not hold, that may be why.
    """

    found: list[FileFault] = field(default_factory=list)
    more: bool = False
    retracted: list[int] = field(default_factory=list)
    copied: list[int] = field(default_factory=list)
    hints: list[FileFault] = field(default_factory=list)

    def add(self, where: str, says: str) -> None:
        """Note a fault.

        Raises:
            FileRefused: there are enough of them.
        """
        if len(self.found) >= MAX_FAULTS:
            self.more = True
            raise FileRefused(self)
        self.found.append(FileFault(where=where, says=says))

    def check(self) -> None:
        """Go on only with a file without faults.

        Raises:
            FileRefused: it has some.
        """
        if self.found:
            self.found += self.hints[: MAX_FAULTS - len(self.found)]
            raise FileRefused(self)

    def hint(self, where: str, says: str) -> None:
        """Note what could not be read, and is set aside unless the file is refused."""
        if len(self.hints) < MAX_FAULTS:
            self.hints.append(FileFault(where=where, says=says))


def unusable_amount(amount_ore: int) -> tuple[SetAside, str] | None:
    """Return why an amount can't be booked, or None."""
    if amount_ore <= 0:
        return SetAside.NOTHING, "an amount of nothing"
    if amount_ore > MAX_ORE:
        return SetAside.UNREADABLE, "an amount beyond all measure"
    return None


def unusable_day(day: date, today: date) -> tuple[SetAside, str] | None:
    """Return why a date of the bank can't be right, or None."""
    if day > today:
        return SetAside.FUTURE, "its date lies in the future"
    if day < EARLIEST_BANK_DATE:
        return SetAside.UNREADABLE, "its date lies before the year 2000"
    return None
