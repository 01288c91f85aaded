"""A letter as pages to print and post, for who has no e-mail address."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from activities.letters import wording
from activities.letters.cases import Addressee
from activities.letters.render import Text
from activities.letters.settings import Organisation
from activities.letters.typesetting import sender_data, typeset
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
        "sender": sender_data(sender),
        "recipient": [person.name, *person.address_in(language)],
        "written": wording.day(written_on, language),
        "blocks": _plain(text.blocks),
    }
    return typeset(SOURCE, data, written_on)


def _plain(blocks: Sequence[tuple[str, str]]) -> list[list[str]]:
    return [list(block) for block in blocks]
