"""The id that an update goes under: what its sender chose, and in which words they chose it.

Temporal answers an update that comes again under its id without asking anybody whose it is, or what
it says. So the gateway puts behind each id who sends it, what, and a mark of all that it says: only
the same, sent again by the same, is ever the same to Temporal. To a membership what was chosen
counts once, whoever chose it (ADR 111).
"""

import re
from hashlib import sha256
from typing import NamedTuple

SUFFIX = "~[0-9a-f]{16}~[a-z_]+~[0-9a-f]{16}"
"""What the gateway puts behind an id, as a pattern of Python's and of PostgreSQL's."""

MARK = 16
"""Letters of a mark: nobody finds another text with the same one by trying."""

_OURS = re.compile(f"(?s)(.+)({SUFFIX})")


class Sent(NamedTuple):
    """An id as the gateway has sent it on.

    Attributes:
        chosen: as its sender knows it.
        sender: a mark of who that is.
        message: its name.
        content: a mark of what it says; only a gateway can make it.
    """

    chosen: str
    sender: str
    message: str
    content: str


def bound_to(update_id: str, subject: str, message: str, content: str) -> str:
    """Return the id under which Temporal is sent an update.

    Args:
        update_id: as its sender chose it; empty: none was chosen, and Temporal makes one.
        subject: of who sends it.
        message: its name.
        content: a mark of what it says, from hexadecimal digits, ``MARK`` of them or more.
    """
    if not update_id:
        return ""
    whose = sha256(subject.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{update_id}~{whose[:MARK]}~{message}~{content[:MARK]}"


def sent_as(update_id: str) -> Sent | None:
    """Return what stands in an id; None: it did not come through the gateway."""
    found = _OURS.fullmatch(update_id)
    return Sent(found[1], *found[2].split("~")[1:]) if found else None


def as_sent(update_id: str) -> str:
    """Return an id as its sender knows it: under it one message counts, once."""
    sent = sent_as(update_id)
    return sent.chosen if sent else update_id


def why_taken(update_id: str, before: str, name: str, name_before: str) -> str | None:
    """Return why an update is not the one that was applied under the same choice; None: it is.

    Args:
        update_id: under which it came, and
        before: that was applied.
        name: of the message, and
        name_before: of the other.
    """
    if (update_id, name) == (before, name_before):
        return None
    again = f"send {name} under a new one"
    came, was = sent_as(update_id), sent_as(before)
    if (came and came.sender) != (was and was.sender):
        # What somebody else has sent is no business of theirs.
        return f"this update id has been used: {again}"
    if name != name_before:
        return f"{name_before} was applied under this update id: {again}"
    return f"{name} was applied under this update id, and said something else: {again}"
