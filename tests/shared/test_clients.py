"""The page of clients in other languages shows the programs that lie beside it."""

import json
import re

from tests.commands import ROOT

CLIENTS = ROOT / "docs" / "clients"
LANGUAGES = {"ts", "py", "java"}


def test_the_page_shows_each_program_whole():
    """What is tried is what is read."""
    page = (CLIENTS / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```(\w+)\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    shown = {text for language, text in blocks if language in LANGUAGES}
    programs = {
        path.read_text(encoding="utf-8")
        for path in CLIENTS.iterdir()
        if path.suffix.removeprefix(".") in LANGUAGES and not path.name.endswith(".d.ts")
    }
    assert shown == programs


def test_what_they_need_is_locked_and_names_no_host():
    """Each package by its hash, from whichever registry its user has."""
    lock = json.loads((CLIENTS / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert not any("resolved" in package for package in packages.values())
