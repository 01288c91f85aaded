"""Temporary files lie in a private folder, and do not outlive their process."""

import io
import os
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from workers.temporary import temporary_folder

LEFT_BEHIND = """
import sys, time
from openpyxl import Workbook
from workers.temporary import temporary_folder
with temporary_folder() as folder:
    sheet = Workbook(write_only=True).create_sheet()
    sheet.append(["Kanarinavn"])
    print(folder, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def shared(tmp_path, monkeypatch):
    """The machine's temporary folder, for this test alone."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def start(shared: Path) -> tuple[subprocess.Popen[str], Path]:
    """Start a process that is in the middle of writing a workbook."""
    process = subprocess.Popen(
        [sys.executable, "-c", LEFT_BEHIND],
        stdout=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "TMPDIR": str(shared),
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        },
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_what_a_killed_process_left_is_cleared_by_the_next(shared):
    """A kill -9 in the middle of a workbook leaves its sheet; the next worker removes it."""
    process, folder = start(shared)
    assert [path.name.startswith("openpyxl.") for path in folder.iterdir()] == [True]
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert list(folder.iterdir()), "killed as it was"
    with temporary_folder() as own:
        assert list(shared.iterdir()) == [own]
    assert list(shared.iterdir()) == []


def test_the_folder_of_a_living_process_is_left_alone(shared):
    """Two workers on one machine do not clear each other's files."""
    process, folder = start(shared)
    try:
        with temporary_folder():
            assert list(folder.iterdir())
    finally:
        process.kill()
        process.communicate()


def test_libraries_write_to_a_folder_that_only_we_may_enter(shared):
    """A workbook's sheet lies in the private folder while it is written."""
    with temporary_folder() as folder:
        book = Workbook(write_only=True)
        book.create_sheet().append(["Kanarinavn"])
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert list(folder.iterdir())
        assert list(shared.iterdir()) == [folder]
        book.save(io.BytesIO())
    assert tempfile.gettempdir() == str(shared)
