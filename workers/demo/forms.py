"""What the cast fills in, and what a caseworker answers."""

from copy import deepcopy
from datetime import date
from typing import Any

from workers.demo.scenes import Json, Send

EMPLOYER = {"employer_orgnr": "974760673", "employer_name": "Eksempel AS", "position": "Formann"}


def application(name: str, born: date, *, identified: bool = True, **changes: Any) -> Json:
    """Return an application with top-level fields replaced; None leaves one out.

    Args:
        identified: with a national id.
    """
    first = name.split(maxsplit=1)[0].lower()
    form: dict[str, Any] = {
        "applicant": {
            "name": name,
            "birth_date": str(born),
            "national_id": synthetic_id(born) if identified else None,
            "email": f"{first}@example.org",
            "phone": "+4791234567",
            "address": {"line1": "Storgata 1", "postcode": "0155", "city": "Oslo"},
            "language": "nb",
        },
        "category": "ordinary",
        "employment": {**EMPLOYER, "position_percent": "100"},
        "consents": {"terms": True},
    }
    form |= deepcopy(changes)
    return {key: value for key, value in form.items() if value is not None}


def approve(**changes: Any) -> Send:
    """Return a caseworker's yes."""
    return Send("decide_application", {"decision": "approve", "caseworker": "ola", **changes})


_WEIGHTS = ((3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2))

BEFORE_2000, FROM_2000 = 0, 500
"""The first individual number of those born in the 1900s, and of those born later."""


def synthetic_id(born: date) -> str:
    """Return a national id that belongs to nobody: month + 80, and both check digits right."""
    individual = BEFORE_2000 if born.year < 2000 else FROM_2000
    while True:
        digits = f"{born.day:02d}{born.month + 80:02d}{born.year % 100:02d}{individual:03d}"
        for weights in _WEIGHTS:
            check = -sum(w * int(d) for w, d in zip(weights, digits, strict=True)) % 11
            if check == 10:
                break
            digits += str(check)
        else:
            return digits
        individual += 1
