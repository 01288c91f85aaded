"""What this service and its operators send says who sent it, and keys come from files."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue
from temporalio.converter import DataConverter

from activities.shared.stamping import Sender, Stamping
from schemas.access.roles import AccessRole
from schemas.access.signing import verified
from tests.access.making import GATEWAY, RING
from workers.errors import UserError
from workers.settings import load_settings
from workers.signing import door_of, ring_of, sender_of, signatures_of, subject_of

OPERATOR = Sender(GATEWAY, "operator-7", "Kari Lie", frozenset({AccessRole.TEAM_LEAD}))
TO = "membership-3f2b8c1e-5d64-4a7f-9e0b-6c1d2a3b4c5d"


def sent(*values):
    """Return what the client sends of a message with these arguments."""
    stamping = Stamping(OPERATOR, "default", DataConverter.default.payload_converter)
    return stamping.args(values, TO, "resign")


def looked_at(payload):
    """Return who sent it."""
    return verified(
        payload.metadata,
        payload.data,
        namespace="default",
        workflow_id=TO,
        message="resign",
        now=datetime.now(UTC),
        valid_for=timedelta(hours=1),
        ring=RING,
    )


def test_what_an_operator_sends_is_stamped():
    """With one argument, as each message has; each time anew, so that none is taken for another."""
    ((first,), (second,)) = (sent({"received_on": "2026-01-15"}) for _ in range(2))
    assert looked_at(first.payload).name == "Kari Lie"
    assert json.loads(first.payload.data) == {"received_on": "2026-01-15"}
    assert looked_at(first.payload).nonce != looked_at(second.payload).nonce


def test_what_is_stamped_already_stays_so():
    """What the service passes on in somebody's name keeps that."""
    (plain,) = sent({})
    payload = plain.payload
    kept = dict(payload.metadata)
    (again,) = sent(RawValue(payload))
    assert dict(again.payload.metadata) == kept


def test_what_says_nothing_has_no_stamp():
    """A signal without an argument has nothing to stand in."""
    assert list(sent()) == []


def base64_of(key):
    """Return a key as it stands in a file."""
    return base64.b64encode(key).decode()


OWN = {
    "key_id": "gateway-1",
    "private": base64_of(GATEWAY.private.private_bytes_raw()),
    "subject": "operator-7",
    "name": "Kari Lie",
    "roles": ["team_lead"],
}
BELIEVED = {"gateway-1": {"public": base64_of(GATEWAY.public)}}


def settings(tmp_path, own=None, believed=None, **variables):
    """Return settings with files of keys."""
    for name, content in (("SIGNING_KEY", own), ("BELIEVED_KEYS", believed)):
        if content is not None:
            path = tmp_path / name
            path.write_text(content if isinstance(content, str) else json.dumps(content))
            variables[f"MEDLEMSFLYT_{name}_FILE"] = str(path)
    return load_settings(variables)


def test_keys_are_read_from_files(tmp_path):
    """The one that a process signs with, and those that it believes."""
    found = settings(tmp_path, OWN, BELIEVED)
    assert sender_of(found).key.public == GATEWAY.public
    assert sender_of(found).roles == {AccessRole.TEAM_LEAD}
    assert ring_of(found) == {GATEWAY.key_id: RING[GATEWAY.key_id]}
    assert signatures_of(found).required is False


def test_nothing_is_signed_or_believed_without_a_file(tmp_path):
    """As it is on a developer's machine."""
    assert sender_of(settings(tmp_path)) is None
    assert ring_of(settings(tmp_path)) == {}


def test_who_must_sign_must_be_known(tmp_path):
    """A worker that refuses what is unsigned, and believes nobody, does not start."""
    found = settings(tmp_path, MEDLEMSFLYT_REQUIRE_SIGNED_ACTOR="1")
    with pytest.raises(UserError, match="no key is believed"):
        signatures_of(found)


@pytest.mark.parametrize(
    "own",
    [
        "",
        "{",
        "[]",
        {**OWN, "private": "c2hvcnQ="},
        {**OWN, "roles": ["emperor"]},
        {**OWN, "key_id": "../x"},
        {**OWN, "more": 1},
    ],
)
def test_a_file_that_is_none_is_named_and_not_quoted(tmp_path, own):
    """The path is told, and nothing of what stands in it."""
    with pytest.raises(UserError, match="is no file of keys") as error:
        sender_of(settings(tmp_path, own))
    assert "c2hvcnQ" not in str(error.value)


def test_money_takes_a_key_where_messages_do(tmp_path):
    """R6: with no key one person is two by typing another name; the refusal says what to do."""
    required = {"MEDLEMSFLYT_REQUIRE_SIGNED_ACTOR": "1"}
    assert subject_of(settings(tmp_path)) is None
    assert subject_of(settings(tmp_path, OWN, **required)) == "operator-7"
    with pytest.raises(UserError, match="Name yours with MEDLEMSFLYT_SIGNING_KEY_FILE"):
        subject_of(settings(tmp_path, **required))


def test_an_update_is_looked_at_by_what_a_worker_knows(tmp_path):
    """Without public keys what has no stamp is refused, and the rest left to the activity."""
    required = {"MEDLEMSFLYT_REQUIRE_SIGNED_ACTOR": "1"}
    assert door_of(settings(tmp_path)) is None
    unsigned = Payload(data=b"{}")
    stamped = sent({})[0].payload
    for believed, knows in ((None, False), (BELIEVED, True), ({}, False)):
        door = door_of(settings(tmp_path, None, believed, **required))
        assert door is not None
        assert (door(unsigned, TO, "resign") or "").startswith("is not signed")
        assert door(stamped, TO, "resign") is None
        assert (door(stamped, TO, "reopen") is not None) is knows
