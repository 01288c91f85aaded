"""What somebody owes for a month, by the law alone: a page of arithmetic.

It is written from docs/rules.md, uses no function of the product, and looks at every month anew:
the facts are folded in the order of their dates, and the first of the month says what it costs.
What was told too late for a month is not a fact of it (A31).
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

CENTRAL, LOCAL, PREMIUM = "central_dues", "local_dues", "insurance_premium"

FAR = date(2500, 1, 1)
"""After all that is looked at."""

DAY = timedelta(days=1)

REACH = 3
"""Months that what is told reaches back (A31)."""

WINDOW = 30
"""Days for a reservation, from the proof of the notice (A21)."""

WAIVED = {"unemployed": 25, "laid_off": 25, "benefits": 25, "unpaid_leave": 0, "leave": 0}
"""Per cent of full dues where nothing else is granted (A36, L4)."""

Owed = Mapping[str, int]


@dataclass(frozen=True)
class Prices:
    """What things cost in a month, in øre.

    Attributes:
        full: central dues.
        local: of each branch, and whether half dues halve it (A3).
    """

    full: int
    premium: int
    local: Mapping[str, tuple[int, bool]]


@dataclass(frozen=True)
class Fact:
    """Something that was told and taken in.

    Attributes:
        told_on: the day we learned of it.
        what: the message.
        said: its fields, days as dates.
    """

    told_on: date
    what: str
    said: Mapping[str, Any]

    @property
    def day(self) -> date:
        """The first day it is true."""
        for name in ("effective_on", "from_on", "received_on", "as_of", "died_on"):
            if name in self.said:
                day: date = self.said[name]
                return day
        return self.told_on


@dataclass
class Known:
    """All that is known of a member: who was approved when, as what, and what was told since."""

    born: date
    since: date
    category: str
    percent: float | None = None
    branch: str | None = None
    hidden: bool = False
    pension: bool = False
    reserved: bool = False
    facts: list[Fact] = field(default_factory=list)


def month_of(day: date) -> date:
    """Return the first of a day's month."""
    return day.replace(day=1)


