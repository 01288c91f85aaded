"""The invoice as a PDF: the facts handed to Typst as data, never put into its source."""

from pathlib import Path

from activities.letters import wording
from activities.letters.billing import lines_of
from activities.letters.cases import Addressee, InvoiceFacts
from activities.letters.render import account
from activities.letters.settings import Organisation
from activities.letters.typesetting import sender_data, typeset
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


def filename_of(invoice: InvoiceFacts, language: Language) -> str:
    """Return what the file is called."""
    return (CREDIT_FILENAMES if invoice.credit else FILENAMES)[language]


def invoice_pdf(
    invoice: InvoiceFacts, person: Addressee, sender: Organisation, member: str | None = None
) -> bytes:
    """Return an invoice, or a credit note, as a PDF, the same bytes for the same facts.

    Args:
        invoice: as it was issued, and what is open of it; amounts in øre.
        person: who pays it, in whose language it is written.
        sender: whom it is paid to.
        member: the number of the member it is about.

    Raises:
        typst.TypstError: the source is wrong.
    """
    return typeset(SOURCE, invoice_data(invoice, person, sender, member), invoice.issued_on)


def invoice_data(
    invoice: InvoiceFacts, person: Addressee, sender: Organisation, member: str | None = None
) -> dict[str, object]:
    """Return what the page is filled with, as plain JSON values, all of it in words already."""
    language = person.language
    return {
        "language": str(language),
        "credit": invoice.credit,
        "paid_out": invoice.paid_out,
        "sender": sender_data(sender),
        "recipient": {"name": person.name, "address": list(person.address_in(language))},
        "number": invoice.shown,
        "member": member,
        "reference": invoice.number if invoice.series_number else None,
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
        "debited": wording.day(invoice.debited_on, language) if invoice.debited_on else None,
        "offers_mandate": invoice.offers_mandate,
        "account": account(sender.account_number),
        "kid": invoice.kid,
    }
