"""Whatever a random life orders can be written: a letter that can't would wait for ever."""

import re

from hypothesis import given, settings

from schemas.membership.decision import Letter
from schemas.shared.vocabulary import Audience, Language
from tests.letters.test_templates import written
from tests.membership.decisions.living import applicants, books
from tests.membership.decisions.test_random_lives import (
    approved,
    branch_codes,
    effective_notices,
    lives,
)

SEEN: set[tuple[object, ...]] = set()
"""Letters that differ in nothing a template could stumble over are written once."""


def shape(letter: Letter) -> tuple[object, ...]:
    """Return what a template may branch on: words stand for themselves, amounts and days don't."""
    figures = {
        name: value
        if isinstance(value, str) and re.fullmatch("[a-z_]+", value)
        else (type(value).__name__, bool(value))
        for name, value in letter.figures.items()
    }
    return (letter.template, letter.audience, letter.forwarded, str(sorted(figures.items())))


@settings(deadline=None, max_examples=60)
@given(applicants(), books, branch_codes, lives, effective_notices)
def test_every_letter_of_a_random_life_can_be_written(form, book, branch, happening, end):
    """In each language, with nothing left undefined."""
    life = approved(form, book, branch)
    life.happen(happening)
    life.happen(end)
    life.pass_days(400)
    for letter in life.letters:
        if shape(letter) in SEEN:
            continue
        languages = Language if letter.audience is Audience.MEMBER else [Language.NB]
        for language in languages:
            text = written(
                letter.template, language, figures=letter.figures, own_words=letter.forwarded
            )
            assert not re.search(r"\{\{|\{%|None|Undefined", text), letter.key
        SEEN.add(shape(letter))
