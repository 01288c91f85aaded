"""Reading CSV from strangers: its encoding, its rows, and never a line that no person wrote."""

import csv
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from itertools import islice

from activities.shared.workbook import MAX_CHARACTERS, MAX_COLUMNS, check_lengths
from activities.shared.wrong_file import WrongFile

SEPARATORS = ";,\t|"

SPARE = 50
"""Lines beyond the most there may be: empty ones at the end, or what stands above the lines."""

Row = list[str]

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def encoding_of(chunks: Iterable[bytes]) -> str:
    """Return what a text is encoded in: by its mark, else UTF-8 if it can be read so."""
    reader = getincrementaldecoder("utf-8")()
    found: str | None = None
    first = True
    for chunk in chunks:
        if first:
            found = next((name for mark, name in _MARKS if chunk.startswith(mark)), None)
        if first and found is None and b"\0" in chunk:
            found = "utf-16-le" if chunk[1:2] == b"\0" else "utf-16-be"
        if found is not None:
            return found
        first = False
        try:
            reader.decode(chunk)
        except UnicodeDecodeError:
            return "cp1252"
    try:
        reader.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def named(encoding: str) -> str:
    """Return what an encoding is called; which byte comes first is nothing to ask people about."""
    return encoding.removesuffix("-le").removesuffix("-be")


def unreadable(encoding: str) -> WrongFile:
    """Return why a text that is not in an encoding after all is refused."""
    return WrongFile(
        f"the file can't be read as text ({named(encoding).removesuffix('-sig')}): save it as CSV "
        "UTF-8, or as .xlsx"
    )


def separator_of(line: str) -> str | None:
    """Return which character separates the cells of a line, or None."""
    found = [char for char in SEPARATORS if char in line]
    return max(found, key=line.count) if found else None


def csv_rows(
    lines: Iterable[str], separator: str, above: int, most: int, *, padded: bool = True
) -> Iterator[Row]:
    """Yield the rows of a CSV.

    Args:
        lines: with their ends.
        separator: between cells.
        above: how many lines came before, to number a fault.
        most: more rows are refused.
        padded: an empty row stands for each further line of a cell with line breaks, so that the
            numbers are those of the file; else they are those of a spreadsheet.

    Raises:
        WrongFile: a line is none that a person wrote.
    """
    reader = csv.reader(lines, delimiter=separator, strict=True)
    count = 0
    try:
        for row in reader:
            if padded:
                yield from ([] for _ in range(reader.line_num - count - 1))
            if reader.line_num > most + SPARE:
                raise WrongFile(f"the file has more than {most} lines")
            count, number = reader.line_num, above + reader.line_num
            if any(islice(row, MAX_COLUMNS, None)):
                raise WrongFile(f"line {number} has more than {MAX_COLUMNS} columns")
            cells = row[:MAX_COLUMNS]
            check_lengths(cells, number)
            yield cells
    except csv.Error:
        line = above + reader.line_num
        raise WrongFile(
            f"line {line}: a quotation mark is not closed, or a cell holds more than "
            f"{MAX_CHARACTERS} characters"
        ) from None
