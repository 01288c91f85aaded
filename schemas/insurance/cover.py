"""Who is covered by what on which days, and what of it the insurance office does not know. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date

from schemas.insurance.contracts import Change, Insured, Line, Stretch, Told
from schemas.membership.insurance import coverages_end, first_premium_month
from schemas.pricing.rulebook import Rulebook, in_force
from schemas.shared.calendar import day_before

Cover = tuple[str, ...]


def coverages_in(rulebook: Rulebook) -> Cover:
    """Return the names of all coverages, in the rulebook's order."""
    return tuple(dict.fromkeys(coverage.name for coverage in rulebook.coverages))


def cover_of(insured: Insured, rulebook: Rulebook, last: date) -> tuple[Stretch, ...]:
    """Return the days somebody is covered, up to a day; what goes on beyond it has no end.

    A cover may begin up to a month before the first month that is paid for (A18), and it ends with
    the membership, at a death on its day. Each coverage ends at its own age.

    Args:
        insured: as the books have it.
        rulebook: with the coverages and their ages.
        last: what begins later is not known yet.

    Source: S6, A17, A18, A21, L7.
    """
    ends = coverages_end(insured.birth_date, rulebook)
    spans = [_days(insured, span.valid_from, span.valid_to) for span in insured.paid]
    spans = [(start, stop) for start, stop in spans if start <= last and start < stop]
    points = {day for span in spans for day in span} | set(ends.values())
    days = sorted(day for day in points if day <= last)

    def on(day: date) -> Cover:
        if not any(start <= day < stop for start, stop in spans):
            return ()
        return tuple(name for name in coverages_in(rulebook) if day < ends[name])

    return _stretches((day, on(day)) for day in days)


def _days(insured: Insured, start: date, stop: date | None) -> tuple[date, date]:
    begun = insured.covered_from
    if begun is not None and first_premium_month(begun) == start:
        start = begun
    ends = [day for day in (stop, insured.ended_on) if day is not None]
    return start, min(ends, default=date.max)


def _stretches(days: Iterable[tuple[date, Cover]]) -> tuple[Stretch, ...]:
    """Return what holds from each day on as stretches; the last one goes on."""
    found: list[Stretch] = []
    for day, cover in days:
        if found and found[-1].until is None:
            if found[-1].coverages == cover:
                continue
            found[-1] = found[-1].model_copy(update={"until": day})
        if cover:
            found.append(Stretch(valid_from=day, coverages=cover))
    return tuple(found)


def on_day(stretches: Iterable[Stretch], day: date) -> Cover:
    """Return what holds on a day."""
    return next(
        (
            stretch.coverages
            for stretch in stretches
            if stretch.valid_from <= day and (stretch.until is None or day < stretch.until)
        ),
        (),
    )


def in_month(stretches: Sequence[Stretch], first: date, last: date) -> Cover:
    """Return what somebody is first covered by in a month, or nothing."""
    begun = (max(stretch.valid_from, first) for stretch in stretches)
    days = [day for day in begun if day <= last and on_day(stretches, day)]
    return on_day(stretches, min(days)) if days else ()


def news_of(insured: Insured, rulebook: Rulebook, first: date, last: date) -> list[Line]:
    """Return what the office is to be told of a member in a month's file, by day.

    Whatever the books say otherwise than what was told is a line, however long ago it began: what
    came late goes into the next file, back-dated. Reserved in time, nobody was ever in (A21).

    Args:
        insured: as the books have it, and what was told of it.
        rulebook: with the coverages.
        first, last: the days of the month.

    Source: S6, S9, A17, A21, A39.
    """
    told = insured.told or Told(number=insured.number, birth_date=insured.birth_date)
    now = cover_of(insured, rulebook, last)
    lines = [
        _line(insured, rulebook, first, change, start, stop, cover)
        for start, stop, cover, change in _differences(told.stretches, now)
    ]
    reserved = insured.reserved_from
    if reserved is not None and reserved <= last and reserved != told.reserved_from:
        lines = _with_reservation(insured, rulebook, first, lines, reserved)
    if (told.number, told.birth_date) != (insured.number, insured.birth_date):
        lines.insert(0, _corrected(insured, rulebook, first, told, now))
    return lines


def told_after(insured: Insured, rulebook: Rulebook, last: date) -> Told:
    """Return what the office knows of a member once it has a file."""
    reserved = insured.reserved_from
    return Told(
        number=insured.number,
        birth_date=insured.birth_date,
        stretches=cover_of(insured, rulebook, last),
        reserved_from=reserved if reserved is not None and reserved <= last else None,
    )


def _differences(
    before: Sequence[Stretch], after: Sequence[Stretch]
) -> list[tuple[date, date | None, Cover, Change]]:
    """Return the days on which two accounts of a cover differ, and what holds on them."""
    points = {stretch.valid_from for stretch in (*before, *after)}
    points |= {stretch.until for stretch in (*before, *after) if stretch.until is not None}
    found: list[tuple[date, date | None, Cover, Cover]] = []
    for day in sorted(points):
        was, holds = on_day(before, day), on_day(after, day)
        if found and found[-1][1] is None:
            if found[-1][2:] == (holds, was):
                continue
            found[-1] = (found[-1][0], day, *found[-1][2:])
        if was != holds:
            found.append((day, None, holds, was))
    return [(start, stop, holds, _change(holds, was)) for start, stop, holds, was in found]


def _change(holds: Cover, was: Cover) -> Change:
    if not holds:
        return Change.OUT
    return Change.CHANGED if was else Change.IN


def _line(
    insured: Insured,
    rulebook: Rulebook,
    first: date,
    change: Change,
    start: date,
    stop: date | None,
    cover: Cover,
) -> Line:
    price = in_force(rulebook.premiums, start).premium_ore
    return Line(
        membership_id=insured.membership_id,
        number=insured.number,
        birth_date=insured.birth_date,
        change=change,
        from_on=start,
        until_on=None if stop is None else day_before(stop),
        coverages=cover,
        premium_ore=(insured.premium_ore or price) if cover else 0,
        back_dated=start < first,
    )


def _with_reservation(
    insured: Insured, rulebook: Rulebook, first: date, lines: Sequence[Line], reserved: date
) -> list[Line]:
    """Say of whoever goes out by a reservation that it was one; else tell of it by itself."""
    said = [
        line.model_copy(update={"change": Change.RESERVED})
        if line.change is Change.OUT and line.from_on >= reserved
        else line
        for line in lines
    ]
    if any(line.change is Change.RESERVED for line in said):
        return said
    return [*said, _line(insured, rulebook, first, Change.RESERVED, reserved, None, ())]


def _corrected(
    insured: Insured, rulebook: Rulebook, first: date, told: Told, now: Sequence[Stretch]
) -> Line:
    """Return the line by which a number or a birth date becomes another."""
    cover = on_day(now, first)
    line = _line(insured, rulebook, first, Change.CORRECTED, first, None, cover)
    former = told.number if told.number != insured.number else None
    return line.model_copy(update={"former_number": former})
