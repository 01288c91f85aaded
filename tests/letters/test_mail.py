"""A mail's headers and bytes."""

from datetime import UTC, date, datetime
from email import message_from_bytes, policy

import pytest

from activities.letters.mail import Attachment, Mail, dated, make_mail
from activities.letters.render import Text
from schemas.shared.vocabulary import Language

TEXT = Text(version=1, subject="En hilsen til deg", plain="Hei, Åse.\n", html="<p>Hei, Åse.</p>")
AT = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)


def mail_to(recipient: str) -> Mail:
    """A letter with an attachment."""
    return make_mail(
        TEXT,
        Language.NB,
        sender="brev@union.example",
        reply_to="post@union.example",
        recipient=recipient,
        reference="0" * 40,
        at=AT,
        attachments=(Attachment("faktura.pdf", "application", "pdf", b"%PDF"),),
    )


def test_the_same_letter_is_the_same_bytes() -> None:
    """A second copy can be told by its Message-ID and differs in nothing."""
    first = mail_to("kari@example.org")
    assert first.content == mail_to("kari@example.org").content
    message = message_from_bytes(first.content, policy=policy.default)
    assert message["Message-ID"] == f"<{'0' * 40}@union.example>"
    assert message["Date"].datetime == AT
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Reference"] == "0" * 40
    assert message["Reply-To"] == "post@union.example"
    assert str(message["From"]) == "brev@union.example"


@pytest.mark.parametrize(
    ("address", "sent_to", "utf8"),
    [
        ("kari@example.org", "kari@example.org", False),
        ("kari@blåbær.example", "kari@xn--blbr-roah.example", False),
        # IDNA 2008: IDNA 2003 made ß an ss, and ς a σ, which are others' domains.
        ("ola@straße.de", "ola@xn--strae-oqa.de", False),
        ("ola@STRAẞE.DE", "ola@xn--strae-oqa.de", False),
        ("ola@strasse.de", "ola@strasse.de", False),
        ("ola@βόλος.example", "ola@xn--nxasmm1c.example", False),
        ("ola@xn--strae-oqa.de", "ola@xn--strae-oqa.de", False),
        ("kåre@example.org", "kåre@example.org", True),
    ],
)
def test_addresses_beyond_ascii(address: str, sent_to: str, utf8: bool) -> None:
    """A domain is sent as mail servers know it; only a local part needs SMTPUTF8."""
    mail = mail_to(address)
    assert (mail.recipient, mail.utf8) == (sent_to, utf8)
    assert str(message_from_bytes(mail.content, policy=policy.default)["To"]) == sent_to


@pytest.mark.parametrize(
    "address",
    ["kari", "a@b, c@d", "a@b\r\nBcc: c@d", "<a@b>", "a b@c", "a@" + "b" * 70 + ".no", ""],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    """Nothing a member typed can add a recipient or a header."""
    with pytest.raises(ValueError):  # noqa: PT011 - idna's own is one too
        mail_to(address)


def test_the_date_never_lies_in_the_future() -> None:
    """A letter sent on its decision's day carries the decision's moment, else that day's start."""
    assert dated(date(2026, 11, 22), AT) == AT
    assert dated(date(2026, 12, 6), AT).isoformat() == "2026-12-06T00:00:00+01:00"
