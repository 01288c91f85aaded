"""A page of a mailing, on a real database and a real mail server."""

import asyncio
from collections import Counter
from datetime import timedelta

import asyncpg
import pytest
from temporalio.testing import ActivityEnvironment

from activities.letters import mailing
from activities.letters.activities import Notifications
from activities.letters.errors import DeliveryFailed
from activities.letters.settings import NotificationSettings
from schemas.letters.contracts import (
    LetterCursor,
    MailingCounts,
    MailingPage,
    MailingPlan,
    MailingSweep,
)
from schemas.shared.vocabulary import Template
from tests.letters.conftest import settings_for
from tests.letters.mailserver import MailServer
from tests.letters.making import (
    FIGURES,
    TODAY,
    deliver,
    end_membership,
    letter_row,
    make_invoice,
    make_letter,
    make_membership,
    order_batch,
    pay,
)

BATCH = "dues-run-2026-11"
SWEEP = MailingSweep(batch=BATCH, today=TODAY)


async def planned(pool: asyncpg.Pool, settings: NotificationSettings) -> MailingPlan:
    """Return what a sweep would do."""
    return await ActivityEnvironment().run(Notifications(pool, settings).plan_mailing, SWEEP)


async def send(
    pool: asyncpg.Pool,
    settings: NotificationSettings,
    page: MailingPage | None = None,
    order: str = "1",
) -> MailingCounts:
    """Run the activity over a page, or over the only one there is."""
    if page is None:
        (page,) = (await planned(pool, settings)).pages
    environment = ActivityEnvironment()
    facts = {**environment.info.__dict__, "activity_id": order}
    environment.info = environment.info.__class__(**facts)
    return await environment.run(Notifications(pool, settings).deliver_batch, page)


async def members_of(pool: asyncpg.Pool, count: int) -> list[str]:
    """Write members, each with an address of their own."""
    return [await make_membership(pool, email=f"m{n}@example.org") for n in range(count)]


