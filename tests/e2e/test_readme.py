"""The README stays true: its commands run as they are written."""

import json
import os
import re
import subprocess
from pathlib import Path

from tests.e2e.conftest import ROOT, RunningStack

EVERYWHERE = re.DOTALL | re.MULTILINE

NEVER_RUN_HERE = ("make ",)
"""They would set up or start again what this test runs in and against."""


def commands(readme: str, heading: str) -> list[str]:
    """Return the shell commands of a section, lines that end in a backslash joined."""
    (section,) = re.findall(
        rf"^## {re.escape(heading)}\n(.*?)(?=^## )", readme, re.DOTALL | re.MULTILINE
    )
    blocks = re.findall(r"^```sh\n(.*?)^```", section, EVERYWHERE)
    lines = "".join(blocks).replace("\\\n", "").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def test_going_on_from_there(checkout: Path, stack: RunningStack) -> None:
    """The commands below 'Going on from there' make somebody a member, one after the other."""
    written = commands((ROOT / "README.md").read_text(), "Going on from there")
    run = [line for line in written if not line.startswith(NEVER_RUN_HERE)]
    assert len(run) >= 3
    environment = {**os.environ, "TEMPORAL_ADDRESS": stack.record["temporal_address"]}
    for line in run:
        done = subprocess.run(
            ["/bin/sh", "-c", line],
            cwd=checkout,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    (name,) = {word for line in run for word in line.split() if word.startswith("membership-")}
    shown = subprocess.run(
        [".venv/bin/medlemsflyt", "show", name, "--json"],
        cwd=checkout,
        env=environment,
        capture_output=True,
        check=True,
    )
    assert json.loads(shown.stdout)["stage"] == "onboarding"


def test_its_make_targets_are_there() -> None:
    """Every `make` command it names is a target."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    readme = (ROOT / "README.md").read_text()
    named = re.findall(r"(?:^|`)make ([a-z]+)", readme, re.MULTILINE)
    assert named
    assert set(named) <= targets
