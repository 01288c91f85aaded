"""What is written to NAV, which deducts from benefits and not from wages (A36)."""

import re

import pytest

from activities.letters.cases import Contact
from activities.letters.payroll_notice import CODES
from activities.letters.render import read_source
from schemas.shared.vocabulary import Language, Template
from tests.letters.making import FIGURES
from tests.letters.test_templates import written


@pytest.mark.parametrize("forward", [False, True, "own words"])
@pytest.mark.parametrize("template", CODES)
def test_nav_is_no_payroll_office(template: Template, forward: bool | str) -> None:
    """Neither to NAV nor to whoever passes it on is a word said of wages or an employer."""
    figures = {**FIGURES[template], "nav": True}
    contact = Contact("889640782", "NAV", None)
    own_words = forward == "own words"
    said = written(
        template, figures=figures, employer=contact, forward=bool(forward), own_words=own_words
    )
    (subject,) = read_source(template, Language.NB).subjects.values()
    assert not re.search(r"lønn|arbeidsgiver", f"{subject} {said}", re.IGNORECASE)
    assert "Nav" in said
