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


@contextmanager
def private_file(path: Path) -> Iterator[IO[bytes]]:
    """Have a file to write to that nobody else can read; once whole it takes the place of another.

    Raises:
        OSError: it can't be written.
    """
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
    try:
        with os.fdopen(os.open(part, flags, FOR_THE_OWNER_ONLY), "w+b") as file:
            yield file
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
        OSError: it can't be written.
    """
    with private_file(path) as file:
        text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
        writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerow(headings)
        yield writer.writerow
        text.flush()
        text.detach()


def private_folder(path: Path) -> None:
    """Make a folder that nobody else may enter, unless it is there.

    Raises:
        OSError: it can't be made.
    """
    path.mkdir(mode=FOLDER_OF_THE_OWNER, parents=True, exist_ok=True)
