"""The file for the insurance office: its heads and columns, and no others. Source: R3, S9."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from schemas.deduction.list_file import harmless, kroner
from schemas.insurance.contracts import Change, Line, OfficeFile

CHANGES = {
    Change.IN: "INN",
    Change.OUT: "UT",
    Change.CHANGED: "ENDRET",
    Change.RESERVED: "RESERVERT",
    Change.CORRECTED: "RETTET",
}
"""What the office reads for each change."""

COVERAGES = {
    "life": "Liv",
    "disability": "Uføre",
    "critical_illness": "Kritisk sykdom",
}
"""Headings of the coverages; one that is added as data is called as its row calls it."""

YES, NO = "JA", "NEI"

NUMBER, BORN, CHANGE = "Medlemsnummer", "Fødselsdato", "Endring"
FROM, UNTIL, PREMIUM = "Fra", "Til og med", "Premie per måned"
BACK_DATED, FORMER = "Tilbakedatert", "Tidligere nummer"

UNION, PERIOD, MADE = "Forbundets organisasjonsnummer", "Periode", "Laget"
MEMBERS, EXPECTED, LINES = "Dekkede medlemmer", "Forventet premie", "Antall linjer"


@dataclass(frozen=True)
class Column:
    """A column of the file.

    Attributes:
        amount: the text is øre, a number in a workbook.
    """

    heading: str
    text: Callable[[Line], str]
    amount: Callable[[Line], int] | None = None


def columns_of(coverages: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns from left to right: deny by default, nothing else of a member leaves."""
    return (
        Column(NUMBER, lambda line: harmless(line.number)),
        Column(BORN, lambda line: str(line.birth_date)),
        Column(CHANGE, lambda line: CHANGES[line.change]),
        Column(FROM, lambda line: str(line.from_on)),
        Column(UNTIL, lambda line: str(line.until_on or "")),
        *(_coverage(name) for name in coverages),
        Column(PREMIUM, lambda line: kroner(line.premium_ore), lambda line: line.premium_ore),
        Column(BACK_DATED, lambda line: YES if line.back_dated else NO),
        Column(FORMER, lambda line: harmless(line.former_number or "")),
    )


def _coverage(name: str) -> Column:
    return Column(called(name), lambda line: YES if name in line.coverages else NO)


def called(name: str) -> str:
    """Return what the office calls a coverage."""
    return COVERAGES.get(name, name)


def cover_called(coverages: Sequence[str]) -> str:
    """Return what the office calls a cover: all of its coverages."""
    return " + ".join(called(name) for name in coverages)


def heads_of(file: OfficeFile, union_orgnr: str) -> list[tuple[str, str | int]]:
    """Return what stands above the lines; a number is an amount in øre.

    A premium is for the package, whatever of it is left (A17), and so is summed by cover: the sums
    come to what is charged for the month.
    """
    heads: list[tuple[str, str | int]] = [
        (UNION, union_orgnr),
        (PERIOD, file.period),
        (MADE, str(file.made_on)),
        (MEMBERS, str(file.members)),
        (EXPECTED, file.premium_ore),
    ]
    for name in file.coverages:
        having = sum(total.members for total in file.totals if name in total.coverages)
        heads.append((f"{MEMBERS}: {called(name)}", str(having)))
    sums = [
        (f"{EXPECTED}: {cover_called(total.coverages)}", total.premium_ore) for total in file.totals
    ]
    return [*heads, *sums, (LINES, str(len(file.lines)))]
