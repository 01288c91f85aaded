"""The version, said once, and the build id that changes with the workflow code."""

import re
import shutil
import zipfile
from datetime import date
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from tests.commands import run
from workers import VERSION
from workers.builds import CODE, HOME, code_build

HEADING = re.compile(r"^## (.+)$", re.MULTILINE)


@pytest.fixture
def code(tmp_path):
    """A copy of the workflow code that may be changed."""
    for folder in CODE:
        shutil.copytree(HOME / folder, tmp_path / folder)
    return tmp_path


def test_the_changelog_begins_with_this_version():
    """A release that forgot one of the two is found here; every release has its date."""
    headings = HEADING.findall((HOME / "CHANGELOG.md").read_text(encoding="utf-8"))
    versions, dates = zip(*(heading.split(" - ") for heading in headings), strict=True)
    assert versions[0] == VERSION, (
        "the newest section of CHANGELOG.md and VERSION in workers/__init__.py must agree; "
        "there is no section `Unreleased`: what is new is added to the newest one"
    )
    released = [date.fromisoformat(day) for day in dates]
    assert released == sorted(released, reverse=True)
    assert list(versions) == sorted(versions, key=lambda v: [*map(int, v.split("."))])[::-1]


def test_the_distribution_has_this_version(tmp_path):
    """What pip installs says the same as the code; its copy of the code is the same build."""
    [wheel] = WheelBuilder(str(HOME)).build(directory=str(tmp_path), versions=["standard"])
    assert Path(wheel).name.startswith(f"medlemsflyt-{VERSION}-")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path)
    assert code_build(tmp_path) == code_build()


def test_the_command_line_says_version_and_build():
    """`medlemsflyt --version` is what an operator compares with what Temporal shows."""
    ran = run("--version")
    assert (ran.code, ran.out) == (0, f"medlemsflyt {VERSION}, workflow code {code_build()}\n")


def test_a_copy_is_the_same_build(code):
    """Neither the place, nor the order of files on a disk, nor Python's own files matter."""
    cache = code / "workflows" / "__pycache__"
    cache.mkdir(exist_ok=True)
    (cache / "membership.cpython-311.pyc").write_bytes(b"compiled")
    assert code_build(code) == code_build()
    assert re.fullmatch(r"\d+\.\d+\.\d+-[0-9a-f]{12}", code_build())


@pytest.mark.parametrize(
    "changed",
    [
        "workflows/membership/workflow.py",
        "schemas/dues/amounts.py",
        "activities/declarations/membership.py",
    ],
)
def test_other_code_is_another_build(code, changed):
    """One character more, in any file a workflow decides by, is another build."""
    with (code / changed).open("a") as file:
        file.write("\n")
    assert code_build(code) != code_build()


def test_a_moved_file_is_another_build(code):
    """Names count: a module that moves changes what is imported."""
    (code / "workflows" / "membership" / "page.py").rename(code / "workflows" / "other_page.py")
    assert code_build(code) != code_build()
