"""Signatures by Standard Webhooks, and where secrets are."""

import base64
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from activities.events.posting import wait_of
from activities.events.signing import NoSecret, read_secret, signature
from tests.events.receiver import OTHER, SECRET

SPECIFICATION = (
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "msg_p5jXN8AQM9LWM0D4loKWxJek",
    1614265330,
    '{"test": 2432232314}',
    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
)
"""The example of the specification's own libraries: secret, id, second, body, signature."""


def test_as_the_specification_signs():
    """The known example, and of two secrets one after the other."""
    secret, message_id, second, body, expected = SPECIFICATION
    at = datetime.fromtimestamp(second, UTC)
    assert signature([secret], message_id, at, body) == expected
    both = signature([OTHER, secret], message_id, at, body).split(" ")
    assert both[1] == expected
    assert len(both) == 2


def test_a_receiver_verifies_it():
    """Letters beyond ASCII as well; nothing that was changed, nor what somebody else signed."""
    at = datetime.now(UTC)  # the library holds it against the machine's clock
    body = '{"æ": "ø"}'
    headers = {
        "webhook-id": "1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature([SECRET], "1", at, body),
    }
    assert Webhook(SECRET).verify(body, headers) == {"æ": "ø"}
    for secret, text, changed in (
        (OTHER, body, headers),
        (SECRET, body + " ", headers),
        (SECRET, body, headers | {"webhook-id": "2"}),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(text, changed)


def test_a_secret_is_read_where_it_stands(tmp_path):
    """A file, whose last line may end, or a variable of that name."""
    file = tmp_path / "crm"
    file.write_text(f"{SECRET}\n")
    assert read_secret(f"file:{file}") == SECRET
    variables = {"MEDLEMSFLYT_WEBHOOK_CRM": SECRET}
    assert read_secret("env:MEDLEMSFLYT_WEBHOOK_CRM", variables) == SECRET


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        ("env:DATABASE_URL", SECRET),
        ("env:MEDLEMSFLYT_WEBHOOK_CRM", ""),
        ("env:MEDLEMSFLYT_WEBHOOK_CRM", "whsec_" + base64.b64encode(b"x" * 23).decode()),
        ("env:MEDLEMSFLYT_WEBHOOK_CRM", "whsec_" + base64.b64encode(b"x" * 65).decode()),
        ("env:MEDLEMSFLYT_WEBHOOK_CRM", base64.b64encode(b"x" * 32).decode()),
        ("env:MEDLEMSFLYT_WEBHOOK_CRM", "whsec_Kari Nordmann"),
        ("file:/nowhere/at/all", ""),
        ("file:/proc/self/mem", ""),
        ("whsec_" + base64.b64encode(b"x" * 32).decode(), ""),
    ],
)
def test_what_can_not_sign_is_refused(reference, value):
    """And nothing of it is said."""
    with pytest.raises(NoSecret) as caught:
        read_secret(reference, {reference.removeprefix("env:"): value})
    assert not value or value not in str(caught.value)
    assert "eHh4" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (b"0", 0),
        (b" 30 ", 30),
        (b"99999999999999999999", 86_400),
        (b"-1", None),
        (b"1.5", None),
        (b"\xff", None),
        (b"", None),
        (b"Fri, 31 Dec 1999 23:59:59 GMT", 0),
        (b"Fri, 31 Dec 2199 23:59:59 GMT", 86_400),
        (b"Fri, 31 Dec 1999 23:59:59", None),
        (b"Fri, 99 Dec 1999 23:59:59 GMT", None),
    ],
)
def test_how_long_to_wait_is_read(text, seconds):
    """Seconds or a date, a day at most; what is neither counts for nothing."""
    assert wait_of(text) == seconds
