"""In what two names are alike."""

from rapidfuzz.distance import OSA

from schemas.persons.folding import name_key, name_parts
from schemas.persons.likeness import Sign

ONE_NAME = frozenset(
    {Sign.NAME, Sign.NAME_LETTERS, Sign.NAME_ORDER, Sign.NAME_PARTS, Sign.NAME_TYPO}
)
"""Two spellings of one name."""

STRONGEST_FIRST = (
    Sign.NAME,
    Sign.NAME_LETTERS,
    Sign.NAME_ORDER,
    Sign.NAME_PARTS,
    Sign.NAME_TYPO,
    Sign.FIRST_NAME,
    Sign.OTHER_MIDDLE_NAME,
    Sign.FIRST_NAME_TYPO,
    Sign.SURNAME,
)

_TYPOS = ((8, 2), (4, 1))
"""How many typing errors a part of a name may have, by its letters: Ola and Ole are two names."""

Parts = tuple[str, ...]


def compare_names(one: str, other: str) -> Sign | None:
    """Return the strongest sign that two names are one person's, or None."""
    if name_key(one) == name_key(other):
        return Sign.NAME
    a, b = name_parts(one), name_parts(other)
    return _as_a_whole(a, b) or _by_parts(a, b)


def _as_a_whole(a: Parts, b: Parts) -> Sign | None:
    if "".join(a) == "".join(b):
        return Sign.NAME_LETTERS
    if sorted(a) == sorted(b):
        return Sign.NAME_ORDER
    fewer = min(set(a), set(b), key=len)
    if len(fewer) > 1 and fewer == set(a) & set(b):
        return Sign.NAME_PARTS
    return None


def _by_parts(a: Parts, b: Parts) -> Sign | None:
    """Compare first names and surnames, as they stand and turned round."""
    first, last = _errors(a[0], b[0]), _errors(a[-1], b[-1])
    if first == last == 0:
        return Sign.NAME_TYPO if _alike(a, b) else Sign.OTHER_MIDDLE_NAME
    if first == 0:
        return Sign.FIRST_NAME if last is None else Sign.NAME_TYPO
    if first is not None and last is not None:
        return Sign.FIRST_NAME_TYPO
    if _errors(a[0], b[-1]) is not None and _errors(a[-1], b[0]) is not None:
        return Sign.NAME_TYPO
    return Sign.SURNAME if last == 0 else None


def _alike(a: Parts, b: Parts) -> bool:
    pairs = zip(a, b, strict=False)
    return len(a) == len(b) and all(_errors(*pair) is not None for pair in pairs)


def _errors(one: str, other: str) -> int | None:
    """Return how many typing errors lie between two parts of a name; None: they are two."""
    shorter = min(len(one), len(other))
    allowed = next((errors for letters, errors in _TYPOS if shorter >= letters), 0)
    distance = OSA.distance(one, other, score_cutoff=allowed)
    return distance if distance <= allowed else None
