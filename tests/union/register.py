"""The register that another system leaves: members of all kinds, at twenty employers and none."""

import csv
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.builders import national_id

EMPLOYERS = 20
DIRECT, PAYROLL = "direct", "payroll"

_KINDS = (
    *((("ordinary", PAYROLL),) * 60),
    *((("ordinary", DIRECT),) * 24),
    *((("student", DIRECT),) * 6),
    *((("apprentice", DIRECT),) * 3),
    *((("early_pensioner", DIRECT),) * 3),
    *((("pensioner", DIRECT),) * 4),
)
"""Of a hundred members."""

_AGES = {"student": 23, "apprentice": 19, "ordinary": 45, "early_pensioner": 64, "pensioner": 75}
_GIVEN = ("Kari", "Ola", "Aslaug", "Bjørn", "Siv Åse", "Mohammed", "Ingrid", "Zoë", "Ærlend", "Li")
_FAMILY = ("Nordmann", "Hansen", "Lie", "Bø", "Ødegård", "Åsen", "Nguyen", "de Vries", "Ås-Moe")


def orgnr(nth: int) -> str:
    """Return the nth of some organisation numbers that are well formed (N4)."""
    found = -1
    for body in range(81000000, 82000000):
        digits = f"{body}"
        total = sum(int(d) * w for d, w in zip(digits, (3, 2, 7, 6, 5, 4, 3, 2), strict=True))
        check = -total % 11
        if check < 10:
            found += 1
        if check < 10 and found == nth:
            return f"{digits}{check}"
    raise AssertionError("there are enough of them")


def members(count: int, month: date, chance: random.Random) -> Iterator[dict[str, Any]]:
    """Yield the rows of the table of members, with what the table of employments needs."""
    for number in range(1, count + 1):
        category, payer = _KINDS[(number * 37) % 100]
        works = category in {"ordinary", "apprentice"}
        born = date(month.year - _AGES[category], 1, 1) + timedelta(days=number % 300)
        row: dict[str, Any] = {
            "number": f"{number:08d}",
            "name": f"{chance.choice(_GIVEN)} {chance.choice(_FAMILY)}",
            "birth_date": f"{born:%d.%m.%Y}",
            "national_id": national_id(born, number // 300 * 12 + (500 if born.year > 1999 else 0)),
            "email": f"medlem{number}@example.org",
            "category": category,
            "joined_on": f"{month - timedelta(days=400 + chance.randrange(3000)):%d.%m.%Y}",
            "insurance": "not_applicable",
            "payer": payer,
        }
        if works:
            row["employer"] = orgnr(chance.randrange(EMPLOYERS))
            row["percent"] = chance.choice(("100", "100", "100", "50", "80"))
        if category == "ordinary":
            covered = chance.random() < 0.6
            row["insurance"] = "covered" if covered else "reserved"
            row["insurance_from" if covered else "reserved_on"] = f"{month.year - 1}-01-01"
            row["branch"] = "OSLO" if number % 3 else ""
            row["hidden"] = "ja" if payer == DIRECT and number % 4 == 0 else ""
        if category in {"student", "apprentice"}:
            row["ends_on"] = f"{month + timedelta(days=300):%Y-%m-%d}"
        if category.endswith("pensioner"):
            row["pension"] = "old_age"
        yield row


_MEMBERS = (
    "number", "name", "birth_date", "national_id", "email", "category", "ends_on", "pension",
    "joined_on", "branch", "hidden", "insurance", "insurance_from", "reserved_on", "payer",
)  # fmt: skip
_EMPLOYMENTS = ("member", "employer_orgnr", "employer_name", "position_percent")


def write_register(folder: Path, count: int, month: date, seed: int) -> None:
    """Write the register of a union as the folder that `medlemsflyt import` takes."""
    folder.mkdir()
    rows = list(members(count, month, random.Random(seed)))
    _write(folder / "members.csv", _MEMBERS, rows)
    work = [
        {
            "member": row["number"],
            "employer_orgnr": row["employer"],
            "employer_name": f"Bedrift {row['employer']} AS",
            "position_percent": row["percent"],
        }
        for row in rows
        if "employer" in row
    ]
    _write(folder / "employments.csv", _EMPLOYMENTS, work)


def _write(file: Path, names: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.DictWriter(out, names, restval="", extrasaction="ignore", delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
