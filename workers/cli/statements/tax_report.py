"""The file for the tax authority: one line a member, for a few eyes only."""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from activities.register.private_files import private_file
from schemas.deduction.list_file import harmless
from schemas.shared.amounts import in_kroner

COLUMNS = (
    "Inntektsår",
    "Medlemsnummer",
    "Fødselsnummer",
    "Navn",
    "Betalt direkte",
)


def write_report(path: Path, year: int, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write the report, whole or not at all, readable by nobody else.

    Args:
        path: in place of what is there.
        year: the income year.
        rows: of ``activities.statements.yearly.read_report``.

    Raises:
        NotWritten: it can't be.
    """
    with private_file(path) as file:
        file.write(report_csv(year, rows))


def report_csv(year: int, rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the report: UTF-8 with a mark, semicolons, every value quoted; amounts in kroner.

    It holds what was paid straight to the union alone: what an employer deducted, it reports.

    Source: X3, D2 (no value is a formula).
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        values = (
            str(year),
            row["member_number"],
            row["national_id"],
            row["name"],
            _amount(row["reported_ore"]),
        )
        writer.writerow([harmless(value) for value in values])
    return out.getvalue().encode("utf-8-sig")


def _amount(ore: int) -> str:
    return in_kroner(ore).replace(".", ",")
