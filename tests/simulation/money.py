"""What comes into the bank of a union in a month, and what it must come to: no øre more or less."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tests.payments.making import ACCOUNT, Money, ocr

WAYS = {"exact": 880, "twice": 15, "part": 15, "KID of nobody": 10, "back": 20, "never": 60}
"""Of a thousand invoices."""


@dataclass(frozen=True)
class Invoice:
    """An open invoice, as whoever pays it has it in hand."""

    kid: str
    ore: int


@dataclass
class Till:
    """Pays open invoices month by month, in files of OCR giro, and counts what it has paid.

    Attributes:
        bank_ore: what must be on the account.
    """

    seed: int
    bank_ore: int = 0
    number: int = 0

    def files(self, invoices: Sequence[Invoice], on: date) -> list[bytes]:
        """Return the files of a month: what comes, then what is taken back; the first one twice."""
        chance = random.Random(f"{self.seed}/{on}")
        came, back = list[Money](), list[Money]()
        for nth, invoice in enumerate(invoices, 1):
            way = chance.choices(list(WAYS), list(WAYS.values()))[0]
            came += self._paid(way, invoice, nth, on)
            if way == "back":
                back.append(_line(invoice.kid, invoice.ore, nth, on, reversal=True))
        self.bank_ore += sum(one.ore for one in came) - sum(one.ore for one in back)
        files = [self._file(lines) for lines in (came, back) if lines]
        return [*files, *files[:1]]

    def _paid(self, way: str, invoice: Invoice, nth: int, on: date) -> list[Money]:
        exact = _line(invoice.kid, invoice.ore, nth, on)
        match way:
            case "never":
                return []
            case "twice":
                return [exact, _line(invoice.kid, invoice.ore, nth + 500_000, on)]
            case "part":
                return [_line(invoice.kid, (invoice.ore + 1) // 2, nth, on)]
            case "KID of nobody":
                return [_line("1999999990000012", invoice.ore, nth, on)]
        return [exact]

    def _file(self, lines: Sequence[Money]) -> bytes:
        self.number += 1
        return ocr(*lines, transmission=f"{self.number:07d}", account=ACCOUNT)


def _line(kid: str, ore: int, nth: int, on: date, *, reversal: bool = False) -> Money:
    archive = f"{on:%m}{nth:07d}"
    return Money(kid, ore, number=nth, archive=archive, on=on, reversal=reversal)
