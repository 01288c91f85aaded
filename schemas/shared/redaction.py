"""What may be said of an exception outside the process: where it arose, never with which values.

An exception of a library quotes what it met: a row, an address, a line of a file. The text of our
own carries ids and reasons only (invariants 8 and 14), so it stands; of all others a log or a
history gets the type, and what a number or a name of ours tells. Libraries are told apart by the
attributes of their exceptions: nothing here depends on them.
"""

import os

OUR_PACKAGES = frozenset({"schemas", "workflows", "activities", "workers"})
REFUSALS = "temporalio.exceptions"
"""Raised by us, or made of a failure that was redacted where it arose."""

MAX_CHAIN = 10
"""Causes that are followed; a chain is longer only when something raises in a circle."""


def redacted_text(error: BaseException) -> str:
    """Return what may be said of an exception besides its type; empty when nothing may."""
    module = type(error).__module__
    if module.partition(".")[0] in OUR_PACKAGES or module == REFUSALS:
        return str(error)
    sqlstate = getattr(error, "sqlstate", None)
    if sqlstate:
        constraint = getattr(error, "constraint_name", None)
        return f"{sqlstate} ({constraint})" if constraint else str(sqlstate)
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno)
    # Of a gRPC call the status' name, of a mail server's or web server's answer its number.
    status = getattr(getattr(error, "status", None), "name", None) or getattr(error, "code", None)
    return str(status) if isinstance(status, int | str) else ""


def redacted(error: BaseException, depth: int = MAX_CHAIN) -> BaseException:
    """Return a copy of an exception that says no values: its type's name, its frames, its causes.

    Args:
        error: left as it is.
        depth: how many causes are followed.
    """
    if isinstance(error, BaseExceptionGroup):
        parts = [part if depth == 0 else redacted(part, depth - 1) for part in error.exceptions]
        copy: BaseException = BaseExceptionGroup("several failed", parts)
    else:
        kind = type(type(error).__name__, (Exception,), {"__module__": type(error).__module__})
        copy = kind(*filter(None, (redacted_text(error),)))
    copy.__traceback__ = error.__traceback__
    if depth:
        cause, context = error.__cause__, error.__context__
        copy.__cause__ = redacted(cause, depth - 1) if cause is not None else None
        copy.__context__ = redacted(context, depth - 1) if context is not None else None
    copy.__suppress_context__ = error.__suppress_context__
    return copy
