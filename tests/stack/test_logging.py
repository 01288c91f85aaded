"""Log lines tell what failed and where, never with which values (invariant 14)."""

import json
import os
import subprocess
import sys

import pytest

from workers.logging import LogFormat

SCRIPT = """
import asyncio, logging, sys
from workers.logging import LogFormat, configure_logging, log_failed_tasks
configure_logging(LogFormat(sys.argv[1]))
log = logging.getLogger("temporalio.activity")

class Person:
    def __repr__(self):
        return "Kanarinavn"

def work(person, national_id):
    try:
        raise ValueError(f"no such person: {person!r}")
    except ValueError as error:
        raise RuntimeError(national_id) from error

try:
    work(Person(), "12848" + "699810")
except RuntimeError:
    log.warning("Completing activity as failed", exc_info=True)

async def main():
    log_failed_tasks(asyncio.get_running_loop())
    async def fail(person=Person()):
        raise KeyError(repr(person))
    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    del task
    await asyncio.sleep(0)
    logging.getLogger("asyncio").error("Task was destroyed\\ntask: %r", Person())

asyncio.run(main())
"""


@pytest.mark.parametrize("log_format", list(LogFormat))
def test_no_local_variable_and_no_quoted_value_is_logged(log_format):
    """Of nested failures and of lost tasks the types and places are told, in both formats."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, log_format],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    told = done.stderr
    for secret in ("Kanarinavn", "12848699810"):
        assert secret not in told
    for fact in ("Completing activity as failed", "ValueError", "RuntimeError", "in work"):
        assert fact.replace("in work", "work") in told
    assert "task.failed" in told
    assert "KeyError" in told
    assert "Task was destroyed" in told


def test_a_line_is_one_json_object():
    """Machines read a failure as data: its type and its frames, without locals."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, LogFormat.JSON],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    first = json.loads(done.stderr.splitlines()[0])
    outer, inner = first["exception"]
    assert (outer["exc_type"], inner["exc_type"]) == ("RuntimeError", "ValueError")
    assert [frame["name"] for frame in outer["frames"]] == ["<module>", "work"]
    assert "locals" not in outer["frames"][0] or outer["frames"][0]["locals"] is None
