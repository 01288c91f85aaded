"""Invariant 4 over sequences: whatever happens in whatever order."""

import os
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import Any

import asyncpg
from hypothesis import HealthCheck, example, given
from hypothesis import settings as run
from hypothesis import strategies as st

from activities.letters.errors import DeliveryFailed
from activities.letters.settings import NotificationSettings
from schemas.shared.vocabulary import Audience, Template
from tests.letters.mailserver import MailServer
from tests.letters.making import (
    AUDIENCES,
    BRANCH,
    FIGURES,
    OUTSIDERS,
    TERMS,
    deliver,
    make_invoice,
    make_letter,
    make_membership,
    make_recruiter,
)

STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(list(Audience)), st.sampled_from(list(Template))),
        st.sampled_from(["hide", "wish", "reveal", "deliver"]),
    ),
    min_size=2,
    max_size=12,
)
START = (Audience.EMPLOYER, Template.PAYROLL_START)
RICH = {"terms": TERMS, "valid_from": "2027-02-01"}


@run(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
@example(steps=[(Audience.EMPLOYER, Template.PAYROLL_START), "hide", "deliver"])
@example(steps=[(Audience.BRANCH, Template.BRANCH_NEW_MEMBER), "hide", "reveal", "hide"])
@example(steps=[(Audience.EMPLOYER, Template.PAYROLL_START), "wish", "deliver"])
@example(steps=[(Audience.RECRUITER, Template.RECRUITER_THANKS), "wish", "deliver"])
@example(steps=[START, "deliver", (Audience.EMPLOYER, Template.PAYROLL_STOP), "wish"])
async def test_no_sequence_tells_outsiders_of_a_hidden_member(
    pool: asyncpg.Pool,
    settings: NotificationSettings,
    mails: MailServer,
    steps: list[str | tuple[Audience, Template]],
) -> None:
    """Letters ordered, members hidden and shown, deliveries: outsiders hear of open ones only.

    From the wish on the branch hears at most that the member has left, and the employer nothing.
    """
    if not await pool.fetchval("SELECT true FROM memberships WHERE recruited_by IS NULL LIMIT 1"):
        await make_recruiter(pool)
    member = await make_membership(pool)
    await make_invoice(pool, member)
    standing, orders = "reveal", count(1)
    mails.mails.clear()
    for step in [*steps, "deliver"]:
        if step == "deliver":
            before = len(mails.mails)
            await deliver(pool, settings, member, order=str(next(orders)))
            told = {mail.recipient for mail in mails.mails[before:]} & OUTSIDERS
            assert told <= {"hide": set(), "wish": {BRANCH}, "reveal": OUTSIDERS}[standing]
            if standing == "wish":
                texts = [mail.text() for mail in mails.mails[before:] if mail.recipient == BRANCH]
                assert all("ikke lenger" in text for text in texts)
        elif isinstance(step, str):
            standing = step
            await pool.execute(
                "UPDATE memberships SET hidden = $2, branch = $3, hiding = $4"
                " WHERE membership_id = $1",
                member,
                step == "hide",
                None if step == "hide" else "OSLO",
                step == "wish",
            )
        else:
            audience, template = step
            try:
                await make_letter(pool, member, template, audience, FIGURES[template] | RICH)
            except asyncpg.CheckViolationError:
                # The database itself refuses such a letter of a hidden member.
                assert standing == "hide"


EXAMPLES = int(os.environ.get("OUTAGES", "30"))
"""`OUTAGES=2000 pytest tests/letters/test_hidden.py` looks longer."""

OUTWARD = [
    template
    for template, audience in AUDIENCES.items()
    if audience in {Audience.EMPLOYER, Audience.BRANCH, Audience.RECRUITER}
    and template is not Template.DEDUCTION_LIST
]
TROUBLES: dict[str, dict[str, Any]] = {
    "down": {},
    "busy": {"answers": ["451 4.3.2 later"] * 3},
    "refused": {"data_answers": ["451 4.7.1 later"] * 3},
    "cut": {"silent": 1},
}
"""What a mail server does to the next mails; one that is down takes none at all."""

EVENTS = st.lists(
    st.one_of(
        st.sampled_from(OUTWARD),
        st.sampled_from(["hide", "wish", "reveal", "deliver", "time passes", *TROUBLES]),
    ),
    min_size=4,
    max_size=14,
)
WAITS = [Template.PAYROLL_START, Template.BRANCH_NEW_MEMBER, Template.RECRUITER_THANKS]


@run(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(events=EVENTS)
@example(events=[*WAITS, "down", "deliver", "wish", "time passes", "deliver"])
@example(events=[*WAITS, "cut", "deliver", "hide", "time passes", "deliver", "time passes"])
@example(events=[*WAITS, "busy", "deliver", "wish", "hide", "time passes", "deliver"])
@example(events=[*WAITS, "refused", "deliver", "hide", "reveal", "wish", "time passes"])
async def test_what_an_outage_held_up_never_leaves_after_the_wish(
    pool: asyncpg.Pool,
    settings: NotificationSettings,
    mails: MailServer,
    events: list[str | Template],
) -> None:
    """Invariant 12, with mails that wait, are refused, or are in doubt when the wish is answered.

    Whatever comes to the mail server from then on, and to the folders of lists, is about others;
    but a branch that knew of the member may hear that there is none any more.
    """
    if not await pool.fetchval("SELECT true FROM memberships WHERE recruited_by IS NULL LIMIT 1"):
        await make_recruiter(pool)
    member = await make_membership(pool)
    standing, orders, up = "reveal", count(1), True
    mails.mails.clear()
    for event in [*events, "time passes", "deliver"]:
        if isinstance(event, Template):
            with suppress(asyncpg.CheckViolationError):  # nobody orders it either
                figures = RICH | FIGURES.get(event, {})
                await make_letter(pool, member, event, figures=figures)
        elif event in TROUBLES:
            up = event != "down"
            for name, value in TROUBLES[event].items():
                setattr(mails, name, list(value) if isinstance(value, list) else value)
        elif event == "time passes":
            up = True
            mails.answers.clear()
            mails.data_answers.clear()
            mails.silent = 0
            await due_again(pool, member)
        elif event == "deliver":
            before, put = len(mails.mails), files_of(settings)
            there = settings if up else replace(settings, port=1)
            with suppress(DeliveryFailed):
                await deliver(pool, there, member, order=str(next(orders)))
            told = [mail for mail in mails.mails[before:] if mail.recipient in OUTSIDERS]
            if standing != "reveal":
                assert files_of(settings) == put
                assert {mail.recipient for mail in told} <= (
                    {BRANCH} if standing == "wish" else set()
                )
                assert all("ikke lenger" in mail.text() for mail in told)
        else:
            standing = event
            await stand(pool, member, standing)


async def due_again(pool: asyncpg.Pool, member: str) -> None:
    """Let what waits for its time have waited long enough: it waits by the machine's clock."""
    async with pool.acquire() as connection, connection.transaction():
        # No trigger takes it for a mark of somebody who sends.
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(
            "UPDATE letters SET not_before = NULL WHERE membership_id = $1", member
        )


def files_of(settings: NotificationSettings) -> set[str]:
    """Return the names of what lies in the folders of employers."""
    folder = settings.list_folder
    return {path.name for path in folder.rglob("*")} if folder is not None else set()


async def stand(pool: asyncpg.Pool, member: str, standing: str) -> None:
    """Let a member be hidden, about to be, or neither."""
    await pool.execute(
        "UPDATE memberships SET hidden = $2, branch = $3, hiding = $4 WHERE membership_id = $1",
        member,
        standing == "hide",
        None if standing == "hide" else "OSLO",
        standing == "wish",
    )
