"""A mail's headers and bytes."""

from datetime import UTC, date, datetime
from email import message_from_bytes, message_from_string, policy
from email.headerregistry import Address
from email.message import EmailMessage

import pytest

from activities.letters.mail import Mail, dated, make_mail
from activities.letters.mail_bytes import Attachment
from activities.letters.render import Text

TEXT = Text(version=1, subject="En hilsen til deg", plain="Hei, Åse.\n", html="<p>Hei, Åse.</p>")
AT = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)


def mail_to(recipient: str) -> Mail:
    """A letter with an attachment."""
    return make_mail(
        TEXT,
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


def test_a_mail_has_what_it_needs_and_nothing_else() -> None:
    """No list, no unsubscribing, no mailer's name: a letter is one of its kind (invariant 8)."""
    message = message_from_bytes(mail_to("kari@example.org").content, policy=policy.default)
    assert [name for name in message if name != "Content-Type"] == [
        "From",
        "To",
        "Reply-To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "X-Reference",
        "MIME-Version",
    ]
    assert message["Date"] == "Sun, 22 Nov 2026 12:00:00 +0100"
    alternative, _ = message.iter_parts()
    assert alternative.get_content_type() == "multipart/alternative"
    kinds = [(part.get_content_type(), part.get_content_charset()) for part in alternative.walk()]
    # The last is the one that is preferred.
    assert kinds[1:] == [("text/plain", "utf-8"), ("text/html", "utf-8")]


@pytest.mark.parametrize("shown", ["Lederne medlemsservice", "Fagforbundet for ærlige, øst"])
@pytest.mark.parametrize("recipient", ["kari@example.org", "kåre@example.org"])
def test_a_sender_has_a_name(shown: str, recipient: str) -> None:
    """M19: mail readers show it before the address; what comes back goes to the address alone."""
    mail = make_mail(
        TEXT,
        sender="brev@union.example",
        shown=shown,
        reply_to="post@union.example",
        recipient=recipient,
        reference="0" * 40,
        at=AT,
    )
    message = message_from_string(mail.content.decode(), policy=policy.default)
    (sender,) = message["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (shown, "brev@union.example")
    assert mail.sender == "brev@union.example"
    assert str(message["Reply-To"]) == "post@union.example"


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


def by_the_library(mail: Mail, files: tuple[Attachment, ...]) -> bytes:
    """The same letter as the library writes it."""
    message = EmailMessage(policy=policy.SMTPUTF8 if mail.utf8 else policy.SMTP)
    message["From"] = Address(addr_spec="brev@union.example")
    message["To"] = mail.recipient if mail.utf8 else Address(addr_spec=mail.recipient)
    message["Reply-To"] = Address(addr_spec="post@union.example")
    message["Subject"] = TEXT.subject
    message["Date"] = "Sun, 22 Nov 2026 12:00:00 +0100"
    message["Message-ID"] = f"<{'0' * 40}@union.example>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["X-Reference"] = "0" * 40
    message.set_content(TEXT.plain, cte="quoted-printable")
    message.add_alternative(TEXT.html, subtype="html", cte="quoted-printable")
    for each in files:
        message.add_attachment(
            each.content,
            maintype=each.maintype,
            subtype=each.subtype,
            filename=each.filename,
            params={"charset": "utf-8"} if each.maintype == "text" else None,
        )
    parts = (part for part in message.walk() if part.is_multipart())
    for number, part in enumerate(parts):
        part.set_boundary(f"={'0' * 40}={number}")
    return bytes(message)


@pytest.mark.parametrize(
    "address",
    [
        "kari@example.org",
        "kåre@example.org",
        "kari@blåbær.example",
        "o'hara+x=1@example.org",
        "a.b-c_d@sub.domain.example",
    ],
)
@pytest.mark.parametrize(
    "files",
    [
        (),
        (Attachment("faktura.pdf", "application", "pdf", bytes(range(256)) * 9),),
        (
            Attachment("lønn.csv", "text", "csv", "a;ø\n".encode()),
            Attachment("tom.pdf", "application", "pdf", b""),
        ),
    ],
)
def test_it_is_byte_for_byte_what_the_library_writes(
    address: str, files: tuple[Attachment, ...]
) -> None:
    """Whatever the address, and whatever goes with it."""
    mail = make_mail(
        TEXT,
        sender="brev@union.example",
        reply_to="post@union.example",
        recipient=address,
        reference="0" * 40,
        at=AT,
        attachments=files,
    )
    assert mail.content == by_the_library(mail, files)
