"""What stood in the cells that a verdict names: for whoever has the file, and kept nowhere.

A verdict itself repeats nothing: what stood there may be somebody's name or national id.
"""

from collections.abc import Iterable

from openpyxl.utils.cell import column_index_from_string, coordinate_from_string

from activities.deduction.headings import WrongCell
from activities.deduction.sheets import read_sheets, rows_without_headings
from activities.shared.csv_text import Row
from activities.shared.wrong_file import WrongFile

MAX_SHOWN = 60
"""Characters of a cell that are shown."""


def what_stood(content: bytes, cells: Iterable[str], sheet: int = 1) -> dict[str, str]:
    """Return what stands in cells of a return, by their names (``I12``).

    Args:
        content: the file.
        cells: which.
        sheet: of a workbook, from 1.

    Returns:
        Nothing of cells that are not there, or of a file that can't be read.
    """
    rows = _rows(content, sheet)
    stood = {}
    for cell in cells:
        letters, row = coordinate_from_string(cell)
        column = column_index_from_string(letters)
        if row <= len(rows):
            text = rows[row - 1][column - 1] if column <= len(rows[row - 1]) else ""
            stood[cell] = "".join(char if char.isprintable() else " " for char in text)[:MAX_SHOWN]
    return stood


def _rows(content: bytes, sheet: int) -> list[Row]:
    try:
        sheets = {found.place: found for found in read_sheets(content)}
        return [*sheets[sheet].rows[: sheets[sheet].above], *sheets[sheet].below()]
    except WrongCell:
        return rows_without_headings(content, sheet)
    except (WrongFile, KeyError):
        return []
