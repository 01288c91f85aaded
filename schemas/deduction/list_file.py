"""The file of a deduction list: one table of its columns, out and back. Source: D2.

Whoever writes or reads a list goes through ``COLUMNS``; nothing else knows their order.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from schemas.deduction.words import OTHER_HEADINGS, composed, folded, reason_in
from schemas.shared.texts import in_xml

UNION, EMPLOYER, PERIOD = (
    "Forbundets organisasjonsnummer",
    "Arbeidsgivers organisasjonsnummer",
    "Periode",
)
NUMBER, KID, TOTAL, COUNT = "Listenummer", "KID", "Sum", "Antall linjer"
HEADINGS = (UNION, EMPLOYER, PERIOD, NUMBER, KID, TOTAL, COUNT)
"""What stands above the lines, one a row."""

_FORMULA_STARTS = frozenset("=+-@\t\r\n|%＝＋－＠﹣﹢−")
"""What a spreadsheet takes for the beginning of a formula, full-width forms included."""


def harmless(value: str) -> str:
    """Return a text that no spreadsheet takes for a formula, and every XML parser reads.

    Source: D2.
    """
    value = in_xml(value, "\N{REPLACEMENT CHARACTER}")
    line = re.sub(r"[\t\r\n]+", " ", value)
    seen = next((char for char in value if not _passes_over(char)), "")
    return f"'{line}" if seen in _FORMULA_STARTS and seen else line


def _passes_over(char: str) -> bool:
    """Tell whether a spreadsheet may ignore a character at the beginning of a cell."""
    if char in _FORMULA_STARTS:
        return False
    return char.isspace() or unicodedata.category(char) in {"Cf", "Cc"}


def kroner(amount_ore: int) -> str:
    """Return øre as a Norwegian spreadsheet writes them: -24750 is ``-247,50``."""
    return f"{Decimal(amount_ore) / 100:.2f}".replace(".", ",")


_AMOUNT = re.compile(
    r"([+-]?)([0-9]{1,10}|[0-9]{1,3}(?:[ .,'][0-9]{3}){1,3})(?:([.,])([0-9]{1,2}|--?)|:-)?"
)

_NOISY = re.compile(r"([+-]?[0-9]{1,10})[.,]([0-9]{4,18})")
"""What a spreadsheet works out in binary: more decimals than three, which could be a thousand."""

_CURRENCY = re.compile(r"^(?:kroner|kr\.?|NOK)\s*|\s*(?:kroner|kr\.?|NOK)$", re.IGNORECASE)

MAX_AMOUNT = 40
"""Characters of an amount: whatever is longer is none, and patterns need not look at it."""


def amount_ore(text: str) -> int | None:
    """Return an amount that somebody wrote, in øre; None when it can't be read for certain.

    Norwegian and plain ways of writing are both read: ``1 234,50``, ``1.234,50``, ``1234.5``,
    ``1,234.50``, ``1'234.50``, ``kr 495,-``, ``247,50-``, ``(247,50)``, ``494.99999999999994``.
    What could be a thousand or a thousandth (``1.234``) is not read.

    Args:
        text: as it stands in the file.
    """
    text = text.strip()
    if len(text) > MAX_AMOUNT:
        return None
    plain = _signed(composed(text).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    noisy = _NOISY.fullmatch(plain)
    if noisy is not None:
        return _without_noise(*noisy.groups())
    read = _AMOUNT.fullmatch(plain)
    if read is None:
        return None
    sign, whole, point, cents = read.groups()
    separators = set(re.findall(r"[ .,']", whole))
    if len(separators) > 1 or point in separators:
        return None
    if separators & {".", ","} and point is None and len(re.findall(r"[.,]", whole)) == 1:
        return None
    digits = "" if cents in {None, "-", "--"} else cents
    ore = int(re.sub(r"\D", "", whole)) * 100 + int(digits.ljust(2, "0") or 0)
    return -ore if sign == "-" else ore


def _signed(text: str) -> str:
    """Return an amount without its currency, its sign in front whatever it is written with."""
    plain = re.sub("[\N{MINUS SIGN}\N{EN DASH}\N{NON-BREAKING HYPHEN}]", "-", text)
    plain = re.sub(r"^([+-]) ?", r"\1", _CURRENCY.sub("", plain))
    bare = _CURRENCY.sub("", plain.lstrip("+-"))
    plain = plain[: len(plain) - len(plain.lstrip("+-"))] + bare
    bracketed = re.fullmatch(r"\(([0-9., ]+)\)", plain)
    behind = re.fullmatch(r"([0-9][0-9., ]*[0-9]) ?-", plain)
    found = bracketed or behind
    return f"-{found[1]}" if found is not None else re.sub(r"^([+-]) ", r"\1", plain)


_LEAST_NOISE = Decimal("0.000001")


def _without_noise(whole: str, decimals: str) -> int | None:
    """Return the øre that a number with many decimals can only mean, or None."""
    value = Decimal(f"{whole}.{decimals}")
    ore = (value * 100).to_integral_value()
    return int(ore) if abs(value * 100 - ore) <= _LEAST_NOISE * 100 else None


_NOTHING = frozenset({"-", "--"})
"""How a spreadsheet shows nothing where amounts are set as accounts."""


@lru_cache(maxsize=4096)
def _amount(text: str) -> int | None:
    found = amount_ore(text.lstrip("'"))
    return 0 if found is None and _signed(composed(text)) in _NOTHING else found


def _digits(text: str) -> str:
    """Return an id without the blanks and signs that a spreadsheet or a person put around it."""
    plain = re.sub(r"[\s']", "", composed(text))
    whole = re.fullmatch(r"([0-9]+)[.,]0+", plain)
    return whole[1] if whole is not None else plain


_CALLED = re.compile(r"^(?:medlem)?(?:nr\.?|#)|\.$", re.IGNORECASE)


def _member_number(text: str) -> str | None:
    """Return a member number; a spreadsheet drops the zeros in front, people write ``nr. 7``."""
    digits = _CALLED.sub("", _digits(text))
    return digits.zfill(8) if digits.isascii() and digits.isdecimal() else (digits or None)


def _national_id(text: str) -> str | None:
    """Return a national id; one that a spreadsheet has shortened (1,28E+10) says nothing."""
    digits = re.sub(r"[-.\N{HYPHEN}-\N{EM DASH}\N{MINUS SIGN}]", "", _digits(text))
    return digits.zfill(11) if digits.isascii() and digits.isdecimal() else None


def _reason(text: str) -> str | None:
    return reason_in(text.lstrip("'"))


@dataclass(frozen=True)
class ShownLine:
    """A line as an employer is shown it; amounts in øre a month."""

    member_number: str
    national_id: str
    name: str
    central_ore: int
    local_ore: int
    premium_ore: int
    total_ore: int
    code: str


@dataclass(frozen=True)
class Column:
    """A column of a deduction list.

    Attributes:
        name: what the code and the table ``raw`` (activities/deduction) call it.
        heading: what the employer reads.
        width: in a workbook, in characters.
        value_of: what it asks or tells of a line; None: the employer's to fill in.
        parse: what a cell of a report says; None for what can't be read for certain. Without it
            a report's cell is not looked at.
        amount: øre in a line, kroner in the file.
    """

    name: str
    heading: str
    width: int
    value_of: Callable[[ShownLine], str | int] | None
    parse: Callable[[str], str | int | None] | None = None
    amount: bool = False

    def text(self, line: ShownLine) -> str:
        """Return its cell of a line, harmless in a spreadsheet."""
        if self.value_of is None:
            return ""
        value = self.value_of(line)
        return kroner(value) if isinstance(value, int) else harmless(value)


COLUMNS = (
    Column("number", "Medlemsnummer", 34, lambda line: line.member_number, _member_number),
    Column("national_id", "Fødselsnummer", 22, lambda line: line.national_id, _national_id),
    Column("name", "Navn", 32, lambda line: line.name),
    Column("central", "Sentral kontingent", 20, lambda line: line.central_ore, amount=True),
    Column("local", "Lokal kontingent", 18, lambda line: line.local_ore, amount=True),
    Column("premium", "Ledernepakken", 16, lambda line: line.premium_ore, amount=True),
    Column("total", "Sum", 14, lambda line: line.total_ore, _amount, amount=True),
    Column("code", "Kode", 12, lambda line: line.code),
    Column("deducted", "Trukket", 14, None, _amount, amount=True),
    Column("reason", "Årsak", 20, None, _reason),
)
"""The columns from left to right."""

ASKED = tuple(column for column in COLUMNS if column.value_of is not None)
"""What an employer is asked, of each member; the others are the employer's to fill in."""

_PLACES = {column.name: place for place, column in enumerate(COLUMNS)}


def words_of(column: Column) -> frozenset[str]:
    """Return the words by which a column's heading is known, folded."""
    return OTHER_HEADINGS.get(column.name, frozenset()) | {folded(column.heading)}


def headings_of(columns: Sequence[Column]) -> list[str]:
    """Return what the employer reads above some columns."""
    return [column.heading for column in columns]


def cell(row: Sequence[str], name: str) -> str:
    """Return the cell of a column in a report's line, a cell to each of ``COLUMNS``."""
    return row[_PLACES[name]]


def said(row: Sequence[str], name: str) -> str | int | None:
    """Return what a report's line says in a column that is read; see ``cell``."""
    parse = COLUMNS[_PLACES[name]].parse
    assert parse is not None, "a column that a report is not asked about"
    return parse(cell(row, name))
