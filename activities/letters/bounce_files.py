"""Where reports of mail servers lie: a mail, an mbox, a folder of mails, a Maildir."""

import re
from collections.abc import Iterator
from pathlib import Path

_FROM = re.compile(rb"(?m)^From [^\r\n]*\r?\n")


def mails_in(path: Path, most_bytes: int) -> Iterator[tuple[str, bytes]]:
    """Yield the mails in a file or folder, each with where it lies.

    Args:
        path: a file of one mail or of many (mbox), or a folder, looked through to its leaves.
        most_bytes: of a mail; what is larger is yielded cut off, and so is no report.

    Raises:
        OSError: it can't be read.
    """
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    for file in files:
        if file.name.startswith("."):
            continue
        with file.open("rb") as opened:
            if opened.read(5) != b"From ":
                opened.seek(0)
                yield file.name, opened.read(most_bytes)
                continue
        for number, mail in enumerate(_of_mbox(file.read_bytes()), start=1):
            yield f"{file.name}, {number}", mail[:most_bytes]


def _of_mbox(content: bytes) -> Iterator[bytes]:
    """Yield the mails of an mbox: each begins with a line ``From ``; quoted ones are unquoted."""
    lines = list(_FROM.finditer(content))
    ends = [*(line.start() for line in lines[1:]), len(content)]
    for line, end in zip(lines, ends, strict=True):
        yield re.sub(rb"(?m)^>(>*From )", rb"\1", content[line.end() : end])
