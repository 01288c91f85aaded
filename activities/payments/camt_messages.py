"""What a notice or statement of a bank says of itself, and whether its entries hold to it."""

import re
from collections.abc import Iterator
from typing import Protocol
from xml.etree.ElementTree import Element

from activities.payments.transactions import Faults, account_number

_AMOUNT = re.compile(r"\+?(?=[0-9.])([0-9]{0,15})(?:\.([0-9]{0,2})0{0,15})?")
_TOTALS = {
    "TtlNtries": ("entries", {False, True}),
    "TtlCdtNtries": ("credits", {False}),
    "TtlDbtNtries": ("debits", {True}),
}
"""What a summary counts, and whether it is below nothing."""

ASK_AGAIN = "ask the bank to send the file again"


class Counted(Protocol):
    """What of an entry is counted: its signed amount, None where it can't be read."""

    signed_ore: int | None
    booked: bool


class Message:
    """One notice or statement: its account, and its counts, sums and balances."""

    def __init__(self, number: int, account: str) -> None:
        self._where = f"notice {number}"
        self._account = account
        self._named = False
        self.ours = False
        self._summaries: list[Element] = []
        self._balances: dict[str, list[int]] = {}
        self._all: list[int | None] = []
        self._booked: list[int | None] = []

    def account(self, element: Element) -> None:
        """Heed whose account it is for."""
        number = text_of(element, "Id/IBAN") or text_of(element, "Id/Othr/Id") or ""
        self._named = True
        self.ours = account_number(number) == self._account

    def say(self, element: Element) -> None:
        """Keep what it says of its entries, or of the account before and after them."""
        if element.tag.rpartition("}")[2] != "Bal":
            self._summaries.append(element)
            return
        code = text_of(element, "Tp/CdOrPrtry/Cd")
        ore = ore_of(element.find("{*}Amt"))
        if code is not None and ore is not None:
            debit = text_of(element, "CdtDbtInd") == "DBIT"
            self._balances.setdefault(code, []).append(-ore if debit else ore)

    def count(self, entry: Counted) -> None:
        """Count an entry, whether or not it can be used."""
        self._all.append(entry.signed_ore)
        if entry.booked:
            self._booked.append(entry.signed_ore)

    def check(self, faults: Faults) -> None:
        """Compare what it has said of itself with what it had."""
        if not self._named:
            faults.add(self._where, f"it names no account; {ASK_AGAIN}")
        if not self.ours:
            return
        for says in (*self._wrong_summaries(), *self._wrong_balances()):
            faults.add(self._where, f"{says}; {ASK_AGAIN}")

    def _wrong_summaries(self) -> Iterator[str]:
        for summary in self._summaries:
            for path, (what, signs) in _TOTALS.items():
                told = summary.find(f"{{*}}{path}")
                if told is None:
                    continue
                # Some count what is not booked yet as well.
                ways = [
                    [ore or 0 for ore in entries if ((ore or 0) < 0) in signs]
                    for entries in (self._all, self._booked)
                ]
                yield from _wrong_count(what, text_of(told, "NbOfNtries"), ways)
                yield from _wrong_sum(what, text_of(told, "Sum"), ways)

    def _wrong_balances(self) -> Iterator[str]:
        opening = self._balances.get("OPBD") or self._balances.get("PRCD") or []
        closing = self._balances.get("CLBD") or []
        if len(opening) != 1 or len(closing) != 1:
            return
        moved = sum(ore or 0 for ore in self._booked)
        if opening[0] + moved != closing[0]:
            yield (
                f"its balance of {opening[0]} øre and its booked entries of {moved} øre come to "
                f"{opening[0] + moved} øre, not to its closing balance of {closing[0]}"
            )


def _wrong_count(what: str, told: str | None, ways: list[list[int]]) -> Iterator[str]:
    if told is None or (told.isdecimal() and int(told) in {len(way) for way in ways}):
        return
    yield f"it has {len(ways[0])} {what}, not {told if told.isdecimal() else 'what it says'}"


def _wrong_sum(what: str, told: str | None, ways: list[list[int]]) -> Iterator[str]:
    if told is None:
        return
    said = in_ore(told.removeprefix("-"))
    # Whether debits are taken off is not the same everywhere.
    sums = {abs(sum(way)) for way in ways} | {sum(map(abs, way)) for way in ways}
    if said not in sums:
        total = sum(map(abs, ways[0]))
        yield f"its {what} sum to {total} øre, not to its total" + (f" of {said}" if said else "")


def in_ore(kroner: str) -> int | None:
    """Return øre for kroner as XML writes them, None where it is no such number."""
    found = _AMOUNT.fullmatch(kroner.strip())
    if found is None or not kroner.isascii() or kroner.strip() in {".", "+", "+."}:
        return None
    return int(found[1] or "0") * 100 + int((found[2] or "").ljust(2, "0"))


def ore_of(element: Element | None) -> int | None:
    """Return an amount in NOK in øre; None: there is none, or it is in another currency."""
    if element is None or element.get("Ccy") != "NOK":
        return None
    return in_ore(element.text or "")


def text_of(element: Element, path: str) -> str | None:
    """Return the trimmed text at a path of local names, or None."""
    text = element.findtext("/".join(f"{{*}}{name}" for name in path.split("/")))
    return text.strip() or None if text is not None else None


def texts_of(element: Element, *paths: str) -> list[str]:
    """Return all trimmed texts at some paths of local names, in order, each once."""
    found = (
        (one.text or "").strip()
        for path in paths
        for one in element.findall("/".join(f"{{*}}{name}" for name in path.split("/")))
    )
    return list(dict.fromkeys(text for text in found if text))
