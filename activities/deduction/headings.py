"""The row of headings of a return: which it is, and what is said where there is none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl.utils import get_column_letter

from activities.shared.csv_text import Row
from activities.shared.wrong_file import WrongFile
from schemas.deduction.list_file import COLUMNS, words_of
from schemas.deduction.plain_lines import PLAIN_HEADINGS, is_plain_line
from schemas.deduction.words import heading_in

MAX_ABOVE = 50
"""Rows above the headings."""


@dataclass(frozen=True)
class Headings:
    """By which headings a table is known.

    Attributes:
        known: all of them, folded.
        ids: one of these must stand there, and another one beside it.
        first: what the row begins with, for people.
        plain: what would stand above lines that are known without it; empty: none are.
    """

    known: frozenset[str]
    ids: frozenset[str]
    first: str
    plain: tuple[str, ...] = ()

    @property
    def missing(self) -> str:
        """What is said of a file without them."""
        return f"the row of headings is missing: it begins with {self.first}; write it above"


OF_A_LIST = Headings(
    frozenset(word for column in COLUMNS for word in words_of(column)),
    frozenset(
        word
        for column in COLUMNS
        if column.name in {"number", "national_id"}
        for word in words_of(column)
    ),
    COLUMNS[0].heading,
    PLAIN_HEADINGS,
)


@dataclass(frozen=True)
class Place:
    """A cell, as a spreadsheet names it: rows and columns from 1."""

    row: int
    column: int
    sheet: int = 1

    @property
    def name(self) -> str:
        """``I12``."""
        return f"{get_column_letter(self.column)}{self.row}"

    def __str__(self) -> str:
        """Return ``I12``, and which sheet unless it is the first."""
        return self.name if self.sheet == 1 else f"{self.name} of sheet {self.sheet}"


class WrongCell(WrongFile):
    """A file as a whole does not count because of one cell; see ``place``."""

    def __init__(self, place: Place, says: str) -> None:
        super().__init__(f"cell {place}: {says}")
        self.place = place


class NoHeadings(WrongCell):
    """No row of a sheet is that of the headings."""

    def __init__(self, place: Place, headings: Headings) -> None:
        super().__init__(place, headings.missing)


def without_headings(rows: Sequence[Row], place: int, headings: Headings) -> WrongFile:
    """Return why no row is that of the headings, and which one may be meant to be."""
    for number, row in enumerate(rows[: MAX_ABOVE + 1], 1):
        if _are_some(row, headings):
            says = f"the first heading is missing: write {headings.first} above its column"
            return WrongCell(Place(number, 1, place), says)
    return NoHeadings(Place(1, 1, place), headings)


def _are_some(row: Sequence[str], headings: Headings) -> bool:
    return len({heading_in(cell) for cell in row if cell} & headings.known) >= 2


def headings_at(rows: Sequence[Row], headings: Headings) -> int | None:
    """Return which row, from 1, is that of the headings."""
    for number, row in enumerate(rows[: MAX_ABOVE + 1], 1):
        if are_headings(row, headings):
            return number
    return None


def are_headings(row: Sequence[str], headings: Headings) -> bool:
    """Tell whether a row is that of the headings."""
    found = {heading_in(cell) for cell in row if cell} & headings.known
    return len(found) >= 2 and bool(found & headings.ids)


def is_line(row: Row, headings: Headings) -> bool:
    """Tell whether a row can only be a line, though no headings stand above it."""
    return bool(headings.plain) and is_plain_line(list(map(plain_cell, row)))


def first_line(rows: Sequence[Row], headings: Headings) -> int | None:
    """Return how many rows stand above the first line, where no headings do; None: it is none."""
    for number, row in enumerate(rows[:MAX_ABOVE]):
        if is_line(row, headings):
            return number
        # Headings that are not all there, or a line that can't be told, would be passed over.
        if _are_some(row, headings) or (row and _MEMBER.fullmatch(plain_cell(row[0]))):
            return None
    return None


_MEMBER = re.compile(r"[0-9]{1,8}")


_KEPT_AS_TEXT = re.compile(r'="(.*)"')


def plain_cell(text: str) -> str:
    """Return a cell without what keeps it a text in a spreadsheet: ``="00000001"``."""
    text = text.strip()
    kept = _KEPT_AS_TEXT.fullmatch(text) if text.startswith('="') else None
    return kept[1].strip() if kept is not None else text
