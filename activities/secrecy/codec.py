"""The codec: what goes to Temporal is encrypted by the key of the membership that it belongs to.

Cipher text is the whole payload as it was, its metadata too; outside stand that it is encrypted,
and a random key id. What can't be opened is passed on as it came, and whoever reads it says so:
an exception here would stop a membership for ever. Only where the keys can't be reached does the
codec wait and then raise, so that nothing is taken for garbage that can be read an hour later.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Self

from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    ActivitySerializationContext,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)

from activities.secrecy.errors import Unreadable
from activities.secrecy.keyring import INTAKE, SERVICE, DataKey, KeyRing, owner_of
from activities.secrecy.sealing import opened, packed, seal, unpacked
from schemas.secrecy.marks import (
    ANSWERS_PLAIN,
    CAME_PLAIN,
    ENCODING,
    ENCRYPTED,
    KEY_ID,
    RENEWS,
    is_key_id,
)

OURS = (RENEWS, CAME_PLAIN, ANSWERS_PLAIN)
"""Marks between us and a workflow, which go no further."""


class Encryption(PayloadCodec, WithSerializationContext):
    """Encrypts and decrypts payloads of a namespace.

    Args:
        ring: the keys.
        namespace: of Temporal; what was encrypted in another is not opened.
        workflow_id: of the workflow whose payloads these are; None: whoever calls says it, and
            our own key encrypts what nobody said.
        marks: whether what comes in plain text is marked so, for a workflow to see.
        plain_clients: whether clients without keys reach Temporal past the gateway: what they ask
            is answered in plain text, and what ``/encode`` encrypted for them is opened.
    """

    def __init__(
        self,
        ring: KeyRing,
        namespace: str,
        workflow_id: str | None = None,
        *,
        marks: bool = False,
        plain_clients: bool = False,
    ) -> None:
        self.ring = ring
        self._namespace = namespace
        self._workflow_id = workflow_id
        self._marks = marks
        self._plain_clients = plain_clients

    def with_context(self, context: SerializationContext) -> Self:
        """Return a codec for the payloads of one workflow."""
        known = WorkflowSerializationContext | ActivitySerializationContext
        workflow_id = context.workflow_id if isinstance(context, known) else None
        return type(self)(
            self.ring,
            self._namespace,
            workflow_id,
            marks=True,
            plain_clients=self._plain_clients,
        )

    async def encode(
        self, payloads: Sequence[Payload], workflow_id: str | None = None
    ) -> list[Payload]:
        """Return each payload encrypted, but for answers to clients that know no keys.

        Args:
            payloads: of any encoding.
            workflow_id: whose they are, where no context says it.

        Raises:
            KeysUnavailable: nothing was written in plain text instead; retryable.
            KeyDestroyed: that membership was erased.
        """
        owner = self._owner(workflow_id) or SERVICE
        return [await self._encoded(one, owner) for one in payloads]

    async def decode(
        self, payloads: Sequence[Payload], workflow_id: str | None = None
    ) -> list[Payload]:
        """Return each payload decrypted; what is plain, or can't be opened, as it came.

        Args:
            payloads: as they stand in a history.
            workflow_id: whose they must be, where no context says it; None: whoever's they are.

        Raises:
            KeysUnavailable: retryable.
        """
        owner = self._owner(workflow_id)
        return [await self._opened(one, owner) for one in payloads]

    async def owners(self, payloads: Sequence[Payload]) -> list[str | None]:
        """Return whose keys open each payload; None: it is plain, or nobody's key opens it.

        Raises:
            KeysUnavailable: retryable.
        """
        return [await self._owner_of(one) for one in payloads]

    async def _owner_of(self, payload: Payload) -> str | None:
        key_id = payload.metadata.get(KEY_ID, b"")
        if payload.metadata.get(ENCODING) != ENCRYPTED or not is_key_id(key_id):
            return None
        key = await self.ring.to_open(key_id.decode())
        return None if key is None else key.owner

    async def destroy(self, workflow_id: str) -> int:
        """Destroy the keys of a membership for good; return how many there were.

        Other processes go on reading with them for minutes (``keyring.LIFE``).

        Raises:
            KeysUnavailable: retryable.
            ValueError: other workflows share their keys.
        """
        owner = owner_of(workflow_id)
        if owner != workflow_id:
            raise ValueError("only a membership has keys of its own")
        return await self.ring.destroy(owner)

    def _owner(self, workflow_id: str | None) -> str | None:
        whose = self._workflow_id if workflow_id is None else workflow_id
        return None if whose is None else owner_of(whose)

    async def _key(self, payload: Payload, owner: str) -> DataKey:
        renews = self._marks and RENEWS in payload.metadata
        return await (self.ring.renew(owner) if renews else self.ring.to_seal(owner))

    async def _encoded(self, payload: Payload, owner: str) -> Payload:
        if self._plain_clients and ANSWERS_PLAIN in payload.metadata:
            return _without(payload, OURS)
        return self._sealed(payload, await self._key(payload, owner))

    def _sealed(self, payload: Payload, key: DataKey) -> Payload:
        inner = _without(payload, OURS)
        hidden = seal(key.secret, packed(inner.SerializeToString()), self._bound_to(key))
        metadata = {ENCODING: ENCRYPTED, KEY_ID: key.key_id.encode()}
        return Payload(metadata=metadata, data=hidden)

    async def _opened(self, payload: Payload, owner: str | None) -> Payload:
        if payload.metadata.get(ENCODING) != ENCRYPTED:
            return self._plain(payload)
        key_id = payload.metadata.get(KEY_ID, b"")
        key = await self.ring.to_open(key_id.decode()) if is_key_id(key_id) else None
        intake = self._plain_clients and key is not None and key.owner == INTAKE
        if key is None or (owner not in {None, key.owner} and not intake):
            return payload
        try:
            data = opened(key.secret, payload.data, self._bound_to(key))
            inner = Payload.FromString(unpacked(data))
        except (Unreadable, DecodeError):
            return payload
        inner = _without(inner, (CAME_PLAIN, ANSWERS_PLAIN))
        # No membership's key encrypts it, so it must not stay in the history of one either.
        return self._plain(inner) if intake else inner

    def _plain(self, payload: Payload) -> Payload:
        if not self._marks:
            return payload
        marked = Payload()
        marked.CopyFrom(_without(payload, (ANSWERS_PLAIN,)))
        marked.metadata[CAME_PLAIN] = b"1"
        return marked

    def _bound_to(self, key: DataKey) -> bytes:
        """Return what a cipher text is bound to: it opens nowhere else."""
        return json.dumps([self._namespace, key.owner, key.key_id]).encode()


def _without(payload: Payload, names: Iterable[str]) -> Payload:
    """Return a payload without marks that only we may set."""
    if not any(name in payload.metadata for name in names):
        return payload
    bare = Payload()
    bare.CopyFrom(payload)
    for name in names:
        bare.metadata.pop(name, None)
    return bare
