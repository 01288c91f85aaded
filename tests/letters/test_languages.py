"""Bokmål, Nynorsk and English: every letter to a member in each, with the same facts."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import reduce
from itertools import product
from typing import Any

import pytest
from babel.dates import get_month_names

from activities.letters import billing, phrases
from activities.letters.billing import lines_of
from activities.letters.invoice import SOURCE as INVOICE_PAGE
from activities.letters.invoice import invoice_data
from activities.letters.on_paper import SOURCE as LETTER_PAGE
from activities.letters.render import TEMPLATES, read_source, render
from activities.letters.reservation_form import SOURCE as FORM_PAGE
from activities.letters.settings import Organisation
from activities.letters.statement import SOURCE as STATEMENT_PAGE
from activities.letters.wording import country_name
from schemas.shared.vocabulary import Audience, Language, Template
from tests.letters.making import AUDIENCES
from tests.letters.test_billing import CORRECTED, CREDIT, REDIRECTED
from tests.letters.test_invoice import INVOICE, person
from tests.letters.test_templates import values
from tests.letters.variants import VARIANTS

TO_MEMBERS = [template for template in Template if AUDIENCES[template] is Audience.MEMBER]
PAGES = (INVOICE_PAGE, LETTER_PAGE, FORM_PAGE, STATEMENT_PAGE)
TABLES: tuple[Mapping[Language, Mapping[str, str]], ...] = (
    phrases.KINDS,
    phrases.CADENCES,
    phrases.CATEGORIES,
    phrases.FAULTS,
    phrases.CHANGES,
    phrases.COVERAGES,
    phrases.BENEFITS,
    billing._WORDS,
    billing._REASONS,
)
LOCALES = {Language.NB: "nb_NO", Language.NN: "nn_NO", Language.EN: "en_GB"}
MONTHS = {
    language: {name: number for number, name in get_month_names("wide", locale=locale).items()}
    for language, locale in LOCALES.items()
}

ONLY_BOKMAAL = re.compile(
    r"\b(ikke|fra|jeg|hvis|være|vært|noe|noen|hva|hvem|hvilken|hvilke|hvor|hvorfor|hvordan|hver|nå"
    r"|mer|dere|uten|frem|måned\w*|lønn|lønnen|lønns\w+|trenger|gjelder|også|selv|en|et"
    r"|arbeidsgiver\w*|saksbehandler\w*|fakturaer|fakturaene|endringen|endres|begynner|ennå|derfor"
    r"|bare|svarer|forsikringene|forsikringen|forsikringer|fordeler|fordelene|opplysninger|hjelpen"
    r"|mulig|fortsatt|fremdeles|allerede|tidligere|senere|skylder|ble|vanlig"
    r"|vanskelig|løsning|påminnelse\w*|utmeldingen|avsluttet|trukket|velkommen|spørsmålet"
    r"|gjøre|søke|penger|pengene|beløpene|betalingen|kommer|følger"
    r"|hilsen|vennlig|bekreftelse\w*|bekrefter|disse|slutter|annen|dagene|dager|månedene"
    r"|læretiden|tiden|ordningen|avdelingen|fikk|finner|skriver|sier|gjør)\b",
    re.IGNORECASE,
)
ONLY_NYNORSK = re.compile(
    r"\b(ikkje|frå|eg|vere|vore|noko|nokon|kva|kven|korleis|kvifor|kvar|no|meir|utan|månad\w*"
    r"|treng|gjeld|òg|sjølv|ein|eit|ei|arbeidsgivar\w*|difor|framleis|seinare|skuldar|blei"
    r"|påminning\w*|velkomen|pengar|dei|dagar|fekk|seier|gjer|tek)\b",
    re.IGNORECASE,
)
TYPED = (
    "Hvem er arbeidsgiveren din?",
    "Og hva er stillingen?",
    "Vi har ikke avtale.",
    "Stillingen er utenfor vårt område.",
)
"""What people have typed: it is shown as it is, whatever the letter's language."""


