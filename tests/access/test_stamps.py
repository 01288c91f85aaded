"""Stamps: what holds, and everything that does not, each with its reason."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from schemas.access.roles import AccessRole
from schemas.access.signing import SigningKey, Voucher, stamped, verified
from schemas.access.stamps import ACTOR_KEY, SIGNATURE_KEY, Actor, BadStamp

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
DATA = b'{"decision":"approve","caseworker":"kari"}'
TO = "membership-3f2b8c1e-5d64-4a7f-9e0b-6c1d2a3b4c5d"

GATEWAY = SigningKey("gateway-1", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OPERATOR = SigningKey("operator-1", Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
SERVICE = SigningKey("service-1", Ed25519PrivateKey.from_private_bytes(bytes(range(2, 34))))
RING = {
    "gateway-1": Voucher(GATEWAY.public),
    "operator-1": Voucher(OPERATOR.public, subject="operator-7"),
    "service-1": Voucher(SERVICE.public, service=True),
}


def actor(**other):
    """Return a caseworker, or somebody else."""
    said = {
        "subject": "idp|17",
        "name": "Ola Nordås",
        "roles": frozenset({AccessRole.CASEWORKER}),
        "issued_at": NOW,
        "nonce": "n" * 22,
    }
    return Actor.model_validate(said | other)


def stamp(key=GATEWAY, *, data=DATA, to=TO, message="decide_application", **other):
    """Return the metadata of a payload that somebody stamped."""
    who = actor(**other)
    plain = {"encoding": b"json/plain"}
    return plain | stamped(data, who, namespace="default", workflow_id=to, message=message, key=key)


def looked_at(metadata, **other):
    """Return who sent a message to an ordinary membership, or why the stamp does not hold."""
    said: dict[str, Any] = {
        "data": DATA,
        "namespace": "default",
        "workflow_id": TO,
        "message": "decide_application",
        "now": NOW + timedelta(minutes=5),
        "valid_for": timedelta(hours=24),
        "ring": RING,
    }
    try:
        return verified(metadata, **(said | other))
    except BadStamp as why:
        return str(why)


def test_a_stamp_says_who_sent_it():
    """Subject, name, roles and time come back as the gateway knew them."""
    claims = looked_at(stamp())
    assert (claims.subject, claims.name) == ("idp|17", "Ola Nordås")
    assert claims.roles == {AccessRole.CASEWORKER}
    assert (claims.issued_at, claims.key_id) == (NOW, "gateway-1")


def test_a_message_without_a_stamp_is_nobodys():
    """Foreign clients send none; whether that is enough is not decided here."""
    assert looked_at({"encoding": b"json/plain"}) is None


EXPIRED = "its stamp has expired: send it again"
AHEAD = "its stamp is dated ahead"
WORKFLOW = "its stamp was made for another workflow"
MESSAGE = "its stamp was made for another message"
WORDS = "its stamp was made for other words"
FORGED = "its stamp is forged: the signature does not hold"
UNKNOWN = "its stamp is signed by a key that is not known here"
VOUCHES = "its stamp is signed by a key that does not vouch for this actor"
UNREADABLE = "its stamp can't be read"
INCOMPLETE = "its stamp is incomplete"


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"data": DATA.replace(b"approve", b"reject")}, WORDS),
        ({"data": b""}, WORDS),
        ({"workflow_id": TO[:-1] + "e"}, WORKFLOW),
        ({"namespace": "other"}, WORKFLOW),
        ({"message": "reopen"}, MESSAGE),
        ({"now": NOW + timedelta(hours=24, seconds=1)}, EXPIRED),
        ({"now": NOW - timedelta(minutes=2, seconds=1)}, AHEAD),
        ({"ring": {}}, UNKNOWN),
        ({"ring": {"gateway-1": Voucher(OPERATOR.public)}}, FORGED),
        # Whoever wrote the ring wrote half a key: it signs nothing, and nothing is raised.
        ({"ring": {"gateway-1": Voucher(b"short")}}, FORGED),
    ],
)
def test_a_stamp_holds_for_one_message_alone(other, why):
    """Other words, another workflow, message or day, and another key: each refused, and why."""
    assert looked_at(stamp(), **other) == why


@pytest.mark.parametrize("minutes", [-2, 0, 24 * 60])
def test_a_stamp_holds_as_long_as_it_should(minutes):
    """From two minutes ahead, since clocks differ, until a whole day has passed."""
    assert looked_at(stamp(), now=NOW + timedelta(minutes=minutes)).name == "Ola Nordås"


@pytest.mark.parametrize(
    ("key", "said", "why"),
    [
        (OPERATOR, {}, VOUCHES),
        (OPERATOR, {"subject": "operator-7"}, None),
        (OPERATOR, {"subject": "operator-7", "roles": frozenset({AccessRole.SERVICE})}, VOUCHES),
        (GATEWAY, {"roles": frozenset({AccessRole.SERVICE})}, VOUCHES),
        (SERVICE, {"roles": frozenset({AccessRole.SERVICE})}, None),
        # Who has the service's key can't be a caseworker by it.
        (SERVICE, {}, VOUCHES),
        (SERVICE, {"roles": frozenset({AccessRole.SERVICE, AccessRole.CASEWORKER})}, None),
    ],
)
def test_a_key_vouches_for_its_own(key, said, why):
    """A key of one operator, of the service and of the gateway each say who they may say it of."""
    found = looked_at(stamp(key, **said))
    assert found == why if why is not None else found.key_id == key.key_id


def claims(**other):
    """Return claims with something else in them, rightly signed all the same."""
    said = json.loads(stamp()[ACTOR_KEY]) | other
    text = json.dumps({name: value for name, value in said.items() if value is not ...}).encode()
    signature = GATEWAY.private.sign(b"medlemsflyt actor 1\n" + text)
    return {ACTOR_KEY: text, SIGNATURE_KEY: signature}


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        ({ACTOR_KEY: b"{}"}, INCOMPLETE),
        ({SIGNATURE_KEY: b"x" * 64}, INCOMPLETE),
        ({ACTOR_KEY: b"", SIGNATURE_KEY: b""}, INCOMPLETE),
        ({ACTOR_KEY: b"{}", SIGNATURE_KEY: b"x" * 64}, UNREADABLE),
        ({ACTOR_KEY: b"[]", SIGNATURE_KEY: b"x" * 64}, UNREADABLE),
        ({ACTOR_KEY: b"null", SIGNATURE_KEY: b"x" * 64}, UNREADABLE),
        ({ACTOR_KEY: b"\xff\xfe", SIGNATURE_KEY: b"x" * 64}, UNREADABLE),
        ({ACTOR_KEY: b"\x00" * 9, SIGNATURE_KEY: b"x" * 64}, UNREADABLE),
        ({ACTOR_KEY: b"[" * 4_000, SIGNATURE_KEY: b"x" * 64}, UNREADABLE),
        ({ACTOR_KEY: b"{" + b" " * 1_000_000 + b"}", SIGNATURE_KEY: b"x" * 64}, UNREADABLE),
        (stamp() | {SIGNATURE_KEY: b"x" * 63}, UNREADABLE),
        (stamp() | {SIGNATURE_KEY: b"x" * 65}, UNREADABLE),
        (stamp() | {SIGNATURE_KEY: b"\x00" * 64}, FORGED),
        (stamp() | {SIGNATURE_KEY: stamp(OPERATOR)[SIGNATURE_KEY]}, FORGED),
        (stamp() | {SIGNATURE_KEY: GATEWAY.private.sign(stamp()[ACTOR_KEY])}, FORGED),
        (stamp() | {ACTOR_KEY: stamp()[ACTOR_KEY].replace(b"idp|17", b"idp|18")}, FORGED),
        (stamp() | {ACTOR_KEY: stamp()[ACTOR_KEY] + b" "}, FORGED),
        (claims(), None),
        (claims(subject=...), UNREADABLE),
        (claims(subject=""), UNREADABLE),
        (claims(subject=17), UNREADABLE),
        (claims(name="Ola\nBcc: all"), UNREADABLE),
        (claims(name="x" * 201), UNREADABLE),
        (claims(roles=["emperor"]), UNREADABLE),
        (claims(roles="caseworker"), UNREADABLE),
        (claims(issued_at="2026-11-27T12:00:00"), UNREADABLE),
        (claims(issued_at="yesterday"), UNREADABLE),
        (claims(nonce="short"), UNREADABLE),
        (claims(nonce="'; drop table decisions; --"), UNREADABLE),
        (claims(sha256="x" * 64), UNREADABLE),
        (claims(key_id="../../etc"), UNREADABLE),
        (claims(key_id="nobodys"), UNKNOWN),
        # A later version says more: this one reads what it knows.
        (claims(device="laptop"), None),
    ],
)
def test_garbage_ends_in_a_reason(metadata, why):
    """Whatever stands in the metadata is refused with a reason, and nothing else is raised."""
    found = looked_at(metadata)
    assert found == why if why is not None else found.subject == "idp|17"


def test_no_reason_repeats_what_was_sent():
    """Claims may hold anybody's name; the reason stands on pages and in logs."""
    canary = "Kanariqz Fugl"
    for metadata in (claims(name=f"{canary}\n"), claims(roles=[canary]), claims(nonce=canary)):
        assert canary not in looked_at(metadata)
