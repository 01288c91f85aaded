"""The decisions and their tests read no clock: CI tries them on one day, and that is any day."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TESTS = sorted((ROOT / "tests/membership/decisions").glob("*.py"))
OURS = ("activities", "schemas", "tests", "workers", "workflows")
CLOCKS = frozenset(
    {"now", "today", "utcnow", "time", "time_ns", "gmtime", "localtime", "get_current_time"}
)
CLOCK_MODULES = frozenset({"tests.clock", "tests.life"})
CLOCK_VARIABLES = frozenset({"TZ", "MEDLEMSFLYT_ON"})
"""What in the environment says the zone or the day."""


def modules_of(tree: ast.AST) -> set[str]:
    """Return the modules a file names in its imports; what is imported may be a module as well."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def file_of(module: str) -> Path | None:
    """Return the file of a module of ours."""
    if module.split(".", maxsplit=1)[0] not in OURS:
        return None
    path = ROOT.joinpath(*module.split("."))
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return next((candidate for candidate in candidates if candidate.exists()), None)


@cache
def parsed(path: Path) -> ast.AST:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text())


def reached(start: list[Path]) -> set[Path]:
    """Return files and all of ours that they load, however far off."""
    found: set[Path] = set()
    waiting = list(start)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [file for name in modules_of(parsed(path)) if (file := file_of(name))]
    return found


def clocks_in(tree: ast.AST) -> list[str]:
    """Return where a file reads the day, the hour or the zone of the machine."""
    calls = [
        f"{ast.unparse(node)}, line {node.lineno}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCKS
    ]
    named = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return calls + sorted(modules_of(tree) & CLOCK_MODULES) + sorted(named & CLOCK_VARIABLES)


def test_no_file_of_theirs_reads_a_clock():
    """Neither a test, nor what it is made of, nor what it tries (invariant 13)."""
    files = reached(TESTS)
    assert ROOT / "workflows/membership/decisions/step.py" in files
    assert ROOT / "schemas/shared/calendar.py" in files
    found = {str(path.relative_to(ROOT)): clocks_in(parsed(path)) for path in files}
    assert {name: clocks for name, clocks in found.items() if clocks} == {}


@pytest.mark.parametrize(
    "line",
    # Read as text, and never run.
    [
        "datetime.now(UTC)",
        "date.today()",
        "workflow.now()",
        "time.time()",
        "from tests import clock",
        "os.environ['TZ']",
    ],
)
def test_a_clock_is_seen(line):
    """The check would find one."""
    assert clocks_in(ast.parse(line))
