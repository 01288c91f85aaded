"""What each letter must make its reader know, sentence by sentence, in every language."""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from activities.letters.render import read_source, render
from schemas.shared.vocabulary import Language, Template
from tests.letters.making import FIGURES, WELCOME
from tests.letters.test_billing import CREDIT
from tests.letters.test_invoice import INVOICE
from tests.letters.test_languages import TO_MEMBERS
from tests.letters.test_templates import values, written

SAYS: Final = tomllib.loads(Path(__file__).with_name("essentials.toml").read_text("utf-8"))["says"]
FORMS: Final[dict[str, dict[str, Any]]] = {
    "usual": {},
    "hidden": {"figures": {**WELCOME, "hidden": True}},
    "owes": {"balance_ore": 123450},
    "in_favour": {"balance_ore": -98700},
    "settled": {
        "balance_ore": -98700,
        "figures": {"settlement": 1, "answer_by": "2027-01-21"},
    },
    "by_mandate": {"invoice": replace(INVOICE, debited_on=INVOICE.due_on)},
    "mandate_offered": {"invoice": replace(INVOICE, offers_mandate=True)},
    "paid_out": {"invoice": replace(CREDIT, paid_out=True)},
    # Sent once more, of a letter that never went out: no deadline runs yet.
    "copy": {"reserve_by": None},
    "over": {"reserve_over": True},
    "laid_off": {"figures": {**FIGURES[Template.LEAVE_GRANTED], "waiver": "laid_off", "terms": []}},
}
"""What a letter is written from, where its sentence depends on it."""


@pytest.mark.parametrize("wanted", SAYS, ids=[f"{one['letter']}-{one['rules']}" for one in SAYS])
def test_what_a_letter_must_say(wanted: dict[str, str]) -> None:
    """The amount, the day, the account and the KID, what follows, and what the reader can do.

    Whole sentences: a word that turns one into its contrary fails here.
    """
    changes = FORMS[wanted.get("form", "usual")]
    for language in Language:
        said = " ".join(wanted[language].split())
        assert said in written(Template(wanted["letter"]), language, **changes), wanted["rules"]


@pytest.mark.parametrize(
    ("language", "offers"),
    [
        (Language.NB, "Har du spørsmål? Svar på denne e-posten, så hjelper vi deg."),
        (Language.NN, "Har du spørsmål? Svar på denne e-posten, så hjelper vi deg."),
        (Language.EN, "Do you have a question? Reply to this e-mail, and we will help you."),
    ],
)
def test_every_letter_to_a_member_says_how_to_ask(language: Language, offers: str) -> None:
    """M19: and how to object to what it says."""
    for template in TO_MEMBERS:
        assert offers in written(template, language), template


@pytest.mark.parametrize("language", Language)
def test_every_event_has_a_subject_of_its_own(language: Language) -> None:
    """M19: who looks through a mailbox tells one letter from another, member or not."""
    subjects = [
        subject
        for template in (Template if language is Language.NB else TO_MEMBERS)
        for subject in read_source(template, language).subjects.values()
    ]
    assert len(set(subjects)) == len(subjects)


@pytest.mark.parametrize(
    ("language", "invoice", "credit"),
    [
        (Language.NB, "Her er fakturaen din", "Du har penger til gode"),
        (Language.NN, "Her er fakturaen din", "Du har pengar til gode"),
        (Language.EN, "Here is your invoice", "You have money to your credit"),
    ],
)
def test_a_credit_note_is_not_announced_as_an_invoice(
    language: Language, invoice: str, credit: str
) -> None:
    """P2: one letter carries either; its subject says which."""
    for carried, subject in ((INVOICE, invoice), (CREDIT, credit)):
        letter = render(
            Template.DUES_INVOICE, language, values(Template.DUES_INVOICE, invoice=carried)
        )
        assert letter.subject == subject
        assert f"<title>{subject}</title>" in letter.html
