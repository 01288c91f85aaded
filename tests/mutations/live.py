"""Making a rule wrong in a process that has loaded it already, as its file would have it.

A function keeps its identity and gets other code, so that whoever imported it has it too. What can't
be changed like that is told, and tried in a process of its own.
"""

import re
import sys
from collections.abc import Iterator
from functools import _lru_cache_wrapper
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any


def make_wrong(path: str, right: str, wrong: str) -> bool:
    """Change a loaded module as its text was changed; False: nothing of it could be.

    Args:
        path: of the module, from the folder it was loaded from.
        right: its text as it was loaded.
        wrong: its text as it is to be.
    """
    name = path.removesuffix(".py").replace("/", ".")
    module = sys.modules.get(name)
    if module is None:
        return False
    before, after = _run(module, right), _run(module, wrong)
    changed = [*_functions(vars(module), before, after), *_constants(module, before, after)]
    _forget()
    return bool(changed)


def _run(module: ModuleType, text: str) -> dict[str, Any]:
    found = ModuleType(module.__name__)
    found.__file__ = module.__file__
    exec(compile(text, Path(str(module.__file__)).name, "exec"), found.__dict__)
    return vars(found)


def _functions(
    loaded: dict[str, Any], before: dict[str, Any], after: dict[str, Any]
) -> Iterator[str]:
    """Give each function whose code is another that code, those of classes as well."""
    for name, new in after.items():
        old, here = before.get(name), loaded.get(name)
        if isinstance(new, type) and isinstance(old, type) and isinstance(here, type):
            if new.__module__ == here.__module__:
                yield from _functions(dict(vars(here)), dict(vars(old)), dict(vars(new)))
            continue
        target, first, then = map(_function, (here, old, new))
        if target is None or first is None or then is None or _same(first, then):
            continue
        target.__code__, target.__defaults__ = then.__code__, then.__defaults__
        target.__kwdefaults__ = then.__kwdefaults__
        yield name


def _function(value: Any) -> FunctionType | None:
    """Return the function behind a property, a method of a class or a cache."""
    if isinstance(value, property):
        value = value.fget
    value = getattr(value, "__func__", getattr(value, "__wrapped__", value))
    return value if isinstance(value, FunctionType) else None


def _same(one: FunctionType, other: FunctionType) -> bool:
    return _code(one.__code__) == _code(other.__code__) and one.__defaults__ == other.__defaults__


def _code(code: Any) -> tuple[Any, ...]:
    """Return what code does, wherever in its file it stands."""
    consts = tuple(_code(c) if hasattr(c, "co_code") else (type(c), c) for c in code.co_consts)
    return code.co_code, consts, code.co_names, code.co_varnames, code.co_freevars


def _constants(module: ModuleType, before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    """Put each constant that is another in its place, wherever it was imported."""
    for name, new in after.items():
        if name.startswith("__") or isinstance(new, type | FunctionType | ModuleType):
            continue
        if _shown(before.get(name)) == _shown(new) or not hasattr(module, name):
            continue
        old = getattr(module, name)
        for other in tuple(sys.modules.values()):
            for known, value in tuple(vars(other).items()):
                if value is old and (other is module or known == name):
                    setattr(other, known, new)
        yield name


def _shown(value: Any) -> str:
    """Return what a constant is; where it lies in memory is no part of it."""
    if isinstance(value, frozenset | set):
        value = sorted(map(repr, value))
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))


def _forget() -> None:
    """Forget what was found out while the rule was right."""
    for module in tuple(sys.modules.values()):
        for value in tuple(vars(module).values()):
            if isinstance(value, _lru_cache_wrapper):
                value.cache_clear()
