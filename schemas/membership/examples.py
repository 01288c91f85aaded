"""The messages' examples with dates that fit: those shown in the dialogs name a day gone by."""

import re
from datetime import date

from schemas.shared.messages import Card

EXAMPLE_DAY = date(2026, 1, 15)
"""The first day the examples name: never ahead, on whichever day they are tried."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def example_on(card: Card, day: date) -> str:
    """Return the example of a message with its dates moved, the earliest of them to ``day``."""
    ahead = day - EXAMPLE_DAY

    def moved(found: re.Match[str]) -> str:
        return str(date.fromisoformat(found.group()) + ahead)

    return _DATE.sub(moved, card.example)
