"""Words in employers' returns, however they were typed: headings, reasons, the row of a sum. D9."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from schemas.deduction.contracts import ShortReason

_SAME = str.maketrans({"ø": "o", "æ": "ae", "đ": "d", "ŋ": "n", "ŧ": "t"})


def composed(text: str) -> str:
    """Return a text in composed letters, without what can't be seen, its blanks plain ones."""
    seen = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return re.sub(r"\s", " ", unicodedata.normalize("NFC", seen)).strip()


def repaired(text: str) -> str:
    """Return a text whose UTF-8 somebody read as Windows-1252 as it was before (``Ã…rsak``)."""
    if text.isascii():
        return text
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text


def folded(text: str) -> str:
    """Return the letters of a text by which words are compared: ``Å RSAK``, ``Aarsak``: arsak.

    Case, blanks, digits, signs and the ways to write æ, ø and å make no difference.
    """
    letters = repaired(composed(text)).casefold().translate(_SAME)
    letters = "".join(char for char in unicodedata.normalize("NFKD", letters) if char.isalpha())
    return letters.replace("aa", "a")


@dataclass(frozen=True)
class ReasonWords:
    """A reason as it may be written.

    Attributes:
        word: what the letter with a list asks for.
        others: what else is understood, in Bokmål, Nynorsk and English.
    """

    reason: ShortReason
    word: str
    others: tuple[str, ...]


REASONS = (
    ReasonWords(
        ShortReason.LEFT,
        "Sluttet",
        (
            "slutta", "slutt", "har sluttet", "har slutta", "sluttet i jobben", "oppsagt",
            "sluttet hos oss", "sluttet i bedriften", "sluttet i firmaet",
            "avsluttet arbeidsforhold", "arbeidsforholdet avsluttet", "arbeidsforholdet opphørt",
            "opphørt", "byttet jobb",
            "byttet arbeidsgiver",
            "sagt opp", "fratrådt", "fratrått", "ikke lenger ansatt", "ikkje lenger tilsett",
            "ansettelsen er avsluttet", "avsluttet", "quit", "resigned", "has left", "terminated",
            "no longer employed",
        ),
    ),
    ReasonWords(
        ShortReason.UNPAID_LEAVE,
        "Ulønnet permisjon",
        (
            "ulønna permisjon", "ulønt permisjon", "permisjon uten lønn", "permisjon utan løn",
            "permisjon utan lønn", "permisjon u/lønn", "perm. uten lønn", "permisjon",
            "ulønnet perm",
            "leave without pay", "leave of absence", "on unpaid leave",
        ),
    ),
    ReasonWords(
        ShortReason.LAID_OFF,
        "Permittert",
        (
            "permitert", "permittering", "er permittert", "permitterte", "permittera", "furlough",
            "delvis permittert", "helt permittert",
            "furloughed", "temporarily laid off", "layoff",
        ),
    ),
    ReasonWords(
        ShortReason.NAV,
        "Sykepenger/NAV",
        (
            "sykepenger", "sykepenger fra nav", "sjukepengar", "sykmeldt", "sykemeldt",
            "sykmelding", "sykemelding", "langtidssykmeldt", "langtidssykemeldt",
            "mammapermisjon", "mammaperm",
            "pappapermisjon", "pappaperm", "foreldreperm", "fødselsperm",
            "sjukmeld", "sjukemeld", "penger fra nav", "ytelse fra nav", "utbetalt av nav", "aap",
            "arbeidsavklaringspenger", "foreldrepenger", "foreldrepengar", "foreldrepermisjon",
            "fødselspermisjon", "sick leave", "sickness benefit", "sick pay", "parental leave",
        ),
    ),
    ReasonWords(
        ShortReason.PENSION,
        "Pensjon",
        (
            "pensjonist", "pensjonert", "alderspensjon", "alderspensjonist", "afp",
            "gått av med pensjon", "gått av", "uførepensjon", "ufør", "uføretrygd", "uføretrygda",
            "gikk av med pensjon", "gikk av",
            "uføretrygdet", "pensjonering", "retired", "retirement",
        ),
    ),
    ReasonWords(
        ShortReason.NO_PAY,
        "Ikke lønn",
        (
            "ikkje lønn", "ikkje løn", "ingen lønn", "inga lønn", "inga løn", "uten lønn",
            "utan løn", "utan lønn", "fikk ikke lønn", "ikke utbetalt lønn", "null lønn",
            "ingen utbetaling", "ikke nok lønn", "for lite lønn", "no salary", "no wages",
            "ingen lønn utbetalt", "ingen lønn denne måneden", "ingen lønn denne mnd",
            "not paid",
        ),
    ),
    ReasonWords(
        ShortReason.UNKNOWN_PERSON,
        "Ukjent",
        (
            "ukjent person", "ukjend", "ukjend person", "ikke ansatt", "ikkje tilsett",
            "ikke ansatt hos oss", "ikke ansatt her", "ikke hos oss", "finnes ikke",
            "finnes ikke hos oss", "unknown", "not employed", "not employed here", "not known",
        ),
    ),
    ReasonWords(
        ShortReason.OTHER,
        "Annet",
        ("anna", "annen årsak", "annan årsak", "andre årsaker", "other reason"),
    ),
)  # fmt: skip
"""Each reason with its words: what the letter with a list explains, and what is read back."""

