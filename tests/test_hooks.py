"""What is checked before a commit is what `make lint` checks, by the same tools."""

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
REPOSITORIES = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
HOOKS = [hook for repository in REPOSITORIES for hook in repository["hooks"]]


def test_nothing_is_fetched():
    """Hooks are local ones: no other repository or registry gets to run code before a commit."""
    assert {repository["repo"] for repository in REPOSITORIES} == {"local"}
    assert {hook["language"] for hook in HOOKS} == {"system"}


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_runs_a_locked_tool(hook):
    """It is one of the environment that `make .venv` makes from the lock."""
    program = hook["entry"].split()[0]
    assert program.startswith(".venv/bin/")
    assert (ROOT / program).exists()


def test_make_lint_checks_no_more():
    """Whoever has the hooks is not surprised by `make lint`."""
    makefile = (ROOT / "Makefile").read_text()
    lint = makefile.split("\nlint:", 1)[1].split("\n\n", 1)[0]
    programs = {line.split()[0].removeprefix("$(BIN)/") for line in lint.splitlines()[1:]}
    assert programs
    assert programs <= {Path(hook["entry"].split()[0]).name for hook in HOOKS}
