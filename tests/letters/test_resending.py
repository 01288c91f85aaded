"""Letters that are sent again because somebody asks for it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest
from temporalio.testing import ActivityEnvironment

from activities.letters.activities import Notifications
from activities.letters.resending import NotPossible, Resent, resend, resend_held
from activities.letters.settings import NotificationSettings
from schemas.letters.contracts import MailingSweep
from schemas.shared.vocabulary import Template
from tests.letters.mailserver import MailServer
from tests.letters.making import (
    EMPLOYER,
    MEMBER,
    NOON,
    ORGNR,
    TODAY,
    deliver,
    end_membership,
    letter_row,
    make_letter,
    make_membership,
    tasks_of,
)

LATER = TODAY + timedelta(days=3)


async def again(pool: asyncpg.Pool, letter: str, **changes: Any) -> Resent:
    """Ask for a letter again."""
    wanted = {"by": "ola", "at": NOON, "today": LATER, **changes}
    return await resend(pool, letter, **wanted)


async def send_batch(
    pool: asyncpg.Pool, settings: NotificationSettings, batch: str, today: date = LATER
) -> None:
    """Send what is open of a batch, as the mailing does."""
    room = Notifications(pool, settings)
    plan = await room.plan_mailing(MailingSweep(batch=batch, today=today))
    for page in plan.pages:
        await ActivityEnvironment().run(room.deliver_batch, page)


async def test_a_letter_that_came_back_goes_out_again(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """A copy with a Message-ID of its own and the first one's reference; its task is done."""
    member = await make_membership(pool)
    key = await make_letter(pool, member, Template.WELCOME)
    mails.answers = ["550 5.1.1 no such user"]
    await deliver(pool, settings, member)
    first = (await letter_row(pool, member, key))["message_id"]
    assert await tasks_of(pool, member) == ["letter_bounced"]
    copy = await again(pool, first)
    assert (copy.of, copy.membership_id, copy.key) == (first, member, f"{key}-again-1")
    assert await tasks_of(pool, member) == []
    await send_batch(pool, settings, copy.batch)
    (mail,) = mails.to(MEMBER)
    assert str(mail.message["Message-ID"]) == f"<{copy.letter}@union.example>"
    assert copy.letter != first
    assert str(mail.message["X-Reference"]) == first
    assert (await letter_row(pool, member, copy.key))["status"] == "sent"
    assert (await letter_row(pool, member, key))["status"] == "bounced"


@pytest.mark.parametrize(
    ("answers", "days_later", "says"),
    [
        # Taken on 22 November: its 30 days end on 22 December, whenever a copy is asked for (A21).
        ([], 3, "send det som svar på denne e-posten innen 22. desember 2026"),
        ([], 31, "Fristen for å reservere deg var 22. desember 2026."),
        # What never went out has begun no window.
        (["550 5.1.1 no such user"], 3, "Fra den dagen har du 30 dager på deg"),
    ],
)
async def test_a_copy_promises_no_other_deadline(
    pool: asyncpg.Pool,
    settings: NotificationSettings,
    mails: MailServer,
    answers: list[str],
    days_later: int,
    says: str,
) -> None:
    """A21: no letter names a day that the service would not accept."""
    member = await make_membership(pool)
    key = await make_letter(pool, member, Template.WELCOME)
    mails.answers = list(answers)
    await deliver(pool, settings, member)
    later = TODAY + timedelta(days=days_later)
    copy = await again(pool, f"{member}/{key}", today=later)
    await send_batch(pool, settings, copy.batch, later)
    assert says in " ".join(mails.to(MEMBER)[-1].text().split())


async def test_who_asked_is_logged_for_good(pool: asyncpg.Pool) -> None:
    """Append-only: who, when, which."""
    member = await make_membership(pool)
    key = await make_letter(pool, member, Template.WELCOME)
    await pool.execute("UPDATE letters SET status = 'bounced' WHERE membership_id = $1", member)
    await again(pool, f"{member}/{key}", by="Ola Nordmann")
    (row,) = await pool.fetch("SELECT * FROM letter_resends WHERE membership_id = $1", member)
    assert (row["of_key"], row["requested_by"], row["requested_at"]) == (key, "Ola Nordmann", NOON)
    with pytest.raises(asyncpg.RestrictViolationError):
        await pool.execute("DELETE FROM letter_resends")


