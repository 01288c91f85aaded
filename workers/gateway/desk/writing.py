"""How days, moments and amounts are written on the pages, in Bokmål."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from schemas.shared.calendar import OSLO

_GROUP = "\u00a0"

_TOO_MUCH = 10**13
"""Øre: nobody pays as much."""


def day(value: date | str | None) -> str:
    """Return a day as it is written in Norwegian: ``12.04.1986``; nothing for none."""
    if not value:
        return ""
    found = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{found:%d.%m.%Y}"


def moment(value: datetime | str | None) -> str:
    """Return a moment as it was in Oslo: ``12.04.2026 kl. 09.05``; nothing for none."""
    if not value:
        return ""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{found.astimezone(OSLO):%d.%m.%Y kl. %H.%M}"


def kroner(amount_ore: int) -> str:
    """Return øre as kroner: 123450 is ``1 234,50``, with a space that does not break."""
    sign = "\u2212" if amount_ore < 0 else ""
    whole = f"{abs(amount_ore) // 100:,}".replace(",", _GROUP)
    return f"{sign}{whole},{abs(amount_ore) % 100:02d}"


def month(value: date | str | None) -> str:
    """Return the month of a day: ``04.2026``."""
    return day(value)[3:]


def percent(value: Decimal) -> str:
    """Return a percentage without superfluous noughts: ``62,5``."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")


def ore_of(text: str) -> int | None:
    """Return an amount as people write it, ``1 234,50``, in øre; None: it is none."""
    plain = "".join(text.split()).replace(",", ".")
    try:
        ore = Decimal(plain) * 100
    except InvalidOperation:
        return None
    whole = ore.is_finite() and ore == ore.to_integral_value() and abs(ore) < _TOO_MUCH
    return int(ore) if whole else None
