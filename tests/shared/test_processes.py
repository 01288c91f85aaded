"""Processes of our own end with whoever started them."""

import asyncio
import gc
import os
import sys
from pathlib import Path

from tests.life import PATIENCE_SECONDS
from workers.running import set_aside

BEGINS = """
import os, time
from activities.shared.processes import own_processes

if __name__ == "__main__":
    print(own_processes().submit(os.getpid).result(), flush=True)
    time.sleep(600)
"""


async def test_no_process_outlives_one_that_is_killed(tmp_path: Path) -> None:
    """Kill -9 tells nobody: a process sees for itself that the one it works for is gone."""
    program = tmp_path / "begins.py"
    program.write_text(BEGINS)
    begun = await asyncio.create_subprocess_exec(
        sys.executable,
        program,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert begun.stdout is not None
    assert int(await begun.stdout.readline()) != begun.pid
    begun.kill()
    await begun.wait()
    # Their output is open for as long as one of them lives.
    assert await asyncio.wait_for(begun.stdout.read(), PATIENCE_SECONDS) == b""


def test_what_a_worker_has_loaded_is_looked_through_no_more() -> None:
    """A search for garbage stops a worker: it goes through what came since, and nothing else."""
    loaded: list[object] = [[]]
    set_aside()
    came_since: list[object] = [[]]
    assert not any(found is loaded for found in gc.get_objects())
    assert any(found is came_since for found in gc.get_objects())
