"""A heading that a return does not have: where to write it. It may stand there in other words."""

from collections.abc import Sequence
from difflib import get_close_matches

from activities.deduction.headings import Place, WrongCell
from activities.deduction.sheets import Sheet
from schemas.deduction.words import folded, heading_in

ALIKE = 0.7
"""How like a heading what stands there must be, from 0 to 1: ``Årsk`` and ``Trukket beløp``."""


def missing_heading(sheet: Sheet, wanted: Sequence[str], read: Sequence[int]) -> WrongCell:
    """Return the refusal of a table without some of its headings.

    Args:
        sheet: with its row of headings.
        wanted: those that are missing, at least one, as they are to be written.
        read: the places of the headings that could be read, from 0.
    """
    row = sheet.headings
    others = {
        heading_in(cell): place
        for place, cell in enumerate(row)
        if place not in read and cell.strip()
    }
    alike = get_close_matches(folded(wanted[0]), others, n=1, cutoff=ALIKE)
    end = max((place for place, cell in enumerate(row) if cell.strip()), default=-1) + 1
    at = others[alike[0]] if alike else end
    says = f"the heading {' and '.join(wanted)} is missing: "
    told = f"write {wanted[0]} in this cell" if alike else "add the column"
    return WrongCell(Place(sheet.above, at + 1, sheet.place), says + told)
