"""Twenty employers answer their lists: the same file through twenty people's spreadsheets."""

import io
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import openpyxl

from schemas.deduction.list_file import (
    COLUMNS,
    KID,
    amount_ore,
    headings_of,
    kroner,
)
from schemas.deduction.list_file import NUMBER as NUMBER_OF_LIST
from tests.deduction.making import filled, rows_of, written

NUMBER, TOTAL, DEDUCTED, REASON = 0, 6, 8, 9

Answers = dict[str, tuple[str, str]]
Files = list[tuple[str, bytes]]


@dataclass(frozen=True)
class Listed:
    """A list as it was delivered.

    Attributes:
        kid: of the one payment.
        lines: what is to be deducted, in øre, by member number.
        content: the CSV.
    """

    number: str
    kid: str
    lines: dict[str, int]
    content: bytes


def read_list(content: bytes) -> Listed:
    """Read a delivered list as an employer does."""
    rows = rows_of(content)
    said = {row[0]: row[1] for row in rows if len(row) == 2}
    start = rows.index(headings_of(COLUMNS)) + 1
    lines = {row[NUMBER]: amount_ore(row[TOTAL]) or 0 for row in rows[start:]}
    return Listed(said[NUMBER_OF_LIST], said[KID], lines, content)


def answers_of(listed: Listed, nth: int) -> Answers:
    """Return what an employer could not deduct, and why: the same kinds with each of them.

    The first has left, the second is paid by NAV, of the third a part was deducted; every third
    employer deducted all there was.
    """
    numbers = sorted(listed.lines)
    if nth % 3 == 2 or len(numbers) < 4:
        return {}
    third = listed.lines[numbers[2]]
    return {
        numbers[0]: ("0", "Sluttet" if nth % 2 else "LEFT"),
        numbers[1]: ("0", "sykepenger fra NAV" if nth % 2 else "NAV"),
        numbers[2]: (kroner(third - 10000), "for lite lønn"),
    }


def deducted(listed: Listed, answers: Answers) -> dict[str, int]:
    """Return what was deducted of each line, in øre, by member number."""
    found = dict(listed.lines)
    for number, (text, _) in answers.items():
        found[number] = amount_ore(text) or 0
    return found


Shape = Callable[[Listed, Answers], Files]


def plain(listed: Listed, answers: Answers) -> Files:
    """Our CSV, filled in."""
    return [("retur.csv", filled(listed.content, answers))]


def decomposed(listed: Listed, answers: Answers) -> Files:
    """Saved on a Mac: æøå in parts."""
    text = filled(listed.content, answers).decode("utf-8-sig")
    return [("retur.csv", unicodedata.normalize("NFD", text).encode())]


def windows(listed: Listed, answers: Answers) -> Files:
    """Saved as "CSV (DOS)" does, without UTF-8."""
    return [("retur.csv", filled(listed.content, answers).decode("utf-8-sig").encode("cp1252"))]


def tabbed(listed: Listed, answers: Answers) -> Files:
    """Saved as "Unicode text"."""
    rows = rows_of(filled(listed.content, answers))
    return [("retur.txt", written(rows, separator="\t", encoding="utf-16"))]


def commas(listed: Listed, answers: Answers) -> Files:
    """An English spreadsheet: commas between cells."""
    return [("retur.csv", written(rows_of(filled(listed.content, answers)), separator=","))]


