"""What `make simulate-mutants` plants can still be planted."""

from tests.simulation.mutants import MUTANTS, ROOT


def test_every_bug_can_be_planted():
    """Twenty at least; each text stands in its file once, and another comes in its place."""
    assert len(MUTANTS) >= 20
    for mutant in MUTANTS:
        text = (ROOT / mutant.path).read_text(encoding="utf-8")
        assert text.count(mutant.old) == 1, mutant.says
        assert mutant.new != mutant.old, mutant.says
