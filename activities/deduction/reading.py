"""Reading an employer's return: which sheet, which columns, which rows. It knows no member."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from activities.deduction.headings import Place, WrongCell, plain_cell
from activities.deduction.missing_headings import missing_heading
from activities.deduction.sheets import MAX_LINES, Sheet, formulas_without_value, read_sheets
from activities.shared.csv_text import Row
from activities.shared.wrong_file import WrongFile
from schemas.deduction.answers import RowKind, kind_of
from schemas.deduction.heads import tidied
from schemas.deduction.list_file import COLUMNS, HEADINGS, Column, headings_of, words_of
from schemas.deduction.words import folded, heading_in

_LABELS = {folded(label): label for label in HEADINGS}


@dataclass(frozen=True)
class Head:
    """What stands above the lines beside a label, and where."""

    text: str
    place: Place


@dataclass(frozen=True)
class Table:
    """A return as it was read.

    Attributes:
        sheet: where it stands.
        heads: what stands above the lines, by its heading.
        columns: those of ours that stand there, by where, from 0.
        width: of the row of headings.
    """

    sheet: Sheet
    heads: Mapping[str, Head]
    columns: Mapping[int, Column]
    width: int

    @property
    def encoding(self) -> str:
        """What it was read as."""
        return self.sheet.encoding

    @property
    def above(self) -> int:
        """How many rows stand above the lines, with the headings."""
        return self.sheet.above

    @property
    def copied(self) -> list[str] | None:
        """The names of the columns of a CSV that holds ours and no others, in its order."""
        plain = self.sheet.text is not None and not self.sheet.wrapped
        if not plain or list(self.columns) != list(range(self.width)):
            return None
        return [column.name for column in self.columns.values()]

    def place(self, line: int, name: str) -> Place:
        """Return the cell of a column, or of the first one if it does not stand there."""
        at = next((place for place, column in self.columns.items() if column.name == name), 0)
        return Place(line, at + 1, self.sheet.place)

    def lines(self) -> list[tuple[int, Row]]:
        """Return the number of each line as a spreadsheet counts, and a cell to each column.

        Raises:
            WrongFile: the lines are not all those of one table.
        """
        lines = []
        for number, row in enumerate(self.sheet.below(), self.above + 1):
            cells = [plain_cell(cell) for cell in row]
            if not any(cells):
                continue
            if self.sheet.text is not None and any(cells[self.width :]):
                raise WrongCell(
                    Place(number, self.width + 1),
                    f"line {number} has more cells than there are headings: an amount with a "
                    "comma, or a name with the separator, must stand in quotation marks",
                )
            cells = self._ordered(cells)
            self._check_formulas(number, cells)
            lines.append((number, cells))
        if len(lines) > MAX_LINES:
            raise WrongFile(f"the file has more than {MAX_LINES} lines")
        return lines

    def _ordered(self, cells: Sequence[str]) -> Row:
        """Return a cell to each of ``COLUMNS``; of a column that does not stand there it is empty.

        Of what stands elsewhere only remarks are kept, in the place of a name: see ``kind_of``.
        """
        found = {
            column.name: cells[place]
            for place, column in self.columns.items()
            if place < len(cells)
        }
        if not any(found.values()):
            found["name"] = next(cell for cell in cells if cell)
        return [found.get(column.name, "") for column in COLUMNS]

    def _check_formulas(self, number: int, cells: Row) -> None:
        """Refuse a line with a formula that nobody has worked out.

        Raises:
            WrongCell: what to write instead.
        """
        for row, column in self.sheet.formulas:
            if row == number and column - 1 in self.columns and kind_of(cells) is RowKind.LINE:
                place = Place(row, column, self.sheet.place)
                raise WrongCell(place, "it holds a formula and no value: write the amount")


def heads_in(content: bytes) -> Mapping[str, Head]:
    """Return what stands above the lines of a file that is no list for another reason."""
    try:
        return _heads(_the_list(read_sheets(content)))
    except WrongFile:
        return {}


def read_report(content: bytes, columns: Sequence[Column] = COLUMNS) -> Table:
    """Read what stands above a return's lines; they themselves are read when asked for.

    Args:
        content: the file.
        columns: which may stand there, in any order, among others.

    Raises:
        WrongFile: it is not what we sent out, filled in; not one line counts.
    """
    sheet = _the_list(read_sheets(content))
    sheet = replace(sheet, formulas=formulas_without_value(content, sheet))
    return _table(sheet, columns)


def _table(sheet: Sheet, columns: Sequence[Column]) -> Table:
    found = [cell.strip() for cell in sheet.headings]
    return Table(sheet, _heads(sheet), _columns(found, sheet, columns), len(found))


def _the_list(sheets: list[Sheet]) -> Sheet:
    """Return the only sheet with a list, or the only one that is filled in and can be seen.

    Raises:
        WrongFile: there are several.
    """
    if len(sheets) == 1:
        return sheets[0]
    filled = [sheet for sheet in sheets if _is_filled(sheet)]
    if any(sheet.shown for sheet in filled):
        filled = [sheet for sheet in filled if sheet.shown]
    if len(filled) > 1:
        raise WrongFile(
            f"{len(filled)} sheets of the workbook hold a list that is filled in: send a file for "
            "each"
        )
    return filled[0] if filled else sheets[0]


def _is_filled(sheet: Sheet) -> bool:
    """Tell whether somebody has answered a line."""
    answers = {word for column in COLUMNS if column.value_of is None for word in words_of(column)}
    places = [
        place for place, heading in enumerate(sheet.headings) if heading_in(heading) in answers
    ]
    return any(row[place].strip() for row in sheet.below() for place in places if place < len(row))


def _heads(sheet: Sheet) -> dict[str, Head]:
    """Return what stands above the lines; what is nothing of ours is passed over."""
    above: dict[str, Head] = {}
    for label, head in _labelled(sheet):
        if label in above and tidied(above[label].text) != tidied(head.text):
            raise WrongCell(
                head.place,
                f"line {head.place.row}: {label} stands there twice: delete the wrong one",
            )
        above.setdefault(label, head)
    return above


def _labelled(sheet: Sheet) -> Iterator[tuple[str, Head]]:
    """Yield each label above the lines with what stands in its cell, behind it, or below it."""
    rows = sheet.heads
    for number, row in enumerate(rows, 1):
        cells = [(place, plain_cell(cell)) for place, cell in enumerate(row, 1) if cell.strip()]
        labels = [_label_in(text) for _, text in cells]
        is_value = False
        for at, (place, _) in enumerate(cells):
            label, said = labels[at]
            if label is None or is_value:
                is_value = False
            elif said:
                yield label, Head(said, Place(number, place, sheet.place))
            elif at + 1 < len(cells) and (labels[at + 1][0] is None or labels[at + 1][1]):
                is_value = True
                yield label, Head(cells[at + 1][1], Place(number, cells[at + 1][0], sheet.place))
            elif len(cells) > 1 and number < len(rows):
                below = rows[number][place - 1 : place]
                text = plain_cell(below[0]) if below else ""
                yield label, Head(text, Place(number + 1, place, sheet.place))
            else:
                yield label, Head("", Place(number, place + 1, sheet.place))


def _label_in(text: str) -> tuple[str | None, str]:
    """Return the label that a cell begins with, and what follows it there: ``KID: 2000…``."""
    before, colon, said = text.partition(":")
    if not colon or folded(before) not in _LABELS:
        before = re.split(r"[0-9]", text, maxsplit=1)[0]
        said = text[len(before) :]
    return _LABELS.get(folded(before)), said.strip()


def _columns(found: Sequence[str], sheet: Sheet, columns: Sequence[Column]) -> dict[int, Column]:
    """Return which columns of ours stand where.

    Raises:
        WrongCell: one stands there twice, or one is missing without which nothing can be told.
    """
    present: dict[int, Column] = {}
    for known in (
        {folded(column.heading): column for column in columns},
        {word: column for column in columns for word in words_of(column)},
    ):
        # In other words only what does not stand there in ours: others have columns of their own.
        open_columns = [column for column in columns if column not in present.values()]
        for place, heading in enumerate(found):
            column = known.get(heading_in(heading))
            if column not in open_columns or place in present:
                continue
            if column in present.values():
                at = Place(sheet.above, place + 1, sheet.place)
                raise WrongCell(at, f"the heading {column.heading} stands there twice: leave one")
            present[place] = column
    _check_columns(present, sheet, columns)
    return present


def _check_columns(present: Mapping[int, Column], sheet: Sheet, columns: Sequence[Column]) -> None:
    names = [column.name for column in present.values()]
    wanted = [column for column in columns if column.value_of is None and column.name not in names]
    if not {"number", "national_id"} & set(names):
        wanted = [column for column in columns if column.name == "number"]
    if wanted:
        raise missing_heading(sheet, headings_of(wanted), list(present))
