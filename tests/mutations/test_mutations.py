"""What `make mutants` tries: that it can still be tried, and that no rule is left out."""

from collections import Counter
from pathlib import Path

from tests.mutations.tables import MUTATIONS
from tests.test_rules_page import NOT_BUILT
from workers.reference.rules_page import PAGE, entries

ROOT = Path(__file__).parents[2]


def test_every_mutation_can_be_tried():
    """Its text stands in its file once, another comes in its place, and there are tests to look.

    Whoever changes such a place changes its mutation, in the table of the same room.
    """
    texts = {
        path: (ROOT / path).read_text(encoding="utf-8") for path in {m.path for m in MUTATIONS}
    }
    for mutation in MUTATIONS:
        assert texts[mutation.path].count(mutation.old) == 1, mutation.says
        assert mutation.new != mutation.old, mutation.says
        assert mutation.tests, mutation.says
        assert all((ROOT / test).is_file() for test in mutation.tests), mutation.says


def test_no_mutation_is_there_twice():
    """Each is counted once."""
    each = Counter((mutation.path, mutation.old, mutation.new) for mutation in MUTATIONS)
    assert [which for which, times in each.items() if times > 1] == []


def test_each_rule_is_made_wrong():
    """At least once, unless it is not built."""
    rules = {entry.rule for entry in entries((ROOT / PAGE).read_text(encoding="utf-8"))}
    assert {mutation.rule for mutation in MUTATIONS} == rules - NOT_BUILT.keys()
