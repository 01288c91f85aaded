"""Everything that arrives in the month: who sends which file, and what it should come to."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from schemas.payments.kid import invoice_kid
from tests.payments import making
from tests.union import banks, employers
from tests.union.employers import Answers, Listed
from tests.union.money import FEE_ORE, Expected, Invoice, Transfer, came_to, expected, transfers

DAYS = 3
"""Bank days of which there are files."""

SHORT_ORE = 5000


@dataclass(frozen=True)
class Sent:
    """A file on its way to a command.

    Attributes:
        command: ``payments`` or ``deduction-return``.
        codes: with which exit codes the command may end.
    """

    command: str
    name: str
    content: bytes
    codes: frozenset[int] = frozenset({0})


@dataclass(frozen=True)
class Month:
    """What arrives, and what it comes to.

    Attributes:
        sent: in the order in which it is sent first.
        members: by number of the invoice.
        deducted: in øre, by list and member number.
        paid: by list, in øre, with its KID.
        bank_ore: what the account has grown by.
        fees_ore: what the bank has taken for itself.
        nobodys: amounts of which nobody knows whose they are, sorted.
        told: how many payments there are of each KID, amount and day.
    """

    sent: list[Sent] = field(default_factory=list)
    members: dict[str, Expected] = field(default_factory=dict)
    deducted: dict[str, dict[str, int]] = field(default_factory=dict)
    paid: dict[str, int] = field(default_factory=dict)
    bank_ore: int = 0
    fees_ore: int = 0
    nobodys: list[int] = field(default_factory=list)
    told: Counter[tuple[str | None, int, date]] = field(default_factory=Counter)


def arriving(
    ways: Sequence[tuple[Invoice, str]], lists: Sequence[Listed], today: date, chance: random.Random
) -> Month:
    """Write every file of the month.

    Args:
        ways: the invoices, each with how it is paid.
        lists: the delivered lists, by employer.
        today: no money is booked after it.
        chance: which bank a payment goes through.
    """
    money: list[Sequence[Transfer]] = [transfers(invoice, way) for invoice, way in ways]
    members = {invoice.number: expected(invoice, way) for invoice, way in ways}
    nobodys = [one.nobodys_ore for one in members.values() if one.nobodys_ore]
    bank_ore = sum(came_to(invoice, way) for invoice, way in ways)
    sent: list[Sent] = []
    deducted, paid = {}, {}
    for nth, listed in enumerate(lists):
        answers = employers.answers_of(listed, nth)
        deducted[listed.number] = employers.deducted(listed, answers)
        sent += _returns(listed, answers, nth)
        one, counts = _payment(listed, sum(deducted[listed.number].values()), nth)
        money.append([one])
        bank_ore += one.ore
        paid[listed.number] = one.ore if counts else 0
        if not counts:
            nobodys.append(one.ore)
    told: Counter[tuple[str | None, int, date]] = Counter()
    files = list(_files(money, today, chance, told))
    fees_ore = FEE_ORE * sum("one-reference" in file.name for file in files)
    sent += files + _wrong(today)
    return Month(sent, members, deducted, paid, bank_ore, fees_ore, sorted(nobodys), told)


def _returns(listed: Listed, answers: Answers, nth: int) -> Iterator[Sent]:
    shape = employers.SHAPES[nth % len(employers.SHAPES)]
    for name, content in shape(listed, answers):
        yield Sent("deduction-return", f"{listed.number}-{name}", content, frozenset({0, 1}))


def _payment(listed: Listed, total_ore: int, nth: int) -> tuple[Transfer, bool]:
    """Return an employer's money, and whether it names its list.

    One pays too little, one too much, and one types no KID.
    """
    ore = total_ore + {4: -SHORT_ORE, 9: SHORT_ORE}.get(nth, 0)
    kid = None if nth == 14 else listed.kid
    name = f"Bedrift {nth} AS"
    text = "Trekk" if kid is None else ""
    return Transfer(name, ore, kid, text, f"L{listed.number}"), kid is not None


def _files(
    money: Sequence[Sequence[Transfer]],
    today: date,
    chance: random.Random,
    told: Counter[tuple[str | None, int, date]],
) -> Iterator[Sent]:
    """Deal the money out to banks and days: what one person pays goes through one bank."""
    dealt: dict[tuple[str, int], list[Transfer]] = {}
    for ones in money:
        plain = all(one.kid is not None and not one.back for one in ones)
        bank = chance.choice(("ocr", *_XML) if plain else _XML)
        for one in ones:
            dealt.setdefault((bank, chance.randrange(DAYS)), []).append(one)
    for number, ((bank, ago), coming) in enumerate(sorted(dealt.items()), 1):
        shape, ending = _SHAPES[bank]
        on = today - timedelta(days=ago + 1)
        told.update((one.kid, one.ore, on) for one in coming)
        yield Sent("payments", f"{bank}-{ago}.{ending}", shape(coming, on, number))
        if bank == "ocr":
            yield Sent("payments", f"statement-{ago}.xml", banks.statement(coming, on, number))


_SHAPES = {
    "ocr": (banks.ocr_giro, "txt"),
    "one-reference": (banks.one_reference, "xml"),
    "no-reference": (banks.no_reference, "xml"),
}
_XML = ("one-reference", "no-reference")


def _wrong(today: date) -> list[Sent]:
    """Return files that are refused whole, each for its own reason."""
    one = making.Money(invoice_kid("00000001", 1), 49500, on=today - timedelta(days=1))
    torn = making.camt(one)[:-40]
    elsewhere = making.camt_of(making.camt_entry(one), account="12345678911")
    refused = frozenset({2})
    return [
        Sent("payments", "wrong-sum.txt", making.ocr(one, totals=99), refused),
        Sent("payments", "torn.xml", torn, refused),
        Sent("payments", "other-account.xml", elsewhere, refused),
        Sent("deduction-return", "tom.csv", b"", refused),
        Sent("deduction-return", "brev.pdf", b"%PDF-1.7 hei", refused),
    ]
