"""Whether two banks' words for who has paid can be one payer's: accounts and names (P4, P6)."""

from enum import StrEnum

from schemas.persons.folding import name_key, name_parts
from schemas.persons.names import ONE_NAME, compare_names


class Alike(StrEnum):
    """What two words for a payer say together.

    Members:
        MAYBE: neither the same nor plainly another's: cut off, or with fewer parts.
        UNTOLD: one of them is missing.
    """

    SAME = "same"
    MAYBE = "maybe"
    OTHER = "other"
    UNTOLD = "untold"


def plain_account(account: str) -> str:
    """Return an account by its letters and digits alone, a Norwegian IBAN without its head."""
    plain = "".join(char for char in account.upper() if char.isalnum())
    return plain[4:] if plain.startswith("NO") and len(plain) == 15 else plain


def like_accounts(one: str | None, other: str | None) -> Alike:
    """Compare the accounts that two sources tell."""
    if not one or not other:
        return Alike.UNTOLD
    return Alike.SAME if plain_account(one) == plain_account(other) else Alike.OTHER


def like_names(one: str | None, other: str | None) -> Alike:
    """Compare the names that two sources tell.

    Banks write names in capitals, the surname first, in letters a to z, and cut them off.
    """
    if not one or not other:
        return Alike.UNTOLD
    mine, theirs = (sorted(name_parts(each)) for each in (one, other))
    if mine == theirs or name_key(one) == name_key(other):
        return Alike.SAME
    if compare_names(one, other) in ONE_NAME or _cut_off(one, other) or _part(mine, theirs):
        return Alike.MAYBE
    return Alike.OTHER


_LEAST = 10
"""Letters of a name that is cut off: fewer are a first name."""


def _cut_off(one: str, other: str) -> bool:
    """Tell whether one name goes on where the other ends."""
    shorter, longer = sorted(("".join(name_parts(each)) for each in (one, other)), key=len)
    return len(shorter) >= _LEAST and longer.startswith(shorter)


def _part(mine: list[str], theirs: list[str]) -> bool:
    """Tell whether all parts of one name stand in the other: one of two holders of an account."""
    return set(mine) <= set(theirs) or set(theirs) <= set(mine)
