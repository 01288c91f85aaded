"""What the sandbox passes through is read instead, for what would replay otherwise (ADR 49)."""

import ast

import pytest

from tests.shared.test_no_clock import ROOT, clocks_in, modules_of, parsed, reached
from workflows.membership.workflow import Membership
from workflows.shared.sandbox import sandboxed_runner

FORBIDDEN = frozenset(
    {"concurrent", "io", "multiprocessing", "os", "random", "secrets", "socket", "subprocess"}
    | {"sys", "tempfile", "threading", "time"}
)
"""Modules that answer differently each time, or reach out of the process."""

CALLS = frozenset(
    {"as_completed", "exists", "glob", "input", "iterdir", "open", "read_bytes", "read_text"}
    | {"sleep", "to_thread", "uuid1", "uuid4", "wait", "wait_for", "write_bytes", "write_text"}
)
"""Calls that do, or that order tasks by chance; ``workflow`` has its own of some."""


def what_differs(tree: ast.AST) -> list[str]:
    """Return what in a file could come out otherwise when a history is replayed."""
    imported = {name.split(".")[0] for name in modules_of(tree)} & FORBIDDEN
    calls = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _called(node.func) in CALLS
    ]
    clocks = [clock for clock in clocks_in(tree) if not clock.startswith("workflow.now()")]
    return sorted(imported) + calls + clocks


def _called(function: ast.expr) -> str | None:
    match function:
        case ast.Attribute(value=ast.Name(id="workflow")):
            return None
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return None


def test_nothing_a_membership_is_made_of_differs_at_replay():
    """No file that its workflow loads reads a clock, chance, the environment, or the disk."""
    files = reached([ROOT / "workflows/membership/workflow.py"])
    assert ROOT / "workflows/membership/decisions/review.py" in files
    assert ROOT / "workflows/shared/inbox.py" in files
    found = {str(path.relative_to(ROOT)): what_differs(parsed(path)) for path in files}
    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize(
    "line",
    [
        "import random",
        "uuid.uuid4()",
        "path.read_text()",
        "import os.path",
        "datetime.now(UTC)",
        "asyncio.sleep(1)",
        "asyncio.wait(tasks)",
        "open('rates')",
    ],
)
def test_what_differs_is_seen(line):
    """The check would find one."""
    assert what_differs(ast.parse(line))


def test_what_the_sdk_offers_does_not_differ():
    """The workflow's own clock and timers are replayed."""
    tree = ast.parse("workflow.now(); workflow.sleep(1); workflow.wait_condition(done)")
    assert what_differs(tree) == []


def test_a_membership_runs_in_the_sandbox():
    """It stays on; what a membership is made of is loaded once a process, and read above."""
    assert getattr(Membership, "__temporal_workflow_definition").sandboxed
    assert Membership.__module__.startswith("workflows.membership.")
    passed = sandboxed_runner().restrictions.passthrough_modules
    assert {"workflows.membership", "workflows.shared", "schemas"} <= set(passed)
