"""Which money is the same money: what a file brings, held against what the books have (P4).

A bank's own reference may be everybody's or nobody's, so all that is said of a payment is compared.
Each source (OCR giro, notices, statements) tells of a payment once, apart from copies: the first of
two equal ones in a file is the first in the books, the second is another. What two sources tell of
once each is one payment only where more than day, amount and KID says so: the payer, a reference,
or all else that the two tell of that day.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from schemas.payments.payers import Alike, like_accounts, like_names, plain_account
from schemas.persons.folding import name_parts

NOTICES, STATEMENTS, OCR = "camt054", "camt053", "ocr"


@dataclass(frozen=True, slots=True)
class Sighting:
    """A payment as one file tells of it; those compared have one account, amount, sign and KID.

    Attributes:
        key: of what the books have: the payment's reference. Of what arrives: its place.
        identity: the hash of all that is said of it.
        references: other names of it; in OCR giro the number of the transaction.
        own: ``bank_reference`` is of this transaction alone.
        repeats: the bank has given ``bank_reference`` to other money as well.
        copy: the bank says that it has sent this before.
        debit: it left the account.
    """

    key: str
    channel: str
    message: str
    booked_on: date
    identity: str
    kid: str | None = None
    bank_reference: str | None = None
    references: str = ""
    name: str | None = None
    account: str | None = None
    text: str | None = None
    own: bool = False
    repeats: bool = False
    copy: bool = False
    debit: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What arrived is ``same_as`` a payment in the books; not ``sure``: or a second one.

    Attributes:
        across: another source has told of it: where that tells of the same money all day long, it
            is sure (``know_covered``).
        by_reference: the two call it the same.
        differs: the two call it differently, though they call other money the same.
    """

    key: str
    same_as: str
    sure: bool
    across: bool = False
    by_reference: bool = False
    differs: bool = False


@dataclass(frozen=True, slots=True)
class _Rule:
    """One way to look for a payment.

    Attributes:
        key: what must be equal; None: there is nothing to look for.
        fits: what else must hold of all that was told of the payment.
        sure: then nobody need be asked.
    """

    key: Callable[[Sighting], Hashable]
    fits: Callable[[Sighting, Sequence[Sighting]], bool]
    sure: Callable[[Sighting, Sequence[Sighting]], bool]


def identify(
    arrived: Sequence[Sighting], booked: Sequence[Sighting], *, varies: bool
) -> list[Verdict]:
    """Return what of a file is in the books, or may be; what is not named is new.

    Args:
        arrived: of one file, in its order.
        booked: all that other files told of payments that may be the same.
        varies: the bank is known to give different entries different references.

    Source: P4.
    """
    books: dict[str, list[Sighting]] = defaultdict(list)
    for one in booked:
        books[one.key].append(one)
    verdicts: list[Verdict] = []
    left = list(arrived)
    # An entry's reference is all its transactions', and leads to them only where it may tell one.
    loosely = varies or any(one.channel == OCR for one in (*arrived, *booked))
    for rule in _rules(varies=varies, loosely=loosely):
        if not (left and books):
            break
        left = _looked_for(left, books, rule, verdicts, varies=varies)
    return verdicts


def _looked_for(
    arrived: list[Sighting],
    books: dict[str, list[Sighting]],
    rule: _Rule,
    verdicts: list[Verdict],
    *,
    varies: bool,
) -> list[Sighting]:
    """Take from the books what a rule finds there; return what it does not find."""
    by_key: dict[Hashable, dict[str, None]] = defaultdict(dict)
    for reference, sightings in books.items():
        for one in sightings:
            by_key[rule.key(one)][reference] = None
    left = []
    for one in arrived:
        key = rule.key(one)
        among = by_key.get(key, {}) if key is not None else {}
        same = next(
            (other for other in among if other in books and rule.fits(one, books[other])), None
        )
        if same is None:
            left.append(one)
            continue
        del among[same]
        found = books.pop(same)
        verdicts.append(
            Verdict(
                one.key,
                same,
                rule.sure(one, found),
                across=all(one.channel != other.channel for other in found),
                by_reference=any(_called_the_same(one, other, varies=varies) for other in found),
                differs=_called_differently(one, found, varies=varies),
            )
        )
    return left


