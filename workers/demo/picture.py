"""A whole life drawn on one page, by Typst: as an SVG and as a PNG."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from math import ceil, floor
from pathlib import Path
from typing import Any, Literal

import typst

from workers.demo.chronicle import Charge, Chronicle, Span

SOURCE = Path(__file__).with_name("life.typ")

PIXELS_PER_INCH = 160

NAMES = {
    "student": "Student",
    "apprentice": "Apprentice",
    "ordinary": "Ordinary member",
    "early_pensioner": "Early pensioner",
    "pensioner": "Pensioner",
    "payroll": "Payroll",
    "direct": "Direct",
    "covered": "Covered by the insurance package",
}

CLOSE_YEARS = 1.3
"""Numbers closer than this would touch, so the later one goes into the second row."""

ROOM_YEARS = 2.6
"""A span must be this long to carry its amount."""

LEVELS = (0, 250, 500, 750)
HIGHEST = 780
"""Kroner a month: the lines of the chart, and its top."""

COLUMNS = 3


def draw(life: Chronicle, facts: str, folder: Path) -> tuple[Path, Path]:
    """Draw a life into a folder and return the paths of the SVG and the PNG.

    Args:
        facts: how it came about, in a few words.
    """
    data = {"data": json.dumps(_data(life, facts))}
    svg, png = folder / "life.svg", folder / "life.png"
    svg.write_bytes(_compiled("svg", data))
    png.write_bytes(_compiled("png", data))
    return svg, png


def _compiled(to: Literal["svg", "png"], data: dict[str, str]) -> bytes:
    drawn = typst.compile(
        _source(),
        format=to,
        ppi=PIXELS_PER_INCH,
        sys_inputs=data,
        # Fonts that come with Typst only: the same picture on every machine.
        ignore_system_fonts=True,
    )
    assert isinstance(drawn, bytes), "the picture is one page"
    return drawn


@lru_cache
def _source() -> bytes:
    return SOURCE.read_bytes()


def _data(life: Chronicle, facts: str) -> dict[str, Any]:
    first, last = floor(life.age(life.begins)), ceil(life.age(life.ends))
    marks = list(_marks(life))
    rows = ceil(len(marks) / COLUMNS)
    return {
        "title": f"The life of a membership: {life.name}",
        "subtitle": "From student at 20 to pensioner at 80. Every change is a message or a timer; "
        "the rules do the rest.",
        "facts": facts,
        "first": first,
        "last": last,
        "ticks": [
            {"age": age, "year": life.born.year + age}
            for age in range(first, last + 1)
            if age % 5 == 0
        ],
        "levels": LEVELS,
        "highest": HIGHEST,
        "categories": _bars(life, life.categories),
        "payers": _bars(life, life.payers),
        "cover": _bars(life, life.cover),
        "hidden": _bars(life, life.hidden),
        "leaves": _bars(life, life.leaves),
        "charges": [_amounts(run) for run in _runs(life)],
        "labels": list(_labels(life)),
        "marks": marks,
        "columns": [marks[start : start + rows] for start in range(0, len(marks), rows)],
    }


def _bars(life: Chronicle, spans: Sequence[Span]) -> list[dict[str, Any]]:
    return [
        {
            "what": span.what,
            "label": NAMES.get(span.what),
            "begins": life.age(span.begins),
            "ends": life.age(span.ends),
        }
        for span in spans
    ]


def _marks(life: Chronicle) -> Iterator[dict[str, Any]]:
    """Yield the captions, numbered; those close together stand in two rows by turns."""
    before, row = -1.0, 0
    for number, (day, caption) in enumerate(life.captions, start=1):
        age = life.age(day)
        row = 1 - row if age - before < CLOSE_YEARS else 0
        before = age
        yield {
            "number": number,
            "age": age,
            "row": row,
            "on": f"{floor(age)} · {day.day} {day:%b %Y}",
            "caption": caption,
        }


@dataclass(frozen=True)
class _Run:
    """Neighbouring charges of the same amounts, whoever paid them."""

    begins: float
    ends: float
    charge: Charge


def _runs(life: Chronicle) -> Iterator[_Run]:
    def amounts(charge: Charge) -> tuple[int, int, int]:
        return charge.central_ore, charge.local_ore, charge.premium_ore

    for _, group in groupby(life.charges, key=amounts):
        same = list(group)
        yield _Run(life.age(same[0].begins), life.age(same[-1].ends), same[0])


def _amounts(run: _Run) -> dict[str, float]:
    return {
        "begins": run.begins,
        "ends": run.ends,
        "central": run.charge.central_ore / 100,
        "local": run.charge.local_ore / 100,
        "premium": run.charge.premium_ore / 100,
    }


def _labels(life: Chronicle) -> Iterator[dict[str, Any]]:
    """Yield the amounts that have room in the chart; a yearly fee stands above its strip."""
    for run in _runs(life):
        if run.ends - run.begins < ROOM_YEARS:
            continue
        charge, age, bottom = run.charge, (run.begins + run.ends) / 2, 0.0
        for kind, ore in (
            ("central", charge.central_ore),
            ("local", charge.local_ore),
            ("premium", charge.premium_ore),
        ):
            kroner = ore / 100
            yearly = charge.yearly_ore if kind == "central" else None
            if ore:
                yield {
                    "age": age,
                    "kind": kind,
                    "text": f"{yearly // 100} a year"
                    if yearly
                    else f"{kroner:.2f}".removesuffix(".00"),
                    "above": yearly is not None,
                    "top": bottom + kroner,
                    "middle": bottom + kroner / 2,
                }
            bottom += kroner
