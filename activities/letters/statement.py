"""A year's statement as a PDF: the figures handed to Typst as data, never put into its source."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from activities.letters import wording
from activities.letters.cases import LetterContext
from activities.letters.settings import Organisation
from activities.letters.typesetting import sender_data, typeset
from schemas.shared.vocabulary import Language

SOURCE = Path(__file__).with_name("statement.typ")

FILENAMES = {
    Language.NB: "aarsoppgave.pdf",
    Language.NN: "aarsoppgaave.pdf",
    Language.EN: "annual-statement.pdf",
}
"""The same for everybody: a file name shows in lists of mails."""


def statement_pdf(figures: Mapping[str, Any], case: LetterContext, sender: Organisation) -> bytes:
    """Return a year's statement as a PDF, the same bytes for the same figures.

    Args:
        figures: as the year end gave them; amounts in øre.
        case: of the member, in whose language it is written.
        sender: who states it.

    Raises:
        LookupError: nobody, or nobody with a member number, is there to state it for.
        typst.TypstError: the source is wrong.

    Source: S24, S25, X4.
    """
    made_on = date.fromisoformat(figures["made_on"])
    return typeset(SOURCE, statement_data(figures, case, sender), made_on)


def statement_data(
    figures: Mapping[str, Any], case: LetterContext, sender: Organisation
) -> dict[str, object]:
    """Return what the page is filled with, as plain JSON values, all of it in words already.

    Raises:
        LookupError: nobody, or nobody with a member number, is there to state it for.
    """
    person = case.person
    if person is None or case.member_number is None:
        raise LookupError("a statement for nobody")
    language, year = person.language, figures["year"]
    deducted_ore = figures["paid_ore"] - figures["direct_ore"]
    return {
        "language": str(language),
        "sender": sender_data(sender),
        "recipient": {"name": person.name, "address": list(person.address_in(language))},
        "member": case.member_number,
        "year": str(year),
        "number": f"{year}-{case.member_number}-{figures['version']}",
        "made": wording.day(figures["made_on"], language),
        "paid": wording.money(figures["paid_ore"], language),
        "direct": wording.money(figures["direct_ore"], language),
        "deducted": wording.money(deducted_ore, language) if deducted_ore else None,
        "working": wording.money(figures["working_ore"], language),
        "months": str(figures["months"]),
        "whole_cap": wording.money(figures["whole_cap_ore"], language),
        "cap": wording.money(figures["cap_ore"], language),
        "deductible": wording.money(figures["deductible_ore"], language),
        "told": wording.money(figures["reported_ore"] // 100 * 100, language),
        "works": figures["working_ore"] > 0,
        "works_always": figures["working_ore"] == figures["paid_ore"],
        "reduced": figures["cap_ore"] < figures["whole_cap_ore"],
        "corrected": figures["version"] > 1,
        "confirmed": figures["cap_confirmed"],
        "unreported": figures["unreported"],
        "reported": figures["reported_ore"] > 0,
    }
