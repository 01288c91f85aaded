"""A private folder for temporary files, emptied whatever happens to the process.

A library that writes a workbook leaves its lines, names and national ids among them, in the
temporary folder when the process is killed. So each worker has a folder of its own, and clears
those of workers that are gone: the lock on a folder ends with its process.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = f"medlemsflyt-{os.getuid()}-temporary-"
"""Of a folder's name; another user's folders are not ours to clear."""


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Have this process write its temporary files to a folder nobody else may enter."""
    shared = tempfile.gettempdir()
    _clear(Path(shared))
    folder, lock = _locked_folder()
    tempfile.tempdir = str(folder)
    try:
        yield folder
    finally:
        tempfile.tempdir = shared
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _locked_folder() -> tuple[Path, int]:
    """Return a new folder and its lock; one that another worker cleared before is made again."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        with suppress(FileNotFoundError):
            lock = os.open(folder, os.O_RDONLY)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.exists():
                return folder, lock
            os.close(lock)


def _clear(shared: Path) -> None:
    """Remove what killed processes left; the folder of a living one is locked."""
    for folder in shared.glob(f"{PREFIX}*"):
        with suppress(OSError):
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)
