"""What a notice or statement of a bank says of itself, and whether its entries hold to it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol
from xml.etree.ElementTree import Element

from activities.payments.transactions import Faults, account_number
from schemas.shared.calendar import oslo_date

_AMOUNT = re.compile(r"\+?(?=[0-9.])([0-9]{0,15})(?:\.([0-9]{0,2})0{0,15})?")
_TOTALS = {
    "TtlNtries": ("entries", {False, True}),
    "TtlCdtNtries": ("credits", {False}),
    "TtlDbtNtries": ("debits", {True}),
}
"""What a summary counts, and whether it is below nothing."""

_DATES = ("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm")

ASK_AGAIN = "ask the bank to send the file again"


class Counted(Protocol):
    """What of an entry is counted: its number, its signed amount, None where it can't be read."""

    number: int
    signed_ore: int | None
    booked: bool


@dataclass(frozen=True)
class Page:
    """Which page of a notice or statement it is; of most there is but one."""

    number: int = 1
    is_last: bool = True


def page_of(message: Element, head: Element | None) -> Page:
    """Return which page it says that it is, itself or in the head of its document."""
    for name in ("NtfctnPgntn", "StmtPgntn"):
        if (told := message.find(f"{{*}}{name}")) is not None:
            return _page(told)
    told = head.find("{*}MsgPgntn") if head is not None else None
    return Page() if told is None else _page(told)


def _page(told: Element) -> Page:
    number = text_of(told, "PgNb") or ""
    is_last = text_of(told, "LastPgInd") in {"true", "1"}
    return Page(int(number) if re.fullmatch("[0-9]{1,5}", number) else 1, is_last)


class Message:
    """One notice or statement, or a page of one: its account, and its counts, sums and balances.

    Attributes:
        ours: it is for our account.
        entries: the numbers of its entries in the file.
        words: of each entry a hash, where the file holds several messages.
        where: for people.
        is_named: it names an account.
        counted: øre of each entry as it counts in sums.
        booked: of those that the bank has booked.
        summaries: what it says of its entries, and ``balances`` by their codes.
    """

    def __init__(self, number: int, account: str) -> None:
        self.where = f"notice {number}"
        self._account = account
        self.is_named = False
        self.ours = False
        self.entries: list[int] = []
        self.words: list[bytes] = []
        self.summaries: list[Element] = []
        self.balances: dict[str, list[int]] = {}
        self.counted: list[int | None] = []
        self.booked: list[int | None] = []

    def account(self, element: Element) -> None:
        """Heed whose account it is for."""
        number = text_of(element, "Id/IBAN") or text_of(element, "Id/Othr/Id") or ""
        self.is_named = True
        self.ours = account_number(number) == self._account

    def say(self, element: Element) -> None:
        """Keep what it says of its entries, or of the account before and after them."""
        if element.tag.rpartition("}")[2] != "Bal":
            self.summaries.append(element)
            return
        code = text_of(element, "Tp/CdOrPrtry/Cd")
        ore = ore_of(element.find("{*}Amt"))
        if code is not None and ore is not None:
            debit = text_of(element, "CdtDbtInd") == "DBIT"
            self.balances.setdefault(code, []).append(-ore if debit else ore)

    def count(self, entry: Counted) -> None:
        """Count an entry, whether or not it can be used."""
        self.entries.append(entry.number)
        self.counted.append(entry.signed_ore)
        if entry.booked:
            self.booked.append(entry.signed_ore)

    def check(self, faults: Faults) -> None:
        """Compare what it has said of itself with what it had."""
        self.check_account(faults)
        if not self.ours:
            return
        for says in (*self.wrong_summaries(), *self._wrong_balances()):
            faults.add(self.where, f"{says}; {ASK_AGAIN}")

    def check_account(self, faults: Faults) -> None:
        """Note that it names no account."""
        if not self.is_named:
            faults.add(self.where, f"it names no account; {ASK_AGAIN}")

    def joined(self, pages: "Sequence[Message]") -> "Message":
        """Return the whole that this and the pages after it are.

        What holds of a page by itself is said of that page, all else of the whole.
        """
        whole = Message(0, self._account)
        whole.where, whole.is_named, whole.ours = self.where, True, self.ours
        all_pages = [self, *pages]
        for page in all_pages:
            whole.counted += page.counted
            whole.booked += page.booked
            if any(page.wrong_summaries()):
                whole.summaries += page.summaries
        if not all(page.holds_by_itself() for page in all_pages):
            opening = next((one.opening for one in all_pages if one.opening), [])
            closing = next((one.closing for one in reversed(all_pages) if one.closing), [])
            whole.balances = {"OPBD": opening, "CLBD": closing}
        return whole

    def holds_by_itself(self) -> bool:
        """Tell whether it says what the account had before and after it, and that holds."""
        said = len(self.opening) == len(self.closing) == 1
        return said and not any(self._wrong_balances())

    @property
    def opening(self) -> list[int]:
        """What the account had before it."""
        return self.balances.get("OPBD") or self.balances.get("PRCD") or []

    @property
    def closing(self) -> list[int]:
        """What the account had after it."""
        return self.balances.get("CLBD") or []

    def wrong_summaries(self) -> Iterator[str]:
        """Yield what its summaries say that its entries do not."""
        for summary in self.summaries:
            for path, (what, signs) in _TOTALS.items():
                told = summary.find(f"{{*}}{path}")
                if told is None:
                    continue
                # Some count what is not booked yet as well.
                ways = [
                    [ore or 0 for ore in entries if ((ore or 0) < 0) in signs]
                    for entries in (self.counted, self.booked)
                ]
                yield from _wrong_count(what, text_of(told, "NbOfNtries"), ways)
                yield from _wrong_sum(what, text_of(told, "Sum"), ways)

    def _wrong_balances(self) -> Iterator[str]:
        opening, closing = self.opening, self.closing
        if len(opening) != 1 or len(closing) != 1:
            return
        moved = sum(ore or 0 for ore in self.booked)
        if opening[0] + moved != closing[0]:
            yield (
                f"its balance of {opening[0]} øre and its booked entries of {moved} øre come to "
                f"{opening[0] + moved} øre, not to its closing balance of {closing[0]}"
            )


class Pages:
    """Judges messages, those in pages by the whole: all pages may repeat what is said of it."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._run: list[Message] = []

    def add(self, message: Message, page: Page) -> None:
        """Take the next message of a file.

        Pages whose others are not in the file say nothing that could be compared.
        """
        if page.number != len(self._run) + 1:
            self._run = []
        if page == Page():
            message.check(self._faults)
            return
        message.check_account(self._faults)
        if page.number == len(self._run) + 1:
            self._run.append(message)
            if page.is_last:
                self._run[0].joined(self._run[1:]).check(self._faults)
                self._run = []


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


def day_of(element: Element) -> date | None:
    """Return the day on which an entry was booked, else that of its value; None: none is right."""
    text = next((found for path in _DATES if (found := text_of(element, path))), "")
    try:
        if "T" not in text:
            return date.fromisoformat(text[:10])
        # The end of a day is written so as well; it is the beginning of the next.
        later = timedelta(days="T24:00" in text)
        moment = datetime.fromisoformat(text.replace("T24:00", "T00:00")) + later
        return oslo_date(moment) if moment.tzinfo is not None else moment.date()
    except (ValueError, OverflowError):
        return None
