"""The messages' examples with dates that fit: those shown in the dialogs name a day gone by."""

import re
from datetime import date

from schemas.membership.messages import EXAMPLES
from schemas.shared.vocabulary import MessageName

EXAMPLE_DAY = date(2026, 1, 15)
"""The first day the examples name: never ahead, on whichever day they are tried."""

OF_THE_MEMBERSHIP: frozenset[MessageName] = frozenset(
    {
        MessageName.RECORD_INSURANCE_NOTICE,
        MessageName.ENROLL_INSURANCE,
        MessageName.CHANGE_EMPLOYMENT,
        MessageName.CHANGE_CATEGORY,
        MessageName.REPORT_PENSION,
        MessageName.SET_HIDDEN,
        MessageName.GRANT_LEAVE,
        MessageName.WITHDRAW_CHANGE,
        MessageName.RESIGN,
    }
)
"""Whose dates lie within the membership, so that no fixed example fits everybody."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def example_on(name: MessageName, day: date) -> str:
    """Return the example of a message with its dates moved, the earliest of them to ``day``."""
    ahead = day - EXAMPLE_DAY

    def moved(found: re.Match[str]) -> str:
        return str(date.fromisoformat(found.group()) + ahead)

    return _DATE.sub(moved, EXAMPLES[name])


def advice(name: MessageName) -> str:
    """Return the example as a dialog shows it, with how its dates are meant where that matters."""
    if name not in OF_THE_MEMBERSHIP:
        return EXAMPLES[name]
    return f"{EXAMPLES[name]} (dates of your own, from the first day of the membership on)"