def later(month: date, count: int) -> date:
    """Return the first of the month so many months on."""
    number = month.year * 12 + month.month - 1 + count
    return date(number // 12, number % 12 + 1, 1)


def first_whole(day: date) -> date:
    """Return the first month that begins on a day or after it."""
    return day if day.day == 1 else later(month_of(day), 1)


def turns(born: date, age: int) -> date:
    """Return a birthday; who was born on 29 February has it on 1 March in other years (A32)."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


def up_to_ten(ore: int) -> int:
    """Return an amount up to the next ten kroner: a ceiling (S12, S18)."""
    return -(-ore // 1000) * 1000


class State:
    """What holds of a member on a day: the facts folded in the order they became true (L1)."""

    def __init__(self, known: Known, day: date, facts: Iterable[Fact]) -> None:
        self.base, self.percent = known.category, known.percent
        self.branch, self.hidden, self.pension = known.branch, known.hidden, known.pension
        self.waived: int | None = None
        self.may_end, self.until = False, date.min
        true = (fact for fact in facts if fact.day <= day)
        for fact in sorted(true, key=lambda fact: (fact.day, fact.told_on)):
            self._take(fact)
        if day > self.until:
            self.waived = None
        self.old = day >= turns(known.born, 67)
        self.category = self._category()

    def _take(self, fact: Fact) -> None:
        said = fact.said
        match fact.what:
            case "change_employment":
                self._work(fact)
            case "change_category":
                self.base = said["category"]
            case "report_pension":
                self.pension, self.base = True, "ordinary"
                self.percent = float(said.get("working_percent") or 0)
            case "set_hidden":
                self.hidden = said["hidden"]
                self.branch = said.get("branch") or self.branch
            case "grant_leave":
                kind, share = said.get("kind") or "leave", said.get("share")
                self.waived = {None: WAIVED[kind], "free": 0, "quarter": 25}[share]
                self.may_end, self.until = kind != "leave", said["until_on"]

    def _work(self, fact: Fact) -> None:
        """Take in other work; more than half of it ends what was granted for want of it (A36)."""
        self.branch = fact.said.get("branch") or self.branch
        if fact.said.get("position_percent") is not None:
            self.percent = float(fact.said["position_percent"])
            if self.waived is not None and self.percent > 50 and self.may_end:
                self.until = min(self.until, fact.day - DAY)
        if self.pension and self.percent:
            self.base = "ordinary"

    def _category(self) -> str:
        """Return the category: a pension without work retires, 67 makes a pensioner (A14, A16)."""
        if self.base in ("student", "apprentice"):
            return self.base
        if self.pension and not self.percent:
            return "pensioner" if self.old else "early_pensioner"
        return "ordinary"


def owed_of_month(state: State, prices: Prices) -> dict[str, int]:
    """Return the monthly dues: central, and local where a branch is known (S1-S5, S14, S21)."""
    full, half = prices.full, False
    match state.category:
        case "ordinary":
            # Past 67 part-time work costs full dues (A15); no work at all is not half work (A5).
            half = 0 < (state.percent or 0) <= 50 and not state.old
            central = full // 2 if half else full
        case "early_pensioner":
            central = full // 4
        case _:
            central = 0
    # Only who works can be kept from working (A36); a leave is anybody's (L4).
    if state.waived is not None and (state.category == "ordinary" or not state.may_end):
        return {CENTRAL: min(central, full * state.waived // 100)}
    owed = {CENTRAL: central}
    if state.category == "ordinary" and state.branch and not state.hidden:
        local, halves = prices.local[state.branch]
        owed[LOCAL] = local // 2 if half and halves else local
    return owed


class Timeline:
    """A life by a set of facts: what holds from each day on which something becomes another."""

    def __init__(self, known: Known, facts: list[Fact], told: list[Fact]) -> None:
        """Fold the facts.

        Args:
            known: of the member.
            facts: those that count.
            told: all there are: a form that came in time counts whenever it is entered (A21).
        """
        self.known, self.facts, self.told = known, facts, told
        days = {known.since, turns(known.born, 67), *(fact.day for fact in facts)}
        days |= {fact.said["until_on"] + DAY for fact in facts if fact.what == "grant_leave"}
        self.days = sorted(day for day in days if day >= known.since)
        self.states = [State(known, day, facts) for day in self.days]
        self.end = self._end()
        self.covers = tuple(self._covers())

    def on(self, month: date) -> State:
        """Return what holds on the first of a month, or on the day of the approval in the first."""
        return self.states[bisect_right(self.days, max(month, self.known.since)) - 1]

    def _end(self) -> date:
        """Return the first month that is not charged any more (A29, A30, L7)."""
        ends = [FAR]
        for fact in self.facts:
            if fact.what == "resign":
                ends.append(later(month_of(fact.day), 2))
            elif fact.what == "record_death":
                lived = fact.day >= self.known.since
                ends.append(later(month_of(fact.day), 1) if lived else date.min)
            elif fact.what == "report_arrears":
                ends.append(later(month_of(fact.day), 1))
        return min(ends)

    def _covers(self) -> Iterator[tuple[date, date]]:
        """Yield the months of cover that are paid for, from and until.

        A window opens whenever the package becomes possible (S6, A39); without a reservation
        there is cover from the day after it (A18). It ends with a category that has none, with the
        last coverage (A17), and by a reservation (A21).
        """
        known = self.known
        gone = date(turns(known.born, 67).year + 1, 1, 1)
        proofs = [fact.day for fact in self.told if fact.what == "noticed"]
        forms = [fact.day for fact in self.told if fact.what == "reserve_insurance"]
        heard = {fact.day for fact in self.facts if fact.what == "reserve_insurance"}
        taken = [fact.day for fact in self.facts if fact.what == "enroll_insurance"]
        covered_until = date.min
        for start, end in self._eligible():
            if start < covered_until:
                continue  # whoever is covered is asked nothing
            over = next((day for day in self._studies() if day > start), FAR)
            begins, stops = FAR, min(first_whole(over), gone)
            proof = next((day for day in proofs if start <= day < over), None)
            deadline = None if proof is None else proof + timedelta(days=WINDOW)
            if known.reserved and start == known.since:
                deadline = None
            elif deadline is not None:
                begins = deadline + DAY
            for day in (day for day in forms if start <= day < over):
                if deadline is not None and day <= deadline:
                    begins = FAR  # in time: from the start, whenever it is entered
                elif day >= begins and day in heard:
                    stops = min(stops, later(month_of(day), 1))
            if begins < min(over, gone) and self._is_open_on(begins):
                yield first_whole(begins), stops
                covered_until = stops
            for day in (day for day in taken if start <= day < end):
                after = [form for form in heard if form >= day]
                last = later(month_of(min(after)), 1) if after else FAR
                yield first_whole(day), min(first_whole(over), gone, last)

    def _is_open_on(self, day: date) -> bool:
        """Tell whether the package was the member's when a window closed, as was known then."""
        known = [fact for fact in self.told if fact.told_on < day]
        return State(self.known, day, known).category in ("ordinary", "early_pensioner")

    def _studies(self) -> list[date]:
        """Return the days on which the member is a student, which ends any cover (S8)."""
        pairs = zip(self.days, self.states, strict=True)
        return [day for day, state in pairs if state.category == "student"]

    def _eligible(self) -> Iterator[tuple[date, date]]:
        """Yield the spans in which the package is open to a member who says nothing (A7, S8)."""
        open_from = None
        for day, state in zip(self.days, self.states, strict=True):
            can = state.category in ("ordinary", "early_pensioner")
            if can and open_from is None:
                open_from = day
            elif not can and open_from is not None:
                yield open_from, day
                open_from = None
        if open_from is not None:
            yield open_from, FAR


class Life:
    """What a member owes, month by month.

    Args:
        known: of the member, as it is now.
        prices: of a month.
    """

    def __init__(self, known: Known, prices: Callable[[date], Prices]) -> None:
        self.known, self.prices = known, prices
        self._timelines: dict[int, Timeline] = {}
        self._latest = Timeline(known, known.facts, known.facts)
        last = max((fact.told_on for fact in known.facts), default=known.since)
        self._settled = later(month_of(last), -REACH)

    def _as_of(self, month: date) -> Timeline:
        """Return the life by what was told in time for a month; a death always is (A31)."""
        if month >= self._settled:
            return self._latest
        facts = [
            fact
            for fact in self.known.facts
            if fact.what == "record_death" or month_of(fact.told_on) <= later(month, REACH)
        ]
        if len(facts) not in self._timelines:
            self._timelines[len(facts)] = Timeline(self.known, facts, self.known.facts)
        return self._timelines[len(facts)]

    def owed(self, until: date, first: date = date.min) -> dict[tuple[date, str], int]:
        """Return what is owed for the months between two, in øre by kind, without zeros."""
        found: dict[tuple[date, str], int] = {}
        began = month_of(self.known.since)
        # A fee of the year may have been charged in an earlier month of it.
        month, paid_years = max(began, first.replace(month=1, day=1)), set[int]()
        while month <= until:
            life = self._as_of(month)
            owed = self._of(month, life, paid_years) if month < life.end else {}
            if month >= first:
                found |= {(month, kind): ore for kind, ore in owed.items() if ore}
            month = later(month, 1)
        return found

    def _of(self, month: date, life: Timeline, paid_years: set[int]) -> dict[str, int]:
        prices, state = self.prices(month), life.on(month)
        owed = owed_of_month(state, prices)
        if state.category in ("student", "pensioner"):
            owed = {}
            if month.year not in paid_years:
                paid_years.add(month.year)
                year = prices.full * 12
                owed[CENTRAL] = (
                    up_to_ten(year * 5 // 100)  # S12, the whole of it (A13)
                    if state.category == "student"
                    else up_to_ten(year * 10 // 100) * (13 - month.month) // 12  # S18, A13
                )
        if any(start <= month < end for start, end in life.covers):
            owed[PREMIUM] = prices.premium
        return owed
