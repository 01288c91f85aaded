"""Reading the insurance office's answer, as spreadsheets make it: every line, or none of it."""

import re
from collections.abc import Sequence
from typing import Any

from activities.deduction.headings import Headings, Place
from activities.deduction.missing_headings import missing_heading
from activities.deduction.sheets import Sheet, formulas_without_value, read_sheets
from activities.shared.wrong_file import WrongFile
from schemas.deduction.heads import month_in
from schemas.deduction.words import folded, heading_in, names_a_sum
from schemas.insurance.answer import AnswerLine, CellFault, Column, Standing, columns_of, key_of
from schemas.insurance.columns import NUMBER, PERIOD

MOST_FAULTS = 50


class WrongCells(WrongFile):
    """Cells of an answer can't be read, and so nothing of it counts."""

    def __init__(self, faults: Sequence[CellFault]) -> None:
        super().__init__("cells can't be read")
        self.faults = tuple(faults)


_KEPT_AS_TEXT = re.compile(r'="(.*)"')


def read_answer(content: bytes, coverages: Sequence[str]) -> tuple[str, list[AnswerLine]]:
    """Return the month an answer is on, and its lines.

    Args:
        content: the file.
        coverages: all there are.

    Raises:
        WrongFile: nothing of it counts; a cell that is named says what to write.
    """
    columns = columns_of(coverages)
    known = Headings(
        frozenset(word for column in columns for word in _words_of(column)),
        frozenset(
            word for column in columns if column.name == "number" for word in _words_of(column)
        ),
        NUMBER,
    )
    sheets = read_sheets(content, known)
    if len(sheets) > 1:
        raise WrongFile(f"{len(sheets)} sheets hold an answer: send a file with one")
    sheet = sheets[0]
    places = _places(sheet, columns)
    period = _period(sheet)
    formulas = formulas_without_value(content, sheet)
    faults: list[CellFault] = []
    lines: list[AnswerLine] = []
    first: dict[str, AnswerLine] = {}
    given: dict[str, AnswerLine] = {}
    headings = [folded(cell) for cell in sheet.rows[sheet.above - 1]]
    for number, row in enumerate(sheet.below(), sheet.above + 1):
        cells = [_plain(cell) for cell in row]
        if not any(cells) or _is_sum(cells) or _is_remark(cells, places):
            continue
        if [folded(cell) for cell in cells] == headings:
            continue
        said = _said(number, cells, places, faults, sheet.place, formulas)
        if said is None:
            continue
        line = _line(number, said, coverages)
        same = first.get(line.number)
        if same is not None and same == line.model_copy(update={"line": same.line}):
            continue
        if same is not None:
            place = Place(number, _at(places, "number") + 1, sheet.place)
            faults.append(
                CellFault(
                    cell=str(place),
                    says=f"the member of line {same.line} stands there again: leave one",
                    stood=cells[_at(places, "number")],
                )
            )
        theirs = line.theirs and given.setdefault(key_of(line.theirs), line)
        if theirs and theirs is not line:
            at = _at(places, "theirs")
            faults.append(
                CellFault(
                    cell=str(Place(number, at + 1, sheet.place)),
                    says=f"line {theirs.line} has that number too: write each member's own, or "
                    "leave the column empty",
                    stood=cells[at],
                )
            )
        first.setdefault(line.number, line)
        lines.append(line)
    if faults:
        raise WrongCells(faults[:MOST_FAULTS])
    return period, lines


def _plain(text: str) -> str:
    kept = _KEPT_AS_TEXT.fullmatch(text.strip())
    return (kept[1] if kept is not None else text).strip()


def _is_sum(cells: Sequence[str]) -> bool:
    """Tell whether somebody has typed a sum below the lines."""
    return any(names_a_sum(cell) for cell in cells if cell)


def _is_remark(cells: Sequence[str], places: dict[int, Column]) -> bool:
    """Tell whether a row is words below the lines: one cell, and no number of a member."""
    filled = [cell for cell in cells if cell]
    at = _at(places, "number")
    number = cells[at] if at < len(cells) else ""
    return len(filled) == 1 and not any(char.isdecimal() for char in number)


def _words_of(column: Column) -> frozenset[str]:
    return frozenset(heading_in(heading) for heading in (column.heading, *column.others))


def _places(sheet: Sheet, columns: Sequence[Column]) -> dict[int, Column]:
    """Return which columns stand where, from 0.

    Raises:
        WrongFile: one is missing, or stands there twice.
    """
    found: dict[int, Column] = {}
    for known in (
        {heading_in(column.heading): column for column in columns},
        {word: column for column in columns for word in _words_of(column)},
    ):
        open_columns = [column for column in columns if column not in found.values()]
        for at, heading in enumerate(sheet.rows[sheet.above - 1]):
            column = known.get(heading_in(heading))
            if column not in open_columns or at in found:
                continue
            if column in found.values():
                cell = Place(sheet.above, at + 1, sheet.place)
                raise WrongFile(f"cell {cell}: the heading {column.heading} stands there twice")
            found[at] = column
    missing = [one.heading for one in columns if one.needed and one not in found.values()]
    if missing:
        raise missing_heading(sheet, missing, list(found))
    return found


def _period(sheet: Sheet) -> str:
    """Return the month that stands above the lines.

    Raises:
        WrongFile: none does, or it is none.
    """
    for number, row in enumerate(sheet.rows[: sheet.above - 1], 1):
        cells = [(at, _plain(cell)) for at, cell in enumerate(row, 1) if cell.strip()]
        label, colon, behind = cells[0][1].partition(":") if cells else ("", "", "")
        if folded(label) != folded(PERIOD):
            continue
        if colon and behind.strip():
            cells[1:] = [(cells[0][0], behind.strip())]
        at, text = cells[1] if len(cells) > 1 else (cells[0][0] + 1, "")
        month = month_in(text)
        if month is None:
            place = Place(number, at, sheet.place)
            fault = CellFault(cell=str(place), says="write the month, as 2026-12", stood=text)
            raise WrongCells([fault])
        return month
    raise WrongFile(f"{PERIOD} is missing: write it above the lines, and the month beside it")


def _said(
    number: int,
    cells: Sequence[str],
    places: dict[int, Column],
    faults: list[CellFault],
    sheet: int,
    formulas: frozenset[tuple[int, int]],
) -> dict[str, Any] | None:
    """Return what a line says by column; None: a cell of it can't be read."""
    said: dict[str, Any] = {}
    before = len(faults)
    for at, column in places.items():
        text = cells[at] if at < len(cells) else ""
        value = column.parse(text) if text or column.needed else None
        said[column.name] = value
        if value is None and (text or column.needed):
            formula = " in place of the formula" if (number, at + 1) in formulas else ""
            says = f"{column.heading} can't be read: write {column.write}{formula}"
            faults.append(
                CellFault(cell=str(Place(number, at + 1, sheet)), says=says, stood=text[:40])
            )
    return said if len(faults) == before else None


def _line(number: int, said: dict[str, Any], coverages: Sequence[str]) -> AnswerLine:
    covered = said["standing"] is Standing.COVERED
    return AnswerLine(
        line=number,
        number=said["number"],
        standing=said["standing"],
        coverages=tuple(name for name in coverages if said[name]) if covered else (),
        premium_ore=said["premium"],
        birth_date=said.get("born"),
        theirs=said.get("theirs"),
    )


def _at(places: dict[int, Column], name: str) -> int:
    return next(at for at, column in places.items() if column.name == name)
