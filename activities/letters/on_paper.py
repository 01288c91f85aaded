"""A letter as pages to print and post, for who has no e-mail address."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path

import typst

from activities.letters import wording
from activities.letters.cases import Addressee
from activities.letters.render import Text
from activities.letters.settings import Organisation
from schemas.shared.vocabulary import Language

SOURCE = Path(__file__).with_name("letter.typ")


def letter_pdf(
    text: Text, language: Language, person: Addressee, sender: Organisation, written_on: date
) -> bytes:
    """Return a letter as a PDF, the same bytes for the same words.

    Args:
        text: what it says.
        language: what it is written in.
        person: whom it goes to, at the postal address.
        sender: who writes.
        written_on: its date.

    Raises:
        LookupError: there is no postal address.
        typst.TypstError: the source is wrong.
    """
    if not person.address:
        raise LookupError("a letter to nowhere")
    data = {
        "language": str(language),
        "subject": text.subject,
        "sender": {
            "name": sender.name,
            "orgnr": f"{sender.orgnr[:3]} {sender.orgnr[3:6]} {sender.orgnr[6:]}",
            "address": list(sender.address),
            "email": sender.email,
        },
        "recipient": [person.name, *person.address_in(language)],
        "written": wording.day(written_on, language),
        "blocks": _plain(text.blocks),
    }
    pdf = typst.compile(
        _source(),
        format="pdf",
        sys_inputs={"data": json.dumps(data)},
        # Fonts that come with Typst only: the same page on every machine.
        ignore_system_fonts=True,
        timestamp=datetime.combine(written_on, time(), UTC),
    )
    assert isinstance(pdf, bytes), "a PDF is one file"
    return pdf


def _plain(blocks: Sequence[tuple[str, str]]) -> list[list[str]]:
    return [list(block) for block in blocks]


@lru_cache
def _source() -> bytes:
    return SOURCE.read_bytes()
