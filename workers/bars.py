"""Draws amounts as bars of several parts: a picture beside a table that says the same."""

import json
from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Literal

import typst

from schemas.shared.base import Contract

Format = Literal["svg", "png"]

PICTURE = Path(__file__).with_name("bars.typ")

PIXELS_PER_INCH = 160

MARKS_AT_MOST = 5
"""On the axis of the picture, above nothing."""

COLOURS = ("#1f5a8c", "#e0a030", "#5fa3c7", "#8a4f7d", "#5b8c5a", "#999999")
"""Of the parts in their order; then they begin anew."""


class Bar(Contract):
    """One bar.

    Attributes:
        label: below it.
        parts: by what they are, from the ground up; what is below nothing is not drawn.
        mark: where a line is drawn across it, to compare; None: nowhere.
    """

    label: str
    parts: Mapping[str, float]
    mark: float | None = None


def drawn(
    title: str, names: Mapping[str, str], bars: Sequence[Bar], to: Format, *, marked: str = ""
) -> bytes:
    """Return bars as a picture.

    Args:
        title: above it.
        names: of all parts, in the order of their colours.
        bars: from left to right.
        to: the format.
        marked: what the line across bars is.
    """
    content = {
        "title": title,
        "bars": [bar.model_dump() for bar in bars],
        "parts": [
            {"key": key, "name": name, "colour": COLOURS[nth % len(COLOURS)]}
            for nth, (key, name) in enumerate(names.items())
        ],
        "marked": marked,
        "axis": [{"at": at, "says": _grouped(at)} for at in axis(_highest(bars))],
    }
    made = typst.compile(
        PICTURE.read_bytes(),
        format=to,
        ppi=PIXELS_PER_INCH,
        sys_inputs={"data": json.dumps(content)},
    )
    assert isinstance(made, bytes), "one page"
    return made


def _highest(bars: Iterable[Bar]) -> float:
    return max(
        (max(sum(max(0, part) for part in bar.parts.values()), bar.mark or 0) for bar in bars),
        default=0,
    )


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")


def axis(highest: float) -> list[int]:
    """Return the round numbers that an axis up to another one is marked at.

    Args:
        highest: what has to find room.
    """
    size = 10 ** max(0, len(str(int(highest))) - 1)
    step = next(
        step
        for step in (size // 5, size // 2, size, 2 * size)
        if step and highest <= MARKS_AT_MOST * step
    )
    return [*range(0, ceil(highest / step) * step + 1, step)]
