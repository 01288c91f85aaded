"""Letters that are not taken, and letters that nobody answers: kept, bounded, never forgotten."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from activities.letters.errors import DeliveryFailed
from activities.letters.patience import wait_after, wait_unanswered
from activities.letters.settings import NotificationSettings
from schemas.shared.vocabulary import Template
from tests.letters.mailserver import MailServer
from tests.letters.making import (
    CASEWORKERS,
    MEMBER,
    deliver,
    letter_row,
    make_letter,
    make_membership,
    tasks_of,
)

OF_US = ["550 5.4.5 Daily user sending limit exceeded", "554 5.7.1 <x>: Relay access denied"]


async def let_pass(pool: asyncpg.Pool, member: str, since: timedelta = timedelta(0)) -> None:
    """Let the time of a member's letters come, and the first refusal lie further back."""
    await pool.execute(
        "UPDATE letters SET not_before = NULL, refused_at = refused_at - $2::interval"
        " WHERE membership_id = $1",
        member,
        since,
    )


def test_letters_wait_longer_each_time() -> None:
    """At once, 1, 5, 15 minutes, then an hour; unanswered ones a quarter, two hours, for ever."""
    minutes = [wait_after(refusals).total_seconds() / 60 for refusals in (1, 2, 3, 4, 5, 500)]
    assert minutes == [0, 1, 5, 15, 60, 60]
    waits = [wait_unanswered(hand_overs) for hand_overs in (1, 2, 3, 9)]
    assert waits == [timedelta(minutes=15), timedelta(hours=2), None, None]


@pytest.mark.parametrize("answer", OF_US)
async def test_what_is_ours_to_mend_loses_no_letter(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer, answer: str
) -> None:
    """A 5xx that speaks of us: kept, a task after a day, sent and the task closed when mended."""
    member = await make_membership(pool)
    key = await make_letter(pool, member, Template.WELCOME)
    mails.answers = [answer] * 3
    for since in (timedelta(0), timedelta(hours=23), timedelta(hours=2)):
        assert await tasks_of(pool, member) == []
        await let_pass(pool, member, since)
        with pytest.raises(DeliveryFailed, match=answer[:9]):
            await deliver(pool, settings, member)
    row = await letter_row(pool, member, key)
    assert (row["status"], row["refusals"]) == ("pending", 3)
    assert await tasks_of(pool, member) == ["letter_not_taken"]
    await let_pass(pool, member)
    assert (await deliver(pool, settings, member)).sent == (key,)
    assert await tasks_of(pool, member) == []


async def test_a_refused_letter_waits_for_its_time(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """It is tried at once, then not for a minute; other letters of the member go out meanwhile."""
    member = await make_membership(pool)
    key = await make_letter(pool, member, Template.WELCOME)
    mails.answers = [OF_US[0]] * 2
    for _ in range(2):
        with pytest.raises(DeliveryFailed):
            await deliver(pool, settings, member)
    other = await make_letter(pool, member, Template.COVER_BEGINS)
    with pytest.raises(DeliveryFailed, match=r"waits for its time .*5\.4\.5"):
        await deliver(pool, settings, member)
    assert (await letter_row(pool, member, key))["refusals"] == 2
    assert (await letter_row(pool, member, other))["status"] == "sent"


async def test_a_full_mailbox_is_not_tried_for_ever(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """552 5.2.2 for five days: then it is a caseworker's, and reported as come back."""
    member = await make_membership(pool)
    key = await make_letter(pool, member, Template.WELCOME)
    mails.data_answers = ["552 5.2.2 mailbox full"] * 2
    with pytest.raises(DeliveryFailed, match=r"552 5\.2\.2"):
        await deliver(pool, settings, member)
    await let_pass(pool, member, timedelta(days=5))
    assert (await deliver(pool, settings, member)).bounced == (key,)
    assert await tasks_of(pool, member) == ["letter_given_up"]


@pytest.mark.parametrize("way", ["silence", "a broken connection"])
async def test_a_relay_that_never_answers_gets_three_copies(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer, way: str
) -> None:
    """Each waits longer than the one before; then nothing goes by itself, and a task says so."""
    member = await make_membership(pool)
    key = await make_letter(pool, member, Template.WELCOME)
    hasty = replace(settings, answer_seconds=0.2)
    if way == "silence":
        mails.on_mail = lambda: asyncio.sleep(1)
    else:
        mails.silent = 9
    for copies in (1, 2):
        # Retried at once, as Temporal does: no further copy.
        for _ in range(3):
            with pytest.raises(DeliveryFailed):
                await deliver(pool, hasty, member)
            assert len(mails.to(MEMBER)) == copies
        await let_pass(pool, member)
    report = await deliver(pool, hasty, member)
    assert (report.unanswered, report.sent, report.bounced) == ((key,), (), ())
    assert (await letter_row(pool, member, key))["status"] == "unanswered"
    await let_pass(pool, member)
    assert (await deliver(pool, hasty, member, order="2")).unanswered == ()
    assert len(mails.to(MEMBER)) == 3
    assert len({mail.content for mail in mails.to(MEMBER)}) == 1
    assert await tasks_of(pool, member) == ["letter_unanswered"]


async def test_a_letter_without_an_answer_keeps_no_other_one_back(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """The rest of the order goes out, over a new connection."""
    member = await make_membership(pool)
    first = await make_letter(pool, member, Template.WELCOME)
    other = await make_letter(pool, member, Template.CASEWORKER_TASK)
    mails.silent = 1
    with pytest.raises(DeliveryFailed, match="no answer came"):
        await deliver(pool, settings, member)
    assert (await letter_row(pool, member, first))["unanswered"] == 1
    assert (await letter_row(pool, member, other))["status"] == "sent"
    assert len(mails.to(CASEWORKERS)) == 1


async def test_a_late_answer_is_waited_for(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """A relay slower than the dialogue's own patience gets one copy, and the member's row is free.

    RFC 5321, 4.5.3.2.6: ten minutes for the answer to a whole letter.
    """
    assert settings.answer_seconds == 600
    member = await make_membership(pool)
    await make_letter(pool, member, Template.WELCOME)

    async def be_slow() -> None:
        await asyncio.sleep(1)
        await pool.execute("UPDATE memberships SET branch = NULL WHERE membership_id = $1", member)

    mails.on_mail = be_slow
    await deliver(pool, replace(settings, smtp_seconds=0.5), member)
    assert len(mails.to(MEMBER)) == 1


async def test_what_was_cut_off_before_its_end_is_not_in_doubt(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """Without its last line a mail is none: an ordinary retry, no count of hand-overs."""
    member = await make_membership(pool)
    key = await make_letter(pool, member, Template.WELCOME)

    async def be_slow() -> None:
        await asyncio.sleep(1)

    mails.on_recipient = be_slow
    with pytest.raises(DeliveryFailed, match="the connection broke"):
        await deliver(pool, replace(settings, smtp_seconds=0.3), member)
    mails.on_recipient = None
    row = await letter_row(pool, member, key)
    assert (row["status"], row["unanswered"], row["refusals"]) == ("pending", 0, 1)
    assert (await deliver(pool, settings, member)).sent == (key,)
