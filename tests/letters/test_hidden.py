"""Invariant 4 over sequences: whatever happens in whatever order."""

from itertools import count

import asyncpg
from hypothesis import HealthCheck, example, given
from hypothesis import settings as run
from hypothesis import strategies as st

from activities.letters.settings import NotificationSettings
from schemas.shared.vocabulary import Audience, Template
from tests.letters.mailserver import MailServer
from tests.letters.making import (
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
