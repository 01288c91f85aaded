"""The entries of a camt.054 or camt.053, and the transactions they consist of."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from xml.etree.ElementTree import Element

from activities.payments.camt_charges import charges_of
from activities.payments.camt_messages import day_of, in_ore, ore_of, text_of
from activities.payments.camt_parties import (
    FEES,
    INTEREST,
    code_of,
    end_to_end_of,
    is_another,
    is_of_the_bank,
    is_returned,
    is_worded_as_a_fee,
    kid_of,
    payer_in_words,
    payer_of,
    references_of,
    tells_of_payments,
)
from activities.payments.transactions import (
    NOBODY,
    BankTransaction,
    Faults,
    Payer,
    unusable_amount,
    unusable_day,
)
from schemas.payments.entries import SetAside

MAX_CHARACTERS = 45
"""Of a reference: the standard's 35, and the place in an entry."""

BARE = "the bank says nothing of it"
WORDED = "by the bank's words alone"
TAKEN_OFF = "charges taken off the sum"

_NOT_BOOKED = frozenset({"PDNG", "INFO", "FUTR"})
_AMOUNTS = ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/CntrValAmt/Amt", "AmtDtls/InstdAmt/Amt")


@dataclass(frozen=True)
class _Transaction:
    """One ``TxDtls`` as it stands; None where the entry speaks for it."""

    reference: str | None = None
    amount_ore: int | None = None
    debit: bool | None = None
    returned: bool = False
    charged: bool = False
    worded: bool = False
    code: str | None = None
    kid: str | None = None
    references: str = ""
    end_to_end: str | None = None
    payer: Payer = NOBODY
    charges_ore: int = 0


@dataclass(frozen=True)
class _Entry:
    """What an ``Ntry`` says of all its transactions."""

    where: str
    number: int
    reference: str | None
    references: str
    amount_ore: int | None
    debit: bool
    returned: bool
    charged: bool
    worded: bool
    code: str | None
    paid_on: date | None
    channel: str
    message: str
    copy: bool
    text: str | None
    charges_ore: int
    aside: tuple[SetAside, str | None] | None


