"""Nothing is skipped silently: tests of the plugin on files of their own, in processes."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.untested import NO_SKIPS

ROOT = Path(__file__).parents[1]

ONE_OF_EACH = """
import pytest
from tests.untested import not_tested

def test_good(): pass

@pytest.mark.parametrize("one", [1, 2])
def test_lacking(one): not_tested("No pianoforte", "piano")

@pytest.fixture
def violin(): not_tested("No violin", "violin")

def test_of_a_fixture(violin): pass

@pytest.mark.xfail(strict=True)
def test_known(): assert False
"""
WHOLE_FILE = "import pytest\npytest.skip('nobody plays', allow_module_level=True)\n"


@pytest.fixture
def pytest_on(tmp_path):
    """Run pytest on a file, as CI or as anybody; return its exit code and what it said."""

    def go(content, *, no_skips, options=()):
        (tmp_path / "test_it.py").write_text(content)
        (tmp_path / "pytest.ini").write_text("[pytest]\n")
        # No other plugins than those it takes: their loading takes longer than the tests.
        plugins = ("-p", "xdist", "-p", "tests.untested")
        # A folder of its own: the common one is cleared of what earlier runs left, for minutes.
        folder = f"--basetemp={tmp_path / 'temporary'}"
        command = (sys.executable, "-m", "pytest", "-q", folder, *plugins, *options, ".")
        environ = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            NO_SKIPS: no_skips,
        }
        ran = subprocess.run(
            command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
        )
        return ran.returncode, ran.stdout.splitlines()

    return go


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["alone", "in processes"])
def test_the_last_lines_say_what_was_not_tested(pytest_on, options):
    """On any machine: green, and a sentence for each thing that is missing and how to get it."""
    code, said = pytest_on(ONE_OF_EACH, no_skips="", options=options)
    assert code == 0
    sentences = [line for line in said if line.startswith("Not tested: ")]
    assert sentences == [
        (
            "Not tested: 2 tests, since No pianoforte is not installed: `apt-get install piano`, "
            "as root, brings it."
        ),
        (
            "Not tested: 1 test, since No violin is not installed: `apt-get install violin`, "
            "as root, brings it."
        ),
    ]
    assert said.index(sentences[0]) >= len(said) - 4


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["alone", "in processes"])
def test_where_nothing_may_be_skipped_it_fails(pytest_on, options):
    """In CI: each of them by name, with the reason; what is good or known to fail is not."""
    code, said = pytest_on(ONE_OF_EACH, no_skips="1", options=options)
    assert code == 1
    text = "\n".join(said)
    assert "1 passed, 1 xfailed" in text
    assert "2 failed" in text
    assert "1 error" in text
    assert f"{NO_SKIPS}=1, and this was skipped: No pianoforte is not installed" in text
    assert "Not tested" not in text


def test_a_whole_file_may_not_be_skipped_either(pytest_on):
    """A skip while a file is read hides every test in it."""
    code, said = pytest_on(WHOLE_FILE, no_skips="1")
    assert code == 2
    assert "this was skipped: nobody plays" in "\n".join(said)
    code, said = pytest_on(WHOLE_FILE, no_skips="")
    assert code == 5
    assert "Not tested: 1 test, since nobody plays." in said


def test_ci_installs_what_tests_need_and_skips_nothing():
    """What `not_tested` names in any test is what .ci/run installs."""
    script = (ROOT / ".ci" / "run").read_text()
    assert f"export {NO_SKIPS}=1" in script
    assert "apt-get update" in script
    assert "DEBIAN_FRONTEND=noninteractive" in script
    packages = set(re.split(r"[\s:;]+", script))
    needed = {"chromium", "chromium-driver", "pgbouncer", "nodejs", "npm", "default-jdk-headless"}
    assert needed <= packages


def test_the_first_make_says_what_it_does():
    """A minute without a word looks like a machine that hangs."""
    steps = subprocess.run(
        ("make", "--dry-run", "--always-make", ".venv"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for slow in ("-m venv --clear", "-r requirements-dev.txt", "--editable"):
        [at] = [number for number, step in enumerate(steps) if slow in step]
        assert steps[at - 1].startswith("echo "), steps
