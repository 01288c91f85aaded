"""What becomes of letters when the mail server, the worker or another worker gets in the way."""

import asyncio
import signal
import sys
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from activities.database.roles import NOTIFICATIONS, as_role
from activities.letters.errors import DeliveryFailed
from activities.letters.postbox import Postbox
from activities.letters.sending import TAKEN_OVER, LetterSender
from activities.letters.settings import NotificationSettings
from activities.letters.store import Store
from schemas.shared.vocabulary import Template
from tests.letters.conftest import settings_for
from tests.letters.mailserver import MailServer
from tests.letters.making import (
    EMPLOYER,
    MEMBER,
    NOON,
    TODAY,
    deliver,
    letter_row,
    make_invoice,
    make_letter,
    make_membership,
    tasks_of,
)

ONE_DELIVERY = """
import asyncio, sys
from dataclasses import replace
from pathlib import Path
from activities.database.pool import open_pool
from tests.letters.conftest import settings_for
from tests.letters.making import deliver

async def main(url, port, folder, membership_id):
    settings = replace(settings_for(int(port)), list_folder=Path(folder))
    async with await open_pool(url, size=2) as pool:
        await deliver(pool, settings, membership_id)

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize("template", [Template.FIRST_INVOICE, Template.PAYROLL_START])
async def test_a_worker_killed_between_sending_and_marking(
    pool: asyncpg.Pool,
    database_url: str,
    settings: NotificationSettings,
    mails: MailServer,
    template: Template,
) -> None:
    """SIGKILL after the server took the mail: the next attempt sends the very same bytes."""
    member = await make_membership(pool)
    await make_invoice(pool, member)
    key = await make_letter(pool, member, template)
    worker = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        ONE_DELIVERY,
        as_role(database_url, NOTIFICATIONS),
        str(mails.port),
        str(settings.list_folder),
        member,
        cwd=Path(__file__).parents[2],
    )

    async def kill() -> None:
        worker.send_signal(signal.SIGKILL)
        await worker.wait()

    mails.on_mail = kill
    assert await worker.wait() == -signal.SIGKILL
    assert (await letter_row(pool, member, key))["status"] == "sending"
    mails.on_mail = None
    report = await deliver(pool, settings, member)
    assert report.sent == (key,)
    first, second = mails.mails
    assert first == second
    assert first.message["Message-ID"]
    assert (await letter_row(pool, member, key))["attempts"] == 2


async def test_an_attempt_cut_off_after_marking_is_reported_by_the_next(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """What was sent before the worker died is in the report of the attempt that follows it."""
    member = await make_membership(pool)
    first = await make_letter(pool, member, Template.WELCOME)
    second = await make_letter(pool, member, Template.COVER_BEGINS)

    async def end_at_the_second() -> None:
        if len(mails.mails) == 2:
            task.cancel()
            await asyncio.sleep(0.2)

    mails.on_mail = end_at_the_second
    task = asyncio.create_task(deliver(pool, settings, member))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await letter_row(pool, member, first))["status"] == "sent"
    assert (await letter_row(pool, member, second))["status"] == "sending"
    mails.on_mail = None
    assert set((await deliver(pool, settings, member)).sent) == {first, second}
    assert len(mails.mails) == 3


async def test_letters_to_the_member_are_marked_together_and_unmarked_if_none_can_go(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """One commit says that they may go out; what was not handed over is free again."""
    member = await make_membership(pool)
    first = await make_letter(pool, member, Template.WELCOME)
    second = await make_letter(pool, member, Template.COVER_BEGINS)
    others = await make_letter(pool, member, Template.PAYROLL_START)
    seen = []

    async def end_at_the_first() -> None:
        rows = await pool.fetch("SELECT key, status FROM letters WHERE membership_id = $1", member)
        seen.append({row["key"]: row["status"] for row in rows})
        task.cancel()
        await asyncio.sleep(0.2)

    mails.on_mail = end_at_the_first
    task = asyncio.create_task(deliver(pool, settings, member))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == [{first: "sending", second: "sending", others: "pending"}]
    assert (await letter_row(pool, member, first))["status"] == "sending"
    assert (await letter_row(pool, member, second))["status"] == "pending"
    mails.on_mail = None
    assert set((await deliver(pool, settings, member)).sent) == {first, second, others}


async def test_a_passing_refusal_is_tried_again_and_sent_once(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """451 today, taken at the next attempt; the other letter goes out at the first."""
    member = await make_membership(pool)
    welcome = await make_letter(pool, member, Template.WELCOME)
    other = await make_letter(pool, member, Template.CASEWORKER_TASK)
    mails.answers = [f"451 4.7.1 <{MEMBER}> try later"]
    with pytest.raises(DeliveryFailed, match=r"451 4\.7\.1") as failure:
        await deliver(pool, settings, member)
    assert MEMBER not in str(failure.value)
    row = await letter_row(pool, member, welcome)
    assert (row["status"], row["sent_on"]) == ("pending", None)
    assert MEMBER not in row["note"]
    assert (await letter_row(pool, member, other))["status"] == "sent"
    assert set((await deliver(pool, settings, member)).sent) == {welcome, other}
    assert len(mails.to(MEMBER)) == 1


@pytest.mark.parametrize("at", ["answers", "data_answers"])
async def test_a_lasting_refusal_is_a_bounce(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer, at: str
) -> None:
    """550: the letter is marked bounced with the code, without the address, and not retried."""
    member = await make_membership(pool)
    key = await make_letter(pool, member, Template.WELCOME)
    setattr(mails, at, [f"550 5.1.1 <{MEMBER}> no such user"])
    assert (await deliver(pool, settings, member)).bounced == (key,)
    row = await letter_row(pool, member, key)
    assert row["status"] == "bounced"
    assert row["note"].endswith("refused (550 5.1.1)")
    assert await tasks_of(pool, member) == ["letter_bounced"]
    assert (await deliver(pool, settings, member, order="2")).bounced == ()
    assert mails.mails == []


async def test_a_refusal_of_ourselves_is_not_the_members_bounce(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """530 means that our credentials are wrong: the letter waits until they are mended."""
    member = await make_membership(pool)
    key = await make_letter(pool, member, Template.WELCOME)
    mails.answers = ["530 5.7.0 Authentication required"]
    with pytest.raises(DeliveryFailed, match="530"):
        await deliver(pool, settings, member)
    assert (await letter_row(pool, member, key))["status"] == "pending"


async def test_a_server_that_is_down_loses_nothing(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """Connection refused: letters stay as they were; what the gate stops is closed all the same."""
    member = await make_membership(pool, recruited_by=None)
    welcome = await make_letter(pool, member, Template.WELCOME)
    stopped = await make_letter(pool, member, Template.RECRUITER_THANKS)
    with pytest.raises(DeliveryFailed, match="can't be reached"):
        await deliver(pool, settings_for(1), member)
    row = await letter_row(pool, member, welcome)
    assert (row["status"], row["attempts"]) == ("pending", 0)
    assert (await letter_row(pool, member, stopped))["status"] == "suppressed"
    report = await deliver(pool, settings, member)
    assert (report.sent, report.suppressed) == ((welcome,), (stopped,))
    assert len(mails.mails) == 1


async def test_a_connection_that_breaks_in_the_middle_leaves_the_letter_in_doubt(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """421 at the end of a mail closes the line; the letter is sent again, the others go on."""
    member = await make_membership(pool)
    first = await make_letter(pool, member, Template.WELCOME)
    second = await make_letter(pool, member, Template.COVER_BEGINS)
    mails.data_answers = ["421 4.3.2 closing"]
    with pytest.raises(DeliveryFailed):
        await deliver(pool, settings, member)
    assert (await letter_row(pool, member, first))["status"] in {"pending", "sending"}
    assert set((await deliver(pool, settings, member)).sent) == {first, second}
    assert len(mails.mails) == 2


async def test_two_workers_send_each_letter_once(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """Two orders at once, each retried as Temporal would: no letter twice, none lost."""
    member = await make_membership(pool)
    await make_invoice(pool, member)
    keys = {
        await make_letter(pool, member, template)
        for template in (
            Template.WELCOME,
            Template.FIRST_INVOICE,
            Template.INSURANCE_NEW_MEMBER,
            Template.PAYROLL_START,
            Template.BRANCH_NEW_MEMBER,
        )
    }

    async def until_done(order: str) -> set[str]:
        while True:
            try:
                return set((await deliver(pool, settings, member, order=order)).sent)
            except DeliveryFailed:
                await asyncio.sleep(0.05)

    one, other = await asyncio.gather(until_done("1"), until_done("2"))
    assert one | other == keys
    assert not one & other
    assert len(mails.mails) == len(keys)


async def test_nobody_can_hide_a_member_while_a_letter_goes_out(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """Invariant 4: the flag waits until the employer's letter is out; the next one is stopped.

    What the mail server has been given is out: nobody waits for its answer, too.
    """
    member = await make_membership(pool)
    start = await make_letter(pool, member, Template.PAYROLL_START)
    next_one: list[str] = []
    hiding: list[asyncio.Task[str]] = []
    hide = "UPDATE memberships SET hidden = true, branch = NULL WHERE membership_id = $1"

    async def begin_to_hide() -> None:
        # Too late for this order: the next one finds it, with the flag set.
        next_one.append(await make_letter(pool, member, Template.PAYROLL_CHANGE))
        hiding.append(asyncio.create_task(pool.execute(hide, member)))
        await asyncio.sleep(0.3)
        assert not hiding[0].done()

    async def be_hidden() -> None:
        await asyncio.wait_for(hiding[0], 5)

    mails.on_recipient, mails.on_mail = begin_to_hide, be_hidden
    report = await deliver(pool, settings, member)
    mails.on_recipient = mails.on_mail = None
    assert report.sent == (start,)
    again = await deliver(pool, settings, member, order="2")
    assert again.suppressed == tuple(next_one)
    assert len(mails.to(EMPLOYER)) == 1


async def test_a_letter_in_doubt_that_is_stopped_later_is_logged(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """A copy may have arrived before the member was hidden: the register must not be silent."""
    member = await make_membership(pool)
    key = await make_letter(pool, member, Template.PAYROLL_START)
    await pool.execute(
        "UPDATE letters SET status = 'sending', attempts = 1, sent_on = $2 WHERE key = $1",
        key,
        TODAY,
    )
    await pool.execute(
        "UPDATE memberships SET hidden = true, branch = NULL WHERE membership_id = $1", member
    )
    assert (await deliver(pool, settings, member)).suppressed == (key,)
    assert mails.mails == []
    basis = await pool.fetchval("SELECT basis FROM disclosures WHERE membership_id = $1", member)
    assert basis.endswith("an earlier copy may have arrived")


async def test_a_second_copy_days_later_keeps_the_first_ones_date(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """A letter in doubt is sent again as it was, whatever day it has become."""
    member = await make_membership(pool)
    key = await make_letter(pool, member, Template.WELCOME)
    await pool.execute(
        "UPDATE letters SET status = 'sending', attempts = 1, sent_on = $2 WHERE key = $1",
        key,
        TODAY,
    )
    await deliver(pool, settings, member, TODAY + timedelta(days=3))
    assert mails.mails[0].message["Date"].datetime == NOON.replace(microsecond=0)


async def test_an_attempt_that_was_overtaken_sends_nothing(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """Of two workers that marked the same letter, the later one sends it."""
    member = await make_membership(pool)
    key = await make_letter(pool, member, Template.WELCOME)
    async with pool.acquire() as connection, Postbox(settings) as postbox:
        await postbox.open()
        sender = LetterSender(Store(connection, member, "1", TODAY), postbox, settings)
        first = await sender._prepare(key, reachable=True)
        second = await sender._prepare(key, reachable=True)
        assert first is not None
        assert second is not None
        assert await sender._send(key, first) == TAKEN_OVER
        assert mails.mails == []
        assert await sender._send(key, second) is None
    assert len(mails.mails) == 1