def _rules(*, varies: bool, loosely: bool) -> Iterator[_Rule]:
    """Yield by what a payment is looked for, the strongest first."""
    # The same source says the same of it: in the same message, or in another one.
    yield _Rule(lambda one: (one.channel, one.identity, one.message), _always, _always)
    yield _Rule(
        lambda one: (one.channel, one.identity),
        _always,
        lambda one, _found: (
            one.copy
            or one.channel == STATEMENTS
            or (one.bank_reference is not None and not one.repeats and (one.own or varies))
        ),
    )
    # The same source says something else of it, under a reference of its own.
    yield _Rule(
        lambda one: (one.channel, one.booked_on, one.bank_reference) if one.own else None,
        lambda one, found: all(not differ(one, other) for other in found),
        lambda one, found: not one.repeats and not _same_message(one, found),
    )
    # A transmission of OCR giro that comes again with other numbers.
    yield _Rule(
        lambda one: (one.message, one.booked_on, one.account) if one.channel == OCR else None,
        lambda one, found: one.bank_reference is None and _same_message(one, found),
        _never,
    )

    # Another source tells of it: what they agree on comes first.
    def one_name(one: Sighting, found: Sequence[Sighting]) -> bool:
        return _elsewhere(one, found) and any(
            _called_the_same(one, other, varies=varies) for other in found
        )

    def enough(one: Sighting, found: Sequence[Sighting]) -> bool:
        return _told_enough(one, found) and not _called_differently(one, found, varies=varies)

    named = partial(_named, loosely=loosely)
    yield _Rule(lambda one: named(one) and (named(one), _payer(one)), one_name, _always)
    yield _Rule(named, one_name, _always)
    for told in (_account, _name, _text, _anything):
        yield _Rule(partial(_on_its_day, told), _elsewhere, enough)


def _named(one: Sighting, *, loosely: bool) -> str | None:
    return one.bank_reference if not one.repeats and (one.own or loosely) else None


def _account(one: Sighting) -> str | None:
    return plain_account(one.account) if one.account else None


def _name(one: Sighting) -> str | None:
    return " ".join(sorted(name_parts(one.name))) if one.name else None


def _text(one: Sighting) -> str | None:
    return folded(one.text) if one.text else None


def _anything(_one: Sighting) -> str | None:
    return "."


def _payer(one: Sighting) -> str | None:
    return _account(one) or _name(one) or _text(one)


def _on_its_day(told: Callable[[Sighting], str | None], one: Sighting) -> Hashable:
    said = told(one)
    return said and (one.booked_on, said)


def _always(_one: Sighting, _found: Sequence[Sighting]) -> bool:
    return True


def _never(_one: Sighting, _found: Sequence[Sighting]) -> bool:
    return False


def _same_message(one: Sighting, found: Sequence[Sighting]) -> bool:
    return any((one.channel, one.message) == (other.channel, other.message) for other in found)


def _elsewhere(one: Sighting, found: Sequence[Sighting]) -> bool:
    """Tell whether this source has not told of it yet, and nobody says that it is another."""
    return all(one.channel != other.channel and not differ(one, other) for other in found)


def _told_enough(one: Sighting, found: Sequence[Sighting]) -> bool:
    """Tell whether two sources agree on who has paid.

    A KID does not say that, nor a text: an invoice may be paid twice on a day, and each source tell
    of one of the two. A fee has no other end, and is what its text says.
    """
    return any(
        Alike.SAME in {like_accounts(one.account, other.account), like_names(one.name, other.name)}
        or (one.debit and _text(one) is not None and _text(one) == _text(other))
        for other in found
    )


_ARCHIVE = re.compile(r"[0-9]{1,9}", re.ASCII)
"""OCR giro's archive reference: what is written so elsewhere may be one, and nothing else is."""


def _called_the_same(one: Sighting, other: Sighting, *, varies: bool) -> bool:
    """Tell whether two sources call it the same, by a name that is not everybody's."""
    named = one.bank_reference is not None and one.bank_reference == other.bank_reference
    return named and not one.repeats and (one.own or other.own or varies)


def _called_differently(one: Sighting, found: Sequence[Sighting], *, varies: bool) -> bool:
    """Tell whether two sources have a name for it, of one kind, and not the same."""
    return not one.repeats and any(
        one.bank_reference != other.bank_reference and _of_one_kind(one, other, varies=varies)
        for other in found
    )


def _of_one_kind(one: Sighting, other: Sighting, *, varies: bool) -> bool:
    if OCR not in {one.channel, other.channel}:
        # An entry of a statement may be a batch of those of a notice.
        return one.own and other.own
    return all(
        (each.own or varies) and _ARCHIVE.fullmatch(each.bank_reference or "")
        for each in (one, other)
    )


def differ(one: Sighting, other: Sighting) -> bool:
    """Tell whether what two sources say of a payer can't be one person.

    OCR giro has no names, and each source writes texts in its own way: where accounts or names are
    the same a text says nothing.
    """
    accounts = like_accounts(one.account, other.account)
    if accounts is not Alike.UNTOLD:
        return accounts is Alike.OTHER
    names = like_names(one.name, other.name)
    if names is not Alike.UNTOLD:
        return names is Alike.OTHER
    if one.kid is None and one.text and other.text:
        return not _alike(folded(one.text), folded(other.text))
    return False


def _alike(one: str, other: str) -> bool:
    return one in other or other in one


def folded(text: str) -> str:
    """Return a text without case and without its blanks."""
    return "".join(text.casefold().split())
