"""The reservation form as a PDF, read back, and on its way to a member (S10)."""

import io
from dataclasses import replace
from datetime import date

import pytest
from pypdf import PdfReader

from activities.letters.cases import LetterContext
from activities.letters.compose import Money, files_of
from activities.letters.reservation_form import reservation_form_pdf
from activities.letters.settings import Organisation
from schemas.shared.vocabulary import Language, Stage, Template
from tests.letters.making import FIGURES, WELCOME
from tests.letters.test_invoice import person, text_of
from tests.letters.test_templates import GOES_ON
from tests.letters.test_writing import LETTER, SETTINGS, TO

DAY = date(2026, 11, 22)


def case(language: Language, name: str = "Kari Nordmann") -> LetterContext:
    """A member who asks for the form."""
    return LetterContext(
        membership_id="membership-1",
        stage=Stage.ACTIVE,
        outcome=None,
        hidden=False,
        hiding=False,
        member_number="00012345",
        member_since=DAY,
        person=person(name, language),
        employer_orgnr=None,
        branch=None,
        recruiter_email=None,
        may_tell_recruiter=False,
    )


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (Language.NB, ("Reservasjon mot Ledernepakken", "12. april 1986", "Underskrift")),
        (Language.EN, ("Opting out of Ledernepakken", "12 April 1986", "Signature")),
    ],
)
def test_the_form_can_be_signed_and_returned(language, said) -> None:
    """Who it is about is filled in; it says what is given up, and where it goes (S10, S11)."""
    text = text_of(reservation_form_pdf(DAY, case(language), Organisation()))
    for words in (*said, "Kari Nordmann", "00012345", "post@example.org"):
        assert words in text


@pytest.mark.parametrize(
    ("template", "figures", "files"),
    [
        (Template.WELCOME, WELCOME, ["skjema.pdf"]),
        (Template.INSURANCE_WINDOW, FIGURES[Template.INSURANCE_WINDOW], ["skjema.pdf"]),
        (Template.RESERVATION_FORM, FIGURES[Template.RESERVATION_FORM], ["skjema.pdf"]),
        (Template.WELCOME, {**WELCOME, "insurance": "reserved"}, []),
        (Template.WELCOME, {**WELCOME, "insurance": "not_applicable"}, []),
        (Template.WELCOME, {**WELCOME, "insurance": "covered", **GOES_ON}, []),
        (Template.COVER_BEGINS, FIGURES[Template.COVER_BEGINS], []),
    ],
)
def test_the_form_goes_with_whatever_tells_of_the_right(template, figures, files) -> None:
    """S6, S10: who may opt out has the form at hand; who may not gets none."""
    letter = replace(LETTER, template=template, figures=figures)
    found = files_of(letter, case(Language.NB), TO, Money(), SETTINGS)
    assert [file.filename for file in found] == files


def test_the_same_form_for_the_same_facts() -> None:
    """A letter that is tried again carries the same bytes (invariant 6)."""
    first, again = (reservation_form_pdf(DAY, case(Language.NB), Organisation()) for _ in range(2))
    assert first == again


def test_a_name_is_never_read_as_typst() -> None:
    """What a member typed is data, also where it looks like code."""
    pdf = reservation_form_pdf(DAY, case(Language.NB, "#panic() $x$"), Organisation())
    assert "#panic() $x$" in PdfReader(io.BytesIO(pdf)).pages[0].extract_text()


def test_no_form_without_a_member() -> None:
    """Nobody is there to sign it: the letter says it could not be written."""
    with pytest.raises(LookupError):
        reservation_form_pdf(
            DAY, LetterContext(**{**vars(case(Language.NB)), "person": None}), Organisation()
        )
