"""Unions that are led beside each other, each in a process of its own."""

import asyncio
import multiprocessing
import tempfile
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.progress import Progress

from tests.simulation.leading import Led, lead, ready_database
from workers.stack import PostgresServer

_MONTHS: Any = None
"""In each process: how many months all of them have led, for the bar."""


def _begin(months: Any) -> None:
    global _MONTHS  # noqa: PLW0603 - it can be handed to a process only when that begins
    _MONTHS = months


def _count() -> None:
    if _MONTHS is not None:
        with _MONTHS.get_lock():
            _MONTHS.value += 1


def _lead(url: str, seed: int, lives: int, years: int, **more: Any) -> Led:
    return asyncio.run(lead(url, seed, lives, years, _count, **more))


def results(
    url: str, shares: list[tuple[int, int]], years: int, jobs: int, **more: Any
) -> Iterator[Led]:
    """Lead all unions, with a bar that counts their months; yield each as it ends.

    Args:
        url: of the server.
        shares: a seed and how many lives, of each union.
        years: how long they go on.
        jobs: how many at a time.
        more: as ``lead`` takes it.

    Whoever stops asking has those that have not begun left out.
    """
    if not jobs:
        yield from (_lead(url, seed, lives, years, **more) for seed, lives in shares)
        return
    context = multiprocessing.get_context("spawn")
    months = context.Value("q", 0)
    with (
        Progress(transient=True) as bar,
        ProcessPoolExecutor(jobs, context, _begin, (months,)) as processes,
    ):
        task = bar.add_task("months", total=len(shares) * years * 12)
        led = {processes.submit(_lead, url, seed, lives, years, **more) for seed, lives in shares}
        try:
            while led:
                done, led = wait(led, timeout=0.2, return_when=FIRST_COMPLETED)
                bar.update(task, completed=months.value)
                yield from (one.result() for one in done)
        finally:
            processes.shutdown(cancel_futures=True)


@contextmanager
def running() -> Iterator[str]:
    """Have a server with a migrated database run beside; yield its URL."""
    with tempfile.TemporaryDirectory(prefix="simulation-") as name:
        yield from _served(Path(name))


def _served(folder: Path) -> Iterator[str]:
    server = PostgresServer(folder / "data", durable=False)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(server.start())
    try:
        yield loop.run_until_complete(ready_database(server))
    finally:
        loop.run_until_complete(server.stop())
        loop.close()
