"""The files of the accounting: vouchers and receivables as CSV."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date

from schemas.books.balances import AGES, titles_of, vouchers
from schemas.books.contracts import Books, Receivable
from schemas.shared.amounts import in_kroner

SOURCES = {
    "charge": "Kontingent og premie beregnet",
    "payment": "Innbetalinger",
    "allocation": "Innbetalinger fordelt",
    "reversal": "Innbetalinger ført tilbake av banken",
    "redirection": "Fra trekk til faktura",
    "recovery": "Tilbakebetalt og tilbakeført, krevd inn",
    "over_deduction": "Trukket for mye",
    "carried_over": "Overført fra trekkliste",
    "refund": "Tilbakebetalinger",
    "refund_paid": "Tilbakebetalinger utført av banken",
    "refund_returned": "Tilbakebetalinger returnert av banken",
    "branch_settlement": "Oppgjør med avdelingene",
    "bank_charge": "Bankgebyr",
    "bank_interest": "Renter fra banken",
    "write_off": "Tap på fordringer",
    "insurance_settlement": "Innbetalt premie til oppgjør",
    "insurance_paid": "Oppgjør betalt til forsikringsselskapet",
}
"""What is booked for which reason, as the accounting reads it."""

JOURNAL = ("Bilag", "Dato", "Tekst", "Konto", "Kontonavn", "Debet", "Kredit")
RECEIVABLES = ("Dato", "Skyldner", "Forfalt", "Antall", "Beløp")
DEBTORS = {
    "members": "Medlemmer",
    "employers": "Arbeidsgivere",
    "suspense": "Tilbakebetalt og så tilbakeført",
}


def journal_csv(books: Books) -> bytes:
    """Return the vouchers, a row a line; both sides come to what the balances say."""
    titles = titles_of(books.chart)
    rows = [
        (
            voucher.voucher_id,
            str(voucher.day),
            SOURCES[voucher.source],
            line.number,
            titles[line.number],
            _kroner(line.debit_ore),
            _kroner(line.credit_ore),
        )
        for voucher in vouchers(books)
        for line in voucher.lines
    ]
    return _csv(JOURNAL, rows)


def receivables_csv(day: date, found: Iterable[Receivable]) -> bytes:
    """Return what is owed on a day, a row for each debtor and age."""
    rows = [
        (
            str(day),
            DEBTORS[claim.debtor],
            "ikke forfalt" if claim.overdue_days is None else f"{span(claim.overdue_days)} dager",
            str(claim.claims),
            _kroner(claim.ore),
        )
        for claim in found
    ]
    return _csv(RECEIVABLES, rows)


def span(days: int) -> str:
    """Return the days that one age of ``AGES`` spans: 31 is ``31-60``, the last ``91+``."""
    later = [age for age in AGES if age > days]
    return f"{days}-{later[0] - 1}" if later else f"{days}+"


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def _kroner(ore: int) -> str:
    return in_kroner(ore).replace(".", ",")
