"""The reservation form as a PDF: what is known is filled in, the rest is for a pen."""

import json
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path

import typst

from activities.letters import wording
from activities.letters.cases import LetterContext
from activities.letters.settings import Organisation
from schemas.shared.vocabulary import Language

SOURCE = Path(__file__).with_name("reservation_form.typ")

FILENAMES = {
    Language.NB: "skjema.pdf",
    Language.NN: "skjema.pdf",
    Language.EN: "form.pdf",
}
"""The same for everybody: a file name shows in lists of mails."""


def reservation_form_pdf(asked_on: date, case: LetterContext, sender: Organisation) -> bytes:
    """Return the form for a member as a PDF, the same bytes for the same facts.

    Args:
        asked_on: the day the member asked for it.
        case: of the member, in whose language it is written.
        sender: whom it is returned to.

    Raises:
        LookupError: nobody, or nobody with a member number, is there to fill it in.
        typst.TypstError: the source is wrong.

    Source: S10.
    """
    pdf = typst.compile(
        _source(),
        format="pdf",
        sys_inputs={"data": json.dumps(form_data(case, sender))},
        # Fonts that come with Typst only: the same page on every machine.
        ignore_system_fonts=True,
        timestamp=datetime.combine(asked_on, time(), UTC),
    )
    assert isinstance(pdf, bytes), "a PDF is one file"
    return pdf


@lru_cache
def _source() -> bytes:
    return SOURCE.read_bytes()


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
        "sender": {
            "name": sender.name,
            "orgnr": f"{sender.orgnr[:3]} {sender.orgnr[3:6]} {sender.orgnr[6:]}",
            "address": list(sender.address),
            "email": sender.email,
        },
        "name": person.name,
        "born": wording.day(person.birth_date, person.language),
        "member": case.member_number,
    }
