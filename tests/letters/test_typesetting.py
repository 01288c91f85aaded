"""Sheets are written by a compiler that is kept from one to the next."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from typst import TypstError

from activities.letters.invoice import SOURCE, invoice_pdf
from activities.letters.settings import Organisation
from activities.letters.typesetting import typeset
from schemas.shared.vocabulary import Language
from tests.letters.making import TODAY
from tests.letters.test_invoice import INVOICE, person, text_of


def written(name: str, language: Language) -> bytes:
    """An invoice to somebody, written in a thread, and so by a compiler, that is new."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(invoice_pdf, INVOICE, person(name, language), Organisation()).result()


def test_what_was_written_before_leaves_no_trace() -> None:
    """Byte for byte what a new compiler writes, also after other people's sheets and a failure."""
    invoice_pdf(INVOICE, person("x" * 60, Language.EN), Organisation())
    with pytest.raises(TypstError):
        typeset(SOURCE, {}, TODAY)
    kept = invoice_pdf(INVOICE, person("Ola Nordmann", Language.NN), Organisation())
    assert kept == written("Ola Nordmann", Language.NN)
    assert "Ola Nordmann" in text_of(kept)


def test_a_source_that_is_not_there_is_an_error() -> None:
    """No empty sheet is sent instead."""
    with pytest.raises(TypstError):
        typeset(SOURCE.with_name("nothing.typ"), {}, TODAY)
