"""What is held on a person as a page that they can read, print and keep."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import jinja2

from activities.letters.wording import day, money
from schemas.privacy.held import Held
from schemas.privacy.labels import LABELS
from schemas.privacy.places import TITLES
from schemas.shared.vocabulary import Language

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("activities.privacy", "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

ORE = "_ore"
ON = "_on"


class Cell(NamedTuple):
    """One thing that is held: what it is, and what stands there."""

    label: str
    value: str
    preformatted: bool


def page_of(held: Held) -> str:
    """Return what is held as one HTML page, which loads nothing from elsewhere.

    Identifiers that only hold rows together are left to the JSON.
    """
    sections = {
        TITLES[table]: [list(_cells(row)) for row in rows] for table, rows in held.tables.items()
    }
    return _TEMPLATES.get_template("held.html").render(
        on=day(held.on, Language.NB), rows=held.rows, sections=sections
    )


def _cells(row: Mapping[str, Any]) -> Iterator[Cell]:
    for column, label in LABELS.items():
        value = row.get(column)
        if value not in (None, "", [], {}):
            yield Cell(label, _written(column, value), isinstance(value, dict | list))


def _written(column: str, value: Any) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nei"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, indent=1)
    if column.endswith(ORE):
        return money(value, Language.NB)
    if column.endswith(ON) and isinstance(value, str):
        return day(value, Language.NB)
    return str(value)
