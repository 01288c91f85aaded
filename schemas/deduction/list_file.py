"""The file of a deduction list: the same columns every month, out and back. Source: section 5."""

import re
import unicodedata
from decimal import Decimal

ASKED = (
    "Medlemsnummer",
    "Fødselsnummer",
    "Navn",
    "Sentral kontingent",
    "Lokal kontingent",
    "Ledernepakken",
    "Sum",
    "Kode",
)
"""What an employer is asked, of each member; amounts are kroner a month."""

COLUMNS = (*ASKED, "Trukket", "Årsak")
"""The last two are the employer's to fill in."""

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


_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no place for: one such character makes a whole workbook unreadable."""


def harmless(value: str) -> str:
    """Return a text that no spreadsheet takes for a formula, and every XML parser reads.

    Source: section 5.
    """
    value = _NO_XML.sub("\N{REPLACEMENT CHARACTER}", value)
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
    r"([+-]?)([0-9]{1,10}|[0-9]{1,3}(?:[ .,][0-9]{3}){1,3})(?:([.,])([0-9]{1,2}|-))?"
)


MAX_AMOUNT = 40
"""Characters of an amount: whatever is longer is none, and patterns need not look at it."""


def amount_ore(text: str) -> int | None:
    """Return an amount that somebody wrote, in øre; None when it can't be read for certain.

    Norwegian and plain ways of writing are both read: ``1 234,50``, ``1.234,50``, ``1234.5``,
    ``1,234.50``, ``kr 495,-``. What could be a thousand or a thousandth (``1.234``) is not read.

    Args:
        text: as it stands in the file.
    """
    text = text.strip()
    if len(text) > MAX_AMOUNT:
        return None
    plain = re.sub(r"\s", " ", text).replace("−", "-")
    plain = re.sub(r"^(?:kr\.?|NOK)\s*|\s*(?:kr\.?|NOK)$", "", plain, flags=re.IGNORECASE)
    plain = re.sub(r"^([+-]) ", r"\1", plain)
    read = _AMOUNT.fullmatch(plain)
    if read is None:
        return None
    sign, whole, point, cents = read.groups()
    separators = set(re.findall(r"[ .,]", whole))
    if len(separators) > 1 or point in separators:
        return None
    if separators & {".", ","} and point is None and len(re.findall(r"[.,]", whole)) == 1:
        return None
    digits = "" if cents in {None, "-"} else cents
    ore = int(re.sub(r"\D", "", whole)) * 100 + int(digits.ljust(2, "0") or 0)
    return -ore if sign == "-" else ore
