"""When the story begins: on a day of somebody's choice, or today."""

from datetime import date, datetime, time, timedelta

from schemas.shared.calendar import OSLO
from workers.errors import UserError

LATEST_BEGINNING = date(2099, 12, 31)
"""The longest life takes 60 years, and the days on which banks rest are known until 2200."""

ROOM = timedelta(minutes=30)
"""The first day's scenes are played in real time: they must be over before it is."""


def noon(day: date) -> datetime:
    """Return noon of a day in Oslo, aware."""
    return datetime.combine(day, time(12), OSLO)


def beginning(on: date | None, now: datetime) -> datetime:
    """Return the moment the story begins: noon of the day in Oslo, or now if that is past.

    Args:
        on: the day; None: today, or tomorrow when today is nearly over.
        now: aware.

    Raises:
        UserError: on that day no story can begin, with the reason.
    """
    here = now.astimezone(OSLO)
    today, tomorrow = here.date(), here.date() + timedelta(days=1)
    nearly_over = (here + ROOM).date() > today
    if on is None:
        on = tomorrow if nearly_over else today
    if on < today:
        raise UserError(
            f"--on {on} is past: the clock of a Temporal server is only ever moved forward. "
            f"Choose a day from {today} on."
        )
    if on > LATEST_BEGINNING:
        raise UserError(
            f"--on {on} is too far ahead: one of the lives takes 60 years, and bank holidays are "
            f"known until 2200. Choose a day until {LATEST_BEGINNING}."
        )
    if on == today and nearly_over:
        raise UserError(
            f"--on {on}: that day is over in a few minutes in Oslo, and its scenes take longer. "
            f"Begin tomorrow, with --on {tomorrow}."
        )
    return max(noon(on), here)
