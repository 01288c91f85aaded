"""What a branch gets of its settlement: a table and a letter, and nobody's name in either."""

import csv
import io
import re
from pathlib import Path

from activities.register.private_files import NotWritten, private_file, private_folder
from schemas.books.branches import BranchDues, BranchSettlement
from schemas.deduction.list_file import harmless
from schemas.shared.amounts import in_kroner
from workers.errors import UserError
from workers.settings import UnionSettings

COLUMNS = ("Avdeling", "Navn", "Oppgjør for", "Kontingent for", "Beløp")

LETTER = """{name}

Oppgjør av lokal kontingent for {month}

Dette er kontingenten som er kommet inn for dere til og med {month}, og som ikke står i et
tidligere oppgjør. Det som banken har trukket tilbake eller medlemmer har fått kreditert, er
trukket fra.

{lines}
{total}

{payout}

Beløpene er summer. Hvem som har betalt, står ikke her.

Hilsen
{union}
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
    rows = [(f"Kontingent for {line.dues_of:%Y-%m}", line.amount_ore) for line in one.lines]
    text = LETTER.format(
        name=one.name,
        month=f"{one.period_from:%Y-%m}",
        lines="\n".join(_row(*row) for row in rows) or "Ingenting er kommet inn.",
        total=_row("Sum", one.amount_ore),
        payout=_payout(one),
        union=union.name,
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
    brought = f" Av dette er {_kroner(rest)} kroner fra tidligere oppgjør." if rest else ""
    return f"Vi betaler {_kroner(one.payout_ore)} kroner til kontoen deres.{brought}"


def _row(says: str, ore: int) -> str:
    return f"{says:<30}{_kroner(ore):>15}"


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
