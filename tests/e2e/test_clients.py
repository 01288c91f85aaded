"""Programs of other systems, in other languages: they run as they stand on their page."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT, RunningStack
from tests.untested import not_tested

PAGE = ROOT / "docs" / "clients" / "README.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
BLOCKS = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
NEEDED = {"node": "nodejs", "npm": "npm", "java": "default-jdk-headless"}
LANGUAGES = {"ts", "py", "java"}


def test_each_program_lets_somebody_join(stack: RunningStack, tmp_path: Path) -> None:
    """In the page's order, by its commands alone; what one prints is what the page shows."""
    for program, package in NEEDED.items():
        if shutil.which(program) is None:
            not_tested(program, package)
    docs = ROOT / "docs"
    built = shutil.ignore_patterns("node_modules", "out", "api.d.ts")
    shutil.copytree(docs / "clients", tmp_path / "clients", ignore=built)
    shutil.copytree(docs / "reference", tmp_path / "reference")
    environ = os.environ | {
        "GATEWAY": stack.record["gateway_url"],
        "TEMPORAL_ADDRESS": stack.record["temporal_address"],
        "TEMPORAL_NAMESPACE": stack.record["namespace"],
        "SYSTEM_TOKEN": token(stack, "system"),
        "CASEWORKER_TOKEN": token(stack, "caseworker"),
    }
    printed: list[str] = []
    for kind, text in BLOCKS:
        if kind == "text":
            shown = ".+".join(re.escape(part) for part in text.strip().split("…"))
            assert re.fullmatch(shown, printed[-1].strip(), re.DOTALL), printed[-1]
        elif kind == "sh":
            lines = [line for line in text.splitlines() if not line.startswith("export ")]
            printed += [ran(line, tmp_path / "clients", environ) for line in lines]
    joined = [said for said in printed if "approved as ordinary" in said]
    assert len(joined) == sum(kind in LANGUAGES for kind, _ in BLOCKS) == 4


def token(stack: RunningStack, role: str) -> str:
    """Return a token for the stack's gateway."""
    command = f"medlemsflyt token --role {role} --name clients --data {stack.folder}"
    return ran(command, ROOT, dict(os.environ)).strip()


def ran(command: str, folder: Path, environ: dict[str, str]) -> str:
    """Run a command of the page, and return what it prints."""
    own = {"PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{environ['PATH']}"}
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=folder,
        env=environ | own,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    if done.returncode:
        pytest.fail(f"{command}\n{done.stdout}{done.stderr}")
    return done.stdout
