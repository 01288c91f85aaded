"""Why a run has failed: the innermost cause, as a rehearsal has it."""

import asyncio
import subprocess
import sys
from pathlib import Path

from temporalio.api.failure.v1 import ApplicationFailureInfo, Failure
from temporalio.client import WorkflowFailureError
from temporalio.converter import DataConverter
from temporalio.exceptions import ActivityError, ApplicationError

from activities.shared.failing import reason_of
from tests.commands import run_process
from workers.cli.shared.interrupted import innermost


async def test_a_run_that_is_refused_says_why(cli):
    """One sentence, the same as with --dry-run, and not that an activity has failed."""
    said = [await cli("dues-run", "2099-01", *flags) for flags in ((), ("--dry-run",), ("--json",))]
    assert [(ran.code, ran.out) for ran in said] == [(2, "")] * 3
    assert [ran.err.count("\n") for ran in said] == [1] * 3
    [reason] = {ran.err.partition(": ")[2] for ran in said}
    assert reason.startswith("period: 2099-01 is not charged on ")


async def test_a_run_that_ends_well_says_nothing_else(data_dir, tmp_path):
    """Who waited for it leaves no word among the errors, whatever was still being looked at."""
    line = ("medlemsflyt", "arrears", "--json", "--data", str(data_dir))
    ran = await asyncio.to_thread(run_process, *line, environ={}, cwd=tmp_path)
    assert (ran.code, ran.err) == (0, ""), ran


def test_who_reads_no_further_is_told_nothing():
    """`medlemsflyt schema | head`: the pipe has been closed, not the database's connection."""
    command = [str(Path(sys.executable).with_name("medlemsflyt")), "schema"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as schema:
        assert schema.stdout
        assert schema.stderr
        schema.stdout.close()
        assert schema.stderr.read() == b""
    assert schema.returncode == 1


def test_causes_are_followed_to_the_end():
    """Through every layer, without the type in front, and never an empty word."""
    activity = ActivityError(
        "Activity task failed.",
        scheduled_event_id=1,
        started_event_id=2,
        identity="",
        activity_type="charge",
        activity_id="1",
        retry_state=None,
    )
    activity.__cause__ = ApplicationError("there is no such month.", type="Refused")
    assert innermost(WorkflowFailureError(cause=activity)) == "there is no such month"
    assert innermost(ApplicationError("", type="Refused")) == "ApplicationError"
    assert innermost(ValueError("plain")) == "plain"


async def test_a_failing_activity_is_never_without_a_word():
    """A validation's text is all values and is taken away: its type is told."""
    failure = Failure(
        message="Activity task failed.",
        cause=Failure(application_failure_info=ApplicationFailureInfo(type="ValidationError")),
    )
    assert await reason_of(DataConverter.default, failure) == "ValidationError"
    failure.cause.message = "there is no such list"
    assert await reason_of(DataConverter.default, failure) == "there is no such list"
