"""How what stands in English is put into the language of whoever reads it. Source: ADR 115.

What is decided and refused is written in English, once, where it stands for good: in histories, in
the log, in tasks, and in what other systems are answered. Pure: ``schemas.desk.languages`` reads
the texts.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache

from schemas.shared.amounts import in_kroner
from schemas.shared.calendar import OSLO

Tables = Mapping[str, Mapping[str, str]]
"""Texts by their names, in tables by the kind of page or of value."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MONTH = re.compile(r"\d{4}-\d{2}")
_DECIMAL = re.compile(r"-?\d+\.\d+")
_FIELD = re.compile(r"([a-z_]+(?:\.[a-z_0-9]+)*): (.+)", re.DOTALL)

_JOINS = ("; ", ": ", ", ", ". ")
"""What stands between the sentences of a sentence, the widest first."""

_NESTED = 4
"""How deep a sentence may stand in another: enough for every one of ours."""

_REMEMBERED = 4096
"""Parts of sentences: what is cut in many ways is looked up once."""


class Sentences:
    """What the service writes, sentence by sentence, and the same in another language.

    Args:
        words: single words.
        patterns: of sentences, each with its translation; what a group of the pattern named
            ``sentence`` holds must be known itself.
        tables: by which days are written.
    """

    def __init__(
        self,
        words: Mapping[str, str],
        patterns: Sequence[tuple[re.Pattern[str], str]],
        tables: Tables,
    ) -> None:
        self._words, self._patterns, self._tables = words, patterns, tables
        self._compound = lru_cache(maxsize=_REMEMBERED)(self._cut)

    def translated(self, english: str) -> str | None:
        """Return what was written in English, or None where it is not known wholly.

        Args:
            english: a sentence, several with ``; `` between them, or what is wrong with a field,
                which keeps its name: ``on: must be a date, YYYY-MM-DD``.
        """
        return self._compound(" ".join(english.split()), _NESTED)

    def as_one(self, english: str) -> str | None:
        """Return a single sentence; None: it is not known."""
        return self._matched(english.strip(), _NESTED)

    def _cut(self, english: str, deep: int) -> str | None:
        if deep == 0:
            return None
        found = self._matched(english, deep)
        if found is not None:
            return found
        for join in _JOINS:
            if join == ": " and (field := _FIELD.fullmatch(english)) is not None:
                what = self._compound(field[2], deep - 1)  # the field keeps its name
                return f"{field[1]}: {what}" if what is not None else None
            first, there, rest = english.partition(join)
            if there:
                begun = self._compound(first, deep)
                then = self._compound(rest, deep) if begun is not None else None
                if begun is not None and then is not None:
                    return f"{begun}{join}{then}"
        return None

    def _matched(self, english: str, deep: int) -> str | None:
        """Return a sentence of the table, with what it holds translated as well."""
        if english in self._words:
            return self._words[english]
        for pattern, translation in self._patterns:
            found = pattern.fullmatch(english)
            if found is None:
                continue
            within = found.groupdict().get("sentence")
            if within is None or self._compound(within, deep - 1) is not None:
                parts = (self._part(part or "", deep - 1) for part in found.groups())
                return translation.format(*parts)
        return None

    def _part(self, english: str, deep: int) -> str:
        written = self._tables["written"]
        if _DAY.fullmatch(english):
            return date.fromisoformat(english).strftime(written["day"])
        if _MONTH.fullmatch(english):
            return date.fromisoformat(f"{english}-01").strftime(written["month"])
        if _DECIMAL.fullmatch(english):
            return english.replace(".", written["comma"])
        return self._compound(english, deep) or english


class Wording:
    """All that pages say in a language.

    Args:
        tables: its texts.
        sentences: what is written in English; None: it is the language.
    """

    def __init__(self, tables: Tables, sentences: Sentences | None = None) -> None:
        self.tables, self._sentences = tables, sentences

    def __call__(self, key: str, **values: object) -> str:
        """Return a text with its places filled in: ``page.since`` by its table and its name."""
        table, _, name = key.partition(".")
        return self.tables[table][name].format(**values)

    def word(self, table: str, value: str) -> str:
        """Return a value of the contract as it stands within a sentence; an unknown one as it is.

        Args:
            table: of the values of one kind: ``stage``.
            value: of the contract: ``on_leave``.
        """
        found = self.tables[table].get(value, value)
        return found if found[1:2].isupper() else found[:1].lower() + found[1:]

    def day(self, day: date) -> str:
        """Return a day as it is written."""
        return day.strftime(self("written.day"))

    def month(self, month: date | str) -> str:
        """Return a month as it is written; one of the contract is text, ``2026-12``."""
        found = date.fromisoformat(f"{month}-01") if isinstance(month, str) else month
        return found.strftime(self("written.month"))

    def moment(self, moment: datetime) -> str:
        """Return a moment by the clock on the caseworkers' wall."""
        return moment.astimezone(OSLO).strftime(self("written.moment"))

    def amount(self, amount_ore: int) -> str:
        """Return øre as kroner: 24750 is ``247,50`` or ``247.50``."""
        return in_kroner(amount_ore).replace(".", self("written.comma"))

    def kroner(self, amount_ore: int) -> str:
        """Return øre as kroner, with their sign."""
        return f"{self.amount(amount_ore)} kr"

    def sentence(self, english: str) -> str:
        """Return what the service has written in English; what is not known stays as it is."""
        if self._sentences is None:
            return english
        return self._sentences.translated(english) or english
