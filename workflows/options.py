"""Every task queue, timeout and retry policy, each with its reason."""

from datetime import timedelta

from temporalio.common import RetryPolicy

MEMBERSHIP_QUEUE = "membership"
PERSISTENCE_QUEUE = "membership-persistence"
NOTIFICATIONS_QUEUE = "membership-notifications"

UNTIL_MENDED = RetryPolicy(
    initial_interval=timedelta(milliseconds=500),
    backoff_coefficient=2.0,
    maximum_interval=timedelta(minutes=1),
)
"""No activity ever gives up: a database or mail server that is down for a night must cost
nothing but time, and a fault in our own code stays visible as a pending activity until a
mended worker takes it up. A minute at most keeps the wait short once all is well again."""

PERSISTENCE_TIMEOUT = timedelta(seconds=15)
"""One short transaction. A worker that died holding it is noticed after this."""

PAGE_TIMEOUT = timedelta(minutes=2)
"""One page of a dues run: one statement over tens of thousands of members."""

DELIVERY_TIMEOUT = timedelta(minutes=5)
"""A handful of letters, each with an SMTP dialogue that may take a minute."""

DELIVERY_HEARTBEAT = timedelta(seconds=25)
"""A notifications worker that dies between two letters is noticed after this."""

RENEW_AFTER = timedelta(days=365)
"""A run lasts a year at most: nobody waits longer than that for code that can't replay it, and a
version of the workers is no longer needed a year after the next one came."""

RENEW_AFTER_EVENTS = 500
"""Replay costs about 0.3 ms an event, and a worker that lost its cache replays everybody."""
