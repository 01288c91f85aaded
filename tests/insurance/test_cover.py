"""S6, A17, A18, A21, L7: who is covered on which days, and what of it the office is told."""

from datetime import date

import pytest

from schemas.dues.terms import Span
from schemas.insurance.contracts import Insured, Told
from schemas.insurance.cover import cover_of, in_month, news_of, told_after
from tests.builders import BOOK

JANUARY, FEBRUARY, MARCH = date(2027, 1, 1), date(2027, 2, 1), date(2027, 3, 1)
ALL = ("life", "disability", "critical_illness")
M = "membership-5f0c2f4e-0d4b-4d5e-9a0e-7d1f4f6f0001"


def insured(start=JANUARY, stop=None, born=date(1986, 4, 12), **more):
    """Return a member whose package is charged for from January 2027 on, unless told otherwise."""
    paid = () if start is None else (Span(valid_from=start, valid_to=stop),)
    return Insured(
        membership_id=M, number="00012345", birth_date=born, paid=paid, premium_ore=20000, **more
    )


def shown(stretches):
    """Return stretches as first day, day after the last, and how many coverages."""
    return [
        f"{s.valid_from}..{s.until or ''} {','.join(name[0] for name in s.coverages)}"
        for s in stretches
    ]


@pytest.mark.parametrize(
    ("who", "last", "days"),
    [
        (insured(), "2027-01-31", ["2027-01-01.. l,d,c"]),
        # A18: covered from 23 December, charged from January.
        (insured(covered_from=date(2026, 12, 23)), "2026-12-31", ["2026-12-23.. l,d,c"]),
        # A cover of last year says nothing of a new span.
        (insured(covered_from=date(2025, 5, 1)), "2027-01-31", ["2027-01-01.. l,d,c"]),
        (insured(FEBRUARY), "2027-01-31", []),
        # What ends later than the month is not known to end.
        (insured(stop=FEBRUARY), "2027-01-31", ["2027-01-01.. l,d,c"]),
        (insured(stop=FEBRUARY), "2027-02-28", ["2027-01-01..2027-02-01 l,d,c"]),
        # L7: at the death, though the month is charged whole.
        (insured(stop=FEBRUARY, ended_on=date(2027, 1, 14)), "2027-01-31",
         ["2027-01-01..2027-01-14 l,d,c"]),
        # A17: 60 on 12 January 2027: disability ends that day, the others go on.
        (insured(born=date(1967, 1, 12)), "2027-01-31",
         ["2027-01-01..2027-01-12 l,d,c", "2027-01-12.. l,c"]),
        # A17, A32: born on 29 February 1968, 60 on 29 February 2028, a leap year's.
        (insured(born=date(1968, 2, 29)), "2028-03-31",
         ["2027-01-01..2028-02-29 l,d,c", "2028-02-29.. l,c"]),
        # A17: 67 on 12 April 2027: critical illness ends that day, life with the year.
        (insured(stop=date(2028, 1, 1), born=date(1960, 4, 12)), "2028-01-31",
         ["2027-01-01..2027-04-12 l,c", "2027-04-12..2028-01-01 l"]),
        (insured(start=None), "2027-01-31", []),
    ],
    ids=["in", "days-before", "old-cover", "to-come", "goes-on", "over", "dead", "sixty",
         "leap-day", "sixty-seven", "never"],
)  # fmt: skip
def test_the_days_of_a_cover(who, last, days):
    """Charged months, from the first day of the cover, each coverage to its age."""
    assert shown(cover_of(who, BOOK, date.fromisoformat(last))) == days


def news(who, first=FEBRUARY, last=date(2027, 2, 28)):
    """Return the lines of a month's file: change, days, how many coverages, back-dated."""
    return [
        f"{line.change} {line.from_on}..{line.until_on or ''} {len(line.coverages)}"
        f"{' back-dated' if line.back_dated else ''}"
        for line in news_of(who, BOOK, first, last)
    ]


def after_january(who):
    """Return what the office knows by the file of January."""
    return told_after(who, BOOK, date(2027, 1, 31))


IN = after_january(insured())


@pytest.mark.parametrize(
    ("who", "lines"),
    [
        (insured(FEBRUARY), ["in 2027-02-01.. 3"]),
        (insured(told=IN), []),
        (insured(stop=FEBRUARY, told=IN), ["out 2027-02-01.. 0"]),
        # It is February's file; a death of 20 January is only known now.
        (insured(stop=FEBRUARY, ended_on=date(2027, 1, 20), told=IN),
         ["out 2027-01-20.. 0 back-dated"]),
        # Known in February: never in, since the reservation came in time (A21).
        (insured(start=None, reserved_from=date(2026, 11, 22), told=IN),
         ["reserved 2027-01-01.. 0 back-dated"]),
        # Reserved within the window: never in, and told as one who has reserved.
        (insured(start=None, reserved_from=date(2027, 2, 3)), ["reserved 2027-02-03.. 0"]),
        # Reserved later: covered through February, out from March: not in this file (A21).
        (insured(stop=MARCH, reserved_from=MARCH, told=IN), []),
        # A month without it, known late: student in January (A39), covered again in February.
        (insured(FEBRUARY, told=IN), ["out 2027-01-01..2027-01-31 0 back-dated"]),
        (insured(born=date(1967, 2, 12), told=after_january(insured(born=date(1967, 2, 12)))),
         ["changed 2027-02-12.. 2"]),
        # Disability had ended on 12 January, as a corrected birth date shows.
        (insured(born=date(1967, 1, 12), told=IN),
         ["corrected 2027-02-01.. 2", "changed 2027-01-12.. 2 back-dated"]),
        (insured(told=IN.model_copy(update={"number": "P-7"})), ["corrected 2027-02-01.. 3"]),
    ],
    ids=["in", "nothing", "out", "dead-late", "never-in", "reserved", "reserved-later", "break",
         "sixty", "born-otherwise", "number"],
)  # fmt: skip
def test_what_a_file_tells(who, lines):
    """What the books say otherwise than what was told, once, however long ago it began."""
    assert news(who) == lines
    again = who.model_copy(update={"told": told_after(who, BOOK, date(2027, 2, 28))})
    assert news(again) == []


def test_a_reservation_is_told_once_and_an_undone_one_ends():
    """Reserved, then enrolled anew: in, and no second word of the reservation."""
    reserved = Told(number="00012345", birth_date=date(1986, 4, 12), reserved_from=JANUARY)
    assert news(insured(start=None, reserved_from=JANUARY, told=reserved)) == []
    assert news(insured(FEBRUARY, told=reserved)) == ["in 2027-02-01.. 3"]


def test_what_counts_in_a_month():
    """What somebody is first covered by in it: whoever dies on the 14th is counted (A17)."""
    dead = cover_of(insured(ended_on=date(2027, 1, 14)), BOOK, date(2027, 1, 31))
    assert in_month(dead, JANUARY, date(2027, 1, 31)) == ALL
    assert in_month(dead, FEBRUARY, date(2027, 2, 28)) == ()
    begun = cover_of(insured(covered_from=date(2026, 12, 23)), BOOK, date(2026, 12, 31))
    assert in_month(begun, date(2026, 12, 1), date(2026, 12, 31)) == ALL
