"""Files with what people have entrusted to us: for their owner's eyes only, whole or not at all."""

import csv
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import IO

FOR_THE_OWNER_ONLY = 0o600
FOLDER_OF_THE_OWNER = 0o700

WriteRow = Callable[[Sequence[str]], object]


class NotWritten(Exception):
    """A file can't be written; its text says which and why."""


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Tell what can't be written from whatever else fails meanwhile.

    Raises:
        NotWritten: in place of what the system says.
    """
    try:
        yield
    except OSError as error:
        raise NotWritten(f"{error.strerror or type(error).__name__}: {path}") from None


@contextmanager
def private_file(path: Path) -> Iterator[IO[bytes]]:
    """Have a file to write to that nobody else can read; once whole it takes the place of another.

    Raises:
        NotWritten: it can't be made.
    """
    part = path.with_name(f".{path.name}.part")
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
    with writing(path):
        part.unlink(missing_ok=True)
        descriptor = os.open(part, flags, FOR_THE_OWNER_ONLY)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
        with writing(path):
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def csv_table(path: Path, headings: Sequence[str]) -> Iterator[WriteRow]:
    """Have a CSV to add rows to: UTF-8 with a mark, semicolons, every value quoted.

    Args:
        path: of the file.
        headings: of its columns.

    Raises:
        NotWritten: it can't be, also while rows are added.
    """
    with private_file(path) as file:
        text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
        writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")

        def write(cells: Sequence[str]) -> None:
            with writing(path):
                writer.writerow(cells)

        write(headings)
        yield write
        with writing(path):
            text.flush()
        text.detach()


def private_folder(path: Path) -> None:
    """Make a folder that nobody else may enter, unless it is there.

    Raises:
        NotWritten: it can't be made.
    """
    with writing(path):
        path.mkdir(mode=FOLDER_OF_THE_OWNER, parents=True, exist_ok=True)
