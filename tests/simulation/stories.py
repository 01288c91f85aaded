"""Lives drawn from a seed: who applies when, and what is told of them, rightly and wrongly."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from tests.builders import national_id
from tests.union.register import orgnr

EMPLOYERS = tuple(orgnr(nth) for nth in range(6))
BRANCHES = ("OSLO", "BERGEN")
PERCENTS = ("100", "100", "80", "60", "50.01", "50", "50", "40", "20")
MONTH = 30

KINDS = {
    "ordinary": 60,
    "hidden": 10,
    "student": 10,
    "apprentice": 7,
    "early_pensioner": 6,
    "pensioner": 7,
}


@dataclass(frozen=True)
class Told:
    """One message on its way: said on a day, whatever it says."""

    day: date
    name: str
    said: Mapping[str, Any]

    def __str__(self) -> str:
        said = ", ".join(f"{name} {value}" for name, value in self.said.items())
        return f"{self.day}  {self.name}: {said}"


@dataclass(frozen=True)
class Story:
    """A life as it is going to be told.

    Attributes:
        seed: of what employers, the bank and the post make of it.
        form: the application, as JSON.
        approval: the fields of the decision on it.
    """

    number: int
    seed: int
    applied_on: date
    form: Mapping[str, Any]
    approval: Mapping[str, Any]
    told: tuple[Told, ...] = field(default=())

    @property
    def membership_id(self) -> str:
        """Of the form that ids have, by number."""
        return f"membership-{self.seed % 2**32:08x}-0000-4000-8000-{self.number:012x}"

    def without(self, places: frozenset[int]) -> "Story":
        """Return the story with some of what is told left out."""
        left = tuple(one for place, one in enumerate(self.told) if place not in places)
        return replace(self, told=left)

    def __str__(self) -> str:
        lines = [f"{self.applied_on}  applies: {_short(self.form)}"]
        lines += [f"{self.applied_on + timedelta(days=1)}  approved: {dict(self.approval)}"]
        return "\n".join([*lines, *map(str, self.told)])


def _short(form: Mapping[str, Any]) -> str:
    born = form["applicant"]["birth_date"]
    more = {
        name: form[name]
        for name in ("employment", "hidden", "insurance_reservation", "pension", "study")
        if form.get(name)
    }
    return f"{form['category']}, born {born}, {more}"


class Author:
    """Writes the lives of a union.

    Args:
        seed: the same lives for the same one.
        start: the first day anybody may apply.
        years: how long they go on.
        pause: days between what is told of a life, at most.
    """

    def __init__(self, seed: int, start: date, years: int, pause: int = 2400) -> None:
        self.chance = random.Random(seed)
        self.start, self.days, self.pause = start, years * 365, pause
        self._individual: dict[date, int] = {}

    def write(self, count: int) -> list[Story]:
        """Return so many lives."""
        return [self._life(number) for number in range(1, count + 1)]

    def _life(self, number: int) -> Story:
        chance = self.chance
        kind = chance.choices(list(KINDS), list(KINDS.values()))[0]
        applied = self.start + timedelta(days=int(self.days * chance.random() ** 2 * 0.85))
        born = self._born(kind, applied)
        form = self._form(kind, born, applied, number)
        approval: dict[str, Any] = {"category": form["category"]}
        if kind in ("ordinary", "apprentice") and chance.random() < 0.7:
            approval["branch"] = chance.choice(BRANCHES)
        story = Story(number, chance.randrange(2**32), applied, form, approval)
        told = sorted(self._tellings(kind, born, applied), key=lambda one: one.day)
        return replace(story, told=tuple(told))

    def _born(self, kind: str, applied: date) -> date:
        ages = {"student": (19, 28), "apprentice": (18, 21), "early_pensioner": (62, 66)}
        low, high = ages.get(kind, (69, 80) if kind == "pensioner" else (19, 68))
        day = date(applied.year - self.chance.randint(low, high), 1, 1)
        if self.chance.random() < 0.02:
            leap = day.year - day.year % 4
            return date(leap, 2, 29)
        return day + timedelta(days=self.chance.randrange(365))

    def _form(self, kind: str, born: date, applied: date, number: int) -> dict[str, Any]:
        chance = self.chance
        category = "ordinary" if kind == "hidden" else kind
        form: dict[str, Any] = {
            "applicant": {
                "name": f"Medlem {_letters(number)}",
                "birth_date": f"{born}",
                "email": f"medlem{number}@example.org",
                "national_id": self._national_id(born),
            },
            "category": category,
            "consents": {"terms": True},
        }
        if category == "ordinary":
            form["employment"] = {
                "employer_orgnr": chance.choice(EMPLOYERS),
                "employer_name": "Bedrift AS",
                "position_percent": chance.choice(PERCENTS),
            }
            form["hidden"] = kind == "hidden"
            form["insurance_reservation"] = chance.random() < 0.2
        if category == "student":
            form["study"] = {"school": "Fagskolen", "ends_on": f"{applied + timedelta(days=900)}"}
        if category == "apprentice":
            form["apprenticeship"] = {"ends_on": f"{applied + timedelta(days=700)}"}
        if category == "early_pensioner":
            form["pension"] = {"kind": "disability", "from": f"{applied - timedelta(days=40)}"}
        if category == "pensioner":
            form["pension"] = {"kind": "old_age", "from": f"{applied - timedelta(days=40)}"}
        return form

    def _national_id(self, born: date) -> str | None:
        """Return a synthetic number that nobody has had; none where there are no more of them."""
        if not 1940 <= born.year < 2040:
            return None
        first = 500 if born.year > 1999 else 0
        tried = self._individual.get(born, 0)
        self._individual[born] = tried + 12
        return national_id(born, first + tried) if tried < 400 else None

    def _tellings(self, kind: str, born: date, applied: date) -> Iterator[Told]:
        """Yield what is told of a life: mostly true, often late, at times twice or senseless."""
        chance = self.chance
        end = self.start + timedelta(days=self.days)
        day = applied + timedelta(days=chance.randint(5, 200))
        learning = kind in ("student", "apprentice")
        while day < end:
            drawn = self._one(kind, learning, born, day)
            for one in drawn:
                yield one
                if chance.random() < 0.08:
                    yield replace(one, day=one.day + timedelta(days=chance.randint(0, 40)))
                if one.name == "change_category":
                    learning = one.said["category"] in ("student", "apprentice")
            if any(one.name in ("resign", "record_death") for one in drawn):
                return
            day += timedelta(days=chance.randint(60, self.pause))

    def _one(self, kind: str, learning: bool, born: date, day: date) -> list[Told]:
        chance = self.chance
        told = day + timedelta(days=chance.choice((0, 0, 0, 3, 12, 30, 45, 70, 100, 140)))
        age = (day - born).days / 365.25
        if chance.random() < 0.04:
            return [self._nonsense(day)]
        if (end := self._end(age, day, told)) is not None:
            return [end]
        if learning:
            return self._of_learner(kind, day, told)
        if age >= 62 and chance.random() < 0.4:
            percent = chance.choice(("0", "0", "0", "40", "60"))
            pension = {"kind": chance.choice(("old_age", "afp")), "from_on": day}
            return [Told(told, "report_pension", pension | {"working_percent": percent})]
        return self._of_worker(age, day, told)

    def _end(self, age: float, day: date, told: date) -> Told | None:
        chance = self.chance
        if chance.random() < 0.06:
            return Told(told if chance.random() < 0.5 else day, "resign", {"received_on": day})
        if chance.random() < (0.02 if age < 70 else 0.2):
            return Told(told, "record_death", {"died_on": day, "caseworker": "ola"})
        return None

    def _of_worker(self, age: float, day: date, told: date) -> list[Told]:
        chance = self.chance
        draw = chance.random()
        if draw < 0.6:
            works: dict[str, Any] = {"effective_on": day}
            if draw > 0.5:
                return [
                    Told(told, "change_employment", works | {"branch": chance.choice(BRANCHES)})
                ]
            if draw > 0.4:
                works["employer_orgnr"] = chance.choice(EMPLOYERS)
                works["employer_name"] = "Ny Bedrift AS"
            works["position_percent"] = chance.choice(PERCENTS)
            return [Told(told, "change_employment", works)]
        if draw < 0.7:
            return self._hides(day)
        if draw < 0.85 and age < 62:
            return [self._waiver(day, told)]
        if draw < 0.95:
            return [Told(told, "reserve_insurance", {"received_on": day})]
        return [Told(day, "enroll_insurance", {"from_on": day})]

    def _hides(self, day: date) -> list[Told]:
        chance = self.chance
        on: dict[str, Any] = {
            "hidden": True,
            "effective_on": day + timedelta(days=chance.randint(0, 40)),
        }
        off: dict[str, Any] = {
            "hidden": False,
            "effective_on": day + timedelta(days=chance.randint(100, 500)),
            "consent": True,
            "branch": chance.choice(BRANCHES),
        }
        return [Told(day, "set_hidden", on), Told(off["effective_on"], "set_hidden", off)]

    def _waiver(self, day: date, told: date) -> Told:
        chance = self.chance
        kind = chance.choice(("leave", "unemployed", "laid_off", "benefits", "unpaid_leave"))
        said: dict[str, Any] = {
            "from_on": day,
            "until_on": day + timedelta(days=chance.randint(20, 330)),
            "caseworker": "ola",
            "kind": kind,
            "documentation": "Sak 12",
        }
        if kind != "leave" and chance.random() < 0.4:
            said["share"] = chance.choice(("free", "quarter"))
        return Told(told, "grant_leave", said)

    def _of_learner(self, kind: str, day: date, told: date) -> list[Told]:
        chance = self.chance
        if chance.random() < 0.3 and kind == "student":
            said = {"category": "apprentice", "effective_on": day}
            said["ends_on"] = day + timedelta(days=600)
            return [Told(told, "change_category", said)]
        said = {"category": "ordinary", "effective_on": day}
        works = {
            "effective_on": day,
            "employer_orgnr": chance.choice(EMPLOYERS),
            "employer_name": "Bedrift AS",
            "position_percent": chance.choice(PERCENTS),
        }
        return [Told(told, "change_category", said), Told(told, "change_employment", works)]

    def _nonsense(self, day: date) -> Told:
        """Return what must be refused with a reason, and changes nothing."""
        ahead = day + timedelta(days=3000)
        return self.chance.choice(
            (
                Told(day, "resign", {"received_on": ahead}),
                Told(day, "record_death", {"died_on": ahead, "caseworker": "ola"}),
                Told(day, "change_employment", {"effective_on": day, "branch": "NOWHERE"}),
                Told(day, "reserve_insurance", {"received_on": ahead}),
                Told(day, "decide_application", {"decision": "approve", "caseworker": "ola"}),
                Told(day, "withdraw_application", {}),
            )
        )


def _letters(number: int) -> str:
    """Return a number as letters: two people of one name would be taken for one."""
    found = ""
    while number:
        number, digit = divmod(number, 26)
        found += chr(97 + digit)
    return found.capitalize()
