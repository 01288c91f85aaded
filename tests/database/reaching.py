"""Which named queries a process can come to run, as far as its code can be read.

Followed are names: from a function to every function, class and module of ours that its text names.
That is more than ever runs, and leaves out nothing that is called by its name.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("activities", "workers", "workflows", "schemas")
QUERIES = "_SQL"

Place = tuple[str, str]
"""A module and a name in it."""


@dataclass(frozen=True)
class Module:
    """A module of ours.

    Attributes:
        path: its file.
        imported: where the names come from that it imports.
        defined: what stands at its top, by name.
    """

    path: Path
    imported: dict[str, Place]
    defined: dict[str, ast.stmt]


@cache
def modules() -> dict[str, Module]:
    """Return all modules by name."""
    paths = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return {_name_of(path): _read(path) for path in paths}


def reached(*roots: Place) -> set[tuple[Path, str]]:
    """Return the queries that can be reached, each by its file and its name."""
    seen: set[Place] = set()
    to_do = list(roots)
    found = set()
    while to_do:
        place = to_do.pop()
        module = modules().get(place[0])
        if place in seen or module is None:
            continue
        seen.add(place)
        if place[1] in module.defined:
            node = module.defined[place[1]]
            found |= {(module.path.parent / "sql" / "queries.sql", name) for name in _run(node)}
            to_do += _named(place[0], module, node)
        elif place[1] in module.imported:
            to_do.append(module.imported[place[1]])
    return found


def all_of(package: str) -> Iterator[Place]:
    """Yield every name at the top of the modules of a package."""
    for name, module in modules().items():
        if name.startswith(package):
            yield from ((name, defined) for defined in module.defined)


def _name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _read(path: Path) -> Module:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    defined = {name: node for node in tree.body for name in _names(node)}
    return Module(path, imported, defined)


def _names(node: ast.stmt) -> Iterable[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return (node.name,)
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return (node.target.id,)
    return ()


def _attributes(node: ast.stmt) -> Iterator[tuple[str, str]]:
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            yield part.value.id, part.attr


def _run(node: ast.stmt) -> set[str]:
    return {name for holder, name in _attributes(node) if holder == QUERIES}


def _named(own: str, module: Module, node: ast.stmt) -> Iterator[Place]:
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            if part.id in module.defined:
                yield own, part.id
            elif part.id in module.imported:
                yield module.imported[part.id]
    for holder, name in _attributes(node):
        if holder in module.imported:
            yield ".".join(module.imported[holder]), name