def plain(template: Template, language: Language, **changes: Any) -> str:
    """A letter's words, with its spaces that do not break."""
    text = render(template, language, values(template, **changes))
    return "\n".join(words for _, words in text.blocks)


def forms_of(template: Template) -> list[dict[str, Any]]:
    """What a letter may be written from."""
    return [changes for changed, changes in VARIANTS if changed is template]


def facts_in(text: str, language: Language) -> Counter[str]:
    """The figures, and the months by their number, that stand in a text."""
    names = "|".join(MONTHS[language])
    months = (str(MONTHS[language][name]) for name in re.findall(rf"\b({names})\b", text))
    # A decimal sign and the space of thousands differ; what ends a sentence is no part of it.
    numbers = re.findall(r"\d(?:[\d.,\u00a0\u202f]*\d)?", text)
    return Counter([*(f"month {month}" for month in months), *(digits(each) for each in numbers)])


def digits(number: str) -> str:
    """A number without its signs."""
    return re.sub(r"\D", "", number)


@pytest.mark.parametrize("template", TO_MEMBERS)
def test_every_letter_to_a_member_is_in_every_language(template: Template) -> None:
    """M19: who reads Nynorsk or English reads all of it so; of one version in each."""
    versions = {read_source(template, language).version for language in Language}
    assert len(versions) == 1
    pages = [render(template, language, values(template)).html for language in Language]
    for language, page in zip(Language, pages, strict=True):
        assert f'lang="{language}"' in page
    assert len(set(pages)) == len(Language)


@pytest.mark.parametrize("template", TO_MEMBERS)
def test_a_letter_has_the_same_facts_in_every_language(template: Template) -> None:
    """The amounts, the days, the numbers, as often: no language says more or less."""
    for changes in forms_of(template):
        nb, nn, en = (facts_in(plain(template, each, **changes), each) for each in Language)
        assert nb == nn == en, changes


@pytest.mark.parametrize("template", TO_MEMBERS)
def test_a_letter_depends_on_the_same_in_every_language(template: Template) -> None:
    """What is put in, and on what condition, is the same: nothing is left out of one of them."""
    nb, nn, en = (Counter(code_of(template, language)) for language in Language)
    assert nb == nn == en


def code_of(name: str, language: Language) -> Iterator[str]:
    """Yield what a template puts in and asks, without the words of its language."""
    source = (TEMPLATES / language / f"{name}.md").read_text("utf-8")
    for code in re.findall(r"\{[{%].*?[}%]\}", source):
        if included := re.search(r'include "\w\w/(\w+)\.md"', code):
            yield from code_of(included[1], language)
        else:
            # A word that is chosen has its own grammar in each language.
            chosen = re.match(r'\{\{ (?:"|who|pay|\{)|\{% set', code)
            if not chosen:
                yield code


@pytest.mark.parametrize("template", TO_MEMBERS)
def test_a_printed_letter_asks_for_no_reply_by_mail(template: Template) -> None:
    """Who has no e-mail address can't answer one, nor open a PDF."""
    for changes, language in product(forms_of(template), Language):
        said = plain(template, language, posted=True, **changes)
        assert not re.search(r"e-post|e-mail|PDF", said)


QUESTION = {Language.NB: "Har du spørsmål?", Language.NN: "Har du spørsmål?"}


@pytest.mark.parametrize("template", TO_MEMBERS)
def test_the_closing_is_a_paragraph_of_its_own(template: Template) -> None:
    """Whatever ends a letter, how to ask stands by itself under it."""
    for changes, language in product(forms_of(template), Language):
        blocks = render(template, language, values(template, **changes)).blocks
        question = QUESTION.get(language, "Do you have a question?")
        assert any(words.startswith(question) for _, words in blocks), changes


