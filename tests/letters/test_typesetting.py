"""Sheets are written by a compiler that is kept from one to the next."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typst import TypstError

from activities.letters.invoice import SOURCE, invoice_pdf
from activities.letters.settings import Organisation
from activities.letters.typesetting import SOURCES, typeset
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


@pytest.mark.parametrize("source", sorted(SOURCES.glob("*.typ")), ids=lambda source: source.stem)
def test_what_is_set_above_a_sheet_is_the_same_for_everybody(source: Path) -> None:
    """Typst keeps what does not depend on the data; what is set above words is a part of them.

    So the page and its foot know only who sends it and the language; the file's title comes last.
    """
    above, last = source.read_text("utf-8").split("#let sheet(data) = [")[1].split("#set document(")
    page = above.split("#set page(")[1].split("#set text(")[0]
    assert "data." not in page
    assert set(re.findall(r"#set [a-z]+\(.*data\.(\w+)", above)) == {"language"}
    assert last.endswith(")\n  #metadata(none)\n]\n")
    assert "data.sender.name" in last
