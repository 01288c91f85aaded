"""Whether two people are one: what they are alike in, and how sure that makes it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import TypeVar

from schemas.letters.addresses import email_key
from schemas.membership.identity import is_d_number
from schemas.persons.folding import address_key
from schemas.persons.likeness import Certainty, Likeness, Sign
from schemas.persons.names import ONE_NAME, STRONGEST_FIRST, compare_names

Kept = TypeVar("Kept")

CONTACT = frozenset({Sign.EMAIL, Sign.PHONE, Sign.ADDRESS})
OWN_CONTACT = frozenset({Sign.EMAIL, Sign.PHONE})
"""A family has one address; an e-mail address or a phone is more of one's own."""

LESS_THAN_CERTAIN = frozenset({Sign.D_NUMBER, Sign.EARLIER_NAME, Sign.EARLIER_EMAIL})
"""What the constraint ``members_one_per_person`` does not see: the present row, without numbers."""

OTHER_FIRST_NAME = frozenset({Sign.SURNAME, Sign.FIRST_NAME_TYPO, Sign.OTHER_MIDDLE_NAME})
"""With the same birth date and a way to reach both, it may be twins: Marius and Markus."""


@dataclass(frozen=True)
class Particulars:
    """What is known of somebody, to compare by.

    Attributes:
        names: the present one first, then those from before.
        emails: in the same order, as phones and addresses.
        phones: in E.164.
        addresses: street and number, and postcode.
    """

    birth_date: date
    names: tuple[str, ...]
    national_id: str | None = None
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    addresses: tuple[tuple[str, str], ...] = ()


def liken(one: Particulars, other: Particulars) -> Likeness | None:
    """Return how two people are alike, or None where nothing says that they may be one.

    Args:
        one: what is known of the one, in any order: the answer is the same.
        other: of the other.

    Source: N8.
    """
    signs = (
        *_ids(one.national_id, other.national_id),
        *_births(one.birth_date, other.birth_date),
        *_names(one.names, other.names),
        *_contacts(one, other),
    )
    found = frozenset(signs)
    certainty = _certainty(found)
    if certainty is None:
        return None
    twins = (Sign.TWINS,) if _twins(found) else ()
    return Likeness(certainty=certainty, signs=(*signs, *twins))


def _certainty(found: frozenset[Sign]) -> Certainty | None:
    if Sign.NATIONAL_ID in found:
        return Certainty.CERTAIN
    if Sign.BIRTH_DATE not in found:
        return _by_mistaken_birth_date(found)
    if Sign.OTHER_NATIONAL_ID in found:
        # A number may be replaced, but two of them also prove that twins are two.
        return Certainty.POSSIBLE if _one_name(found) else None
    if found >= {Sign.NAME, Sign.EMAIL} and found.isdisjoint(LESS_THAN_CERTAIN):
        return Certainty.CERTAIN
    if found & CONTACT:
        same = _one_name(found) or Sign.FIRST_NAME in found
        return Certainty.LIKELY if same else Certainty.POSSIBLE
    spelt = _one_name(found) or found & {Sign.FIRST_NAME_TYPO, Sign.OTHER_MIDDLE_NAME}
    return Certainty.POSSIBLE if spelt else None


def _by_mistaken_birth_date(found: frozenset[Sign]) -> Certainty | None:
    mistaken = found & {Sign.BIRTH_DATE_SWAPPED, Sign.BIRTH_DATE_DIGIT}
    if mistaken and Sign.OTHER_NATIONAL_ID not in found and found & OWN_CONTACT:
        return Certainty.POSSIBLE if _one_name(found) else None
    return None


def _one_name(found: frozenset[Sign]) -> bool:
    return not found.isdisjoint(ONE_NAME)


def _twins(found: frozenset[Sign]) -> bool:
    reached = Sign.BIRTH_DATE in found and found & CONTACT
    return bool(reached and found & OTHER_FIRST_NAME) and Sign.NATIONAL_ID not in found


def _ids(one: str | None, other: str | None) -> tuple[Sign, ...]:
    if one is None or other is None:
        return ()
    if one == other:
        return (Sign.NATIONAL_ID,)
    # Somebody who came to the country has a D-number first, and may be given a national id.
    replaced = is_d_number(one) is not is_d_number(other)
    return (Sign.D_NUMBER if replaced else Sign.OTHER_NATIONAL_ID,)


def _births(one: date, other: date) -> tuple[Sign, ...]:
    if one == other:
        return (Sign.BIRTH_DATE,)
    if (one.year, one.month, one.day) == (other.year, other.day, other.month):
        return (Sign.BIRTH_DATE_SWAPPED,)
    pairs = zip(one.isoformat(), other.isoformat(), strict=True)
    return (Sign.BIRTH_DATE_DIGIT,) if sum(a != b for a, b in pairs) == 1 else ()


def _names(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[Sign, ...]:
    """Return the strongest sign, and whether it takes a name from before to see it."""
    present = compare_names(one[0], other[0])
    ever = {compare_names(*pair) for pair in product(one, other)}
    strongest = next((sign for sign in STRONGEST_FIRST if sign in ever), None)
    if strongest is None:
        return ()
    return (strongest,) if strongest is present else (strongest, Sign.EARLIER_NAME)


def _contacts(one: Particulars, other: Particulars) -> Iterator[Sign]:
    if _share(one.emails, other.emails, email_key):
        yield Sign.EMAIL
        if not _share(one.emails[:1], other.emails[:1], email_key):
            yield Sign.EARLIER_EMAIL
    if _share(one.phones, other.phones, str):
        yield Sign.PHONE
    if _share(one.addresses, other.addresses, lambda place: address_key(*place)):
        yield Sign.ADDRESS


def _share(one: Iterable[Kept], other: Iterable[Kept], key: Callable[[Kept], str]) -> bool:
    return not set(map(key, one)).isdisjoint(map(key, other))
