"""What an activity promises stands in its declaration; how it keeps that, where it is done."""

import importlib
import inspect
import re
from pathlib import Path

import pytest
from temporalio.activity import _Definition

import activities
from activities import declarations

FLOOR = Path(activities.__file__).parent
DECLARATIONS = Path(declarations.__file__).parent


def activities_in(paths):
    """By name: each function of these modules that is an activity, read from its class."""
    found = {}
    for path in paths:
        name = ".".join(path.relative_to(FLOOR.parent).with_suffix("").parts)
        module = importlib.import_module(name)
        for owner in vars(module).values():
            if inspect.isclass(owner) and owner.__module__ == name:
                for function in vars(owner).values():
                    if (definition := _Definition.from_callable(function)) is not None:
                        found[definition.name] = function
    return found


DECLARED = activities_in(DECLARATIONS.glob("[!_]*.py"))
DONE = activities_in(
    path
    for path in FLOOR.rglob("*.py")
    if "activity.defn" in path.read_text() and DECLARATIONS not in path.parents
)


def sentences(function):
    """What a docstring says, sentence by sentence, however it is wrapped."""
    text = inspect.getdoc(function) or ""
    parts = re.split(r"[.:;](?:\s+|$)|\n\n", text)
    return {" ".join(part.split()).lower() for part in parts if len(part.split()) > 2}


def test_every_declared_activity_is_done():
    """None is promised and not kept, or done and not promised."""
    assert DONE.keys() == DECLARED.keys()


@pytest.mark.parametrize("name", DECLARED)
def test_no_docstring_says_what_the_declaration_says(name):
    """Said twice, one of the two is soon wrong."""
    assert sentences(DECLARED[name])
    assert sentences(DONE[name])
    assert sentences(DONE[name]) & sentences(DECLARED[name]) == set()


@pytest.mark.parametrize("name", DECLARED)
def test_parameters_and_result_are_the_declared_ones(name):
    """Workflows are checked against the declaration, and call what is done."""
    assert inspect.signature(DONE[name]) == inspect.signature(DECLARED[name])
