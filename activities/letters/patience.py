"""How long a letter waits that was not taken, and when people are asked. A table of reasons."""

from datetime import timedelta

WAITS = (
    timedelta(0),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
)
"""After the first, second … refusal of a letter. The first may be over in the next moment, and the
activity's own pauses bound it; greylisting is over in minutes; a limit of the day takes hours."""

WAITS_UNANSWERED = (timedelta(minutes=15), timedelta(hours=2))
"""After the first and the second hand-over that nobody answered: each may have arrived. So long a
relay that is slow needs to empty its queue. After the third a caseworker is asked."""

ASK_AFTER = timedelta(days=1)
"""What is ours to mend has a task by then; the letter stays open, and goes out once it is."""

GIVE_UP_AFTER = timedelta(days=5)
"""What is its reader's to mend is tried for as long as mail servers do (RFC 5321, 4.5.4.1)."""


def wait_after(refusals: int) -> timedelta:
    """Return how long a letter waits after so many refusals in a row, from 1."""
    return WAITS[min(refusals, len(WAITS)) - 1]


def wait_unanswered(hand_overs: int) -> timedelta | None:
    """Return how long a letter waits after so many unanswered hand-overs; None: for ever."""
    return WAITS_UNANSWERED[hand_overs - 1] if hand_overs <= len(WAITS_UNANSWERED) else None
