"""The tutorial stays true: its commands run in their order, and say what it shows."""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.conftest import ROOT, RunningStack

PAGE = ROOT / "docs" / "tutorial.md"
LEFT_OUT = "…"
SENDS = re.compile(r"medlemsflyt (apply|send)\b")
PATIENCE_SECONDS = 30
"""Within it what was sent is to be seen: letters and the index come a moment later."""

OTHERWISE = (
    (r"[─│╭╮╰╯]", " "),
    (r"127\.0\.0\.1:\d+", "ADDRESS"),
    (r"\b\d{16}\b", "KID"),
    (r"\b\d{8}(-\d+)?\b", "NUMBER"),
    (r"\b\d{4}-\d\d(-\d\d)?\b", "DATE"),
    (r"(\b\d{4}\s+)?\b\d\d-\d\d\s+\d+\b", "DAY AND AGE"),
    (r"\s+", " "),
)
"""What is other on another day, another machine, or for another member; and frames and gaps."""


def plain(text: str) -> str:
    """Return what is to be the same for everybody who follows the page."""
    for pattern, replacement in OTHERWISE:
        text = re.sub(pattern, replacement, text)
    return text.strip()


def steps(page: str) -> Iterator[tuple[str, str]]:
    """Return each command of the page with what it shows below it."""
    for block in re.findall(r"^```console\n(.*?)^```", page, re.DOTALL | re.MULTILINE):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = step.partition("\n")
            yield command, shown


def shows(shown: str, found: str) -> bool:
    """Tell whether a command says what the page shows; … stands for anything."""
    parts = [re.escape(plain(part)) for part in shown.split(LEFT_OUT)]
    return re.fullmatch(r"\s*" + r".*?".join(parts) + r"\s*", plain(found)) is not None


def answer(command: str, shown: str, folder: Path, environ: dict[str, str]) -> str:
    """Run a command; one that only looks is run until it says what the page shows."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while True:
        ran = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=folder,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=60,
        )
        late = time.monotonic() > give_up
        if shows(shown, ran.stdout) or SENDS.search(command) or late:
            return ran.stdout
        time.sleep(0.5)  # a person looks again too: letters and workers take their time


def test_every_command_of_the_tutorial(checkout: Path, stack: RunningStack) -> None:
    """From the application to the forecast, each says what the page shows, on any day."""
    found = list(steps(PAGE.read_text(encoding="utf-8")))
    assert len(found) > 10
    environ = {
        **os.environ,
        "TEMPORAL_ADDRESS": stack.record["temporal_address"],
        "PATH": f"{checkout / '.venv' / 'bin'}:{os.environ['PATH']}",
    }
    for command, shown in found:
        if kept := re.match(r"([A-Z]+)=", command):
            environ[kept[1]] = answer(
                f"{command}; printf %s ${kept[1]}", LEFT_OUT, checkout, environ
            )
        else:
            said = answer(command, shown, checkout, environ)
            assert shows(shown, said), f"$ {command}\n{said}\nThe page shows:\n{shown}"


def test_what_it_shows_is_compared() -> None:
    """Another amount is noticed, another day is not, nor what is left out."""
    shown = "2026-11-26  495.00 kr …\nuntil 2026-12-01\n"
    assert shows(shown, "2031-01-05 495.00 kr a month until 2031-02-01")
    assert not shows(shown, "2031-01-05 247.50 kr a month until 2031-02-01")
    assert not shows(shown, "2031-01-05 495.00 kr a month")
