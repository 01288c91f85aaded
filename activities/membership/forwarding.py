"""Telling another membership of a person, in the name of who has told the first."""

import json

from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.common import RawValue

from activities.shared.signals import tell
from activities.shared.signatures import Signatures, note_refusal
from activities.shared.stamping import stamp
from schemas.access.roles import AccessRole
from schemas.access.stamps import BadStamp
from schemas.membership.decision import Forwarding, SenderCheck

GONE = "the membership it is about can't be told: look for it"


def checked(signatures: Signatures, check: SenderCheck) -> str | None:
    """Return why the sender of a message is not believed; None: they are."""
    try:
        signatures.sender(check.stamp, check.membership_id, check.message)
    except BadStamp as why:
        note_refusal(check.membership_id, check.message, why)
        return str(why)
    return None


async def forward(
    client: Client | None, signatures: Signatures, forwarding: Forwarding
) -> str | None:
    """Send a message on; see ``PersistenceActivities.forward_message``."""
    try:
        sender = signatures.sender(forwarding.stamp, forwarding.membership_id, forwarding.message)
    except BadStamp as why:
        note_refusal(forwarding.membership_id, forwarding.message, why)
        return str(why)
    if client is None or sender is None:
        return GONE
    payload = Payload(
        metadata={"encoding": b"json/plain"}, data=json.dumps(forwarding.data).encode()
    )
    if signatures.own is not None:
        own = {"subject": sender.subject, "name": sender.name}
        roles = frozenset({AccessRole.SERVICE})
        stamp(
            payload, signatures.own, client.namespace, forwarding.to, forwarding.told, roles, **own
        )
    told = await tell(client, forwarding.to, forwarding.told, RawValue(payload))
    return None if told else GONE
