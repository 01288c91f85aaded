"""What a file of the bank brings, whatever its format, and what is wrong with it."""

from dataclasses import dataclass, field
from datetime import date

from schemas.payments.contracts import MAX_FAULTS, FileFault
from schemas.shared.base import MAX_ORE

EARLIEST_BANK_DATE = date(2000, 1, 1)
"""Before this a date of the bank is a typing error."""


@dataclass(frozen=True, slots=True)
class BankTransaction:
    """One payment, or one reversal, as the bank reports it.

    Attributes:
        where: for people: the line, or the entry and transaction.
        reference: the business key.
        amount_ore: more than nothing, of a reversal too.
        kid: digits, or None.
        reversal: the bank took money back.
        takes_back: the reference of what a reversal takes back, where the bank says it.
        name: what the other format calls it too; None: nothing.
    """

    where: str
    reference: str
    amount_ore: int
    paid_on: date
    kid: str | None
    reversal: bool = False
    takes_back: str | None = None
    name: str | None = None


def archive_name(archive: str, kid: str | None, amount_ore: int, *, reversal: bool) -> str | None:
    """Return what a payment is called in both formats: by the bank's archive reference.

    Args:
        archive: the bank's archive reference; one that is no number other than nothing names
            nothing.
        kid: without one the archive reference alone is too little: it comes again in time.
        amount_ore: of the payment.
        reversal: told apart from what it takes back.
    """
    number = archive.lstrip("0")
    if kid is None or not number.isdecimal() or not number.isascii():
        return None
    return f"archive/{number}/{kid}/{amount_ore}" + ("/reversed" if reversal else "")


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
    """

    found: list[FileFault] = field(default_factory=list)
    more: bool = False

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
            raise FileRefused(self)

    def amount(self, where: str, amount_ore: int) -> bool:
        """Tell whether an amount can be booked, and note it if not."""
        if 0 < amount_ore <= MAX_ORE:
            return True
        much = "an amount of nothing" if amount_ore <= 0 else "an amount beyond all measure"
        self.add(where, f"{much}: ask the bank what it is")
        return False

    def day(self, where: str, day: date, today: date) -> bool:
        """Tell whether a date of the bank can be right, and note it if not."""
        if EARLIEST_BANK_DATE <= day <= today:
            return True
        when = "in the future" if day > today else "before the year 2000"
        self.add(where, f"its date lies {when}: ask the bank for the right one")
        return False
