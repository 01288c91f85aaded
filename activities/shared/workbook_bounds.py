"""What a workbook may hold: counted part by part before a library keeps any of it in memory."""

import zipfile
from dataclasses import dataclass
from typing import IO
from xml.parsers.expat import ExpatError, ParserCreate

from activities.shared.wrong_file import WrongFile

MAX_PARTS = 500

MAX_ROWS = 1_048_576
"""As many as a spreadsheet has."""

MAX_OTHERS = 50_000
"""Styles, sheets, relations: a library makes an object of each."""


@dataclass(frozen=True)
class Bounds:
    """How much one kind of file may hold.

    Attributes:
        uncompressed: bytes, once it is unpacked.
        strings: texts, each its own.
        cells: spreadsheets also write empty ones that have a format.
        rows: in all sheets.
    """

    uncompressed: int
    strings: int
    cells: int
    rows: int = MAX_ROWS

    @property
    def elements(self) -> dict[str, int]:
        """How many elements there may be, by name: of others than these, MAX_OTHERS."""
        return {
            "si": self.strings,
            "t": self.strings + self.cells,
            "row": self.rows,
            **dict.fromkeys(("c", "v", "is", "f"), self.cells),
            "": MAX_OTHERS,
        }


LIST = Bounds(uncompressed=300 * 1024 * 1024, strings=700_000, cells=3_000_000)
"""Of a deduction list: three texts and fifteen cells a line, and what stands above the lines."""

MAX_DEPTH = 40
"""Elements within each other."""

MAX_QUIET = 2 * 1024 * 1024
"""Bytes in which no element begins: a cell, or a tag, that no person wrote."""

UNREADABLE = "the workbook can't be read: save it anew as .xlsx, or as CSV"
TOO_LARGE = "the workbook is too large once it is unpacked"
TOO_MUCH = "the workbook holds more than any list of ours: send only the list, or send it as CSV"

_CHUNK = 256 * 1024


def check_bounds(parts: zipfile.ZipFile, bounds: Bounds) -> None:
    """Refuse a workbook that would cost more time or memory than a full one of its kind.

    Reading stops at the sizes that the directory of the archive states, so those are taken at
    their word. Whatever is named as the sheet or the table of texts, it is counted here.

    Raises:
        WrongFile: it holds too much, or declares a document type.
    """
    sizes = [part.file_size for part in parts.infolist()]
    if len(sizes) > MAX_PARTS or sum(sizes) > bounds.uncompressed:
        raise WrongFile(TOO_LARGE)
    counter = _Counter(bounds)
    for part in parts.infolist():
        with parts.open(part) as content:
            counter.count(content)


class _Counter:
    """Counts the elements of all parts of a workbook, by name."""

    def __init__(self, bounds: Bounds) -> None:
        self._left = bounds.elements
        self._begun = False
        self._depth = 0

    def count(self, content: IO[bytes]) -> None:
        """Count one part; what is no XML, or is broken, ends where the library would end too."""
        parser = ParserCreate()
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = _no_doctype
        quiet = self._depth = 0
        try:
            while chunk := content.read(_CHUNK):
                self._begun = False
                parser.Parse(chunk)
                quiet = 0 if self._begun else quiet + len(chunk)
                if quiet > MAX_QUIET:
                    raise WrongFile(TOO_MUCH)
        except ExpatError:
            return

    def _begin(self, name: str, _attributes: dict[str, str]) -> None:
        self._begun = True
        local = name.rpartition(":")[2]
        kind = local if local in self._left else ""
        self._left[kind] -= 1
        self._depth += 1
        if self._left[kind] < 0 or self._depth > MAX_DEPTH:
            raise WrongFile(TOO_MUCH)

    def _end(self, _name: str) -> None:
        self._depth -= 1


def _no_doctype(*_: object) -> None:
    raise WrongFile(UNREADABLE)
