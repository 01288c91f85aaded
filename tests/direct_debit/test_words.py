"""What a member who pays by AvtaleGiro reads (P9): the day, and nothing to pay by hand."""

from dataclasses import replace

import pytest

from activities.letters.invoice import invoice_pdf
from activities.letters.render import render
from activities.letters.settings import Organisation
from schemas.shared.vocabulary import Language, Template
from tests.letters.test_arrears_words import INVOICE
from tests.letters.test_invoice import person, text_of
from tests.letters.test_templates import values

DEBITED = replace(INVOICE, debited_on=INVOICE.due_on)

SAYS = {
    Language.NB: "trekker beløpet med AvtaleGiro 29. desember 2026. Du skal ikke betale",
    Language.NN: "trekkjer beløpet med AvtaleGiro 29. desember 2026. Du skal ikkje betale",
    Language.EN: "takes the amount by AvtaleGiro (direct debit) on 29 December 2026. Please",
}
ACCOUNT = "1234 56 78903"


def written(template, language, invoice):
    """A letter as one line."""
    found = values(template, invoice=invoice)
    return " ".join(render(template, language, found).plain.split())


@pytest.mark.parametrize("template", [Template.DUES_INVOICE, Template.FIRST_INVOICE])
@pytest.mark.parametrize("language", Language)
def test_a_letter_says_when_it_is_taken(template, language):
    """P9: on which day, and neither an account nor a KID that somebody could pay to as well."""
    says = written(template, language, DEBITED)
    assert SAYS[language] in says
    assert INVOICE.kid not in says
    assert ACCOUNT not in says


@pytest.mark.parametrize("language", Language)
def test_the_invoice_itself_asks_nobody_to_pay(language):
    """P9: the PDF says the day as well; without a mandate it shows account and KID."""
    text = text_of(invoice_pdf(DEBITED, person(language=language), Organisation()))
    assert "AvtaleGiro" in text
    assert INVOICE.kid not in text
    assert ACCOUNT not in text
    paid = text_of(invoice_pdf(INVOICE, person(language=language), Organisation()))
    assert "AvtaleGiro" not in paid
    assert INVOICE.kid in paid


@pytest.mark.parametrize("language", Language)
def test_what_comes_back_asks_to_be_paid(language):
    """P9: how much, until when, and how."""
    says = written(Template.DIRECT_DEBIT_RETURNED, language, INVOICE)
    assert "AvtaleGiro" in says
    assert INVOICE.kid in says
    assert "494" in says
    assert "2027" in says
