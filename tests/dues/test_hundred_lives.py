"""docs/hundred-lives.md, row by row: what was worked out by hand is what is charged."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from schemas.dues.plan import plan_terms
from schemas.dues.terms import Span
from schemas.membership.notices import AnyNotice
from schemas.membership.situation import Facts
from schemas.pricing.repricing import year_from
from schemas.pricing.rulebook import Branch, LocalRate
from schemas.shared.vocabulary import Category, Outcome, PensionKind
from tests.builders import BERGEN, BOOK, OSLO, PREMIUM, rates, rulebook
from tests.dues.lives import A, becomes, draws, ends, hides, leave, life, works

PAGE = Path(__file__).parents[2] / "docs" / "hundred-lives.md"

LATER = (date(2028, 1, 1), date(2027, 7, 1))
"""From when the page's other prices hold: the dues; the package and Oslo."""

OTHER = rulebook(
    rates=[rates("495"), rates("520", LATER[0])],
    premiums=[
        PREMIUM,
        PREMIUM.model_copy(update={"valid_from": LATER[1], "premium_ore": 21000}),
    ],
    branches=[
        Branch(
            code=OSLO.code,
            name=OSLO.name,
            rates=(*OSLO.rates, LocalRate(valid_from=LATER[1], local_ore=6000, halves=False)),
        ),
        BERGEN,
    ],
)

KINDS = {
    "AFP": PensionKind.AFP,
    "disability": PensionKind.DISABILITY,
    "old-age": PensionKind.OLD_AGE,
}
ENDS = {"resigned": Outcome.RESIGNED, "struck off": Outcome.STRUCK_OFF, "died": Outcome.DECEASED}


@dataclass(frozen=True)
class Row:
    """One life of the page."""

    number: int
    prices: str
    born: date
    joins: str
    happens: str
    charged: str
    rules: str


def rows() -> list[Row]:
    """Return the lives of the page, each with the heading it stands under."""
    found, heading = [], ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            heading = line[3:]
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 6 and cells[0].isdigit():
            born = date.fromisoformat(cells[1])
            found.append(Row(int(cells[0]), heading, born, *cells[2:]))
    return found


ROWS = rows()


def month(text: str) -> date:
    """Return the first day of a month: ``2027-01``."""
    return date.fromisoformat(f"{text}-01")


def facts_of(row: Row) -> Facts:
    """Return a row's facts."""
    joins, _, package = row.joins.partition(", package from ")
    day, category, *rest = joins.split(" ")
    percent = next((word for word in rest if word[0].isdigit()), None)
    employed = category == Category.ORDINARY
    more: dict[str, Any] = {"hidden": "hidden" in rest}
    if category == Category.EARLY_PENSIONER:
        more["pension"] = PensionKind.AFP
    if package:
        start, _, end = package.partition(" to ")
        more["premiums"] = (Span(valid_from=month(start), valid_to=month(end) if end else None),)
    return life(
        *(notice for text in row.happens.split("; ") if text != "-" for notice in (told(text),)),
        category=Category(category),
        born=row.born,
        since=date.fromisoformat(day),
        percent=percent or ("100" if employed else None),
        employer=A if employed else None,
        branch=next((word for word in rest if word in {"OSLO", "BERGEN"}), None),
        **more,
    )


def told(text: str) -> AnyNotice:
    """Return the notice that a part of "what happens" stands for."""
    found = re.fullmatch(r"(\S+) (.+?)(?: \(told (\S+)\))?", text)
    assert found is not None, text
    on, what = date.fromisoformat(found[1]), found[2]
    recorded = date.fromisoformat(found[3]) if found[3] else None
    if what in set(map(str, Category)):
        return becomes(on, Category(what), recorded=recorded)
    if what in ENDS:
        return ends(on, ENDS[what], recorded=recorded)
    if what in {"hidden", "open"}:
        return hides(on, what == "hidden", recorded=recorded)
    kind, _, working = what.partition(", works ")
    if kind in KINDS:
        return draws(on, working.removesuffix(" %") or "0", KINDS[kind], recorded=recorded)
    if what.startswith("leave to "):
        return leave(on, date.fromisoformat(what.removeprefix("leave to ")), recorded=recorded)
    if what.startswith("works at "):
        return works(on, branch=what.removeprefix("works at "), recorded=recorded)
    percent = what.removeprefix("works ").removesuffix(" %")
    return works(on, percent, employer=A, recorded=recorded)


def worked_out(sum_of: str) -> Decimal:
    """Return what ``2 × (495 + 50) + 3 × 247.50`` comes to."""
    plain = sum_of.replace(",", "").replace(" ", "")
    assert re.fullmatch(r"[\d.×+()]+", plain), sum_of
    total = Decimal(0)
    for part in re.findall(r"(?:(\d+)×)?(?:\(([\d.+]+)\)|([\d.]+))", plain):
        times, several, one = part
        total += int(times or 1) * sum(map(Decimal, (several or one).split("+")), Decimal(0))
    return total


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.number}-{row.rules}")
def test_a_life_is_charged_what_was_worked_out(row):
    """Kroner by the year; where the page adds up, it adds up right."""
    terms = plan_terms(facts_of(row), OTHER if row.prices == "Other prices" else BOOK)
    for part in row.charged.split("; "):
        year, _, says = part.partition(": ")
        sum_of, _, total = says.partition(" = ")
        assert worked_out(sum_of) == worked_out(total or sum_of)
        assert Decimal(year_from(terms, date(int(year), 1, 1))) / 100 == worked_out(sum_of), part


def test_a_hundred_lives():
    """They are numbered, none is told twice, and each has a sum and a rule."""
    assert [row.number for row in ROWS] == list(range(1, len(ROWS) + 1))
    assert len(ROWS) >= 100
    told_once = {(row.prices == "Other prices", row.born, row.joins, row.happens) for row in ROWS}
    assert len(told_once) == len(ROWS)
    assert all(row.rules and row.charged for row in ROWS)
