"""What waits ends after what it waits for: whoever knows the reason can then tell it."""

import itertools
import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from activities.database import pool
from activities.letters import mailing, settings
from activities.shared.heartbeats import HEARTBEAT_SECONDS
from workers.notifications import PAGES
from workers.running import GRACE
from workers.stack.processes import WorkerProcess
from workflows.shared import options

ROOT = Path(__file__).parents[2]
PAYMENTS = (ROOT / "activities" / "payments" / "sql" / "queries.sql").read_text()
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


def seconds(timeout: timedelta) -> float:
    """A timeout as a number."""
    return timeout.total_seconds()


def of_the_bank(setting: str) -> float:
    """What the import of a bank's file sets for itself, in minutes there."""
    found = re.search(rf"^SET LOCAL {setting} = '(\d+)min';", PAYMENTS, re.MULTILINE)
    assert found
    return int(found[1]) * 60


HANDED_OVER_AND_ANSWERED = settings.SMTP_SECONDS + settings.ANSWER_SECONDS
A_DOZEN = 12

NESTED = {
    # 15 < 20 < 25 < 30: who is locked out waits for a letter's dialogue, a statement for its lock,
    # an attempt for its statement.
    "a short transaction": [
        settings.SMTP_SECONDS,
        pool.LOCK_SECONDS,
        pool.STATEMENT_SECONDS,
        seconds(options.PERSISTENCE_TIMEOUT),
    ],
    "a new connection": [pool.CONNECT_SECONDS, seconds(options.PERSISTENCE_TIMEOUT)],
    # 20 < 110 < 120: a page waits for a lock like anybody else.
    "a page": [
        pool.STATEMENT_SECONDS,
        pool.PATIENT_SECONDS,
        seconds(options.PAGE_TIMEOUT),
        seconds(options.HALVING_TIMEOUT),
    ],
    # 300 < 600 < 1800.
    "a file of the bank": [
        pool.LOCK_SECONDS,
        of_the_bank("lock_timeout"),
        of_the_bank("statement_timeout"),
        seconds(options.BANK_FILE_TIMEOUT),
    ],
    # 615 < 1800: the list may be written twice, a minute each: 615 + 120 = 735.
    "a list": [HANDED_OVER_AND_ANSWERED + 2 * 60, seconds(options.LIST_TIMEOUT)],
    # 12 letters of 615 s are 7380 s; four hours are 14400.
    "the letters of a decision": [
        A_DOZEN * HANDED_OVER_AND_ANSWERED,
        seconds(options.DELIVERY_TIMEOUT),
    ],
    # 2 pages of 500 letters, 8 at a time: 125 turns of 615 s are 76875 s; a day is 86400.
    "a page of letters": [
        PAGES * mailing.PAGE_SIZE / mailing.SENDERS * HANDED_OVER_AND_ANSWERED,
        seconds(options.MAILING_TIMEOUT),
    ],
    # 8 < 10 < 20: what is under way ends, then the worker, then whoever stops it kills it.
    "the end of a worker": [
        seconds(GRACE),
        WorkerProcess.stop_seconds,
        int(SERVICES["worker-persistence"]["stop_grace_period"].removesuffix("s")),
    ],
}
"""What waits for what, in seconds, from the inside out."""


@pytest.mark.parametrize("what", NESTED)
def test_each_outlasts_what_it_waits_for(what):
    """Of two limits on one thing the inner one is met first."""
    assert all(inner < outer for inner, outer in itertools.pairwise(NESTED[what])), NESTED[what]


@pytest.mark.parametrize("name", [name for name in vars(options) if name.endswith("_HEARTBEAT")])
def test_a_heart_may_miss_some_beats(name):
    """A worker that is merely busy is not taken for dead, nor a dead one for busy for long."""
    patience = seconds(getattr(options, name))
    assert 4 * HEARTBEAT_SECONDS <= patience <= seconds(options.PERSISTENCE_TIMEOUT)


def test_options_are_given_in_one_place():
    """Every activity is called with a queue, timeouts and the policy of ``calls.py``."""
    callers = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "workflows").rglob("*.py")
        if re.search(r"execute_(local_)?activity|start_activity|RetryPolicy\(", path.read_text())
    ]
    assert sorted(callers) == ["workflows/shared/calls.py", "workflows/shared/options.py"]
