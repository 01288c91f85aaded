"""What belongs together stays on one line, and what stands apart is a paragraph of its own."""

import re
from itertools import product

import pytest

from activities.letters import wording
from activities.letters.render import TEMPLATES, render
from activities.letters.spacing import grouped, held
from schemas.shared.vocabulary import Audience, Language
from tests.letters.making import AUDIENCES
from tests.letters.test_templates import values
from tests.letters.variants import TO_OTHERS, VARIANTS

ALL = [
    (template, changes, language)
    for (template, changes), language in product((*VARIANTS, *TO_OTHERS), Language)
    if language is Language.NB or AUDIENCES[template] is Audience.MEMBER
]
PARTS = re.compile(
    # 22. desember 2026, 495,00 kr, NOK 495.00, nr. 1 c, § 5, 974 760 673, 1234 56 78903
    r"\d\.? [a-zA-Z]+ 20\d\d|\d [A-Z][a-z]+ 20\d\d|\d kr\b|NOK \d|(?:nr|no)\. \d|§ \d"
    r"|(?:nr|no)\.\u00a0\d [a-d]\b"
    r"|\d{3} \d{3}|\d{4} \d\d \d{5}|KID \d|artikkel \d|Article \d"
    r"|\d (?:prosent|per cent|dager|dagar|days|måned|månad|month)"
)
"""As they must not stand: with a space that a line may break at."""
UNTIDY = re.compile(r"[ \u00a0]{2}|[ \u00a0][.,:;]|\.\.|\(\)|\*|^\W|[a-zæøå]\.[A-ZÆØÅ]|[ \u00a0]$")


def test_no_line_breaks_within_what_is_one_thing() -> None:
    """A date, an amount, an article of a law, an account: in no letter, in no form of it."""
    for template, changes, language in ALL:
        text = render(template, language, values(template, **changes))
        said = "\n".join(words for _, words in text.blocks)
        broken = PARTS.search(said)
        assert broken is None, (template, language, broken)


def test_nothing_is_doubled_or_empty() -> None:
    """No two spaces, no empty paragraph, no space before a full stop or a comma, no stray mark."""
    for template, changes, language in ALL:
        text = render(template, language, values(template, **changes))
        for _, said in text.blocks:
            assert said.strip(), template
            assert not UNTIDY.search(said), (template, language, said)


def test_a_paragraph_after_a_condition_is_one() -> None:
    """A tag at a line's end takes its line break along: the empty line after it must be two."""
    for path in TEMPLATES.rglob("*.md"):
        source = path.read_text("utf-8")
        joined = re.search(r"^[^{#\n-][^\n]*%\}\n\n(?=[^\n{]|\{[{%] if)", source, re.MULTILINE)
        assert joined is None, (path.name, joined)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("artikkel 6 nr. 1 c", "artikkel~6 nr.~1~c"),
        ("Article 9 no. 2 d)", "Article~9 no.~2~d)"),
        ("loven § 5 og 30 dager", "loven §~5 og 30~dager"),
        ("medlemsnummer **00000017**", "medlemsnummer~**00000017**"),
        ("Kari 2 ganger", "Kari 2 ganger"),
    ],
)
def test_what_is_held_together(said: str, read: str) -> None:
    """A number and what it numbers or counts, and nothing else."""
    assert held(said) == read.replace("~", "\u00a0")


@pytest.mark.parametrize(
    ("language", "one", "many"),
    [
        (Language.NB, "1 måned", "3 måneder"),
        (Language.NN, "1 månad", "3 månader"),
        (Language.EN, "1 month", "3 months"),
    ],
)
def test_one_is_not_many(language: Language, one: str, many: str) -> None:
    """A policy may say one month where it says three today."""
    found = [wording.counted(number, "month", language) for number in (1, 3)]
    assert [said.replace("\u00a0", " ") for said in found] == [one, many]


def test_numbers_are_written_in_groups() -> None:
    """As readers know them; a telephone number that is none stays as it was typed."""
    assert grouped("974760673") == "974\u00a0760\u00a0673"
    assert wording.phone("+4791234567") == "+47\u00a091\u00a023\u00a045\u00a067"
    assert wording.phone("ring sentralbordet") == "ring sentralbordet"
