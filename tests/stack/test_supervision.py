"""Restarts, shutdown and orphans, with small programs in place of servers."""

import asyncio
import os
import signal
import sys
import textwrap
from pathlib import Path

import pytest

from workers.stack.parts import Command, Part, PartFailedError, run
from workers.stack.supervisor import DEATHS_BEFORE_LOG, Supervisor


class Program(Part):
    """A part that runs some Python and answers once a file exists."""

    start_seconds = 5.0
    stop_seconds = 0.5

    def __init__(self, code, folder):
        super().__init__("program", folder / "log")
        self.ready = folder / "ready"
        self.code = textwrap.dedent(code)

    async def prepare(self):
        """Forget an earlier answer."""
        self.ready.unlink(missing_ok=True)
        return Command((sys.executable, "-c", self.code, str(self.ready)))

    async def answers(self):
        """Whether the file is there."""
        return self.ready.exists()


SERVES = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(600)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SERVES
DIES = "print('the reason'); raise SystemExit(3)"


def is_running(pid):
    """Whether a process runs; one that only waits to be noticed by its parent does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rsplit(")", 1)[1].split()[0] != "Z"


async def eventually(condition, seconds=10.0):
    """Wait until a condition holds."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


async def test_killed_part_comes_back(tmp_path):
    """What dies is started again, and the person watching is told twice."""
    reports = []
    supervisor, part = Supervisor(reports.append), Program(SERVES, tmp_path)
    await supervisor.watch(part)
    first = part.process.pid
    os.kill(first, signal.SIGKILL)
    await eventually(lambda: "program is back" in reports)
    assert reports[0] == "program was killed by signal 9; starting it again in 0.2 s"
    assert part.process.pid != first
    await supervisor.stop(part)
    assert not is_running(part.process.pid)


async def test_part_that_keeps_dying_shows_its_log(tmp_path):
    """After some deaths in a row the end of the log is shown, with growing pauses between."""
    reports = []
    supervisor, part = Supervisor(reports.append), Program(DIES, tmp_path)
    watching = asyncio.create_task(supervisor.watch(part))
    await eventually(lambda: any("the reason" in line for line in reports))
    await supervisor.stop(part)
    watching.cancel()
    deaths = [line for line in reports if "ended with exit code 3" in line]
    assert len(deaths) == DEATHS_BEFORE_LOG
    assert [line.rsplit(" in ")[-1] for line in deaths] == ["0.2 s", "0.4 s", "0.8 s"]


async def test_a_part_that_is_too_slow_gets_twice_the_time(tmp_path):
    """On a busy machine it would not come up in the same time either, however often."""
    reports = []
    supervisor = Supervisor(reports.append)
    # Longer than any of its first three times: 0.1, 0.2 and 0.4 s.
    part = Program(f"import time; time.sleep(0.6); {SERVES}", tmp_path)
    part.start_seconds, part._patience = 0.1, 0.1
    await supervisor.watch(part)
    waited = [line.split(" after ")[1].split(";")[0] for line in reports if " after " in line]
    assert waited[:3] == ["0 s"] * 3
    assert (part.ready.exists(), part._patience) == (True, 0.1)
    await supervisor.stop(part)


async def test_stubborn_part_is_killed(tmp_path):
    """A part that ignores its stop signal does not hold up the shutdown."""
    part = Program(STUBBORN, tmp_path)
    await part.start()
    await part.stop()
    assert part.process.returncode == -signal.SIGKILL


async def test_failed_start_tells_why(tmp_path):
    """A part that ends at once raises with its last log lines."""
    with pytest.raises(PartFailedError, match=r"program ended with exit code 3(.|\n)*the reason"):
        await Program(DIES, tmp_path).start()


async def test_failed_step_tells_why(tmp_path):
    """A step of the set-up that fails raises with its last log lines."""
    command = Command((sys.executable, "-c", DIES))
    with pytest.raises(PartFailedError, match=r"a step failed with exit code 3(.|\n)*the reason"):
        await run(command, name="a step", log_file=tmp_path / "log")


async def test_killed_supervisor_leaves_no_orphan(tmp_path):
    """A child ends with its supervisor, even when that is killed without a chance to clean up."""
    code = f"""
        import asyncio, pathlib
        from workers.stack.parts import Command, _spawn
        async def main():
            command = Command({(sys.executable, "-c", "import time; time.sleep(600)")!r})
            child = await _spawn(command, pathlib.Path({str(tmp_path / "child-log")!r}))
            pathlib.Path({str(tmp_path / "pid")!r}).write_text(f"{{child.pid}} ")
            await child.wait()
        asyncio.run(main())
    """
    pid_file = tmp_path / "pid"
    supervisor = await asyncio.create_subprocess_exec(sys.executable, "-c", textwrap.dedent(code))
    await eventually(lambda: pid_file.exists() and pid_file.read_text().endswith(" "))
    child = int(pid_file.read_text())
    assert is_running(child)
    supervisor.kill()
    await supervisor.wait()
    await eventually(lambda: not is_running(child))
