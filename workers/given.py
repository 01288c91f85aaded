"""The variables as they were given: in the environment, or each in a file of the secrets' folder.

An environment is seen by whoever may look at a process, and is handed on to its children; a file is
not. Docker and Kubernetes mount secrets as such files, named as whoever mounts them says.
"""

from collections.abc import Mapping
from itertools import chain
from pathlib import Path

from workers.errors import UserError
from workers.variables import SECTIONS

SECRETS_DIR = "MEDLEMSFLYT_SECRETS_DIR"
MOUNTED = Path("/run/secrets")
"""Where Docker puts them; looked into where no folder is named."""


def given(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what is set, by name; a variable of the environment comes before a file.

    Args:
        environ: the environment. An empty variable counts as one that is not set.

    Raises:
        UserError: the folder that is named is none, or a file in it can't be read.
    """
    variables = {name: value for name, value in environ.items() if value}
    named = variables.get(SECRETS_DIR)
    folder = Path(named) if named else MOUNTED
    if folder != MOUNTED and not folder.is_dir():
        raise UserError(
            f"{SECRETS_DIR}={named} is no folder: name the one with the secrets' files."
        )
    return {**_secrets(folder), **variables}


def _secrets(folder: Path) -> dict[str, str]:
    """Return what the files hold that bear the name of a variable, in capitals or small letters."""
    names = (variable.name for variable in chain.from_iterable(SECTIONS.values()))
    found = {name: _read(folder, name) for name in names}
    return {name: text for name, text in found.items() if text}


def _read(folder: Path, name: str) -> str:
    """Return the one line of a secret's file, without the end of the line; nothing where none is.

    Raises:
        UserError: it can't be read, or has more than one line; it never says what stands there.
    """
    for file in (folder / name, folder / name.lower()):
        try:
            text = file.read_text(encoding="utf-8").rstrip("\r\n")
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, UnicodeDecodeError) as error:
            why = type(error).__name__ if isinstance(error, ValueError) else error.strerror
            raise UserError(f"The secret {file} can't be read ({why}).") from None
        if not text.isprintable():
            raise UserError(f"The secret {file} must be one line of text.")
        return text
    return ""
