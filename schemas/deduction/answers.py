"""What the lines of a return say, taken together: answers, faults, what is asked about. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from schemas.deduction.list_file import COLUMNS, cell, said, words_of
from schemas.deduction.words import heading_in, names_a_count, names_a_sum


class RowKind(StrEnum):
    """What a row below the headings is.

    Members:
        LINE: it is about somebody.
        SUM: somebody has added up the lines.
        REMARK: it names nobody of the list and says nothing that is asked for.
        HEADINGS: those of the columns once more, as each printed page has them.
    """

    LINE = "line"
    SUM = "sum"
    REMARK = "remark"
    HEADINGS = "headings"


_ANSWERS = [column for column in COLUMNS if column.value_of is None]
_IDS = ("number", "national_id")
_SAID = ("total", "deducted", "reason")


def kind_of(row: Sequence[str]) -> RowKind:
    """Tell a line from a typed sum and from a remark below the table. D9.

    Args:
        row: a cell to each of ``COLUMNS``.
    """
    if _is_typed_sum(row):
        return RowKind.SUM
    if any(_is_id(row, name) for name in _IDS):
        return RowKind.LINE
    if all(heading_in(cell(row, column.name)) in words_of(column) for column in _ANSWERS):
        return RowKind.HEADINGS
    words = [cell(row, column.name) for column in COLUMNS]
    if any(map(names_a_count, words)):
        return RowKind.REMARK
    if any(map(names_a_sum, words)):
        return RowKind.SUM
    if not any(cell(row, name) for name in _SAID):
        return RowKind.REMARK
    if any(cell(row, name) for name in (*_IDS, "name", "code", "reason")):
        return RowKind.LINE
    amounts = cell(row, "total") + cell(row, "deducted")
    return RowKind.SUM if any(map(str.isdigit, amounts)) else RowKind.REMARK


def _is_typed_sum(row: Sequence[str]) -> bool:
    """Tell whether a row has a word for a sum and one amount, wherever that was typed."""
    filled = [text for text in row if text]
    return len(filled) == 2 and names_a_sum(filled[0])


def _is_id(row: Sequence[str], name: str) -> bool:
    """Tell whether a cell holds a number, or what a spreadsheet made of one (1,28E+10)."""
    text = cell(row, name)
    found = said(row, name)
    whole = isinstance(found, str) and found.isdecimal()
    return whole or (text[:1].isdecimal() and "E+" in text.upper())


@dataclass(frozen=True)
class SaidLine:
    """A line of a return as it was read. Amounts in øre.

    Attributes:
        member: whose line of the list it is; None: nobody's.
        listed_ore: what the list asks for.
        asked_ore: what the line says that was asked for.
        fault: what of it can't be read.
    """

    line: int
    member: str | None
    listed_ore: int
    asked_ore: int | None
    deducted_ore: int | None
    reason: str | None
    fault: str | None = None


@dataclass(frozen=True)
class Answer:
    """What an employer says of a member; ``line`` is the first that says it."""

    line: int
    member: str
    deducted_ore: int
    reason: str | None


@dataclass(frozen=True)
class Judged:
    """What lines come to.

    Attributes:
        counted: how many lines are answers.
        unanswered: how many are left open.
        faults: by line, what does not count.
    """

    answers: tuple[Answer, ...]
    counted: int
    unanswered: int
    faults: tuple[tuple[int, str], ...]


def judge(lines: Iterable[SaidLine], factor: int, *, meant: bool = False) -> Judged:
    """Judge the lines of a return.

    Several lines of one person are added up if they come to what the list asks for, also where one
    takes back what another has too much. Lines that say the same are one; any others stand side by
    side, and contradict each other.

    Args:
        lines: in their order.
        factor: so many times what was asked for, or so many parts of it, can't be meant.
        meant: somebody has asked, and what can't be meant was meant.

    Source: D5, D9.
    """
    faults: list[tuple[int, str]] = []
    answers: list[Answer] = []
    unanswered = counted = 0
    lines = list(lines)
    most = max((line.listed_ore for line in lines), default=0)
    persons: defaultdict[object, list[SaidLine]] = defaultdict(list)
    for line in lines:
        persons[line.member or line.line].append(line)
    for own in persons.values():
        together = _added_up(own)
        if together is not None:
            answers.append(together)
            counted += len(own)
            continue
        for line, fault in _faults(own, factor, most, meant=meant):
            if fault is not None:
                faults.append((line.line, fault))
            elif line.deducted_ore is None or line.member is None:
                unanswered += 1
            else:
                answers.append(Answer(line.line, line.member, line.deducted_ore, line.reason))
                counted += 1
    return Judged(tuple(answers), counted, unanswered, tuple(sorted(faults)))


def _added_up(own: Sequence[SaidLine]) -> Answer | None:
    """Return what the lines of a person come to together, if that is what was asked for.

    Two equal lines with a reason are one line twice, not two parts.
    """
    first = own[0]
    if len(own) == 1 or first.member is None or any(line.fault for line in own):
        return None
    parts = [line.deducted_ore for line in own if line.deducted_ore is not None]
    if len(parts) < len(own) or 0 in parts or sum(parts) != first.listed_ore:
        return None
    if len({(line.deducted_ore, line.reason) for line in own}) == 1 and first.reason:
        return None
    asked = [line.asked_ore for line in own if line.asked_ore is not None]
    if any(ore != first.listed_ore for ore in asked) and sum(asked) != first.listed_ore:
        return None
    return Answer(first.line, first.member, first.listed_ore, None)


def _faults(
    own: Sequence[SaidLine], factor: int, most_ore: int, *, meant: bool
) -> list[tuple[SaidLine, str | None]]:
    """Return what is wrong with each line of a person: of one alone nothing can be told."""
    found = [(line, _fault(line, factor, most_ore, meant=meant)) for line in own]
    if all(fault is None for _, fault in found):
        return found
    return [
        (line, fault or (None if line.deducted_ore is None else "contradicts"))
        for line, fault in found
    ]


def _fault(line: SaidLine, factor: int, most_ore: int, *, meant: bool) -> str | None:
    if line.member is None:
        return "unknown_person"
    if line.fault is not None:
        return line.fault
    if line.asked_ore is not None and line.asked_ore != line.listed_ore:
        return "asked_changed"
    if line.deducted_ore is None:
        return None
    if line.deducted_ore < min(line.listed_ore, 0):
        return "negative"
    if not meant and is_implausible(line.deducted_ore, line.listed_ore, factor, most_ore):
        return "amount_implausible"
    short = line.deducted_ore < line.listed_ore and line.reason is None
    return "reason_missing" if short else None


def is_implausible(deducted_ore: int, listed_ore: int, factor: int, most_ore: int) -> bool:
    """Tell whether an amount can't be meant: øre written as kroner, or the reverse. D9.

    Args:
        deducted_ore: what is said to have been deducted.
        listed_ore: what was asked for.
        factor: so many times that, or so many parts of it.
        most_ore: what was asked for of anybody, for whom nothing was asked for.
    """
    asked = listed_ore if listed_ore > 0 else most_ore
    if deducted_ore <= 0 or asked <= 0:
        return False
    return deducted_ore >= asked * factor or (listed_ore > 0 and deducted_ore * factor <= asked)
