"""The invoice as a PDF: the facts handed to Typst as data, never put into its source."""

import json
from datetime import UTC, datetime, time
from functools import lru_cache
from pathlib import Path

import typst

from activities.notifications import wording
from activities.notifications.cases import InvoiceFacts, Person
from activities.notifications.render import account
from activities.notifications.settings import Organisation
from schemas.vocabulary import Language

SOURCE = Path(__file__).with_name("invoice.typ")

FILENAMES = {Language.NB: "faktura.pdf", Language.EN: "invoice.pdf"}
"""The same for everybody: a file name shows in lists of mails."""


def invoice_pdf(invoice: InvoiceFacts, person: Person, sender: Organisation) -> bytes:
    """Return an invoice as a PDF, the same bytes for the same facts.

    Args:
        invoice: as it was issued; amounts in øre.
        person: who pays it, in whose language it is written.
        sender: whom it is paid to.

    Raises:
        typst.TypstError: the source is wrong.
    """
    pdf = typst.compile(
        _source(),
        format="pdf",
        sys_inputs={"data": json.dumps(_data(invoice, person, sender))},
        # Fonts that come with Typst only: the same page on every machine.
        ignore_system_fonts=True,
        timestamp=datetime.combine(invoice.issued_on, time(), UTC),
    )
    assert isinstance(pdf, bytes), "a PDF is one file"
    return pdf


@lru_cache
def _source() -> bytes:
    return SOURCE.read_bytes()


def _data(invoice: InvoiceFacts, person: Person, sender: Organisation) -> dict[str, object]:
    language = person.language
    period = wording.period(invoice.period_from, invoice.yearly, language)
    return {
        "language": str(language),
        "sender": {
            "name": sender.name,
            "orgnr": f"{sender.orgnr[:3]} {sender.orgnr[3:6]} {sender.orgnr[6:]}",
            "address": list(sender.address),
            "email": sender.email,
        },
        "recipient": {"name": person.name, "address": list(person.address)},
        "number": invoice.number,
        "issued": wording.day(invoice.issued_on, language),
        "due": wording.day(invoice.due_on, language),
        "period": period,
        "lines": [
            {
                "description": f"{wording.KINDS[language][line['kind']]}, {period}",
                "amount": wording.money(line["amount_ore"], language),
            }
            for line in invoice.lines
        ],
        "total": wording.money(invoice.total_ore, language),
        "account": account(sender.account_number),
        "kid": invoice.kid,
    }
