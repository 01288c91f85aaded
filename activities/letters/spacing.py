"""Where a letter's lines must not break: what belongs together is held by no-break spaces."""

import re
from typing import Final

HELD: Final = "\u00a0"

_NUMBERED: Final = (
    r"nr\.|no\.|§|artikkel|Article|KID|[Ll]iste|[Ff]aktura|[Ii]nvoice"
    r"|[Mm]ember number|[Mm]edlemsnummer"
)
_COUNTED: Final = (
    r"prosent|per cent|dag(?:er|ar)?|days?|måned(?:er|ene)?|månad(?:er|ene)?|months?|years?|år"
)
_TOGETHER: Final = (
    # nr. 1 c, § 5, faktura 2026-000123, KID 1000123450000017; ** is Markdown's.
    re.compile(rf"(?<!\w)({_NUMBERED}) (?=\**\d)"),
    re.compile(r"(?<=nr\.\u00a0\d|no\.\u00a0\d) (?=[a-z]\b)"),
    # 30 dager, 3 months.
    re.compile(rf"(?<=\d) (?=(?:{_COUNTED})\b)"),
)


def held(text: str) -> str:
    """Return a text in which a number stays with what it counts, or what is numbered."""
    for pattern in _TOGETHER:
        text = pattern.sub(lambda found: found[0].rstrip(" ") + HELD, text)
    return text


def grouped(number: str) -> str:
    """Return an organisation number as it is written, 974 760 673."""
    return HELD.join((number[:3], number[3:6], number[6:]))
