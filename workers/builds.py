"""Which build of the workflow code this is: a name that changes whenever the code does (ADR 12)."""

from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from workers import VERSION

HOME = Path(__file__).parents[1]

CODE = ("schemas", "workflows", "activities/declarations")
"""All that a workflow decides by; activities and processes may change under a running one."""

DIGITS = 12
"""Of the digest; two builds of one version share these once in 10^14."""


def code_build(home: Path = HOME) -> str:
    """Return the build id of the workflow code: its version, and a digest of all it decides by.

    Args:
        home: The folder of the packages.
    """
    # Another release of the SDK runs the same code in another order.
    digest = sha256(version("temporalio").encode())
    for path in sorted(path for folder in CODE for path in _files(home / folder)):
        name = path.relative_to(home).as_posix().encode()
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(b"%d %s %d " % (len(name), name, len(content)))
        digest.update(content)
    return f"{VERSION}-{digest.hexdigest()[:DIGITS]}"


def _files(folder: Path) -> list[Path]:
    """Return what was written by people; what Python keeps beside it tells nothing."""
    return [
        path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    ]
