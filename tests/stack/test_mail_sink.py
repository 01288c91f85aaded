"""The mail sink, over real SMTP and HTTP."""

import email
import email.policy
from email.message import EmailMessage
from http import HTTPStatus

import aiohttp
import aiosmtplib
import pytest

from workers.stack import MailSink
from workers.stack.ports import HOST


@pytest.fixture
async def sink(tmp_path):
    """A sink over a fresh folder."""
    async with MailSink(tmp_path / "mail", tmp_path / "log") as running:
        yield running


def letter(message_id, subject="Velkommen", text="Hei!"):
    """A mail with both bodies and an attachment."""
    mail = EmailMessage()
    mail["Message-ID"] = message_id
    mail["From"] = "Lederne <medlem@example.org>"
    mail["To"] = "kari@example.org"
    mail["Subject"] = subject
    mail.set_content(text)
    mail.add_alternative(f"<p>{text}</p><script>alert(1)</script>", subtype="html")
    mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="faktura.pdf")
    return mail


async def send(sink, mail):
    """Deliver a mail to the sink."""
    await aiosmtplib.send(mail, hostname=HOST, port=sink.smtp_port, start_tls=False)


async def get(sink, path):
    """Fetch a page: status, headers, text."""
    async with aiohttp.ClientSession() as session, session.get(sink.url + path) as answer:
        return answer.status, answer.headers, (await answer.read()).decode(errors="replace")


async def test_one_file_per_message_id(sink):
    """A mail delivered again replaces itself; another Message-ID is another file."""
    await send(sink, letter("<one@example.org>"))
    await send(sink, letter("<one@example.org>", text="Hei igjen!"))
    await send(sink, letter("<two@example.org>"))
    kept = sorted(sink.mail_dir.iterdir())
    assert [path.suffix for path in kept] == [".eml", ".eml"]
    mails = [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in kept
    ]
    texts = {mail["Message-ID"]: mail.get_body(("plain",)).get_content().strip() for mail in mails}
    assert texts == {"<one@example.org>": "Hei igjen!", "<two@example.org>": "Hei!"}


async def test_hostile_message_id_stays_in_the_folder(sink):
    """A Message-ID that looks like a path names no file elsewhere."""
    await send(sink, letter("<../../../outside@example.org>"))
    assert len(list(sink.mail_dir.glob("*.eml"))) == 1


async def test_page_shows_mails_and_runs_nothing(sink):
    """The list and the mail are shown; the letter's own HTML stays in a sandbox."""
    await send(sink, letter("<one@example.org>", subject="Om <ditt> medlemskap"))
    name = next(sink.mail_dir.glob("*.eml")).stem
    _, _, overview = await get(sink, "/")
    assert "Om &lt;ditt&gt; medlemskap" in overview
    assert "faktura.pdf" in overview
    _, _, shown = await get(sink, f"/mail/{name}")
    assert '<iframe sandbox="' in shown
    assert "allow-scripts" not in shown
    assert "<script>" not in shown
    _, headers, html = await get(sink, f"/mail/{name}/letter")
    assert "<p>Hei!</p>" in html
    assert "; sandbox " in headers["Content-Security-Policy"]
    assert "allow-scripts" not in headers["Content-Security-Policy"]
    _, headers, content = await get(sink, f"/mail/{name}/attachment/0")
    assert (headers["Content-Type"], content) == ("application/pdf", "%PDF-1.7")


async def test_unknown_address_is_not_found(sink):
    """What is not a kept mail is answered with 404."""
    for path in ("/mail/nothing", "/mail/..%2F..%2Flog", "/mail/%2e%2e/letter", "/elsewhere"):
        status, _, _ = await get(sink, path)
        assert status == HTTPStatus.NOT_FOUND, path


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:{port}", HTTPStatus.OK),
        ("localhost:{port}", HTTPStatus.OK),
        ("localhost", HTTPStatus.OK),
        ("evil.example", HTTPStatus.FORBIDDEN),
        ("evil.example:{port}", HTTPStatus.FORBIDDEN),
        ("localhost.evil.example", HTTPStatus.FORBIDDEN),
        ("127.0.0.1.evil.example", HTTPStatus.FORBIDDEN),
        ("@localhost", HTTPStatus.FORBIDDEN),
    ],
)
async def test_page_answers_to_this_machines_names_only(sink, host, status):
    """A web page that led its own name here (DNS rebinding) reads no letters."""
    await send(sink, letter("<one@example.org>"))
    name = next(sink.mail_dir.iterdir()).stem
    port = sink.url.rsplit(":", 1)[1]
    async with aiohttp.ClientSession(headers={"Host": host.format(port=port)}) as session:
        for path in ("/", f"/mail/{name}", f"/mail/{name}/source"):
            async with session.get(sink.url + path) as answer:
                assert answer.status == status
                assert ("Hei!" in await answer.text()) is (status is HTTPStatus.OK and path != "/")