async def test_a_page_sends_each_letter_over_a_few_connections(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """Thirty letters, no more connections than senders, each marked and never sent again."""
    members = await members_of(pool, 30)
    key = await order_batch(pool, members)
    (page,) = (await planned(pool, settings)).pages
    assert await send(pool, settings, page) == MailingCounts(sent=30)
    assert mails.sessions <= mailing.SENDERS
    assert Counter(mail.recipient for mail in mails.mails) == Counter(
        f"m{n}@example.org" for n in range(30)
    )
    row = await letter_row(pool, members[0], key)
    assert (row["status"], row["sent_on"], row["attempts"]) == ("sent", TODAY, 1)
    # The same order again says what it has done; another one has done nothing.
    assert await send(pool, settings, page) == MailingCounts(sent=30)
    assert await send(pool, settings, page, order="2") == MailingCounts()
    assert len(mails.mails) == 30
    assert await planned(pool, settings) == MailingPlan()


async def test_pages_are_ranges_that_leave_nobody_out(
    pool: asyncpg.Pool,
    settings: NotificationSettings,
    mails: MailServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """10 letters by 4: pages of 4, 4 and 2; a later page never takes an earlier one's letters."""
    monkeypatch.setattr(mailing, "PAGE_SIZE", 4)
    await order_batch(pool, await members_of(pool, 10))
    plan = await planned(pool, settings)
    assert plan.letters == 10
    sent = [await send(pool, settings, page, str(n)) for n, page in enumerate(plan.pages)]
    assert [page.sent for page in sent] == [4, 4, 2]
    assert len({mail.recipient for mail in mails.mails}) == 10


async def test_planning_reads_no_further_than_its_pages(
    pool: asyncpg.Pool, settings: NotificationSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 30 letters two pages of 5 are planned: 10 are read for them, one by one, and the last."""
    monkeypatch.setattr(mailing, "PAGE_SIZE", 5)
    monkeypatch.setattr(mailing, "PAGES_AT_MOST", 2)
    await order_batch(pool, sorted(await members_of(pool, 30)))
    plan = await planned(pool, settings)
    assert (plan.letters, len(plan.pages)) == (30, 2)
    asked = {"batch": BATCH, "page_size": 5, "most": 2}
    async with pool.acquire() as connection:
        # What was counted before goes to the server, and is counted here no more.
        await connection.execute("SELECT pg_stat_force_next_flush()")
    async with pool.acquire() as connection, connection.transaction():
        # So few letters would be sorted in memory.
        await connection.execute("SET LOCAL enable_seqscan = off")
        await connection.execute("SET LOCAL enable_bitmapscan = off")
        ends = [LetterCursor(**row) async for row in mailing._SQL.list_pages(connection, **asked)]
        read = await connection.fetchval(
            "SELECT sum(pg_stat_get_xact_tuples_returned(indexrelid)) FROM pg_index"
            " WHERE indrelid = 'letters'::regclass"
        )
    assert ends == [page.upto for page in plan.pages]
    assert read == 10 + 1


async def test_one_address_that_takes_no_mail_stops_nobody(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """It bounces and becomes a task, which names the member by id alone; the others go out."""
    members = await members_of(pool, 3)
    key = await order_batch(pool, members)
    mails.answers = ["550 5.1.1 <m0@example.org> no such user"]
    assert await send(pool, settings) == MailingCounts(sent=2, bounced=1)
    task = await pool.fetchrow("SELECT * FROM tasks")
    assert task is not None
    assert (task["kind"], task["membership_id"] in members) == ("letter_bounced", True)
    assert "example.org" not in task["says"]
    assert (await letter_row(pool, task["membership_id"], key))["status"] == "bounced"


async def test_what_is_not_taken_today_waits_for_the_next_sweep(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """451 for one letter: the page ends, and the next plan holds just that letter."""
    await order_batch(pool, await members_of(pool, 3))
    mails.answers = ["451 4.7.1 try later"]
    assert await send(pool, settings) == MailingCounts(sent=2)
    assert (await planned(pool, settings)).letters == 1
    assert await send(pool, settings, order="2") == MailingCounts(sent=1)
    assert len(mails.mails) == 3


async def test_a_faulty_letter_stops_nobody(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """An invoice letter without its invoice stays open with the reason; the others go out."""
    members = await members_of(pool, 3)
    await order_batch(pool, members[1:])
    key = await order_batch(pool, members[:1], Template.DUES_INVOICE, {"invoice": "none"})
    assert await send(pool, settings) == MailingCounts(sent=2)
    row = await letter_row(pool, members[0], key)
    assert row["status"] == "pending"
    assert "could not be written" in row["note"]
    assert len(mails.mails) == 2
    notifications = Notifications(pool, settings)
    for _ in range(2):
        assert await ActivityEnvironment().run(notifications.report_unsent, SWEEP) == 1
    assert await pool.fetchval("SELECT count(*) FROM tasks WHERE kind = 'mailing_incomplete'") == 1


async def test_a_mail_server_that_is_away_fails_the_attempt_at_once(
    pool: asyncpg.Pool, settings: NotificationSettings
) -> None:
    """No letter is marked, so that Temporal's next attempt finds the page as it was."""
    members = await members_of(pool, 3)
    key = await order_batch(pool, members)
    with pytest.raises(DeliveryFailed, match="can't be reached"):
        await send(pool, settings_for(1), (await planned(pool, settings)).pages[0])
    assert (await letter_row(pool, members[0], key))["attempts"] == 0
    assert await send(pool, settings) == MailingCounts(sent=3)


async def test_a_worker_that_is_told_to_stop_takes_up_no_more_letters(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """Letters under way are finished and marked; the next worker sends the others, once each."""
    await order_batch(pool, await members_of(pool, 30))
    (page,) = (await planned(pool, settings)).pages
    environment = ActivityEnvironment()

    async def stop() -> None:
        environment.worker_shutdown()

    mails.on_mail = stop
    with pytest.raises(DeliveryFailed, match="stops"):
        await environment.run(Notifications(pool, settings).deliver_batch, page)
    mails.on_mail = None
    assert await pool.fetchval("SELECT count(*) FROM letters WHERE status = 'sending'") == 0
    assert 0 < len(mails.mails) <= mailing.SENDERS
    await send(pool, settings, page)
    assert len({mail.recipient for mail in mails.mails}) == len(mails.mails) == 30


async def test_a_letter_in_doubt_stays_so_when_the_worker_stops(
    pool: asyncpg.Pool,
    settings: NotificationSettings,
    mails: MailServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """12 / 4 = 3 are marked, one is sent: a mark is taken back of what certainly did not go out."""
    monkeypatch.setattr(mailing, "SENDERS", 1)
    members = sorted(await members_of(pool, 12))
    doubtful = members[1]
    key = await order_batch(pool, members)
    await pool.execute(
        "UPDATE letters SET status = 'sending', attempts = 1, sent_on = $1"
        " WHERE membership_id = $2",
        TODAY - timedelta(days=1),
        doubtful,
    )
    environment = ActivityEnvironment()

    async def stop() -> None:
        environment.worker_shutdown()

    mails.on_mail = stop
    (page,) = (await planned(pool, settings)).pages
    with pytest.raises(DeliveryFailed, match="stops"):
        await environment.run(Notifications(pool, settings).deliver_batch, page)
    rows = [await letter_row(pool, member, key) for member in members[:4]]
    assert [(row["status"], row["sent_on"]) for row in rows] == [
        ("sent", TODAY),
        ("sending", TODAY - timedelta(days=1)),
        ("pending", None),
        ("pending", None),
    ]


async def test_two_orders_for_one_batch_send_each_letter_once(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """Two mailings of one batch at the same time, swept until nothing is left."""
    await order_batch(pool, await members_of(pool, 25))

    async def until_done(name: str) -> int:
        sent = 0
        for sweep in range(50):
            pages = (await planned(pool, settings)).pages
            if not pages:
                return sent
            sent += (await send(pool, settings, pages[0], f"{name}-{sweep}")).sent
        raise AssertionError("never done")

    assert sum(await asyncio.gather(until_done("a"), until_done("b"))) == 25
    assert len({mail.recipient for mail in mails.mails}) == len(mails.mails) == 25


async def test_who_has_died_meanwhile_is_not_written_to(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """Nor is one who is hidden written about; a member who resigned still gets the invoice."""
    alive, died, resigned, hidden = await members_of(pool, 4)
    for member in (alive, died, resigned):
        kid = await make_invoice(pool, member)
        number = await pool.fetchval("SELECT number FROM invoices WHERE kid = $1", kid)
        await order_batch(pool, [member], Template.DUES_INVOICE, {"invoice": number})
    await order_batch(pool, [hidden], Template.BRANCH_MEMBER_CHANGED, {"branch": "OSLO"})
    await end_membership(pool, died, "deceased")
    await end_membership(pool, resigned, "resigned")
    await pool.execute(
        "UPDATE memberships SET hidden = true, branch = NULL WHERE membership_id = $1", hidden
    )
    assert await send(pool, settings) == MailingCounts(sent=2, suppressed=2)
    assert {mail.recipient for mail in mails.mails} == {"m0@example.org", "m2@example.org"}


async def test_a_reminder_stops_when_the_invoice_has_been_paid(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """740 paid of 740: nothing; 100 of 740: the reminder asks for 640."""
    paid, part = await members_of(pool, 2)
    for member, ore in ((paid, 74000), (part, 10000)):
        kid = await make_invoice(pool, member)
        number = await pool.fetchval("SELECT number FROM invoices WHERE kid = $1", kid)
        figures = {**FIGURES[Template.REMINDER_FIRST], "invoice": number}
        await order_batch(pool, [member], Template.REMINDER_FIRST, figures)
        await pay(pool, kid, ore)
    assert await send(pool, settings) == MailingCounts(sent=1, suppressed=1)
    (mail,) = mails.mails
    assert mail.recipient == "m1@example.org"
    assert "640,00 kr" in mail.text()
    assert "740,00 kr" not in mail.text()


async def test_a_task_about_a_payment_stops_when_it_has_been_placed(
    pool: asyncpg.Pool, settings: NotificationSettings
) -> None:
    """P3: a caseworker is only asked to place what is still in suspense."""
    member = await make_membership(pool)
    kid = await make_invoice(pool, member)
    keys = [
        await make_letter(
            pool,
            member,
            Template.CASEWORKER_TASK,
            figures={
                "task": "payment_in_suspense",
                "detail": None,
                "payment": await pay(pool, kid, 10000, placed=placed),
            },
        )
        for placed in (True, False)
    ]
    report = await deliver(pool, settings, member)
    assert (report.suppressed, report.sent) == ((keys[0],), (keys[1],))


async def test_a_membership_leaves_a_mailings_letters_to_it(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """Its own delivery sends what its decisions ordered, and reports nothing of the batch."""
    member = await make_membership(pool)
    key = await order_batch(pool, [member])
    own = await make_letter(pool, member, Template.COVER_BEGINS)
    report = await deliver(pool, settings, member)
    assert report.sent == (own,)
    assert (await letter_row(pool, member, key))["status"] == "pending"
    assert await send(pool, settings) == MailingCounts(sent=1)
    assert len(mails.mails) == 2


async def test_a_letter_in_doubt_goes_out_again_byte_for_byte(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """Cut off after the server took it: the next day's copy is the same, Date header and all."""
    (member,) = await members_of(pool, 1)
    kid = await make_invoice(pool, member)
    number = await pool.fetchval("SELECT number FROM invoices WHERE kid = $1", kid)
    key = await order_batch(pool, [member], Template.DUES_INVOICE, {"invoice": number})
    (page,) = (await planned(pool, settings)).pages

    async def cut_off() -> None:
        task.cancel()
        await asyncio.sleep(0.2)

    mails.on_mail = cut_off
    task = asyncio.create_task(send(pool, settings, page))
    with pytest.raises(asyncio.CancelledError):
        await task
    mails.on_mail = None
    assert (await letter_row(pool, member, key))["status"] == "sending"
    later = page.model_copy(update={"today": TODAY + timedelta(days=2)})
    assert await send(pool, settings, later, order="2") == MailingCounts(sent=1)
    first, second = mails.mails
    assert first == second
