"""What people pay of their invoices, rightly and wrongly, and what that comes to by arithmetic."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from schemas.payments.kid import invoice_kid

FEE_ORE = 4500
PART_ORE, OVER_ORE = 10000, 5000

# Weights of a thousand: most people pay what they are asked for.
WAYS = {
    "exact": 640,
    "two months early": 40,
    "no KID": 50,
    "KID with blanks": 30,
    "KID of nobody": 30,
    "KID of a later invoice": 30,
    "twice": 40,
    "in part": 40,
    "too much": 30,
    "taken back": 30,
    "never": 40,
}


@dataclass(frozen=True)
class Invoice:
    """An open invoice, as its receiver has it in hand."""

    number: str
    member_number: str
    name: str
    kid: str
    total_ore: int


@dataclass(frozen=True)
class Transfer:
    """Money on its way to us.

    Attributes:
        kid: in the field for it; None: nobody typed one.
        text: the payer's words.
        back: taken back by the bank, a day after it came.
    """

    name: str
    ore: int
    kid: str | None
    text: str
    key: str
    back: bool = False


@dataclass(frozen=True)
class Expected:
    """What an invoice's receiver has come to.

    Attributes:
        open_ore: what is still owed of it.
        own_ore: what is in suspense for this member.
        nobodys_ore: what is in suspense, and nobody knows whose it is.
    """

    open_ore: int
    own_ore: int = 0
    nobodys_ore: int = 0


def choose(invoices: Iterable[Invoice], chance: random.Random) -> list[tuple[Invoice, str]]:
    """Draw in which way each invoice is paid."""
    ways, weights = list(WAYS), list(WAYS.values())
    return [(invoice, chance.choices(ways, weights)[0]) for invoice in invoices]


def transfers(invoice: Invoice, way: str) -> Sequence[Transfer]:
    """Return the money that an invoice brings in."""
    total, kid, number = invoice.total_ore, invoice.kid, invoice.member_number
    exact = Transfer(invoice.name, total, kid, "", f"K{number}")
    without = replace(exact, kid=None)
    brought = {
        "exact": [exact],
        "two months early": [replace(exact, ore=total * 2)],
        "no KID": [replace(without, text=f"Medlem {number}")],
        "KID with blanks": [replace(without, text=f"KID {kid[:4]} {kid[4:9]} {kid[9:]}")],
        "KID of nobody": [replace(exact, kid=invoice_kid("99999999", 1))],
        "KID of a later invoice": [replace(exact, kid=invoice_kid(number, 77))],
        "twice": [exact, replace(exact, key=f"{exact.key}B")],
        "in part": [replace(exact, ore=_part(total))],
        "too much": [replace(exact, ore=total + OVER_ORE)],
        "taken back": [replace(exact, back=True)],
        "never": [],
    }
    return brought[way]


def _part(total_ore: int) -> int:
    return total_ore - min(PART_ORE, total_ore - 1)


def expected(invoice: Invoice, way: str) -> Expected:
    """Return what is open and in suspense once the money of one invoice is in. Source: P3, P8."""
    total = invoice.total_ore
    match way:
        case "exact" | "KID of a later invoice":
            return Expected(0)
        case "two months early" | "twice":
            return Expected(0, own_ore=total)
        case "no KID" | "KID with blanks" | "KID of nobody":
            return Expected(total, nobodys_ore=total)
        case "in part":
            return Expected(total, own_ore=_part(total))
        case "too much":
            return Expected(0, own_ore=OVER_ORE)
    return Expected(total)


def came_to(invoice: Invoice, way: str) -> int:
    """Return what stays on the account of an invoice's money, in øre."""
    return sum(one.ore for one in transfers(invoice, way) if not one.back)