class EntryReader:
    """Puts entries and transactions together as the parser meets their ends.

    Attributes:
        opened: an entry is under way.
        number: counts the entries of the file.
        signed_ore: its amount as it counts in sums, None where it can't be read.
        booked: the bank has booked it.
    """

    def __init__(self, today: date, faults: Faults) -> None:
        self._today = today
        self._faults = faults
        self.number = 0
        self.forget()

    def forget(self) -> None:
        """Begin the next entry."""
        self.opened = False
        self.signed_ore: int | None = None
        self.booked = False
        self._entry: _Entry | None = None
        self._first: _Transaction | None = None
        self._payer: Payer | None = None
        self._position = 0
        self._sum_ore = 0
        self._charges_ore = 0
        self._lacking = 0
        self._batches: list[tuple[int | None, int]] = []
        self._before_details = 0

    def open(self, element: Element, *, channel: str, message: str, copy: bool) -> None:
        """Read what an entry says of all its transactions."""
        self.opened = True
        self.number += 1
        status = (
            text_of(element, "Sts/Cd") or text_of(element, "Sts/Prtry") or text_of(element, "Sts")
        )
        direction = text_of(element, "CdtDbtInd")
        amount = element.find("{*}Amt")
        ore = ore_of(amount)
        paid_on = day_of(element)
        debit = direction == "DBIT"
        self.booked = status == "BOOK"
        self.signed_ore = -ore if debit and ore is not None else ore
        self._entry = _Entry(
            where=f"entry {self.number}",
            number=self.number,
            reference=text_of(element, "AcctSvcrRef"),
            references=text_of(element, "NtryRef") or "",
            amount_ore=ore,
            debit=debit,
            returned=is_returned(element),
            charged=is_of_the_bank(element),
            worded=is_worded_as_a_fee(element),
            code=code_of(element),
            paid_on=paid_on,
            channel=channel,
            message=message,
            copy=copy,
            text=text_of(element, "AddtlNtryInf"),
            charges_ore=charges_of(element),
            aside=_unusable(status, direction, amount, ore, paid_on, self._today),
        )

    def transaction(self, element: Element) -> Iterator[BankTransaction]:
        """Take one transaction; the first is kept until it is known whether it is the only one."""
        entry = self._entry
        self._position += 1
        if entry is None or entry.aside is not None:
            if entry is not None and self._payer is None:
                self._payer = payer_of(element, debit=entry.debit, beside=entry.text)
            return
        read = _read(element, entry)
        if self._position == 1:
            self._first = read
            return
        if self._first is not None:
            yield from self._one_of_many(entry, self._first, 1)
            self._first = None
        yield from self._one_of_many(entry, read, self._position)

    def details(self, element: Element) -> None:
        """Keep what a batch says of itself, and how many transactions it had."""
        told = text_of(element, "Btch/NbOfTxs")
        number = int(told) if told is not None and told.isdecimal() else None
        self._batches.append((number, self._position - self._before_details))
        self._before_details = self._position

    def end(self, element: Element) -> Iterator[BankTransaction]:
        """Take the end of an entry: its sum, and its only transaction if it has but one."""
        entry = self._entry
        if entry is None:
            return
        if entry.aside is not None:
            payer = self._payer or payer_in_words(entry.text)
            yield replace(_aside(entry, *entry.aside, payer=payer), told=_amount_in(element))
            return
        wrong = self._wrong()
        if wrong is not None:
            self._faults.retracted.append(entry.number)
            yield _aside(entry, SetAside.PARTS, wrong)
        elif self._position > 1 and self._taken_off:
            yield _charged(entry, self._taken_off)
        elif self._position <= 1:
            only = self._first or _Transaction(payer=payer_in_words(entry.text))
            one = self._bank_transaction(entry, only, None, entry.amount_ore)
            yield replace(one, in_words=self._first is None)

    def _wrong(self) -> str | None:
        """Return what does not hold of an entry's parts, or None."""
        told = [number for number, _ in self._batches if number is not None]
        had = [number for told, number in self._batches if told is not None]
        if self._position == 0:
            return None if max(told, default=1) <= 1 else f"it has none of its {sum(told)} parts"
        if told != had and self._position not in {sum(told), *told}:
            return f"it has {self._position} transactions, and says {sum(told)}"
        if self._position == 1:
            return None
        if self._lacking:
            return f"{self._lacking} of its transactions have no amount in NOK"
        entry, signed = self._entry, self.signed_ore
        if entry is None or signed is None or not self._taken_off:
            return None
        of_parts = self._charges_ore
        charges = {entry.charges_ore, of_parts, entry.charges_ore + of_parts}
        if self._taken_off in charges and self._taken_off > 0:
            return None
        says = f"its transactions sum to {abs(self._sum_ore)} øre, not {abs(signed)}"
        return f"{says}, and its charges are {max(charges)}" if any(charges) else says

    @property
    def _taken_off(self) -> int:
        """By how much an entry is less than its parts."""
        return self._sum_ore - (self.signed_ore or 0)

    def _one_of_many(
        self, entry: _Entry, read: _Transaction, position: int
    ) -> Iterator[BankTransaction]:
        if read.amount_ore is None:
            self._lacking += 1
            return
        debit = entry.debit if read.debit is None else read.debit
        self._sum_ore += -read.amount_ore if debit else read.amount_ore
        self._charges_ore += read.charges_ore
        yield self._bank_transaction(entry, read, position, read.amount_ore)

    def _bank_transaction(
        self, entry: _Entry, read: _Transaction, position: int | None, ore: int | None
    ) -> BankTransaction:
        debit = entry.debit if read.debit is None else read.debit
        returned = entry.returned or read.returned
        own = read.reference if read.reference != entry.reference else None
        name = _name(own or entry.reference, None if own else position)
        unusable = unusable_amount(ore) if ore is not None else None
        own_fee = _of_the_bank(entry, read, debit=debit, returned=returned)
        aside, says = (
            unusable or own_fee or _of_a_debit(entry, read, debit=debit, returned=returned)
        )
        back = debit and returned and own_fee is None
        return BankTransaction(
            where=_where(entry, position),
            reference=f"{name}/reversed" if name and back else name,
            amount_ore=ore,
            paid_on=entry.paid_on,
            # What comes back of something we had paid is no payment of an invoice.
            kid=None if returned and not debit else read.kid,
            reversal=back,
            takes_back=name if back else None,
            debit=debit,
            returned=returned and not debit and aside is None,
            entry=entry.number,
            channel=entry.channel,
            message=entry.message,
            bank_reference=own or entry.reference,
            own=own is not None,
            references=f"{entry.references}\t{read.references}",
            end_to_end=read.end_to_end,
            copy=entry.copy,
            payer=read.payer,
            aside=aside,
            says=says,
        )


