"""The insurance office's answer: what its lines say, and where it differs from our books. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from pydantic import Field

from schemas.deduction.list_file import MAX_AMOUNT, amount_ore
from schemas.deduction.words import composed, folded
from schemas.insurance.columns import BORN, NUMBER, PREMIUM, called
from schemas.shared.base import Contract, Day, Ore

STATUS, THEIRS = "Status", "Polisenummer"

Cover = tuple[str, ...]


class Standing(StrEnum):
    """What the office says of a member."""

    COVERED = "covered"
    NOT_COVERED = "not_covered"


_STANDINGS = {
    folded(word): standing
    for standing, words in {
        Standing.COVERED: (
            "DEKKET", "dekka", "dekning", "inn", "innmeldt", "med", "aktiv", "forsikret",
            "forsikra", "endret", "endra", "covered", "in", "active", "ja",
        ),
        Standing.NOT_COVERED: (
            "IKKE DEKKET", "ikkje dekka", "ut", "utmeldt", "utgått", "reservert", "opphørt",
            "avsluttet", "avslutta", "inaktiv", "not covered", "out", "reserved", "nei", "død",
        ),
    }.items()
    for word in words
}  # fmt: skip

_YES = {folded(word) for word in ("JA", "yes", "x", "true", "sann")}
_NO = {folded(word) for word in ("NEI", "no", "false", "usann")} | {""}


class AnswerLine(Contract):
    """A line of the answer.

    Attributes:
        line: as a spreadsheet counts.
        number: without zeros in front, which a spreadsheet drops.
        coverages: in the rulebook's order.
        premium_ore: a month; None: it says nothing of it.
        theirs: the number the office has given the member.
    """

    line: int
    number: str
    standing: Standing
    coverages: tuple[str, ...] = ()
    premium_ore: Ore | None = None
    birth_date: Day | None = None
    theirs: str | None = None


@dataclass(frozen=True)
class Column:
    """A column of the answer, and what is to be written where a cell can't be read.

    Attributes:
        others: headings that are read where ``heading`` does not stand there.
    """

    name: str
    heading: str
    parse: Callable[[str], object]
    write: str
    needed: bool = True
    others: tuple[str, ...] = field(default=())


def key_of(number: str) -> str:
    """Return a member's number as numbers are compared: what a spreadsheet leaves of it."""
    plain = re.sub(r"[\s']", "", composed(number)).upper()
    plain = re.sub(r"^([0-9]+)[.,]0+$", r"\1", plain)
    return plain.lstrip("0") or plain


def _number(text: str) -> str | None:
    found = key_of(text)
    return found if re.fullmatch(r"[0-9A-Z-]{1,20}", found) and found != "0" else None


def _theirs(text: str) -> str | None:
    plain = re.sub(r"[\s']", "", composed(text)).upper()
    return plain if re.fullmatch(r"[0-9A-Z-]{1,20}", plain) else None


def _standing(text: str) -> Standing | None:
    return _STANDINGS.get(folded(text))


def _yes(text: str) -> bool | None:
    plain = folded(text) if not composed(text).isdecimal() else composed(text)
    if plain in _YES or plain == "1":
        return True
    return False if plain in _NO or plain == "0" else None


def _premium(text: str) -> int | None:
    found = amount_ore(text.lstrip("'")) if len(text) <= MAX_AMOUNT else None
    return found if found is None or found >= 0 else None


_FIRST_SERIAL = date(1899, 12, 30)


def _day(text: str) -> date | None:
    """Return a day as it is written in Norway or by a spreadsheet; none with two-digit years."""
    plain = composed(text).lstrip("'")
    if re.fullmatch(r"[0-9]{4,5}([.,]0+)?", plain):
        return _FIRST_SERIAL + timedelta(days=int(re.split("[.,]", plain)[0]))
    for pattern in (
        r"(?P<y>[0-9]{4})-(?P<m>[0-9]{1,2})-(?P<d>[0-9]{1,2})(?:[ T].*)?",
        r"(?P<d>[0-9]{1,2})[. ]{1,2}(?P<m>[0-9]{1,2})[. ]{1,2}(?P<y>[0-9]{4})",
        r"(?P<d>[0-9]{1,2})-(?P<m>[0-9]{1,2})-(?P<y>[0-9]{4})",
    ):
        read = re.fullmatch(pattern, plain)
        if read is not None:
            try:
                return date(int(read["y"]), int(read["m"]), int(read["d"]))
            except ValueError:
                return None
    return None


