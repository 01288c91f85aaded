"""A life as lanes: what held from when until when, for the pictures to draw.

Everything comes from what the membership itself answered: dues from the terms in ``state``, the
rest from looking at it on the way, dated by its decision log.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from schemas.shared.calendar import oslo_date
from schemas.shared.vocabulary import Event
from workers.demo.play import Glimpse, Json, Life

MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}

CHANGING = frozenset(
    {
        Event.CHANGE_TOOK_EFFECT,
        Event.CATEGORY_CHANGED,
        Event.EMPLOYMENT_CHANGED,
        Event.PENSION_REPORTED,
        Event.RETIREMENT_AGE_REACHED,
        Event.HIDDEN_CHANGED,
        Event.LEAVE_GRANTED,
    }
)
"""Decisions by which category, flag or leave become others."""


@dataclass(frozen=True)
class Span:
    """Something that held for a while; half-open."""

    what: str
    begins: date
    ends: date


@dataclass(frozen=True)
class Charge:
    """What is paid in each month of a span, in øre a month; a year's fee counts a twelfth.

    Attributes:
        yearly_ore: the fee as it is invoiced once a year, or None.
        payer: None where nothing is paid.
    """

    begins: date
    ends: date
    central_ore: int
    local_ore: int
    premium_ore: int
    yearly_ore: int | None
    payer: str | None


@dataclass(frozen=True)
class Chronicle:
    """A whole life, ready to be drawn."""

    name: str
    born: date
    begins: date
    ends: date
    categories: tuple[Span, ...]
    hidden: tuple[Span, ...]
    leaves: tuple[Span, ...]
    charges: tuple[Charge, ...]
    captions: tuple[tuple[date, str], ...]

    @property
    def payers(self) -> tuple[Span, ...]:
        """Who paid, neighbours joined."""
        spans = [Span(c.payer, c.begins, c.ends) for c in self.charges if c.payer]
        return tuple(_joined(spans))

    @property
    def cover(self) -> tuple[Span, ...]:
        """When the insurance package was paid for."""
        spans = [Span("covered", c.begins, c.ends) for c in self.charges if c.premium_ore]
        return tuple(_joined(spans))

    def age(self, day: date) -> float:
        """Return the age on a day, in years and parts of a year."""
        start = date(day.year, 1, 1)
        days = (date(day.year + 1, 1, 1) - start).days
        years = day.year - self.born.year + (day - start).days / days
        return years - (self.born - date(self.born.year, 1, 1)).days / days


def chronicle(life: Life) -> Chronicle:
    """Return a life that has been played as lanes."""
    log = [(oslo_date(datetime.fromisoformat(line["at"])), line["about"]) for line in life.log]
    begins = date.fromisoformat(life.state["member_since"])
    ends = life.seen[-1].on
    changes = [day for day, event in log if event in CHANGING]
    return Chronicle(
        name=life.person.name,
        born=date.fromisoformat(life.person.application["applicant"]["birth_date"]),
        begins=begins,
        ends=ends,
        categories=tuple(_spans(life, changes, begins, lambda seen: seen.category)),
        hidden=tuple(_spans(life, changes, begins, lambda seen: "hidden" if seen.hidden else None)),
        leaves=tuple(
            _spans(life, changes, begins, lambda seen: "leave" if seen.on_leave else None)
        ),
        charges=tuple(_charges(life.state["terms"], begins, ends)),
        captions=((begins, "Joins as a student"), *life.person.captions),
    )


def _spans(
    life: Life, changes: Sequence[date], begins: date, what: Callable[[Glimpse], str | None]
) -> Iterator[Span]:
    """Yield what held from when until when; a change seen on the way is dated by the log."""
    held, since, looked = what(life.seen[0]), begins, begins
    for seen in life.seen:
        if what(seen) != held:
            day = next((day for day in changes if looked < day <= seen.on), seen.on)
            if held is not None:
                yield Span(held, since, day)
            held, since = what(seen), day
        looked = seen.on - timedelta(days=1)
    if held is not None:
        yield Span(held, since, life.seen[-1].on)


def _charges(terms: Sequence[Json], begins: date, ends: date) -> Iterator[Charge]:
    days = {begins, ends}
    for term in terms:
        days |= {
            date.fromisoformat(term[name]) for name in ("valid_from", "valid_to") if term[name]
        }
    for start, end in pairwise(sorted(day for day in days if begins <= day <= ends)):
        held = {term["kind"]: term for term in terms if _holds(term, start)}
        central = held["central_dues"]
        paid = [term for term in held.values() if term["amount_ore"]]
        yield Charge(
            begins=start,
            ends=end,
            central_ore=_monthly(central),
            local_ore=_monthly(held.get("local_dues")),
            premium_ore=_monthly(held.get("insurance_premium")),
            yearly_ore=central["amount_ore"] if central["cadence"] == "yearly" else None,
            payer=paid[0]["payer"] if paid else None,
        )


def _holds(term: Json, day: date) -> bool:
    first, end = str(term["valid_from"]), term["valid_to"]
    return first <= str(day) and (end is None or str(day) < end)


def _monthly(term: Json | None) -> int:
    return term["amount_ore"] // MONTHS[term["cadence"]] if term else 0


def _joined(spans: Sequence[Span]) -> Iterator[Span]:
    """Yield the spans with equal neighbours made one."""
    last: Span | None = None
    for span in spans:
        if last is not None and last.what == span.what and last.ends == span.begins:
            last = Span(last.what, last.begins, span.ends)
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last
