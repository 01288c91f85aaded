"""Letters that come back later, by mail: found, marked, asked about, counted once."""

import uuid
from pathlib import Path

import asyncpg
import pytest

from activities.letters.bounce_files import mails_in
from activities.letters.bounce_reports import DeliveryStatus, Report, read_report
from activities.letters.bounces import take_report
from activities.letters.replies import Part, Reply
from activities.letters.settings import NotificationSettings
from schemas.shared.vocabulary import Template
from tests.letters import dsn
from tests.letters.making import (
    TODAY,
    deliver,
    letter_row,
    make_letter,
    make_membership,
    tasks_of,
)

REFERENCE = "0123456789abcdef0123456789abcdef01234567"


def failed(code: int, enhanced: str | None) -> Report:
    """A failure of the letter that is looked for."""
    return Report(DeliveryStatus.FAILED, (REFERENCE,), Reply(code, enhanced, Part.RECIPIENT))


@pytest.mark.parametrize(
    ("content", "report"),
    [
        (dsn.postfix(REFERENCE), failed(550, "5.1.1")),
        (dsn.postfix(REFERENCE, said="552 5.2.2 Mailbox full"), failed(552, "5.2.2")),
        (dsn.postfix(REFERENCE, "delayed"), Report(DeliveryStatus.OTHERWISE, (REFERENCE,))),
        (dsn.postfix(REFERENCE, "delivered"), Report(DeliveryStatus.OTHERWISE, (REFERENCE,))),
        (dsn.exim(REFERENCE), failed(550, "5.1.1")),
        (dsn.exchange(REFERENCE), failed(550, "5.4.1")),
        (dsn.truncated(REFERENCE), Report(DeliveryStatus.NOTHING)),
        (dsn.OUT_OF_OFFICE, Report(DeliveryStatus.ANSWER)),
        (dsn.QUESTION, Report(DeliveryStatus.NOTHING)),
        (b"", Report(DeliveryStatus.NOTHING)),
        (b"\xff\x00\r\n\r\n" * 9, Report(DeliveryStatus.NOTHING)),
    ],
)
def test_what_a_mail_tells(content: bytes, report: Report) -> None:
    """Postfix, Exim and Exchange say the same in their own ways; others say nothing."""
    assert read_report(content) == report


def test_a_report_cut_short_after_the_failure_still_counts() -> None:
    """What it was about may be missing then: it is a stranger's, and a task."""
    whole = dsn.postfix(REFERENCE)
    report = read_report(whole[: whole.index(b"Message-ID")])
    assert (report.told, report.references) == (DeliveryStatus.FAILED, ())


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("550 5.1.1 User unknown", "letter_bounced"),
        ("554 5.7.1 blocked", "letter_returned"),
        ("552 5.2.2 full", "letter_given_up"),
    ],
)
async def test_a_letter_that_comes_back_later_is_a_task(
    pool: asyncpg.Pool, settings: NotificationSettings, said: str, kind: str
) -> None:
    """By the same table as an answer at once; read twice it counts once."""
    member = await make_membership(pool)
    key = await make_letter(pool, member, Template.WELCOME)
    await deliver(pool, settings, member)
    content = dsn.postfix((await letter_row(pool, member, key))["message_id"], said=said)
    returned = await take_report(pool, content, TODAY)
    assert (returned.outcome, returned.membership_id, returned.key) == ("bounced", member, key)
    row = await letter_row(pool, member, key)
    assert (row["status"], row["note"]) == ("bounced", f"came back later ({said[:9]})")
    assert await tasks_of(pool, member) == [kind]
    assert (await take_report(pool, content, TODAY)).outcome == "known"
    assert await tasks_of(pool, member) == [kind]


async def test_another_report_of_the_same_letter_changes_nothing(
    pool: asyncpg.Pool, settings: NotificationSettings
) -> None:
    """Several servers may report one letter."""
    member = await make_membership(pool)
    key = await make_letter(pool, member, Template.COVER_BEGINS)
    await deliver(pool, settings, member)
    reference = (await letter_row(pool, member, key))["message_id"]
    outcomes = [
        (await take_report(pool, content, TODAY)).outcome
        for content in (
            dsn.postfix(reference, "delayed"),
            dsn.exchange(reference),
            dsn.exim(reference),
        )
    ]
    assert outcomes == ["ignored", "bounced", "known"]
    assert await tasks_of(pool, member) == ["letter_bounced"]


@pytest.mark.parametrize(
    ("content", "outcome", "tasks"),
    [
        (dsn.OUT_OF_OFFICE, "ignored", 0),
        (dsn.QUESTION, "unreadable", 1),
        (dsn.truncated(REFERENCE), "unreadable", 1),
        (dsn.postfix(uuid.uuid4().hex), "stranger", 1),
    ],
)
async def test_what_is_about_no_letter_of_ours_is_not_lost(
    pool: asyncpg.Pool, content: bytes, outcome: str, tasks: int
) -> None:
    """A task names it by an opaque id, once; an automatic answer is passed over."""
    for expected in (outcome, "known"):
        assert (await take_report(pool, content, TODAY)).outcome == expected
    found = await pool.fetch("SELECT says FROM tasks WHERE kind = 'mail_report'")
    assert len(found) == tasks
    assert not any("example" in row["says"] for row in found)
    await pool.execute("DELETE FROM tasks WHERE kind = 'mail_report'")


def test_mails_are_found_where_they_lie(tmp_path: Path) -> None:
    """One file, an mbox with a quoted line, a Maildir; hidden files are none."""
    one, two = dsn.exim(REFERENCE), b"Subject: x\n\n>From the start\n"
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "1.mail").write_bytes(one)
    (tmp_path / ".index").write_bytes(b"x")
    (tmp_path / "box").write_bytes(b"From a Mon\n" + one + b"\nFrom b Tue\n" + two)
    assert list(mails_in(tmp_path, 10**6)) == [
        ("box, 1", one + b"\n"),
        ("box, 2", b"Subject: x\n\nFrom the start\n"),
        ("1.mail", one),
    ]
    assert list(mails_in(tmp_path / "new" / "1.mail", 4)) == [("1.mail", one[:4])]
