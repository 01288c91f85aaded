"""A change of what a workflow commands is noticed, also where no history goes through it.

`commands.tsv` has each function from which a command may follow, with a digest of its code. Who
changes one writes the new digest there, and beside it what lets running workflows go on.
"""

import csv
import re
import shutil
from pathlib import Path

import pytest

from tests.replay.commanding import WORKFLOWS, commanding
from workflows.membership.record import RECORD_VERSION

TABLE = Path(__file__).with_name("commands.tsv")

GUARDS = re.compile(r"-|patch (?P<patch>[a-z0-9-]+)|record (?P<record>\d+)|same: \S.{9,}")
"""As it was first written; a patch; a version of the record; or the same commands, and why."""


def table() -> list[dict[str, str]]:
    """The rows that are written down."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_what_commands_is_as_it_is_written_down():
    """Whoever changes such a function says what keeps the runs that are under way going."""
    written, found = {row["function"]: row["digest"] for row in table()}, commanding()
    changed = {
        name: found.get(name, "is gone")
        for name in sorted(written.keys() | found.keys())
        if written.get(name) != found.get(name)
    }
    assert changed == {}, (
        "these make commands, and have changed: guard it with workflow.patched or a version of "
        "the record, record a history that goes through it, and write the new digest into "
        f"{TABLE.name} with its guard (README.md)"
    )


def test_each_guard_is_there():
    """A patch that is named stands in the code, and a version of the record has been."""
    code = "\n".join(path.read_text("utf-8") for path in WORKFLOWS.rglob("*.py"))
    for row in table():
        guard = GUARDS.fullmatch(row["guard"])
        assert guard, row
        if guard["patch"]:
            assert f'patched("{guard["patch"]}' in code, row
        if guard["record"]:
            assert int(guard["record"]) <= RECORD_VERSION, row


CHANGES = [
    # No recorded history goes on from an audit that waits, or from prices told in part.
    ("audit/run.py", "sleep(options.AUDIT_LAG", "sleep(2 * options.AUDIT_LAG", True),
    ("pricing/announcement.py", "sleep(pause,", "sleep(pause + pause,", True),
    ("membership/workflow.py", "wait_condition(workflow.all_handlers_finished)", "sleep(1)", True),
    ("audit/run.py", '"""', '""" Another word: ', False),
]


@pytest.mark.parametrize(("path", "before", "after", "noticed"), CHANGES)
def test_a_change_is_noticed(path, before, after, noticed, tmp_path):
    """Also of workflows without a history; words alone change nothing."""
    copy = tmp_path / "workflows"
    shutil.copytree(WORKFLOWS, copy)
    text = (copy / path).read_text("utf-8")
    assert before in text
    (copy / path).write_text(text.replace(before, after, 1), "utf-8")
    assert (commanding(copy) != commanding()) == noticed
