"""What a branch gets of its settlement: a table and a letter, and nobody's name in either."""

import csv
import io
import re
from datetime import date
from pathlib import Path

from activities.letters import wording
from activities.letters.spacing import grouped
from activities.register.private_files import NotWritten, private_file, private_folder
from schemas.books.branches import BranchDues, BranchSettlement
from schemas.deduction.list_file import harmless
from schemas.shared.amounts import in_kroner
from schemas.shared.vocabulary import Language
from workers.errors import UserError
from workers.settings import UnionSettings

COLUMNS = ("Avdeling", "Navn", "Oppgjør for", "Kontingent for", "Beløp")

LETTER = """{name}

Oppgjør av lokal kontingent for {month}

Dette er den lokale kontingenten som er kommet inn for dere til og med {month}, og som ikke står i
et tidligere oppgjør. Det banken har trukket tilbake, og det medlemmer har fått kreditert, er
trukket fra.

{lines}
{total}

{payout}

Beløpene er summer. Hvem som har betalt, står ikke her. Har dere spørsmål, skriver dere til
{email}.

Vennlig hilsen
{union}, organisasjonsnummer {orgnr}
"""


def write_documents(folder: Path, found: BranchDues, union: UnionSettings) -> None:
    """Write the table and the letter of each branch; what stands there already stays, if it is it.

    Raises:
        UserError: something else stands there, or it can't be written.
    """
    try:
        private_folder(folder)
        for one in found.settlements:
            name = f"{found.period_from:%Y-%m}-{_name(one.branch)}"
            _write(folder / f"oppgjor-{name}.csv", table(one))
            _write(folder / f"oppgjor-{name}.txt", letter(one, union))
    except NotWritten as error:
        raise UserError(f"{folder.name} can't be written to: {error}.") from None


def table(one: BranchSettlement) -> bytes:
    """Return a settlement as CSV, a row for each month that the dues are for."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in one.lines:
        writer.writerow(
            (
                harmless(one.branch),
                harmless(one.name),
                f"{one.period_from:%Y-%m}",
                f"{line.dues_of:%Y-%m}",
                _kroner(line.amount_ore),
            )
        )
    return out.getvalue().encode("utf-8-sig")


def letter(one: BranchSettlement, union: UnionSettings) -> bytes:
    """Return a settlement as a letter to the branch."""
    rows = [(f"Kontingent for {_month(line.dues_of)}", line.amount_ore) for line in one.lines]
    text = LETTER.format(
        name=one.name,
        month=_month(one.period_from),
        lines="\n".join(_row(*row) for row in rows) or "Ingenting er kommet inn.",
        total=_row("Sum", one.amount_ore),
        payout=_payout(one),
        union=union.name,
        orgnr=grouped(union.orgnr),
        email=union.email,
    )
    return text.encode()


def _payout(one: BranchSettlement) -> str:
    if one.payout_ore is None:
        return (
            "Vi mangler et kontonummer og betaler ut når vi har fått det."
            if one.owed_ore > 0
            else "Ingenting betales ut nå. Det som mangler, trekkes fra neste oppgjør."
            if one.owed_ore < 0
            else "Ingenting betales ut nå."
        )
    rest = one.payout_ore - one.amount_ore
    return f"Vi betaler {_money(one.payout_ore)} til kontoen deres.{_brought(rest)}"


def _brought(rest: int) -> str:
    """Say what earlier settlements left, or took: a payout is all that is owed."""
    if rest == 0:
        return ""
    if rest > 0:
        return f" Av dette er {_money(rest)} fra tidligere oppgjør."
    return f" {_money(-rest)} som manglet i tidligere oppgjør, er trukket fra."


def _row(says: str, ore: int) -> str:
    return f"{says:<32}{_money(ore):>16}"


def _month(first: date) -> str:
    return wording.month(first, Language.NB)


def _money(ore: int) -> str:
    return wording.money(ore, Language.NB)


def _kroner(ore: int) -> str:
    return in_kroner(ore).replace(".", ",")


def _name(code: str) -> str:
    """Return a branch's code as it may stand in the name of a file."""
    return re.sub(r"\W", "_", code)


def _write(path: Path, content: bytes) -> None:
    if path.exists():
        if path.read_bytes() != content:
            raise UserError(f"Nothing was written: {path.name} is there already, and is another.")
        return
    with private_file(path) as file:
        file.write(content)