_REASON_OF = {
    folded(word): words.reason
    for words in REASONS
    for word in (words.reason, words.word, *words.others)
}


_DATED = r"\d[\d./–-]*|(?:jan|feb|mar|apr|mai|may|jun|jul|aug|sep|okt|oct|nov|des|dec)[a-z]*[.]?"
_SINCE = (
    "fra|frå|og|med|f[.]?o[.]?m[.]?|t[.]?o[.]?m[.]?|til|pr[.]?|per|den|i|siden|sidan|since|from"
)
# Every word begins after a blank, so that a long text costs no more than its length.
_WHEN = re.compile(rf"(?:[ ,]+(?:{_SINCE}|{_DATED}|[–-]))*[ ,]+(?:{_DATED})$", re.IGNORECASE)
"""Since when, or until when, at the end of a reason: it is not asked for, and not kept."""


def reason_in(text: str) -> str | None:
    """Return the reason that somebody gave, by its code or its words; None for any other.

    ``LEFT (sluttet)``, ``Sykepenger/NAV``, ``Sluttet 15.11.2026`` and ``Permittert fra 1. des`` are
    read; of two reasons in one cell none is.

    Source: D5, D9.
    """
    text = _WHEN.sub("", composed(text))
    found = _REASON_OF.get(folded(text))
    if found is None:
        parts = [part for part in map(folded, re.split(r"[^\w\s]|\s[-–]\s", text)) if part]
        named = {_REASON_OF.get(part) for part in parts}
        found = named.pop() if len(named) == 1 else None
    return str(found) if found is not None else None


_SUMS = frozenset(
    {
        "sum", "summer", "summen", "sums", "total", "totalt", "totalsum", "sumtotal", "sumtotalt",
        "totaltsum", "totalttrukket", "totaltrukket", "sumtrukket", "sumtrekk", "trukkettotalt",
        "trukketialt", "ialt", "altialt", "tilsammen", "tilsaman", "samlet", "sammenlagt",
        "grandtotal", "totals", "sumikr", "sumkr", "totaltkr", "innbetalt",
        "innbetaling", "tilinnbetaling", "abetale", "overfort", "betalt",
    }
)  # fmt: skip
"""What somebody types before the sum of a column."""


