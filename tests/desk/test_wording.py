"""The pages' words: the same in both languages, and no sentence of the service unknown in one."""

import base64
import json
import re
import string
from collections.abc import Iterable
from pathlib import Path

import pytest

from activities.deduction.settlement import SAYS as OF_LISTS
from activities.insurance.answers import SAYS
from activities.letters.bounces import UNPROVEN
from activities.letters.store import TASKS
from schemas.deduction.contracts import DecideDeduction, Discrepancy
from schemas.desk.languages import SENTENCES, WORDINGS, Language
from schemas.membership.eligibility import SENTENCES as BREACHES
from schemas.membership.messages import MESSAGES
from schemas.shared.faults import _SENTENCES
from schemas.shared.messages import Message
from schemas.shared.vocabulary import (
    Category,
    InsuranceStatus,
    Outcome,
    PayrollStatus,
    PensionKind,
    Role,
    Stage,
)
from tests.builders import answered, moment
from tests.membership.decisions.test_page import EVERYBODY
from tests.pages import page_of
from workflows.membership import deadlines
from workflows.shared.inbox import description_of

HISTORIES = Path(__file__).parents[1] / "replay" / "histories"
_SAYS = re.compile(r'"says":"((?:[^"\\]|\\.)+)"')
_DATA = re.compile(r'"data": ?"([^"]+)"')


def places(text: str) -> set[str]:
    """Return the names of a text's places."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_say_the_same_things():
    """The same tables, the same keys, the same places to fill in."""
    norwegian, english = WORDINGS[Language.NB].tables, WORDINGS[Language.EN].tables
    assert {name: set(table) for name, table in norwegian.items()} == {
        name: set(table) for name, table in english.items()
    }
    for name, table in norwegian.items():
        for key, text in table.items():
            assert places(text) == places(english[name][key]), f"{name}.{key}"


@pytest.mark.parametrize("language", Language)
def test_every_value_has_a_word(language):
    """No page shows a name of the contract where a word should stand."""
    tables = WORDINGS[language].tables
    kinds: dict[str, Iterable[object]] = {
        "stage": Stage,
        "outcome": Outcome,
        "category": Category,
        "insurance": InsuranceStatus,
        "payroll": PayrollStatus,
        "pension": PensionKind,
        "role": Role,
        "discrepancy": Discrepancy,
        "change": [n for n, message in MESSAGES.items() if message.card.on_page],
        "deadline": [
            value
            for name, value in vars(deadlines).items()
            if name.isupper() and isinstance(value, str)
        ],
    }
    for name, values in kinds.items():
        assert {str(value) for value in values} == set(tables[name]), name


def test_every_page_is_wholly_norwegian():
    """No English word that the pages have; what others wrote and names of messages aside."""
    english = {"the", "was", "until", "since", "from", "waiting", "member", "charged", "month"}
    for name, record in EVERYBODY.items():
        page = re.sub(r"`[^`]*`|\*[^*]*\*|\(/desk\S*", "", page_of(record, Language.NB))
        assert not english & set(re.findall(r"[a-zæøå]+", page.lower())), name


def test_what_was_decided_is_known_in_norwegian():
    """Every sentence that decisions of the recorded histories and of all these lives put."""
    said = {
        json.loads(f'"{says}"')
        for path in HISTORIES.glob("*.json")
        for data in _DATA.findall(path.read_text(encoding="utf-8"))
        for says in _SAYS.findall(base64.b64decode(data).decode("utf-8", "replace"))
    }
    said |= {line.says for record in EVERYBODY.values() for line in record.log}
    assert len(said) > 60
    assert {says for says in said if SENTENCES.translated(says) is None} == set()


@pytest.mark.parametrize(
    ("english", "norwegian"),
    [
        ("approved as student, branch OSLO", "godkjent som student, avdeling OSLO"),
        (
            "approved as ordinary; charged from 2026-11-01",
            "godkjent som ordinært medlem; betaler fra 01.11.2026",
        ),
        ("the employer deducts from 2026-12 on", "arbeidsgiveren trekker fra og med 12.2026"),
        ("effective_on: lies in the future", "effective_on: ligger fram i tid"),
        (
            "decision: must be one of approve, reject; caseworker: is required",
            "decision: må være en av approve, reject; caseworker: må fylles ut",
        ),
        (
            "another employer, works 50 % from 2027-03-10; no charge changes",
            "annen arbeidsgiver, arbeider 50 % fra 10.03.2027; ingen beløp endres",
        ),
        (
            "495.00 kr a month from 2026-11-01, paid through the employer",
            "495,00 kr i måneden fra 01.11.2026, ved trekk hos arbeidsgiveren",
        ),
        ("Storgata 1 from 2027-03-10", None),
        ("nobody has ever written this", None),
    ],
)
def test_sentences_stand_within_sentences(english, norwegian):
    """Days as they are written in Norwegian; what is not known wholly is not half translated."""
    assert SENTENCES.translated(english) == norwegian


def test_words_from_outside_cost_little():
    """Whatever stands in a reason is looked up in time, though it could be cut in many ways."""
    assert SENTENCES.translated("name, name: name; " * 60 + "x") is None
    assert SENTENCES.as_one("name, name") is None


@pytest.mark.parametrize("name", EVERYBODY)
@pytest.mark.parametrize("language", Language)
def test_what_is_offered_for_an_approval_is_taken(name, language):
    """The page's own JSON, in either language, as it stands."""
    record = EVERYBODY[name]
    offered = re.findall(r"^```\n(\{.*\})\n```$", page_of(record, language), re.MULTILINE)
    assert bool(offered) == (record.stage is Stage.UNDER_REVIEW)
    for data in offered:
        message = MESSAGES["decide_application"].model_validate_json(data)
        assert answered(record, message, moment()).stage is not Stage.UNDER_REVIEW


def test_what_is_wrong_with_an_application_is_known_in_norwegian():
    """Every rule it may break, and everything that may be wrong with a field."""
    said = {sentence.format("67") for sentence in BREACHES.values()} | set(_SENTENCES.values())
    assert {says for says in said if SENTENCES.translated(f"field: {says}") is None} == set()


def test_the_dialogs_say_in_norwegian_what_a_message_is_for():
    """Each with its example as it is in the contract."""
    kinds: list[type[Message]] = [*MESSAGES.values(), DecideDeduction]
    for kind in kinds:
        says = description_of(kind, WORDINGS[Language.NB])
        assert SENTENCES.translated(kind.card.purpose) is not None
        assert kind.card.example in says
        assert kind.card.purpose not in says


def test_what_tasks_say_is_known_in_norwegian():
    """Every letter in trouble, every finding on a list, every answer of the insurance office."""
    letters = [says.format(letter="0009-welcome", why="550", id="0198") for says in TASKS.values()]
    lists = [f"List 7-1: {says.format(ore=49500, lines=2)}" for says in OF_LISTS.values()]
    answers = [f"{says} (answer on 2026-11). Find out who is right." for says in SAYS.values()]
    said = {*letters, letters[0] + UNPROVEN, *lists, *answers}
    assert {says for says in said if SENTENCES.translated(says) is None} == set()
    left = "Part of payment b-1 is in suspense: it has no KID. Allocate it or refund it."
    assert "er noe eller alt ufordelt: den har ingen KID." in str(SENTENCES.translated(left))