def columns_of(coverages: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns of an answer, in the order in which they are asked for."""
    return (
        Column(
            "number",
            NUMBER,
            _number,
            "the member's number as in our file, as 00001234",
            others=("Medlemsnr", "Medlem nr", "Medl.nr"),
        ),
        Column(
            "standing",
            STATUS,
            _standing,
            "DEKKET or IKKE DEKKET",
            others=("Endring", "Dekningsstatus"),
        ),
        *(Column(name, called(name), _yes, "JA or NEI") for name in coverages),
        Column(
            "premium",
            PREMIUM,
            _premium,
            "kroner a month, as 200,00",
            others=("Premie", "Månedspremie", "Premie pr måned", "Premie pr mnd"),
        ),
        Column("born", BORN, _day, "a day, as 1986-04-12", needed=False, others=("Født",)),
        Column(
            "theirs",
            THEIRS,
            _theirs,
            "letters, digits and hyphens",
            needed=False,
            others=("Polisenr",),
        ),
    )


@dataclass(frozen=True)
class Expected:
    """What the office has been told of a member, for a month.

    Attributes:
        coverages: what holds; nothing: the member is not to be there.
    """

    membership_id: str
    birth_date: date
    coverages: Cover
    premium_ore: int


class Matter(StrEnum):
    """In what the office and we differ."""

    UNKNOWN = "unknown"
    MISSING = "missing"
    COVER = "cover"
    PREMIUM = "premium"
    BIRTH_DATE = "birth_date"
    NUMBER = "number"
    WHICH = "which"


class Difference(Contract):
    """One difference: a task, under a key that is the same every month.

    Attributes:
        line: of the answer; None: it has none of the member.
        membership_id: None: nobody of ours.
        number: of somebody whom we don't know, as the key has it; never told in a text.
    """

    matter: Matter
    line: int | None = None
    membership_id: str | None = None
    number: str | None = None


ByNumber = Mapping[str, Sequence[Expected]]
"""Everybody who was told of, by each number that a line may have of the member.

A number of the office's may be one that we gave somebody else, later or before.
"""


def meant(line: AnswerLine, expected: ByNumber) -> Expected | None:
    """Return whom a line is of: by the number, and where several have it by the birth date."""
    found = expected.get(line.number, ())
    born = [one for one in found if one.birth_date == line.birth_date]
    if len(found) > 1 and len(born) == 1:
        return born[0]
    return found[0] if len(found) == 1 else None


def differences(expected: ByNumber, lines: Iterable[AnswerLine]) -> tuple[Difference, ...]:
    """Return where an answer differs from what the office was told; of each member it has a line.

    Source: S9, invariant 5.
    """
    found: list[Difference] = []
    answered: set[str] = set()
    for line in lines:
        ours = meant(line, expected)
        several = expected.get(line.number, ())
        if ours is None and several:
            answered.update(one.membership_id for one in several)
            found.append(Difference(matter=Matter.WHICH, line=line.line, number=line.number))
            continue
        if ours is not None:
            answered.add(ours.membership_id)
        found += _of_line(line, ours)
    everybody = (one for several in expected.values() for one in several)
    for ours in {one.membership_id: one for one in everybody}.values():
        if ours.coverages and ours.membership_id not in answered:
            found.append(Difference(matter=Matter.MISSING, membership_id=ours.membership_id))
    return tuple(found)


def _of_line(line: AnswerLine, ours: Expected | None) -> list[Difference]:
    has = line.standing is Standing.COVERED
    if ours is None or not ours.coverages:
        whose = ours.membership_id if ours is not None else None
        unknown = Difference(
            matter=Matter.UNKNOWN, line=line.line, membership_id=whose, number=line.number
        )
        return [unknown] if has else []
    if not has:
        missing = Matter.MISSING
        return [Difference(matter=missing, line=line.line, membership_id=ours.membership_id)]
    wrong = (
        (Matter.COVER, line.coverages != ours.coverages),
        (Matter.PREMIUM, line.premium_ore not in {None, ours.premium_ore}),
        (Matter.BIRTH_DATE, line.birth_date not in {None, ours.birth_date}),
    )
    return [
        Difference(matter=matter, line=line.line, membership_id=ours.membership_id)
        for matter, differs in wrong
        if differs
    ]


class CellFault(Contract):
    """A cell that can't be read; ``stood`` is for whoever has the file, and kept nowhere."""

    cell: str
    says: str
    stood: str = ""


class AnswerReport(Contract):
    """What became of an answer.

    Attributes:
        outcome: ``applied`` or ``refused``.
        differences: by matter, how many.
        agreed: how many differences are over since the answer before.
        numbers: how many members have got a number of the office's.
        reasons: why it was refused as a whole.
    """

    outcome: str
    period: str | None = None
    lines: int = 0
    differences: dict[Matter, int] = Field(default_factory=dict)
    agreed: int = 0
    numbers: int = 0
    reasons: tuple[str, ...] = ()
    faults: tuple[CellFault, ...] = ()
    taken_before: bool = False
