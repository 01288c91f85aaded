"""The sheets of an employer's return, as text: of a workbook each, of a CSV its only one.

What can't be read for certain is refused with a sentence that says what to do, and never repeats
what stood in the file: it may be somebody's name or national id.
"""

import csv
import io
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from activities.deduction.headings import (
    MAX_ABOVE,
    OF_A_LIST,
    Headings,
    NoHeadings,
    Place,
    WrongCell,
    are_headings,
    first_line,
    headings_at,
    without_headings,
)
from activities.deduction.locks import is_locked
from activities.shared.csv_text import (
    SEPARATORS,
    Row,
    csv_rows,
    encoding_of,
    named,
    separator_of,
    unreadable,
)
from activities.shared.workbook import open_workbook, refusing_broken, sheet_rows
from activities.shared.workbook_bounds import LIST
from activities.shared.wrong_file import WrongFile
from schemas.deduction.words import heading_in

MAX_BYTES = 30 * 1024 * 1024
MAX_LINES = 200_000
"""More than any employer has; beyond it somebody sends something else."""

MAX_ABOVE_LINES = 100
"""What those may be in a text: a heading may have line breaks."""

MAX_ABOVE_CHARACTERS = 100_000
"""What those may hold; a long file is not gone through for them."""


@dataclass(frozen=True)
class Sheet:
    """A sheet, or a CSV, as text.

    Attributes:
        encoding: what it was read as.
        rows: all of a workbook's; of a CSV those above its lines, with the headings.
        above: how many rows stand above the lines, with the headings.
        place: of the sheet in its workbook, from 1.
        title: what somebody called it; it may be anybody's name.
        shown: whoever opens the workbook sees it.
        text: the lines of a CSV.
        separator: between its cells.
        wrapped: each row of it stands in one cell.
        formulas: cells of a workbook that hold a formula, and nothing it came to.
        plain: what would stand above the lines, where no headings do.
    """

    encoding: str
    rows: list[Row]
    above: int
    place: int = 1
    title: str = ""
    shown: bool = True
    text: str | None = None
    separator: str = ";"
    wrapped: bool = False
    formulas: frozenset[tuple[int, int]] = frozenset()
    plain: tuple[str, ...] = ()

    @property
    def headings(self) -> Sequence[str]:
        """The row of headings, or what would stand in it."""
        return self.plain or self.rows[self.above - 1]

    @property
    def heads(self) -> list[Row]:
        """The rows above the headings."""
        return self.rows[: self.above] if self.plain else self.rows[: self.above - 1]

    def below(self) -> list[Row]:
        """Return the rows below the headings.

        Raises:
            WrongFile: they are not those of one table.
        """
        if self.text is None:
            return self.rows[self.above :]
        rows = _rows(self.text, self.separator, self.above)
        return [_unwrapped(row, self.separator) for row in rows] if self.wrapped else rows


def read_sheets(content: bytes, headings: Headings = OF_A_LIST) -> list[Sheet]:
    """Return the sheets that hold a table: what stands above its lines has been read.

    Args:
        content: the file.
        headings: by which the table is known.

    Raises:
        WrongFile: it is no table of ours; never none.
    """
    _check_kind(content)
    if content.startswith(b"PK\x03\x04"):
        return _read_workbook(content, headings)
    return [_read_csv(content, headings)]


def rows_without_headings(content: bytes, place: int) -> list[Row]:
    """Return the rows of a sheet, from 1, of a file that ``read_sheets`` finds no headings in."""
    if content.startswith(b"PK\x03\x04"):
        with open_workbook(io.BytesIO(content), LIST, values=True) as book:
            return list(sheet_rows(book, place - 1, MAX_LINES + MAX_ABOVE))
    _, text = _decoded(content)
    return _unread_rows(list(_first_lines(text)))


_WEB_PAGE = "is a web page, whatever its name: open it, and save it as .xlsx, or as CSV"

_PACKED = "is packed: send the list itself, as .xlsx or CSV"

_FOREIGN = (
    (b"%PDF", "is a PDF: send the list itself, filled in, as .xlsx or CSV"),
    (b"{\\rtf", "is a text document: send the list itself, filled in, as .xlsx or CSV"),
    (b"<?xml", "is XML: save it as .xlsx, or as CSV"),
    (b"<!doctype", _WEB_PAGE),
    (b"<html", _WEB_PAGE),
    (b"<table", _WEB_PAGE),
    (b"\x1f\x8b", _PACKED),
    (b"7z\xbc\xaf", _PACKED),
    (b"Rar!", _PACKED),
)

_OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument"

_OF_DOS_AND_MAC = ("cp865", "mac_roman")
"""What a spreadsheet still offers to save a CSV as; nothing in the file says so."""

_END_OF_FILE = "\0\x1a"
"""What old programs write behind the last line."""


def _check_kind(content: bytes) -> None:
    """Refuse what is no CSV and no workbook of ours.

    Raises:
        WrongFile: with what to do instead.
    """
    if not content.removeprefix(b"\xef\xbb\xbf").strip():
        raise WrongFile("the file is empty")
    if len(content) > MAX_BYTES:
        raise WrongFile(f"the file is larger than {MAX_BYTES // 1024 // 1024} MB")
    start = content[:100].removeprefix(b"\xef\xbb\xbf").lstrip()
    for mark, says in _FOREIGN:
        if start.lower().startswith(mark.lower()):
            raise WrongFile(f"the file {says}")
    if _OPEN_DOCUMENT in content[:200]:
        raise WrongFile("the file is an OpenDocument sheet (.ods): save it as .xlsx, or as CSV")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        if is_locked(content):
            raise WrongFile(
                "the file is locked by a password: use the one of your lists, and leave the file "
                "its name, or save it as .xlsx without one"
            )
        raise WrongFile("the file is locked by a password, or an old .xls: save it as plain .xlsx")


def _read_workbook(content: bytes, headings: Headings) -> list[Sheet]:
    """Return the sheets of a workbook that have a row of headings; formulas as what they are."""
    found: list[Sheet] = []
    wrong: list[WrongFile] = []
    with open_workbook(io.BytesIO(content), LIST, values=True) as book:
        for place, sheet in enumerate(book.worksheets):
            try:
                rows = list(sheet_rows(book, place, MAX_LINES + MAX_ABOVE))
                headed = _headed(rows, place + 1, sheet.title, headings)
                found.append(replace(headed, shown=sheet.sheet_state == "visible"))
            except WrongFile as error:
                wrong.append(error)
    if not found:
        raise _nearest(wrong) or NoHeadings(Place(1, 1), headings)
    return found


def _headed(rows: list[Row], place: int, title: str, headings: Headings) -> Sheet:
    above = headings_at(rows, headings)
    if above is None and (whole := _split(rows, headings)) is not None:
        rows, above = whole, headings_at(whole, headings)
    if above is None:
        first = first_line(rows, headings)
        if first is None:
            raise without_headings(rows, place, headings)
        return Sheet("xlsx", rows, first, place, title, plain=headings.plain)
    return Sheet("xlsx", rows, above, place, title)


def _nearest(wrong: Sequence[WrongFile]) -> WrongFile | None:
    """Return what is wrong with the sheet that is nearest to a list: where a cell is to blame."""
    told = (one for one in wrong if not isinstance(one, NoHeadings))
    return next(
        (one for one in wrong if type(one) is WrongCell), next(told, next(iter(wrong), None))
    )


def _split(rows: list[Row], headings: Headings) -> list[Row] | None:
    """Return the rows of a CSV that stands unsplit in the first column of a workbook."""
    for row in rows[: MAX_ABOVE + 1]:
        separator = _separator_of(row[0], headings) if row and not any(row[1:]) else None
        if separator is not None:
            return [_unwrapped(row, separator) for row in rows]
    return None


def _unwrapped(row: Row, separator: str) -> Row:
    """Return the cells of a row that stands in one cell."""
    if not row or any(row[1:]) or separator not in row[0]:
        return row
    try:
        return next(csv.reader([row[0]], delimiter=separator, strict=True), row)
    except csv.Error:
        return row


def formulas_without_value(content: bytes, sheet: Sheet) -> frozenset[tuple[int, int]]:
    """Return the rows and columns of a sheet's formulas that nobody has worked out.

    A spreadsheet keeps what a formula came to; a program that writes one may not.
    """
    if not content.startswith(b"PK\x03\x04"):
        return frozenset()
    with refusing_broken():
        if not _has_formulas(content):
            return frozenset()
    with open_workbook(io.BytesIO(content), LIST) as book, refusing_broken():
        rows = book.worksheets[sheet.place - 1].iter_rows()
        return frozenset(
            (number, column)
            for number, (row, values) in enumerate(zip(rows, sheet.rows, strict=False), 1)
            for column, (cell, value) in enumerate(zip(row, values, strict=False), 1)
            if cell.data_type == "f" and not value
        )


