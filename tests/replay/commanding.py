"""The functions of workflows from which a command may follow, each with a digest of its code.

A command is what a history holds: an activity, a timer, a child, an attribute, a new run, the mark
of a patch. Which commands follow, and in what order, is decided in these functions alone.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
WORKFLOWS = ROOT / "workflows"

COMMANDS = frozenset(
    {
        *("continue_as_new", "deprecate_patch", "execute_activity", "execute_activity_method"),
        *("execute_child_workflow", "execute_local_activity", "get_external_workflow_handle"),
        *("patched", "sleep", "start_activity", "start_activity_method", "start_child_workflow"),
        *("start_local_activity", "upsert_memo", "upsert_search_attributes", "wait_condition"),
    }
)
"""What of the SDK makes one; a condition may have a timeout, and wakes in an order."""


class Function(NamedTuple):
    """A function: where it stands, a digest of what it does, and what it names."""

    name: str
    digest: str
    short: str
    is_async: bool
    named: frozenset[str]


@cache
def commanding(folder: Path = WORKFLOWS) -> dict[str, str]:
    """Return the digests of all functions that command, or await one that does.

    Args:
        folder: of the workflows' code.
    """
    functions = [
        found for path in sorted(folder.rglob("*.py")) for found in _functions(path, folder)
    ]
    waiting = {"workflow", *COMMANDS}
    while True:
        # Whatever has the name of one that commands may be meant: too many is safe.
        found = {one.short for one in functions if one.is_async and _commands(one, waiting)}
        if found <= waiting:
            return {one.name: one.digest for one in functions if _commands(one, waiting)}
        waiting |= found


def _commands(one: Function, waiting: set[str]) -> bool:
    if "workflow" in one.named and one.named & COMMANDS:
        return True
    return one.is_async and bool(one.named & (waiting - COMMANDS - {"workflow"}))


def _functions(path: Path, folder: Path) -> Iterator[Function]:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    place = path.relative_to(folder).with_suffix("").as_posix()
    owners: list[ast.Module | ast.ClassDef] = [tree]
    owners += [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    for owner in owners:
        of = f"{owner.name}." if isinstance(owner, ast.ClassDef) else ""
        for node in owner.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield Function(
                    f"{place}:{of}{node.name}",
                    _digest(node, text.splitlines()),
                    node.name,
                    isinstance(node, ast.AsyncFunctionDef),
                    _named(node),
                )


def _named(node: ast.AST) -> frozenset[str]:
    """Return what a function calls, or hands on to be called."""
    names = [found.id for found in ast.walk(node) if isinstance(found, ast.Name)]
    return frozenset(names) | {
        found.attr for found in ast.walk(node) if isinstance(found, ast.Attribute)
    }


def _digest(node: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> str:
    """Return a digest of a function without its docstring, comments and blanks."""
    said = node.body[1:] if ast.get_docstring(node) is not None else node.body
    if not said:
        return sha256(b"").hexdigest()[:12]
    code = lines[said[0].lineno - 1 : said[-1].end_lineno]
    kept = (re.sub(r"(^|\s)#.*", "", line) for line in code)
    return sha256(re.sub(r"\s", "", "".join(kept)).encode()).hexdigest()[:12]
