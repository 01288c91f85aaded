"""What goes to Temporal is cipher text, and what can't be opened disturbs nobody (ADR 68)."""

import asyncio
import json
import secrets

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    ActivitySerializationContext,
    DataConverter,
    DefaultPayloadConverter,
    WorkflowSerializationContext,
)

from activities.secrecy.codec import Encryption
from activities.secrecy.errors import KeyDestroyed
from activities.secrecy.keyring import INTAKE, SERVICE, owner_of
from activities.secrecy.sealing import seal
from schemas.secrecy.marks import ANSWERS_PLAIN, CAME_PLAIN, RENEWS
from tests.secrecy.conftest import a_membership, plain
from workers.encryption import converter_for


async def test_a_payload_comes_back_whole_and_shows_nothing(process):
    """Another process reads it with its metadata; outside stand a random key id and no more."""
    stamped = plain()
    stamped.metadata["medlemsflyt-actor"] = b"Kanari"
    member = a_membership()
    [hidden] = await process().encode([stamped], member)
    assert b"Kanari" not in hidden.SerializeToString()
    assert set(hidden.metadata) == {"encoding", "encryption-key-id"}
    assert await process().decode([hidden], member) == [stamped]
    assert await process().decode([hidden]) == [stamped]


async def test_the_same_payload_is_never_the_same_cipher_text(process):
    """Who compares two histories learns nothing."""
    codec, member = process(), a_membership()
    one, another = await codec.encode([plain(), plain()], member)
    assert one.data != another.data


async def test_what_is_large_is_made_smaller_before_nothing_can_make_it_so(process):
    """Of a record's JSON a third is kept in histories, and it comes back whole; so does noise."""
    member, codec = a_membership(), process()
    record = plain(json.dumps([{"employer": "974760673", "from_on": f"2026-{n % 12 + 1:02}-01"}
                               for n in range(100)]))  # fmt: skip
    [hidden] = await codec.encode([record], member)
    assert len(hidden.data) < record.ByteSize() / 3
    for one in (record, Payload(data=b"\xff" * 600), Payload(data=secrets.token_bytes(4_000))):
        assert await codec.decode(await codec.encode([one], member), member) == [one]


async def test_what_was_encrypted_as_it_was_opens_too(process):
    """Histories have it, from before anything was made smaller."""
    member, codec = a_membership(), process()
    large = plain("x" * 2_000)
    key = await codec.ring.to_seal(member)
    data = seal(key.secret, large.SerializeToString(), codec._bound_to(key))
    [hidden] = await codec.encode([plain()], member)
    assert await codec.decode([changed(hidden, data=data)], member) == [large]


async def test_a_converter_knows_whose_payloads_these_are_and_makes_nothing_anew(process):
    """There is one for every task of a workflow, and every activity."""
    made = []

    class Counted(DefaultPayloadConverter):
        def __init__(self) -> None:
            made.append(self)
            super().__init__()

    plain_one = DataConverter(payload_converter_class=Counted)
    converter = converter_for(plain_one, process())
    before, member = len(made), a_membership()
    theirs = converter.with_context(WorkflowSerializationContext("default", member))
    assert len(made) == before
    [hidden] = await theirs.encode(["Kanari"])
    assert await process().owners([hidden]) == [member]
    [ours] = await converter.encode(["Kanari"])
    assert await process().owners([ours]) == [SERVICE]


def context_of(member: str) -> ActivitySerializationContext:
    """The context of an activity of a membership."""
    return ActivitySerializationContext(
        namespace="default", activity_id="1", activity_type="keep", activity_task_queue="q",
        workflow_id=member, workflow_type="Membership", is_local=False,
    )  # fmt: skip


async def test_workflow_and_activity_share_the_membership_s_key(process):
    """An activity's input, result and heartbeat belong to the membership that asked for it."""
    member = a_membership()
    deciding = process().with_context(WorkflowSerializationContext("default", member))
    acting = process().with_context(context_of(member))
    [hidden] = await deciding.encode([plain()])
    assert await acting.decode([hidden]) == [plain()]


def changed(payload: Payload, **changes: bytes) -> Payload:
    """Return a payload with other data or another key id."""
    other = Payload()
    other.CopyFrom(payload)
    if "data" in changes:
        other.data = changes["data"]
    if "key_id" in changes:
        other.metadata["encryption-key-id"] = changes["key_id"]
    return other


