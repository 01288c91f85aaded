"""Letters and invoices of several pages, as they come out of a printer."""

import io
from dataclasses import replace
from typing import Any

import pytest
from pypdf import PdfReader

from activities.letters.invoice import invoice_pdf
from activities.letters.on_paper import letter_pdf
from activities.letters.render import render
from activities.letters.reservation_form import reservation_form_pdf
from activities.letters.settings import Organisation
from activities.letters.statement import statement_pdf
from schemas.shared.vocabulary import Language, Template
from tests.letters.making import FIGURES, TODAY, WELCOME
from tests.letters.test_billing import correction
from tests.letters.test_invoice import INVOICE, person
from tests.letters.test_reservation_form import case
from tests.letters.test_templates import values

LONG = "Anna-Katharina Wolfeschlegelsteinhausenbergerdorff-Ødegård"


def pages_of(pdf: bytes) -> list[str]:
    """What stands on each page, on one line."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def test_an_invoice_of_several_pages_is_numbered() -> None:
    """Each page says which one it is, and of which invoice; the slip stands on the last, whole.

    Thirty-six months of -247.50 are -8,910.00, of 740.00 and 20,000.00: 11,830.00.
    """
    months = tuple(correction(1 + month % 12, 49500, 24750) for month in range(36))
    charged = {"kind": "central_dues", "amount_ore": 2000000}
    lines = (*INVOICE.lines, charged, {"kind": "correction", "amount_ore": -891000})
    invoice = replace(INVOICE, lines=lines, corrections=months, total_ore=1183000)
    pages = pages_of(invoice_pdf(invoice, person(LONG, Language.NN), Organisation()))
    for number, page in enumerate(pages, 1):
        assert f"2026-000123 · {number} / {len(pages)}" in page
    assert len(pages) == 3
    for said in ("Å betale 11 830,00 kr", "1000123450000017", "1234 56 78903"):
        assert said in pages[-1]
    assert pages[0].count("Skildring") == pages[1].count("Skildring") == 1


def test_a_letter_of_several_pages_is_numbered_and_its_closing_is_not_alone() -> None:
    """The country of the address in the letter's language; a page of its own has its number."""
    benefits = [{"name": "legal_help"}] * 33
    figures = {**WELCOME, "insurance": "not_applicable", "benefits": benefits}
    text = render("welcome", Language.EN, values(Template.WELCOME, figures=figures, posted=True))
    somebody = replace(person(LONG, Language.EN), country="AT")
    pages = pages_of(letter_pdf(text, Language.EN, somebody, Organisation(), TODAY))
    assert "AUSTRIA" in pages[0]
    assert [page[-5:] for page in pages] == ["1 / 3", "2 / 3", "3 / 3"]
    assert "Write to us, and we will help you. Kind regards" in pages[2]


@pytest.mark.parametrize("language", Language)
def test_every_sheet_can_be_read_aloud(language: Language) -> None:
    """Each is tagged, in the language it says it is in, with a title that names nobody."""
    somebody = person(LONG, language)
    text = render("reminder_first", language, values(Template.REMINDER_FIRST, posted=True))
    figures = FIGURES[Template.TAX_STATEMENT]
    for pdf in (
        invoice_pdf(INVOICE, somebody, Organisation()),
        letter_pdf(text, language, somebody, Organisation(), TODAY),
        reservation_form_pdf(TODAY, case(language, LONG), Organisation()),
        statement_pdf(figures, case(language, LONG), Organisation()),
    ):
        found = PdfReader(io.BytesIO(pdf))
        root: Any = found.root_object
        assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == (str(language), True)
        assert "/StructTreeRoot" in root
        assert found.metadata is not None
        assert found.metadata.title
        assert "Anna" not in found.metadata.title


def test_what_is_emphasised_in_a_letter_is_so_on_paper() -> None:
    """The amount to pay is found at a glance there, too."""
    text = render("reminder_first", Language.NB, values(Template.REMINDER_FIRST))
    (strong,) = (words for kind, words in text.blocks if kind == "strong")
    assert strong.startswith("Å betale: 12")
