"""`medlemsflyt resend` and `bounces`, and what `show`, `inbox` and `tasks` tell of lost letters."""

import asyncio
from email import message_from_bytes, policy

import pytest

from tests.letters import dsn
from tests.life import PATIENCE_SECONDS, application


@pytest.fixture
async def welcome(apply):
    """A member, and the opaque id of the welcome letter that has gone out."""
    life = await apply(application())
    await life.approve()
    await life.settle()
    found = await life.pool.fetchval(
        "SELECT message_id FROM letters WHERE membership_id = $1 AND template = 'welcome'",
        life.id,
    )
    return life, found


async def mails_with(life, reference, count):
    """Return the mails with a reference once there are so many; each file is read once."""
    looked_at = set()
    found = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            for file in set(life.mail_dir.glob("*.eml")) - looked_at:
                looked_at.add(file)
                if reference.encode() in (written := file.read_bytes()):
                    mail = message_from_bytes(written, policy=policy.default)
                    found += [mail] if mail["X-Reference"] == reference else []
            if len(found) >= count:
                return found
            await asyncio.sleep(0.1)


async def test_a_letter_that_came_back_is_seen_and_sent_again(cli, welcome, tmp_path):
    """A report marks it; show, inbox and tasks tell; resend sends it, and nothing is left."""
    life, letter = welcome
    report = tmp_path / "report.eml"
    report.write_bytes(dsn.postfix(letter))
    ran = await cli("bounces", str(report), "--json")
    assert (ran.code, [one["outcome"] for one in ran.json["reports"]]) == (0, ["bounced"])
    assert letter in (await cli("show", life.id)).out
    (lost,) = [
        row
        for row in (await cli("inbox", "--json")).json["lost_letters"]
        if row["membership_id"] == life.id
    ]
    assert (lost["letter"], lost["why"]) == (letter, "came back later (550 5.1.1)")
    says = [t["says"] for t in (await cli("tasks", "--json")).json["tasks"]]
    assert any(f"medlemsflyt resend {letter}" in one for one in says)
    ran = await cli("resend", letter, "--by", "Ola", "--json")
    assert (ran.code, ran.json["of"], ran.json["membership_id"]) == (0, letter, life.id)
    # The mail folder keeps one file a Message-ID: the copy has another one.
    assert len(await mails_with(life, letter, 2)) == 2
    assert letter not in (await cli("show", life.id)).out
    ran = await cli("resend", "0" * 40, "--by", "Ola")
    assert (ran.code, ran.out) == (1, f"Refused: there is no letter {'0' * 40}.\n")


async def test_a_corrected_address_gets_what_came_back(cli, welcome, tmp_path):
    """supply_information with another e-mail address: the letter goes there by itself."""
    life, letter = welcome
    report = tmp_path / "box"
    report.write_bytes(b"From mailer Mon\n" + dsn.exchange(letter))
    assert (await cli("bounces", str(tmp_path))).code == 0
    await life.update(
        "supply_information",
        {"information": "My address", "applicant": {"email": f"new-{letter[:8]}@straße.de"}},
    )
    await life.settle()
    status = "SELECT status FROM letters WHERE message_id = $1"
    assert await life.pool.fetchval(status, letter) == "sent"
    (mail,) = await mails_with(life, letter, 1)
    assert str(mail["To"]) == f"new-{letter[:8]}@xn--strae-oqa.de"
    open_tasks = "SELECT count(*) FROM tasks WHERE membership_id = $1 AND closed_on IS NULL"
    assert await life.pool.fetchval(open_tasks, life.id) == 0


async def test_what_is_no_report_is_told(cli, tmp_path):
    """Exit code 1, and the mail is named; a folder that can't be read is a sentence."""
    (tmp_path / "1.eml").write_bytes(dsn.QUESTION)
    (tmp_path / "2.eml").write_bytes(dsn.OUT_OF_OFFICE)
    ran = await cli("bounces", str(tmp_path))
    assert (ran.code, ran.out) == (1, "1.eml: unreadable\n2.eml: ignored\n2 read.\n")
    ran = await cli("bounces", str(tmp_path / "nowhere"))
    assert (ran.code, ran.err[:17]) == (2, "Nothing was read:")
