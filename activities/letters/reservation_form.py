"""The reservation form as a PDF: what is known is filled in, the rest is for a pen."""

from datetime import date
from pathlib import Path

from activities.letters import wording
from activities.letters.cases import LetterContext
from activities.letters.settings import Organisation
from activities.letters.typesetting import sender_data, typeset
from schemas.shared.vocabulary import Language

SOURCE = Path(__file__).with_name("reservation_form.typ")

FILENAMES = {
    Language.NB: "skjema.pdf",
    Language.NN: "skjema.pdf",
    Language.EN: "form.pdf",
}
"""The same for everybody: a file name shows in lists of mails."""


def reservation_form_pdf(made_on: date, case: LetterContext, sender: Organisation) -> bytes:
    """Return the form for a member as a PDF, the same bytes for the same facts.

    Args:
        made_on: the date of the file.
        case: of the member, in whose language it is written.
        sender: whom it is returned to.

    Raises:
        LookupError: nobody, or nobody with a member number, is there to fill it in.
        typst.TypstError: the source is wrong.

    Source: S10.
    """
    return typeset(SOURCE, form_data(case, sender), made_on)


def form_data(case: LetterContext, sender: Organisation) -> dict[str, object]:
    """Return what the page is filled with, as plain JSON values, all of it in words already.

    Raises:
        LookupError: nobody, or nobody with a member number, is there to fill it in.
    """
    person = case.person
    if person is None or case.member_number is None:
        raise LookupError("a form for nobody")
    return {
        "language": str(person.language),
        "sender": sender_data(sender),
        "name": person.name,
        "born": wording.day(person.birth_date, person.language),
        "member": case.member_number,
    }