async def test_a_letter_of_an_ended_membership_goes_out_again(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """Its workflow is closed: the mailing sends it."""
    member = await make_membership(pool)
    await end_membership(pool, member, "resigned")
    key = await make_letter(pool, member, Template.RESIGNATION)
    await deliver(pool, settings, member)
    copy = await again(pool, f"{member}/{key}")
    await send_batch(pool, settings, copy.batch)
    assert len(mails.to(MEMBER)) == 2


@pytest.mark.parametrize(
    ("template", "change", "why"),
    [
        (Template.PAYROLL_START, "hidden = true, branch = NULL", "not disclosed"),
        (Template.WELCOME, "stage = 'ended', outcome = 'deceased'", "no longer fits"),
        (Template.BRANCH_NEW_MEMBER, "branch = 'BERGEN'", "not attached"),
    ],
)
async def test_the_gate_is_asked_as_for_any_letter(
    pool: asyncpg.Pool,
    settings: NotificationSettings,
    mails: MailServer,
    template: Template,
    change: str,
    why: str,
) -> None:
    """What may not go out any more is refused, and nothing is ordered."""
    member = await make_membership(pool)
    key = await make_letter(pool, member, template)
    await deliver(pool, settings, member)
    await pool.execute(f"UPDATE memberships SET {change} WHERE membership_id = $1", member)
    with pytest.raises(NotPossible, match=why):
        await again(pool, f"{member}/{key}")
    ordered = "SELECT count(*) FROM letters WHERE membership_id = $1"
    assert await pool.fetchval(ordered, member) == 1
    assert len(mails.to(EMPLOYER)) <= 1


async def test_what_waited_for_a_channel_goes_out_once_there_is_one(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """D3: every member's START of that employer, once; who has hidden since stays silent."""
    nowhere = replace(settings, list_folder=None)
    members = [await make_membership(pool) for _ in range(3)]
    for member in members:
        await make_letter(pool, member, Template.PAYROLL_START)
        await deliver(pool, nowhere, member)
    assert await tasks_of(pool, members[0]) == ["payroll_channel"]
    hidden = "UPDATE memberships SET hidden = true, branch = NULL WHERE membership_id = $1"
    await pool.execute(hidden, members[2])
    wanted: dict[str, Any] = {"by": "contact employer", "at": NOON, "today": LATER}
    ordered = await resend_held(pool, ORGNR, **wanted)
    assert [copy.membership_id for copy in ordered] == sorted(members[:2])
    assert await tasks_of(pool, members[0]) == []
    await send_batch(pool, settings, ordered[0].batch)
    assert len(mails.to(EMPLOYER)) == 2
    assert await resend_held(pool, ORGNR, **wanted) == ()
    for member in members:
        await deliver(pool, settings, member, order="2")
    assert len(mails.to(EMPLOYER)) == 2


async def test_what_is_on_its_way_is_not_sent_again(pool: asyncpg.Pool) -> None:
    """Neither a letter that waits, nor one whose copy does; one that is none is told so."""
    member = await make_membership(pool)
    key = await make_letter(pool, member, Template.WELCOME)
    with pytest.raises(NotPossible, match="on its way"):
        await again(pool, f"{member}/{key}")
    await pool.execute("UPDATE letters SET status = 'bounced' WHERE membership_id = $1", member)
    await again(pool, f"{member}/{key}")
    with pytest.raises(NotPossible, match="on its way"):
        await again(pool, f"{member}/{key}")
    for nonsense in ("x", f"{member}/9", "", "a/b/c"):
        with pytest.raises(NotPossible, match="there is no letter"):
            await again(pool, nonsense)
