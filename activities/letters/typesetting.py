"""Sheets of paper as PDFs: the facts handed to Typst as data, never put into its source.

The sources stand beside this file, each with a function ``sheet`` of the data. Typst reads them
once and keeps whatever does not depend on the data: what changes is a file in memory, and not
``sys.inputs``, with which all of Typst's own library would be made anew.
"""

import json
import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path

import typst

from activities.letters.settings import Organisation
from activities.letters.spacing import grouped

SOURCES = Path(__file__).parent

_MAIN = '#import "{}": sheet\n#sheet(json("data.json"))'

_compilers = threading.local()


def typeset(source: Path, data: Mapping[str, object], made_on: date) -> bytes:
    """Return a PDF, the same bytes for the same data.

    Args:
        source: its Typst source, in this folder.
        data: plain JSON values, all of it in words already.
        made_on: the date of the file.

    Raises:
        typst.TypstError: the source is wrong.
    """
    files = {"main": _MAIN.format(source.name).encode(), "data.json": json.dumps(data).encode()}
    pdf = _compiler().compile(
        files,  # type: ignore[type-var]  # the library's stubs forget that it takes files by name
        format="pdf",
        timestamp=datetime.combine(made_on, time(), UTC),
    )
    assert isinstance(pdf, bytes), "a PDF is one file"
    return pdf


def sender_data(sender: Organisation) -> dict[str, object]:
    """Return the union as a sheet's head and foot show it."""
    return {
        "name": sender.name,
        "orgnr": grouped(sender.orgnr),
        "address": list(sender.address),
        "email": sender.email,
    }


def _compiler() -> typst.Compiler:
    """Return this thread's compiler: setting one up costs as much as a page."""
    if not hasattr(_compilers, "compiler"):
        _compilers.compiler = typst.Compiler(root=SOURCES, font_paths=_fonts())
    compiler: typst.Compiler = _compilers.compiler
    return compiler


@lru_cache
def _fonts() -> typst.Fonts:
    """Return the fonts that come with Typst, and no others: the same page on every machine."""
    return typst.Fonts(include_system_fonts=False)
