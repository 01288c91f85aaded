"""Processes of our own for what keeps a core busy; none of them outlives whoever started it."""

import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor


def cores() -> int:
    """Return how many processes can work at once."""
    return os.cpu_count() or 1


def own_processes() -> ProcessPoolExecutor:
    """Return as many processes as there are cores, each begun when there is work for it.

    Spawned: a fork would copy the locks of the threads that Temporal's core has started.
    """
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(cores(), mp_context=context, initializer=_begin)


def _begin() -> None:
    # Ctrl-C reaches the whole group; whoever started this process ends it when its work is done.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End once the process that started this one is gone: a kill -9 tells nobody."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