def _workbook(rows: Sequence[Sequence[str]], *, numbers: bool, noise: float = 0.0) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append([_cell(text, numbers=numbers, noise=noise) for text in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(text: str, *, numbers: bool, noise: float) -> object:
    """Return what a spreadsheet makes of a cell: fifteen digits of a number, the rest zeros."""
    if not numbers:
        return text
    digits = text.replace(",", ".", 1)
    if not digits.replace(".", "", 1).isdigit():
        return text
    value = float(f"{float(digits):.15g}")
    return value - noise if "." in digits and value else value


def excel(listed: Listed, answers: Answers) -> Files:
    """Our CSV opened and saved as .xlsx: the KID and all numbers are numbers now."""
    rows = rows_of(filled(listed.content, answers))
    return [("retur.xlsx", _workbook(rows, numbers=True))]


def noisy(listed: Listed, answers: Answers) -> Files:
    """Amounts that a formula worked out: 494.99999999999994."""
    rows = rows_of(filled(listed.content, answers))
    return [("retur.xlsx", _workbook(rows, numbers=True, noise=5.7e-14))]


def texts(listed: Listed, answers: Answers) -> Files:
    """A workbook in which everything stayed text."""
    return [("retur.xlsx", _workbook(rows_of(filled(listed.content, answers)), numbers=False))]


def with_a_sum(listed: Listed, answers: Answers) -> Files:
    """Somebody typed a row of totals below."""
    rows = rows_of(filled(listed.content, answers))
    total = sum(deducted(listed, answers).values())
    return [("retur.csv", written([*rows, ["Sum", *[""] * 7, kroner(total), ""]]))]


def in_two_lines(listed: Listed, answers: Answers) -> Files:
    """The last person's deduction, split over two pay slips."""
    rows = rows_of(filled(listed.content, answers))
    last, ore = rows[-1], listed.lines[rows[-1][NUMBER]]
    parts = [[*last[:DEDUCTED], kroner(part), ""] for part in (10000, ore - 10000)]
    return [("retur.csv", written([*rows[:-1], *parts]))]


def in_two_files(listed: Listed, answers: Answers) -> Files:
    """Half of them today, the rest from the other office."""
    numbers = sorted(listed.lines)
    half = set(numbers[: len(numbers) // 2])
    return [
        ("retur-1.csv", filled(listed.content, answers, only=half)),
        ("retur-2.csv", filled(listed.content, answers, only=set(numbers) - half)),
    ]


def in_kroner(listed: Listed, answers: Answers) -> Files:
    """Amounts as people write them."""
    said = {number: (f"kr {kroner(ore)}", "") for number, ore in listed.lines.items()}
    return [("retur.csv", filled(listed.content, said | answers))]


def without_zeros(listed: Listed, answers: Answers) -> Files:
    """Member numbers that lost their zeros, headings in capitals."""
    rows = rows_of(filled(listed.content, answers))
    start = rows.index(headings_of(COLUMNS))
    heads = [text.upper() for text in rows[start]]
    lines = [[row[NUMBER].lstrip("0"), *row[1:]] for row in rows[start + 1 :]]
    return [("retur.csv", written([*rows[:start], heads, *lines]))]


def turned_round(listed: Listed, answers: Answers) -> Files:
    """Only the columns that matter, in another order, and no KID above them."""
    rows = rows_of(filled(listed.content, answers))
    start = rows.index(headings_of(COLUMNS))
    above = [row for row in rows[:start] if row and row[0] != KID]
    chosen = [[row[REASON], row[DEDUCTED], row[NUMBER]] for row in rows[start:]]
    return [("retur.csv", written([*above, *chosen]))]


def with_a_stranger(listed: Listed, answers: Answers) -> Files:
    """A person whom nobody listed."""
    rows = rows_of(filled(listed.content, answers))
    stranger = ["88888888", "", "Ukjent Person", *[""] * 5, "495,00", ""]
    return [("retur.csv", written([*rows, stranger]))]


def first_in_ore(listed: Listed, answers: Answers) -> Files:
    """Øre for kroner in one line, which is asked about; then what was meant."""
    last = max(listed.lines)
    wrong = answers | {last: (str(listed.lines[last]), "")}
    return [
        ("retur-1.csv", filled(listed.content, wrong)),
        ("retur-2.csv", filled(listed.content, answers, only={last})),
    ]


SHAPES: tuple[Shape, ...] = (
    plain, decomposed, windows, tabbed, commas, excel, noisy, texts, with_a_sum, in_two_lines,
    in_two_files, in_kroner, without_zeros, turned_round, with_a_stranger, first_in_ore,
    plain, excel, texts, decomposed,
)  # fmt: skip
"""By employer."""
