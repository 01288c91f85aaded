"""Whether a message was sent by who its stamp says: the one place that looks at signatures.

The answer is part of what an activity answers, and so stands in the workflow's history: whatever
keys a worker knows later, what was decided stays so (ADR 72).
"""

from dataclasses import dataclass, field

from temporalio import activity

from schemas.access.signing import Ring, SigningKey, check_signature
from schemas.access.stamps import BadStamp, Claims, Stamp

UNSIGNED = "is not signed: send it through the gateway, or with a key of your own"


@dataclass(frozen=True)
class Signatures:
    """Whose signatures are believed.

    Attributes:
        ring: the keys.
        required: a message without a stamp is refused.
        own: what this service signs with; None: it stamps nothing.
    """

    ring: Ring = field(default_factory=dict)
    required: bool = False
    own: SigningKey | None = None

    def sender(self, stamp: Stamp | None, to: str, message: str) -> Claims | None:
        """Return who sent a message; None: it does not say, and need not.

        Args:
            stamp: that came with it; whether it fits words and time the workflow has seen to.
            to: the workflow it was sent to.
            message: its name.

        Raises:
            BadStamp: nobody who is believed says so, or it has none and must.
        """
        if stamp is None:
            if self.required:
                raise BadStamp(UNSIGNED)
            return None
        claims = check_signature(stamp, self.ring)
        if (claims.workflow_id, claims.message) != (to, message):
            raise BadStamp("its stamp was made for another message")
        return claims


UNKNOWN = Signatures()
"""No key is known, and none is asked for."""


def note_refusal(workflow_id: str, message: str, why: BadStamp) -> None:
    """Log that a message was refused: by its ids alone, and with our own words."""
    activity.logger.warning(
        "message.refused",
        extra={"workflow_id": workflow_id, "message_name": message, "why": str(why)},
    )
