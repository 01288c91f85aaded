"""Amounts, dates and charges as the readers of letters write them, in each language."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import phonenumbers
from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency

from activities.letters import phrases
from activities.letters.spacing import HELD
from schemas.membership.eligibility import Breach
from schemas.shared.vocabulary import Language, LineKind

_LOCALES: Final = {Language.NB: "nb_NO", Language.NN: "nn_NO", Language.EN: "en_GB"}

MONTHS: Final = 12
"""A yearly fee is for the year to its last month."""

KEPT: Final = 4096
"""Amounts and days in words that are kept: a month's letters say the same ones again and again."""

# The currency stands off by a space that no line breaks at.
_NORWEGIAN: Final = "#,##0.00\u00a0¤"
_MONEY: Final = {Language.NB: _NORWEGIAN, Language.NN: _NORWEGIAN, Language.EN: "¤\u00a0#,##0.00"}


@lru_cache(KEPT)
def money(amount_ore: int, language: Language) -> str:
    """Return an amount as a reader writes it: 495,00 kr or NOK 495.00.

    Less than nothing has a minus, where no line breaks; a hyphen would stay behind.

    Args:
        amount_ore: in øre.
        language: the letter's.
    """
    kroner = Decimal(amount_ore) / 100
    written = format_currency(kroner, "NOK", _MONEY[language], locale=_LOCALES[language])
    return written.replace("-", "\u2212")


def country_name(code: str, language: Language) -> str:
    """Return a country by its name; ``code`` is ISO 3166-1 alpha-2."""
    return str(Locale.parse(_LOCALES[language]).territories.get(code, code))


@lru_cache(KEPT)
def day(value: date | str, language: Language) -> str:
    """Return a date in full, 5. november 2026. ``value`` may be an ISO date.

    It never parts at a line's end.
    """
    return format_date(_date(value), "long", locale=_LOCALES[language]).replace(" ", HELD)


@lru_cache(KEPT)
def month(value: date | str, language: Language) -> str:
    """Return a month in full, november 2026. ``value`` may be ``YYYY-MM`` or an ISO date."""
    if isinstance(value, str) and len(value) == 7:
        value = f"{value}-01"
    return format_date(_date(value), "MMMM y", locale=_LOCALES[language])


@lru_cache(KEPT)
def period(start: date | str, yearly: bool, language: Language) -> str:
    """Return what an invoice is for: november 2026, or 2026 for a yearly fee.

    A fee that begins during the year is for the rest of it: juli–desember 2027. Source: A13.
    """
    first = _date(start)
    if not yearly or first.month == MONTHS:
        return month(first, language)
    if first.month == 1:
        return str(first.year)
    name = format_date(first, "MMMM", locale=_LOCALES[language])
    return f"{name}–{month(first.replace(month=MONTHS, day=1), language)}"


def fault(broken: Mapping[str, str], language: Language) -> str:
    """Return a rule an application breaks as a sentence to the applicant."""
    figure = phrases.CATEGORIES[language].get(broken["figure"], broken["figure"])
    return phrases.FAULTS[language][Breach(broken["breach"])].format(figure)


def charge(kind: str, amount_ore: int, cadence: str, language: Language) -> str:
    """Return one charge as a line: Sentral kontingent: 495,00 kr per måned. Source: S14."""
    name = phrases.KINDS[language][kind]
    if amount_ore == 0:
        return f"{name}: {phrases.FREE[language]}"
    return f"{name}: {money(amount_ore, language)} {phrases.CADENCES[language][cadence]}"


def in_order(terms: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return charges as a reader expects them: central dues, local dues, the premium."""
    kinds = list(LineKind)
    return sorted(terms, key=lambda term: kinds.index(LineKind(term["kind"])))


def total(terms: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return what charges come to together, where all are of one cadence; None: they are not."""
    charged = list(terms)
    cadences = {term["cadence"] for term in charged if term["amount_ore"]}
    if len(cadences) != 1:
        return None
    return {"cadence": cadences.pop(), "amount_ore": sum(term["amount_ore"] for term in charged)}


def listed(words: Iterable[str], language: Language) -> str:
    """Return words as a sentence lists them: a, b og c."""
    return format_list(list(words), locale=_LOCALES[language])


def package(coverages: Iterable[Mapping[str, str]] | None, language: Language) -> str:
    """Return what is in somebody's insurance package, each part with its last day. A17.

    Args:
        coverages: by name, with ``until``; all there is where nothing is said.
        language: the letter's.
    """
    words, until = phrases.COVERAGES[language], phrases.UNTIL[language]
    if not coverages:
        return listed(words.values(), language)
    return listed(
        [
            words[one["name"]]
            + (f" ({until} {day(one['until'], language)})" if "until" in one else "")
            for one in coverages
        ],
        language,
    )


def counted(number: int, unit: str, language: Language) -> str:
    """Return a number of days, months or years in words, 1 måned or 3 måneder."""
    one, many = phrases.UNITS[language][unit]
    return f"{number}{HELD}{one if number == 1 else many}"


def phone(number: str) -> str:
    """Return a telephone number as it is written, +47 91 23 45 67; ``number`` is E.164."""
    try:
        known = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    written = phonenumbers.format_number(known, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return written.replace(" ", HELD)


def benefits(names: Iterable[str], language: Language) -> list[str]:
    """Return what a member is entitled to, in words."""
    known = phrases.BENEFITS[language]
    return [known[name] for name in names if name in known]


def _date(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