def _has_formulas(workbook: bytes) -> bool:
    """Tell whether a workbook, which has been read, holds a formula."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as parts:
        for part in parts.infolist():
            if part.filename.startswith("xl/worksheets/"):
                content = parts.read(part)
                if any(mark in content for mark in (b"<f>", b"<f ", b":f>", b":f ")):
                    return True
    return False


def _read_csv(content: bytes, headings: Headings) -> Sheet:
    """Return a CSV whose lines are read when they are asked for."""
    encoding, text = _decoded(content, headings)
    start, separator, plain = _body(text, headings)
    rows = _rows(text[:start], separator, 0)
    if plain:
        return Sheet(encoding, rows, len(rows), text=text[start:], separator=separator, plain=plain)
    wrapped = not are_headings(rows[-1], headings)
    if wrapped:
        rows = [_unwrapped(row, separator) for row in rows]
    return Sheet(encoding, rows, len(rows), text=text[start:], separator=separator, wrapped=wrapped)


def _of_one_byte(content: bytes, headings: Headings) -> str:
    """Return in which encoding of a byte a letter most headings of ours stand; Windows' first."""

    def known(encoding: str) -> int:
        text = content[:MAX_ABOVE_CHARACTERS].decode(encoding, "replace")
        rows = _unread_rows(list(_first_lines(text)))
        return max((len({*map(heading_in, row)} & headings.known) for row in rows), default=0)

    return max(("cp1252", *_OF_DOS_AND_MAC), key=known)


def _decoded(content: bytes, headings: Headings = OF_A_LIST) -> tuple[str, str]:
    """Return the name of the encoding, and the text without what only spreadsheets are told."""
    encoding = encoding_of([content])
    if encoding == "cp1252":
        encoding = _of_one_byte(content, headings)
    try:
        text = content.decode(encoding).rstrip(_END_OF_FILE)
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise unreadable(encoding)
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    first, _, rest = text[:20].partition("\n")
    if first.strip().strip('"').lower().startswith("sep="):
        text = rest + text[20:]
    return named(encoding), text


def _rows(text: str, separator: str, above: int) -> list[Row]:
    """Return the rows of a CSV, as a spreadsheet counts them.

    ``above``: how many came before, to number a fault.
    """
    lines = io.StringIO(text, newline="")
    return list(csv_rows(lines, separator, above, MAX_LINES, padded=False))


def _body(text: str, headings: Headings) -> tuple[int, str, tuple[str, ...]]:
    """Return where the lines begin, and which character separates: the row of headings tells.

    Without one the first line does, and what would stand above it comes with it.
    """
    start = 0
    lines = list(_first_lines(text))
    for number, line in enumerate(lines):
        for end in _ends(lines, number):
            separator = _separator_of("".join(lines[number:end]), headings)
            if separator is not None:
                return start + sum(map(len, lines[number:end])), separator, ()
        start += len(line)
    rows = _unread_rows(lines)
    above = first_line(rows, headings)
    if above is None:
        raise without_headings(rows, 1, headings)
    number = _line_of(lines, above)
    return sum(map(len, lines[:number])), separator_of(lines[number]) or ";", headings.plain


def _line_of(lines: Sequence[str], rows: int) -> int:
    """Return behind how many lines of a text so many rows end."""
    number = 0
    for _ in range(rows):
        *_, number = _ends(lines, number)
    return number


def _unread_rows(lines: Sequence[str]) -> list[Row]:
    """Return the first rows of a text in which no headings are found."""
    found: list[Row] = []
    number = 0
    while number < len(lines):
        *_, end = _ends(lines, number)
        line = "".join(lines[number:end])
        cells = csv.reader(io.StringIO(line, newline=""), delimiter=separator_of(line) or ";")
        found.append(next(cells, []))
        number = end
    return found


def _ends(lines: Sequence[str], number: int) -> Iterator[int]:
    """Yield behind which line a row may end: this one, or the one that closes its last cell."""
    yield number + 1
    open_marks = 0
    for end in range(number, len(lines)):
        open_marks += lines[end].count('"')
        if open_marks % 2 == 0:
            if end > number:
                yield end + 1
            return


def _first_lines(text: str) -> Iterator[str]:
    return islice(io.StringIO(text[:MAX_ABOVE_CHARACTERS], newline=""), MAX_ABOVE_LINES)


def _separator_of(line: str, headings: Headings) -> str | None:
    """Return which character separates a line into our headings, or None."""
    for separator in SEPARATORS:
        if separator in line and are_headings(line[:2000].split(separator), headings):
            return separator
    return None