_OF_ALL = frozenset({"sum", "summen", "total", "totalt", "totalsum", "samlet", "samla", "totale"})
_WHAT = frozenset(
    {
        "trukket", "trekk", "lonnstrekk", "kontingent", "medlemskontingent",
        "fagforeningskontingent", "fagforening", "belop", "utbetalt", "innbetalt", "innbetaling",
        "overfort", "alle", "alt", "linjer", "ansatte", "medlemmer", "personer", "stk", "kroner",
        "kr", "nok", "maned", "maneden", "mnd", "januar", "februar", "september", "oktober",
        "november", "desember",
    }
)  # fmt: skip
_BETWEEN = frozenset({"", "i", "for", "av", "denne", "og", "pr"})
_TO_BE_PAID = frozenset({"belopialt", "belopabetale", "aoverfore", "tiloverforing", "ainnbetale"})
"""A sum in more words: ``Sum trukket kontingent desember``, ``Totalt beløp``, ``Beløp i alt``."""


def _names_all(text: str) -> bool:
    """Tell whether a cell says of what its row is the sum; nobody's name has such words alone."""
    first, *rest = [folded(word) for word in composed(text).split()] or [""]
    return first in _OF_ALL and bool(_WHAT & set(rest)) and set(rest) <= _WHAT | _BETWEEN


_PARTS = frozenset({"delsum", "subtotal"})
_OF_A_PART = re.compile(
    r"(?:sum|totalt?) (?:for )?(?:avd|avdeling|side|gruppe|kontor|sted|page|department)\b",
    re.IGNORECASE,
)


def names_a_sum(text: str) -> bool:
    """Tell whether a cell says that its row is the sum of others: of all of them, or a part."""
    word = folded(text)
    return (
        word in _SUMS | _TO_BE_PAID
        or composed(text) in {"Σ", "∑"}
        or _names_all(text)
        or names_a_part(text)
    )


def names_a_part(text: str) -> bool:
    """Tell whether a cell says that its row is the sum of some lines: ``Sum avdeling 1``."""
    return folded(text) in _PARTS or _OF_A_PART.match(composed(text)) is not None


_COUNTS = frozenset(
    {"antall", "tal", "antalltrekk", "antallmedlemmer", "antalllinjer", "antallansatte", "count"}
)


def names_a_count(text: str) -> bool:
    """Tell whether a cell says that its row counts the others."""
    return folded(text) in _COUNTS


OTHER_HEADINGS: Mapping[str, frozenset[str]] = {
    "number": frozenset({"medlemsnr", "medlemnr", "medlnr", "medlemsnum", "medlemnummer"}),
    "national_id": frozenset(
        {"fodselsnr", "fnr", "personnummer", "personnr", "fodselsognr", "fodselsogpersonnummer"}
    ),
    "deducted": frozenset(
        {"trekk", "trekt", "beloptrukket", "trukketilonn", "faktisktrukket", "faktisktrekk",
         "deducted", "amountdeducted"}
    ),
    "reason": frozenset(
        {"arsakskode", "arsaktekst", "grunn", "begrunnelse", "arsaktilavvik", "reason"}
    ),
}  # fmt: skip
"""Headings in other words, folded, by column: read where ours does not stand there."""


def heading_in(text: str) -> str:
    """Return a heading to be compared, without the unit that somebody added: ``Trukket (kr)``."""
    bare = folded(re.sub(r"\([^()]*\)", " ", text))
    return re.sub(r"(?<=.)(?:ikroner|ikr|kroner|kr|nok|belop)$", "", bare)


_NO_REASON = frozenset(
    {"", "ok", "ingen", "ingenavvik", "ingenarsak", "trukket", "trukketfullt", "none", "na", "nil"}
)


def says_nothing(text: str) -> bool:
    """Tell whether a cell says that there is no reason: ``-``, ``OK``, ``Ingen``."""
    return folded(text) in _NO_REASON and "?" not in text


def reasons_to_say() -> str:
    """Return the reasons as somebody is told them who has to name one."""
    return ", ".join(f"{words.reason} ({words.word})" for words in REASONS)
