"""The licence is one, said the same way everywhere, and what we build upon allows it."""

import hashlib
import re
import tomllib
from importlib.metadata import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LICENCE = (ROOT / "LICENSE").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

LOCKED = re.findall(
    r"^([a-z0-9-]+)==[^ ]+ \\$",
    (ROOT / "requirements.txt").read_text(encoding="utf-8"),
    re.MULTILINE,
)
"""What production runs, but for what is locked for other systems or other Pythons only."""

AS_PUBLISHED = "6fc9e709ccbfe0d77fbffa2427a983282be2eb88e47b1cdb49f21a83b4d1e665"
"""The digest (SHA-256) of the text."""

ALLOWED = re.compile(
    r"\b(MIT|BSD|Apache|ISC|PSFL?|Python Software Foundation|Unlicense|LGPL|MPL-2\.0)\b",
    re.IGNORECASE,
)
"""Licences that may be combined with ours: they ask for a notice, or are in its appendix."""

STRICTER = re.compile(r"\bA?GPL|GNU General|Affero|SSPL|Business Source")
"""Licences that would decide over ours, or are none of free software."""


def said(package: str) -> str:
    """Return what a package says of its licence, wherever it does."""
    about = metadata(package)
    fields = [*(about.get_all("License-Expression") or about.get_all("License") or ())]
    return " ".join([*fields, *(c for c in about.get_all("Classifier") or () if "License" in c)])


def test_the_id_is_that_of_the_text():
    """The id in pyproject.toml names the licence and the version that LICENSE begins with."""
    head = re.match(r"\s*EUROPEAN UNION PUBLIC LICENCE v\. ([\d.]+)\n\s*(EUPL) ", LICENCE)
    assert head
    version, name = head.groups()
    assert PROJECT["license"] == f"{name}-{version}"
    assert PROJECT["license-files"] == ["LICENSE"]
    assert not [c for c in PROJECT["classifiers"] if c.startswith("License ::")]


def test_the_text_is_nobody_s_to_change():
    """A licence holds as it was published, to the letter."""
    assert hashlib.sha256(LICENCE.encode()).hexdigest() == AS_PUBLISHED


@pytest.mark.parametrize("package", LOCKED)
def test_what_is_built_upon_allows_it(package):
    """Each package that runs in production has a licence that ours may be combined with."""
    assert ALLOWED.search(said(package)), f"{package}: {said(package) or 'says nothing'}"
    assert not STRICTER.search(said(package)), f"{package}: {said(package)}"
