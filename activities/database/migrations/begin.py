"""Begins a migration, and freezes what the first one makes: `make migration`, `make freeze`.

As long as no version is released with it, the schema has no history: a change is made in the room
that it concerns, and the first migration makes what the rooms say. Once a version is out there are
databases that were made by it. From then on the first migration makes what it made then, and each
change of a room has a migration beside it (ADR 33).
"""

import re
import sys
from pathlib import Path

from activities.database.schema import whole

VERSIONS = Path(__file__).with_name("versions")

FREEZES_AFTER = "0.4.0"
"""The version whose release makes history of the schema. A test fails once the version is another
one and nothing is frozen. As long as nobody has installed it, this may move on instead."""

MIGRATION = '''"""{says}.

The SQL stands in ``{script}`` beside this file.
"""

from pathlib import Path

from activities.database.migrations.scripts import run_script

revision = "{revision}"
down_revision = "{before}"


def upgrade() -> None:
    """{says}."""
    run_script(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
'''


class NotNow(Exception):
    """What was asked for does not fit the state of the migrations; the message says why."""


def frozen(versions: Path = VERSIONS) -> Path:
    """Return where the frozen copy stands, or is to stand."""
    return versions / "v0001_baseline.sql"


def freeze(versions: Path = VERSIONS, schema: str | None = None) -> Path:
    """Write down what the rooms are now: from here on they change by migrations.

    Args:
        versions: the folder of the migrations.
        schema: the SQL to write down; the rooms' if not given.

    Raises:
        NotNow: it is frozen already, and stays as it is.
    """
    copy = frozen(versions)
    if copy.exists():
        raise NotNow(f"{copy.name} is history and stays as it is: begin a migration instead")
    head = "-- What the rooms were when they were first released. History: it is never changed.\n\n"
    copy.write_text(head + (whole() if schema is None else schema), encoding="utf-8")
    return copy


def begin(name: str, versions: Path = VERSIONS) -> Path:
    """Write a migration with nothing in it yet, the next after the newest.

    Args:
        name: what it does, such as ``add_events``.
        versions: the folder of the migrations.

    Returns:
        The SQL file to fill in.

    Raises:
        NotNow: the name is no name of a module, or the schema has no history yet.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", name):
        raise NotNow("name it by small letters, digits and underscores, such as add_events")
    if not frozen(versions).exists():
        raise NotNow(
            "no version has been released with this schema: change the room's schema.sql, that is "
            "all; after a release, make freeze first"
        )
    newest = max(versions.glob("v[0-9]*.py")).stem.removeprefix("v")
    revision = f"{int(newest.split('_')[0]) + 1:04d}_{name}"
    script = versions / f"v{revision}.sql"
    says = name.replace("_", " ").capitalize()
    script.with_suffix(".py").write_text(
        MIGRATION.format(says=says, script=script.name, revision=revision, before=newest),
        encoding="utf-8",
    )
    script.write_text(f"-- {says}.\n", encoding="utf-8")
    return script


def main(words: list[str]) -> str:
    """Freeze, or begin the migration that is named; return what to say."""
    try:
        if words == ["freeze"]:
            return f"{freeze().name} is written: commit it with the release."
        name = words[0] if len(words) == 1 else ""
        return f"Fill in {begin(name)}, and change the room's schema.sql in the same way."
    except NotNow as error:
        sys.exit(str(error))


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1:]) + "\n")
