"""The invoice as a PDF: the facts handed to Typst as data, never put into its source."""

import json
import threading
from datetime import UTC, datetime, time
from functools import lru_cache
from pathlib import Path

import typst

from activities.letters import wording
from activities.letters.billing import lines_of
from activities.letters.cases import Addressee, InvoiceFacts
from activities.letters.render import account
from activities.letters.settings import Organisation
from schemas.shared.vocabulary import Language

SOURCE = Path(__file__).with_name("invoice.typ")

FILENAMES = {
    Language.NB: "faktura.pdf",
    Language.NN: "faktura.pdf",
    Language.EN: "invoice.pdf",
}
"""The same for everybody: a file name shows in lists of mails."""

CREDIT_FILENAMES = {
    Language.NB: "kreditnota.pdf",
    Language.NN: "kreditnota.pdf",
    Language.EN: "credit-note.pdf",
}

_compilers = threading.local()


def filename_of(invoice: InvoiceFacts, language: Language) -> str:
    """Return what the file is called."""
    return (CREDIT_FILENAMES if invoice.credit else FILENAMES)[language]


def invoice_pdf(invoice: InvoiceFacts, person: Addressee, sender: Organisation) -> bytes:
    """Return an invoice, or a credit note, as a PDF, the same bytes for the same facts.

    Args:
        invoice: as it was issued, and what is open of it; amounts in øre.
        person: who pays it, in whose language it is written.
        sender: whom it is paid to.

    Raises:
        typst.TypstError: the source is wrong.
    """
    pdf = _compiler().compile(
        _source(),
        format="pdf",
        sys_inputs={"data": json.dumps(invoice_data(invoice, person, sender))},
        timestamp=datetime.combine(invoice.issued_on, time(), UTC),
    )
    assert isinstance(pdf, bytes), "a PDF is one file"
    return pdf


def _compiler() -> typst.Compiler:
    """Return this thread's compiler: setting one up costs as much as a page."""
    if not hasattr(_compilers, "compiler"):
        # Fonts that come with Typst only: the same page on every machine.
        _compilers.compiler = typst.Compiler(ignore_system_fonts=True)
    compiler: typst.Compiler = _compilers.compiler
    return compiler


@lru_cache
def _source() -> bytes:
    return SOURCE.read_bytes()


def invoice_data(
    invoice: InvoiceFacts, person: Addressee, sender: Organisation
) -> dict[str, object]:
    """Return what the page is filled with, as plain JSON values, all of it in words already."""
    language = person.language
    return {
        "language": str(language),
        "credit": invoice.credit,
        "sender": {
            "name": sender.name,
            "orgnr": f"{sender.orgnr[:3]} {sender.orgnr[3:6]} {sender.orgnr[6:]}",
            "address": list(sender.address),
            "email": sender.email,
        },
        "recipient": {"name": person.name, "address": list(person.address_in(language))},
        "number": invoice.number,
        "issued": wording.day(invoice.issued_on, language),
        "due": wording.day(invoice.due_on, language),
        "period": wording.period(invoice.period_from, invoice.yearly, language),
        "lines": [
            {
                "description": line.description,
                "note": line.note,
                "amount": wording.money(line.amount_ore, language),
            }
            for line in lines_of(invoice, language)
        ],
        "total": wording.money(abs(invoice.total_ore), language),
        "settled": (wording.money(-invoice.settled_ore, language) if invoice.settled_ore else None),
        "to_pay": wording.money(invoice.to_pay_ore, language),
        "nothing_to_pay": invoice.to_pay_ore == 0,
        "account": account(sender.account_number),
        "kid": invoice.kid,
    }
