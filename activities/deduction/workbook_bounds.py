"""What a workbook may hold: counted part by part before a library keeps any of it in memory."""

import zipfile
from typing import IO
from xml.parsers.expat import ExpatError, ParserCreate

from activities.deduction.wrong_file import WrongFile

MAX_UNCOMPRESSED = 300 * 1024 * 1024
MAX_PARTS = 500

MAX_STRINGS = 700_000
"""Three texts a line, each its own, and what stands above the lines."""

MAX_CELLS = 3_000_000
"""Fifteen cells a line: spreadsheets also write empty ones that have a format."""

MAX_OTHERS = 50_000
"""Styles, sheets, relations: a library makes an object of each."""

MAX_ELEMENTS = {
    "si": MAX_STRINGS,
    "t": MAX_STRINGS + MAX_CELLS,
    "row": 1_048_576,
    **dict.fromkeys(("c", "v", "is", "f"), MAX_CELLS),
}
"""How many elements there may be of those that a full list has many of."""

MAX_DEPTH = 40
"""Elements within each other."""

MAX_QUIET = 2 * 1024 * 1024
"""Bytes in which no element begins: a cell, or a tag, that no person wrote."""

UNREADABLE = "the workbook can't be read: save it anew as .xlsx, or as CSV"
TOO_LARGE = "the workbook is too large once it is unpacked"
TOO_MUCH = "the workbook holds more than any list of ours: send only the list, or send it as CSV"

_CHUNK = 256 * 1024


def check_bounds(parts: zipfile.ZipFile) -> None:
    """Refuse a workbook that would cost more time or memory than a full list of ours.

    Reading stops at the sizes that the directory of the archive states, so those are taken at
    their word. Whatever is named as the sheet or the table of texts, it is counted here.

    Raises:
        WrongFile: it holds too much, or declares a document type.
    """
    sizes = [part.file_size for part in parts.infolist()]
    if len(sizes) > MAX_PARTS or sum(sizes) > MAX_UNCOMPRESSED:
        raise WrongFile(TOO_LARGE)
    counter = _Counter()
    for part in parts.infolist():
        with parts.open(part) as content:
            counter.count(content)


class _Counter:
    """Counts the elements of all parts of a workbook, by name."""

    def __init__(self) -> None:
        self._left = {**MAX_ELEMENTS, "": MAX_OTHERS}
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
