"""Every timeout and retry policy, each with its reason."""

from datetime import timedelta

from temporalio.common import Priority, RetryPolicy

from schemas.names import WorkflowType

UNTIL_MENDED = RetryPolicy(
    initial_interval=timedelta(milliseconds=500),
    backoff_coefficient=2.0,
    maximum_interval=timedelta(minutes=1),
)
"""No activity ever gives up: a database or mail server that is down for a night must cost
nothing but time, and a fault in our own code stays visible as a pending activity until a
mended worker takes it up. A minute at most keeps the wait short once all is well again."""

FIRST = Priority(priority_key=1)
"""One member's decisions and letters: a caseworker or a member waits for the answer."""

LATER = Priority(priority_key=4)
"""A page of a run over many members, which the next page waits for and nobody else."""

LAST = Priority(priority_key=5)
"""After all that anybody waits for."""

PRIORITIES: dict[str, Priority] = {
    WorkflowType.MEMBERSHIP: FIRST,
    # Somebody gave in a file, and looks at what becomes of it.
    WorkflowType.BANK_IMPORT: Priority.default,
    WorkflowType.DEDUCTION_REPORT: Priority.default,
    WorkflowType.DEDUCTION_SETTLEMENT: Priority.default,
}
"""By type of workflow: the place of what it asks for among all that waits for a worker; LATER for
all others. Temporal's server takes 1 to 5, and 3 for the default (ADR 53)."""

PERSISTENCE_TIMEOUT = timedelta(seconds=30)
"""One short transaction, whose statements the database ends first, after 25 s: an attempt that is
taken for dead would else work on beside the next. A worker that died is noticed after this."""

PAGE_TIMEOUT = timedelta(minutes=2)
"""One page of a dues run: one statement over tens of thousands of members, which the database ends
after 110 s."""

HALVING_TIMEOUT = timedelta(hours=1)
"""A page that the database refuses is tried in halves until who is to blame has been found: the
more there are, the longer. Each statement ends by its own limit, a dead worker by the heartbeat."""

PAGE_HEARTBEAT = timedelta(seconds=10)
"""It beats every two seconds: a worker that died in the middle of a page is noticed after this."""

DELIVERY_TIMEOUT = timedelta(hours=4)
"""A dozen letters, each answered by the mail server after the ten minutes that it may take. A
worker that dies is noticed by its heartbeat."""

DELIVERY_HEARTBEAT = timedelta(seconds=25)
"""A notifications worker that dies between two letters is noticed after this."""

LIST_TIMEOUT = timedelta(minutes=30)
"""A list of a hundred thousand lines takes a minute to write as a workbook, and may be written
twice; the mail server may take ten minutes to answer. A worker that dies is noticed by its
heartbeat."""

LOOK_AGAIN_AFTER = timedelta(days=30)
"""An overdue settlement is looked at now and then even if nothing comes."""

MAILING_TIMEOUT = timedelta(days=1)
"""Two pages of five hundred letters, eight at a time, even if the mail server takes its ten minutes
for each of them; a worker that dies is noticed by its heartbeat."""

MAILING_HEARTBEAT = timedelta(seconds=15)
"""Whoever sends a page beats every few seconds: a worker that died is noticed after this."""

MAILING_PAUSE = timedelta(minutes=1)
"""Before letters that were not taken are tried again; doubled up to an hour while none is."""

MAILING_PAUSE_AT_MOST = timedelta(hours=1)

MAILING_SWEEPS = 30
"""Sweeps that send nothing at all, about a day of them, before a caseworker is asked to look."""

EVENTS_TIMEOUT = timedelta(hours=1)
"""Two hundred posts, each answered after the 15 s that it may take; a worker that dies is noticed
by its heartbeat."""

EVENTS_HEARTBEAT = timedelta(seconds=30)
"""It beats every two seconds: a worker that died is noticed after this."""

EVENTS_PAUSE = timedelta(minutes=1)
"""Before it is looked whether anything has happened: so old an event may be when it is posted."""

EVENTS_RETRY = timedelta(seconds=10)
EVENTS_DOUBLINGS = 9
EVENTS_RETRY_AT_MOST = timedelta(hours=1)
"""Before a consumer is tried again that did not take an event: doubled up to an hour, a fifth more
or less, so that those that were down together do not come back at one stroke."""

EVENTS_GIVE_UP_AFTER = timedelta(days=3)
"""A weekend is over by then, and whoever runs it has seen that it is down."""

RENEW_RUN_AFTER_EVENTS = 2000
"""A run over all members keeps nothing but counts, and hands those to the next one."""

REPRICING_TIMEOUT = timedelta(minutes=10)
"""A page of members told of new prices at a bounded rate, on a busy server."""

REPRICING_HEARTBEAT = timedelta(seconds=30)
"""It beats with every handful of members: a worker that died is noticed after this."""

REPRICING_PAUSE = timedelta(seconds=2)
REPRICING_PAUSE_EACH = timedelta(milliseconds=40)
REPRICING_PAUSE_AT_MOST = timedelta(hours=1)
"""Before it is looked who has not planned anew: so long the memberships take, one by one."""

ANNOUNCING_TIMEOUT = timedelta(hours=2)
"""Letters for everybody, page by page; where rules change, each member is planned once before."""

REFRESH_PAUSE = timedelta(seconds=5)
"""Between two pages of records that are brought up to date: nobody waits for them."""

BANK_FILE_TIMEOUT = timedelta(minutes=30)
"""A file of a whole union is booked in one transaction; a busy database is given time for it."""

BANK_FILE_HEARTBEAT = timedelta(seconds=30)
"""It beats every few seconds: a worker that died is noticed after this."""

ERASURE_PAUSE = timedelta(days=1)
"""What keeps somebody ends by somebody's doing: it is looked at every day."""

ERASURE_LETTERS_PAUSE = timedelta(seconds=30)
"""Before it is looked whether a letter has gone out; doubled each time."""

ERASURE_TIMEOUT = timedelta(hours=1)
"""A life of forty years has as many runs, and the server deletes them one by one."""

AUDIT_TIMEOUT = timedelta(hours=1)
"""All running memberships, read a thousand at a time, beside the server's other work."""

AUDIT_LAG = timedelta(minutes=3)
"""A decision, its row and the server's index agree long before: who differs still has drifted."""

AUDIT_PAUSE = timedelta(minutes=10)
AUDIT_PAUSES = 36
"""A dues run takes minutes. One that hangs for six hours is no reason to compare nothing."""

RENEW_AFTER = timedelta(days=365)
"""A run lasts a year at most: nobody waits longer than that for code that can't replay it, and a
version of the workers is no longer needed a year after the next one came."""

RENEW_AFTER_EVENTS = 500
"""Replay costs about 0.3 ms an event, and a worker that lost its cache replays everybody."""