SPOILT = {
    "garbage": lambda p: changed(p, data=b"\x00\xff" * 40),
    "nothing": lambda p: changed(p, data=b""),
    "cut": lambda p: changed(p, data=p.data[:-1]),
    "a cut nonce": lambda p: changed(p, data=p.data[:5]),
    "one bit": lambda p: changed(p, data=p.data[:-1] + bytes([p.data[-1] ^ 1])),
    "a key of nobody": lambda p: changed(p, key_id=b"0" * 32),
    "no key id": lambda p: changed(p, key_id=b""),
    "a key id of NULs": lambda p: changed(p, key_id=b"\x00" * 32),
    "a key id in no alphabet": lambda p: changed(p, key_id=b"\xff\xfe"),
    "a key id with a statement": lambda p: changed(p, key_id=b"'; DROP SCHEMA keys --"),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
async def test_what_is_spoilt_is_passed_on_as_it_came(process, spoil):
    """Nothing is raised: whoever reads it says what it is."""
    member = a_membership()
    [hidden] = await process().encode([plain()], member)
    spoilt = spoil(hidden)
    assert await process().decode([spoilt, hidden], member) == [spoilt, plain()]


async def test_cipher_text_opens_in_its_own_place_only(process):
    """Copied to another membership, another namespace or under another key it stays closed."""
    mine, other = a_membership(), a_membership()
    [hidden] = await process().encode([plain()], mine)
    [theirs] = await process().encode([plain()], other)
    assert await process().decode([hidden], other) == [hidden]
    assert await process("elsewhere").decode([hidden], mine) == [hidden]
    mixed = changed(hidden, key_id=theirs.metadata["encryption-key-id"])
    assert await process().decode([mixed], other) == [mixed]
    assert await process().decode([hidden], "dues-run-2026-12") == [hidden]


async def test_our_own_key_opens_no_membership(process):
    """What a run for all members, or the intake, has written is no message to a member."""
    for own in ("dues-run-2026-12", INTAKE):
        [hidden] = await process().encode([plain()], own)
        assert await process().decode([hidden], a_membership()) == [hidden]
        assert await process().decode([hidden], own) == [plain()]


def test_an_id_that_says_something_gets_no_row():
    """A stranger's workflow id may hold a name: it does not get into the table of keys."""
    assert owner_of("membership-Kanari-12848612345") == SERVICE
    assert owner_of("membership-") == SERVICE
    assert owner_of("scheduled-dues-run-2026-12-01T02:30:00Z") == SERVICE
    member = a_membership()
    assert owner_of(member) == member


async def test_two_processes_that_begin_together_share_one_key(process, shared_pool):
    """The first key of a membership is made once, whoever asks."""
    member = a_membership()
    codecs = [process() for _ in range(6)]
    found = await asyncio.gather(*(codec.encode([plain()], member) for codec in codecs))
    assert len({hidden.metadata["encryption-key-id"] for [hidden] in found}) == 1
    kept = await shared_pool.fetchval(
        "SELECT count(*) FROM keys.data_keys WHERE owner = $1", member
    )
    assert kept == 1


async def test_a_run_that_ends_hands_over_under_a_new_key(process):
    """What it carries, and all that follows, is encrypted by the next generation."""
    member = a_membership()
    codec = process().with_context(WorkflowSerializationContext("default", member))
    [before] = await codec.encode([plain()])
    carried = plain('{"version": 3}')
    carried.metadata[RENEWS] = b"1"
    [handed_over] = await codec.encode([carried])
    [after] = await codec.encode([plain()])
    keys = [one.metadata["encryption-key-id"] for one in (before, handed_over, after)]
    assert keys[0] != keys[1] == keys[2]
    assert await codec.decode([handed_over]) == [plain('{"version": 3}')]
    # A process that has read the new key writes by it as well.
    other = process().with_context(WorkflowSerializationContext("default", member))
    await other.decode([before, after])
    assert (await other.encode([plain()]))[0].metadata["encryption-key-id"] == keys[1]


async def test_a_plain_payload_passes_and_a_workflow_can_tell(process):
    """Recorded histories and foreign clients are read; the mark is never written."""
    member = a_membership()
    codec = process().with_context(WorkflowSerializationContext("default", member))
    [seen] = await codec.decode([plain()])
    assert (seen.data, seen.metadata[CAME_PLAIN]) == (plain().data, b"1")
    [hidden] = await codec.encode([seen])
    assert await codec.decode([hidden]) == [plain()]
    assert await process().decode([plain()]) == [plain()]


async def test_a_destroyed_key_is_gone_and_no_other_is_made(process):
    """What was written stays cipher text for ever, and nothing is written plain instead."""
    member, neighbour = a_membership(), a_membership()
    codec = process()
    [hidden] = await codec.encode([plain()], member)
    [theirs] = await codec.encode([plain()], neighbour)
    assert await codec.destroy(member) == 1
    assert await codec.destroy(member) == 0
    for one in (codec, process()):
        assert await one.decode([hidden], member) == [hidden]
        with pytest.raises(KeyDestroyed):
            await one.encode([plain()], member)
        assert await one.decode([theirs], neighbour) == [plain()]
    with pytest.raises(ValueError, match="keys of its own"):
        await codec.destroy("dues-run-2026-12")


def serving(codec: Encryption, member: str) -> Encryption:
    """The codec of a workflows worker that serves clients without keys."""
    made = Encryption(codec.ring, "default", plain_clients=True)
    return made.with_context(WorkflowSerializationContext("default", member))


def marked(name: str) -> Payload:
    """A payload with a mark in its metadata."""
    payload = plain()
    payload.metadata[name] = b"1"
    return payload


async def test_an_answer_to_who_knows_no_keys_stays_readable(process):
    """Where such clients are served; elsewhere it is encrypted, and the mark goes nowhere."""
    member, codec = a_membership(), process()
    [answer] = await serving(codec, member).encode([marked(ANSWERS_PLAIN)])
    assert answer == plain()
    [hidden] = await codec.encode([marked(ANSWERS_PLAIN)], member)
    assert await codec.decode([hidden], member) == [plain()]


async def test_a_stranger_s_mark_answers_nothing(process):
    """What comes with our mark on it, plain or encrypted, is passed on without it."""
    member, codec = a_membership(), process()
    [read] = await serving(codec, member).decode([marked(ANSWERS_PLAIN)])
    assert set(read.metadata) == {"encoding", CAME_PLAIN}


async def test_what_was_encrypted_before_it_was_known_whose_it_is(process):
    """It is read where clients come past the gateway, and counts as come in plain text."""
    member, codec = a_membership(), process()
    [sent] = await codec.encode([plain()], INTAKE)
    [read] = await serving(codec, member).decode([sent])
    assert read == marked(CAME_PLAIN)
    behind = codec.with_context(WorkflowSerializationContext("default", member))
    assert await behind.decode([sent]) == [sent]
    [theirs] = await codec.encode([plain()], a_membership())
    assert await serving(codec, member).decode([theirs]) == [theirs]
