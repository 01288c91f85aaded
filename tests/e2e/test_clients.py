"""Programs of other systems, in other languages: they run as they stand on their page."""

import base64
import os
import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT, RunningStack
from tests.untested import not_tested
from workers.stack.ports import free_port

PAGE = ROOT / "docs" / "clients" / "README.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
BLOCKS = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
ADD = "medlemsflyt consumer add"
NEEDED = {"node": "nodejs", "npm": "npm", "java": "default-jdk-headless"}


def test_each_program_lets_somebody_join(stack: RunningStack, tmp_path: Path) -> None:
    """In the page's order, by its commands alone; what one prints is what the page shows."""
    for program, package in NEEDED.items():
        if shutil.which(program) is None:
            not_tested(program, package)
    docs = ROOT / "docs"
    built = shutil.ignore_patterns("node_modules", "out", "api.d.ts")
    shutil.copytree(docs / "clients", tmp_path / "clients", ignore=built)
    shutil.copytree(docs / "reference", tmp_path / "reference")
    port = str(free_port())
    environ = os.environ | {
        "GATEWAY": stack.record["gateway_url"],
        "TEMPORAL_ADDRESS": stack.record["temporal_address"],
        "TEMPORAL_NAMESPACE": stack.record["namespace"],
        "SYSTEM_TOKEN": token(stack, "system"),
        "CASEWORKER_TOKEN": token(stack, "caseworker"),
        "WEBHOOK_SECRET": "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "PORT": port,
    }
    printed: list[str] = []
    with ExitStack() as programs:
        for kind, text in BLOCKS:
            if kind == "text":
                shown = ".+".join(re.escape(part) for part in text.strip().split("…"))
                assert re.fullmatch(shown, printed[-1].strip(), re.DOTALL), printed[-1]
            elif kind == "sh":
                here = text.replace(":8000", f":{port}").replace(
                    ADD, f"{ADD} --data {stack.folder}"
                )
                commands = here.splitlines()
                goes_on = [line.removesuffix(" &") for line in commands if line.endswith(" &")]
                files = [
                    programs.enter_context(running(line, tmp_path / "clients", environ))
                    for line in goes_on
                ]
                printed += [
                    ran(line, tmp_path / "clients", environ)
                    for line in commands
                    if not line.startswith("export ") and not line.endswith(" &")
                ]
                printed += [first_words(file) for file in files]
    joined = [said for said in printed if "approved as ordinary" in said]
    assert len(joined) == 4


@contextmanager
def running(command: str, folder: Path, environ: dict[str, str]) -> Iterator[Path]:
    """Run a program of the page until the page is read, and yield the file of what it prints."""
    said = folder / "said"
    with said.open("w") as file:
        program = subprocess.Popen(command.split(), cwd=folder, env=environ, stdout=file)
    try:
        yield said
    finally:
        program.terminate()
        program.wait(30)


def first_words(said: Path) -> str:
    """Wait until a program has printed something, and return it."""
    for _ in range(600):
        if text := said.read_text():
            return text
        time.sleep(0.2)  # a program tells nobody that it has printed
    pytest.fail("nothing was printed")


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