STUMBLED_OVER = re.compile(
    r"i gang|i forhold til|vennligst|adressere\b|ta grep|er gratis\b|på samme måte som den\b",
    re.IGNORECASE,
)
"""Begun before it has, English in disguise, alms."""


@pytest.mark.parametrize("template", TO_MEMBERS)
def test_a_letter_uses_no_word_that_readers_stumble_over(template: Template) -> None:
    """M19: nothing is "i gang" before it has begun, and no Norwegian is translated English."""
    for changes, language in product(forms_of(template), (Language.NB, Language.NN)):
        found = STUMBLED_OVER.search(plain(template, language, **changes))
        assert found is None, found


def nynorsk() -> Iterator[tuple[str, str]]:
    """Yield everything a member may read in Nynorsk, with where it stands."""
    for template, changes in VARIANTS:
        yield template, plain(template, Language.NN, **changes)
        for subject in read_source(template, Language.NN).subjects.values():
            yield f"{template}, subject", subject
    for table in TABLES:
        yield from table[Language.NN].items()
    for page in PAGES:
        yield page.name, "\n".join(words_on(page.read_text("utf-8"), Language.NN))


def words_on(source: str, language: Language) -> list[str]:
    """The words that a page has in a language."""
    table = re.search(rf"(?s)\n  {language}: \((.*?)\n  \),", source)
    return re.findall(r'"([^"]*)"', table[1]) if table else []


def test_nothing_in_nynorsk_is_bokmaal() -> None:
    """No word slips through that only Bokmål has; what somebody typed stays as it was typed."""
    found = []
    for where, said in nynorsk():
        ours = reduce(lambda rest, each: rest.replace(each, ""), TYPED, said)
        wrong = {word.lower() for word in ONLY_BOKMAAL.findall(ours)}
        found += [(where, word) for word in wrong]
    assert found == []


def test_nothing_in_bokmaal_is_nynorsk() -> None:
    """And the other way round."""
    for template, changes in VARIANTS:
        assert ONLY_NYNORSK.findall(plain(template, Language.NB, **changes)) == [], template


def test_every_table_of_words_has_every_language() -> None:
    """The same codes in each, none of them empty, and a figure's place where another has one."""
    for table in TABLES:
        assert set(table) == set(Language)
        for code, said in table[Language.NB].items():
            others = [table[language][code] for language in Language]
            assert all(others)
            assert {tuple(sorted(re.findall(r"\{\w*\}", each))) for each in others} == {
                tuple(sorted(re.findall(r"\{\w*\}", said)))
            }
        assert len({frozenset(table[language]) for language in Language}) == 1


@pytest.mark.parametrize("page", PAGES[:1] + PAGES[2:], ids=lambda page: page.stem)
def test_every_page_has_every_language(page) -> None:
    """The invoice, the form and the statement have as many words in each."""
    source = page.read_text("utf-8")
    counts = {len(words_on(source, language)) for language in Language}
    assert len(counts) == 1
    assert counts != {0}


@pytest.mark.parametrize("invoice", [INVOICE, CORRECTED, CREDIT, REDIRECTED])
def test_an_invoice_has_the_same_facts_in_every_language(invoice) -> None:
    """What the page is filled with: lines, notes, days and sums."""
    found = []
    for language in Language:
        data = invoice_data(invoice, person(language=language), Organisation())
        notes = [line.note or "" for line in lines_of(invoice, language)]
        page = json.dumps([data, notes], ensure_ascii=False)
        found.append(facts_in(page, language))
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize(
    ("code", "nb", "nn", "en"),
    [
        ("AT", "Østerrike", "Austerrike", "Austria"),
        ("SE", "Sverige", "Sverige", "Sweden"),
        ("GB", "Storbritannia", "Storbritannia", "United Kingdom"),
    ],
)
def test_a_country_is_named_in_the_language(code: str, nb: str, nn: str, en: str) -> None:
    """On what is written to a member, as the last line of the address."""
    names = tuple(country_name(code, language) for language in Language)
    assert names == (nb, nn, en)
