"""What a year's statement says of the deduction and of who reports it (S24, X2, X3)."""

import pytest

from activities.letters.render import render
from schemas.shared.vocabulary import Language, Template
from tests.letters.making import FIGURES
from tests.letters.test_templates import values

STRAIGHT = {"paid_ore": 49500, "direct_ore": 49500, "working_ore": 49500, "deductible_ore": 49500}
UNTOLD = {"reported_ore": 0}
STUDENT = {"working_ore": 0, "deductible_ore": 0, "unreported": "no_deduction", **UNTOLD}

SAYS = [
    # figures, what stands there, what does not
    (
        {},
        ["Beløp som arbeidsgiveren eller Nav har trukket", "Vi melder 495,00 kr"],
        ["årets 12 måneder"],
    ),
    (STRAIGHT, ["Vi melder 495,00 kr"], ["arbeidsgiveren"]),
    (
        {"direct_ore": 0, "reported_ore": 0},
        ["Beløp som arbeidsgiveren eller Nav har trukket, har de selv meldt."],
        ["Vi melder", "direkte til oss"],
    ),
    # 8,250.00 * 3 / 12 = 2,062.50.
    (
        {"months": 3, "cap_ore": 206250, "deductible_ore": 206250},
        ["2 062,50 kr", "medlem i 3 av årets 12 måneder", "3/12 av 8 250,00 kr"],
        [],
    ),
    (
        {**STRAIGHT, **STUDENT},
        ["gir ikke fradrag", "Vi melder ikke noe"],
        ["kan trekke fra", "høyeste fradrag", "Kontroller", "bekreftet"],
    ),
    (
        {"working_ore": 445500, "deductible_ore": 445500},
        ["gir ikke fradrag", "For månedene du var i arbeid, betalte du 4 455,00 kr."],
        [],
    ),
    (
        {"unreported": "objection", **UNTOLD},
        ["Du har bedt oss om ikke å melde", "må du selv føre opp"],
        ["Vi melder"],
    ),
    ({"unreported": "no_national_id", **UNTOLD}, ["Vi mangler fødselsnummeret"], ["Vi melder"]),
    ({"version": 1}, [], ["erstatter", "Har vi meldt"]),
    ({"version": 2}, ["erstatter oppgaven du fikk", "Har vi meldt et annet beløp"], []),
]


@pytest.mark.parametrize(("figures", "there", "absent"), SAYS)
def test_a_statement_says_what_is_so_of_its_reader(figures, there, absent):
    """Each sentence stands where it is true, and no deduction is promised to who has none."""
    template = Template.TAX_STATEMENT
    filled = values(template, figures={**FIGURES[template], **figures})
    said = " ".join(render("tax_statement", Language.NB, filled).plain.split())
    for words in there:
        assert words in said
    for words in absent:
        assert words not in said
