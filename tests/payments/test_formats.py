"""The table of formats: every file is one format's, and every page names them all."""

from pathlib import Path

import pytest

from activities.payments.formats import READERS, format_of
from activities.payments.transactions import Faults, FileRefused
from tests.payments.making import Money, camt, ocr

MONEY = Money("1000000010000016", 49500, 1, "K1")
FILES = {"ocr": ocr(MONEY), "camt": camt(MONEY)}
"""One good file of each format: a new format brings its own."""

OPERATORS = Path(__file__).parents[2] / "docs" / "for-operators.md"


def test_each_format_knows_its_own_files_and_no_others():
    """A file is taken by one reader, whichever stands first in the table."""
    assert set(FILES) == {reader.name for reader in READERS}
    for name, content in FILES.items():
        assert [reader.name for reader in READERS if reader.sniff(content)] == [name]
        assert format_of(b"\xef\xbb\xbf\n " + content, Faults()).name == name


def test_a_file_of_no_format_is_told_which_there_are():
    """Whoever sent something else learns what we read, and by what we know it."""
    with pytest.raises(FileRefused) as refused:
        format_of(b"%PDF-1.7", Faults())
    (fault,) = refused.value.faults.found
    assert fault.says.startswith(
        "it is neither OCR giro (lines that begin with NY) nor camt.054 or camt.053 (XML)"
    )


def test_operators_read_of_every_format():
    """The page that says how a file is booked names all that can be."""
    page = OPERATORS.read_text()
    assert [reader.title for reader in READERS if reader.title not in page] == []
