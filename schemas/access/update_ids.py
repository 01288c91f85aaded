"""The id that an update goes under: what its sender chose, made that sender's and that message's.

Temporal answers an update that comes again under its id without asking anybody whose it is. So the
gateway puts behind each id who sends it and what: nobody else's is ever the same (ADR 132).
"""

import re
from hashlib import sha256

_OURS = re.compile(r"(?s)((.+)~[0-9a-f]{16})~[a-z_]+")


def bound_to(update_id: str, subject: str, message: str) -> str:
    """Return the id under which Temporal is sent an update.

    Args:
        update_id: as its sender chose it; empty: none was chosen, and Temporal makes one.
        subject: of who sends it.
        message: its name.
    """
    if not update_id:
        return ""
    whose = sha256(subject.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{update_id}~{whose}~{message}"


def chosen_by(update_id: str) -> str:
    """Return what of an id is one sender's choice: under it one message counts, once.

    What came past the gateway is its sender's choice as a whole.
    """
    found = _OURS.fullmatch(update_id)
    return found[1] if found else update_id


def as_sent(update_id: str) -> str:
    """Return an id as its sender knows it."""
    found = _OURS.fullmatch(update_id)
    return found[2] if found else update_id


def begin_of(update_id: str) -> str | None:
    """Return how each id begins that the same sender chose alike; None: it is no gateway's."""
    found = _OURS.fullmatch(update_id)
    return f"{found[1]}~" if found else None
