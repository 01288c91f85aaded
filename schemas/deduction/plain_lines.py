"""A line of a list without its heading: known by what stands in it, or not at all. Pure. D9."""

from collections.abc import Sequence

from schemas.deduction.contracts import Code
from schemas.deduction.list_file import COLUMNS, headings_of, said

PLAIN_HEADINGS = tuple(headings_of(COLUMNS))
"""What would stand above it."""

_PARTS = ("central", "local", "premium")
_PLACES = {column.name: place for place, column in enumerate(COLUMNS)}
_CODES = frozenset(Code)


def is_plain_line(row: Sequence[str]) -> bool:
    """Tell whether a row can only be a line of ours, each column in its place.

    It names somebody by a number where ours stand, its three amounts come to its sum, and its code
    is one of ours. What the employer fills in stands behind that, and nothing behind those.

    Args:
        row: its cells, without what keeps them a text in a spreadsheet.
    """
    cells = [cell.strip() for cell in row]
    if len(cells) < _PLACES["deducted"] or any(cells[len(COLUMNS) :]):
        return False
    cells = [*cells[: len(COLUMNS)], *[""] * (len(COLUMNS) - len(cells))]
    number, national_id = said(cells, "number"), said(cells, "national_id")
    if not _digits(number, 8) or not (national_id is None or _digits(national_id, 11)):
        return False
    *parts, total = (_amount(cells, name) for name in (*_PARTS, "total"))
    known = [part for part in parts if part is not None]
    whole = len(known) == len(parts) and total is not None and sum(known) == total
    return whole and cells[_PLACES["code"]].upper() in _CODES


def _digits(value: str | int | None, length: int) -> bool:
    return isinstance(value, str) and value.isdecimal() and len(value) == length


def _amount(cells: Sequence[str], name: str) -> int | None:
    value = COLUMNS[_PLACES["total"]].parse
    assert value is not None, "amounts of a report are read"
    found = value(cells[_PLACES[name]])
    return found if isinstance(found, int) else None
