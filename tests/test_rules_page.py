"""The page of the rules and what cites it: neither says what the other does not know."""

import re
from pathlib import Path

import pytest

from activities.database.schema import whole
from schemas.membership.messages import MESSAGES
from schemas.pricing.rulebook import Policies
from schemas.shared.vocabulary import Event, Template
from workers.reference.rules_page import PAGE, Entry, entries, named

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / PAGE).read_text(encoding="utf-8")
ENTRIES = entries(TEXT)
RULES = {entry.rule for entry in ENTRIES}

HERE = Path(__file__).resolve()
CITING = sorted(
    path
    for pattern in ("*.py", "*.sql", "*.md", "*.typ", "*.html")
    for floor in ("schemas", "workflows", "activities", "workers", "tests", "benchmarks", "docs")
    for path in (ROOT / floor).rglob(pattern)
    if path != ROOT / PAGE and path.resolve() != HERE
)

NO_RULES = {"P0", "G10"}
"""What looks like a rule's id and is something else: a class of SQLSTATE, a cell of a sheet."""

NOT_BUILT: dict[str, str] = {}
"""Rules that no test cites because they are not yet built. It only ever gets shorter."""

EVERYWHERE = re.DOTALL | re.MULTILINE

_INVARIANTS = re.compile(r"\binvariants?\s(\d+(?:(?:,\s|,?\sand\s)\d+)*)", re.IGNORECASE)
_RULE = re.compile(r"\b[SABLPDXNMRG][0-9]{1,2}\b")


def cited(text: str) -> set[str]:
    """Return the rules that a text names; of a range, its ends."""
    numbers = re.findall(r"\d+", " ".join(_INVARIANTS.findall(text)))
    return {*_RULE.findall(text), *(f"invariant {number}" for number in numbers)} - NO_RULES


CITED = {path: cited(path.read_text(encoding="utf-8")) for path in CITING}
TESTED = {
    rule
    for path, rules in CITED.items()
    if path.suffix == ".py" and path.is_relative_to(ROOT / "tests")
    for rule in rules
}


def of(kind: str, plural: str = "") -> list[tuple[Entry, str]]:
    """Return what the entries name as set in something of a kind, as in ``letter `x```."""
    return named(TEXT, kind, plural or f"{kind}s")


def test_what_is_cited_stands_on_the_page():
    """Code, SQL, letters, tests and documents name no rule that cannot be looked up."""
    unknown = {str(path.relative_to(ROOT)): rules - RULES for path, rules in CITED.items()}
    assert {path: rules for path, rules in unknown.items() if rules} == {}


def test_a_rule_is_cited_by_its_id():
    """A section of a text that is not here is nothing to look up."""
    cites = re.compile(r"\bsections? \d", re.IGNORECASE)
    assert [page for page in CITING if cites.search(page.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.rule)
def test_each_rule_is_tested(entry):
    """A test cites it; or it is not yet built, which its entry and the one list say."""
    if entry.rule in NOT_BUILT:
        assert entry.rule not in TESTED, "it is tested by now: take it from the list"
        assert "\n- Not yet: " in entry.text
    else:
        assert entry.rule in TESTED, "no test cites it"


def test_what_is_not_built_is_on_the_page():
    """The list names rules that there are."""
    assert NOT_BUILT.keys() <= RULES


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.rule)
def test_an_entry_has_its_parts(entry):
    """What holds under a title of its own, where it is set, and an example."""
    titles = [other.title for other in ENTRIES]
    assert titles.count(entry.title) == 1
    assert entry.title
    assert re.match(r"\n\*\*.+\n(?:.+\n)*\n- Set in: (?:.+\n)+- Example: ", entry.text)


def test_each_rule_stands_once():
    """Under one heading, so that its anchor is its own."""
    assert len(ENTRIES) == len(RULES)


def test_policies_are_those_of_the_rulebook():
    """Each policy that is named can be set, and each that can be set is on the page."""
    named = {name for _, name in of("policy", "policies")}
    assert named == set(Policies.model_fields) - {"valid_from"}


def test_tables_and_columns_are_in_the_schema():
    """Whoever looks for a row finds its table."""
    tables = dict(re.findall(r"^CREATE TABLE (\w+) \((.*?)^\)", whole(), EVERYWHERE))
    for entry, name in [*of("table"), *of("rows of")]:
        assert name in tables, f"{entry.rule} names the table {name}"
    for entry, name in of("column"):
        table, column = name.split(".")
        found = re.search(rf"^    {column} ", tables[table], re.MULTILINE)
        assert found, f"{entry.rule} names {name}"


def test_functions_are_in_the_code():
    """Whoever looks for the rule in the code finds it."""
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for path in CITING
        if path.suffix in {".py", ".sql"} and not path.is_relative_to(ROOT / "tests")
    )
    defined = set(re.findall(r"\b(?:def|FUNCTION(?: public\.)?) ?(\w+)\(", code))
    assert [(entry.rule, name) for entry, name in of("function") if name not in defined] == []


def test_messages_letters_and_events_are_those_of_the_service():
    """What is sent and what goes out is named as it is."""
    for kind, known in (("message", MESSAGES), ("letter", Template), ("event", Event)):
        for entry, name in of(kind):
            assert name in set(known), f"{entry.rule} names the {kind} {name}"


def test_each_function_has_its_file():
    """Of a function that a rule names, one in SQL as well, the page says where it stands."""
    listed = set(re.findall(r"^\| `(\w+)` \| \[", TEXT, re.MULTILINE))
    assert listed == {name for _, name in of("function")}
