"""Reading an employer's report: CSV or XLSX to rows of text. Nothing here knows a member.

What can't be read for certain is refused with a sentence that says what to do, and never repeats
what stood in the file: it may be somebody's name or national id.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from activities.shared.csv_text import Row, csv_rows, encoding_of, named, separator_of, unreadable
from activities.shared.workbook import read_workbook
from activities.shared.wrong_file import WrongFile
from schemas.deduction.list_file import COLUMNS, HEADINGS, Column, headings_of

MAX_BYTES = 30 * 1024 * 1024
MAX_LINES = 200_000
"""More than any employer has; beyond it somebody sends something else."""

MAX_ABOVE = 50
"""Rows above the headings."""

MAX_ABOVE_CHARACTERS = 100_000
"""What those may hold; a long file is not gone through for them."""

NO_HEADINGS = f"the row of headings is missing: it begins with {COLUMNS[0].heading}"


@dataclass(frozen=True)
class Table:
    """A report as it was read.

    Attributes:
        encoding: what it was read as.
        heads: what stands above the lines, by its heading.
        above: how many rows stand above the lines, with the headings.
        rows: the rows of a workbook; None for a CSV.
        text: the lines of a CSV.
        separator: between its cells.
        columns: which stand there, from left to right.
    """

    encoding: str
    heads: dict[str, str]
    above: int
    rows: list[Row] | None = None
    text: str = ""
    separator: str = ";"
    columns: Sequence[Column] = COLUMNS

    def lines(self) -> list[tuple[int, Row]]:
        """Return the number of each line as a spreadsheet counts, and a cell to each column.

        Raises:
            WrongFile: the lines are not all those of one table.
        """
        rows = self.rows
        if rows is None:
            rows = _rows(self.text, self.separator, self.above)
        return _lines(rows, self.above, self.columns)


def read_report(content: bytes, columns: Sequence[Column] = COLUMNS) -> Table:
    """Read what stands above a report's lines; they themselves are read when asked for.

    Args:
        content: the file.
        columns: which must stand there, but for those that are newer than the list.

    Raises:
        WrongFile: it is not what we sent out, filled in; not one line counts.
    """
    if not content.strip():
        raise WrongFile("the file is empty")
    if len(content) > MAX_BYTES:
        raise WrongFile(f"the file is larger than {MAX_BYTES // 1024 // 1024} MB")
    if content.startswith(b"PK\x03\x04"):
        rows = read_workbook(content, MAX_LINES + MAX_ABOVE)
        heads, above = _heads(rows)
        present = _columns(rows[above - 1], above, columns)
        return Table("xlsx", heads, above, rows=rows[above:], columns=present)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise WrongFile("the file is locked by a password, or an old .xls: save it as plain .xlsx")
    encoding, text = _decoded(content)
    start, separator = _body(text)
    rows = _rows(text[:start], separator, 0)
    heads, above = _heads(rows)
    present = _columns(rows[above - 1], above, columns)
    return Table(
        encoding, heads, len(rows), text=text[start:], separator=separator, columns=present
    )


def _decoded(content: bytes) -> tuple[str, str]:
    """Return the name of the encoding, and the text."""
    encoding = encoding_of([content])
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise unreadable(encoding)
    return named(encoding), text


def _rows(text: str, separator: str, above: int) -> list[Row]:
    """Return the rows of a CSV; ``above``: how many came before, to number a fault."""
    return list(csv_rows(io.StringIO(text, newline=""), separator, above, MAX_LINES))


def _body(text: str) -> tuple[int, str]:
    """Return where the lines begin, and which character separates: the row of headings tells."""
    first = COLUMNS[0].heading.casefold()
    start = 0
    for line in islice(io.StringIO(text[:MAX_ABOVE_CHARACTERS], newline=""), MAX_ABOVE + 1):
        start += len(line)
        if not line.lstrip("\"' ").casefold().startswith(first):
            continue
        separator = separator_of(line)
        if separator is not None:
            return start, separator
    raise WrongFile(NO_HEADINGS)


def _lines(rows: list[Row], above: int, columns: Sequence[Column]) -> list[tuple[int, Row]]:
    """Return the lines; a column that does not stand there is an empty cell."""
    width = len(columns)
    places = [columns.index(column) if column in columns else width for column in COLUMNS]
    lines = []
    for number, row in enumerate(rows, above + 1):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if any(cells[width:]):
            raise WrongFile(f"line {number} has more cells than there are headings")
        cells = [*cells[:width], *[""] * (width + 1)]
        lines.append((number, [cells[place] for place in places]))
    if len(lines) > MAX_LINES:
        raise WrongFile(f"the file has more than {MAX_LINES} lines")
    return lines


def _heads(rows: list[Row]) -> tuple[dict[str, str], int]:
    """Return what stands above the lines, and how many rows do, with the headings."""
    labels = {label.casefold(): label for label in HEADINGS}
    above: dict[str, str] = {}
    for index, row in enumerate(rows[: MAX_ABOVE + 1]):
        cells = [cell.strip() for cell in row if cell.strip()]
        if cells and cells[0].casefold() == COLUMNS[0].heading.casefold():
            return above, index + 1
        label = labels.get(cells[0].casefold()) if cells else None
        if label is None:
            continue
        if label in above:
            raise WrongFile(f"line {index + 1}: {label} stands there twice")
        above[label] = cells[1] if len(cells) > 1 else ""
    raise WrongFile(NO_HEADINGS)


def _columns(row: Row, number: int, columns: Sequence[Column]) -> list[Column]:
    """Return which columns stand there; one that is newer than the list may be missing."""
    found = [" ".join(text.split()).casefold() for text in row]
    while found and not found[-1]:
        found.pop()
    present: list[Column] = []
    for column in columns:
        place = len(present)
        if place < len(found) and found[place] == column.heading.casefold():
            present.append(column)
        elif not column.newer:
            raise WrongFile(f"line {number}: column {place + 1} must be {column.heading}")
    if len(found) > len(present):
        last = headings_of(columns)[-1]
        raise WrongFile(f"line {number}: there must be no column after {last}")
    return present