def _unusable(
    status: str | None,
    direction: str | None,
    amount: Element | None,
    ore: int | None,
    paid_on: date | None,
    today: date,
) -> tuple[SetAside, str | None] | None:
    """Return why nothing of an entry can be used, or None. Source: P5."""
    if status in _NOT_BOOKED:
        return SetAside.NOT_BOOKED, None
    if status != "BOOK":
        return SetAside.UNREADABLE, "it does not say that it is booked (BOOK)"
    if direction not in {"CRDT", "DBIT"}:
        return SetAside.UNREADABLE, "it is neither a credit nor a debit"
    if amount is None or in_ore(amount.text or "") is None:
        return SetAside.UNREADABLE, "its amount is no number of kroner and øre"
    if ore is None:
        return SetAside.CURRENCY, "it is not in NOK"
    if paid_on is None:
        return SetAside.UNREADABLE, "it has no date that can be right"
    return unusable_amount(ore) or unusable_day(paid_on, today)


def _read(element: Element, entry: _Entry) -> _Transaction:
    direction = text_of(element, "CdtDbtInd")
    amounts = (
        ore_of(element.find("/".join(f"{{*}}{name}" for name in path.split("/"))))
        for path in _AMOUNTS
    )
    debit = entry.debit if direction is None else direction == "DBIT"
    return _Transaction(
        reference=text_of(element, "Refs/AcctSvcrRef"),
        amount_ore=next((ore for ore in amounts if ore is not None), None),
        debit=None if direction is None else debit,
        returned=is_returned(element),
        charged=is_of_the_bank(element),
        worded=is_worded_as_a_fee(element),
        code=code_of(element),
        kid=kid_of(element),
        references=references_of(element),
        end_to_end=end_to_end_of(element),
        payer=payer_of(element, debit=debit, beside=entry.text),
        charges_ore=charges_of(element),
    )


def _amount_in(element: Element) -> str:
    """Return what stands where an amount does, of an entry of which none can be used."""
    amount = element.find("{*}Amt")
    if amount is None or ore_of(amount) is not None:
        return ""
    return f"{amount.text} {amount.get('Ccy')}"


def _of_the_bank(
    entry: _Entry, read: _Transaction, *, debit: bool, returned: bool
) -> tuple[SetAside, None] | None:
    """Return what the bank's own code says of its fees and interest, given back or paid, or None.

    Source: P8.
    """
    if debit and not returned:
        return None
    # Who has paid with a KID or under a name of their own is no bank, whatever the code.
    if not debit and (read.kid or is_another(read.payer)):
        return None
    code = read.code or entry.code
    if code in INTEREST:
        return SetAside.INTEREST, None
    return (SetAside.FEE, None) if code in FEES else None


def _of_a_debit(
    entry: _Entry, read: _Transaction, *, debit: bool, returned: bool
) -> tuple[SetAside | None, str | None]:
    """Return what a debit is that undoes no payment. Source: P8."""
    if not debit or returned:
        return None, None
    named = read.payer.name or read.payer.account or read.payer.kids or read.references
    bare = not (named or entry.reference or read.reference or read.payer.text)
    if entry.charged or read.charged:
        to_another = is_another(read.payer) and read.payer.account is not None
        return (SetAside.OUTGOING if to_another else SetAside.FEE), None
    if _is_worded(entry, read):
        return SetAside.FEE, WORDED
    if bare:
        return SetAside.FEE, BARE
    return SetAside.OUTGOING, None


def _is_worded(entry: _Entry, read: _Transaction) -> bool:
    """Tell whether a debit is a fee by the bank's words: they go for nothing beside a receiver."""
    if tells_of_payments(read.code or entry.code) or is_another(read.payer):
        return False
    return read.payer.account is None and (entry.worded or read.worded)


def _aside(
    entry: _Entry, reason: SetAside, says: str | None, *, payer: Payer = NOBODY
) -> BankTransaction:
    return replace(
        BankTransaction(
            where=entry.where, reference=None, amount_ore=entry.amount_ore, paid_on=entry.paid_on
        ),
        debit=entry.debit,
        entry=entry.number,
        channel=entry.channel,
        message=entry.message,
        bank_reference=entry.reference,
        payer=payer,
        aside=reason,
        says=says,
    )


def _charged(entry: _Entry, ore: int) -> BankTransaction:
    """Return what the bank has taken off a batch for itself: a fee of its own. Source: P8."""
    return replace(
        _aside(entry, SetAside.FEE, None, payer=Payer(text=TAKEN_OFF)),
        reference=_name(entry.reference and f"{entry.reference}/charges", None),
        where=f"{entry.where}, {TAKEN_OFF}",
        amount_ore=ore,
        debit=True,
        references=f"{entry.references}\tcharges",
    )


def _where(entry: _Entry, position: int | None) -> str:
    return entry.where if position is None else f"{entry.where}, transaction {position}"


def _name(reference: str | None, position: int | None) -> str | None:
    """Return what people may call it: the bank's reference, with its place in an entry of many."""
    if reference is None or not reference.isprintable():
        return None
    name = reference if position is None else f"{reference}/{position}"
    return name if len(name) <= MAX_CHARACTERS else None
